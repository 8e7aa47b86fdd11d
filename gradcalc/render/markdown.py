"""Markdown on a terminal, drawn by Rich as wide as the terminal is."""

import io
import re
from collections.abc import Iterator

from rich.console import Console
from rich.markdown import Markdown
from rich.theme import Theme

from gradcalc.render import Style

#: The width of what goes elsewhere than to a terminal, coloured on purpose.
WIDTH = 100
#: Rich would put a black ground behind what is code.
THEME = Theme({"markdown.code": "bold cyan"})
#: A link to another chapter. On a terminal nothing can be clicked; there a command leads to it.
LINK = re.compile(r"\[([^\]]+)\]\(([a-z-]+)\.md(?:#[a-z-]+)?\)")


def lines(text: str, style: Style) -> Iterator[str]:
    """The text as lines that are no wider than the terminal."""
    file = io.StringIO()
    console = Console(file=file, force_terminal=style.color, color_system="standard" if style.color else None,
                      no_color=not style.color, highlight=False, emoji=False, legacy_windows=False, theme=THEME,
                      width=style.width or WIDTH, _environ={})
    console.print(Markdown(LINK.sub(r"\1 (`gradcalc help \2`)", text), code_theme="ansi_dark", hyperlinks=False))
    yield from (line.rstrip() for line in file.getvalue().rstrip("\n").split("\n"))
