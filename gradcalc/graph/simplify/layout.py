"""From normal forms back to instructions, in the order in which a person would write them.

A sum begins with a positive term, if it has one; the higher degree in the inputs stands first, then what appeared first in the
program, and the number last. A product begins with its number, then the inputs, then the rest; negative powers go below a
fraction line, and a minus sign goes into a difference where there is one (``1 - x`` for ``-(x - 1)``).
"""

from fractions import Fraction

from gradcalc.graph.simplify.exact import Number
from gradcalc.graph.simplify.normal_form import ATOM, PRODUCT, SUM, UNIT, NormalForms, Value
from gradcalc.graph.tape import INPUT, Graph

#: A factor of a product: the base as it is written, and its exponent.
Factor = tuple[tuple[int, int], Number]
#: A product of more factors is written once, and its number before it; a sum may hold it with many numbers.
WIDE = 64


class Layout:
    """Writes one value into a graph."""

    def __init__(self, graph: Graph, forms: NormalForms, root: Value) -> None:
        self.graph = graph
        self.forms = forms
        self.root = root
        self.nodes: dict[Value, int] = {}
        self._plans: dict[Value, tuple[Number, list[Factor]]] = {}
        self._flips = self._orientation()
        self._terms: dict[Value, list[tuple[int, Value]]] = {}

    def emit(self) -> int:
        """The node of the value. Each value is written after its parts, from a stack."""
        stack = [self.root]
        nodes = self.nodes
        while stack:
            value = stack[-1]
            if value in nodes:
                stack.pop()
                continue
            missing = [part for part in self._parts(value) if part not in nodes]
            if missing:
                stack.extend(reversed(missing))
            else:
                nodes[value] = self._write(value)
                stack.pop()
        return nodes[self.root]

    def _parts(self, value: Value) -> list[Value]:
        """The values that this one is written from."""
        factor, body = value
        kind = self.forms.kinds[body]
        if body == UNIT:
            return []
        if kind == ATOM and factor == 1:
            op, *operands = self.forms.parts[body]
            return [] if op == INPUT else operands
        if kind == SUM and abs(factor) == 1:
            return [term for _, term in self._ordered(value)]
        return [base for base, _ in self._plan(value)[1]]

    def _write(self, value: Value) -> int:
        factor, body = value
        kind = self.forms.kinds[body]
        if body == UNIT:
            return self._number(factor)
        if kind == ATOM and factor == 1:
            op, *operands = self.forms.parts[body]
            if op == INPUT:
                node = self.graph.names.get(operands[0])
                return self.graph.input(operands[0]) if node is None else node
            return self.graph.add(op, tuple([self.nodes[operand] for operand in operands]))
        return self._sum(value) if kind == SUM and abs(factor) == 1 else self._product(value)

    # -- sums ----------------------------------------------------------------------------------------------------------

    def _ordered(self, value: Value) -> list[tuple[int, Value]]:
        """The terms of ``value``, a sum or its negative, in the order in which they are written: a sign, and what it stands
        before."""
        if value in self._terms:
            return self._terms[value]
        sign, body = value
        number, items = self.forms.parts[body]
        ordered = [*sorted(items, key=self._precedence), *([(UNIT, number)] if number else [])]
        terms: list[tuple[int, Value]] = []
        for term, coefficient in ordered:
            turned = bool(self._flips[term])
            positive = ((coefficient > 0) == (sign > 0)) != turned
            terms.append((1 if positive else -1, (-abs(coefficient) if turned else abs(coefficient), term)))
        if terms and terms[0][0] < 0:
            terms.insert(0, terms.pop(next((place for place, term in enumerate(terms) if term[0] > 0), 0)))
        self._terms[value] = terms
        return terms

    def _precedence(self, item: tuple[int, Number]) -> tuple[Number, list[int]]:
        """Sorts a term by its degree, then by what its factors are: bodies are numbered in the order of the program."""
        forms, body = self.forms, item[0]
        factors = [base for base, _ in forms.parts[body]] if forms.kinds[body] == PRODUCT else [body]
        return -forms.degrees[body], factors

    def _orientation(self) -> bytearray:
        """For each body, whether it changes its sign when every sum is written as the program writes it.

        A sum of which no term would be positive is not.
        """
        forms = self.forms
        flips = bytearray(len(forms.kinds))
        for body, (kind, parts) in enumerate(zip(forms.kinds, forms.parts, strict=True)):
            if kind == PRODUCT:
                flips[body] = len([base for base, exponent in parts if flips[base] and _odd(exponent)]) % 2
            elif kind == SUM and parts[1]:
                turned = body in forms.turned
                number, items = parts
                positive = [(coefficient > 0) != bool(flips[term]) for term, coefficient in items]
                if number:
                    positive.append(number > 0)
                flips[body] = not all(positive) if turned else not any(positive)
        return flips

    def _sum(self, value: Value) -> int:
        graph, nodes = self.graph, self.nodes
        total = -1
        for sign, term in self._ordered(value):
            if total < 0:
                total = nodes[term] if sign > 0 else self._negative(term)
            else:
                total = graph.add("add" if sign > 0 else "sub", (total, nodes[term]))
        return total if total >= 0 else self._number(0)

    def _negative(self, value: Value) -> int:
        """The node of a term with a minus sign; the term itself has been written."""
        number, body = value
        return self._number(-number) if body == UNIT else self._quotient(*self._plan(value), -1)

    # -- products ------------------------------------------------------------------------------------------------------

    def _plan(self, value: Value) -> tuple[Number, list[Factor]]:
        """The number and the factors as they are written, each sum with the sign that reads best."""
        if value in self._plans:
            return self._plans[value]
        forms = self.forms
        number, body = value
        powers: tuple[tuple[int, Number], ...] = ((body, 1),)
        if forms.kinds[body] == PRODUCT and (number == 1 or len(forms.parts[body]) <= WIDE):
            powers = forms.parts[body]
        factors: list[Factor] = []
        for base, exponent in sorted(powers, key=self._rank):
            turned = bool(self._flips[base]) and isinstance(exponent, int)
            factors.append(((-1 if turned else 1, base), exponent))
            if turned and _odd(exponent):
                number = -number
        if number < 0:
            # A difference above the line takes the sign first.
            for place in sorted(range(len(factors)), key=lambda place: factors[place][1] < 0):
                (sign, base), exponent = factors[place]
                if _odd(exponent) and self._turns_well(-sign, base):
                    factors[place] = (-sign, base), exponent
                    number = -number
                    break
        self._plans[value] = number, factors
        return number, factors

    def _rank(self, factor: tuple[int, Number]) -> int:
        """The constants that have a name stand first, then inputs and their powers, then the rest."""
        forms, base = self.forms, factor[0]
        if forms.kinds[base] == ATOM and forms.parts[base][0] == "pow":
            base = forms.parts[base][1][1]
        parts = forms.parts[base]
        if forms.kinds[base] != ATOM:
            return 2
        return 0 if len(parts) == 1 else 1 if parts[0] == INPUT else 2

    def _turns_well(self, sign: int, base: int) -> bool:
        """Whether the base is a sum that has a positive term under this sign."""
        if self.forms.kinds[base] != SUM:
            return False
        terms = self._ordered((sign, base))
        return len(terms) > 1 and terms[0][0] > 0

    def _product(self, value: Value) -> int:
        return self._quotient(*self._plan(value))

    def _quotient(self, number: Number, factors: list[Factor], sign: int = 1) -> int:
        """The node of a number times these factors, those with negative exponents below the line."""
        graph = self.graph
        number = number if sign > 0 else -number
        above, below = [], []
        for base, exponent in factors:
            if exponent > 0:
                above.append(self._power(self.nodes[base], exponent))
            else:
                below.append(self._power(self.nodes[base], -exponent))
        over, under = (number.numerator, number.denominator) if isinstance(number, Fraction) else (number, 1)
        if over == -1 and above:
            above[0] = graph.add("neg", (above[0],))
        elif over != 1 or not above:
            above.insert(0, graph.constant(float(over)))
        if under != 1:
            below.insert(0, graph.constant(float(under)))
        top = self._chain(above)
        return graph.add("div", (top, self._chain(below))) if below else top

    def _chain(self, nodes: list[int]) -> int:
        product = nodes[0]
        for node in nodes[1:]:
            product = self.graph.add("mul", (product, node))
        return product

    def _power(self, base: int, exponent: Number) -> int:
        if exponent == 1:
            return base
        if exponent == Fraction(1, 2):
            return self.graph.add("sqrt", (base,))
        return self.graph.add("pow", (base, self._number(exponent)))

    def _number(self, number: Number) -> int:
        if isinstance(number, Fraction):
            top, bottom = self.graph.constant(float(number.numerator)), self.graph.constant(float(number.denominator))
            return self.graph.add("div", (top, bottom))
        return self.graph.constant(float(number))


def _odd(exponent: Number) -> bool:
    return isinstance(exponent, int) and exponent % 2 == 1
