"""The error function just off the real axis, which neither ``math`` nor ``cmath`` nor NumPy has.

Only the imaginary part is computed here; the real part is that of the real function. It is summed from the function's
own expansions, never from its derivative, as the complex step is to witness that derivative.
"""

import cmath
import math

#: Below, the series converges quickly and cancels at most a digit; above, the continued fraction cancels nothing.
_MEETING_POINT = 1.5
_DEPTH = 160


def erf(z: complex) -> complex:
    """The error function's imaginary part for a small imaginary part of z, to about 1e-14 of itself."""
    return complex(0.0, imaginary_part_of_erf(z))


def erfc(z: complex) -> complex:
    """The same of its complement."""
    return complex(0.0, -imaginary_part_of_erf(z))


def imaginary_part_of_erf(z: complex) -> float:
    """The imaginary part of erf(z) for a small imaginary part of z, to about 1e-14 of itself."""
    if math.fabs(z.real) < _MEETING_POINT:
        return _series(z)
    # erf(-z) = -erf(z): both parts change their sign.
    return -_fraction(z) if z.real > 0.0 else _fraction(-z)


def _series(z: complex) -> float:
    """Abramowitz and Stegun 7.1.6: erf z = 2/sqrt(pi) * exp(-z^2) * sum of 2^n z^(2n+1) / (2n+1)!!"""
    term = total = z
    square = 2.0 * z * z
    n = 0
    while math.fabs(term.imag) > 1e-17 * math.fabs(total.imag) or math.fabs(term.real) > 1e-17 * math.fabs(total.real):
        n += 1
        term = term * square / (2 * n + 1)
        total += term
    return (2.0 / math.sqrt(math.pi) * cmath.exp(-z * z) * total).imag


def _fraction(z: complex) -> float:
    """Abramowitz and Stegun 7.1.14: erfc z = exp(-z^2)/sqrt(pi) * 1/(z + (1/2)/(z + 1/(z + (3/2)/(z + ...)))"""
    tail = z
    for n in range(_DEPTH, 0, -1):
        tail = z + 0.5 * n / tail
    return (cmath.exp(-z * z) / (math.sqrt(math.pi) * tail)).imag
