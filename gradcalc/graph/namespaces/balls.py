"""Balls as a namespace: every number as an interval that is proven to hold it, by the library FLINT.

A number is exact where it can be; everything else is a midpoint with a radius, in as many bits as ``precision`` sets
(Johansson, Arb: efficient arbitrary-precision midpoint-radius interval arithmetic, IEEE Transactions on Computers 66, 2017). A
namespace knows no rule, so the derivatives that come out are proven from the rules.

Some questions a ball cannot answer: whether the number in it is positive, when it reaches to both sides of 0; which whole
number is below it; whether a divisor is 0. Nothing is guessed then. The value is a NaN that carries its ``doubt``, and more
bits may answer. A NaN without a doubt is proven to be one: the function is not defined there. Exact numbers raise no doubt, so
a kink at 0 is met at 0 itself, and what happens there is what the other namespaces do.
"""

import sys
from collections.abc import Callable
from typing import Any

from flint import arb, ctx

from gradcalc.graph.namespaces import scalars
from gradcalc.graph.namespaces.spelling import member, spelled
from gradcalc.graph.operations.operation import Operation
from gradcalc.graph.tape import Written

#: Below, a float that is whole is what was written.
WHOLE = 2.0**53
#: What a ball may hold that keeps it from having one value: the doubts.
JUMP, POLE, EDGE, SIZE = "a jump", "a pole", "the edge of its domain", "numbers too large to be told apart"

ranked = scalars.ranked
silent, places, gathered, stacked, same = (
    scalars.silent, scalars.places, scalars.gathered, scalars.stacked, scalars.same)
#: ``with precision(bits):`` sets how many bits a midpoint has. Whatever is set, every ball holds its number.
precision = ctx.workprec


class Ball:
    """An enclosure of a number. Where there is none, ``ball`` is NaN, and ``doubt`` says why that is not certain."""

    __slots__ = ("ball", "doubt")

    def __init__(self, ball: Any, doubt: str | None = None) -> None:
        self.ball = ball
        self.doubt = doubt

    def __repr__(self) -> str:
        return f"<Ball: {self.doubt or self.ball}>"

    def __add__(self, other: Any) -> "Ball":
        other = constant(other)
        return _found(self.ball + other.ball, self, other)

    def __sub__(self, other: Any) -> "Ball":
        other = constant(other)
        if self is other and finite(self):  # one number less itself, however little is known of it
            return _ZERO
        return _found(self.ball - other.ball, self, other)

    def __rsub__(self, other: Any) -> "Ball":
        return constant(other) - self

    def __mul__(self, other: Any) -> "Ball":
        other = constant(other)
        return _found(self.ball * other.ball, self, other)

    def __truediv__(self, other: Any) -> "Ball":
        return divide(self, other)

    def __rtruediv__(self, other: Any) -> "Ball":
        return divide(other, self)

    def __neg__(self) -> "Ball":
        return Ball(-self.ball, self.doubt)

    __radd__, __rmul__ = __add__, __mul__

    def __eq__(self, other: object) -> bool:
        """Whether both may be the same number, which they are if they are in however many bits; a NaN is like nothing."""
        return isinstance(other, Ball) and finite(self) and finite(other) and bool(self.ball.overlaps(other.ball))

    __hash__ = None  # type: ignore[assignment]


def constant(value: Any) -> Ball:
    """A number of the program in this namespace: the number that is written there, so 0.1 is a tenth."""
    if type(value) is Ball:
        return value
    if isinstance(value, Written):
        return Ball(arb(value.written))
    return Ball(arb(value if value.is_integer() and -WHOLE < value < WHOLE else repr(value)))


def exact(value: float) -> Ball:
    """A double as the binary fraction that it is."""
    return Ball(arb(value))


nan = Ball(arb.nan())
_ZERO, _HALF, _ONE, _MINUS_ONE = (constant(value) for value in (0.0, 0.5, 1.0, -1.0))


def _found(ball: Any, *operands: Ball, doubt: str = SIZE) -> Ball:
    """The result of an operation: in doubt where it is not finite, unless an operand is proven to be undefined."""
    return Ball(ball) if ball.is_finite() else _lost(*operands, doubt=doubt)


def _lost(*operands: Ball, doubt: str) -> Ball:
    """What is known of a result without a ball: nothing if an operand is undefined; else a doubt, the operands' before its
    own."""
    doubts = [operand.doubt for operand in operands if not operand.ball.is_finite()]
    return nan if None in doubts else Ball(nan.ball, doubts[0] if doubts else doubt)


# -- what is asked of the result ---------------------------------------------------------------------------------------


def finite(x: Ball) -> bool:
    """Whether there is a ball."""
    return bool(x.ball.is_finite())


