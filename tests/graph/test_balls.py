"""Balls hold the number: each row of the table, its partials, and the choices that a ball cannot make.

The numbers are mpmath's, at 60 digits and from formulas of its own; its derivatives are differences of those.
"""

import math
import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import pytest
from mpmath import mpf

from gradcalc.graph.namespaces import scalars
from gradcalc.graph.operations import TABLE
from gradcalc.graph.operations.operation import Operation
from gradcalc.singular.conditions import condition

flint = pytest.importorskip("flint", reason="python-flint, which the certified mode computes with, is not installed")

from gradcalc.graph.namespaces import balls  # noqa: E402
from gradcalc.graph.namespaces.balls import EDGE, JUMP, POLE, Ball, rounded  # noqa: E402

DIGITS, BITS, POINTS = 60, 128, 40


def _clip(x: mpf, low: mpf, high: mpf) -> mpf:
    return min(max(x, low), high)


def _mod(a: mpf, b: mpf) -> mpf:
    return a - b * mpmath.floor(a / b)


def _heaviside(x: mpf) -> mpf:
    return (mpmath.sign(x) + 1) / 2


#: Every elementwise row once more, in mpmath.
TRUTH: dict[str, Callable[..., Any]] = {
    "pi": lambda: +mpmath.pi, "tau": lambda: 2 * mpmath.pi,
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "div": lambda a, b: a / b,
    "neg": lambda a: -a, "pow": lambda a, b: a ** (int(b) if b == int(b) else b),
    "lt": lambda a, b: mpf(a < b), "le": lambda a, b: mpf(a <= b), "gt": lambda a, b: mpf(a > b),
    "ge": lambda a, b: mpf(a >= b), "eq": lambda a, b: mpf(a == b), "ne": lambda a, b: mpf(a != b),
    "and": lambda a, b: mpf(a != 0 and b != 0), "or": lambda a, b: mpf(a != 0 or b != 0), "not": lambda a: mpf(a == 0),
    "where": lambda c, a, b: a if c != 0 else b,
    "sqrt": mpmath.sqrt, "cbrt": lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)), "exp": mpmath.exp, "expm1": mpmath.expm1,
    "log": mpmath.log, "log2": lambda x: mpmath.log(x) / mpmath.log(2), "log10": lambda x: mpmath.log(x) / mpmath.log(10),
    "log1p": lambda x: mpmath.log(1 + x), "sin": mpmath.sin, "cos": mpmath.cos, "tan": mpmath.tan, "sec": mpmath.sec,
    "csc": mpmath.csc, "cot": mpmath.cot, "asin": mpmath.asin, "acos": mpmath.acos, "atan": mpmath.atan, "atan2": mpmath.atan2,
    "sinh": mpmath.sinh, "cosh": mpmath.cosh, "tanh": mpmath.tanh, "asinh": mpmath.asinh, "acosh": mpmath.acosh,
    "atanh": mpmath.atanh, "hypot": lambda a, b: mpmath.sqrt(a * a + b * b), "erf": mpmath.erf, "erfc": mpmath.erfc,
    "abs": abs, "sign": mpmath.sign, "heaviside": _heaviside, "floor": mpmath.floor, "ceil": mpmath.ceil,
    "round": mpmath.nint, "mod": _mod, "max": max, "min": min, "clip": _clip,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)), "relu": lambda x: max(x, mpf(0)),
    "leaky_relu": lambda x: x if x > 0 else x / 100, "elu": lambda x: x if x > 0 else mpmath.expm1(x),
    "softplus": lambda x: mpmath.log(1 + mpmath.exp(x)), "gelu": lambda x: x * mpmath.ncdf(x),
    "silu": lambda x: x / (1 + mpmath.exp(-x))}
ELEMENTWISE = [row for row in TABLE.values() if row.shape is None]


@pytest.fixture(autouse=True)
def digits() -> Any:
    with mpmath.workdps(DIGITS), balls.precision(BITS):
        yield


