"""Simplification: rewrites a formula as a person would write it.

Like terms and powers are collected, numbers folded, ones and zeros dropped, and the result is laid out in a readable order.
What it computes stays equal, as a real function, wherever the original is defined; products of sums stay products.

One pass over the tape, oldest first, gives each node its normal form (normal_form.py); a second lays the last one out as
instructions again (layout.py). A sum or a product is collected at the node where it ends: a part with one reader of the same
kind is left to that reader, so that a sum of 100,000 terms is gathered once. Nothing is recursive.
"""

from collections.abc import Sequence
from fractions import Fraction

from gradcalc.graph.namespaces import scalars
from gradcalc.graph.operations import TABLE
from gradcalc.graph.simplify.exact import Number, number
from gradcalc.graph.simplify.factoring import factored
from gradcalc.graph.simplify.layout import Layout
from gradcalc.graph.simplify.normal_form import SMALL_SUM, SUM, UNIT, NormalForms, Value, mentions
from gradcalc.graph.tape import CONST, INPUT, Graph

#: The operations that are collected into one sum or one product. ``neg`` belongs to both: it is a sign on an edge.
SUMS, PRODUCTS = {"add": 1, "sub": -1}, {"mul": 1, "div": -1}

def simplify(graph: Graph, root: int, into: Graph | None = None) -> tuple[Graph, int]:
    """The same formula, simplified, in a graph of its own or appended to ``into``, and its node there."""
    target = Graph() if into is None else into
    return target, Layout(target, *normal_form(graph, root)).emit()


def normal_form(graph: Graph, root: int) -> tuple[NormalForms, Value]:
    """The normal form of a node, and the table of bodies that it refers to."""
    collector = _Collector(graph, graph.ancestors([root]))
    return collector.forms, collector.read()


