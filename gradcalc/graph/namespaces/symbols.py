"""Formulas as a namespace: what the rows compute on it is recorded in a graph, ready to be differentiated again.

Every row of the table can be recorded under its own name or under the array API's, plug-in rows included. Recording folds
only what nobody wants to read (a zero, a one, whole numbers, a double negation) and never evaluates to an infinity or a NaN;
to write the result as a person would is the simplifier's business.

Where the graph has shapes, nothing is folded that would lose one, and broadcasting is recorded unless it changes nothing.
"""

import math
from collections.abc import Callable
from typing import Any, Union

from gradcalc.graph.operations import TABLE, named
from gradcalc.graph.shape_inference import Known, of_entries, shape_of
from gradcalc.graph.tape import CONST, INPUT, Graph

#: Beyond this whole numbers have gaps in floating point.
EXACT = 2.0**53

Operand = Union["Symbol", float]


class Symbol:
    """A node of the graph that is being recorded. Arithmetic on it records more."""

    __slots__ = ("graph", "node")

    def __init__(self, graph: Graph, node: int) -> None:
        self.graph = graph
        self.node = node

    def __repr__(self) -> str:
        return f"Symbol({self.node}: {self.graph.instructions[self.node]})"

    def __add__(self, other: Operand) -> "Symbol":
        return _add(self.graph, self, other)

    def __radd__(self, other: float) -> "Symbol":
        return _add(self.graph, other, self)

    def __sub__(self, other: Operand) -> "Symbol":
        return _subtract(self.graph, self, other)

    def __rsub__(self, other: float) -> "Symbol":
        return _subtract(self.graph, other, self)

    def __mul__(self, other: Operand) -> "Symbol":
        return _multiply(self.graph, self, other)

    def __rmul__(self, other: float) -> "Symbol":
        return _multiply(self.graph, other, self)

    def __truediv__(self, other: Operand) -> "Symbol":
        return _divide(self.graph, self, other)

    def __rtruediv__(self, other: float) -> "Symbol":
        return _divide(self.graph, other, self)

    def __neg__(self) -> "Symbol":
        return _negate(self.graph, self)


class Symbols:
    """The namespace that records into one graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.ranked = graph.shapes is not None

    def constant(self, value: Any) -> Symbol:
        """A number of the program in this namespace."""
        return Symbol(self.graph, self.graph.constant(value))

    @property
    def pi(self) -> Symbol:
        return record(self.graph, "pi")

    @property
    def nan(self) -> Symbol:
        """An undefined number, which is written as the quotient that nobody can evaluate."""
        return record(self.graph, "div", 0.0, 0.0)

    def divide(self, a: Operand, b: Operand) -> Symbol:
        return _divide(self.graph, a, b)

    def times(self, factor: Operand, other: Operand) -> Operand:
        return factor * other

    def pow(self, a: Operand, b: Operand) -> Symbol:
        exponent = _known(self.graph, b)
        if exponent == 0.0 and not self.ranked:
            return self.constant(1.0)
        return _handle(self.graph, a) if exponent == 1.0 else record(self.graph, "pow", a, b)

    def where(self, condition: Operand, a: Operand, b: Operand) -> Symbol:
        a, b = _handle(self.graph, a), _handle(self.graph, b)
        known = _known(self.graph, condition)
        if self.ranked and not (known is not None and _shape(a) is not None and _shape(a) == _shape(b)):
            return record(self.graph, "where", condition, a, b)
        if known is not None:
            return b if known == 0.0 else a
        return a if a.node == b.node else record(self.graph, "where", condition, a, b)

    def logical_not(self, a: Operand) -> Symbol:
        known = _known(self.graph, a)
        return record(self.graph, "not", a) if known is None else self.constant(float(known == 0.0))

    def logaddexp(self, a: Operand, b: Operand) -> Symbol:
        """log(exp(a) + exp(b)), which is no row of the table."""
        high, distance = self.maximum(a, b), self.abs(_subtract(self.graph, a, b))
        return _add(self.graph, high, self.log1p(self.exp(-distance)))

    def gate(self, condition: Operand) -> "bool | Symbol":
        """Whether a path is open under this condition: known for a number, else the condition itself."""
        known = _known(self.graph, condition)
        return _handle(self.graph, condition) if known is None else known != 0.0

    def same(self, a: object, b: object) -> bool:
        """Whether two gates are one and the same."""
        return a is b or (isinstance(a, Symbol) and isinstance(b, Symbol) and a.node == b.node)

    def spread_like(self, x: Operand, like: Symbol, axis: Any) -> Symbol:
        """x in the shape of ``like``: itself where it has that already."""
        x = _handle(self.graph, x)
        return x if _alike(x, like) else record(self.graph, "spread_like", x, like, settings=(axis,))

    def sum_like(self, x: Operand, like: Symbol, axis: Any) -> Symbol:
        """x summed to the shape of ``like``: itself where it has that already."""
        x = _handle(self.graph, x)
        return x if _alike(x, like) else record(self.graph, "sum_like", x, like, settings=(axis,))

    def size(self, x: Symbol, axis: Any) -> Symbol:
        """How many entries x has along the axes: a number where its shape is known."""
        shape = _shape(x)
        if not isinstance(shape, tuple):
            return record(self.graph, "size", x, settings=(axis,))
        return self.constant(float(math.prod(shape if axis is None else [shape[k] for k in axis])))

    def reach(self, opened: "bool | Symbol", value: Symbol, operand: Symbol, elementwise: bool) -> "bool | Symbol":
        """The gate of an operand of ``value``, which is needed where ``opened``: an entry is if any that it goes into is."""
        if isinstance(opened, bool):
            return opened
        # Any number but 0 opens a gate, and such numbers may add up to 0.
        flag = opened if _is_condition(opened) else record(self.graph, "ne", opened, 0.0)
        if not elementwise:
            arriving = self.spread_like(record(self.graph, "sum", flag, settings=(None, False)), operand, None)
        else:
            arriving = self.sum_like(self.spread_like(flag, value, None), operand, None)
        return opened if arriving.node == flag.node else record(self.graph, "gt", arriving, 0.0)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        row = named(name)
        if row is None:
            raise AttributeError(f"{name!r} is no row of the table")
        op, count = row.name, len(row.settings)

        def recorded(*given: Any) -> Symbol:
            return record(self.graph, op, *given[:len(given) - count], settings=given[len(given) - count:] if count else None)

        setattr(self, name, recorded)
        return recorded


def _handle(graph: Graph, operand: Operand) -> Symbol:
    return operand if isinstance(operand, Symbol) else Symbol(graph, graph.constant(float(operand)))


def _known(graph: Graph, operand: Operand) -> float | None:
    """The operand's value where it is a number."""
    if not isinstance(operand, Symbol):
        return float(operand)
    op, _, payload = graph.instructions[operand.node]
    return payload if op == CONST and isinstance(payload, float) else None


