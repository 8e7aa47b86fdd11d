"""The slip behind a wrong claim: which step of the chain rule, applied wrongly, gives the numbers that are claimed.

A derivative is a sum over the paths from the input to the output, and linear in each local partial derivative on them.
Replacing one partial therefore changes the derivative by a known share. If replacing it by 1 gives the claim, an inner
derivative was left out; by 0, a path was forgotten; by its negative, a sign is wrong. An explanation counts only if it holds at
every point that is tried. This module must not know how the points were found.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from gradcalc.claims.statements import Statement
from gradcalc.graph import sweeps
from gradcalc.graph.namespaces import scalars
from gradcalc.graph.operations import TABLE
from gradcalc.graph.tape import CONST, INPUT, Graph

#: The relative difference up to which an explanation's numbers count as those claimed.
CLOSE = 1e-7
#: Factors that people lose, or multiply by once too often.
FACTORS = {2.0: "2", 0.5: "1/2", 3.0: "3", 1 / 3: "1/3", 4.0: "4", 0.25: "1/4", 5.0: "5", 0.2: "1/5", 6.0: "6", 1 / 6: "1/6",
           8.0: "8", 0.125: "1/8", 10.0: "10", 0.1: "1/10", 100.0: "100", 0.01: "1/100", 1.5: "3/2", 2 / 3: "2/3",
           math.pi: "pi", 1 / math.pi: "1/pi", 2 * math.pi: "2*pi", 0.5 / math.pi: "1/(2*pi)", math.log(2): "log(2)",
           1 / math.log(2): "1/log(2)", math.log(10): "log(10)", 1 / math.log(10): "1/log(10)", math.pi / 180: "pi/180",
           180 / math.pi: "180/pi"}
#: The longest part of the program that is quoted, in characters.
SHOWN = 40
#: A program of more operations is not searched for the operation that explains a claim.
SEARCHED = 2_000


class Sample(NamedTuple):
    """One point: each node's value, its adjoint, and its tangent in the direction of the name that the claim is about."""

    primal: Sequence[float]
    adjoints: Sequence[float | None]
    tangents: Sequence[float | None]


class Case(NamedTuple):
    """A wrong claim at some points: the numbers claimed there, and the derivatives with respect to every name of the program.

    ``samples`` is empty for a program of arrays or one that is too large. ``rivals`` are the numbers of the other claims, by
    name.
    """

    statement: Statement
    claimed: Sequence[float]
    truths: Mapping[str, Sequence[float]]
    rivals: Mapping[str, Sequence[float]]
    text: str
    graph: Graph
    samples: Sequence[Sample]

    @property
    def actual(self) -> Sequence[float]:
        return self.truths[self.statement.name]

    def is_claimed(self, numbers: Sequence[float]) -> bool:
        """Whether these are the numbers claimed, one for each point."""
        slack = self.statement.slack()
        return any(map(abs, self.claimed)) and all(
            math.isfinite(b) and abs(a - b) <= CLOSE * max(abs(a), abs(b)) + slack
            for a, b in zip(self.claimed, numbers, strict=True))

    def formula_of(self, node: int) -> str:
        """A node as the program writes it: its name, or its text."""
        name = self.graph.labels().get(node)
        span = self.graph.span(node)
        if name is not None or span is None:
            return name or TABLE[self.graph.instructions[node].op].name
        shown = " ".join(self.text[span.start:span.end].split())
        return shown if len(shown) <= SHOWN else shown[:SHOWN - 1] + "…"


def sample_at(graph: Graph, root: int, node: int, point: Mapping[int, float]) -> Sample:
    """The values, adjoints and tangents of the nodes that ``root`` depends on, at a point."""
    order = graph.ancestors([root])
    primal = sweeps.values(graph, order, point, scalars)
    sources = [each for each in order if graph.instructions[each].op == INPUT or each in point]
    active = graph.descendants([*sources, node], order)
    return Sample(primal, sweeps.reverse(graph, order, primal, active, scalars),
                 sweeps.forward(graph, order, primal, {node: 1.0}, scalars))


def slip(case: Case) -> str | None:
    """A sentence that says what went wrong, or None where nothing simple explains the claim."""
    single = len(case.claimed) == 1
    name, claimed = case.statement.name, case.statement.formula
    for other in case.rivals:
        if case.is_claimed(case.truths[other]) and _close(case.rivals[other], case.actual):
            return f"{claimed} is the derivative with respect to {other}: the claims for {name} and {other} are swapped"
    first = _owner(case, inputs=True) if single else None
    return first or next(_explanations(case, single), None)


