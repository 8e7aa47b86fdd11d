"""Liveness: under which condition each node's value reaches the output.

Only an operation that chooses between its arguments (``row.gates``, such as ``where``) can keep a value from the output. The
gate of a node is that condition: True, False, or a condition of the namespace in the node's shape. This module must not know
derivatives, except which arguments have one.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from gradcalc.graph.operations import TABLE
from gradcalc.graph.tape import CONST, INPUT, Graph


def has_gates(graph: Graph, order: Sequence[int]) -> bool:
    """Whether some of these operations chooses between its arguments, so that one of them may not reach the output."""
    return any(TABLE[op].gates for op in {graph.instructions[node].op for node in order} - {INPUT, CONST})


def open_gates(graph: Graph, order: Sequence[int], roots: Iterable[int]) -> list[Any] | None:
    """The gates to begin with, True for the roots and False for the others; None where no operation chooses."""
    if not has_gates(graph, order):
        return None
    gates: list[Any] = [False] * (order[-1] + 1)
    for root in roots:
        gates[root] = True
    return gates


def liveness(graph: Graph, order: Sequence[int], primal: Sequence[Any], xp: Any, gates: list[Any],
             slopes: bool = False) -> None:
    """Fill in the gate of each node: whether its value reaches a root.

    With ``slopes``, whether an adjoint reaches the node: it does not pass through an argument without a derivative, such as a
    condition or the argument of ``floor``.
    """
    for node in reversed(order):
        gate = gates[node]
        op, args, _ = graph.instructions[node]
        if gate is False or not args:
            continue
        row = TABLE[op]
        rules = row.vjps or row.partials
        for position, argument in enumerate(args):
            if slopes and rules[0 if row.many else position] is None:
                continue
            edge = gate
            if row.gates and row.partials[position] is not None:
                edge = both(gate, row.partials[position](xp, primal[node], *[primal[a] for a in args]), xp)  # type: ignore[misc]
            if xp.ranked:
                edge = xp.reach(edge, primal[node], primal[argument], not row.vjps)
            gates[argument] = _either(gates[argument], edge, xp)


def both(a: Any, b: Any, xp: Any) -> Any:
    """Conjunction of two gates, each True, False, or a condition of the namespace."""
    b = xp.gate(b)
    if a is False or b is False:
        return False
    return b if a is True else a if b is True else xp.logical_and(a, b)


def _either(a: Any, b: Any, xp: Any) -> Any:
    """Disjunction of two gates."""
    if a is True or b is True:
        return True
    return b if a is False else a if b is False or xp.same(a, b) else xp.logical_or(a, b)
