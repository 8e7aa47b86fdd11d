"""What is shown of what there is: the functions, the modes, the worked examples."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from gradcalc.evaluators import Can, Evaluator
from gradcalc.examples import Example
from gradcalc.graph.operations.row import Operation
from gradcalc.render import Style
from gradcalc.render.page import Block, Cell, Column, Grid, one_line
from gradcalc.render.writing import number
from gradcalc.results import SCHEMA

#: The mode that answers when none is named.
DEFAULT = "reverse"
#: How many characters of a list of numbers stand on a line.
LISTED = 32


class FunctionsView:
    """The view of the table's callable rows, each with the formula of its derivative for each parameter."""

    def __init__(self, rows: Sequence[tuple[Operation, Sequence[str | None]]]) -> None:
        self.rows = rows

    def data(self, style: Style) -> Mapping[str, Any]:
        return {"schema": SCHEMA, "command": "functions", "functions": [
            {"name": row.name, "aliases": list(row.aliases), "parameters": list(row.parameters),
             "derivatives": dict(_derivatives(row, formulas)), "domain": row.domain, "kink": row.kink, "summary": row.doc}
            for row, formulas in self.rows]}

    def page(self, style: Style) -> Iterator[Block]:
        columns = (Column("function", "formula"), Column("with respect to", "formula"),
                   Column("derivative", "formula"), Column("domain", "formula"), Column("kink", "formula"),
                   Column("summary"))
        cells = []
        for row, formulas in self.rows:
            aliases = f" (also {', '.join(row.aliases)})" if row.aliases else ""
            first = (_call(row), row.domain or "", row.kink or "", row.doc + aliases)
            for name, formula in _derivatives(row, formulas):
                call, *rest = first
                cells.append((call, name, formula, *rest))
                first = ("", "", "", "")
        yield Grid(columns, cells)

    def bare(self) -> Iterable[Iterable[str]]:
        return [[row.name] for row, _ in self.rows]


def _call(row: Operation) -> str:
    return f"{row.name}({', '.join(row.parameters)}{', …' if row.variadic else ''})"


def _derivatives(row: Operation, formulas: Sequence[str | None]) -> Iterator[tuple[str, str]]:
    """Each parameter with its derivative; a row is locally constant where it has none."""
    for name, formula in zip(row.parameters, formulas, strict=True):
        yield name, "0" if formula is None else formula.replace("\n", "; ")


class ModesView:
    """The view of the installed modes."""

    def __init__(self, modes: Sequence[Evaluator]) -> None:
        self.modes = modes

    def data(self, style: Style) -> Mapping[str, Any]:
        return {"schema": SCHEMA, "command": "modes", "modes": [
            {"name": mode.name, "summary": mode.summary, "can": _abilities(mode), "default": mode.name == DEFAULT}
            for mode in self.modes]}

    def page(self, style: Style) -> Iterator[Block]:
        yield Grid((Column("mode"), Column("summary"), Column("can")), [
            (mode.name + (" (default)" if mode.name == DEFAULT else ""), mode.summary, ", ".join(_abilities(mode)))
            for mode in self.modes])

    def bare(self) -> Iterable[Iterable[str]]:
        return [[mode.name] for mode in self.modes]


def _abilities(mode: Evaluator) -> list[str]:
    return [str(flag.name).lower().replace("_", "-") for flag in Can if flag in mode.can]


class ExamplesView:
    """The view of the worked examples."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self.examples = examples

    def data(self, style: Style) -> Mapping[str, Any]:
        return {"schema": SCHEMA, "command": "examples", "examples": [
            {"name": each.name, "title": each.title, "program": each.program, "of": each.of, "at": dict(each.at),
             "wrt": list(each.wrt), "value": each.value, "gradient": dict(each.gradient)} for each in self.examples]}

    def page(self, style: Style) -> Iterator[Block]:
        columns = (Column("example"), Column("program", "formula"), Column("at", "formula"),
                   Column("value", "number"), Column("gradient", "formula"))
        cells: list[tuple[Cell, ...]] = []
        for each in self.examples:
            parts: Iterable[tuple[Cell, ...]] = zip_longest(
                [each.name], one_line(each.program).split("; "), _listed(each.at, style), [each.value],
                _listed(each.gradient, style), fillvalue="")
            cells.extend(parts)
        yield Grid(columns, cells)

    def bare(self) -> Iterable[Iterable[str]]:
        return [[each.name] for each in self.examples]


def _listed(numbers: Mapping[str, float], style: Style) -> list[str]:
    """Numbers with their names, on as many lines as it takes."""
    lines: list[str] = []
    for name, value in numbers.items():
        part = f"{name} = {number(value, style.digits)}"
        if lines and len(lines[-1]) + len(part) <= LISTED:
            lines[-1] += f", {part}"
        else:
            lines.append(part)
    return lines
