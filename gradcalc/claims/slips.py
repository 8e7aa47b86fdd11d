"""The slip behind a wrong claim: a rule of the chain that, applied wrongly, gives the numbers claimed.

The derivative is a sum over paths, and linear in the slope of each operation on them. So what an operation has to hand on to
make the claim true follows from its share of the sum: a slope of 1 is an inner derivative left out, 0 a path forgotten, its
negative a sign. An explanation counts only if it holds at every point that is tried.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from gradcalc.claims.statements import Statement
from gradcalc.graph import sweeps
from gradcalc.graph.namespaces import scalars
from gradcalc.graph.operations import TABLE
from gradcalc.graph.tape import CONST, INPUT, Graph

#: How nearly an explanation has to meet the claim, in proportion.
CLOSE = 1e-7
#: The factors that are lost or put in too often.
FACTORS = {2.0: "2", 0.5: "1/2", 3.0: "3", 1 / 3: "1/3", 4.0: "4", 0.25: "1/4", 5.0: "5", 0.2: "1/5", 6.0: "6", 1 / 6: "1/6",
           8.0: "8", 0.125: "1/8", 10.0: "10", 0.1: "1/10", 100.0: "100", 0.01: "1/100", 1.5: "3/2", 2 / 3: "2/3",
           math.pi: "pi", 1 / math.pi: "1/pi", 2 * math.pi: "2*pi", 0.5 / math.pi: "1/(2*pi)", math.log(2): "log(2)",
           1 / math.log(2): "1/log(2)", math.log(10): "log(10)", 1 / math.log(10): "1/log(10)", math.pi / 180: "pi/180",
           180 / math.pi: "180/pi"}
#: Of a part of the program so many characters are shown.
SHOWN = 40
#: A larger program is not searched for the operation to blame.
SEARCHED = 2_000


class Sample(NamedTuple):
    """A point: the value of each node of the program, its adjoint, and its tangent along the name of the claim."""

    primal: Sequence[float]
    adjoints: Sequence[float | None]
    tangents: Sequence[float | None]


class Case(NamedTuple):
    """A wrong claim at some points: what it says there, and the derivative by every name of the program.

    ``places`` are there for a program of numbers that is not too large. ``rivals`` are the other claims, by name.
    """

    statement: Statement
    claimed: Sequence[float]
    truths: Mapping[str, Sequence[float]]
    rivals: Mapping[str, Sequence[float]]
    text: str
    graph: Graph
    places: Sequence[Sample]

    @property
    def actual(self) -> Sequence[float]:
        return self.truths[self.statement.name]

    def is_claimed(self, numbers: Sequence[float]) -> bool:
        """Whether these are the numbers claimed, one for each point."""
        slack = self.statement.slack()
        return any(map(abs, self.claimed)) and all(
            math.isfinite(b) and abs(a - b) <= CLOSE * max(abs(a), abs(b)) + slack
            for a, b in zip(self.claimed, numbers, strict=True))

    def written(self, node: int) -> str:
        """A node as the program has it: its name, or its text."""
        name = self.graph.labels().get(node)
        span = self.graph.span(node)
        if name is not None or span is None:
            return name or TABLE[self.graph.instructions[node].op].name
        shown = " ".join(self.text[span.start:span.end].split())
        return shown if len(shown) <= SHOWN else shown[:SHOWN - 1] + "…"


def place(graph: Graph, root: int, node: int, point: Mapping[int, float]) -> Sample:
    """The values, adjoints and tangents at a point."""
    order = graph.ancestors([root])
    primal = sweeps.values(graph, order, point, scalars)
    sources = [each for each in order if graph.instructions[each].op == INPUT or each in point]
    active = graph.descendants([*sources, node], order)
    return Sample(primal, sweeps.reverse(graph, order, primal, active, scalars),
                 sweeps.forward(graph, order, primal, {node: 1.0}, scalars))


def slip(case: Case) -> str | None:
    """What went wrong, in a sentence, or None where nothing simple explains the claim."""
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
    """The other name with respect to which it is the derivative."""
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
    """An inner derivative left out, of the whole or of one term."""
    node = case.graph.names[case.statement.name]
    for inner in _nodes(case, lambda each: each != node):
        shares = [(spot.adjoints[inner] or 0.0, spot.tangents[inner] or 0.0) for spot in case.places]
        if all(abs(abs(moves) - 1.0) < CLOSE for _, moves in shares) or not any(pushed for pushed, _ in shares):
            continue
        changed = [number + pushed * (1.0 - moves) for number, (pushed, moves) in zip(case.actual, shares, strict=True)]
        if case.is_claimed(changed):
            yield f"the inner derivative is missing, that of {case.written(inner)} with respect to {case.statement.name}"


class Edge(NamedTuple):
    """An operation and one of its operands, on a path: its slopes and its shares of the derivative, point by point."""

    node: int
    operand: int
    position: int
    slopes: Sequence[float]
    shares: Sequence[float]


def _nodes(case: Case, wanted: Callable[[int], bool]) -> list[int]:
    """The nodes between the name and the output, without the output."""
    if not case.places:
        return []
    tangents, adjoints = case.places[0].tangents, case.places[0].adjoints
    return [node for node in range(min(len(tangents), len(adjoints)) - 1)
            if tangents[node] is not None and adjoints[node] is not None and wanted(node)]


def _edges(case: Case) -> Iterator[Edge]:
    """Every edge on a path from the name to the output that has a slope."""
    if not case.places:
        return
    known = case.places[0]
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
            for spot in case.places:
                try:
                    slope = float(partial(scalars, spot.primal[node], *[spot.primal[each] for each in args]))
                except sweeps.UNDEFINED:
                    slope = math.nan
                slopes.append(slope)
                shares.append((spot.adjoints[node] or 0.0) * slope * (spot.tangents[operand] or 0.0))
            if any(shares) and all(map(math.isfinite, shares)):
                yield Edge(node, operand, position, slopes, shares)


def _with(case: Case, edge: Edge, factors: Sequence[float]) -> bool:
    """Whether the claim is what comes of this edge's slope being multiplied by these factors, one for each point."""
    return all(map(math.isfinite, factors)) and case.is_claimed(
        [number + (factor - 1.0) * share for number, factor, share in zip(case.actual, factors, edge.shares, strict=True)])


