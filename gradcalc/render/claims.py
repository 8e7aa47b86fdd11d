"""The view of ``check``: a row a claim, then an explanation of each claim that is wrong or undecided.

This module decides what is shown and how it is worded. It must not know any format.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gradcalc.questions.answers import Check, Checked
from gradcalc.render import Style, arrays
from gradcalc.render.page import GAP, Block, Cell, Column, Derivative, Equation, Grid, Line


class CheckView:
    """The view of one Check."""

    def __init__(self, found: Check) -> None:
        self.found = found

    def data(self, style: Style) -> Mapping[str, Any]:
        return self.found.to_dict()

    def page(self, style: Style) -> Iterator[Block]:
        found = self.found
        there = found.at is not None
        columns = [Column("name", "formula"), Column("claim", "formula")]
        if there:
            columns += [Column("claimed", "number"), Column("derivative", "number")]
        else:
            columns.append(Column("tried"))
        yield Grid([*columns, Column("verdict")], [_cells(claim, there) for claim in found.claims])
        for claim in found.claims:
            said = list(_remarks(claim, found, style))
            if said:
                yield from (GAP, *said)
        yield GAP
        yield _verdict(found)

    def bare(self) -> Iterable[Iterable[str]]:
        return [[claim.verdict] for claim in self.found.claims]


def _cells(claim: Checked, there: bool) -> list[Cell]:
    numbers: list[Cell] = [claim.claimed, claim.actual] if there else [_tried(claim)]
    return [claim.wrt, claim.claim, *numbers, claim.verdict]


def _tried(claim: Checked) -> str:
    """How the verdict was reached over the domain."""
    if claim.verdict == "wrong":
        return "counter-example"
    points = f"{claim.points} random points, {claim.corners} corner cases"
    return f"proved; {points}" if claim.proved else points


def _remarks(claim: Checked, found: Check, style: Style) -> Iterator[Block]:
    symbol = Derivative(found.output, claim.wrt)
    example = claim.counterexample
    if example is not None and found.at is None:
        at = ", ".join(f"{name} = {arrays.text(value, style.digits)}" for name, value in example.at.items())
        yield Line(f"the claim for {claim.wrt} is wrong at {at}", "bad")
        yield Equation("claimed", example.claimed)
        yield Equation(symbol, example.actual)
    elif example is not None and (claim.slip or claim.reason):
        yield Line(f"the claim for {claim.wrt} is wrong", "bad")
    if claim.derivative:
        *shared, last = claim.derivative.split("\n")
        for line in shared:
            name, _, value = line.partition(" = ")
            yield Equation(name, value)
        yield Equation(symbol, last)
    if claim.slip:
        yield Line(claim.slip)
    if claim.reason:
        yield Line(f"{claim.wrt}: {claim.reason}")


def _verdict(found: Check) -> Block:
    counts = {verdict: sum(claim.verdict == verdict for claim in found.claims) for verdict in ("wrong", "undecided", "correct")}
    total, seed = len(found.claims), "" if found.at is not None else f"; seed {found.seed}"
    if counts["correct"] == total:
        return Line(f"{'the claim is' if total == 1 else f'all {total} claims are'} correct{seed}", "good")
    parts = [f"{count} {verdict}" for verdict, count in counts.items() if count]
    return Line(f"of {total} claim{'s' if total > 1 else ''}: {', '.join(parts)}{seed}", "bad" if counts["wrong"] else "plain")
