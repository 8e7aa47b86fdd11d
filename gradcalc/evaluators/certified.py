"""Certified mode: value and gradient correctly rounded, with enclosures that prove it.

The values and the reverse sweep run in ball arithmetic, with twice as many bits each time, until both ends of the value's ball
and of each derivative's round to the same double: the one nearest to the number (Ziv, Fast evaluation of elementary
mathematical functions with correctly rounded last bit, ACM TOMS 17, 1991). What is proven is what the table's rules say at the
point as it was given; that the rules are right is for an independent mode to witness, or for ``measured`` below.

The point is made of doubles, and the program of numbers as they are written: 0.1 is a tenth. But where in doubles it stands at
a kink or at a boundary, x > 0.1 where x is the double nearest to a tenth, its numbers are taken for doubles too.

A choice that no precision decides is not made: a ball around sin(pi) holds 0 in however many bits, so the mode says that abs of
it has a kink there. Nor does a number halfway between two doubles, unless it is exact, ever round. So there is a limit.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from gradcalc.diagnostics import Diagnostic, error
from gradcalc.evaluators import Can, Evaluator, Option
from gradcalc.evaluators.cost import of_reverse, of_values
from gradcalc.evaluators.univariate import Univariate
from gradcalc.graph import sweeps
from gradcalc.graph.operations import TABLE
from gradcalc.graph.tape import CONST, INPUT
from gradcalc.questions.answers import Answer, Proof, Request
from gradcalc.singular.kinks import Singularity, kinks_at

#: The bits of the first attempt: those of a double, and as many as most formulas lose.
FIRST = 128
#: The bits of the last one, unless the option ``max_bits`` says otherwise, and what it may say at least.
MOST, LEAST = 16384, 64
#: How many proven digits are shown.
DIGITS = 40
#: The bits in which differences of values are taken, and of how many the step is.
MEASURING, STEP = 1024, 200


def _most_bits(most: Any) -> int:
    """The limit. Raises GradcalcError for anything but a whole number of bits that is enough for a double."""
    if isinstance(most, bool) or not isinstance(most, int) or most < LEAST:
        raise error("option", f"max_bits is {str(most)[:60]}, which is no whole number from {LEAST} on",
                    hint=f"for instance {MOST}")
    return most


class Certified(Evaluator):
    """Balls, with as many bits as it takes."""

    name = "certified"
    summary = "value and gradient correctly rounded, with the proof of their digits (python-flint)"
    can = Can.EXACT | Can.ADJOINTS | Can.PROVES
    options = (Option("max_bits", int, f"The most bits that are taken. Default: {MOST}.", _most_bits, "N"),)

    def differentiate(self, request: Request, /) -> Answer:
        balls, most, point = namespace(), request.options.get("max_bits", MOST), _doubles(request)
        bits, operations = min(FIRST, most), 0
        while True:
            with balls.precision(bits):
                found = _attempt(request, point, balls)
                operations += found.operations
                if found.decided or bits >= most:
                    return _answer(request, balls, found, bits)._replace(operations=operations if request.counted else None)
            bits = min(2 * bits, most)


def namespace() -> Any:
    """The balls. Raises GradcalcError where their library is not installed."""
    try:
        from gradcalc.graph.namespaces import balls
    except ModuleNotFoundError as problem:
        if problem.name != "flint":
            raise
        raise error("unsupported", "the mode 'certified' needs python-flint: pip install 'gradcalc[certified]'") from None
    return balls


def measured(request: Request) -> dict[str, float]:
    """The derivatives from values alone, for the judgement of those that the rules give: central differences in so many bits
    that neither their truncation nor their rounding shows in a double. NaN where a side has no value."""
    balls = namespace()
    with balls.precision(MEASURING):
        primal = _values(request, _doubles(request), balls)
        slopes = {}
        for name, node in request.wrt.items():
            output = Univariate(request._replace(xp=balls), primal, node)
            (_, x), = output.numbers(())
            step = math.ldexp(1.0, -STEP)
            step = balls.constant(step) * (balls.maximum(balls.abs(x), step) if output.arrives else 1.0)
            slopes[name] = balls.plain((output(x + step) - output(x - step)) / (2.0 * step)) if output.arrives else 0.0
    return slopes


class _Attempt(NamedTuple):
    """What so many bits give: the balls of all values, and unless the output's own is undecided or none, those of all adjoints
    and of the derivatives, and the kinks. ``decided`` says whether each number that is asked for has its double."""

    primal: list[Any]
    adjoints: list[Any]
    gradient: Mapping[str, Any]
    singularity: Singularity | None
    decided: bool
    operations: int


def _doubles(request: Request) -> Mapping[int, float]:
    """The values that are taken for doubles: those of the point, and at a kink the program's own numbers."""
    graph, point = request.graph, request.point
    assert point is not None
    own = {node: graph.instructions[node].payload for node in request.order if graph.instructions[node].op == CONST}
    if all(x.is_integer() for x in own.values()):
        return point
    everywhere = request._replace(wrt={str(node): node for node in point})
    singularity = kinks_at(everywhere, sweeps.values(graph, request.order, point, request.xp), sided=False)
    return point if singularity is None or all(kink.near for kink in singularity.kinks) else {**own, **point}


