"""Hyperbolic functions and their inverses, and the length of a right triangle's hypotenuse."""

import builtins
import math
from typing import Any

from gradcalc.graph.operations.operation import BY_HAND, Facts, Spelled, primitive


def _sided_hypot(xp: Any, y: Any, a: Any, b: Any, s: Any, t: Any) -> Any:
    return xp.where(xp.equal(y, 0.0), xp.hypot(s, t), xp.divide(a * s + b * t, y))


ROWS = (
    primitive("sinh", ("x",), (lambda xp, y, x: xp.cosh(x),), "hyperbolic sine",
              Spelled("math.sinh", "numpy.sinh", "cmath.sinh", "sinh", "call sinh", signed=True),
              Facts(total=True, ordered=True), latex=r"\sinh"),
    primitive("cosh", ("x",), (lambda xp, y, x: xp.sinh(x),), "hyperbolic cosine",
              Spelled("math.cosh", "numpy.cosh", "cmath.cosh", "cosh", "call cosh"),
              Facts(total=True, ordered=True), latex=r"\cosh"),
    # 1/cosh^2 and not 1 - y^2, of which no digit is right once tanh(x) rounds to 1.
    primitive("tanh", ("x",), (lambda xp, y, x: 1.0 / xp.pow(xp.cosh(x), 2.0),), "hyperbolic tangent",
              Spelled("math.tanh", "numpy.tanh", "cmath.tanh", "tanh", "call tanh"),
              Facts(bounded=True, ordered=True), latex=r"\tanh"),
    primitive("asinh", ("x",), (lambda xp, y, x: 1.0 / xp.sqrt(x * x + 1.0),), "inverse hyperbolic sine",
              Spelled("math.asinh", "numpy.arcsinh", "cmath.asinh", "asinh", "call asinh"),
              Facts(bounded=True, ordered=True), aliases=("arcsinh",)),
    primitive("acosh", ("x",), (lambda xp, y, x: 1.0 / (xp.sqrt(x - 1.0) * xp.sqrt(x + 1.0)),), "inverse hyperbolic cosine",
              Spelled("math.acosh", "numpy.arccosh", "cmath.acosh", ("acosh", lambda x: x >= 1, lambda x: x < 1), "call acosh",
                      vertical=(1.0,)),
              domain="x >= 1", aliases=("arccosh",),
              needs="the inverse hyperbolic cosine needs a number of at least 1", vertical="x == 1"),
    primitive("atanh", ("x",), (lambda xp, y, x: 1.0 / (1.0 - x * x),), "inverse hyperbolic tangent",
              Spelled("math.atanh", "numpy.arctanh", "cmath.atanh",
                      ("atanh", lambda x: builtins.abs(x) < 1, lambda x: builtins.abs(x) >= 1), "call atanh",
                      poles=((1.0, math.inf), (-1.0, -math.inf))),
              domain="-1 < x and x < 1", aliases=("arctanh",),
              needs="the inverse hyperbolic tangent needs a number between -1 and 1"),
    primitive("hypot", ("a", "b"), (lambda xp, y, a, b: a / y, lambda xp, y, a, b: b / y), "sqrt(a^2 + b^2) without overflow",
              Spelled("math.hypot", "numpy.hypot", BY_HAND, BY_HAND, "call hypot"), Facts(total=True, ordered=True),
              kink="a == 0 and b == 0", sided=_sided_hypot),
)
