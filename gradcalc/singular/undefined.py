"""Why a value or a derivative is not finite: the first instruction to blame, and what it needed.

A value is traced from the output down to the instruction that is not finite though its arguments are; a derivative from
the output back to the instruction whose adjoint is finite though what it hands on is not.
"""

import math
from collections.abc import Sequence
from typing import Any

from gradcalc.diagnostics import ExitStatus, GradcalcError, error
from gradcalc.graph import sweeps
from gradcalc.graph.operations import TABLE
from gradcalc.graph.operations.operation import CALL, SUM, Operation
from gradcalc.questions.answers import Answer, Request
from gradcalc.singular.conditions import condition


def undefined(text: str, request: Request, answer: Answer) -> GradcalcError:
    """The error for an answer that is not finite, placed at the instruction to blame."""
    graph, order, xp = request.graph, request.order, request.xp
    assert request.point is not None
    if answer.reason is not None:
        return GradcalcError(answer.reason.within(text), ExitStatus.UNDEFINED)
    with xp.silent():
        primal = sweeps.values(graph, order, request.point, xp)
        if not xp.finite(primal[request.root]):
            node = _origin(request, primal)
            message, hint = _blame_value(request, primal, node)
        else:
            name = next((name for name, slope in (answer.gradient or {}).items() if not xp.finite(slope)), None)
            node, message = _blame_derivative(request, primal, name)
            hint = "the value is finite; 'gradcalc eval' shows it"
    return error("undefined", message, graph.span(node), hint, text, ExitStatus.UNDEFINED)


def _origin(request: Request, primal: Sequence[Any]) -> int:
    """The first instruction on the way from the output whose value is not finite though its arguments are."""
    node, finite = request.root, request.xp.finite
    while True:
        op, args, _ = request.graph.instructions[node]
        if args and TABLE[op].gates and finite(primal[args[0]]):
            args = _taken(args, request.xp.gate(primal[args[0]]))
        before = next((argument for argument in args if not finite(primal[argument])), None)
        if before is None:
            return node
        node = before


def _taken(args: tuple[int, ...], gate: Any) -> tuple[int, ...]:
    """The branches of a choice that are taken: of an array it may be both."""
    return (args[1],) if gate is True else (args[2],) if gate is False else args[1:]


def _blame_value(request: Request, primal: Sequence[Any], node: int) -> tuple[str, str | None]:
    op, args, _ = request.graph.instructions[node]
    row = TABLE[op]
    operands, place = _numbers(request, row, primal[node], [primal[argument] for argument in args])
    where = f" at {list(place)}" if place else ""
    if operands is None:
        return (f"{op}: {row.needs}" if row.needs else f"{op} is beyond the largest number that can be held"), None
    call = _call(row, operands)
    if row.domain is None or condition(row.domain, row.parameters).holds(operands):
        return f"{call}{where} is beyond the largest number that can be held, about 1.8e308", None
    hint = None
    if op == "pow" and operands[0] < 0.0 and math.isclose(operands[1], 1.0 / 3.0):
        hint = "the real cube root is cbrt(x)"
    return f"{call}{where}: {row.needs or f'it needs {row.domain}'}", hint


def _numbers(request: Request, row: Operation, value: Any, operands: Sequence[Any],
             ) -> tuple[list[float] | None, tuple[int, ...]]:
    """The numbers that an entry's value was computed from, the first that is not finite, and its place in an array.

    None for an operation that is more than entry by entry.
    """
    if not request.xp.ranked:
        return list(operands), ()
    if row.shape is not None:
        return None, ()
    place = request.xp.first_not_finite(value)
    return [request.xp.entry(operand, value, place) for operand in operands], place


def _blame_derivative(request: Request, primal: list[Any], name: str | None) -> tuple[int, str]:
    graph, order, finite = request.graph, request.order, request.xp.finite
    if name is not None:
        active = graph.descendants([request.wrt[name]], order)
        adjoints = sweeps.reverse(graph, order, primal, active, request.xp)
        for node in reversed(order):
            args = graph.instructions[node].args
            known = adjoints[node]
            if known is None or not finite(known) or not active[node]:
                continue
            wrong = [a for a in args if active[a] and adjoints[a] is not None and not finite(adjoints[a])]
            if not wrong or TABLE[graph.instructions[node].op].gates:
                continue
            # What this one hands on; the operand may have its infinity from another one that reads it.
            shares: Any = _Shares({node: known})
            sweeps.backwards(graph, [node], primal, active, shares, request.xp, None)
            wrong = [a for a in wrong if shares[a] is not None and not finite(shares[a])]
            if wrong:
                return node, (f"the derivative with respect to {name} is not finite at this point, because of "
                              f"{_cause(request, primal, node, wrong[0], adjoints[wrong[0]])}")
    return request.root, f"the derivative with respect to {name} is not finite at this point"


class _Shares(dict[int, Any]):
    """The adjoints of a few nodes, None for the others."""

    def __missing__(self, node: int) -> None:
        return None


def _cause(request: Request, primal: Sequence[Any], node: int, operand: int, adjoint: Any) -> str:
    """The operation on the numbers at which the adjoint that it hands on is not finite."""
    op, args, _ = request.graph.instructions[node]
    row, operands = TABLE[op], [primal[argument] for argument in args]
    where = ""
    if request.xp.ranked:
        if row.shape is not None or any(getattr(each, "shape", ()) not in ((), adjoint.shape) for each in operands):
            return op
        place = request.xp.first_not_finite(adjoint)
        where = f" at {list(place)}" if place else ""
        operands = [request.xp.entry(each, adjoint, place) for each in operands]
    call = _call(row, operands) + where
    if row.domain is not None and row.needs is not None and not condition(row.domain, row.parameters).holds(operands):
        return f"{call}: {row.needs}"
    vertical = row.vertical is not None and condition(row.vertical, row.parameters).holds(operands)
    return call + ", where the tangent is vertical" * vertical


def _call(row: Operation, operands: Sequence[float]) -> str:
    """The operation on these numbers, in words or as it is written."""
    shown = [f"{operand:.10g}" for operand in operands]
    if row.symbol is not None and row.binds < CALL and len(shown) == 2:
        base = f"({shown[0]})" if shown[0].startswith("-") else shown[0]
        gap = " " if row.binds <= SUM else ""
        return f"{base}{gap}{row.symbol}{gap}{shown[1]}"
    return f"{row.name} of {shown[0]}" if len(shown) == 1 else f"{row.name}({', '.join(shown)})"