class _Collector:
    """Gives each node of ``order`` its normal form, in one pass."""

    def __init__(self, graph: Graph, order: Sequence[int]) -> None:
        self.instructions = graph.instructions
        self.order = order
        self.forms = NormalForms()
        self.values: list[Value | None] = [None] * (order[-1] + 1)
        #: Each node without the signs in front of it, and their product.
        self.core = list(range(order[-1] + 1))
        self.sign = [1] * (order[-1] + 1)
        self.absorbed = bytearray(order[-1] + 1)
        self._mark()

    def _mark(self) -> None:
        """Find the parts of a sum or product that have one reader, of the same kind, which collects them."""
        core, sign = self.core, self.sign
        uses, kind = [0] * len(core), [0] * len(core)
        for node in self.order:
            op, args, _ = self.instructions[node]
            if op == "neg":
                core[node], sign[node] = core[args[0]], -sign[args[0]]
                continue
            reader = 1 if op in SUMS else 2 if op in PRODUCTS else 3
            for argument in args:
                read = core[argument]
                uses[read] += 1
                kind[read] = reader
        uses[core[self.order[-1]]] += 2
        for node in self.order:
            op = self.instructions[node].op
            own_kind = 1 if op in SUMS else 2 if op in PRODUCTS else 4
            self.absorbed[node] = op == "neg" or (uses[node] == 1 and kind[node] == own_kind)

    def read(self) -> Value:
        """The last node's value."""
        for node in self.order:
            if self.absorbed[node]:
                continue
            try:
                self.values[node] = self._value(node)
            except OverflowError:
                self.values[node] = self._as_written(node)
        return self._at(self.order[-1])

    def _at(self, node: int) -> Value:
        """The value of a node that has been read, its sign included."""
        value = self.values[self.core[node]]
        assert value is not None
        return value if self.sign[node] == 1 else (-value[0], value[1])

    def _value(self, node: int) -> Value:
        op, args, payload = self.instructions[node]
        if op in SUMS:
            return self._sum(node)
        if op in PRODUCTS:
            return self._product(node)
        if op == CONST:
            assert isinstance(payload, float)
            return number(payload), UNIT
        if op == INPUT:
            return self.forms.atom(INPUT, payload)
        return self._operation(op, [self._at(argument) for argument in args])

    def _sum(self, root: int) -> Value:
        """The terms of the sum that ends at this node."""
        forms, core, sign, absorbed = self.forms, self.core, self.sign, self.absorbed
        terms: dict[int, Number] = {}
        constant: Number = 0
        scaled: list[tuple[Number, int]] = []
        stack = [(root, 1)]
        while stack:
            node, factor = stack.pop()
            if node == root or absorbed[node]:
                op, (a, b), _ = self.instructions[node]
                stack.append((core[b], factor * SUMS[op] * sign[b]))
                stack.append((core[a], factor * sign[a]))
                continue
            value = self.values[node]
            assert value is not None
            coefficient, body = value
            if forms.kinds[body] != SUM:
                constant = forms.collect(terms, constant, factor, value)
            elif abs(coefficient) != 1:
                scaled.append((coefficient * factor, body))
            elif len(forms.parts[body][1]) <= SMALL_SUM:
                constant = forms.spread(terms, constant, factor * coefficient, body)
            else:
                constant = forms.collect(terms, constant, factor, value)
        for coefficient, body in scaled:
            if forms.shorter_spread(terms, constant, coefficient, body):
                constant = forms.spread(terms, constant, coefficient, body)
            else:
                constant = forms.collect(terms, constant, 1, (coefficient, body))
        return factored(forms, terms, constant)

    def _product(self, root: int) -> Value:
        """The factors of the product that ends at this node."""
        forms, core, sign, absorbed = self.forms, self.core, self.sign, self.absorbed
        factors: dict[int, Number] = {}
        factor: Number = 1
        stack = [(root, 1)]
        while stack:
            node, exponent = stack.pop()
            if node == root or absorbed[node]:
                op, (a, b), _ = self.instructions[node]
                stack.append((core[b], exponent * PRODUCTS[op]))
                stack.append((core[a], exponent))
                factor *= sign[a] * sign[b]
                continue
            value = self.values[node]
            assert value is not None
            factor = forms.multiply(factors, factor, value, exponent)
        return forms.product(factors, factor)

    def _operation(self, op: str, operands: list[Value]) -> Value:
        """Everything but sums and products."""
        forms = self.forms
        if op == "pow":
            base, (exponent, body) = operands
            return forms.power(base, exponent) if body == UNIT else forms.symbolic_power(base, (exponent, body))
        if op == "sqrt":
            return forms.power(operands[0], Fraction(1, 2))
        if op == "where":
            return forms.choice(*operands)
        if op == "not":
            return forms.negation(operands[0])
        numbers = mentions(operands)
        if numbers:
            known = _carried_out(op, numbers)
            if known is not None:
                return known, UNIT
        return forms.atom(op, *operands)

    def _as_written(self, root: int) -> Value:
        """The node and what it collects with no arithmetic done: some number in it is too large to be held."""
        nodes, found = [root], 0
        while found < len(nodes):
            args = self.instructions[nodes[found]].args
            nodes += [self.core[a] for a in args if self.absorbed[self.core[a]]]
            found += 1
        for node in sorted(nodes):
            op, args, _ = self.instructions[node]
            self.values[node] = self.forms.atom(op, *[self._at(argument) for argument in args])
        value = self.values[root]
        assert value is not None
        return value


def _carried_out(op: str, numbers: list[Number]) -> Number | None:
    """The operation's value on numbers where it is exact, else None; of 1, 0 and -1 also a whole number that it gives."""
    row, operands = TABLE[op], [float(n) for n in numbers]
    exact = row.facts.exact or (row.facts.whole and all(map(float.is_integer, operands)))
    if not exact and any(n not in (-1, 0, 1) for n in numbers):
        return None
    value = row.value(scalars, *operands)
    if value != value or abs(value) == scalars.inf or (not exact and not value.is_integer()):
        return None
    return next((n for n in numbers if float(n) == value), number(value))
