"""Size, order and rounding: modulus, sign, steps, remainder, extremes.

At a tie the extremes share the derivative: heaviside(a - b) is 1, 1/2 or 0.
"""

from collections.abc import Callable
from typing import Any

from gradcalc.graph.operations.operation import BY_HAND, Facts, Operation, Spelled, primitive

# -- at a kink or a jump: what the arguments' tangents decide ----------------------------------------------------------


def _sided_abs(xp: Any, y: Any, x: Any, t: Any) -> Any:
    return xp.where(xp.equal(x, 0.0), xp.abs(t), xp.sign(x) * t)


def _sided_max(xp: Any, y: Any, a: Any, b: Any, s: Any, t: Any) -> Any:
    return xp.where(xp.equal(a, b), xp.maximum(s, t), xp.where(xp.greater(a, b), s, t))


def _sided_min(xp: Any, y: Any, a: Any, b: Any, s: Any, t: Any) -> Any:
    return -_sided_max(xp, -y, -a, -b, -s, -t)


def _sided_clip(xp: Any, y: Any, x: Any, low: Any, high: Any, t: Any, below: Any, above: Any) -> Any:
    raised = xp.maximum(x, low)
    return _sided_min(xp, y, raised, high, _sided_max(xp, raised, x, low, t, below), above)


def _step(lowest: float) -> Callable[..., Any]:
    """The limit of a step at 0 from ``lowest`` to 1."""

    def limit(xp: Any, y: Any, x: Any, t: Any) -> Any:
        moved = xp.where(xp.greater(t, 0.0), 1.0, xp.where(xp.less(t, 0.0), lowest, y))
        return xp.where(xp.equal(x, 0.0), moved, y)

    return limit


def _floor_beside(xp: Any, y: Any, x: Any, t: Any) -> Any:
    return xp.where(xp.less(t, 0.0), xp.ceil(x) - 1.0, y)


def _ceil_beside(xp: Any, y: Any, x: Any, t: Any) -> Any:
    return xp.where(xp.greater(t, 0.0), xp.floor(x) + 1.0, y)


def _round_beside(xp: Any, y: Any, x: Any, t: Any) -> Any:
    moved = xp.where(xp.greater(t, 0.0), xp.ceil(x), xp.where(xp.less(t, 0.0), xp.floor(x), y))
    return xp.where(xp.equal(x - xp.floor(x), 0.5), moved, y)


def _mod_beside(xp: Any, y: Any, a: Any, b: Any, s: Any, t: Any) -> Any:
    """At a multiple of b the quotient falls below a whole number where it moves down, and the remainder is then b."""
    quotient = xp.divide(a, b)
    falls = xp.less(xp.divide(s - quotient * t, b), 0.0)
    return xp.where(xp.logical_and(xp.equal(quotient, xp.floor(quotient)), falls), y + b, y)


def _sided_mod(xp: Any, y: Any, a: Any, b: Any, s: Any, t: Any) -> Any:
    return s - xp.round(xp.divide(a - y, b)) * t


STEP = Facts(exact=True, bounded=True, ordered=True)


ROWS = (
    primitive("abs", ("x",), (lambda xp, y, x: xp.sign(x),), "absolute value",
              Spelled(BY_HAND, "numpy.absolute", BY_HAND, "__abs__", "intrinsic fabs"), STEP, kink="x == 0",
              python="abs({0})", sided=_sided_abs, latex=r"\left|{0}\right|", ufuncs=("fabs",)),
    primitive("sign", ("x",), (None,), "-1, 0 or 1", Spelled(BY_HAND, "numpy.sign", None, BY_HAND, "sign"), STEP,
              kink="x == 0", python="({0} > 0) - ({0} < 0)", limit=_step(-1.0)),
    primitive("heaviside", ("x",), (None,), "1 where x > 0, 0 where x < 0, and 1/2 at 0",
              Spelled(BY_HAND, BY_HAND, None, BY_HAND, BY_HAND), STEP,
              kink="x == 0", python="({0} > 0) + 0.5*({0} == 0)", limit=_step(0.0)),
    primitive("floor", ("x",), (None,), "largest whole number that is not above x",
              Spelled(BY_HAND, "numpy.floor", None, BY_HAND, "intrinsic floor"), STEP, python="math.floor({0})",
              kink="x == round(x)", limit=_floor_beside, latex=r"\left\lfloor {0}\right\rfloor"),
    primitive("ceil", ("x",), (None,), "smallest whole number that is not below x",
              Spelled(BY_HAND, "numpy.ceil", None, BY_HAND, "intrinsic ceil"), STEP, python="math.ceil({0})",
              kink="x == round(x)", limit=_ceil_beside, latex=r"\left\lceil {0}\right\rceil"),
    primitive("round", ("x",), (None,), "nearest whole number, a half to the even one",
              Spelled(BY_HAND, "numpy.rint", None, BY_HAND, "intrinsic rint"), STEP,
              kink="x - floor(x) == 1/2", python="round({0})", limit=_round_beside),
    primitive("mod", ("a", "b"), (lambda xp, y, a, b: 1.0, lambda xp, y, a, b: -xp.floor(xp.divide(a, b))),
              "remainder of a/b, with the sign of b",
              Spelled(BY_HAND, "numpy.remainder", BY_HAND, BY_HAND, "remainder fmod"), Facts(whole=True), api="remainder",
              domain="b != 0", needs="the divisor must not be zero",
              kink="a/b == round(a/b)", python="{0} % {1}", limit=_mod_beside, sided=_sided_mod),
    primitive("max", ("a", "b"), (lambda xp, y, a, b: xp.heaviside(a - b), lambda xp, y, a, b: xp.heaviside(b - a)),
              "the largest", Spelled(BY_HAND, "numpy.maximum", BY_HAND, BY_HAND, "extreme olt"), STEP._replace(commutes=True),
              api="maximum", kink="a == b", variadic=True, python="max({0}, {1})", sided=_sided_max, latex=r"\max"),
    primitive("min", ("a", "b"), (lambda xp, y, a, b: xp.heaviside(b - a), lambda xp, y, a, b: xp.heaviside(a - b)),
              "the smallest", Spelled(BY_HAND, "numpy.minimum", BY_HAND, BY_HAND, "extreme ogt"), STEP._replace(commutes=True),
              api="minimum", kink="a == b", variadic=True, python="min({0}, {1})", sided=_sided_min, latex=r"\min"),
    Operation("clip", ("x", "low", "high"),
              lambda xp, x, low, high: xp.where(xp.less_equal(low, high), xp.minimum(xp.maximum(x, low), high), xp.nan),
              (lambda xp, y, x, low, high: (xp.sign(x - low) + xp.sign(high - x)) / 2.0,
               lambda xp, y, x, low, high: xp.heaviside(low - x), lambda xp, y, x, low, high: xp.heaviside(x - high)),
              "x, but at least low and at most high", domain="low <= high",
              needs="the lower bound must not be above the upper one", kink="x == low or x == high",
              python="min(max({0}, {1}), {2}) if {1} <= {2} else math.nan", sided=_sided_clip,
              facts=Facts(exact=True, fresh=True)),
)
