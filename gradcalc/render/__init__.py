"""How answers are shown. A view says what there is to show of an answer; a format, a file in ``formats``, how it is drawn.

This module decides what a view and a format promise each other. It must not know commands, nor how anything is computed.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from gradcalc.render.page import Block


#: Where the formats stand. pathlib and pkgutil would take longer to import than this folder takes to read.
FORMATS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "formats")


class Style(NamedTuple):
    """How to draw: the format's name or ``quiet``, the significant digits (None: the format's own), colour, the node table,
    and the columns of the terminal (None where what is written goes elsewhere)."""

    format: str = "table"
    digits: int | None = None
    color: bool = False
    trace: bool = True
    width: int | None = None

    @property
    def shows_nodes(self) -> bool:
        """Whether a table of nodes is shown where there is one."""
        return self.trace and self.format != "quiet"


class View(Protocol):
    """What there is to show of one command's answer."""

    def data(self, style: Style) -> Mapping[str, Any]:
        """The object of the JSON output."""
        ...

    def page(self, style: Style) -> "Iterable[Block]":
        """The tables and lines that people read."""
        ...

    def bare(self) -> Iterable[Iterable[Any]]:
        """The lines of ``--quiet``: each of texts, numbers and arrays."""
        ...


def format_names() -> list[str]:
    """The names of the formats, the default one first, those for people next."""
    found = sorted(name.removesuffix(".py") for name in os.listdir(FORMATS) if name.endswith(".py") and name[0] != "_")
    return sorted(found, key=lambda name: ("table", "plain", "json", "latex", name).index(name))


def draw(view: View, style: Style) -> Iterator[str]:
    """The lines of the output. ``quiet`` is no format beside the others: it shows the numbers alone."""
    module = "gradcalc.render.quiet" if style.format == "quiet" else f"gradcalc.render.formats.{style.format}"
    lines: Iterator[str] = import_module(module).lines(view, style)
    return lines
