"""Tables on a terminal, drawn by Rich. Rich is imported here and nowhere else.

A table is as wide as it needs to be, on a narrow terminal and in a pipe too: a row that is cut or folded cannot be read.
What stands in it is data: Rich must neither read markup in it nor colour it by guessing.
"""

import io
from collections.abc import Iterable, Iterator

from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from gradcalc.render import Style, View
from gradcalc.render.formats.plain import cell, sentences
from gradcalc.render.page import Equation, Grid, Line, Markdown, Matrix

TONES: dict[str, str] = {"plain": "", "heading": "bold", "good": "green", "bad": "bold red"}
KINDS: dict[str, str] = {"text": "", "formula": "cyan", "number": ""}
#: Wider than any table; Rich asks for a limit.
NO_LIMIT = 1_000_000_000


def lines(view: View, style: Style) -> Iterator[str]:
    console = Console(file=io.StringIO(), force_terminal=style.color, color_system="standard" if style.color else None,
                      no_color=not style.color, highlight=False, markup=False, emoji=False, legacy_windows=False,
                      width=NO_LIMIT, _environ={})
    for block in view.page(style):
        if isinstance(block, Markdown):
            yield from _markdown(block, style)
            continue
        for piece in (block.heading(), block.grid()) if isinstance(block, Matrix) else (block,):
            with console.capture() as drawn:
                console.print(_grid(piece, style, console) if isinstance(piece, Grid) else _sentence(piece, style),
                              soft_wrap=not isinstance(piece, Grid))
            yield from (line.rstrip() for line in drawn.get().split("\n")[:-1])


def _markdown(block: Markdown, style: Style) -> Iterable[str]:
    """Drawn for people who look at it; into a pipe it goes as it is written."""
    if style.width is None and not style.color:
        return block.text.split("\n")
    from gradcalc.render import markdown

    return markdown.lines(block.text, style)


def _sentence(block: Equation | Line, style: Style) -> Text:
    tone = block.tone if isinstance(block, Line) else "plain" if isinstance(block.right, str) else "heading"
    return Text("\n".join(sentences(block, style)), style=TONES[tone])


def _grid(grid: Grid, style: Style, console: Console) -> Table:
    table = Table(box=box.ROUNDED, safe_box=False, border_style="dim", header_style="bold")
    for column in grid.columns:
        table.add_column(Text(column.text()), justify="right" if column.kind == "number" else "left", no_wrap=True,
                         style=KINDS[column.kind])
    for row in grid.rows:
        table.add_row(*(Text(cell(value, style)) for value in row))
    table.width = Measurement.get(console, console.options, table).maximum
    return table
