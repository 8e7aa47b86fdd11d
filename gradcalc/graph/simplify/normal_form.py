"""The normal form of a formula: numbers times powers, and sums of those, each kept once.

A value is a pair (number, body). A body is ONE, an atom (an input or an operation on values), a product of bases with their
exponents, or a sum of bodies with their coefficients. Because the number is kept apart from the body, terms that differ only in
it have one body, and a sign needs no instruction. Bodies are interned and numbered in the order in which they come up, so that
a body's parts have smaller numbers than it. Two values are equal if they are the same real function wherever the original is
defined.
"""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from gradcalc.graph.operations import TABLE
from gradcalc.graph.simplify.exact import Number, effort, plus, power, root, times

Value = tuple[Number, int]

ONE, ATOM, PRODUCT, SUM = range(4)
#: The body of a plain number.
UNIT = 0
#: A product or sum of at most so many parts is merged into the one around it even where it is used elsewhere too.
SMALL_PRODUCT, SMALL_SUM = 6, 3
#: A sum of at most so many terms is multiplied out by a number where that is shorter.
SHORT = 16


def _is_condition(op: str) -> bool:
    """Whether an atom of this operation is always 0 or 1."""
    return op in TABLE and TABLE[op].facts.condition


class NormalForms:
    """The bodies of one formula. ``kinds`` and ``parts`` are indexed by body.

    The parts of an atom are (op, *values), or ("input", name); of a product ((base, exponent), ...); of a sum
    (number, ((body, coefficient), ...)).
    """

    def __init__(self) -> None:
        self.kinds: list[int] = [ONE]
        self.parts: list[Any] = [()]
        self.degrees: list[Number] = [0]
        self._index: dict[tuple[int, Any], int] = {}
        #: Bases that stand for a value, a number times a body; under a whole exponent they are multiplied out again.
        self._boxes: set[int] = set()
        self._powers: set[int] = set()
        self.choices: set[int] = set()
        #: Sums that the program writes with the opposite sign, as 1 - x is the negative of x - 1.
        self.turned: set[int] = set()

    def _intern(self, kind: int, parts: Any) -> int:
        size = len(self.kinds)
        body = self._index.setdefault((kind, parts), size)
        if body == size:
            self.kinds.append(kind)
            self.parts.append(parts)
            self.degrees.append(self._degree(kind, parts))
        return body

    def _degree(self, kind: int, parts: Any) -> Number:
        """How high a term ranks in a sum: the total degree in the inputs."""
        degrees: list[Any] = self.degrees
        if kind == ATOM:
            inner: Number = degrees[parts[1][1]] if parts[0] == "pow" else int(parts[0] == "input")
            return inner
        try:
            total: Number = (sum([degrees[base] * exponent for base, exponent in parts]) if kind == PRODUCT else
                             max([degrees[body] for body, _ in parts[1]], default=0))
            return total
        except OverflowError:
            return 0

    # -- atoms ---------------------------------------------------------------------------------------------------------

    def atom(self, op: str, *operands: Any) -> Value:
        """An operation that is no arithmetic, on values (or an input's name)."""
        return 1, self._intern(ATOM, (op, *operands))

    def choice(self, condition: Value, a: Value, b: Value) -> Value:
        """where(condition, a, b)."""
        if condition[1] == UNIT:
            return a if condition[0] else b
        if a == b:
            return a
        parts = self.parts[condition[1]]
        if self.kinds[condition[1]] == ATOM and parts[0] == "not":
            condition, a, b = parts[1], b, a
        body = self._intern(ATOM, ("where", condition, a, b))
        self.choices.add(body)
        return 1, body

    def negation(self, a: Value) -> Value:
        """not a."""
        if a[1] == UNIT:
            return int(not a[0]), UNIT
        parts = self.parts[a[1]]
        if self.kinds[a[1]] == ATOM and parts[0] == "not":
            inner: Value = parts[1]
            if self.kinds[inner[1]] == ATOM and _is_condition(self.parts[inner[1]][0]):
                return inner
        return self.atom("not", a)

    # -- sums ----------------------------------------------------------------------------------------------------------

    def sum(self, terms: dict[int, Number], constant: Number) -> Value:
        """The value of a sum of bodies with their coefficients. It may change ``terms``."""
        if self.choices and not self.choices.isdisjoint(terms):
            constant = self._join_choices(terms, constant)
        return self._ordered_sum(terms, constant)

    def _ordered_sum(self, terms: dict[int, Number], constant: Number) -> Value:
        items = sorted([item for item in terms.items() if item[1]])
        if not items:
            return constant, UNIT
        if not constant and len(items) == 1:
            body, coefficient = items[0]
            return coefficient, body
        # The first coefficient of a sum is positive, so that a - b and b - a have one body.
        if items[0][1] < 0:
            size = len(self.kinds)
            body = self._intern(SUM, (-constant, tuple([(body, -coefficient) for body, coefficient in items])))
            if body == size:
                self.turned.add(body)
            return -1, body
        return 1, self._intern(SUM, (constant, tuple(items)))

    def _join_choices(self, terms: dict[int, Number], constant: Number) -> Number:
        """Make one of the terms that choose by the same condition; return the constant with what became a number."""
        groups: dict[Value, list[int]] = {}
        for body in terms:
            if body in self.choices:
                groups.setdefault(self.parts[body][1], []).append(body)
        for condition, bodies in groups.items():
            if len(bodies) < 2:
                continue
            taken = [(terms.pop(body), self.parts[body]) for body in sorted(bodies)]
            branches: list[Value] = []
            for which in (2, 3):
                branch: dict[int, Number] = {}
                rest: Number = 0
                for coefficient, parts in taken:
                    rest = self.add(branch, rest, coefficient, parts[which])
                # Not self.sum, which would come back here for the choices within a branch, to any depth.
                branches.append(self._ordered_sum(branch, rest))
            factor, body = self.choice(condition, branches[0], branches[1])
            constant = self.collect(terms, constant, factor, (1, body))
        return constant

    def collect(self, terms: dict[int, Number], constant: Number, factor: Number, value: Value) -> Number:
        """Add factor*value to the terms of a sum; return its constant."""
        coefficient, body = value
        if factor != 1:
            coefficient = times(factor, coefficient)
        if body == UNIT:
            return plus(constant, coefficient) if constant else coefficient
        known = terms.get(body)
        terms[body] = coefficient if known is None else plus(known, coefficient)
        return constant

    def spread(self, terms: dict[int, Number], constant: Number, factor: Number, body: int) -> Number:
        """Add factor times a sum, term by term; return the constant."""
        number, items = self.parts[body]
        for item, coefficient in items:
            constant = self.collect(terms, constant, factor, (coefficient, item))
        return plus(constant, times(factor, number)) if number else constant

    def shorter_spread(self, terms: dict[int, Number], constant: Number, factor: Number, body: int) -> bool:
        """Whether factor*(a + b) is no longer as factor*a + factor*b among these terms."""
        number, items = self.parts[body]
        if len(items) > SHORT:
            return False
        kept = effort(factor) + len(items) + bool(number)
        spread = int(bool(number) and not constant)
        for item, coefficient in items:
            kept += effort(coefficient)
            product, known = times(factor, coefficient), terms.get(item)
            if known is None:
                spread += 1 + effort(product)
            else:
                total = plus(known, product)
                spread += effort(total) - effort(known) if total else -1 - effort(known)
        return spread <= kept

    # -- products ------------------------------------------------------------------------------------------------------

    def box(self, value: Value) -> int:
        """A body for a value, so that it can be a base."""
        factor, body = value
        if factor == 1 and body != UNIT:
            if self.kinds[body] == PRODUCT:
                self._boxes.add(body)
            return body
        if factor == -1 and self.kinds[body] == SUM:
            number, items = self.parts[body]
            boxed = self._intern(SUM, (-number, tuple([(item, -coefficient) for item, coefficient in items])))
        else:
            boxed = self._intern(SUM, (factor, ()) if body == UNIT else (0, ((body, factor),)))
        self._boxes.add(boxed)
        return boxed

    def unbox(self, body: int) -> Value:
        """The value that the body stands for."""
        if self.kinds[body] == SUM and body in self._boxes:
            number, items = self.parts[body]
            return self.sum(dict(items), number)
        return 1, body

    def multiply(self, factors: dict[int, Number], factor: Number, value: Value, exponent: int) -> Number:
        """Multiply value^exponent into the factors of a product; return its number."""
        coefficient, body = value
        if coefficient != 1:
            raised = power(coefficient, exponent)
            if raised is None:
                base = self.box((coefficient, UNIT))
                factors[base] = plus(factors.get(base, 0), exponent)
            else:
                factor = times(factor, raised) if factor != 1 else raised
        if body == UNIT:
            return factor
        if self.kinds[body] == PRODUCT and len(self.parts[body]) <= SMALL_PRODUCT:
            for base, inner in self.parts[body]:
                whole = inner if exponent == 1 else times(inner, exponent)
                factors[base] = plus(factors[base], whole) if base in factors else whole
        else:
            factors[body] = plus(factors[body], exponent) if body in factors else exponent
        return factor

    def product(self, factors: dict[int, Number], factor: Number) -> Value:
        """The value of a product of powers. It may change ``factors``."""
        if self._powers and not self._powers.isdisjoint(factors):
            factor = self._join_powers(factors, factor)
        if self._boxes and not self._boxes.isdisjoint(factors):
            factor = self._open_boxes(factors, factor)
            self._gather_roots(factors)
        if not factor:
            return 0, UNIT
        items = sorted([item for item in factors.items() if item[1]])
        if not items:
            return factor, UNIT
        if len(items) > 1 or items[0][1] != 1:
            return factor, self._intern(PRODUCT, tuple(items))
        body = items[0][0]
        if self.kinds[body] != SUM or abs(factor) == 1:
            return factor, body
        return self._multiplied_out(factor, body)

    def _multiplied_out(self, factor: Number, body: int) -> Value:
        """factor times a sum, in the shorter of the two forms."""
        items = self.parts[body][1]
        if len(items) <= SHORT:
            kept = effort(factor) + sum(effort(c) for _, c in items)
            if sum(effort(times(factor, c)) for _, c in items) < kept:
                terms: dict[int, Number] = {}
                return self.sum(terms, self.spread(terms, 0, factor, body))
        return factor, body

    def _open_boxes(self, factors: dict[int, Number], factor: Number) -> Number:
        """Multiply out the boxes that have come to a whole exponent."""
        for base in [base for base in factors if base in self._boxes]:
            exponent = factors[base]
            if not exponent:
                continue
            coefficient, body = self.unbox(base)
            if not isinstance(exponent, int):
                # sqrt(1 - x)*(x - 1) is -(1 - x)^(3/2).
                if coefficient == -1 and isinstance(factors.get(body), int):
                    whole = factors.pop(body)
                    factors[base], factor = plus(exponent, whole), times(factor, (-1)**(int(whole) % 2))
                continue
            raised = power(coefficient, exponent)
            if body == UNIT and raised is None and exponent < -1:
                divisor = power(coefficient, -exponent)
                if divisor:
                    del factors[base]
                    factors[self.box((divisor, UNIT))] = -1
                continue
            if raised is None or (coefficient == 1 and self.kinds[body] == PRODUCT
                                  and len(self.parts[body]) > SMALL_PRODUCT):
                continue
            del factors[base]
            factor = self.multiply(factors, times(factor, raised), (1, body), exponent)
        return factor

    def _gather_roots(self, factors: dict[int, Number]) -> None:
        """Write a*b/sqrt(a*b) as sqrt(a*b), and b/sqrt(a*b) as sqrt(a*b)/a where that takes fewer factors."""
        for base in [base for base in factors if self.kinds[base] == PRODUCT]:
            exponent, inner = factors[base], self.parts[base]
            if isinstance(exponent, int) or exponent > 0 or len(inner) > SMALL_PRODUCT:
                continue
            matched = sum(times(factors.get(part, 0), 1 if power > 0 else -1) >= abs(power) for part, power in inner)
            if 2 * matched > len(inner):
                factors[base] = plus(exponent, 1)
                for part, power in inner:
                    factors[part] = plus(factors.get(part, 0), -power)

    def _join_powers(self, factors: dict[int, Number], factor: Number) -> Number:
        """Collect the powers of one base whose exponents are formulas: x^n*x is x^(n + 1)."""
        groups: dict[Value, list[int]] = {}
        for body in factors:
            if body in self._powers and isinstance(factors[body], int):
                groups.setdefault(self.parts[body][1], []).append(body)
        for base, bodies in groups.items():
            # A power may be the base of another one, and have been collected with that.
            bodies = [body for body in bodies if body in factors]
            plain = base[1] if base[0] == 1 and base[1] in factors else None
            if not bodies or (len(bodies) == 1 and plain is None and abs(factors[bodies[0]]) == 1):
                continue
            terms: dict[int, Number] = {}
            constant: Number = 0
            for body in sorted(bodies):
                constant = self.add(terms, constant, factors.pop(body), self.parts[body][2])
            if plain is not None:
                constant = plus(constant, factors.pop(plain))
            exponent = self.sum(terms, constant)
            if exponent[1] == UNIT:
                raised = self.power(base, exponent[0])
                factor = self.multiply(factors, factor, raised, 1)
                continue
            downwards = exponent[0] < 0
            raised = self.symbolic_power(base, (-exponent[0], exponent[1]) if downwards else exponent)
            factor = self.multiply(factors, factor, raised, -1 if downwards else 1)
        return factor

    def add(self, terms: dict[int, Number], constant: Number, factor: Number, value: Value) -> Number:
        """Add factor*value to the terms of a sum, a small sum term by term; return the constant."""
        coefficient, body = value
        if self.kinds[body] == SUM and len(self.parts[body][1]) <= SMALL_SUM:
            return self.spread(terms, constant, times(factor, coefficient), body)
        return self.collect(terms, constant, factor, value)

    def symbolic_power(self, base: Value, exponent: Value) -> Value:
        """base^exponent for an exponent that is no number."""
        if base == (1, UNIT):
            return base
        body = self._intern(ATOM, ("pow", base, exponent))
        self._powers.add(body)
        return 1, body

    def power(self, base: Value, exponent: Number) -> Value:
        """base^exponent."""
        factor, body = base
        if not exponent or base == (1, UNIT):
            return 1, UNIT
        if exponent == 1:
            return base
        if isinstance(exponent, int):
            factors: dict[int, Number] = {}
            return self.product(factors, self.multiply(factors, 1, base, exponent))
        if body == UNIT:
            rational = root(factor) if exponent == Fraction(1, 2) else None
            return (rational, UNIT) if rational is not None else self.product({self.box(base): exponent}, 1)
        inner = self.parts[body]
        # (x^p)^q is x^(p*q) unless p is even, where it is |x|^(p*q).
        if factor == 1 and self.kinds[body] == PRODUCT and len(inner) == 1 and inner[0][1] % 2:
            return self.product({inner[0][0]: times(inner[0][1], exponent)}, 1)
        return self.product({self.box(base): exponent}, 1)


def mentions(values: Iterable[Value]) -> list[Number] | None:
    """The numbers of these values where all are numbers, else None."""
    numbers = []
    for number, body in values:
        if body != UNIT:
            return None
        numbers.append(number)
    return numbers
