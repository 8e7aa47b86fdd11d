"""Why a value or a derivative is not finite: the first instruction to blame, and what it needed.

A value is traced from the output down to the instruction that is not finite though its arguments are; a derivative from
the output back to the instruction whose adjoint is finite though what it hands on is not.
"""

import math
from collections.abc import Sequence

from gradcalc.diagnostics import ExitStatus, GradcalcError, error
from gradcalc.graph import sweeps
from gradcalc.graph.namespaces import scalars
from gradcalc.graph.operations import TABLE
from gradcalc.graph.operations.row import CALL, SUM, Operation
from gradcalc.language.limits import Limits
from gradcalc.language.parser import parse
from gradcalc.results import Answer, Request


def undefined(text: str, request: Request, answer: Answer) -> GradcalcError:
    """The error for an answer that is not finite, placed at the instruction to blame."""
    graph, order = request.graph, request.order
    assert request.point is not None
    primal = sweeps.values(graph, order, request.point, scalars)
    if not math.isfinite(primal[request.root]):
        node = _origin(request, primal)
        message, hint = _blame_value(request, primal, node)
    else:
        name = next((name for name, slope in (answer.gradient or {}).items() if not math.isfinite(slope)), None)
        node, message = _blame_derivative(request, primal, name)
        hint = "the value is finite; 'gradcalc eval' shows it"
    return error("undefined", message, graph.span(node), hint, text, ExitStatus.UNDEFINED)


def _origin(request: Request, primal: Sequence[float]) -> int:
    """The first instruction on the way from the output whose value is not finite though its arguments are."""
    node = request.root
    while True:
        op, args, _ = request.graph.instructions[node]
        if args and TABLE[op].gates and math.isfinite(primal[args[0]]):
            args = (args[1] if primal[args[0]] else args[2],)
        before = next((argument for argument in args if not math.isfinite(primal[argument])), None)
        if before is None:
            return node
        node = before


def _blame_value(request: Request, primal: Sequence[float], node: int) -> tuple[str, str | None]:
    op, args, _ = request.graph.instructions[node]
    row, operands = TABLE[op], [primal[argument] for argument in args]
    call = _call(row, operands)
    if row.domain is None or _holds(row, row.domain, operands):
        return f"{call} is beyond the largest number that can be held, about 1.8e308", None
    hint = None
    if op == "pow" and operands[0] < 0.0 and math.isclose(operands[1], 1.0 / 3.0):
        hint = "the real cube root is cbrt(x)"
    return f"{call}: {row.needs or f'it needs {row.domain}'}", hint


def _blame_derivative(request: Request, primal: Sequence[float], name: str | None) -> tuple[int, str]:
    graph, order = request.graph, request.order
    if name is not None:
        active = graph.descendants([request.wrt[name]], order)
        adjoints = sweeps.reverse(graph, order, primal, active, scalars)
        for node in reversed(order):
            op, args, _ = graph.instructions[node]
            known = adjoints[node]
            if known is None or not math.isfinite(known) or not active[node]:
                continue
            if any(adjoints[a] is not None and active[a] and not math.isfinite(adjoints[a]) for a in args):
                call = _call(TABLE[op], [primal[argument] for argument in args])
                return node, f"the derivative with respect to {name} is not finite at this point, because of {call}"
    return request.root, f"the derivative with respect to {name} is not finite at this point"


def _call(row: Operation, operands: Sequence[float]) -> str:
    """The operation on these numbers, in words or as it is written."""
    shown = [f"{operand:.10g}" for operand in operands]
    if row.symbol is not None and row.binds < CALL and len(shown) == 2:
        base = f"({shown[0]})" if shown[0].startswith("-") else shown[0]
        gap = " " if row.binds <= SUM else ""
        return f"{base}{gap}{row.symbol}{gap}{shown[1]}"
    return f"{row.name} of {shown[0]}" if len(shown) == 1 else f"{row.name}({', '.join(shown)})"


def _holds(row: Operation, condition: str, operands: Sequence[float]) -> bool:
    """Whether a condition on a row's parameters holds for these arguments."""
    draft = parse(condition, Limits())
    point = {draft.graph.names[name]: operand for name, operand in zip(row.parameters, operands, strict=True)
             if name in draft.graph.names}
    value: float = sweeps.values(draft.graph, range(draft.output + 1), point, scalars)[draft.output]
    return value != 0.0
