"""Roots, exponentials and logarithms."""

import math

from gradcalc.graph.operations.operation import BY_HAND, Facts, Spelled, primitive


def _log2(z: complex) -> complex:
    import cmath

    return cmath.log(z) / math.log(2.0)


def _log1p(z: complex) -> complex:
    import cmath

    return cmath.log(1.0 + z)


def _cube_root(z: complex) -> complex:
    """In polar form, with the angle to the nearer half of the real axis, counted the same way round on both."""
    angle = math.atan2(math.copysign(1.0, z.real) * z.imag, math.fabs(z.real))
    return complex(0.0, math.cbrt(z.real) * math.sin(angle / 3.0))


LOGARITHM = "the logarithm needs a positive number"

ROWS = (
    primitive("sqrt", ("x",), (lambda xp, y, x: 1.0 / (2.0 * y),), "square root",
              Spelled("math.sqrt", "numpy.sqrt", "cmath.sqrt", ("sqrt", lambda x: x >= 0, lambda x: x < 0), "intrinsic sqrt",
                      vertical=(0.0,)),
              domain="x >= 0", needs="the square root needs a number that is not negative", vertical="x == 0",
              latex=r"\sqrt{{0}}"),
    primitive("cbrt", ("x",), (lambda xp, y, x: 1.0 / (3.0 * y * y),), "cube root, also of negative numbers",
              Spelled("math.cbrt", "numpy.cbrt", _cube_root, BY_HAND, "call cbrt", vertical=(0.0,)),
              Facts(bounded=True, ordered=True), vertical="x == 0", latex=r"\sqrt[3]{{0}}"),
    primitive("exp", ("x",), (lambda xp, y, x: y,), "exponential function",
              Spelled("math.exp", "numpy.exp", "cmath.exp", "exp", "call exp"),
              Facts(total=True, ordered=True, vanishes=True), latex=r"\exp"),
    primitive("expm1", ("x",), (lambda xp, y, x: xp.exp(x),), "exp(x) - 1, exact near 0",
              Spelled("math.expm1", "numpy.expm1", "cmath.exp", "expm1", "call expm1"), Facts(total=True, ordered=True)),
    primitive("log", ("x",), (lambda xp, y, x: 1.0 / x,), "natural logarithm",
              Spelled("math.log", "numpy.log", "cmath.log", ("log", lambda x: x > 0, lambda x: x <= 0), "call log",
                      poles=((0.0, -math.inf),)),
              domain="x > 0", needs=LOGARITHM, aliases=("ln",), latex=r"\log"),
    primitive("log2", ("x",), (lambda xp, y, x: 1.0 / (x * xp.log(2.0)),), "logarithm to base 2",
              Spelled("math.log2", "numpy.log2", _log2, (lambda x: x.log_base(2), lambda x: x > 0, lambda x: x <= 0),
                      "call log2", poles=((0.0, -math.inf),)),
              domain="x > 0", needs=LOGARITHM, latex=r"\log_{2}"),
    primitive("log10", ("x",), (lambda xp, y, x: 1.0 / (x * xp.log(10.0)),), "logarithm to base 10",
              Spelled("math.log10", "numpy.log10", "cmath.log10",
                      (lambda x: x.log_base(10), lambda x: x > 0, lambda x: x <= 0), "call log10", poles=((0.0, -math.inf),)),
              domain="x > 0", needs=LOGARITHM, latex=r"\log_{10}"),
    primitive("log1p", ("x",), (lambda xp, y, x: 1.0 / (1.0 + x),), "log(1 + x), exact near 0",
              Spelled("math.log1p", "numpy.log1p", _log1p, ("log1p", lambda x: x > -1, lambda x: x <= -1), "call log1p",
                      poles=((-1.0, -math.inf),)),
              domain="x > -1", needs="log1p needs a number greater than -1"),
)
