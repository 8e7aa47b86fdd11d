"""The tangent rule of an operation that is given by its vector-Jacobian products.

A vjp is linear in the adjoint that it takes. Recorded once on symbols, and differentiated by that adjoint, it becomes its own
transpose: the Jacobian-vector product. So no operation has two rules that could drift apart.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from gradcalc.graph import sweeps
from gradcalc.graph.namespaces.symbols import Symbol, Symbols
from gradcalc.graph.tape import Graph

#: ``(xp, tangent, y, operands)`` to the share of the value's tangent.
Pushforward = Callable[[Any, Any, Any, Sequence[Any]], Any]


@cache
def pushforward(vjp: Any, many: bool, count: int, position: int, settings: tuple[Any, ...] | None) -> Pushforward | None:
    """The tangent rule for one of the ``count`` arguments; None where the operation is locally constant in it."""
    graph = Graph()
    graph.shapes = {}
    adjoint, y, tangent = (Symbol(graph, graph.input(name)) for name in ("g", "y", "t"))
    operands = [Symbol(graph, graph.input(f"x{k}")) for k in range(count)]
    xp = Symbols(graph)
    image = vjp(xp, *([position] if many else []), adjoint, y, *operands, *(settings or ()))
    if image is None:
        return None
    order = graph.ancestors([image.node])
    active = graph.descendants([adjoint.node], order)
    primal = [Symbol(graph, node) for node in range(image.node + 1)]
    found = sweeps.reverse(graph, order, primal, active, xp, seed=tangent)[adjoint.node]
    if found is None:
        return None
    needed = graph.ancestors([found.node])

    def push(xp: Any, moved: Any, value: Any, arguments: Sequence[Any]) -> Any:
        # The adjoint lends its shape alone, which is that of the value.
        point = dict(zip([adjoint.node, y.node, tangent.node, *(operand.node for operand in operands)],
                         [value, value, moved, *arguments], strict=True))
        return sweeps.values(graph, needed, point, xp)[found.node]

    return push
