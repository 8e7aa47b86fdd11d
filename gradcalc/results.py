"""What is asked and what is answered: plain frozen data, between those who compute and those who show.

Nothing here computes a derivative or knows a format. Numbers stay numbers, also where they are not finite: how JSON writes
those is the renderer's business.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from gradcalc.diagnostics import Diagnostic
from gradcalc.graph.tape import Graph

SCHEMA = "gradcalc/1"


class Request(NamedTuple):
    """A question to a mode: the derivatives of the node ``root`` of ``graph`` with respect to the nodes of ``wrt``.

    ``order`` lists the nodes that the output is computed from, in the order of the tape. ``point`` gives the inputs' values by
    node; it is None where a formula is asked for. ``options`` are the mode's own settings. ``counted`` asks for the number
    of operations, which takes a while to add up.
    """

    graph: Graph
    root: int
    order: Sequence[int]
    wrt: Mapping[str, int]
    point: Mapping[int, float] | None
    options: Mapping[str, Any] = {}
    counted: bool = False


class Answer(NamedTuple):
    """What a mode found.

    ``gradient`` has a derivative for each name of the request, and ``formula`` one written in gradcalc's own language; either
    is None where the mode does not give it. ``primal`` and ``adjoints`` are indexed by node, as is each sequence of
    ``tangents``, which are keyed by name; an entry is None for a node that was not reached. ``estimate`` holds the error
    that the mode expects in each derivative. ``operations`` counts the operations that were carried out, where the request
    asked for it.
    """

    value: float | None = None
    gradient: Mapping[str, float] | None = None
    operations: int | None = None
    formula: Mapping[str, str] | None = None
    primal: Sequence[float | None] = ()
    adjoints: Sequence[float | None] = ()
    tangents: Mapping[str, Sequence[float | None]] = {}
    estimate: Mapping[str, float] | None = None
    notes: tuple[Diagnostic, ...] = ()


class Row(NamedTuple):
    """One node of the computation graph, as it is shown. What does not exist is None: a constant's adjoint, the value of a
    branch that was not taken."""

    node: int
    name: str | None
    op: str
    args: tuple[int, ...]
    expression: str
    value: float | None
    adjoint: float | None
    tangent: Mapping[str, float] | None


class Result(NamedTuple):
    """The answer to ``eval`` or ``diff``.

    ``gradient`` is None where no point was given, ``formula`` where none was asked for, ``trace`` where there is nothing
    to show in it; ``at`` holds the values that were used, by name.
    """

    command: Literal["eval", "diff"]
    program: str
    output: str
    mode: str | None
    at: Mapping[str, float] | None
    value: float | None
    gradient: Mapping[str, float] | None = None
    formula: Mapping[str, str] | None = None
    trace: Sequence[Row] | None = None
    notes: tuple[Diagnostic, ...] = ()
    estimate: Mapping[str, float] | None = None

    def to_dict(self) -> dict[str, Any]:
        """The result as the JSON output has it, with its numbers as they are (the renderer writes NaN as a string)."""
        out: dict[str, Any] = {
            "schema": SCHEMA, "command": self.command, "program": self.program, "output": self.output}
        if self.command == "diff":
            out["mode"] = self.mode
        out["at"] = None if self.at is None else dict(self.at)
        out["value"] = self.value
        if self.command == "diff":
            out["gradient"] = None if self.gradient is None else dict(self.gradient)
            out["formula"] = None if self.formula is None else dict(self.formula)
            if self.estimate is not None:
                out["estimate"] = dict(self.estimate)
        out["trace"] = None if self.trace is None else [row._asdict() for row in self.trace]
        out["notes"] = [note.to_dict() for note in self.notes]
        return out


class ModeReport(NamedTuple):
    """One mode's line of a comparison. ``max_absolute`` and ``max_relative`` are its distance from the reference."""

    mode: str
    status: Literal["ok", "undefined", "unsupported", "failed"]
    independent: bool
    value: float | None = None
    gradient: Mapping[str, float] | None = None
    max_absolute: float | None = None
    max_relative: float | None = None
    agrees: bool | None = None
    operations: int | None = None
    seconds: float | None = None
    message: str | None = None

    def to_dict(self) -> dict[str, Any]:
        error = None
        if self.max_absolute is not None:
            error = {"max_absolute": self.max_absolute, "max_relative": self.max_relative}
        return {"mode": self.mode, "status": self.status, "value": self.value,
                "gradient": None if self.gradient is None else dict(self.gradient), "independent": self.independent,
                "error": error, "agrees": self.agrees, "operations": self.operations, "seconds": self.seconds,
                "message": self.message}


class Comparison(NamedTuple):
    """Every mode on one program, at one point, with what their errors are measured against and the verdict."""

    program: str
    output: str
    at: Mapping[str, float]
    value: float | None
    verdict: Literal["agree", "disagree"]
    reference: str | None
    modes: tuple[ModeReport, ...]
    notes: tuple[Diagnostic, ...] = ()
    title: str | None = None

    def to_dict(self) -> dict[str, Any]:
        return {"title": self.title, "program": self.program, "output": self.output, "at": dict(self.at),
                "value": self.value, "verdict": self.verdict, "reference": self.reference,
                "modes": [mode.to_dict() for mode in self.modes], "notes": [note.to_dict() for note in self.notes]}
