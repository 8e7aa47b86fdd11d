"""The numbers of a formula: whole ones and fractions exactly, decimals as decimals.

A whole number of the program is exact, and so is what is computed from such numbers, as long as numerator and denominator stay
below 2^53. A decimal literal is a float whose shortest digits are what the user typed: sums and products of decimals are taken
on those digits, so that 0.1 + 0.2 is 0.3. Nothing here is ever an infinity or a NaN; what cannot be computed so is None.
"""

import math
from fractions import Fraction

Number = int | Fraction | float

LIMIT = 2**53
#: The largest exponent to which a decimal is raised here; more digits would be wasted work.
HIGHEST = 64


def number(value: float) -> Number:
    """A float of the program as a number: a whole one exactly."""
    return int(value) if value.is_integer() and -LIMIT < value < LIMIT else value


def settle(value: int | Fraction) -> Number:
    """An exact number in its simplest form, a float where it has grown too long. Raises OverflowError beyond all floats."""
    if type(value) is int:
        return value if -LIMIT < value < LIMIT else float(value)
    if value.denominator == 1:
        return settle(value.numerator)
    if -LIMIT < value.numerator < LIMIT and value.denominator < LIMIT:
        return value
    return float(value)


def _digits(value: Number) -> int | Fraction:
    """The number as it is written."""
    return Fraction(repr(value)) if isinstance(value, float) else value


def _decimal(value: Fraction | int) -> Number:
    return number(float(value))


def plus(a: Number, b: Number) -> Number:
    """a + b. Raises OverflowError."""
    if isinstance(a, float) or isinstance(b, float):
        return _decimal(_digits(a) + _digits(b)) if a and b else a or b
    return settle(a + b)


def times(a: Number, b: Number) -> Number:
    """a*b. Raises OverflowError."""
    if isinstance(a, float) or isinstance(b, float):
        if a == 1 or b == 1:
            return a if b == 1 else b
        if a == -1 or b == -1:
            return -a if b == -1 else -b
        return _nonzero(_decimal(_digits(a) * _digits(b)), a, b)
    return settle(a * b)


def _nonzero(result: Number, a: Number, b: Number) -> Number:
    """The result of a multiplication, which is zero only where an operand is."""
    if not result and a and b:
        raise OverflowError("the product is smaller than any float")
    return result


def power(a: Number, n: int) -> Number | None:
    """a^n where that is a number, else None. One over a decimal stays a division."""
    if a == 1 or n == 1:
        return a
    if a == -1:
        return -1 if n % 2 else 1
    if not a:
        return 0 if n > 0 else None
    size: float = abs(math.log2(math.fabs(a)))
    if abs(n) > HIGHEST or size * abs(n) > 1000:
        return None
    if isinstance(a, float):
        return _decimal(_digits(a)**n) if n > 0 or a.is_integer() else None
    value = settle(Fraction(a)**n)
    return None if isinstance(value, float) and n < 0 else value


def root(a: Number) -> Number | None:
    """The square root of a where it is rational, else None."""
    if isinstance(a, float) or a < 0:
        return None
    top, bottom = math.isqrt(a.numerator), math.isqrt(a.denominator)
    if top * top != a.numerator or bottom * bottom != a.denominator:
        return None
    return settle(Fraction(top, bottom))


def effort(a: Number) -> int:
    """How many operators it takes to write this number in front of a factor."""
    if isinstance(a, Fraction):
        return 1 + (abs(a.numerator) != 1)
    return int(abs(a) != 1)
