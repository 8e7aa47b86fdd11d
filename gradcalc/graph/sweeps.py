"""The sweeps over a tape, for every namespace: values and tangents left to right, adjoints right to left.

They know rows and a namespace ``xp``, and nothing else of either. A missing tangent or adjoint is None, a structural zero: it
is never multiplied, so the infinite partial of a branch that was not taken, or of an argument that carries no derivative,
cannot poison the result. A numeric zero times an infinity stays undefined.

An arithmetic exception inside a row (``1.0 / b`` at 0) makes that value NaN.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from gradcalc.graph.operations import TABLE
from gradcalc.graph.tape import CONST, INPUT, Graph

UNDEFINED = (ArithmeticError, ValueError)


def values(graph: Graph, order: Sequence[int], point: Mapping[int, Any], xp: Any) -> list[Any]:
    """The value of each node of ``order``, None for the others.

    ``point`` gives the inputs' values, and takes precedence at any other node that it names.
    """
    instructions = graph.instructions
    out: list[Any] = [None] * (order[-1] + 1 if order else 0)
    for node in order:
        op, args, payload = instructions[node]
        if node in point:
            out[node] = point[node]
        elif op == CONST:
            out[node] = xp.constant(payload)
        else:
            value = TABLE[op].value
            try:
                if len(args) == 2:
                    out[node] = value(xp, out[args[0]], out[args[1]])
                else:
                    out[node] = value(xp, *[out[argument] for argument in args])
            except UNDEFINED:
                out[node] = xp.nan
    return out


def forward(graph: Graph, order: Sequence[int], primal: Sequence[Any], seeds: Mapping[int, Any], xp: Any) -> list[Any]:
    """The tangent of each node for one direction (a Jacobian-vector product); None where none arrives.

    ``seeds`` holds the direction: the tangents of the nodes that it moves, which are taken as independent.
    """
    instructions = graph.instructions
    tangents: list[Any] = [None] * len(primal)
    for node in order:
        if node in seeds:
            tangents[node] = seeds[node]
            continue
        op, args, _ = instructions[node]
        if all(tangents[argument] is None for argument in args):
            continue
        row, operands = TABLE[op], [primal[argument] for argument in args]
        total = None
        for argument, partial in zip(args, row.partials, strict=True):
            tangent = tangents[argument]
            if tangent is None or partial is None:
                continue
            try:
                factor = partial(xp, primal[node], *operands)
                share = xp.where(factor, tangent, 0.0) if row.gates else factor * tangent
            except UNDEFINED:
                share = xp.nan
            total = share if total is None else total + share
        tangents[node] = total
    return tangents


def reverse(graph: Graph, order: Sequence[int], primal: Sequence[Any], active: Sequence[int], xp: Any) -> list[Any]:
    """The adjoint of each node: the derivative of the last node of ``order`` with respect to it.

    None where no derivative arrives. ``active`` flags the nodes that carry one; the partials of the others are not evaluated.
    """
    instructions = graph.instructions
    root = order[-1]
    adjoints: list[Any] = [None] * (root + 1)
    adjoints[root] = xp.constant(1.0)
    if has_gates(graph, order):
        return _gated_reverse(graph, order, primal, active, adjoints, xp)
    for node in reversed(order):
        adjoint = adjoints[node]
        if adjoint is None:
            continue
        op, args, _ = instructions[node]
        if not args:
            continue
        operands = [primal[argument] for argument in args]
        for argument, partial in zip(args, TABLE[op].partials, strict=True):
            if partial is None or not active[argument]:
                continue
            try:
                share = adjoint * partial(xp, primal[node], *operands)
            except UNDEFINED:
                share = xp.nan
            known = adjoints[argument]
            adjoints[argument] = share if known is None else known + share
    return adjoints


def _gated_reverse(graph: Graph, order: Sequence[int], primal: Sequence[Any], active: Sequence[int],
                   adjoints: list[Any], xp: Any) -> list[Any]:
    """``reverse`` for a graph with choices: each share is cut off by the condition under which its path is taken."""
    gates = liveness(graph, order, primal, xp)
    for node in reversed(order):
        adjoint = adjoints[node]
        op, args, _ = graph.instructions[node]
        if adjoint is None or gates[node] is False:
            continue
        row = TABLE.get(op)
        operands = [primal[argument] for argument in args]
        for position, argument in enumerate(args):
            partial = row.partials[position] if row else None
            if row is None or partial is None or not active[argument]:
                continue
            gate = gates[node]
            try:
                factor = partial(xp, primal[node], *operands)
                if row.gates:
                    gate, share = _both(gate, factor, xp), adjoint
                else:
                    share = adjoint * factor
            except UNDEFINED:
                share = xp.nan
            if gate is False:
                continue
            if gate is not True and not xp.same(gate, gates[argument]):
                share = xp.where(gate, share, 0.0)
            known = adjoints[argument]
            adjoints[argument] = share if known is None else known + share
    for node in order:
        gate = gates[node]
        if adjoints[node] is not None and gate is not True and gate is not False:
            adjoints[node] = xp.where(gate, adjoints[node], 0.0)
    return adjoints


def has_gates(graph: Graph, order: Sequence[int]) -> bool:
    """Whether some value among these is chosen by a condition, so that another may not be needed."""
    return any(TABLE[op].gates for op in {graph.instructions[node].op for node in order} - {INPUT, CONST})


def liveness(graph: Graph, order: Sequence[int], primal: Sequence[Any], xp: Any) -> list[Any]:
    """For each node, whether its value reaches the last node of ``order``: True, False, or a condition in ``xp``.

    Only ``where`` can keep a value from arriving.
    """
    gates: list[Any] = [False] * (order[-1] + 1)
    gates[order[-1]] = True
    for node in reversed(order):
        gate = gates[node]
        op, args, _ = graph.instructions[node]
        if gate is False or not args:
            continue
        row = TABLE[op]
        for argument, partial in zip(args, row.partials, strict=True):
            edge = gate
            if row.gates and partial is not None:
                edge = _both(gate, partial(xp, primal[node], *[primal[a] for a in args]), xp)
            gates[argument] = _either(gates[argument], edge, xp)
    return gates


def _both(a: Any, b: Any, xp: Any) -> Any:
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