def _explanations(case: Case, single: bool) -> Iterator[str]:
    actual = case.actual
    if case.is_claimed([-number for number in actual]):
        yield "the sign is wrong: it is the derivative's negative"
    yield from _inner(case)
    yield from _exponents(case)
    if not single:
        yield from _lost_slopes(case)
    yield from _factors(case)
    owner = _owner(case, inputs=False)
    if owner and not single:
        yield owner
    yield from _paths(case, single)
    if owner:
        yield owner
    if not single:
        yield from _products(case)
        yield from _wrong_rules(case)
        yield from _names(case)


def _owner(case: Case, inputs: bool) -> str | None:
    """Whether the claim is the derivative with respect to another name."""
    for name, numbers in case.truths.items():
        node = case.graph.names[name]
        if name != case.statement.name and case.is_claimed(numbers) and not _close(numbers, case.actual) and (
                not inputs or name in case.rivals or case.graph.instructions[node].op == INPUT):
            return f"{case.statement.formula} is the derivative with respect to {name}"
    return None


def _factors(case: Case) -> Iterator[str]:
    for factor, written in FACTORS.items():
        for sign, minus in ((1.0, ""), (-1.0, "-")):
            if case.is_claimed([sign * factor * number for number in case.actual]):
                lost = factor < 1.0 and 1.0 / factor in FACTORS
                what = (f"a factor {minus}{FACTORS[1.0 / factor]} is lost" if lost else
                        f"a factor {minus}{written} is too much")
                yield f"{what}: the claim is {minus}{written} times the derivative"


def _inner(case: Case) -> Iterator[str]:
    """Whether an inner derivative was left out, of the whole or of one term."""
    node = case.graph.names[case.statement.name]
    for inner in _nodes(case, lambda each: each != node):
        shares = [(sample.adjoints[inner] or 0.0, sample.tangents[inner] or 0.0) for sample in case.samples]
        if all(abs(abs(moves) - 1.0) < CLOSE for _, moves in shares) or not any(pushed for pushed, _ in shares):
            continue
        changed = [number + pushed * (1.0 - moves) for number, (pushed, moves) in zip(case.actual, shares, strict=True)]
        if case.is_claimed(changed):
            yield f"the inner derivative is missing, that of {case.formula_of(inner)} with respect to {case.statement.name}"


class Edge(NamedTuple):
    """An operation and one of its operands, on a path: its partial derivatives and what it contributes to the whole, by
    point."""

    node: int
    operand: int
    position: int
    slopes: Sequence[float]
    shares: Sequence[float]


def _nodes(case: Case, wanted: Callable[[int], bool]) -> list[int]:
    """The nodes on paths from the name to the output, without the output."""
    if not case.samples:
        return []
    tangents, adjoints = case.samples[0].tangents, case.samples[0].adjoints
    return [node for node in range(min(len(tangents), len(adjoints)) - 1)
            if tangents[node] is not None and adjoints[node] is not None and wanted(node)]


def _edges(case: Case) -> Iterator[Edge]:
    """Every edge on a path from the name to the output that has a partial derivative."""
    if not case.samples:
        return
    known = case.samples[0]
    for node in range(len(known.tangents)):
        op, args, _ = case.graph.instructions[node]
        if known.tangents[node] is None or known.adjoints[node] is None or node == case.graph.names[case.statement.name]:
            continue
        row = TABLE.get(op)
        if row is None or row.gates or row.vjps:
            continue
        for position, operand in enumerate(args):
            partial = row.partials[position]
            if partial is None or known.tangents[operand] is None:
                continue
            slopes, shares = [], []
            for sample in case.samples:
                try:
                    slope = float(partial(scalars, sample.primal[node], *[sample.primal[each] for each in args]))
                except sweeps.UNDEFINED:
                    slope = math.nan
                slopes.append(slope)
                shares.append((sample.adjoints[node] or 0.0) * slope * (sample.tangents[operand] or 0.0))
            if any(shares) and all(map(math.isfinite, shares)):
                yield Edge(node, operand, position, slopes, shares)


def _gives(case: Case, edge: Edge, factors: Sequence[float]) -> bool:
    """Whether multiplying this edge's partial derivative by these factors, one for each point, gives the claim."""
    return all(map(math.isfinite, factors)) and case.is_claimed(
        [number + (factor - 1.0) * share for number, factor, share in zip(case.actual, factors, edge.shares, strict=True)])


