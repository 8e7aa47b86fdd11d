"""Derivatives as formulas: the reverse sweep on symbols, simplified, in a graph of their own.

The program's graph is never changed: what a formula needs is copied first. This module must not know how a formula is written
as text.
"""

import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from gradcalc.diagnostics import error
from gradcalc.graph import sweeps
from gradcalc.graph.namespaces.symbols import Symbol, Symbols
from gradcalc.graph.operations import TABLE
from gradcalc.graph.operations.operation import Operation
from gradcalc.graph.shape_inference import Known
from gradcalc.graph.simplify import simplify
from gradcalc.graph.tape import CONST, INPUT, Graph

#: The numbers between these have all their digits.
NORMAL, LARGEST = sys.float_info.min, sys.float_info.max


class Formulas(NamedTuple):
    """Simplified formulas, which share one graph; ``roots`` maps each name to its formula's node."""

    graph: Graph
    roots: dict[str, int]

    def operations(self) -> int:
        """How many operations it takes to evaluate them all, shared parts counted once."""
        instructions = self.graph.instructions
        return sum(instructions[node].op not in (INPUT, CONST) for node in self.graph.ancestors(self.roots.values()))

    def evaluate(self, point: Mapping[str, Any], xp: Any) -> tuple[dict[str, Any], bool]:
        """The value of each formula where the inputs have these values, by name.

        Also whether some number on the way was too large or too small to be held, as b^2 is in -c/b^2 at 1e200: then the
        value need not be that of the derivative, whose rules take another way. Of arrays that is not looked at.
        """
        graph = self.graph
        order = graph.ancestors(self.roots.values())
        given = {node: point[str(graph.instructions[node].payload)] for node in order
                 if graph.instructions[node].op == INPUT}
        found = sweeps.values(graph, order, given, xp)
        strained = not xp.ranked and any(_out_of_range(graph, node, found) for node in order)
        return {name: found[node] for name, node in self.roots.items()}, strained


def _out_of_range(graph: Graph, node: int, values: Sequence[float]) -> bool:
    """Whether a value has overflowed or lost digits by underflow."""
    op, args, _ = graph.instructions[node]
    value = values[node]
    if not args or NORMAL <= abs(value) <= LARGEST:
        return False
    return bool(value) or (TABLE[op].facts.vanishes and all(values[argument] for argument in args))


def derivatives(graph: Graph, root: int, wrt: Mapping[str, int], order: Sequence[int],
                inputs: Iterable[int] = (), shapes: Mapping[int, Any] | None = None) -> Formulas:
    """The derivative of ``root`` with respect to each node of ``wrt``, as a formula in the inputs.

    ``order`` lists the ancestors of ``root``. ``inputs`` are nodes that are taken as inputs under their own names though the
    graph computes them, such as a ``pi`` that the point gives another value. ``shapes`` has what is known of the nodes' shapes
    where some are arrays; such formulas are not simplified beyond the obvious.
    """
    copy, place = extract(graph, order, graph.labels(), frozenset(inputs))
    if shapes is not None:
        copy.shapes = {place[node]: shape for node, shape in shapes.items() if node in place}
    targets = {name: place[node] for name, node in wrt.items() if node in place}
    adjoints = record_adjoints(copy, place[root], list(targets.values()))
    found = {name: adjoints.get(targets.get(name, -1)) for name in wrt}
    nodes = {name: copy.constant(0.0) if node is None else node for name, node in found.items()}
    if shapes is not None:
        xp = Symbols(copy)
        nodes = {name: xp.spread_like(Symbol(copy, node), Symbol(copy, targets[name]), None).node if name in targets
                 else copy.constant(_zeros(shapes.get(wrt[name]))) for name, node in nodes.items()}
        return Formulas(copy, nodes)
    _demand_room(copy, nodes.values(), graph.limit)
    result = Formulas(Graph(), {})
    for name, node in nodes.items():
        # Each in a graph of its own, because simplifying costs what the graph costs.
        alone, moved = extract(copy, copy.ancestors([node]))
        result.roots[name] = simplify(alone, moved[node], into=result.graph)[1]
    return result


