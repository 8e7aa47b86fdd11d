"""The views of listings: the functions, the modes, the worked examples.

Each view takes the rows as the JSON output has them, and says which of their fields people read, and how.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from gradcalc.questions.answers import SCHEMA, Value
from gradcalc.render import Style, arrays
from gradcalc.render.page import Block, Cell, Column, Grid, Line, one_line

#: How many characters of a list of numbers stand on a line.
LISTED = 32


class Listing:
    """The rows of a listing, under the command's name."""

    command: str

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self.rows = rows

    def data(self, style: Style) -> Mapping[str, Any]:
        return {"schema": SCHEMA, "command": self.command, self.command: self.rows}

    def bare(self) -> Iterable[Iterable[str]]:
        return [[row["name"]] for row in self.rows]


class FunctionsView(Listing):
    """A line for each parameter of each function."""

    command = "functions"

    def page(self, style: Style) -> Iterator[Block]:
        columns = (Column("function", "formula"), Column("with respect to", "formula"), Column("derivative", "formula"),
                   Column("domain", "formula"), Column("kink", "formula"), Column("summary"))
        cells: list[tuple[Cell, ...]] = []
        for row in self.rows:
            others = f" (also {', '.join(row['also'])})" if row["also"] else ""
            # A formula's shared parts stand on lines of their own.
            lines = [(name * (place == 0), line) for name, formula in row["derivatives"].items()
                     for place, line in enumerate(formula.split("\n"))]
            parts: Iterable[tuple[Cell, ...]] = zip_longest(
                [row["call"]], [name for name, _ in lines], [formula for _, formula in lines],
                [row["domain"] or ""], [row["kink"] or ""], [row["summary"] + others],
                fillvalue="")
            cells.extend(parts)
        yield Grid(columns, cells)
        yield Line("g in a derivative (z, where g is an argument) is the adjoint of the value, and the formula is what the "
                   "argument gets back")


class ModesView(Listing):
    """A line for each mode."""

    command = "modes"

    def page(self, style: Style) -> Iterator[Block]:
        yield Grid((Column("mode"), Column("summary"), Column("can")), [
            (row["name"] + " (default)" * row["default"], row["summary"], ", ".join(row["can"])) for row in self.rows])


class ExamplesView(Listing):
    """A line for each statement of each example, its numbers beside them."""

    command = "examples"

    def page(self, style: Style) -> Iterator[Block]:
        columns = (Column("example"), Column("program", "formula"), Column("at", "formula"), Column("value", "number"),
                   Column("gradient", "formula"))
        cells: list[tuple[Cell, ...]] = []
        for row in self.rows:
            parts: Iterable[tuple[Cell, ...]] = zip_longest(
                [row["name"]], one_line(row["program"]).split("; "), _listed(row["at"], style), [row["value"]],
                _listed(row["gradient"], style), fillvalue="")
            cells.extend(parts)
        yield Grid(columns, cells)


def _listed(values: Mapping[str, Value], style: Style) -> list[str]:
    """Values with their names, on as many lines as it takes."""
    lines: list[str] = []
    for name, value in values.items():
        part = f"{name} = {arrays.text(value, style.digits)}"
        if lines and len(lines[-1]) + len(part) <= LISTED:
            lines[-1] += f", {part}"
        else:
            lines.append(part)
    return lines