def _exponents(case: Case) -> Iterator[str]:
    """Whether one half of the power rule was forgotten."""
    for edge in _edges(case):
        op, args, _ = case.graph.instructions[edge.node]
        if op != "pow" or edge.position != 0 or case.graph.instructions[args[1]].op != CONST:
            continue
        exponent, written = float(case.graph.instructions[args[1]].payload), case.formula_of(edge.node)
        bases = [sample.primal[edge.operand] for sample in case.samples]
        moved = [sample.tangents[edge.operand] or 0.0 for sample in case.samples]
        if exponent and _gives(case, edge, [1.0 / exponent] * len(bases)):
            yield f"in the derivative of {written} the exponent {exponent:g} is missing as a factor"
        if _gives(case, edge, bases):
            yield f"in the derivative of {written} the exponent is not lowered by 1"
        if exponent and _gives(case, edge, [base / exponent for base in bases]):
            yield f"{written} stands in place of its derivative"
        if all(moved) and exponent and _gives(case, edge, [1.0 / (exponent * move) for move in moved]):
            yield f"in the derivative of {written} the factor {exponent:g}, its exponent, and the inner derivative are missing"


def _lost_slopes(case: Case) -> Iterator[str]:
    """Whether one partial derivative on a path was left out."""
    for edge in _edges(case):
        if all(slope and abs(abs(slope) - 1.0) > CLOSE for slope in edge.slopes) and _gives(
                case, edge, [1.0 / slope for slope in edge.slopes]):
            op, args, _ = case.graph.instructions[edge.node]
            if op == "mul":
                factor = case.formula_of(args[1 - edge.position])
                yield f"the factor {factor} of {case.formula_of(edge.node)} is missing"
            else:
                yield (f"the inner derivative is missing, that of {case.formula_of(edge.node)} with respect to "
                       f"{case.formula_of(edge.operand)}")


def _paths(case: Case, single: bool) -> Iterator[str]:
    """Whether a term was forgotten, or has the wrong sign or factor."""
    for edge in _edges(case):
        if _gives(case, edge, [0.0] * len(edge.shares)):
            yield f"a term is missing: what {case.statement.name} does through {case.formula_of(edge.node)}"
    if single:
        return
    for edge in _edges(case):
        if _gives(case, edge, [-1.0] * len(edge.shares)):
            yield f"the derivative of {case.formula_of(edge.node)} has the wrong sign"
        for factor, written in FACTORS.items():
            if _gives(case, edge, [factor] * len(edge.shares)):
                yield f"the term through {case.formula_of(edge.node)} is {written} times what it should be"


def _products(case: Case) -> Iterator[str]:
    """Whether (u*v)' was taken for u'*v', or (u/v)' for u'/v'."""
    for node in _nodes(case, lambda each: case.graph.instructions[each].op in ("mul", "div")) + _last(case):
        op, (left, right), _ = case.graph.instructions[node]
        moves = [(sample.tangents[left], sample.tangents[right]) for sample in case.samples]
        if any(not a or not b for a, b in moves):
            continue
        wrong = [(a or 0.0) * (b or 0.0) if op == "mul" else (a or 0.0) / (b or 1.0) for a, b in moves]
        if case.is_claimed([number + (sample.adjoints[node] or 0.0) * (other - (sample.tangents[node] or 0.0))
                            for number, sample, other in zip(case.actual, case.samples, wrong, strict=True)]):
            kind = "product" if op == "mul" else "quotient"
            yield f"the derivative of the {kind} {case.formula_of(node)} is not the {kind} of the derivatives"


def _last(case: Case) -> list[int]:
    root = len(case.samples[0].tangents) - 1 if case.samples else -1
    return [root] if root >= 0 and case.graph.instructions[root].op in ("mul", "div") else []


def _wrong_rules(case: Case) -> Iterator[str]:
    """Whether a value stands in place of its derivative, or a derivative was multiplied in twice."""
    for edge in _edges(case):
        written, values = case.formula_of(edge.node), [sample.primal[edge.node] for sample in case.samples]
        if all(edge.slopes) and _gives(case, edge, [value / slope for value, slope in zip(values, edge.slopes, strict=True)]):
            yield f"{written} stands in place of its derivative"
        if _gives(case, edge, edge.slopes) and any(abs(slope) != 1.0 for slope in edge.slopes):
            yield f"the derivative of {written} with respect to {case.formula_of(edge.operand)} is multiplied twice"


def _names(case: Case) -> Iterator[str]:
    """Whether a name was lost as a factor, or multiplied in once too often."""
    for name, node in case.graph.names.items():
        values = [sample.primal[node] if node < len(sample.primal) else 0.0 for sample in case.samples]
        if not values or not all(values):
            continue
        if case.is_claimed([number * value for number, value in zip(case.actual, values, strict=True)]):
            yield f"a factor {name} is too much"
        if case.is_claimed([number / value for number, value in zip(case.actual, values, strict=True)]):
            yield f"a factor {name} is lost"


def _close(a: Sequence[float], b: Sequence[float]) -> bool:
    return all(math.isclose(one, other, rel_tol=CLOSE) for one, other in zip(a, b, strict=True))
