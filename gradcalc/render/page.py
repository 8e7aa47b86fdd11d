"""What people read, before it is drawn: tables, equations and sentences, with cells that know what they are.

Every format for people draws these same blocks, so that what is shown is decided once. Nothing here knows a format.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

#: What a column holds, which tells a format how to align and to write it.
Kind = Literal["text", "formula", "number"]
#: What a line is there for.
Tone = Literal["plain", "heading", "good", "bad"]


class Derivative(NamedTuple):
    """∂of/∂wrt as a symbol. ``of`` is a name, or the text of an output that has none."""

    of: str
    wrt: str

    def text(self) -> str:
        of = self.of if self.of.isidentifier() else f"({self.of})" if len(self.of) <= 40 else f"({self.of[:39]}…)"
        return f"∂{of}/∂{self.wrt}"


class Column(NamedTuple):
    """A column's heading, a word or a symbol or both, and what its cells are."""

    heading: str
    kind: Kind = "text"
    symbol: Derivative | None = None

    def text(self) -> str:
        return " ".join(filter(None, (self.heading, self.symbol.text() if self.symbol else "")))


#: None is what does not exist: the adjoint of a constant.
Cell = str | float | None


class Grid(NamedTuple):
    """A table."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]


class Equation(NamedTuple):
    """``left = right``, a number or a formula, with the error that is expected in the number."""

    left: Derivative | str
    right: float | str
    doubt: float | None = None


class Line(NamedTuple):
    """A sentence, or a heading, or with an empty text a gap."""

    text: str
    tone: Tone = "plain"


Block = Grid | Equation | Line

GAP = Line("")


def one_line(program: str) -> str:
    """A program's text on one line, its comments left out."""
    lines = (line.partition("#")[0].strip() for line in program.splitlines())
    return "; ".join(line.removesuffix(";").rstrip() for line in lines if line)
