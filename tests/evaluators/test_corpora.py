"""Every formula of the corpora in every mode, against 25 digits from elsewhere.

The bound is 1e-12 of the number, 1e-6 for finite differences. Some formulas lose more than that to rounding, whoever
computes them in double precision: they subtract large numbers that nearly agree. For those the bound is measured, by Monte
Carlo arithmetic (Parker 1997): the formula and its forward sweep run again with every result of every operation moved by
up to one unit in its last place, at random. What twice the largest departure from the 25 digits among such runs covers
is rounding; more is an error. Finite differences see the rounding of the value divided by their step, so theirs is the
value's departure over the step at which their errors balance.

On x86-64 with glibc ten formulas need it: rubi-1085, -1095, -1105, -1117, -1119, -1229, -1241, -1380, -1388 and -1571 are
antiderivatives whose terms cancel to a thousandth and less of their size (rubi-1119: 1020 is the value, 3.6e-7 the
derivative), and so does Livermore2-Vars2-18, one of whose derivatives is exactly 0. None needs more than two fifths of it.
"""

import math
import random
from collections.abc import Callable
from functools import cache

import pytest

import gradcalc
from gradcalc.evaluators import BUILT_IN, Can, evaluator
from gradcalc.graph import sweeps
from gradcalc.graph.namespaces import scalars
from tests.corpora import MISSING, Formula, formulas
from tests.modes import tolerance

FORMULAS = formulas()
BOUND = {mode: tolerance(mode, 1e-12, times=10.0) for mode in BUILT_IN}
RUNS = 24
#: How many formulas one test takes: a test of its own for each would cost more than the formula.
TOGETHER = 40
#: Real formulas whose published form goes through complex numbers: a root or a logarithm of a negative number, whose imaginary
#: parts cancel in the end. Over the real numbers they are undefined, and every mode must say so.
COMPLEX_ON_THE_WAY = {"rubi-232", "rubi-1015", "rubi-1101", "rubi-1111", "rubi-1113", "Livermore2-Vars7-17"}
#: The reference shows a derivative that is exactly 0 as what 100 digits of rounding left of it.
ZERO = 1e-90

pytestmark = pytest.mark.skipif(not FORMULAS, reason=MISSING)


def truth(number: str) -> float:
    return 0.0 if abs(float(number)) < ZERO else float(number)


class Noisy(float):
    """A float whose every operation is off by up to one unit in the last place, at random."""

    source = random.Random(0)

    @classmethod
    def blurred(cls, value: float) -> "Noisy":
        return cls(value * (1.0 + cls.source.uniform(-1.0, 1.0) * 2.0**-52))

    def __add__(self, other: float) -> "Noisy":
        return Noisy.blurred(float(self) + float(other))

    def __sub__(self, other: float) -> "Noisy":
        return Noisy.blurred(float(self) - float(other))

    def __rsub__(self, other: float) -> "Noisy":
        return Noisy.blurred(float(other) - float(self))

    def __mul__(self, other: float) -> "Noisy":
        return Noisy.blurred(float(self) * float(other))

    def __truediv__(self, other: float) -> "Noisy":
        return Noisy.blurred(float(self) / float(other))

    def __rtruediv__(self, other: float) -> "Noisy":
        return Noisy.blurred(float(other) / float(self))

    def __neg__(self) -> "Noisy":
        return Noisy(-float(self))

    __radd__, __rmul__ = __add__, __mul__


class NoisyScalars:
    """The namespace of floats, with noise."""

    pi, nan, ranked = Noisy(math.pi), math.nan, False

    def constant(self, value: float) -> Noisy:
        return Noisy(value)

    def __getattr__(self, name: str) -> Callable[..., Noisy]:
        exact = getattr(scalars, name)
        return lambda *args: Noisy.blurred(exact(*args))


@cache
def departures(identifier: str) -> dict[str | None, float]:
    """How far rounding alone drives the value (by the key None) and each derivative from the truth."""
    formula = next(formula for formula in FORMULAS if formula.name == identifier)
    request = gradcalc.parse(formula.expression).request(list(formula.gradient), formula.at)[0]
    Noisy.source.seed(identifier)
    noise = NoisyScalars()
    truths = {None: truth(formula.value), **{name: truth(slope) for name, slope in formula.gradient.items()}}
    found = dict.fromkeys(truths, 0.0)
    for _ in range(RUNS):
        point = {node: Noisy(value) for node, value in request.point.items()}
        primal = sweeps.values(request.graph, request.order, point, noise)
        run = {None: primal[request.root]}
        for name, node in request.wrt.items():
            run[name] = sweeps.forward(request.graph, request.order, primal, {node: Noisy(1.0)}, noise)[request.root]
        for name, expected in truths.items():
            found[name] = max(found[name], abs(float(run[name] or 0.0) - expected))
    return found


def allowed(formula: Formula, name: str | None, expected: float, mode: str) -> float:
    """The bound for an ill-conditioned number: twice what rounding does."""
    rounding = departures(formula.name)
    if Can.EXACT not in evaluator(mode).can and name is not None:
        step = max(1.0, abs(formula.at[name])) / 16.0
        return 2.0 * (rounding[None] / step + rounding[name])
    return 2.0 * rounding[name]


@pytest.mark.parametrize("mode", BUILT_IN)
@pytest.mark.parametrize("first", range(0, len(FORMULAS), TOGETHER), ids=lambda first: FORMULAS[first].name)
def test_formulas(first: int, mode: str) -> None:
    """So many formulas from this one on; each that is wrong is named."""
    formulas = FORMULAS[first:first + TOGETHER]
    assert formulas
    wrong = [f"{formula.name}: {fault}" for formula in formulas if (fault := fault_of(formula, mode))]
    assert not wrong, "\n".join(wrong)


def fault_of(formula: Formula, mode: str) -> str | None:
    """What is wrong with a mode's answer; None where nothing is."""
    program = gradcalc.parse(formula.expression)
    try:
        result = program.diff(list(formula.gradient), formula.at, mode)
    except gradcalc.GradcalcError as problem:
        expected = formula.name in COMPLEX_ON_THE_WAY and problem.diagnostic.code == "undefined"
        return None if expected else str(problem)
    if formula.name in COMPLEX_ON_THE_WAY or result.gradient is None:
        return f"it is {result.value!r} with the gradient {result.gradient}"
    for name, digits, found in [(None, formula.value, result.value),
                                *((name, digits, result.gradient[name]) for name, digits in formula.gradient.items())]:
        expected = truth(digits)
        if found is None or not math.isfinite(found):
            return f"{name or 'the value'} is {found!r}, not {digits}"
        distance, bound = abs(found - expected), BOUND[mode] * abs(expected)
        if distance > bound and distance > allowed(formula, name, expected, mode):
            return f"{name or 'the value'} is {found!r}, not {digits}; rounding explains {departures(formula.name)[name]:.1e}"
    return None
