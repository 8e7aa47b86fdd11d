"""Trigonometry, in radians, and the circle's constants."""

import builtins
from typing import Any

from gradcalc.graph.operations.operation import BY_HAND, Facts, Operation, Spelled, primitive


def _turned(xp: Any, z: Any, y: Any, x: Any, s: Any, t: Any) -> Any:
    """The limit of atan2: on the negative half of the x axis the angle is pi seen from above and -pi seen from below."""
    moved = xp.where(xp.less(s, 0.0), -xp.pi, xp.where(xp.greater(s, 0.0), xp.pi, z))
    return xp.where(xp.logical_and(xp.equal(y, 0.0), xp.less(x, 0.0)), moved, z)


def _inverse(name: str) -> Spelled:
    """How an inverse function on the interval from -1 to 1 is spelled."""
    return Spelled(f"math.{name}", f"numpy.arc{name[1:]}", f"cmath.{name}",
                   (name, lambda x: builtins.abs(x) <= 1, lambda x: builtins.abs(x) > 1), f"call {name}", vertical=(-1.0, 1.0))


ROWS = (
    Operation("pi", (), lambda xp: xp.pi, (), "the circle's circumference over its diameter", latex=r"\pi", python="math.pi"),
    Operation("tau", (), lambda xp: 2.0 * xp.pi, (), "the full turn, 2*pi", latex=r"\tau", python="math.tau"),
    primitive("sin", ("x",), (lambda xp, y, x: xp.cos(x),), "sine",
              Spelled("math.sin", "numpy.sin", "cmath.sin", "sin", "call sin"), Facts(bounded=True), latex=r"\sin"),
    primitive("cos", ("x",), (lambda xp, y, x: -xp.sin(x),), "cosine",
              Spelled("math.cos", "numpy.cos", "cmath.cos", "cos", "call cos"), Facts(bounded=True), latex=r"\cos"),
    primitive("tan", ("x",), (lambda xp, y, x: 1.0 + y * y,), "tangent",
              Spelled("math.tan", "numpy.tan", "cmath.tan", "tan", "call tan"), Facts(total=True), latex=r"\tan",
              domain="cos(x) != 0", needs="the tangent has a pole at odd multiples of pi/2"),
    Operation("sec", ("x",), lambda xp, x: xp.divide(1.0, xp.cos(x)), (lambda xp, y, x: y * xp.tan(x),),
              "secant, 1/cos(x)", domain="cos(x) != 0", needs="the secant has a pole at odd multiples of pi/2",
              latex=r"\sec", facts=Facts(fresh=True)),
    Operation("csc", ("x",), lambda xp, x: xp.divide(1.0, xp.sin(x)),
              (lambda xp, y, x: -y * xp.divide(xp.cos(x), xp.sin(x)),),
              "cosecant, 1/sin(x)", domain="sin(x) != 0", needs="the cosecant has a pole at multiples of pi",
              latex=r"\csc", facts=Facts(fresh=True)),
    Operation("cot", ("x",), lambda xp, x: xp.divide(xp.cos(x), xp.sin(x)),
              (lambda xp, y, x: -1.0 / xp.pow(xp.sin(x), 2.0),),
              "cotangent, cos(x)/sin(x)", domain="sin(x) != 0", needs="the cotangent has a pole at multiples of pi",
              latex=r"\cot", facts=Facts(fresh=True)),
    primitive("asin", ("x",), (lambda xp, y, x: 1.0 / xp.sqrt(1.0 - x * x),), "inverse sine", _inverse("asin"),
              domain="-1 <= x and x <= 1", needs="the inverse sine needs a number from -1 to 1",
              aliases=("arcsin",), vertical="x == -1 or x == 1", latex=r"\arcsin"),
    primitive("acos", ("x",), (lambda xp, y, x: -1.0 / xp.sqrt(1.0 - x * x),), "inverse cosine", _inverse("acos"),
              domain="-1 <= x and x <= 1", needs="the inverse cosine needs a number from -1 to 1",
              aliases=("arccos",), vertical="x == -1 or x == 1", latex=r"\arccos"),
    primitive("atan", ("x",), (lambda xp, y, x: 1.0 / (1.0 + x * x),), "inverse tangent",
              Spelled("math.atan", "numpy.arctan", "cmath.atan", "atan", "call atan"), Facts(bounded=True, ordered=True),
              aliases=("arctan",), latex=r"\arctan"),
    primitive("atan2", ("y", "x"), (lambda xp, z, y, x: x / (x * x + y * y), lambda xp, z, y, x: -y / (x * x + y * y)),
              "angle of the point (x, y)", Spelled("math.atan2", "numpy.arctan2", BY_HAND, BY_HAND, "call atan2"),
              Facts(bounded=True, ordered=True), domain="x != 0 or y != 0", needs="the origin has no angle",
              aliases=("arctan2",), kink="y == 0 and x < 0", limit=_turned, vertical="x == 0 and y == 0"),
)
