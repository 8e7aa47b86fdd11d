"""One side of a point: values and tangents as they are right beside it, in the direction in which the inputs move.

Everywhere but at its kinks and jumps an operation does there what its rule says. At a kink ``sided`` gives the tangent of the
side to which its arguments move (the modulus of 0 moves up both ways), and at a jump ``limit`` the value of that side, with
which everything behind it is computed. So a choice takes the branch of the side, and the derivative of a piecewise
function is that of the piece.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from gradcalc.graph.operations import TABLE
from gradcalc.graph.sweeps import BROKEN, UNDEFINED, broken, tangent
from gradcalc.graph.tape import Graph


class Side(NamedTuple):
    """The output's limit and one-sided derivative in a direction; the latter is None where the direction does not matter."""

    value: Any
    slope: Any


def one_sided(graph: Graph, order: Sequence[int], primal: Sequence[Any], seeds: Mapping[int, Any], xp: Any) -> Side:
    """What the last node of ``order`` does when the nodes of ``seeds`` begin to move along their tangents."""
    limits = list(primal)
    tangents: list[Any] = [None] * len(primal)
    for node in order:
        if node in seeds:
            tangents[node] = seeds[node]
            continue
        op, args, payload = graph.instructions[node]
        if not args or all(tangents[argument] is None and limits[argument] is primal[argument] for argument in args):
            continue
        row, settings = TABLE[op], payload or ()
        operands = [limits[argument] for argument in args]
        moves = [xp.zeros(getattr(operand, "shape", ())) if tangents[argument] is None else tangents[argument]
                 for argument, operand in zip(args, operands, strict=True)]
        try:
            changed = any(limits[argument] is not primal[argument] for argument in args)
            value = row.value(xp, *operands, *settings) if changed else primal[node]
            if row.limit is not None:
                value = row.limit(xp, value, *operands, *moves)
            limits[node] = value
            if row.sided is not None:
                tangents[node] = row.sided(xp, value, *operands, *moves, *settings)
            else:
                tangents[node] = tangent(graph, node, limits, tangents, xp)
        except UNDEFINED:
            limits[node] = tangents[node] = xp.nan
        except BROKEN as problem:
            raise broken(row, problem) from problem
    root = order[-1]
    return Side(limits[root], tangents[root])