def number(rng: random.Random) -> float:
    return rng.choice((rng.uniform(-1.0, 1.0), float(rng.randint(-4, 4)), rng.uniform(-30.0, 30.0), rng.gauss(0.0, 1.0) * 1e-9,
                       rng.uniform(1.0, 6.0)))


def samples(row: Operation, smooth: bool) -> list[tuple[float, ...]]:
    """Points of the row's domain; ``smooth`` leaves out those at a kink or under a vertical tangent, or near one, and those
    with a 0 or two equal numbers, where a higher derivative may jump."""
    rng, found = random.Random(row.name), []
    while len(found) < POINTS:
        point = tuple(number(rng) for _ in row.parameters)
        inside = row.domain is None or condition(row.domain, row.parameters).holds(point)
        rough = len({0.0, *point}) <= len(point) or any(
            text is not None and beside(text, row.parameters, point) for text in (row.kink, row.vertical))
        if inside and math.isfinite(row.value(scalars, *point)) and not (smooth and rough):
            found.append(point)
    return found


def beside(text: str, parameters: tuple[str, ...], point: tuple[float, ...]) -> bool:
    stated = condition(text, parameters)
    values = stated.values(point)
    return values[-1] != 0.0 or any(abs(values[a] - values[b]) < 1e-6 for a, b in stated.equations.values())


def holds(found: Ball, truth: Any, slack: float = 1e-45) -> bool:
    """Whether the ball is narrow and has the number in it, but for the number's own error."""
    assert balls.finite(found), found
    error = slack * max(1.0, abs(truth))
    exact = flint.arb(mpmath.nstr(truth, 55), mpmath.nstr(error, 5))
    return bool(found.ball.overlaps(exact)) and float(found.ball.rad()) <= 1e-25 * max(1.0, abs(float(truth)))


def test_every_elementwise_row_has_its_truth() -> None:
    assert {row.name for row in ELEMENTWISE} == set(TRUTH)


@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
def test_the_value(row: Operation) -> None:
    for point in samples(row, smooth=False):
        found, truth = row.value(balls, *map(balls.exact, point)), TRUTH[row.name](*map(mpf, point))
        assert holds(found, truth), (point, found, truth)
        nearest = rounded(found)
        assert nearest is not None and abs(mpf(nearest) - truth) <= 0.5 * math.ulp(nearest) * (1 + mpf(10) ** -40), point


@pytest.mark.parametrize("row", [row for row in ELEMENTWISE if any(row.partials) and not row.gates], ids=lambda row: row.name)
def test_the_partials(row: Operation) -> None:
    for point in samples(row, smooth=True):
        operands = [balls.exact(x) for x in point]
        value = row.value(balls, *operands)
        for place, partial in enumerate(row.partials):
            if partial is None or (row.name == "pow" and point[0] < 0.0 and place == 1):
                continue
            found, truth = balls.constant(partial(balls, value, *operands)), slope(TRUTH[row.name], point, place)
            assert holds(found, truth), (point, place, found, truth)


def slope(function: Callable[..., Any], point: tuple[float, ...], place: int) -> Any:
    """A derivative to more digits than are asked for, from differences over a tiny step (Abramowitz and Stegun 25.3.6)."""
    with mpmath.workdps(250):
        step = mpf(10) ** -20 * min(1, abs(mpf(point[place])) or mpf(10) ** -10)

        def moved(steps: int) -> Any:
            at = [mpf(x) for x in point]
            at[place] += steps * step
            return function(*at)

        return (8 * (moved(1) - moved(-1)) - (moved(2) - moved(-2))) / (12 * step)


# -- rounding -----------------------------------------------------------------------------------------------------------


def as_fraction(ball: Any) -> Fraction:
    mantissa, exponent = map(int, ball.man_exp())
    return Fraction(mantissa) * Fraction(2) ** exponent


def test_rounding_is_that_of_fractions() -> None:
    rng = random.Random(0)
    for _ in range(2000):
        mantissa, exponent = rng.getrandbits(rng.randint(1, 120)), rng.randint(-1200, 900)
        x = flint.arb(mantissa) * flint.arb(2) ** exponent
        try:
            expected = float(as_fraction(x))
        except OverflowError:
            expected = math.inf
        assert rounded(Ball(x)) == expected
        assert rounded(Ball(-x)) == -expected


