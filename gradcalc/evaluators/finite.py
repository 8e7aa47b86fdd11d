"""Finite differences: the derivative measured from values, as anybody would who has no rules for it.

Without options the differences at ever smaller steps are extrapolated to step zero, and the disagreement between
extrapolations says how good the answer is (Ridders, Accurate computation of F'(x) and F'(x)F''(x), Advances in
Engineering Software 4, 1982; Richardson 1911). ``scheme`` and ``step`` give the textbook forms, with the textbook's
errors. This mode never reads the table's partials.
"""

import math
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from gradcalc.diagnostics import error
from gradcalc.evaluators import MEASURED, Can, Evaluator, Option
from gradcalc.evaluators.cost import of_values
from gradcalc.evaluators.univariate import Univariate
from gradcalc.graph import sweeps
from gradcalc.questions.answers import Answer, Request

SCHEMES = ("central", "forward", "backward", "richardson")
DEFAULT = "richardson"
EPSILON = sys.float_info.epsilon

#: How often the first step is halved at most, how many columns the tableau keeps, and how many rows without a better
#: entry end it once the best is good: in proportion to the derivative, or at the level of the values' own rounding.
_HALVINGS = 70
_COLUMNS = 9
_PATIENCE = 5
_GOOD = 1e-9
_ROUNDINGS = 16.0
#: Quotients do not move away from their limit by this part of it, unless the function has jumps.
_JUMP = 1e-3
#: A derivative less certain than this is worth a second try, closer by.
_DOUBTFUL = 1e-3

Function = Callable[[float], float]


class Measured(NamedTuple):
    """A derivative, the error that is to be expected in it, and how many values it took."""

    slope: float
    estimate: float
    values: int

    def doubt(self) -> float:
        """The expected error in proportion to the derivative."""
        return self.estimate / math.fabs(self.slope) if self.slope and math.isfinite(self.slope) else math.inf


def _scheme(value: Any) -> str:
    if value not in SCHEMES:
        raise error("option", f"there is no scheme {str(value)!r}", hint=f"the schemes are {', '.join(SCHEMES)}")
    return str(value)


