"""What becomes of what a mode found: the one place that looks for kinks, settles the derivative there, and demands finiteness.

A mode's answer is raw: at a kink it has the derivative of whichever side its rule takes, and its numbers need not be finite.
Whoever asks a mode hands the answer on to here, and gets what may be shown, with what is to be said of it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from gradcalc.diagnostics import Diagnostic, ExitStatus, GradcalcError, error
from gradcalc.graph.liveness import liveness, open_gates
from gradcalc.language.reading.names import quoted
from gradcalc.questions.abilities import Can
from gradcalc.questions.answers import Answer, Request
from gradcalc.singular.kinks import Choice, Singularity, kinks_at


class Settled(NamedTuple):
    """An answer that is finite, with the chosen derivative at each kink, and the notes of the kinks."""

    answer: Answer
    notes: tuple[Diagnostic, ...] = ()


class Watch:
    """Looks for kinks before a mode lets the nodes' values go."""

    def __init__(self) -> None:
        self.called = False
        self.found: Singularity | None = None

    def __call__(self, request: Request, primal: Sequence[Any]) -> None:
        self.called, self.found = True, kinks_at(request, primal)


def settle(text: str, request: Request, output: str, answer: Answer, can: Can, choice: Choice = "mean",
           watch: Watch | None = None) -> Settled:
    """The answer of a mode with these abilities, settled. Raises GradcalcError where it is not finite, and at a kink where
    ``choice`` is to refuse one, or where a side that is needed is not finite."""
    with request.xp.silent():
        found = _singularity(request, answer, can, watch)
        remarks: tuple[Diagnostic, ...] = ()
        if found is not None:
            raw, remarks = answer, found.notes(request, output, choice)
            answer = at_kink(request, answer, can, found, choice)
            if choice == "error" or (finite(request, raw) and not finite(request, answer)):
                found.refuse(text, request, remarks)
        if not finite(request, answer):
            raise _undefined(text, request, answer)
        return Settled(live(request, answer) if request.traced else answer, remarks)


def _singularity(request: Request, answer: Answer, can: Can, watch: Watch | None) -> Singularity | None:
    """The kinks at the point: those of a mode that settles them itself, those that were seen on the way, or found now."""
    if Can.PROVES in can:
        known: Singularity | None = answer.singularity
        return known
    if watch is not None and watch.called:
        return watch.found
    return kinks_at(request, answer.primal, measured=Can.INDEPENDENT in can)


def at_kink(request: Request, answer: Answer, can: Can, found: Singularity | None, choice: Choice = "mean") -> Answer:
    """The answer with the chosen derivative where it has two sides; as it is where the mode has settled that itself."""
    if found is None or Can.PROVES in can:
        return answer
    return found.settle(request, answer, choice, Can.INDEPENDENT in can, Can.EXACT in can)


def remarks_on_rules(request: Request, primal: Sequence[Any], output: str) -> tuple[Diagnostic, ...]:
    """What is to be said of kinks where the rules' derivatives are given as they are: the means of those on both sides."""
    found = kinks_at(request, primal, sided=False)
    return () if found is None else found.notes(request, output, "mean")


def finite(request: Request, answer: Answer) -> bool:
    """Whether the value and each derivative is."""
    return answer.value is not None and all(map(request.xp.finite, (answer.value, *(answer.gradient or {}).values())))


def demand_value(text: str, request: Request, root: int, value: Any) -> None:
    """Raise GradcalcError, placed at the instruction to blame, for the value of a node that is not finite."""
    if not request.xp.finite(value):
        raise _undefined(text, request._replace(root=root, order=request.graph.ancestors([root])), Answer(value))


def _undefined(text: str, request: Request, answer: Answer) -> GradcalcError:
    from gradcalc.singular.undefined import undefined  # which is not needed where all is well

    return undefined(text, request, answer)


def demand_derivatives(text: str, request: Request, found: Mapping[str, Any], what: str, above: tuple[str, ...] = ()) -> None:
    """Raise GradcalcError for the first of these derivatives that is not finite. They may stand in mappings of mappings, and
    ``what`` stands in front of the names of one."""
    for name, each in found.items():
        if isinstance(each, Mapping):
            demand_derivatives(text, request, each, what, (*above, name))
        elif not request.xp.finite(each):
            raise error("undefined", f"{what} {' and '.join(map(quoted, (*above, name)))} is not finite at this point",
                        request.graph.span(request.root), "the value is finite; 'gradcalc eval' shows it", text,
                        ExitStatus.UNDEFINED)


def live(request: Request, answer: Answer) -> Answer:
    """The answer without the values of the branches that were not taken."""
    gates = open_gates(request.graph, request.order, (request.root,))
    if gates is None or not answer.primal:
        return answer
    liveness(request.graph, request.order, answer.primal, request.xp, gates)
    return answer._replace(primal=[None if gates[node] is False else value for node, value in enumerate(answer.primal)])