def rounded(x: Ball) -> float | None:
    """The nearest double of whatever number the ball holds; None where it holds numbers with different ones.

    NaN where the number is proven undefined, an infinity where it is proven to lie beyond all doubles.
    """
    if not x.ball.is_finite():
        return scalars.nan if x.doubt is None else None
    low, high = float(x.ball.lower()), float(x.ball.upper())
    return low + 0.0 if low == high else None


def plain(x: Ball) -> float:
    """The double nearest to the middle of the ball."""
    return float(x.ball.mid()) + 0.0


def text(x: Ball, digits: int) -> str:
    """The ball in decimal, at most so many digits and only those that are proven."""
    written = str(x.ball.str(digits))
    if "/" in written:
        return written.replace("+/-", "±")
    mantissa, mark, exponent = written.partition("e")
    return (mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa) + mark + exponent


def zeros(shape: tuple[int, ...]) -> Ball:
    return _ZERO


def units(shape: tuple[int, ...]) -> tuple[Ball]:
    return (_ONE,)


# -- choices -----------------------------------------------------------------------------------------------------------


def sign(x: Any) -> Ball:
    x = constant(x)
    if x.ball > 0:
        return _ONE
    if x.ball < 0:
        return _MINUS_ONE
    return _ZERO if x.ball.is_zero() else _lost(x, doubt=JUMP)


def _by_sign(below: Ball, at: Ball, above: Ball) -> Callable[[Any], Ball]:
    """A function of the sign alone."""

    def chosen(x: Any) -> Ball:
        side = sign(x)
        return above if side is _ONE else below if side is _MINUS_ONE else at if side is _ZERO else side

    return chosen


def _comparison(below: Ball, at: Ball, above: Ball) -> Callable[[Any, Any], Ball]:
    """A comparison, by the sign of the difference."""
    chosen = _by_sign(below, at, above)

    def compared(a: Any, b: Any) -> Ball:
        return chosen(constant(a) - b)

    return compared


heaviside = _by_sign(_ZERO, _HALF, _ONE)
logical_not = _by_sign(_ZERO, _ONE, _ZERO)
less = _comparison(_ONE, _ZERO, _ZERO)
less_equal = _comparison(_ONE, _ONE, _ZERO)
greater = _comparison(_ZERO, _ZERO, _ONE)
greater_equal = _comparison(_ZERO, _ONE, _ONE)
equal = _comparison(_ZERO, _ONE, _ZERO)
not_equal = _comparison(_ONE, _ZERO, _ONE)


def logical_or(a: Any, b: Any) -> Ball:
    return logical_not(logical_and(logical_not(a), logical_not(b)))


def logical_and(a: Any, b: Any) -> Ball:
    """Kleene's: an operand that decides the answer makes an undefined one harmless, and one in doubt too."""
    first, second = logical_not(a), logical_not(b)
    if first is _ONE or second is _ONE:
        return _ZERO
    return _ONE if first is _ZERO and second is _ZERO else _lost(first, second, doubt=JUMP)


def where(condition: Any, a: Any, b: Any) -> Ball:
    fails = logical_not(condition)
    return constant(a) if fails is _ZERO else constant(b) if fails is _ONE else fails


def gate(condition: Any) -> bool:
    """Whether a path is open under this condition. Where that is in doubt, so is the value, and no path is."""
    return logical_not(condition) is _ZERO


def _whole(rounding: Callable[[Any], Any]) -> Callable[[Any], Ball]:
    """A step to whole numbers: in doubt where the ball reaches over one."""

    def step(x: Any) -> Ball:
        x = constant(x)
        found = rounding(x.ball)
        return Ball(found) if found.is_exact() and found.is_finite() else _lost(x, doubt=JUMP)

    return step


def _to_even(x: Any) -> Any:
    """The nearest whole number, of a half the even one. What a ball that touches a half holds is not exact."""
    low, high = (x - 0.5).ceil(), (x + 0.5).floor()
    if low == high:
        return high
    return (low if (low / 2).is_integer() else high) if x.is_exact() else low.union(high)


floor = _whole(arb.floor)
ceil = _whole(arb.ceil)
round = _whole(_to_even)


# -- functions ---------------------------------------------------------------------------------------------------------


def _made(spelling: Any, row: Operation) -> Callable[..., Ball]:
    """A function of the row's spelling: a method of real balls, or a method with two tests that hold of a ball inside the
    domain and of one outside of it."""
    if isinstance(spelling, tuple):
        return _between(*spelling)
    # A ball around a pole may be made smaller until the pole is outside; a size that cannot be held will not become smaller.
    return _everywhere(spelling, SIZE if row.domain is None else POLE)


def _method(spelling: str | Callable[..., Any]) -> Callable[..., Any]:
    found: Callable[..., Any] = member(arb, spelling) if isinstance(spelling, str) else spelling
    return found