def _values(request: Request, point: Mapping[int, float], balls: Any) -> list[Any]:
    return sweeps.values(request.graph, request.order, {node: balls.exact(x) for node, x in point.items()}, balls)


def _attempt(request: Request, point: Mapping[int, float], balls: Any) -> _Attempt:
    graph, order = request.graph, request.order
    primal = _values(request, point, balls)
    operations = of_values(graph, order, primal) if request.counted else 0
    value = balls.rounded(primal[request.root])
    if value is None or not math.isfinite(value):
        return _Attempt(primal, [], {}, None, value is not None, operations)
    wanted = graph.descendants(request.wrt.values(), order)
    adjoints = sweeps.reverse(graph, order, primal, wanted, balls)
    operations += of_reverse(graph, order, wanted, primal) if request.counted else 0
    gradient: Mapping[str, Any] = {name: _arrived(adjoints, node, balls) for name, node in request.wrt.items()}
    asked = request._replace(xp=balls)
    sides: tuple[Any, ...] = ()
    singularity = kinks_at(asked, primal)
    if singularity is not None and singularity.sides is not None:
        gradient = singularity.settle(asked, Answer(gradient=gradient), request.kinks, False, True).gradient or {}
        sides = (*singularity.sides.left.values(), *singularity.sides.right.values())
    decided = all(balls.rounded(each) is not None for each in (*gradient.values(), *sides))
    return _Attempt(primal, adjoints, gradient, singularity, decided, operations)


def _arrived(adjoints: Sequence[Any], node: int, balls: Any) -> Any:
    """A node's adjoint, 0 where none arrived."""
    found = adjoints[node] if node < len(adjoints) else None
    return balls.zeros(()) if found is None else found


def _answer(request: Request, balls: Any, found: _Attempt, bits: int) -> Answer:
    """The doubles, NaN where there are none, and what proves them. Raises GradcalcError for a number that does not round."""
    value = found.primal[request.root]
    for what, ball in (("the value", value), *((f"the derivative with respect to {name}", slope)
                                               for name, slope in found.gradient.items())):
        if balls.finite(ball) and balls.rounded(ball) is None:
            raise error("limit", f"{bits:,} bits do not decide how {what} rounds: it is in {balls.text(ball, DIGITS)}",
                        request.graph.span(request.root), "give it more: max_bits=…, or --max-bits")
    answer = Answer(_double(balls, value), {name: _double(balls, found.gradient.get(name, balls.nan)) for name in request.wrt},
                    primal=[None if ball is None else balls.plain(ball) for ball in found.primal],
                    singularity=_in_doubles(balls, found.singularity))
    if not all(map(math.isfinite, (answer.value, *(answer.gradient or {}).values()))):
        return answer._replace(reason=_reason(request, balls, found, bits))
    proof = Proof(balls.text(value, DIGITS), {name: balls.text(slope, DIGITS) for name, slope in found.gradient.items()}, bits)
    return answer._replace(proof=proof, adjoints=_all_adjoints(request, balls, found))