@pytest.mark.parametrize(("number", "expected"), [
    (Fraction(1) + Fraction(1, 2**53), 1.0), (Fraction(1) + Fraction(3, 2**53), 1.0 + 2.0**-51),
    (Fraction(1, 2**1075), 0.0), (Fraction(3, 2**1075), 2.0**-1073), (Fraction(1, 2**1075) + Fraction(1, 2**1100), 5e-324),
    (Fraction(2) ** 1024 - Fraction(2) ** 970, math.inf),
    (Fraction(2) ** 1024 - Fraction(2) ** 970 - 1, 1.7976931348623157e308)])
def test_ties_subnormals_and_the_largest(number: Fraction, expected: float) -> None:
    with balls.precision(2200):
        assert rounded(Ball(flint.arb(number.numerator) / number.denominator)) == expected


def test_a_ball_over_a_tie_does_not_round() -> None:
    assert rounded(Ball(flint.arb(1.0, 2.0**-54))) is None
    assert rounded(Ball(flint.arb(0.0, 2.0**-1074))) is None
    assert rounded(Ball(flint.arb(0.0, 1.0) * flint.arb(2) ** -1080)) == 0.0


def test_the_text_proves_no_more_than_the_ball() -> None:
    third = balls.constant(1.0) / balls.constant(3.0)
    assert balls.text(third, 5).startswith("[0.33333 ± ")
    assert balls.text(balls.constant(2.5), 30) == "2.5"
    assert balls.text(balls.constant(0.0), 30) == "0"
    assert balls.text(balls.constant(100.0), 30) == "100"
    assert balls.text(Ball(flint.arb(0.0, 1e-20)), 5).startswith("[± 1.0")


def test_numbers_are_as_they_are_written() -> None:
    from gradcalc.graph.tape import Written

    tenth = balls.constant(0.1)
    assert (tenth * 10.0).ball.contains(1) and not (balls.exact(0.1) * 10.0).ball.contains(1)
    assert balls.constant(0.5).ball.is_exact()
    long = balls.constant(Written(1.2345678901234567e19, "12345678901234567891"))
    assert long.ball == flint.arb(12345678901234567891)
    assert balls.constant(Written(0.0, "1e-400")).ball > 0


# -- what a ball cannot decide -------------------------------------------------------------------------------------------


NEAR_ZERO = Ball(flint.arb(0.0, 1e-20))


def near(x: float) -> Ball:
    return NEAR_ZERO + x


@pytest.mark.parametrize(("name", "operands", "doubt"), [
    ("sign", (near(0.0),), JUMP), ("heaviside", (near(0.0),), JUMP), ("less", (near(1.0), 1.0), JUMP),
    ("equal", (near(1.0), 1.0), JUMP), ("logical_not", (near(0.0),), JUMP), ("where", (near(0.0), 1.0, 2.0), JUMP),
    ("floor", (near(3.0),), JUMP), ("ceil", (near(3.0),), JUMP), ("round", (near(2.5),), JUMP),
    ("remainder", (near(6.0), 3.0), JUMP), ("divide", (1.0, near(0.0)), POLE), ("pow", (near(0.0), -2.0), POLE),
    ("pow", (near(0.0), 0.5), EDGE), ("pow", (-2.0, near(2.0)), EDGE), ("sqrt", (near(0.0),), EDGE),
    ("log", (near(0.0),), EDGE), ("log1p", (near(-1.0),), EDGE), ("asin", (near(1.0),), EDGE),
    ("acosh", (near(1.0),), EDGE), ("atanh", (near(1.0),), EDGE),
    ("atan2", (near(0.0), -1.0), JUMP), ("atan2", (near(0.0), near(0.0)), POLE), ("clip", (1.0, near(2.0), 2.0), JUMP)])
