"""Points where a derivative is one of two: kinks and jumps are found, both sides computed, and the answer chosen.

Left and right are exact: one-sided derivatives from a sweep along either direction of each input. Where they agree the function
is differentiable whatever its parts do, and that is the answer; where they differ the answer is their mean unless another
choice is made. What is said of it is a note for each operation that has a kink there.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

from gradcalc.diagnostics import Diagnostic, ExitStatus, error
from gradcalc.graph import sweeps
from gradcalc.graph.liveness import liveness, open_gates
from gradcalc.graph.operations import TABLE
from gradcalc.graph.operations.operation import CALL, Operation
from gradcalc.graph.tape import CONST, INPUT, Graph
from gradcalc.language.reading.names import quoted
from gradcalc.questions.answers import Answer, Request
from gradcalc.singular.conditions import Condition, condition
from gradcalc.singular.one_sided import one_sided

Choice = Literal["mean", "left", "right", "error"]
CHOICES: tuple[Choice, ...] = ("mean", "left", "right", "error")
#: For so many numbers in the inputs both sides are computed: two sweeps each.
NUMBERS = 400
#: So many notes of kinks are made; more of them say nothing more.
NOTES = 20
#: Of a kink this near, in proportion to the number, a central difference with the textbook's step sees both sides.
NEAR = math.ulp(1.0) ** (1.0 / 3.0)
#: A measured derivative is worth as much as this part of it.
DOUBT = 1e-6


class Kink(NamedTuple):
    """A node at a kink or jump of its operation, or so near one that differences step over it. ``operands`` are its arguments'
    values."""

    node: int
    near: bool
    operands: Sequence[Any]


class OneSided(NamedTuple):
    """The one-sided derivatives by name, and whether the output itself jumps there."""

    left: dict[str, Any]
    right: dict[str, Any]
    jumps: bool

    def differ(self) -> list[str]:
        """The names whose derivatives are not the same on both sides."""
        return [name for name in self.left if not same(self.left[name], self.right[name])]


class Singularity(NamedTuple):
    """What was found at a point: the kinks, and both sides unless there are too many numbers to move, or only near kinks.

    ``vertical`` says that some operation has a vertical tangent there.
    """

    kinks: Sequence[Kink]
    sides: OneSided | None
    vertical: bool = False

    def settle(self, request: Request, answer: Answer, choice: Choice, measured: bool, exact: bool) -> Answer:
        """The answer with the chosen one-sided derivatives, or their mean, in place of what the mode says.

        A mode that ``measured`` its derivative on both sides keeps its own mean where it has one: not across a jump. One that
        is ``exact`` looked at one side alone. Where the tangent is vertical whoever measures finds any number. Where a side
        at a kink is not finite, or not known, there is no answer but a measured one that is sure of itself.
        """
        if self.sides is None or answer.gradient is None:
            return answer
        gradient, finite = dict(answer.gradient), request.xp.finite
        for name, left in self.sides.left.items():
            right = self.sides.right[name]
            chosen = left if choice == "left" else right if choice == "right" else 0.5 * left + 0.5 * right
            keeps = measured and not exact and choice in ("mean", "error") and not self.sides.jumps and finite(gradient[name])
            if finite(chosen):
                gradient[name] = chosen if not keeps or self.vertical else gradient[name]
            elif (measured and self.vertical) or (self.at_one() and not (keeps and _sure(answer, name))):
                gradient[name] = chosen
        return answer._replace(gradient=gradient)

    def at_one(self) -> bool:
        """Whether the point is at a kink, not only near one."""
        return not all(kink.near for kink in self.kinks)

    def notes(self, request: Request, output: str, choice: Choice) -> tuple[Diagnostic, ...]:
        """What is to be said of the kinks and jumps, and of those close by."""
        return tuple(self._note(request, kink, output, choice) for kink in self.kinks[:NOTES])

    def _note(self, request: Request, kink: Kink, output: str, choice: Choice) -> Diagnostic:
        row, span = TABLE[request.graph.instructions[kink.node].op], request.graph.span(kink.node)
        what = "jump" if row.limit is not None else "kink"
        if kink.near:
            return Diagnostic("near-kink", f"{written(row, kink.operands)} is near a {what}: differences with a step of "
                              f"{NEAR:.0e} reach across it", span)
        message = f"{written(row, kink.operands)} is at a {what}{self._consequence(request, output, choice)}"
        if self.sides is None:
            return Diagnostic("kink", message, span)
        left, right = ({name: request.xp.plain(each + 0.0) for name, each in side.items()} for side in self.sides[:2])
        return Diagnostic("jump" if self.sides.jumps else "kink", message, span, left=left, right=right)

    def _consequence(self, request: Request, output: str, choice: Choice) -> str:
        """What it means for the derivatives."""
        sides = self.sides
        if sides is None:
            return "; the rules give the mean of the derivatives on its two sides"
        finite = all(map(request.xp.finite, (*sides.left.values(), *sides.right.values())))
        if sides.jumps:
            slopes = ("; what is given are slopes beside the jump" if finite and choice != "error" else
                      "" if finite else "; the slopes beside the jump are not both finite")
            return f", and {quoted(output)} jumps: it has no derivative there{slopes}"
        if not finite:
            return "; the derivatives on its two sides are not both finite"
        differ = sides.differ()
        if not differ:
            return f", but the derivatives on its two sides agree: {quoted(output)} is differentiable there"
        left, right = sides.left[differ[0]], sides.right[differ[0]]
        given = {"mean": ", and their mean is given", "error": ""}.get(choice, f", and the {choice} one is given")
        if getattr(left, "shape", ()):
            return f": the derivatives with respect to {differ[0]} differ on its two sides{given}"
        return (f": the derivative with respect to {differ[0]} is {left + 0.0:.10g} on the left and {right + 0.0:.10g} on the "
                f"right{given}")

    def refuse(self, text: str, request: Request, remarks: Sequence[Diagnostic]) -> None:
        """Raise GradcalcError where a derivative has two sides."""
        if self.sides is None or self.sides.jumps or self.sides.differ():
            for kink, remark in zip(self.kinks, remarks, strict=False):
                if not kink.near:
                    raise error(remark.code, remark.message, request.graph.span(kink.node),
                                "choose a side with --kinks left or right", text, ExitStatus.UNDEFINED)


def kinks_at(request: Request, primal: Sequence[Any], sided: bool = True, measured: bool = False) -> Singularity | None:
    """The kinks and jumps at a point, if ``sided`` with the derivatives on both sides; None where there is none.

    ``primal`` are the values of the nodes, which are computed again if the mode did not hand them out. With checkpoints
    nothing is looked for, because values are not kept. Vertical tangents are looked for where the derivative is to be
    ``measured``: a rule finds them itself.
    """
    instructions = request.graph.instructions
    used = {instructions[node].op for node in request.order} - {INPUT, CONST}
    rows = {op: TABLE[op] for op in used if TABLE[op].kink or (measured and TABLE[op].vertical)}
    if not rows or request.checkpoint:
        return None
    candidates = [node for node in request.order if instructions[node].op in rows]
    primal = primal or sweeps.values(request.graph, request.order, request.point or {}, request.xp)
    live = [node for node, _ in on_paths(request.graph, request.order, request.wrt.values(), candidates, primal, request.xp)]
    found = []
    for node in live:
        near = _near(request, node, primal) if rows[instructions[node].op].kink else None
        if near is not None:
            found.append(Kink(node, near, [primal[argument] for argument in instructions[node].args]))
    vertical = measured and any(_vertical(request, node, primal) for node in live)
    if not found and not vertical:
        return None
    return Singularity(found, _sides(request, primal) if sided and (vertical or not all(kink.near for kink in found)) else None,
                    vertical)


def on_paths(graph: Graph, order: Sequence[int], wrt: Iterable[int], candidates: Iterable[int], primal: Sequence[Any], xp: Any,
         ) -> Iterator[tuple[int, Any]]:
    """Those of the nodes that reach the last of ``order`` and through which an input that was asked for is felt, each with the
    condition of ``xp`` under which it does, or True."""
    active = graph.descendants(wrt, order)
    gates = open_gates(graph, order, order[-1:])
    if gates is not None:
        liveness(graph, order, primal, xp, gates)
    for node in candidates:
        gate = True if gates is None else gates[node]
        if gate is not False and any(active[argument] for argument in graph.instructions[node].args):
            yield node, gate


def _vertical(request: Request, node: int, primal: Sequence[Any]) -> bool:
    op, args, _ = request.graph.instructions[node]
    row = TABLE[op]
    return row.vertical is not None and condition(row.vertical, row.parameters).holds(
        [primal[argument] for argument in args], request.xp)


def _near(request: Request, node: int, primal: Sequence[Any]) -> bool | None:
    """False at a kink, True near one, None elsewhere."""
    op, args, settings = request.graph.instructions[node]
    row, xp, operands = TABLE[op], request.xp, [primal[argument] for argument in args]
    if row.kinked is not None:
        return False if xp.gate(row.kinked(xp, primal[node], *operands, *(settings or ()))) is not False else None
    assert row.kink is not None
    stated: Condition = condition(row.kink, row.parameters)
    values = stated.values(operands, xp)
    if xp.gate(values[-1]) is not False:
        return False
    close = {node: _close(values[a], values[b], xp) for node, (a, b) in stated.equations.items()}
    return True if row.shape is None and xp.gate(stated.values(operands, xp, close)[-1]) is not False else None


def _close(a: Any, b: Any, xp: Any) -> Any:
    """The condition that two numbers are nearer than a step."""
    return xp.less(xp.abs(a - b), NEAR * xp.maximum(1.0, xp.abs(a)))


def _sides(request: Request, primal: Sequence[Any]) -> OneSided | None:
    """The one-sided derivatives by each name that the output depends on; None where there are too many numbers for that."""
    shapes, xp = request.shapes or {}, request.xp
    wrt = {name: node for name, node in request.wrt.items() if node < len(primal) and primal[node] is not None}
    if sum(math.prod(shapes.get(node, ())) for node in wrt.values()) > NUMBERS:
        return None
    left, right, jumps = {}, {}, False
    for name, node in wrt.items():
        shape = shapes.get(node, ())
        before: list[Any] = []
        after: list[Any] = []
        for unit in xp.units(shape):
            for slopes, sign in ((before, -1.0), (after, 1.0)):
                side = one_sided(request.graph, request.order, primal, {node: sign * unit}, xp)
                slopes.append(xp.zeros(()) if side.slope is None else sign * side.slope + 0.0)
                jumps = jumps or not (side.value == primal[request.root] or side.value != side.value)
        left[name], right[name] = xp.gathered(before, shape), xp.gathered(after, shape)
    return OneSided(left, right, jumps)


def written(row: Operation, operands: Sequence[Any]) -> str:
    """An operation on numbers as it is written; on arrays by its name."""
    if any(getattr(operand, "shape", ()) for operand in operands):
        return f"an entry of {row.function}" if row.shape is None else row.function
    shown = [f"{operand + 0.0:.10g}" for operand in operands]
    if row.symbol is not None and row.binds < CALL and len(shown) == 2:
        return f"{shown[0]} {row.symbol} {shown[1]}"
    return f"{row.function}({', '.join(shown)})"


def same(left: Any, right: Any) -> bool:
    """Whether both sides agree, to rounding."""
    pairs = zip(_numbers(left), _numbers(right), strict=True)
    return all(math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-300) for a, b in pairs)


def _numbers(value: Any) -> list[float]:
    listed: list[float] = value.ravel().tolist() if hasattr(value, "ravel") else [value]
    return listed


def _sure(answer: Answer, name: str) -> bool:
    """Whether a mode knows how good its derivative is, and that it is good."""
    if answer.estimate is None or answer.gradient is None:
        return False
    return all(doubt <= DOUBT * max(1.0, abs(slope))
               for doubt, slope in zip(_numbers(answer.estimate[name]), _numbers(answer.gradient[name]), strict=True))


def checked(choice: str) -> Choice:
    """The choice, if it is one. Raises GradcalcError."""
    for known in CHOICES:
        if choice == known:
            return known
    raise error("option", f"there is no choice {quoted(str(choice))} at a kink", hint=f"there are {', '.join(CHOICES)}")