def _in_doubles(balls: Any, singularity: Singularity | None) -> Singularity | None:
    """The kinks with the doubles nearest to their numbers."""
    if singularity is None:
        return None
    kinks = [kink._replace(operands=[balls.plain(operand) for operand in kink.operands]) for kink in singularity.kinks]
    sides = singularity.sides
    if sides is not None:
        left, right = ({name: _double(balls, slope) for name, slope in side.items()} for side in (sides.left, sides.right))
        sides = sides._replace(left=left, right=right)
    return singularity._replace(kinks=kinks, sides=sides)


def _double(balls: Any, ball: Any) -> float:
    rounded = balls.rounded(ball)
    return math.nan if rounded is None else rounded


def _all_adjoints(request: Request, balls: Any, found: _Attempt) -> list[float | None]:
    """The adjoints of all live nodes, as doubles near them: for the table of nodes, which is not proven."""
    graph, order = request.graph, request.order
    sources = [node for node in order if graph.instructions[node].op == INPUT]
    active = graph.descendants([*sources, *(request.point or ()), *request.wrt.values()], order)
    adjoints = found.adjoints
    if request.traced and active != graph.descendants(request.wrt.values(), order):
        adjoints = sweeps.reverse(graph, order, found.primal, active, balls)
    return [None if ball is None else balls.plain(ball) for ball in adjoints]


# -- why there is no answer --------------------------------------------------------------------------------------------


def _reason(request: Request, balls: Any, found: _Attempt, bits: int) -> Diagnostic | None:
    """Why the value or a derivative is not finite. None where it is not in doubles either, for the reason is then known."""
    graph, xp = request.graph, request.xp
    assert request.point is not None
    value, what = found.primal[request.root], ""
    primal = sweeps.values(graph, request.order, request.point, xp)
    if found.gradient:
        name, ball = next((name, ball) for name, ball in found.gradient.items() if not math.isfinite(_double(balls, ball)))
        what = f"the derivative with respect to {name}: "
        node = _origin_of_derivative(request, balls, found.adjoints)
        slopes = sweeps.reverse(graph, request.order, primal, graph.descendants(request.wrt.values(), request.order), xp)
        in_doubles = slopes[request.wrt[name]] or 0.0
    else:
        ball, node, in_doubles = value, _origin(request, balls, found.primal), primal[request.root]
    op, args, _ = graph.instructions[node]
    if ball.doubt is not None:
        holds = "a kink" if found.gradient and ball.doubt == balls.JUMP else ball.doubt
        operands = ", ".join(balls.text(found.primal[argument], 4) for argument in args)
        return Diagnostic("undefined", f"{what}{op} of {operands}: the ball holds {holds}", graph.span(node),
                          f"{bits:,} bits do not tell; more may: max_bits=…, or --max-bits")
    if not xp.finite(in_doubles):
        return None
    if not balls.finite(ball):
        return Diagnostic("undefined", f"{what}{op}: {TABLE[op].needs or 'it is not defined here'}", graph.span(node))
    return Diagnostic("undefined", f"{what or 'the value: '}it is beyond the largest double, {balls.text(ball, 4)}",
                      graph.span(request.root))


def _origin(request: Request, balls: Any, primal: Sequence[Any]) -> int:
    """The first instruction on the way from the output whose ball is none though its arguments' are."""
    node = request.root
    while True:
        read = _read(request, balls, primal, node)
        before = next((argument for argument in read if not balls.finite(primal[argument])), None)
        if before is None:
            return node
        node = before


def _read(request: Request, balls: Any, primal: Sequence[Any], node: int) -> Iterator[int]:
    """The arguments that the node's value is made of; of a choice the condition, then the branch that is taken."""
    op, args, _ = request.graph.instructions[node]
    if not (args and TABLE[op].gates):
        yield from args
        return
    yield args[0]
    yield args[1] if balls.gate(primal[args[0]]) else args[2]


def _origin_of_derivative(request: Request, balls: Any, adjoints: Sequence[Any]) -> int:
    """The instruction with a finite adjoint that hands on one that is not; the output itself where there is none."""
    for node in reversed(request.order):
        if adjoints[node] is not None and balls.finite(adjoints[node]):
            handed = (adjoints[argument] for argument in request.graph.instructions[node].args)
            if any(adjoint is not None and not balls.finite(adjoint) for adjoint in handed):
                return node
    return request.root
