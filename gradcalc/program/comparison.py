"""Every mode on the same question, side by side: what each found, how far it is from a witness, and what it cost.

The modes that read the table's partials agree even where a rule is wrong, so they are judged by the best mode that does not
read them: the first of the independent ones, the exact ones before the others, that has an answer. One that proves its digits
does read them. The errors are measured against it, but it judges the others only where the witness disagrees with it, as one
in double precision does once enough digits cancel, and differences of values in many bits side with it.
"""

import math
import time
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from gradcalc.diagnostics import GradcalcError, error
from gradcalc.evaluators import BUILT_IN, Can, Evaluator, ask, evaluator, names, options_of, tolerance_of
from gradcalc.language.reading.names import quoted
from gradcalc.program.program import Program, parse
from gradcalc.questions.answers import Answer, Comparison, ModeReport, Request, Value
from gradcalc.questions.question import listed
from gradcalc.singular.judge import at_kink, finite
from gradcalc.singular.kinks import Singularity, kinks_at

#: How much of a derivative a mode's own doubt about it may excuse. One that doubts more has seen a jump or a kink.
DOUBT = 1e-3


def compare(program: Program | str, wrt: str | Iterable[str] | None = None, at: Mapping[str, Value] | None = None,
            modes: str | Iterable[str] = "all", of: str | None = None, dtype: str = "float64", **options: Any) -> Comparison:
    """The answers of several modes at one point, with their errors, their costs and a verdict.

    ``modes`` is ``"all"``, a comma-separated text or a list; ``options`` are those of the modes. A mode whose answer is
    not finite is ``undefined`` there, one that does not take the program ``unsupported``; neither is a disagreement. One
    that cannot do its work is ``failed``, which is, and of ``"all"`` also one that cannot be loaded.

    Raises GradcalcError for bad input, as ``Program.diff`` does, and where a mode that was asked for does not exist.
    """
    program = program if isinstance(program, Program) else parse(program)
    chosen: dict[str, Evaluator] = {}
    failed: list[ModeReport] = []
    for name in _listed(modes):
        try:
            chosen[name] = evaluator(name)
        except GradcalcError as problem:
            if modes != "all":
                raise
            failed.append(ModeReport(name, "failed", False, message=problem.diagnostic.message))
    request, outputs, used, notes = program.request(wrt, {} if at is None else at, of, options, counted=True, dtype=dtype)
    _demand_declared(options, chosen)
    with request.xp.silent():
        singularity = kinks_at(request, (), measured=True)
    notes += singularity.notes(request, next(iter(outputs)), "mean") if singularity else ()
    notes = tuple(note.within(program.text) for note in notes)
    taken = {name: _run(mode, request, singularity) for name, mode in chosen.items()}
    proven = next(((chosen[name], answer) for name, (report, answer) in taken.items()
                   if answer is not None and report.status == "ok" and Can.PROVES in chosen[name].can), None)
    reference, truth = _judge(proven, _witness(taken, chosen, request, singularity), request)
    judged = [_judged(report, answer, truth, chosen[name], reference, request) for name, (report, answer) in taken.items()]
    if proven is not None:
        reference, truth = proven
        judged = [_measured(report, taken[report.mode][1], truth, ulps=True) for report in judged]
    reports = (*judged, *failed)
    agrees = all(report.agrees is not False and report.status != "failed" for report in reports)
    value = next((report.value for report in reports if report.status == "ok"), None)
    return Comparison(program.text, next(iter(outputs)), used or {}, value, "agree" if agrees else "disagree",
                      reference.name if reference else None, reports, notes)


def _demand_declared(options: Iterable[str], chosen: Mapping[str, Evaluator]) -> None:
    """Raise GradcalcError for an option that none of the modes declares."""
    known = {option.name for mode in chosen.values() for option in options_of(mode)}
    for name in options:
        if name not in known:
            raise error("option", f"none of the modes has an option {quoted(name)}",
                        hint=f"there are {', '.join(sorted(known))}" if known else None)


def _listed(modes: str | Iterable[str]) -> list[str]:
    asked = [str(name).strip() for name in listed(modes, "modes")]
    return list(dict.fromkeys(other for name in asked for other in (names() if name == "all" else [name])))


def _run(mode: Evaluator, request: Request, singularity: Singularity | None) -> tuple[ModeReport, Answer | None]:
    independent = Can.INDEPENDENT in mode.can
    own = {option.name for option in options_of(mode)}
    request = request._replace(options={name: value for name, value in request.options.items() if name in own})
    start = time.perf_counter()
    try:
        answer = ask(mode, request)
    except GradcalcError as problem:
        code = problem.diagnostic.code
        if code == "option":
            raise
        status: Literal["unsupported", "failed"] = "unsupported" if code in ("unsupported", "limit") else "failed"
        return ModeReport(mode.name, status, independent, message=problem.diagnostic.message), None
    seconds = time.perf_counter() - start
    answer = at_kink(request, answer, mode.can, singularity)
    plain = request.xp.plain
    return ModeReport(mode.name, "ok" if finite(request, answer) else "undefined", independent,
                      None if answer.value is None else plain(answer.value),
                      None if answer.gradient is None else {name: plain(slope) for name, slope in answer.gradient.items()},
                      operations=answer.operations, seconds=seconds,
                      message=None if answer.reason is None else answer.reason.message), answer


