"""The elementary functions: powers and logarithms, trigonometry, hyperbolics, rounding, the error function."""

from collections.abc import Callable
from typing import Any

from gradcalc.graph.operations.operation import Operation

# -- beside a kink or a jump: what its arguments' tangents decide ------------------------------------------------------


def _sided_abs(xp: Any, y: Any, x: Any, t: Any) -> Any:
    return xp.where(xp.equal(x, 0.0), xp.abs(t), xp.sign(x) * t)


def _sided_hypot(xp: Any, y: Any, a: Any, b: Any, s: Any, t: Any) -> Any:
    return xp.where(xp.equal(y, 0.0), xp.hypot(s, t), xp.divide(a * s + b * t, y))


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


def _turned(xp: Any, z: Any, y: Any, x: Any, s: Any, t: Any) -> Any:
    """Behind the origin the angle is pi above the axis and -pi below it."""
    moved = xp.where(xp.less(s, 0.0), -xp.pi, xp.where(xp.greater(s, 0.0), xp.pi, z))
    return xp.where(xp.logical_and(xp.equal(y, 0.0), xp.less(x, 0.0)), moved, z)


ROWS = (
    Operation("pi", (), lambda xp: xp.pi, (), "the circle's circumference over its diameter", latex=r"\pi"),
    Operation("tau", (), lambda xp: 2.0 * xp.pi, (), "the full turn, 2*pi", latex=r"\tau"),

    # Powers, exponentials and logarithms
    Operation("sqrt", ("x",), lambda xp, x: xp.sqrt(x),
              (lambda xp, y, x: 1.0 / (2.0 * y),),
              "square root", domain="x >= 0", needs="the square root needs a number that is not negative", vertical="x == 0"),
    Operation("cbrt", ("x",), lambda xp, x: xp.cbrt(x),
              (lambda xp, y, x: 1.0 / (3.0 * y * y),),
              "cube root, also of negative numbers", vertical="x == 0"),
    Operation("exp", ("x",), lambda xp, x: xp.exp(x),
              (lambda xp, y, x: y,),
              "exponential function"),
    Operation("expm1", ("x",), lambda xp, x: xp.expm1(x),
              (lambda xp, y, x: xp.exp(x),),
              "exp(x) - 1, exact near 0"),
    Operation("log", ("x",), lambda xp, x: xp.log(x),
              (lambda xp, y, x: 1.0 / x,),
              "natural logarithm", domain="x > 0", needs="the logarithm needs a positive number", aliases=("ln",)),
    Operation("log2", ("x",), lambda xp, x: xp.log2(x),
              (lambda xp, y, x: 1.0 / (x * xp.log(2.0)),),
              "logarithm to base 2", domain="x > 0", needs="the logarithm needs a positive number",
              latex=r"\log_{2}"),
    Operation("log10", ("x",), lambda xp, x: xp.log10(x),
              (lambda xp, y, x: 1.0 / (x * xp.log(10.0)),),
              "logarithm to base 10", domain="x > 0", needs="the logarithm needs a positive number",
              latex=r"\log_{10}"),
    Operation("log1p", ("x",), lambda xp, x: xp.log1p(x),
              (lambda xp, y, x: 1.0 / (1.0 + x),),
              "log(1 + x), exact near 0", domain="x > -1", needs="log1p needs a number greater than -1"),

    # Trigonometry, in radians
    Operation("sin", ("x",), lambda xp, x: xp.sin(x), (lambda xp, y, x: xp.cos(x),), "sine"),
    Operation("cos", ("x",), lambda xp, x: xp.cos(x), (lambda xp, y, x: -xp.sin(x),), "cosine"),
    Operation("tan", ("x",), lambda xp, x: xp.tan(x), (lambda xp, y, x: 1.0 + y * y,), "tangent",
              domain="cos(x) != 0", needs="the tangent has a pole at odd multiples of pi/2"),
    Operation("sec", ("x",), lambda xp, x: xp.divide(1.0, xp.cos(x)),
              (lambda xp, y, x: y * xp.tan(x),),
              "secant, 1/cos(x)", domain="cos(x) != 0", needs="the secant has a pole at odd multiples of pi/2"),
    Operation("csc", ("x",), lambda xp, x: xp.divide(1.0, xp.sin(x)),
              (lambda xp, y, x: -y * xp.divide(xp.cos(x), xp.sin(x)),),
              "cosecant, 1/sin(x)", domain="sin(x) != 0", needs="the cosecant has a pole at multiples of pi"),
    Operation("cot", ("x",), lambda xp, x: xp.divide(xp.cos(x), xp.sin(x)),
              (lambda xp, y, x: -1.0 / xp.pow(xp.sin(x), 2.0),),
              "cotangent, cos(x)/sin(x)", domain="sin(x) != 0", needs="the cotangent has a pole at multiples of pi"),
    Operation("asin", ("x",), lambda xp, x: xp.asin(x),
              (lambda xp, y, x: 1.0 / xp.sqrt(1.0 - x * x),),
              "inverse sine", domain="-1 <= x and x <= 1", needs="the inverse sine needs a number from -1 to 1",
              aliases=("arcsin",), vertical="x == -1 or x == 1"),
    Operation("acos", ("x",), lambda xp, x: xp.acos(x),
              (lambda xp, y, x: -1.0 / xp.sqrt(1.0 - x * x),),
              "inverse cosine", domain="-1 <= x and x <= 1", needs="the inverse cosine needs a number from -1 to 1",
              aliases=("arccos",), vertical="x == -1 or x == 1"),
    Operation("atan", ("x",), lambda xp, x: xp.atan(x),
              (lambda xp, y, x: 1.0 / (1.0 + x * x),),
              "inverse tangent", aliases=("arctan",)),
    Operation("atan2", ("y", "x"), lambda xp, y, x: xp.atan2(y, x),
              (lambda xp, z, y, x: x / (x * x + y * y), lambda xp, z, y, x: -y / (x * x + y * y)),
              "angle of the point (x, y)", domain="x != 0 or y != 0", needs="the origin has no angle",
              aliases=("arctan2",), kink="y == 0 and x < 0", limit=_turned, vertical="x == 0 and y == 0"),

    # Hyperbolic functions
    Operation("sinh", ("x",), lambda xp, x: xp.sinh(x), (lambda xp, y, x: xp.cosh(x),), "hyperbolic sine"),
    Operation("cosh", ("x",), lambda xp, x: xp.cosh(x), (lambda xp, y, x: xp.sinh(x),), "hyperbolic cosine"),
    # 1/cosh^2 and not 1 - y^2, of which no digit is right once tanh(x) rounds to 1.
    Operation("tanh", ("x",), lambda xp, x: xp.tanh(x), (lambda xp, y, x: 1.0 / xp.pow(xp.cosh(x), 2.0),),
              "hyperbolic tangent"),
    Operation("asinh", ("x",), lambda xp, x: xp.asinh(x),
              (lambda xp, y, x: 1.0 / xp.sqrt(x * x + 1.0),),
              "inverse hyperbolic sine", aliases=("arcsinh",)),
    Operation("acosh", ("x",), lambda xp, x: xp.acosh(x),
              (lambda xp, y, x: 1.0 / (xp.sqrt(x - 1.0) * xp.sqrt(x + 1.0)),),
              "inverse hyperbolic cosine", domain="x >= 1", aliases=("arccosh",),
              needs="the inverse hyperbolic cosine needs a number of at least 1", vertical="x == 1"),
    Operation("atanh", ("x",), lambda xp, x: xp.atanh(x),
              (lambda xp, y, x: 1.0 / (1.0 - x * x),),
              "inverse hyperbolic tangent", domain="-1 < x and x < 1", aliases=("arctanh",),
              needs="the inverse hyperbolic tangent needs a number between -1 and 1"),
    Operation("hypot", ("a", "b"), lambda xp, a, b: xp.hypot(a, b),
              (lambda xp, y, a, b: a / y, lambda xp, y, a, b: b / y),
              "sqrt(a^2 + b^2) without overflow", kink="a == 0 and b == 0", sided=_sided_hypot),

    # The error function (Abramowitz and Stegun 7.1.1, 7.1.2)
    Operation("erf", ("x",), lambda xp, x: xp.erf(x),
              (lambda xp, y, x: 2.0 * xp.exp(-(x * x)) / xp.sqrt(xp.pi),),
              "error function", latex=r"\operatorname{erf}"),
    Operation("erfc", ("x",), lambda xp, x: xp.erfc(x),
              (lambda xp, y, x: -2.0 * xp.exp(-(x * x)) / xp.sqrt(xp.pi),),
              "1 - erf(x), exact for large x", latex=r"\operatorname{erfc}"),

    # Size, order and rounding. heaviside(a - b) is 1, 1/2 or 0: ties are shared.
    Operation("abs", ("x",), lambda xp, x: xp.abs(x), (lambda xp, y, x: xp.sign(x),), "absolute value", kink="x == 0",
              python="abs({0})", sided=_sided_abs),
    Operation("sign", ("x",), lambda xp, x: xp.sign(x), (None,), "-1, 0 or 1", kink="x == 0",
              python="({0} > 0) - ({0} < 0)", limit=_step(-1.0)),
    Operation("heaviside", ("x",), lambda xp, x: xp.heaviside(x), (None,), "1 where x > 0, 0 where x < 0, and 1/2 at 0",
              kink="x == 0", python="({0} > 0) + 0.5*({0} == 0)", limit=_step(0.0)),
    Operation("floor", ("x",), lambda xp, x: xp.floor(x), (None,), "largest whole number that is not above x",
              kink="x == round(x)", limit=_floor_beside),
    Operation("ceil", ("x",), lambda xp, x: xp.ceil(x), (None,), "smallest whole number that is not below x",
              kink="x == round(x)", limit=_ceil_beside),
    Operation("round", ("x",), lambda xp, x: xp.round(x), (None,), "nearest whole number, a half to the even one",
              kink="x - floor(x) == 1/2", python="round({0})", limit=_round_beside),
    Operation("mod", ("a", "b"), lambda xp, a, b: xp.remainder(a, b),
              (lambda xp, y, a, b: 1.0, lambda xp, y, a, b: -xp.floor(xp.divide(a, b))),
              "remainder of a/b, with the sign of b", domain="b != 0", needs="the divisor must not be zero",
              kink="a/b == round(a/b)", python="{0} % {1}", limit=_mod_beside,
              sided=_sided_mod),
    Operation("max", ("a", "b"), lambda xp, a, b: xp.maximum(a, b),
              (lambda xp, y, a, b: xp.heaviside(a - b), lambda xp, y, a, b: xp.heaviside(b - a)),
              "the largest", kink="a == b", variadic=True, alone="amax", python="max({0}, {1})", sided=_sided_max),
    Operation("min", ("a", "b"), lambda xp, a, b: xp.minimum(a, b),
              (lambda xp, y, a, b: xp.heaviside(b - a), lambda xp, y, a, b: xp.heaviside(a - b)),
              "the smallest", kink="a == b", variadic=True, alone="amin", python="min({0}, {1})", sided=_sided_min),
    Operation("clip", ("x", "low", "high"),
              lambda xp, x, low, high: xp.where(xp.less_equal(low, high), xp.minimum(xp.maximum(x, low), high), xp.nan),
              (lambda xp, y, x, low, high: (xp.sign(x - low) + xp.sign(high - x)) / 2.0,
               lambda xp, y, x, low, high: xp.heaviside(low - x), lambda xp, y, x, low, high: xp.heaviside(x - high)),
              "x, but at least low and at most high", domain="low <= high",
              needs="the lower bound must not be above the upper one", kink="x == low or x == high",
              python="min(max({0}, {1}), {2})", sided=_sided_clip),
)
