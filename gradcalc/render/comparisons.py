"""The view of ``compare``: a row a mode, the verdict below it, and with several programs a summary at the end.

This module decides what is shown. It must not know any format.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from gradcalc.questions.answers import SCHEMA, Comparison, ModeReport, Value
from gradcalc.render import Style, arrays
from gradcalc.render.numbers import duration, number
from gradcalc.render.page import GAP, Block, Cell, Column, Derivative, Grid, Line, one_line

#: Up to so many derivatives have a column each.
COLUMNS = 6
#: A derivative of more entries is shown by its norm.
ENTRIES = 4


class ComparisonsView:
    """The view of the comparisons of one program, or of several."""

    def __init__(self, compared: Sequence[Comparison]) -> None:
        self.compared = compared

    def data(self, style: Style) -> Mapping[str, Any]:
        verdict = "disagree" if any(each.verdict == "disagree" for each in self.compared) else "agree"
        return {"schema": SCHEMA, "command": "compare", "verdict": verdict,
                "programs": [each.to_dict() for each in self.compared]}

    def page(self, style: Style) -> Iterator[Block]:
        several = len(self.compared) > 1
        for each in self.compared:
            if several:
                yield Line(each.title or each.output, "heading")
                yield Line(one_line(each.program))
                yield Line("at " + ", ".join(f"{name} = {arrays.text(value, style.digits)}" for name, value in each.at.items()))
            yield from _comparison(each, style)
            if several:
                yield GAP
        if several:
            agreed = sum(each.verdict == "agree" for each in self.compared)
            yield Line(f"the modes agree on {agreed} of {len(self.compared)} programs",
                       "good" if agreed == len(self.compared) else "bad")

    def bare(self) -> Iterable[Iterable[Value | str]]:
        for each in self.compared:
            for report in each.modes:
                yield [report.status] if report.gradient is None else report.gradient.values()


def _comparison(each: Comparison, style: Style) -> Iterator[Block]:
    names = list(next((report.gradient for report in each.modes if report.gradient is not None), {}))
    columns = [Column("mode"), Column("status"), Column("value", "number")]
    if len(names) <= COLUMNS:
        columns += [Column("", "number", Derivative(each.output, name)) for name in names]
    else:
        columns += [Column("largest derivative", "number")]
    ulps = any(report.max_ulps is not None for report in each.modes)
    columns += [Column("abs error", "number"), Column("rel error", "number"), *[Column("ulps", "number")] * ulps,
                Column("independent"),
                Column("operations", "number"), Column("time", "number")]
    yield Grid(columns, [_cells(report, names, style, ulps) for report in each.modes])
    for report in each.modes:
        if report.message:
            yield Line(f"{report.mode}: {report.message}", "bad" if report.status == "failed" else "plain")
    yield _verdict(each)


def _cells(report: ModeReport, names: Sequence[str], style: Style, ulps: bool) -> list[Cell]:
    gradient = report.gradient or {}
    if len(names) > COLUMNS:
        slopes: list[Cell] = [max(map(arrays.largest, gradient.values()), key=abs, default=None)]
    else:
        slopes = [_slope(gradient.get(name), style) for name in names]
    errors = [None if error is None else number(error, 2)
              for error in (report.max_absolute, report.max_relative, *[report.max_ulps] * ulps)]
    return [report.mode, report.status, report.value, *slopes, *errors, "yes" if report.independent else "no",
            None if report.operations is None else str(report.operations),
            None if report.seconds is None else duration(report.seconds)]


def _slope(slope: Value | None, style: Style) -> Cell:
    """A derivative in its column: an array that is not small by its norm, in which two modes differ if they differ."""
    if slope is None or not arrays.is_array(slope) or arrays.size(slope) <= ENTRIES:
        return slope
    return f"norm {number(arrays.extent(slope).norm, style.digits)}"


def _verdict(each: Comparison) -> Block:
    against = f"; errors are measured against {each.reference}" if each.reference else ""
    if each.verdict == "disagree":
        apart = ", ".join(report.mode for report in each.modes if report.agrees is False or report.status == "failed")
        return Line(f"the modes disagree: {apart}{against}", "bad")
    if not any(report.status == "ok" for report in each.modes):
        return Line("no mode has a finite answer here", "bad")
    return Line(f"the modes agree{against}", "good")