def _step(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not 0.0 < number < math.inf:
        raise error("option", f"the step is {str(value)[:60]}, which is no positive number", hint="for instance 1e-6")
    return number


class FiniteDifference(Evaluator):
    """Differences of values, extrapolated to step zero; some twenty evaluations for each number."""

    name = "finite"
    summary = "differences of values, extrapolated, with an estimate of the error; independent of the derivative rules"
    can = Can.INDEPENDENT | Can.ARRAYS
    tolerance = MEASURED
    options = (Option("scheme", str, f"How differences are taken: {', '.join(SCHEMES[:-1])} or {DEFAULT} (default).", _scheme,
                      "SCHEME", SCHEMES),
               Option("step", float, "The step of the differences, or the first of them.", _step, "H"))

    def differentiate(self, request: Request, /) -> Answer:
        assert request.point is not None
        scheme, step = request.options.get("scheme", DEFAULT), request.options.get("step")
        primal = sweeps.values(request.graph, request.order, request.point, request.xp)
        operations = of_values(request.graph, request.order, primal) if request.counted else None
        value, precision = primal[request.root], request.xp.epsilon
        gradient, estimate = {}, {}
        for name, node in request.wrt.items():
            slopes, doubts, shape = [], [], (request.shapes or {}).get(node, ())
            for output, x in Univariate(request, primal, node).numbers(shape):
                found = Measured(0.0, 0.0, 0)
                if output.arrives:
                    found = extrapolated(output, x, value, step, precision) if scheme == "richardson" else textbook(
                        output, x, value, scheme, step, precision)
                slopes.append(found.slope)
                doubts.append(found.estimate)
                operations = None if operations is None else operations + output.rows * found.values
            gradient[name], estimate[name] = request.xp.gathered(slopes, shape), request.xp.gathered(doubts, shape)
        return Answer(value, gradient, operations, primal=primal, estimate=estimate if scheme == "richardson" else None)


def textbook(f: Function, x: float, value: float, scheme: str, step: float | None, precision: float = EPSILON) -> Measured:
    """One difference quotient.

    By default the step balances truncation and rounding: the cube root of the machine's precision for a central
    difference, its square root for a one-sided one, times the size of x.
    """
    h = step or precision ** (1.0 / 3.0 if scheme == "central" else 0.5) * max(1.0, math.fabs(x))
    if scheme == "central":
        return Measured((f(x + h) - f(x - h)) / (2.0 * h), math.nan, 2)
    side = h if scheme == "forward" else -h
    return Measured((f(x + side) - value) / side, math.nan, 1)


def extrapolated(f: Function, x: float, value: float, step: float | None = None, precision: float = EPSILON) -> Measured:
    """The limit of central differences. At the edge of the domain, where there are none, that of one-sided ones.

    The first step is about an eighth of x, or of 1 where x is smaller; that failing, where a pole is near, of x.
    """

    def both_sides(h: float) -> float:
        return _quotient(f(x + h), f(x - h), (x + h) - (x - h))

    first = step or _eighth(max(1.0, math.fabs(x)))
    central = _ridders(both_sides, 2, first, value, precision)
    if central.doubt() > _DOUBTFUL and 0.0 < math.fabs(x) < 1.0 and step is None:
        closer = _ridders(both_sides, 2, _eighth(x), value, precision)
        central = closer if closer.doubt() < min(_DOUBTFUL, central.doubt()) else central
    if math.isfinite(central.slope):
        return central
    after = _ridders(lambda h: _quotient(f(x + h), value, (x + h) - x), 1, first, value, precision)
    before = _ridders(lambda h: _quotient(value, f(x - h), x - (x - h)), 1, first, value, precision)
    return after if math.isfinite(after.slope) else before


def _eighth(x: float) -> float:
    """A power of two near x/8, so that x plus the step is exact."""
    return math.ldexp(1.0, math.frexp(x)[1] - 3)


def _quotient(after: float, before: float, distance: float) -> float:
    return (after - before) / distance if distance else math.nan


def _ridders(difference: Function, order: int, step: float, value: float, precision: float) -> Measured:
    """The best entry of Neville's tableau over halved steps.

    ``order`` is that of the error's expansion: its powers are ``h^order, h^(2*order), ...``. The descent ends when the
    best gets no better, and is good or as good as rounding allows; else the function has features finer than the step.
    Quotients that move away from the best as the step shrinks show that it was a coincidence, such as large steps find
    on floor(x).
    """
    best, doubt, stale, taken, good = math.nan, math.inf, 0, 0, False
    above: list[float] = []
    for halving in range(_HALVINGS):
        h = math.ldexp(step, -halving)
        first = difference(h)
        taken += order
        if not math.isfinite(first):
            above = []
            continue
        noise = precision * math.fabs(value) / h
        slack = 10.0 * (doubt + noise) + _JUMP * math.fabs(best)
        if above and math.fabs(first - best) > 2.0 * math.fabs(above[0] - best) + slack:
            above, doubt, good = [], math.inf, False
        above, entry, distance = _next_row(above, first, order, noise)
        stale += 1
        if distance < doubt:
            best, doubt, stale = entry, distance, 0
            good = doubt <= max(_GOOD * math.fabs(best), _ROUNDINGS * noise)
        if stale >= _PATIENCE and (good or noise > doubt):
            break
    return Measured(best, doubt, taken)


def _next_row(above: list[float], first: float, order: int, noise: float) -> tuple[list[float], float, float]:
    """The next row of the tableau, its best entry, and the error that is to be expected in that.

    An entry's error is taken to be its distance from the two that it was made of, and the rounding of the values.
    """
    row, best, doubt = [first], first, math.inf
    for column, neighbour in enumerate(above[:_COLUMNS]):
        row.append(row[-1] + (row[-1] - neighbour) / (2.0 ** (order * (column + 1)) - 1.0))
        distance = max(math.fabs(row[-1] - row[-2]), math.fabs(row[-1] - neighbour)) + noise
        if distance < doubt:
            best, doubt = row[-1], distance
    return row, best, doubt