def record(graph: Graph, op: str, *operands: Operand, settings: tuple[Any, ...] | None = None) -> Symbol:
    """The operation on these operands, nothing folded."""
    handles = [_handle(graph, operand) for operand in operands]
    node = graph.add(op, tuple([handle.node for handle in handles]), settings=settings)
    if graph.shapes is not None and node not in graph.shapes:
        graph.shapes[node] = shape_of(op, [_shape(handle) for handle in handles], settings)
    return Symbol(graph, node)


def _shape(symbol: Symbol) -> Known:
    """What is known of a node's shape."""
    graph = symbol.graph
    if graph.shapes is None:
        return ()
    op, _, payload = graph.instructions[symbol.node]
    return of_entries(payload) if op == CONST else graph.shapes.get(symbol.node, str(payload) if op == INPUT else None)


def _is_condition(symbol: Symbol) -> bool:
    """Whether a node is 1 or 0, as comparisons and their combinations are."""
    op = symbol.graph.instructions[symbol.node].op
    return op in TABLE and TABLE[op].facts.condition


def _alike(a: Symbol, b: Symbol) -> bool:
    """Whether two nodes are known to have one shape."""
    shape = _shape(a)
    return shape is not None and shape == _shape(b)


def _whole(graph: Graph, value: float) -> Symbol | None:
    """A number that was computed exactly, or None where it may have been rounded: the simplifier keeps more digits."""
    return Symbol(graph, graph.constant(value)) if abs(value) < EXACT and value.is_integer() else None


def _add(graph: Graph, a: Operand, b: Operand) -> Symbol:
    x, y = _known(graph, a), _known(graph, b)
    if x == 0.0:
        return _handle(graph, b)
    if y == 0.0:
        return _handle(graph, a)
    if x is not None and y is not None and x.is_integer() and y.is_integer():
        return _whole(graph, x + y) or record(graph, "add", a, b)
    return record(graph, "add", a, b)


def _subtract(graph: Graph, a: Operand, b: Operand) -> Symbol:
    x, y = _known(graph, a), _known(graph, b)
    if y == 0.0:
        return _handle(graph, a)
    if x == 0.0:
        return _negate(graph, _handle(graph, b))
    if x is not None and y is not None and x.is_integer() and y.is_integer():
        return _whole(graph, x - y) or record(graph, "sub", a, b)
    return record(graph, "sub", a, b)


def _multiply(graph: Graph, a: Operand, b: Operand) -> Symbol:
    x, y = _known(graph, a), _known(graph, b)
    if (x == 0.0 or y == 0.0) and graph.shapes is None:
        return Symbol(graph, graph.constant(0.0))
    if graph.shapes is not None:
        a = _narrowed(graph, a, b)
        b = _narrowed(graph, b, a)
        x, y = _known(graph, a), _known(graph, b)
    if x == 1.0 or y == 1.0:
        return _handle(graph, b if x == 1.0 else a)
    if x == -1.0 or y == -1.0:
        return _negate(graph, _handle(graph, b if x == -1.0 else a))
    if x is not None and y is not None and x.is_integer() and y.is_integer():
        return _whole(graph, x * y) or record(graph, "mul", a, b)
    return record(graph, "mul", a, b)


def _narrowed(graph: Graph, factor: Operand, other: Operand) -> Operand:
    """A number in place of the array of it, where the other factor has that shape already."""
    if not isinstance(factor, Symbol) or not isinstance(other, Symbol):
        return factor
    op, args, _ = graph.instructions[factor.node]
    if op != "spread_like" or not _alike(factor, other):
        return factor
    number = Symbol(graph, args[0])
    return number if _shape(number) == () else factor


def _divide(graph: Graph, a: Operand, b: Operand) -> Symbol:
    x, y = _known(graph, a), _known(graph, b)
    if y == 1.0:
        return _handle(graph, a)
    if y == -1.0:
        return _negate(graph, _handle(graph, a))
    if x == 0.0 and y != 0.0 and graph.shapes is None:
        return Symbol(graph, graph.constant(0.0))
    if graph.shapes is not None and x is not None and y and x.is_integer() and (x / y).is_integer():
        return _whole(graph, x / y) or record(graph, "div", a, b)
    return record(graph, "div", a, b)


def _negate(graph: Graph, a: Symbol) -> Symbol:
    op, args, payload = graph.instructions[a.node]
    if op == "neg":
        return Symbol(graph, args[0])
    if op == CONST and isinstance(payload, float):
        return Symbol(graph, graph.constant(-payload if payload else 0.0))
    return record(graph, "neg", a)
