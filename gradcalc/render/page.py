"""The blocks of a page: tables, equations, matrices and sentences, before a format draws them.

Every format for people draws the same blocks, so that what is shown is decided once. This module must not know any format.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from gradcalc.questions.answers import Value

#: What a column holds, which tells a format how to align and to write it.
Kind = Literal["text", "formula", "number"]
#: What a line is there for.
Tone = Literal["plain", "heading", "good", "bad"]

#: How much of an output that has no name stands for it.
SHORT = 40
POWERS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def short(output: str) -> str:
    """An output in a symbol: its name, or in brackets the text of one that has none."""
    return output if output.isidentifier() else f"({output if len(output) <= SHORT else output[:SHORT - 1] + '…'})"


class Derivative(NamedTuple):
    """∂of/∂wrt as a symbol, of an order, or with ``then`` the second derivative by two names.

    ``of`` is a name, or the text of an output that has none.
    """

    of: str
    wrt: str
    order: int = 1
    then: str | None = None

    def text(self) -> str:
        if self.then is not None:
            return f"∂²{short(self.of)}/∂{self.wrt}∂{self.then}"
        power = "" if self.order == 1 else str(self.order).translate(POWERS)
        return f"∂{power}{short(self.of)}/∂{self.wrt}{power}"


class Share(NamedTuple):
    """The part of a product such as J·v that belongs to one name, as a symbol."""

    factors: tuple[str, str]
    name: str

    def text(self) -> str:
        return f"{'·'.join(self.factors)} for {self.name if self.name.isidentifier() else short(self.name)}"


class Whole(NamedTuple):
    """All derivatives together, in words and as a letter."""

    words: str
    letter: str

    def text(self) -> str:
        return self.words


Symbol = Derivative | Share | Whole


class Column(NamedTuple):
    """A column's heading, a word or a symbol or both, and what its cells are."""

    heading: str
    kind: Kind = "text"
    symbol: Derivative | None = None

    def text(self) -> str:
        return " ".join(filter(None, (self.heading, self.symbol.text() if self.symbol else "")))


#: A text, a number or an array; None is what does not exist: the adjoint of a constant.
Cell = str | Value | None


class Grid(NamedTuple):
    """A table."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]


class Equation(NamedTuple):
    """``left = right``, a number, an array or a formula, with the error that is expected in the number or the numbers."""

    left: Symbol | str
    right: str | Value
    doubt: Value | None = None


class Matrix(NamedTuple):
    """A matrix of numbers under its title, with what each row and each column belongs to."""

    title: Symbol
    detail: str
    rows: Sequence[str]
    columns: Sequence[str]
    entries: Sequence[Sequence[float]]

    def heading(self) -> "Line":
        return Line(f"{self.title.text()}, {self.detail}", "heading")

    def grid(self) -> Grid:
        return Grid([Column("", "formula"), *(Column(label, "number") for label in self.columns)],
                    [[label, *row] for label, row in zip(self.rows, self.entries, strict=True)])


class Line(NamedTuple):
    """A sentence, or a heading, or with an empty text a gap."""

    text: str
    tone: Tone = "plain"


class Markdown(NamedTuple):
    """A longer text, which is written in Markdown."""

    text: str


Block = Grid | Equation | Matrix | Line | Markdown

GAP = Line("")


def one_line(program: str) -> str:
    """A program's text on one line, its comments left out."""
    lines = (line.partition("#")[0].strip() for line in program.splitlines())
    return "; ".join(line.removesuffix(";").rstrip() for line in lines if line)
