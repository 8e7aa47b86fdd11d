"""The namespace in which rows record steps: run on it, the sweeps leave the code of a value and its derivatives.

This module decides what is simplified on the way. Every step is recorded once. A condition of the table is 1, 0 or NaN; here it
is two masks, where it holds and where it fails, and is undefined where neither does. Nothing is simplified that would change a
value by more than a rounding; that of a derivative may have one or two more, where that saves a division.
"""

import math
from collections.abc import Callable, Iterable
from typing import Any

from gradcalc.engines.steps import (
    ANYTHING,
    COMPARE,
    CONST,
    FINITE,
    INPUT,
    MASK,
    ORDERED,
    SELECT,
    Step,
)
from gradcalc.graph.namespaces import scalars
from gradcalc.graph.operations import TABLE, named
from gradcalc.graph.operations.operation import Operation

#: Up to this whole power, products are as good as ``pow``.
PRODUCTS = 4


class Number:
    """A step of the code that is being recorded. Arithmetic on it records more."""

    __slots__ = ("code", "step")

    def __init__(self, code: "Recorder", step: int) -> None:
        self.code = code
        self.step = step

    def __add__(self, other: Any) -> "Number":
        return self.code.add(self, other)

    def __radd__(self, other: Any) -> "Number":
        return self.code.add(other, self)

    def __sub__(self, other: Any) -> "Number":
        return self.code.subtract(self, other)

    def __rsub__(self, other: Any) -> "Number":
        return self.code.subtract(other, self)

    def __mul__(self, other: Any) -> "Number":
        return self.code.multiply(self, other)

    def __rmul__(self, other: Any) -> "Number":
        return self.code.multiply(other, self)

    def __truediv__(self, other: Any) -> "Number":
        return self.code.divide(self, other)

    def __rtruediv__(self, other: Any) -> "Number":
        return self.code.divide(other, self)

    def __neg__(self) -> "Number":
        return self.code.negative(self)


class TruthMasks(Number):
    """Two masks: where a condition holds and where it fails. It becomes a number where it is used as one."""

    __slots__ = ("fails", "holds")

    def __init__(self, code: "Recorder", holds: int, fails: int) -> None:
        self.holds, self.fails = holds, fails
        otherwise = code.chosen(fails, code.number(0.0), code.number(math.nan))
        super().__init__(code, code.chosen(holds, code.number(1.0), otherwise))


