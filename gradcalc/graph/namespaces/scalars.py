"""Python's floats as a namespace: the answer to a one-line question, without NumPy.

Results are IEEE's, as NumPy's are: where ``math`` raises, the value is an infinity or a NaN. A condition is 1.0, 0.0, or NaN
where an operand is NaN, so that a comparison does not hide that something before it is undefined.
"""

import builtins
import math
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

from gradcalc.graph.namespaces.spelling import imported, spelled
from gradcalc.graph.operations.operation import Operation

nan = math.nan
inf = math.inf
pi = math.pi
#: A value is one number, so there is nothing to broadcast.
ranked = False
#: Nothing here warns.
silent = nullcontext
finite = math.isfinite
epsilon = sys.float_info.epsilon


def constant(value: float) -> float:
    """A number of the program in this namespace."""
    return value


def zeros(shape: tuple[int, ...]) -> float:
    """What has no derivative."""
    return 0.0


def units(shape: tuple[int, ...]) -> tuple[float]:
    """The directions in which a value can move."""
    return (1.0,)


def places(shape: tuple[int, ...]) -> tuple[None]:
    """Where the numbers of a value stand: there is one."""
    return (None,)


def gathered(slopes: Sequence[float], shape: tuple[int, ...]) -> float:
    """The derivatives in each of the directions, together."""
    return slopes[0]


def stacked(rows: Sequence[float], shape: tuple[int, ...]) -> float:
    """The derivatives of each of the numbers of an output, together."""
    return rows[0]


def plain(value: float) -> float:
    """The value as it is handed out."""
    return value


def _made(spelling: Any, row: Operation) -> Callable[..., Any]:
    """A function of the row's spelling, with IEEE results."""
    function = imported(spelling) if isinstance(spelling, str) else spelling
    return _condition(function) if row.facts.condition else _guarded(function, row)


def _guarded(function: Callable[..., float], row: Operation) -> Callable[..., float]:
    """``function`` with IEEE results: infinite at its poles and where it overflows, NaN outside its domain."""
    assert row.spelled is not None
    poles, signed = dict(row.spelled.poles), row.spelled.signed

    def ieee(*args: float) -> float:
        try:
            return function(*args)
        except ValueError:
            return poles.get(args[0], nan)
        except OverflowError:
            return math.copysign(inf, args[0]) if signed else inf

    def of_one(x: float) -> float:
        try:
            return function(x)
        except ValueError:
            return poles.get(x, nan)
        except OverflowError:
            return math.copysign(inf, x) if signed else inf

    return of_one if len(row.parameters) + len(row.settings) == 1 else ieee


def _condition(relation: Callable[[float, float], bool]) -> Callable[[float, float], float]:
    """A comparison, undefined where an operand is."""

    def compare(a: float, b: float) -> float:
        return nan if a != a or b != b else float(relation(a, b))

    return compare


abs = builtins.abs


def divide(a: float, b: float) -> float:
    try:
        return a / b
    except ZeroDivisionError:
        return nan if a == 0.0 or a != a else math.copysign(inf, a) * math.copysign(1.0, b)


def pow(a: float, b: float) -> float:
    try:
        return math.pow(a, b)
    except ValueError:  # a negative base with a fractional exponent, or zero with a negative one
        odd = b % 2.0 == 1.0
        return nan if a else (math.copysign(inf, a) if odd else inf)
    except OverflowError:
        return -inf if a < 0.0 and b % 2.0 == 1.0 else inf


def times(factor: float, other: float) -> float:
    """The product in which a factor of 0 wins over an infinity: x^0 is flat at 0, and so is 0^y for a positive y."""
    return 0.0 if factor == 0.0 else factor * other


def remainder(a: float, b: float) -> float:
    try:
        return a % b
    except ZeroDivisionError:
        return nan


def logaddexp(a: float, b: float) -> float:
    high, low = (a, b) if a > b else (b, a)
    return high if math.isinf(high) and low == low else high + math.log1p(math.exp(low - high))


def sign(x: float) -> float:
    return x if x == 0.0 or x != x else math.copysign(1.0, x)


def heaviside(x: float) -> float:
    return 0.5 * (1.0 + sign(x))


def floor(x: float) -> float:
    return float(math.floor(x)) if math.isfinite(x) else x


def ceil(x: float) -> float:
    return float(math.ceil(x)) if math.isfinite(x) else x


def round(x: float) -> float:
    return float(builtins.round(x)) if math.isfinite(x) else x


def maximum(a: float, b: float) -> float:
    return a + b if a != a or b != b else (a if a >= b else b)


def minimum(a: float, b: float) -> float:
    return a + b if a != a or b != b else (a if a <= b else b)


# Kleene's logic: an operand that decides the answer makes an undefined one harmless.
def logical_and(a: float, b: float) -> float:
    return 0.0 if a == 0.0 or b == 0.0 else nan if a != a or b != b else 1.0


def logical_or(a: float, b: float) -> float:
    a, b = logical_not(a), logical_not(b)
    return logical_not(logical_and(a, b))


def logical_not(a: float) -> float:
    return nan if a != a else float(a == 0.0)


# A condition is any number; all but 0 hold.
def where(condition: float, a: float, b: float) -> float:
    return nan if condition != condition else b if condition == 0.0 else a


def gate(condition: float) -> bool:
    """Whether a path is open under this condition. In numbers it is known."""
    return condition == condition and condition != 0.0


def same(a: object, b: object) -> bool:
    """Whether two gates are one and the same."""
    return a is b


def __getattr__(name: str) -> Any:
    return spelled(name, "scalar", sys.modules[__name__], _made)