def _zeros(shape: Known) -> Any:
    """A zero, or the entries of an array of them in nested tuples; of an unknown shape a zero."""
    entries: Any = 0.0
    for length in reversed(shape if isinstance(shape, tuple) else ()):
        entries = (entries,) * length
    return entries


def _demand_room(graph: Graph, roots: Collection[int], limit: int) -> None:
    """Raise GradcalcError where these formulas, each written out by itself, have more operations than the limit."""
    total = 0
    for root in roots:
        total += len(graph.ancestors([root]))
        if total > limit:
            raise error("limit", f"the formulas of {len(roots):,} derivatives have more than {limit:,} operations",
                        hint="name fewer of them with --wrt, choose another mode, or raise --max-nodes")


def record_adjoints(graph: Graph, root: int, wrt: Iterable[int]) -> dict[int, int]:
    """Append the derivatives of ``root`` with respect to these nodes; return the node of each that is not zero throughout."""
    order = graph.ancestors([root])
    wrt = [node for node in wrt if node <= root]
    active = graph.descendants(wrt, order)
    if not active[root]:
        return {}
    primal = [Symbol(graph, node) for node in range(root + 1)]
    adjoints = sweeps.reverse(graph, order, primal, active, Symbols(graph))
    return {node: adjoints[node].node for node in wrt if adjoints[node] is not None}


def extract(graph: Graph, order: Sequence[int], labels: Mapping[int, str] | None = None,
            free: Collection[int] = ()) -> tuple[Graph, dict[int, int]]:
    """A graph that holds copies of these nodes only, those of ``free`` as inputs, and where each went.

    ``labels`` are the names of nodes: those that ``free`` inputs get, and those of constants that are to stay apart.
    """
    labels, copy = labels or {}, Graph()

    def instead(node: int, copies: dict[int, int]) -> int | None:
        op, _, payload = graph.instructions[node]
        if node in free and op != INPUT:
            return copy.input(labels[node])
        if op == CONST and node in labels:  # it may be asked for, and the other numbers of its value are not it
            return copy.separate(copy.constant(payload), Graph.NOWHERE, Graph.NOWHERE)
        return None

    return copy, graph.copy(order, copy, instead)


class Partial(NamedTuple):
    """The derivative of a row's value with respect to one parameter, simplified. The inputs are the row's parameters."""

    graph: Graph
    root: int


def partials(row: Operation) -> list[Partial | None]:
    """The row's partials as formulas; None where the row is locally constant in a parameter.

    Of a row with vjps these are the products with an adjoint ``g`` of the value.
    """
    graph = Graph()
    graph.shapes = {} if row.vjps else None
    operands = [Symbol(graph, graph.input(name)) for name in row.parameters]
    xp = Symbols(graph)
    settings = row.example
    value = Symbol(graph, graph.add(row.name, tuple([operand.node for operand in operands]), settings=settings or None))
    if row.vjps:
        g = Symbol(graph, graph.input("g" if "g" not in row.parameters else "z"))
        products = [vjp and vjp(xp, *([0] * row.many), g, value, *operands, *settings) for vjp in row.vjps]
        found: list[Partial | None] = [product and Partial(graph, product.node) for product in products]
        return found + [None] * (len(row.parameters) - len(found))
    found = []
    for partial in row.partials:
        factor = None if partial is None else partial(xp, value, *operands, *settings)
        if factor is not None and row.gates:
            factor = xp.where(factor, 1.0, 0.0)
        node = factor.node if isinstance(factor, Symbol) else graph.constant(0.0 if factor is None else float(factor))
        found.append(None if factor is None else Partial(*simplify(graph, node)))
    return found
