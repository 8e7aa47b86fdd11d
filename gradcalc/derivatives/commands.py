"""Answers to ``jacobian``, ``hessian``, ``jvp``, ``vjp`` and ``hvp``: from a question to what is handed out.

The sweeps are in ``products``; here the cheaper way is chosen, and what is not finite is refused.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gradcalc.derivatives import products
from gradcalc.diagnostics import Diagnostic, error
from gradcalc.language.reading.names import quoted
from gradcalc.questions.answers import Products, Request, Value
from gradcalc.questions.question import Question, Subject
from gradcalc.singular.judge import demand_derivatives, demand_value, remarks_on_rules

Found = tuple[dict[str, Any], str]


def answer(text: str, subject: Subject, command: Any, asked: Question, **settings: Any) -> Products:
    """The derivatives that a command asks for. Raises GradcalcError where they or the outputs' values are not finite."""
    request = asked.request
    with request.xp.silent():
        primal = products.values(request)
        values = {name: primal[node] for name, node in asked.outputs.items()}
        for name, value in values.items():
            demand_value(text, request, asked.outputs[name], value)
        notes = tuple(note.within(text) for note in (*asked.notes, *_kinks(asked, primal)))
        eigenvalues = None
        if settings.get("eigenvalues") is not None:
            found: dict[str, Any] = {}
            sweeps = "forward over reverse"
            eigenvalues = _eigenvalues(subject, asked, primal, settings["eigenvalues"])
        else:
            found, sweeps = COMMANDS[command](subject, asked, primal, **settings)
        demand_derivatives(text, request, found, "the derivative that belongs to")
    plain = request.xp.plain
    return Products(command, text, tuple(asked.outputs), asked.used or {}, _mapped(values, plain), _mapped(found, plain),
                    sweeps, notes, eigenvalues)


def _jacobian(subject: Subject, asked: Question, primal: list[Any], mode: str | None) -> Found:
    request = asked.request
    inputs, outputs = (_entries(request, side) for side in (request.wrt, asked.outputs))
    subject.demand_room((outputs, inputs), "the Jacobian")
    if mode is None:
        mode = "forward" if inputs < outputs else "reverse"
    if mode not in ("forward", "reverse"):
        raise error("mode", f"a Jacobian is computed forward or reverse, not {quoted(str(mode))}",
                    hint="without a mode the cheaper one is taken")
    return dict(products.jacobian(request, asked.outputs, primal, mode)), mode


def _hessian(subject: Subject, asked: Question, primal: list[Any], eigenvalues: int | None) -> Found:
    inputs = _entries(asked.request, asked.request.wrt)
    subject.demand_room((_entries(asked.request, asked.outputs), inputs, inputs), "the Hessian")
    return dict(products.Curvature(asked.request, primal).matrix()), "forward over reverse"


def _entries(request: Request, nodes: Mapping[str, int]) -> int:
    """How many numbers these nodes are."""
    return sum(math.prod(products.shape(request, node)) for node in nodes.values())


def _jvp(subject: Subject, asked: Question, primal: list[Any], tangent: Mapping[str, Value]) -> Found:
    if not tangent:
        raise error("missing", "a tangent is missing", hint="give one: --tangent x=1")
    tangents = subject.directions(tangent, asked.request, asked.request.wrt, "tangent")
    return products.jvp(asked.request, asked.outputs, primal, tangents), "forward"


def _vjp(subject: Subject, asked: Question, primal: list[Any], cotangent: Mapping[str, Value] | None) -> Found:
    request = asked.request
    if cotangent is None:
        arrays = [name for name, node in asked.outputs.items() if products.shape(request, node)]
        if arrays:
            shape = list(products.shape(request, asked.outputs[arrays[0]]))
            name = f"{arrays[0]}=" if arrays[0].isidentifier() else ""
            raise error("missing", f"a cotangent is missing: {quoted(arrays[0])} is an array of shape {shape}",
                        hint=f"give one: --cotangent {name}[…]")
        cotangent = dict.fromkeys(asked.outputs, 1.0)
    return products.vjp(request, primal, subject.directions(cotangent, request, asked.outputs, "cotangent")), "reverse"


def _hvp(subject: Subject, asked: Question, primal: list[Any], vector: Mapping[str, Value]) -> Found:
    if not vector:
        raise error("missing", "a vector is missing", hint="give one: --vector x=1")
    known = {name: node for name, node in subject.graph.names.items() if name in vector} | dict(asked.request.wrt)
    direction = subject.directions(vector, asked.request, known, "vector")
    return products.Curvature(asked.request, primal).product(direction), "forward over reverse"


def _kinks(asked: Question, primal: list[Any]) -> Iterator[Diagnostic]:
    """What is to be said of kinks at the point: the rules' derivatives are the means of those on both sides."""
    for name, root in asked.outputs.items():
        request = asked.request._replace(root=root, order=asked.request.graph.ancestors([root]))
        yield from remarks_on_rules(request, primal, name)


COMMANDS: dict[str, Callable[..., Found]] = {
    "jacobian": _jacobian, "hessian": _hessian, "jvp": _jvp, "vjp": _vjp, "hvp": _hvp}


def _eigenvalues(subject: Subject, asked: Question, primal: list[Any], count: int) -> list[float]:
    from gradcalc.derivatives.spectrum import eigenvalues

    if products.shape(asked.request, asked.request.root):
        raise error("shape", f"{quoted(next(iter(asked.outputs)))} is an array, and its Hessian no matrix",
                    subject.graph.span(asked.request.root), "take a number of it such as its sum", subject.text)
    return eigenvalues(asked.request, primal, count)


def _mapped(found: Mapping[str, Any], function: Callable[[Any], Any]) -> dict[str, Any]:
    return {name: _mapped(each, function) if isinstance(each, Mapping) else function(each) for name, each in found.items()}