def _exponents(case: Case) -> Iterator[str]:
    """The two halves of the rule for powers."""
    for edge in _edges(case):
        op, args, _ = case.graph.instructions[edge.node]
        if op != "pow" or edge.position != 0 or case.graph.instructions[args[1]].op != CONST:
            continue
        exponent, written = float(case.graph.instructions[args[1]].payload), case.written(edge.node)
        bases = [spot.primal[edge.operand] for spot in case.places]
        moved = [spot.tangents[edge.operand] or 0.0 for spot in case.places]
        if exponent and _with(case, edge, [1.0 / exponent] * len(bases)):
            yield f"in the derivative of {written} the exponent {exponent:g} is missing as a factor"
        if _with(case, edge, bases):
            yield f"in the derivative of {written} the exponent is not lowered by 1"
        if exponent and _with(case, edge, [base / exponent for base in bases]):
            yield f"{written} stands in place of its derivative"
        if all(moved) and exponent and _with(case, edge, [1.0 / (exponent * move) for move in moved]):
            yield f"in the derivative of {written} the factor {exponent:g}, its exponent, and the inner derivative are missing"


def _lost_slopes(case: Case) -> Iterator[str]:
    for edge in _edges(case):
        if all(slope and abs(abs(slope) - 1.0) > CLOSE for slope in edge.slopes) and _with(
                case, edge, [1.0 / slope for slope in edge.slopes]):
            op, args, _ = case.graph.instructions[edge.node]
            if op == "mul":
                factor = case.written(args[1 - edge.position])
                yield f"the factor {factor} of {case.written(edge.node)} is missing"
            else:
                yield (f"the inner derivative is missing, that of {case.written(edge.node)} with respect to "
                       f"{case.written(edge.operand)}")


def _paths(case: Case, single: bool) -> Iterator[str]:
    """A term forgotten, or with the wrong sign or factor."""
    for edge in _edges(case):
        if _with(case, edge, [0.0] * len(edge.shares)):
            yield f"a term is missing: what {case.statement.name} does through {case.written(edge.node)}"
    if single:
        return
    for edge in _edges(case):
        if _with(case, edge, [-1.0] * len(edge.shares)):
            yield f"the derivative of {case.written(edge.node)} has the wrong sign"
        for factor, written in FACTORS.items():
            if _with(case, edge, [factor] * len(edge.shares)):
                yield f"the term through {case.written(edge.node)} is {written} times what it should be"


def _products(case: Case) -> Iterator[str]:
    """(u*v)' taken for u'*v', and (u/v)' for u'/v'."""
    for node in _nodes(case, lambda each: case.graph.instructions[each].op in ("mul", "div")) + _last(case):
        op, (left, right), _ = case.graph.instructions[node]
        moves = [(spot.tangents[left], spot.tangents[right]) for spot in case.places]
        if any(not a or not b for a, b in moves):
            continue
        wrong = [(a or 0.0) * (b or 0.0) if op == "mul" else (a or 0.0) / (b or 1.0) for a, b in moves]
        if case.is_claimed([number + (spot.adjoints[node] or 0.0) * (other - (spot.tangents[node] or 0.0))
                            for number, spot, other in zip(case.actual, case.places, wrong, strict=True)]):
            kind = "product" if op == "mul" else "quotient"
            yield f"the derivative of the {kind} {case.written(node)} is not the {kind} of the derivatives"


def _last(case: Case) -> list[int]:
    root = len(case.places[0].tangents) - 1 if case.places else -1
    return [root] if root >= 0 and case.graph.instructions[root].op in ("mul", "div") else []


def _wrong_rules(case: Case) -> Iterator[str]:
    for edge in _edges(case):
        written, values = case.written(edge.node), [spot.primal[edge.node] for spot in case.places]
        if all(edge.slopes) and _with(case, edge, [value / slope for value, slope in zip(values, edge.slopes, strict=True)]):
            yield f"{written} stands in place of its derivative"
        if _with(case, edge, edge.slopes) and any(abs(slope) != 1.0 for slope in edge.slopes):
            yield f"the derivative of {written} with respect to {case.written(edge.operand)} is multiplied twice"


def _names(case: Case) -> Iterator[str]:
    """A name lost, or put in too often, as a factor."""
    for name, node in case.graph.names.items():
        values = [spot.primal[node] if node < len(spot.primal) else 0.0 for spot in case.places]
        if not values or not all(values):
            continue
        if case.is_claimed([number * value for number, value in zip(case.actual, values, strict=True)]):
            yield f"a factor {name} is too much"
        if case.is_claimed([number / value for number, value in zip(case.actual, values, strict=True)]):
            yield f"a factor {name} is lost"


def _close(a: Sequence[float], b: Sequence[float]) -> bool:
    return all(math.isclose(one, other, rel_tol=CLOSE) for one, other in zip(a, b, strict=True))
