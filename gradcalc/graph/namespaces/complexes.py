"""Python's complex numbers as a namespace, for the complex step: each function continued a hair off the real axis.

An imaginary part here is a derivative times a step of about 1e-181, so its square vanishes against any real part.
Hence two rules: the real part of a result is the value that ``scalars`` gives for the real parts, so every choice
(``where``, ``floor``, a comparison) falls as it does there; and the imaginary part keeps its relative precision,
because it is never added to a real one. No derivative rule is used: the imaginary parts come from ``cmath`` and from
identities of complex numbers, so that they can witness whether the table's partials are right.

Where two sides meet (``abs`` at 0, equal arguments of ``maximum``) the result is the mean of both; where the slope is
vertical the imaginary part is infinite; where the value is not finite it is NaN.
"""

import cmath
import math
import sys
from collections.abc import Callable
from typing import Any

from gradcalc.graph import operations
from gradcalc.graph.namespaces import scalars
from gradcalc.graph.namespaces.spelling import imported, spelled
from gradcalc.graph.operations.operation import Operation

nan = complex(math.nan, math.nan)
pi = math.pi
ranked = False


def constant(value: float) -> complex:
    """A number of the program in this namespace."""
    return complex(value)


def _made(spelling: Any, row: Operation) -> Callable[..., complex]:
    """The continuation of a primitive, from the row's spelling."""
    return _continued(getattr(scalars, row.api or row.name), imported(spelling) if isinstance(spelling, str) else spelling,
                      row.spelled.vertical if row.spelled else ())


def _continued(real: Callable[..., float], continuation: Callable[..., complex], vertical: tuple[float, ...],
               ) -> Callable[..., complex]:
    """The continuation of a real function: its value, and the imaginary part of a complex function's.

    Only the first argument, or one alone, may have an imaginary part. ``vertical`` lists the points where the value is finite
    and the slope is not.
    """

    def near_axis(z: complex, *settings: Any) -> complex:
        x, y = z.real, z.imag
        value = real(x, *settings)
        if y == 0.0:
            return complex(value)
        if not math.isfinite(value):
            return complex(value, math.nan)
        if x in vertical:
            return complex(value, math.inf)
        try:
            return complex(value, continuation(z, *settings).imag)
        except (ArithmeticError, ValueError):
            return complex(value, math.nan)

    return near_axis


def _turn(z: complex) -> float:
    """The angle between z and the nearer half of the real axis, counted the same way round on both."""
    return math.atan2(math.copysign(1.0, z.real) * z.imag, math.fabs(z.real))


def atan2(y: complex, x: complex) -> complex:
    """The angle of the real parts, and what is left of (x, y) when it is turned back by that angle.

    Turning back leaves the point (r, i*t) with real r and t, whose angle is atan(i*t/r) = i*atanh(t/r).
    """
    radius = math.hypot(x.real, y.real)
    angle = math.atan2(y.real, x.real)
    if y.imag == 0.0 == x.imag:
        return complex(angle)
    if radius == 0.0 or not math.isfinite(radius):
        return complex(angle, math.nan)
    return complex(angle, scalars.atanh((y.imag * (x.real / radius) - x.imag * (y.real / radius)) / radius))


def hypot(a: complex, b: complex) -> complex:
    size = max(math.fabs(a.real), math.fabs(b.real))
    length = math.hypot(a.real, b.real)
    if a.imag == 0.0 == b.imag:
        return complex(length)
    if size == 0.0 or not math.isfinite(length):
        return complex(length, math.nan)
    a, b = a / size, b / size
    return complex(length, size * cmath.sqrt(a * a + b * b).imag)


def divide(a: complex, b: complex) -> complex:
    value = scalars.divide(a.real, b.real)
    if not math.isfinite(value):
        return complex(value, 0.0 if a.imag == 0.0 == b.imag else math.nan)
    if math.isinf(b.real):  # 1/(1 + exp(1000)) is flat, however steep the exponential is
        return complex(value)
    return complex(value, (a / b).imag)


def pow(a: complex, b: complex) -> complex:
    """In polar form: the modulus is the real power's, the angle is the imaginary part of b*log(a)."""
    value = scalars.pow(a.real, b.real)
    if a.imag == 0.0 == b.imag:
        return complex(value)
    if not math.isfinite(value):
        return complex(value, math.nan)
    if a.real == 0.0:
        return complex(value, _rise_at_zero(a.imag, b))
    angle = b.real * _turn(a)
    if b.imag != 0.0:
        angle += b.imag * scalars.log(a.real)
    return complex(value, value * scalars.sin(angle))


def _rise_at_zero(step: float, b: complex) -> float:
    """The imaginary part of (0 + i*step)^b, where b is not negative."""
    if b.real > 1.0 or b == 0.0 or (step == 0.0 and b.real > 0.0):
        return 0.0
    if b == 1.0:
        return step
    return math.inf if b.imag == 0.0 else math.nan


def remainder(a: complex, b: complex) -> complex:
    value = scalars.remainder(a.real, b.real)
    if not math.isfinite(value):
        return complex(value, math.nan)
    times = scalars.round(scalars.divide(a.real - value, b.real))
    return complex(value, a.imag - times * b.imag)


def logaddexp(a: complex, b: complex) -> complex:
    high, low = (a, b) if a.real > b.real else (b, a)
    if math.isinf(high.real) and low.real == low.real:
        return high
    own = sys.modules[__name__]
    return complex(high + own.log1p(own.exp(low - high)))


def abs(x: complex) -> complex:
    return x * scalars.sign(x.real) if x.real == x.real else nan


def maximum(a: complex, b: complex) -> complex:
    return _mean(a, b) if not (a.real > b.real or a.real < b.real) else a if a.real > b.real else b


def minimum(a: complex, b: complex) -> complex:
    return _mean(a, b) if not (a.real > b.real or a.real < b.real) else a if a.real < b.real else b


def _mean(a: complex, b: complex) -> complex:
    return complex(a.real if a.real == b.real else math.nan, 0.5 * a.imag + 0.5 * b.imag)


def _stepwise(real: Callable[..., float]) -> Callable[..., complex]:
    """A function of the real parts alone: constant but for its jumps."""

    def flat(*args: complex) -> complex:
        value = real(*[argument.real for argument in args])
        return complex(value) if value == value else nan

    return flat


def where(condition: complex, a: complex, b: complex) -> complex:
    return nan if condition.real != condition.real else b if condition.real == 0.0 else a


def __getattr__(name: str) -> Any:
    row = operations.named(name)
    if row is not None and row.spelled is not None and row.shape is None and not any(row.partials):
        return _stepwise(getattr(scalars, name))
    return spelled(name, "complex", sys.modules[__name__], _made)
