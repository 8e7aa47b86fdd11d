"""From normal forms back to instructions, in the order in which a person would write them.

A sum begins with a positive term, if it has one; the higher degree in the inputs stands first, then what appeared first in the
program, and the number last. A product begins with its number, then the inputs, then the rest; negative powers go below a
fraction line, and a minus sign goes into a difference where there is one (``1 - x`` for ``-(x - 1)``).
"""

from gradcalc.graph.simplify.exact import Fraction, Number
from gradcalc.graph.simplify.forms import ATOM, PRODUCT, SUM, UNIT, Forms, Value
from gradcalc.graph.tape import INPUT, Graph

#: A factor of a product: the base as it is written, and its exponent.
Factor = tuple[Value, Number]
#: A product of more factors is written once, and its number before it; a sum may hold it with many numbers.
WIDE = 64


class Layout:
    """Writes one value into a graph."""

    def __init__(self, graph: Graph, forms: Forms, root: Value) -> None:
        self.graph = graph
        self.forms = forms
        self.root = root
        self.nodes: dict[Value, int] = {}
        self._plans: dict[Value, tuple[Number, list[Factor]]] = {}
        self._terms: dict[Value, list[Value]] = {}

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
            return [(abs(coefficient), term) for coefficient, term in self._ordered(value)]
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

    def _ordered(self, value: Value) -> list[Value]:
        """The terms of ``value``, a sum or its negative, in the order in which they are written."""
        if value in self._terms:
            return self._terms[value]
        sign, body = value
        number, items = self.forms.parts[body]
        degrees = self.forms.degrees
        # Bodies are numbered in the order of the program, so that the sort, which is stable, keeps that for equal degrees.
        terms: list[Value] = [(coefficient if sign == 1 else -coefficient, term)
                              for term, coefficient in sorted(items, key=lambda item: -degrees[item[0]])]
        if number:
            terms.append((number if sign == 1 else -number, UNIT))
        if terms and terms[0][0] < 0:
            first = next((place for place, term in enumerate(terms) if term[0] > 0), 0)
            terms.insert(0, terms.pop(first))
        self._terms[value] = terms
        return terms

    def _sum(self, value: Value) -> int:
        graph, nodes = self.graph, self.nodes
        total = -1
        for coefficient, body in self._ordered(value):
            if total < 0:
                total = nodes[abs(coefficient), body] if coefficient > 0 else self._negative((coefficient, body))
            else:
                total = graph.add("add" if coefficient > 0 else "sub", (total, nodes[abs(coefficient), body]))
        return total if total >= 0 else self._number(0)

    def _negative(self, value: Value) -> int:
        """The node of a term with a minus sign; its positive is there."""
        return self._number(value[0]) if value[1] == UNIT else self._product(value)

    # -- products ------------------------------------------------------------------------------------------------------

    def _plan(self, value: Value) -> tuple[Number, list[Factor]]:
        """The number and the factors as they are written."""
        if value in self._plans:
            return self._plans[value]
        forms = self.forms
        number, body = value
        powers = ((body, 1),)
        if forms.kinds[body] == PRODUCT and (number == 1 or len(forms.parts[body]) <= WIDE):
            powers = forms.parts[body]
        factors: list[Factor] = [((1, base), exponent) for base, exponent in sorted(powers, key=self._rank)]
        if number < 0:
            for place, ((_, base), exponent) in enumerate(factors):
                if isinstance(exponent, int) and exponent % 2 and self._is_difference(base):
                    factors[place] = (-1, base), exponent
                    number = -number
                    break
        self._plans[value] = number, factors
        return number, factors

    def _rank(self, factor: tuple[int, Number]) -> bool:
        """Inputs, their powers, and the constants that have a name stand before the rest."""
        forms, base = self.forms, factor[0]
        if forms.kinds[base] == ATOM and forms.parts[base][0] == "pow":
            base = forms.parts[base][1][1]
        return forms.kinds[base] != ATOM or not (forms.parts[base][0] == INPUT or len(forms.parts[base]) == 1)

    def _is_difference(self, base: int) -> bool:
        if self.forms.kinds[base] != SUM:
            return False
        number, items = self.forms.parts[base]
        return (len(items) > 1 or (items and number)) and (number < 0 or any(coefficient < 0 for _, coefficient in items))

    def _product(self, value: Value) -> int:
        graph = self.graph
        number, factors = self._plan(value)
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
