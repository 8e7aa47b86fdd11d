"""The sweeps over a tape, in every namespace: values and tangents from left to right, adjoints from right to left.

A sweep applies the rules in the rows of the table to the values of a namespace ``xp``; it must not know any single operation or
namespace. A missing tangent or adjoint is None, a structural zero: it is never multiplied, so an infinite partial of a branch
that was not taken, or of an argument that carries no derivative, does not turn the result into NaN. A numeric zero times an
infinity stays undefined.

In a namespace whose values have shapes (``xp.ranked``) the tangent and the adjoint of a node have the node's shape. Adjoints
are accumulated in place: the first sum of two makes a new buffer, and the others are added to it.

An arithmetic exception inside a rule (``1.0 / b`` at 0) makes that value NaN.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from typing import Any

from gradcalc.diagnostics import GradcalcError, error
from gradcalc.graph.liveness import both, liveness, open_gates
from gradcalc.graph.operations import TABLE
from gradcalc.graph.operations.operation import Operation
from gradcalc.graph.tape import CONST, Graph

UNDEFINED = (ArithmeticError, ValueError)
#: What a rule raises where it uses a function that the namespace does not have.
BROKEN = (AttributeError, TypeError, NotImplementedError)


def broken(row: Operation, problem: Exception) -> GradcalcError:
    """The error for an operation whose value or derivative rule does not run on a namespace."""
    return error("operation", f"the operation '{row.function}' cannot be computed: {type(problem).__name__}: {problem}",
                 hint="its value and its derivatives may use the functions of the namespace xp and arithmetic, nothing else")


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
                if payload is not None:
                    out[node] = value(xp, *[out[argument] for argument in args], *payload)
                elif len(args) == 2:
                    out[node] = value(xp, out[args[0]], out[args[1]])
                else:
                    out[node] = value(xp, *[out[argument] for argument in args])
            except UNDEFINED:
                out[node] = xp.nan
            except BROKEN as problem:
                raise broken(TABLE[op], problem) from problem
    return out


def forward(graph: Graph, order: Sequence[int], primal: Sequence[Any], seeds: Mapping[int, Any], xp: Any) -> list[Any]:
    """The tangent of each node for one direction (a Jacobian-vector product); None for a structural zero.

    ``seeds`` holds the direction: the tangents of some nodes, which are then taken as independent variables.
    """
    tangents: list[Any] = [None] * len(primal)
    for node in order:
        tangents[node] = seeds[node] if node in seeds else tangent(graph, node, primal, tangents, xp)
    return tangents


def tangent(graph: Graph, node: int, primal: Sequence[Any], tangents: Sequence[Any], xp: Any) -> Any:
    """The tangent of one node, from those of its arguments; None where none of them has one."""
    op, args, payload = graph.instructions[node]
    if all(tangents[argument] is None for argument in args):
        return None
    row, operands = TABLE[op], [primal[argument] for argument in args]
    if row.vjps:
        return _pushed(row, args, payload, primal[node], operands, tangents, xp)
    total = None
    for argument, partial in zip(args, row.partials, strict=True):
        moved = tangents[argument]
        if moved is None or partial is None:
            continue
        try:
            factor = partial(xp, primal[node], *operands, *(payload or ()))
            share = xp.where(factor, moved, 0.0) if row.gates else factor * moved
        except UNDEFINED:
            share = xp.nan
        except BROKEN as problem:
            raise broken(row, problem) from problem
        total = share if total is None else total + share
    return xp.spread_like(total, primal[node], None) if xp.ranked and total is not None else total


def _pushed(row: Operation, args: Sequence[int], settings: tuple[Any, ...] | None, y: Any, operands: Sequence[Any],
            tangents: Sequence[Any], xp: Any) -> Any:
    """The tangent of a node whose row has vjps: the sum over its arguments of the transposed vjp of the argument's tangent."""
    total = None
    for position, argument in enumerate(args):
        moved, vjp = tangents[argument], row.vjps[0 if row.many else position]
        push = None if moved is None or vjp is None else pushforward(vjp, row.many, len(args), position, settings)
        if push is not None:
            share = push(xp, moved, y, operands)
            total = share if total is None else total + share
    return total


#: ``(xp, tangent, y, operands)`` to the share of the value's tangent.
Pushforward = Callable[[Any, Any, Any, Sequence[Any]], Any]


@cache
def pushforward(vjp: Any, many: bool, count: int, position: int, settings: tuple[Any, ...] | None) -> Pushforward | None:
    """The tangent rule for one of the ``count`` arguments; None where the operation is locally constant in it.

    A vjp is linear in the adjoint that it takes. Recorded on symbols and differentiated by that adjoint, it becomes its
    transpose, the Jacobian-vector product. So no operation has two rules that could contradict each other.
    """
    from gradcalc.graph.namespaces.symbols import Symbol, Symbols

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
    found = reverse(graph, order, primal, active, xp, seed=tangent)[adjoint.node]
    if found is None:
        return None
    needed = graph.ancestors([found.node])

    def push(xp: Any, moved: Any, value: Any, arguments: Sequence[Any]) -> Any:
        # The adjoint lends its shape alone, which is that of the value.
        point = dict(zip([adjoint.node, y.node, tangent.node, *(operand.node for operand in operands)],
                         [value, value, moved, *arguments], strict=True))
        return values(graph, needed, point, xp)[found.node]

    return push