class Recorder:
    """The namespace. ``inexact`` allows what costs a derivative a rounding or two."""

    ranked = False

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.known: list[int] = []
        self.inexact = False
        self._places: dict[Any, int] = {}
        self.yes, self.no = self._step(MASK, payload=True), self._step(MASK, payload=False)

    # -- leaves --------------------------------------------------------------------------------------------------------

    def input(self, place: int) -> Number:
        return Number(self, self._step(INPUT, payload=place))

    def constant(self, value: float) -> Number:
        return Number(self, self.number(value))

    def number(self, value: float) -> int:
        value = float(value)
        return self._step(CONST, payload=value, key=(CONST, value.hex()))

    @property
    def pi(self) -> Number:
        return self.constant(math.pi)

    @property
    def nan(self) -> Number:
        return self.constant(math.nan)

    # -- arithmetic ----------------------------------------------------------------------------------------------------

    def add(self, a: Any, b: Any) -> Number:
        x, y = self.place(a), self.place(b)
        if self.steps[y].op == "neg":
            return self.subtract(a, Number(self, self.steps[y].args[0]))
        if self.steps[x].op == "neg":
            return self.subtract(b, Number(self, self.steps[x].args[0]))
        return self.compute("add", x, y)

    def subtract(self, a: Any, b: Any) -> Number:
        x, y = self.place(a), self.place(b)
        if self.steps[y].op == "neg":
            return self.add(a, Number(self, self.steps[y].args[0]))
        return Number(self, x) if self.value(y) == 0.0 and not _negative(self.value(y)) else self.compute("sub", x, y)

    def multiply(self, a: Any, b: Any) -> Number:
        x, y = self.place(a), self.place(b)
        if self.value(y) is not None:
            x, y = y, x
        factor = self.value(x)
        if factor == 1.0:
            return Number(self, y)
        if factor == -1.0:
            return self.negative(Number(self, y))
        first, second = self.steps[x], self.steps[y]
        if second.op == "neg":
            inner = second.args[0]
            if factor is not None:
                return self.multiply(-factor, Number(self, inner))
            if first.op == "neg":
                return self.compute("mul", first.args[0], inner)
            return self.negative(self.compute("mul", x, inner))
        return self.negative(self.compute("mul", first.args[0], y)) if first.op == "neg" else self.compute("mul", x, y)

    def divide(self, a: Any, b: Any) -> Number:
        x, y = self.place(a), self.place(b)
        divisor = self.value(y)
        if divisor is not None and self.value(x) is None and _invertible(divisor, self.inexact):
            return self.multiply(Number(self, x), 1.0 / divisor)
        for place, other in ((x, y), (y, x)):
            if self.steps[place].op == "neg" and self.value(other) is None:
                inner = self.steps[place].args[0]
                return self.negative(self.divide(*(Number(self, k) for k in ((inner, y) if place == x else (x, inner)))))
        if self.inexact and self.value(x) is None:
            return self.multiply(Number(self, x), self.compute("div", self.number(1.0), y))
        return self.compute("div", x, y)

    def negative(self, a: Any) -> Number:
        x = self.place(a)
        op, args, _ = self.steps[x]
        if op == "neg":
            return Number(self, args[0])
        if op == "mul" and self.value(args[0]) is not None:
            return self.compute("mul", self.number(-float(self.value(args[0]) or 0.0)), args[1])
        return self.compute("neg", x)

    def times(self, factor: Any, other: Any) -> Number:
        """The product in which a factor of 0 wins over an infinity, as in ``scalars``."""
        x, y = self.place(factor), self.place(other)
        product = self.multiply(factor, other)
        return product if self.known[y] == FINITE else Number(self, self.chosen(
            self.mask("eq", x, self.number(0.0)), self.number(0.0), product.step))

    def pow(self, a: Any, b: Any) -> Number:
        x, y = self.place(a), self.place(b)
        exponent = self.value(y)
        if exponent is None or self.value(x) is not None:
            return self.compute("pow", x, y)
        if exponent == 0.0:
            return self.constant(1.0)
        if abs(exponent) <= PRODUCTS and (2.0 * exponent).is_integer():
            return self._product(Number(self, x), exponent)
        return self.compute("pow", x, y)

    def _product(self, base: Number, exponent: float) -> Number:
        """A whole or half power of small size. The root of -inf is that of inf here, as it is for ``pow``."""
        if not exponent.is_integer():
            root = self.sqrt(base + 0.0)
            if self.known[base.step] != FINITE:
                infinite = self.mask("eq", base.step, self.number(-math.inf))
                root = Number(self, self.chosen(infinite, self.number(math.inf), root.step))
            base, exponent = root, 2.0 * exponent
        if exponent < 0.0:
            base = Number(self, self.compute("div", self.number(1.0), base.step).step)
        found, power, left = None, base, int(abs(exponent))
        while left:
            if left % 2:
                found = power if found is None else found * power
            left //= 2
            power = power * power if left else power
        assert found is not None
        return found

    def heaviside(self, x: Any) -> Number:
        return 0.5 * self.sign(x) + 0.5

    def logaddexp(self, a: Any, b: Any) -> Number:
        """log(exp(a) + exp(b)) without overflow; two equal infinities have no difference."""
        x, y = self.place(a), self.place(b)
        high, distance = self.maximum(a, b), self.abs(self.subtract(a, b))
        if FINITE not in (self.known[x], self.known[y]):
            distance = Number(self, self.chosen(self.mask("eq", x, y), self.number(0.0), distance.step))
        return high + self.log1p(self.exp(-distance))

    # -- conditions ----------------------------------------------------------------------------------------------------

    def less(self, a: Any, b: Any) -> TruthMasks:
        x, y = self.place(a), self.place(b)
        return self._compared(self.mask("lt", x, y), x, y, lambda: self.mask("le", y, x))

    def less_equal(self, a: Any, b: Any) -> TruthMasks:
        x, y = self.place(a), self.place(b)
        return self._compared(self.mask("le", x, y), x, y, lambda: self.mask("lt", y, x))

    def greater(self, a: Any, b: Any) -> TruthMasks:
        return self.less(b, a)

    def greater_equal(self, a: Any, b: Any) -> TruthMasks:
        return self.less_equal(b, a)

    def equal(self, a: Any, b: Any) -> TruthMasks:
        x, y = self.place(a), self.place(b)
        return self._compared(self.mask("eq", x, y), x, y, lambda: self.either(self.mask("lt", x, y), self.mask("lt", y, x)))

    def not_equal(self, a: Any, b: Any) -> TruthMasks:
        return self.logical_not(self.equal(a, b))

    def _compared(self, holds: int, x: int, y: int, otherwise: Callable[[], int]) -> TruthMasks:
        return TruthMasks(self, holds, self.opposite(holds) if min(self.known[x], self.known[y]) >= ORDERED else otherwise())

    def condition(self, a: Any) -> TruthMasks:
        """A number as a condition: all but 0 hold."""
        return a if isinstance(a, TruthMasks) else self.not_equal(a, 0.0)

    def logical_not(self, a: Any) -> TruthMasks:
        given = self.condition(a)
        return TruthMasks(self, given.fails, given.holds)

    def logical_and(self, a: Any, b: Any) -> TruthMasks:
        a, b = self.condition(a), self.condition(b)
        return TruthMasks(self, self.both(a.holds, b.holds), self.either(a.fails, b.fails))

    def logical_or(self, a: Any, b: Any) -> TruthMasks:
        a, b = self.condition(a), self.condition(b)
        return TruthMasks(self, self.either(a.holds, b.holds), self.both(a.fails, b.fails))

    def where(self, condition: Any, a: Any, b: Any) -> Number:
        given, x, y = self.condition(condition), self.place(a), self.place(b)
        otherwise = y if given.fails == self.opposite(given.holds) else self.chosen(given.fails, y, self.number(math.nan))
        return Number(self, self.chosen(given.holds, x, otherwise))

    def gate(self, condition: Any) -> bool | TruthMasks:
        given = self.condition(condition)
        return True if given.holds == self.yes else False if given.holds == self.no else given

    def same(self, a: Any, b: Any) -> bool:
        return a is b or (isinstance(a, TruthMasks) and isinstance(b, TruthMasks) and (a.holds, a.fails) == (b.holds, b.fails))

    # -- masks ---------------------------------------------------------------------------------------------------------

    def mask(self, op: str, x: int, y: int) -> int:
        a, b = self.value(x), self.value(y)
        if a is not None and b is not None:
            return self.yes if COMPARE[op](a, b) else self.no
        if x == y and self.known[x] >= ORDERED:
            return self.no if op == "lt" else self.yes
        return self._step(op, (x, y), commutes=op == "eq")

    def opposite(self, x: int) -> int:
        if x in (self.yes, self.no):
            return self.no if x == self.yes else self.yes
        return self.steps[x].args[0] if self.steps[x].op == "not" else self._step("not", (x,))

    def _both(self, op: str, x: int, y: int) -> int:
        return self._step(op, (x, y), commutes=True)

    def both(self, x: int, y: int) -> int:
        if self.no in (x, y):
            return self.no
        if x == y or y == self.yes:
            return x
        if x == self.yes:
            return y
        if self.steps[x].op == self.steps[y].op == "not":
            return self.opposite(self._both("or", self.opposite(x), self.opposite(y)))
        return self._both("and", x, y)

    def either(self, x: int, y: int) -> int:
        if self.yes in (x, y):
            return self.yes
        if x == y or y == self.no:
            return x
        if x == self.no:
            return y
        if self.steps[x].op == self.steps[y].op == "not":
            return self.opposite(self._both("and", self.opposite(x), self.opposite(y)))
        return self._both("or", x, y)

    def chosen(self, mask: int, x: int, y: int) -> int:
        if mask in (self.yes, self.no) or x == y:
            return y if mask == self.no else x
        return self._step(SELECT, (mask, x, y), known=min(self.known[x], self.known[y]))

    # -- recording -----------------------------------------------------------------------------------------------------

    def place(self, operand: Any) -> int:
        return operand.step if isinstance(operand, Number) else self.number(operand)

    def value(self, place: int) -> float | None:
        """The number of a step, where it is known."""
        op, _, payload = self.steps[place]
        return payload if op == CONST else None

    def compute(self, op: str, *args: int, settings: tuple[Any, ...] = ()) -> Number:
        """The step, or its number where the operands' are known."""
        row = TABLE[op]
        values = [self.value(place) for place in args]
        if None not in values:
            return self.constant(_evaluated(row, values, settings))
        lowest, facts = min([self.known[place] for place in args]), row.facts
        sure = (FINITE if facts.bounded and lowest == FINITE else ORDERED if (facts.total and lowest == FINITE) or
                (facts.ordered and lowest >= ORDERED) else ANYTHING)
        return Number(self, self._step(op, args, settings or None, known=sure, commutes=facts.commutes))

    def _step(self, op: str, args: tuple[int, ...] = (), payload: Any = None, known: int | None = None, key: Any = None,
              commutes: bool = False) -> int:
        if commutes and args[0] > args[1]:
            args = args[::-1]
        place = self._places.setdefault((op, args, payload) if key is None else key, len(self.steps))
        if place == len(self.steps):
            self.steps.append(Step(op, args, payload))
            if op == CONST:
                known = FINITE if math.isfinite(payload) else ANYTHING if payload != payload else ORDERED
            self.known.append(FINITE if op == INPUT else known or ANYTHING)
        return place

    def __getattr__(self, name: str) -> Callable[..., Number]:
        row = named(name)
        if row is None or row.shape is not None:
            raise AttributeError(f"{name!r} is no elementwise operation of the table")
        count, primitive = len(row.parameters), row.spelled is not None

        def called(*operands: Any) -> Number:
            if primitive:
                return self.compute(row.name, *map(self.place, operands[:count]), settings=operands[count:])
            found = row.value(self, *operands)
            return found if isinstance(found, Number) else self.constant(found)

        setattr(self, name, called)
        return called


def _evaluated(row: Operation, values: Iterable[Any], settings: tuple[Any, ...]) -> float:
    """A primitive on numbers, NaN where it has no value."""
    try:
        return float(row.value(scalars, *values, *settings))
    except (ArithmeticError, ValueError):
        return math.nan


def _negative(value: float | None) -> bool:
    return value is not None and math.copysign(1.0, value) < 0.0


def _invertible(divisor: float, inexact: bool) -> bool:
    """Whether to multiply by the reciprocal is as good as to divide."""
    if divisor == 0.0 or not 2.0**-1000 < abs(divisor) < 2.0**1000:
        return False
    return inexact or abs(math.frexp(divisor)[0]) == 0.5