def _everywhere(spelling: str | Callable[..., Any], doubt: str) -> Callable[..., Ball]:
    """A function that has a value at every number that is no pole."""
    function = _method(spelling)

    def enclosed(*operands: Any) -> Ball:
        balls = [constant(operand) for operand in operands]
        return _found(function(*[each.ball for each in balls]), *balls, doubt=doubt)

    return enclosed


def _between(spelling: str | Callable[..., Any], inside: Callable[[Any], bool], outside: Callable[[Any], bool],
             ) -> Callable[[Any], Ball]:
    """A function on a part of the line. Both tests are True where they hold of the whole ball."""
    function = _method(spelling)

    def enclosed(x: Any) -> Ball:
        x = constant(x)
        if inside(x.ball):
            return _found(function(x.ball), x)
        return nan if outside(x.ball) else _lost(x, doubt=EDGE)

    return enclosed


def _symmetric(size: Any) -> Any:
    """All numbers up to this size."""
    return size if size.is_zero() else size.union(-size)


def _odd_root(x: Any) -> Any:
    if x > 0:
        return x.root(3)
    if x < 0:
        return -(-x).root(3)
    return x if x.is_zero() else _symmetric(x.abs_upper().root(3))


cbrt = _everywhere(_odd_root, SIZE)


def divide(a: Any, b: Any) -> Ball:
    a, b = constant(a), constant(b)
    if b.ball.is_zero():
        return nan if finite(a) else _lost(a, doubt=POLE)
    return _found(a.ball / b.ball, a, b, doubt=POLE)


def maximum(a: Any, b: Any) -> Ball:
    a, b = constant(a), constant(b)
    return _found(a.ball.max(b.ball), a, b)


def minimum(a: Any, b: Any) -> Ball:
    a, b = constant(a), constant(b)
    return _found(a.ball.min(b.ball), a, b)


def hypot(a: Any, b: Any) -> Ball:
    a, b = constant(a), constant(b)
    square = a.ball * a.ball + b.ball * b.ball
    return _found(square.sqrt() if square > 0 else _symmetric(square.abs_upper().sqrt()), a, b)


def atan2(y: Any, x: Any) -> Ball:
    """The angle, which jumps on the negative half of the x axis; on it, it is that from above."""
    y, x = constant(y), constant(x)
    if y.ball.is_zero() and x.ball.is_zero():
        return nan
    if x.ball > 0 or y.ball > 0 or y.ball < 0 or (y.ball.is_zero() and x.ball < 0):
        return _found(arb.atan2(y.ball, x.ball), y, x)
    return _lost(y, x, doubt=JUMP if x.ball < 0 else POLE)


def remainder(a: Any, b: Any) -> Ball:
    return constant(a) - constant(b) * floor(divide(a, b))


def logaddexp(a: Any, b: Any) -> Ball:
    a, b = constant(a), constant(b)
    high, low = a.ball.max(b.ball), a.ball.min(b.ball)
    return _found(high + (low - high).exp().log1p(), a, b)


def times(factor: Any, other: Any) -> Ball:
    """The product in which a factor of 0 wins over a pole, as it does with numbers."""
    factor, other = constant(factor), constant(other)
    if factor.ball.is_zero():
        return _ZERO
    if finite(factor) and not finite(other) and factor.ball.contains(0):
        return Ball(nan.ball, POLE)
    return _found(factor.ball * other.ball, factor, other)


def pow(a: Any, b: Any) -> Ball:
    """exp(b*log(a)) for a positive base, a product for a whole exponent, of which 0 makes 1, and 0 to a positive exponent."""
    a, b = constant(a), constant(b)
    if not (finite(a) and finite(b)):
        return _lost(a, b, doubt=SIZE)
    if b.ball.is_integer():
        return _whole_power(a, b)
    if a.ball > 0:
        return _found(a.ball ** b.ball, a, b)
    if a.ball.is_zero() and (b.ball > 0 or b.ball < 0):
        return _ZERO if b.ball > 0 else nan
    return nan if a.ball < 0 and not b.ball.contains_integer() else _lost(a, b, doubt=EDGE)


def _whole_power(a: Ball, b: Ball) -> Ball:
    """The power for a whole exponent, which is odd if its last bit is."""
    if b.ball.is_zero():
        return _ONE
    if a.ball > 0:
        return _found(a.ball ** b.ball, a, b)
    if a.ball < 0:
        size = (-a.ball) ** b.ball
        return _found(-size if b.ball.man_exp()[1] == 0 else size, a, b)
    if b.ball < 0:
        return nan if a.ball.is_zero() else _lost(a, b, doubt=POLE)
    return _found(_symmetric(a.ball.abs_upper() ** b.ball), a, b)


def __getattr__(name: str) -> Any:
    if name == "pi":  # in as many bits as are set now
        return Ball(arb.pi())
    return spelled(name, "ball", sys.modules[__name__], _made)
