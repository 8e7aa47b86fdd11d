"""How answers are shown. A view says what there is to show of an answer; a format, one file each, how it is drawn.

This module decides what a view and a format promise each other. It must not know commands, nor how anything is computed.
"""

from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from gradcalc.render.page import Block


class Style(NamedTuple):
    """How to draw: the format's name, the significant digits (None: the format's own), colour, and the node table."""

    format: str = "table"
    digits: int | None = None
    color: bool = False
    trace: bool = True

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


def draw(view: View, style: Style) -> Iterator[str]:
    """The lines of the output."""
    lines: Iterator[str] = import_module(f"gradcalc.render.{style.format}").lines(view, style)
    return lines
