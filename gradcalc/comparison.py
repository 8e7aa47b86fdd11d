"""Every mode on the same question, side by side: what each found, how far it is from a witness, and what it cost.

The modes that read the table's partials agree even where a rule is wrong, so errors are measured against the best mode that
does not read them: the first of the independent ones, the exact ones before the others, that has an answer.
"""

import math
import time
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from gradcalc.diagnostics import GradcalcError
from gradcalc.evaluators import Can, Evaluator, evaluator, names
from gradcalc.program import Program, parse
from gradcalc.results import Answer, Comparison, ModeReport, Request

#: How far an exact mode may be from an exact witness, relative to the derivative, before the two disagree. A wrong rule is
#: off by a factor; rounding, in an ill-conditioned formula, by a few digits of sixteen.
EXACT_TOLERANCE = 1e-8
#: The same where one of the two is a difference quotient.
DIFFERENCE_TOLERANCE = 1e-5
#: What a derivative may be off by where it cancels to nothing, relative to the largest value over the input's size.
EXACT_ROUNDING = 1e-12
DIFFERENCE_ROUNDING = 1e-9
#: How much of a derivative a mode's own doubt about it may excuse. One that doubts more has seen a jump or a kink.
DOUBT = 1e-3


def compare(program: Program | str, wrt: str | Iterable[str] | None = None, at: Mapping[str, float] | None = None,
            modes: str | Iterable[str] = "all", of: str | None = None, **options: Any) -> Comparison:
    """The answers of several modes at one point, with their errors, their costs and a verdict.

    ``modes`` is ``"all"``, a comma-separated text or a list; ``options`` are those of the modes. A mode whose answer is
    not finite is ``undefined`` there, one that does not take the program ``unsupported``; neither is a disagreement. One
    that cannot do its work is ``failed``, which is, and of ``"all"`` also one that cannot be loaded.

    Raises GradcalcError for bad input, as ``Program.diff`` does, and where a mode that was asked for does not exist.
    """
    program = parse(program) if isinstance(program, str) else program
    chosen: dict[str, Evaluator] = {}
    failed: list[ModeReport] = []
    for name in _listed(modes):
        try:
            chosen[name] = evaluator(name)
        except GradcalcError as problem:
            if modes != "all":
                raise
            failed.append(ModeReport(name, "failed", False, message=problem.diagnostic.message))
    request, output, used, notes = program.request(wrt, at or {}, of, options, counted=True)
    taken = {name: _run(mode, request) for name, mode in chosen.items()}
    reference, truth = _witness(taken, chosen, request)
    reports = (*(_judged(report, answer, truth, chosen[name], reference, request)
                 for name, (report, answer) in taken.items()), *failed)
    agrees = all(report.agrees is not False and report.status != "failed" for report in reports)
    value = next((report.value for report in reports if report.status == "ok"), None)
    return Comparison(program.text, output, used or {}, value, "agree" if agrees else "disagree",
                      reference.name if reference else None, reports, notes)


def _listed(modes: str | Iterable[str]) -> list[str]:
    listed = [name.strip() for name in modes.split(",")] if isinstance(modes, str) else list(modes)
    return list(dict.fromkeys(other for name in listed for other in (names() if name == "all" else [name])))


def _run(mode: Evaluator, request: Request) -> tuple[ModeReport, Answer | None]:
    independent = Can.INDEPENDENT in mode.can
    start = time.perf_counter()
    try:
        answer = mode.differentiate(request)
    except GradcalcError as problem:
        code = problem.diagnostic.code
        if code == "option":
            raise
        status: Literal["unsupported", "failed"] = "unsupported" if code in ("unsupported", "limit") else "failed"
        return ModeReport(mode.name, status, independent, message=problem.diagnostic.message), None
    seconds = time.perf_counter() - start
    finite = all(map(math.isfinite, (math.nan if answer.value is None else answer.value,
                                     *(answer.gradient or {}).values())))
    return ModeReport(mode.name, "ok" if finite else "undefined", independent, answer.value, answer.gradient,
                      operations=answer.operations, seconds=seconds), answer


def _witness(taken: Mapping[str, tuple[ModeReport, Answer | None]], chosen: Mapping[str, Evaluator], request: Request,
             ) -> tuple[Evaluator | None, Answer | None]:
    """The best independent mode with a finite answer, whether it was asked for or not, and that answer."""
    witnesses = {name: evaluator(name) for name in ("complex", "finite")} | dict(chosen)
    for mode in sorted(witnesses.values(), key=lambda mode: Can.EXACT not in mode.can):
        if Can.INDEPENDENT in mode.can:
            report, answer = taken.get(mode.name) or _run(mode, request)
            if report.status == "ok":
                return mode, answer
    return None, None


def _judged(report: ModeReport, answer: Answer | None, truth: Answer | None, mode: Evaluator, reference: Evaluator | None,
            request: Request) -> ModeReport:
    """The report with its distance from the reference, and whether that is no more than rounding explains."""
    if report.status != "ok" or answer is None or truth is None or reference is None:
        return report
    exact = Can.EXACT in mode.can and Can.EXACT in reference.can
    tolerance, rounding = (EXACT_TOLERANCE, EXACT_ROUNDING) if exact else (DIFFERENCE_TOLERANCE, DIFFERENCE_ROUNDING)
    largest = max((abs(value) for value in truth.primal if value is not None and math.isfinite(value)), default=1.0)
    absolute = relative = 0.0
    agrees = True
    for name, expected in (truth.gradient or {}).items():
        found = (answer.gradient or {}).get(name, math.nan)
        error, larger = abs(found - expected), max(abs(found), abs(expected))
        absolute = max(absolute, error)
        relative = max(relative, error / larger if larger else 0.0)
        estimate = max((other.estimate or {}).get(name, 0.0) for other in (answer, truth))
        slack = rounding * largest / max(abs(_place(truth, request.wrt[name])), 1.0)
        doubt = min(10.0 * estimate, DOUBT * larger)
        agrees = agrees and error <= tolerance * larger + slack + doubt
    return report._replace(max_absolute=absolute, max_relative=relative, agrees=agrees)


def _place(answer: Answer, node: int) -> float:
    """The node's value, 0 where the output does not depend on it."""
    return (answer.primal[node] if node < len(answer.primal) else None) or 0.0