def reverse(graph: Graph, order: Sequence[int], primal: list[Any], active: Sequence[int], xp: Any, seed: Any = None,
            keep: Collection[int] | None = None, consume: bool = False) -> list[Any]:
    """The adjoint of each node: the derivative of the last node of ``order`` with respect to it.

    None for a structural zero. ``active`` flags the nodes that carry a derivative; the rules of the others are not evaluated.
    ``seed`` is the last node's adjoint, by default 1 in its shape. With ``keep``, only the adjoints of those nodes are kept;
    with ``consume``, each value in ``primal`` is dropped after its last use.
    """
    root = order[-1]
    adjoints: list[Any] = [None] * (root + 1)
    adjoints[root] = ones(primal[root], xp) if seed is None else seed
    backwards(graph, order, primal, active, adjoints, xp, open_gates(graph, order, (root,)), keep, consume)
    return adjoints


def ones(value: Any, xp: Any) -> Any:
    """The derivative of a value with respect to itself: ones in its shape."""
    one = xp.constant(1.0)
    return xp.spread_like(one, value, None) if xp.ranked else one


def backwards(graph: Graph, order: Sequence[int], primal: list[Any], active: Sequence[int], adjoints: list[Any], xp: Any,
              gates: list[Any] | None, keep: Collection[int] | None = None, consume: bool = False) -> None:
    """Propagate the adjoints that are given through these nodes, from the last to the first.

    ``gates`` are those of ``liveness``, None where the graph has no choices.
    """
    if gates is not None:
        liveness(graph, order, primal, xp, gates, slopes=True)
    instructions = graph.instructions
    owned: set[int] = set()
    # The nodes whose adjoints have a share that was not set to zero where the node's value does not reach the output.
    unmasked: set[int] = set()
    for node in reversed(order):
        adjoint = adjoints[node]
        op, args, settings = instructions[node]
        if adjoint is not None and args and (gates is None or gates[node] is not False):
            row, y = TABLE[op], primal[node]
            operands = [primal[argument] for argument in args]
            given = operands if settings is None else [*operands, *settings]
            rules = row.vjps or row.partials
            for position, argument in enumerate(args):
                rule = rules[0 if row.many else position]
                if rule is None or not active[argument]:
                    continue
                try:
                    if row.vjps:
                        share = rule(xp, *((position,) if row.many else ()), adjoint, y, *given)
                        unmasked.add(argument)
                    elif gates is not None:
                        factor = rule(xp, y, *given)
                        share, masked = _gated(row, factor, adjoint, operands[position], gates[node], gates[argument], xp)
                        if not masked:
                            unmasked.add(argument)
                    elif xp.ranked:
                        factor = rule(xp, y, *given)
                        share = _of_entries(adjoint, factor, operands[position], xp)
                    else:
                        share = adjoint * rule(xp, y, *given)
                except UNDEFINED:
                    share = xp.spread_like(xp.nan, operands[position], None) if xp.ranked else xp.nan
                except BROKEN as problem:
                    raise broken(row, problem) from problem
                if share is not None:
                    _accumulate(adjoints, argument, share, owned)
        if gates is not None and node in unmasked and gates[node] is not True and gates[node] is not False:
            adjoints[node] = xp.where(gates[node], adjoint, 0.0)
        if keep is not None and node not in keep:
            adjoints[node] = None
        if consume:
            primal[node] = None


def _accumulate(adjoints: list[Any], node: int, share: Any, owned: set[int]) -> None:
    """Add a share to a node's adjoint: in place where the adjoint is a sum already, since nothing else refers to that
    buffer."""
    known = adjoints[node]
    if known is None:
        adjoints[node] = share
    elif node in owned:
        known += share
        adjoints[node] = known
    else:
        adjoints[node] = known + share
        owned.add(node)


def _of_entries(adjoint: Any, factor: Any, operand: Any, xp: Any) -> Any:
    """An operand's share of the adjoint by an elementwise partial, summed over the axes along which the operand was
    broadcast."""
    share = adjoint if type(factor) is float and factor == 1.0 else adjoint * factor
    return xp.sum_like(share, operand, None)


def _gated(row: Operation, factor: Any, adjoint: Any, operand: Any, gate: Any, others: Any, xp: Any) -> tuple[Any, bool]:
    """An operand's share in a graph with choices, and whether it was set to zero where its path is not taken.

    The share is None where the path is never taken. Where all paths from an operand have one gate, which is then ``others``,
    the share is left as it is: the operand's whole adjoint is set to zero once.
    """
    if row.gates:
        gate, share = both(gate, factor, xp), adjoint
    else:
        share = adjoint * factor
    if gate is False:
        return None, True
    masked = gate is not True and (xp.ranked or not xp.same(gate, others))
    if masked:
        share = xp.where(gate, share, 0.0)
    return (xp.sum_like(share, operand, None) if xp.ranked else share), masked
