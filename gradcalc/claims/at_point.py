"""A claim at one point: both numbers, and whether they are the same.

At a kink a derivative is any number between those of its two sides, or none: a claim outside of them is wrong, one within is
neither right nor wrong, unless the sides agree. Arrays are compared entry by entry.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from gradcalc.claims.claims_graph import Claim, JointGraph
from gradcalc.claims.over_domain import PRECISE
from gradcalc.claims.rounding import Probe
from gradcalc.questions.answers import Request, Value
from gradcalc.singular.kinks import Singularity, kinks_at, same

Verdict = Literal["correct", "wrong", "undecided"]
#: The runs with moved results; there is only one point, so there may be many.
RUNS = 12


class Found(NamedTuple):
    """A claim's verdict at the point, the claimed and the true derivative, and the reason where it needs one."""

    verdict: Verdict
    claimed: Value
    actual: Value
    reason: str | None


def at_point(claims: Sequence[Claim], page: JointGraph, request: Request, root: int, primal: Sequence[Any],
             seed: int) -> list[Found]:
    """What there is to say of each claim about ``root`` at the request's point, where ``primal`` are the nodes' values."""
    truths = [page.truths[claim.statement.name] for claim in claims]
    terms = [term for pair in zip(page.claims, truths, strict=True) for node in pair for term in page.terms(node)]
    probe = Probe(page.graph, [*page.claims, *truths, *terms], seed, request.xp)
    given = {page.copies[node]: value for node, value in (request.point or {}).items()}
    reading = probe.estimate({node: given[node] for node in probe.inputs}, RUNS)
    singularity = _singularity(claims, request, root, primal)
    found = []
    for claim, node, truth in zip(claims, page.claims, truths, strict=True):
        sides = _sides(singularity, claim.statement.name)
        pair = (reading.values[node], reading.values[truth])
        doubt = reading.doubts[node] + reading.doubts[truth]
        scale = max((_largest(reading.values[term]) for term in (*page.terms(node), *page.terms(truth))), default=0.0)
        found.append(_judged(claim, pair, doubt, scale, sides, request))
    return found


def _singularity(claims: Sequence[Claim], request: Request, root: int, primal: Sequence[Any]) -> Singularity | None:
    """The kinks at the point, with the derivatives on both sides."""
    order = request.graph.ancestors([root])
    reached = set(order)
    wrt = {claim.statement.name: claim.node for claim in claims if claim.node in reached}
    alone = request._replace(root=root, order=order, wrt=wrt)
    with request.xp.silent():
        return kinks_at(alone, primal)


def _sides(singularity: Singularity | None, name: str) -> tuple[Any, Any] | None:
    if singularity is None or singularity.sides is None or name not in singularity.sides.left:
        return None
    return singularity.sides.left[name], singularity.sides.right[name]


def _judged(claim: Claim, pair: tuple[Any, Any], doubt: Any, scale: float, sides: tuple[Any, Any] | None,
            request: Request) -> Found:
    finite, plain = request.xp.finite, request.xp.plain
    claimed, actual = pair
    if sides is not None and finite(claimed) and all(map(finite, sides)):
        if not same(*sides):
            return _at_kink(claim, claimed, actual, sides, request)
        actual = sides[0]
    shown = plain(claimed + 0.0 * actual) if finite(claimed) and finite(actual) else plain(claimed), plain(actual + 0.0)
    if not finite(actual):
        return Found("undecided", *shown, "the derivative is not finite at this point")
    if not finite(claimed):
        return Found("undecided", *shown, "the claim has no finite value at this point")
    slack = claim.statement.slack()
    verdict, reason = _compared(claimed, actual, doubt, slack, scale)
    return Found(verdict, *shown, reason)


def _compared(claimed: Any, actual: Any, doubt: Any, slack: float, scale: float) -> tuple[Verdict, str | None]:
    """Whether two numbers, or the entries of two arrays, are the same."""
    sizes = numbers(abs(claimed) + 0.0 * abs(actual)), numbers(abs(actual) + 0.0 * abs(claimed))
    rows = list(zip(numbers(abs(claimed - actual)), _spread(doubt, len(sizes[0])), *sizes, strict=True))
    if any(gap > unsure and gap > slack * (1.0 + 1e-9) for gap, unsure, _, _ in rows):
        return "wrong", None
    if any(gap > unsure for gap, unsure, _, _ in rows):
        return "correct", "to the digits that are written"
    largest = max((max(one, other) for _, _, one, other in rows), default=0.0)
    if any(unsure > PRECISE * max(one, other, PRECISE * max(largest, scale)) and gap > 0.0 for gap, unsure, one, other in rows):
        return "undecided", "rounding leaves too few digits here to tell"
    return "correct", None


def _at_kink(claim: Claim, claimed: Any, actual: Any, sides: tuple[Any, Any], request: Request) -> Found:
    plain = request.xp.plain
    low, high = request.xp.minimum(*sides), request.xp.maximum(*sides)
    slack = 1e-9 * (_largest(low) + _largest(high)) + claim.statement.slack()
    outside = any(not -slack <= number for side in (claimed - low, high - claimed) for number in numbers(side))
    said = ""
    if not getattr(sides[0], "shape", ()):
        said = f", {sides[0] + 0.0:.10g} on the left and {sides[1] + 0.0:.10g} on the right"
    reason = f"the derivative has two sides at this point{said}"
    return Found("wrong" if outside else "undecided", plain(claimed), plain(actual), reason)


def numbers(value: Any) -> list[float]:
    """A number, or the entries of an array, in a list."""
    listed: list[float] = value.ravel().tolist() if hasattr(value, "ravel") else [value]
    return listed


def _spread(value: Any, count: int) -> list[float]:
    listed = numbers(value)
    return listed * count if len(listed) == 1 else listed


def _largest(value: Any) -> float:
    return max((abs(number) for number in numbers(value)), default=0.0)


def by_name(page: JointGraph, request: Request) -> Mapping[str, Any]:
    """The true derivative by every name of the program, at the point."""
    probe = Probe(page.graph, list(page.truths.values()), 0, request.xp)
    given = {page.copies[node]: value for node, value in (request.point or {}).items()}
    values = probe.estimate({node: given[node] for node in probe.inputs}, 0).values
    return {name: values[node] for name, node in page.truths.items()}