def _witness(taken: Mapping[str, tuple[ModeReport, Answer | None]], chosen: Mapping[str, Evaluator], request: Request,
             singularity: Singularity | None) -> tuple[Evaluator | None, Answer | None]:
    """The best independent mode with a finite answer, whether it was asked for or not, and that answer."""
    witnesses = {name: evaluator(name) for name in BUILT_IN} | dict(chosen)
    for mode in sorted(witnesses.values(), key=lambda mode: Can.EXACT not in mode.can):
        if Can.INDEPENDENT in mode.can:
            report, answer = taken.get(mode.name) or _run(mode, request, singularity)
            if report.status == "ok":
                return mode, answer
    return None, None


def _judge(proven: tuple[Evaluator, Answer] | None, witness: tuple[Evaluator | None, Answer | None], request: Request,
           ) -> tuple[Evaluator | None, Answer | None]:
    """Whose derivatives the others must have: the witness's, unless what is proven is something else and right."""
    if proven is None:
        return witness
    mode, answer = proven
    claim = ModeReport(mode.name, "ok", False)
    if _judged(claim, answer, witness[1], mode, witness[0], request).agrees:
        return witness
    from gradcalc.evaluators.certified import measured

    confirmed = _judged(claim, answer, answer._replace(gradient=measured(request)), mode, mode, request).agrees
    return proven if confirmed else witness


def _judged(report: ModeReport, answer: Answer | None, truth: Answer | None, mode: Evaluator, reference: Evaluator | None,
            request: Request) -> ModeReport:
    """The report with its distance from the reference, and whether that is no more than rounding explains."""
    if report.status != "ok" or answer is None or truth is None or reference is None:
        return report
    precision, allowed = request.xp.epsilon, (tolerance_of(mode), tolerance_of(reference))
    tolerance = max(each.relative(precision) for each in allowed)
    rounding = max(each.rounding(precision) for each in allowed)
    largest = max((abs(number) for value in truth.primal if value is not None for number in _numbers(value)
                   if math.isfinite(number)), default=1.0)
    agrees = True
    for name, slopes in (truth.gradient or {}).items():
        expected = _numbers(slopes)
        places = _place(truth, request.wrt[name], len(expected))
        doubts = zip(*(_doubts(other, name, len(expected)) for other in (answer, truth)), strict=True)
        for own, right, x, doubt in zip(_numbers((answer.gradient or {})[name]), expected, places, doubts, strict=True):
            larger = max(abs(own), abs(right))
            excused = 10.0 * max(doubt)
            slack = rounding * largest / max(abs(x), 1.0) + min(excused, DOUBT * larger if right else precision)
            agrees = agrees and abs(own - right) <= tolerance * larger + slack
    return _measured(report, answer, truth)._replace(agrees=agrees)


def _measured(report: ModeReport, answer: Answer | None, truth: Answer, ulps: bool = False) -> ModeReport:
    """The report with its distance from the truth; in ``ulps`` too, where that is correctly rounded."""
    if report.status != "ok" or answer is None:
        return report
    pairs = [pair for name, slopes in (truth.gradient or {}).items()
             for pair in zip(_numbers((answer.gradient or {})[name]), _numbers(slopes), strict=True)]
    apart = [(abs(own - right), max(abs(own), abs(right)), math.ulp(right)) for own, right in pairs]
    return report._replace(max_absolute=max((error for error, _, _ in apart), default=0.0),
                           max_relative=max((error / larger if larger else 0.0 for error, larger, _ in apart), default=0.0),
                           max_ulps=max((error / ulp for error, _, ulp in apart), default=0.0) if ulps else None)


def _doubts(answer: Answer, name: str, count: int) -> list[float]:
    """The error that a mode expects in each number of a derivative."""
    return [0.0] * count if answer.estimate is None else _numbers(answer.estimate[name])


def _numbers(value: Any) -> list[float]:
    """A number, or the entries of an array, in a list."""
    listed: list[float] = value.ravel().tolist() if hasattr(value, "ravel") else [value]
    return listed


def _place(answer: Answer, node: int, count: int) -> list[float]:
    """The numbers of the node's value, 0 where the output does not depend on it."""
    value = answer.primal[node] if node < len(answer.primal) else None
    return [0.0] * count if value is None else _numbers(value)