def test_doubts(name: str, operands: tuple[Any, ...], doubt: str) -> None:
    found = getattr(balls, name)(*operands)
    assert (balls.finite(found), found.doubt, rounded(found)) == (False, doubt, None)


@pytest.mark.parametrize(("name", "operands"), [
    ("sqrt", (-1.0,)), ("log", (0.0,)), ("log", (-1.0,)), ("log1p", (-1.0,)), ("asin", (1.5,)), ("acosh", (0.5,)),
    ("atanh", (1.0,)), ("divide", (1.0, 0.0)), ("divide", (0.0, 0.0)), ("pow", (0.0, -1.0)), ("pow", (-8.0, 1.0 / 3.0)),
    ("remainder", (1.0, 0.0)), ("atan2", (0.0, 0.0)), ("csc", (0.0,)), ("clip", (1.0, 3.0, 2.0))])
def test_what_is_certainly_undefined(name: str, operands: tuple[float, ...]) -> None:
    found = getattr(balls, name)(*operands)
    assert (balls.finite(found), found.doubt) == (False, None)
    assert math.isnan(rounded(found))


@pytest.mark.parametrize(("name", "operands", "expected"), [
    ("sign", (0.0,), 0.0), ("heaviside", (0.0,), 0.5), ("floor", (3.0,), 3.0), ("round", (2.5,), 2.0), ("round", (3.5,), 4.0),
    ("round", (-0.5,), 0.0), ("round", (1e300,), 1e300), ("less", (1.0, 1.0), 0.0), ("less_equal", (1.0, 1.0), 1.0),
    ("pow", (0.0, 0.0), 1.0), ("pow", (near(0.0), 0.0), 1.0), ("pow", (0.0, 0.5), 0.0), ("pow", (-2.0, 3.0), -8.0),
    ("pow", (-2.0, -2.0), 0.25), ("pow", (-1.0, 1e300), 1.0), ("pow", (-1.0, 9007199254740991.0), -1.0), ("cbrt", (0.0,), 0.0),
    ("hypot", (0.0, 0.0), 0.0), ("remainder", (-7.0, 3.0), 2.0), ("atan2", (0.0, -1.0), math.pi), ("log2", (8.0,), 3.0),
    ("times", (0.0, balls.nan), 0.0), ("logical_and", (0.0, balls.nan), 0.0), ("logical_or", (1.0, balls.nan), 1.0),
    ("where", (1.0, 5.0, balls.nan), 5.0), ("maximum", (near(0.0), 1.0), 1.0), ("sigmoid", (-800.0,), 0.0)])
def test_what_is_decided(name: str, operands: tuple[Any, ...], expected: float) -> None:
    with balls.precision(2200):
        assert rounded(getattr(balls, name)(*operands)) == expected


def test_even_powers_and_roots_of_a_ball_around_zero() -> None:
    operations = (("pow", (2.0,)), ("cbrt", ()), ("hypot", (NEAR_ZERO,)), ("abs", ()), ("relu", ()), ("maximum", (0.0,)))
    for name, others in operations:
        found = getattr(balls, name)(NEAR_ZERO, *others)
        assert balls.finite(found) and found.ball.contains(0)


def test_a_doubt_is_kept_and_a_proof_of_nothing_wins() -> None:
    doubtful = balls.sign(NEAR_ZERO)
    assert (doubtful + 1.0).doubt == (2.0 * balls.exp(doubtful)).doubt == balls.where(doubtful, 1.0, 2.0).doubt == JUMP
    assert (doubtful + balls.nan).doubt is None and (balls.nan * doubtful).doubt is None
    assert balls.logical_and(doubtful, 0.0) == balls.constant(0.0)
    assert balls.times(near(0.0), balls.nan).doubt == POLE
    assert not balls.gate(doubtful)


def test_a_number_is_equal_to_itself() -> None:
    third = balls.constant(1.0) / 3.0
    assert (third - third).ball.is_zero()
    assert rounded(balls.less_equal(third, third)) == 1.0
    assert (balls.nan - balls.nan).ball.is_nan()
    assert third == third + 0.0 and third != third + 1e-9 and balls.nan != balls.nan
