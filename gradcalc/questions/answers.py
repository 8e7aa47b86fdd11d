"""What is asked and what is answered: plain frozen data, between those who compute and those who show.

Nothing here computes a derivative or knows a format. Numbers stay numbers, also where they are not finite: how JSON writes
those is the renderer's business.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from gradcalc.diagnostics import Diagnostic
from gradcalc.graph.namespaces import scalars
from gradcalc.graph.tape import Graph

SCHEMA = "gradcalc/1"

#: A number, or a NumPy array of them.
Value = Any


class Request(NamedTuple):
    """A question to a mode: the derivatives of the node ``root`` of ``graph`` with respect to the nodes of ``wrt``.

    ``order`` lists the nodes that the output is computed from, in the order of the tape. ``point`` gives the inputs' values by
    node; it is None where a formula is asked for. ``options`` are the mode's own settings. ``counted`` asks for the number
    of operations, which takes a while to add up. ``xp`` is the namespace of the values, ``shapes`` has the shape of each node
    where some are arrays. Without ``traced`` nobody asks for the values and adjoints of the nodes on the way, and
    ``checkpoint`` says to compute those values again rather than to keep them. ``kinks`` is what is to be given where the
    derivatives on two sides differ, for a mode that looks for kinks itself. ``watch`` is called with the request and the nodes'
    values by a mode that lets these go before it answers, as it may where nobody asks for them.
    """

    graph: Graph
    root: int
    order: Sequence[int]
    wrt: Mapping[str, int]
    point: Mapping[int, Value] | None
    options: Mapping[str, Any] = {}
    counted: bool = False
    xp: Any = scalars
    shapes: Mapping[int, Any] | None = None
    traced: bool = True
    checkpoint: bool = False
    kinks: Any = "mean"
    watch: Callable[[Any, Sequence[Value | None]], None] | None = None


class Proof(NamedTuple):
    """Enclosures, in decimal: each number is proven to lie in its own. ``bits`` were needed for that."""

    value: str
    gradient: Mapping[str, str]
    bits: int


class Answer(NamedTuple):
    """What a mode found.

    ``gradient`` has a derivative for each name of the request, and ``formula`` one written in gradcalc's own language; either
    is None where the mode does not give it. ``primal`` and ``adjoints`` are indexed by node, as is each sequence of
    ``tangents``, which are keyed by name; an entry is None for a node that was not reached. ``estimate`` holds the error
    that the mode expects in each derivative. ``operations`` counts the operations that were carried out, where the request
    asked for it. ``proof`` encloses the numbers, ``reason`` says why one is not finite, and ``singularity`` has the kinks, each
    from a mode that knows better than can be seen in its numbers.
    """

    value: Value | None = None
    gradient: Mapping[str, Value] | None = None
    operations: int | None = None
    formula: Mapping[str, str] | None = None
    primal: Sequence[Value | None] = ()
    adjoints: Sequence[Value | None] = ()
    tangents: Mapping[str, Sequence[Value | None]] = {}
    estimate: Mapping[str, Value] | None = None
    notes: tuple[Diagnostic, ...] = ()
    proof: Proof | None = None
    reason: Diagnostic | None = None
    singularity: Any = None


class Row(NamedTuple):
    """One node of the computation graph, as it is shown. What does not exist is None: a constant's adjoint, the value of a
    branch that was not taken."""

    node: int
    name: str | None
    op: str
    args: tuple[int, ...]
    expression: str
    value: Value | None
    adjoint: Value | None
    tangent: Mapping[str, Value] | None


class Result(NamedTuple):
    """The answer to ``eval`` or ``diff``.

    ``gradient`` is None where no point was given, ``formula`` where none was asked for, ``trace`` where there is nothing
    to show in it; ``at`` holds the values that were used, by name. ``order`` is that of the derivatives.
    """

    command: Literal["eval", "diff"]
    program: str
    output: str
    mode: str | None
    at: Mapping[str, Value] | None
    value: Value | None
    gradient: Mapping[str, Value] | None = None
    formula: Mapping[str, str] | None = None
    trace: Sequence[Row] | None = None
    notes: tuple[Diagnostic, ...] = ()
    estimate: Mapping[str, Value] | None = None
    order: int = 1
    proof: Proof | None = None

    def to_dict(self) -> dict[str, Any]:
        """The result as the JSON output has it, with its numbers as they are (the renderer writes NaN as a string)."""
        out: dict[str, Any] = {
            "schema": SCHEMA, "command": self.command, "program": self.program, "output": self.output}
        if self.command == "diff":
            out["mode"] = self.mode
            if self.order != 1:
                out["order"] = self.order
        out["at"] = plain(self.at)
        out["value"] = plain(self.value)
        if self.command == "diff":
            out["gradient"] = plain(self.gradient)
            out["formula"] = None if self.formula is None else dict(self.formula)
            if self.estimate is not None:
                out["estimate"] = plain(self.estimate)
            if self.proof is not None:
                out["enclosure"] = {"value": self.proof.value, "gradient": dict(self.proof.gradient)}
                out["bits"] = self.proof.bits
        out["trace"] = None if self.trace is None else [
            row._replace(value=plain(row.value), adjoint=plain(row.adjoint), tangent=plain(row.tangent))._asdict()
            for row in self.trace]
        out["notes"] = [note.to_dict() for note in self.notes]
        return out


class Products(NamedTuple):
    """The answer to ``jacobian``, ``hessian``, ``jvp``, ``vjp`` or ``hvp``.

    ``found`` holds the derivatives under the names that they belong to: by output and input for a Jacobian, by input and input
    for a Hessian, by output for a jvp, by input for a vjp and an hvp. Each is in the output's shape followed by the
    inputs'. ``values`` are the outputs', and ``sweeps`` says how the derivatives were found: forward or reverse.
    """

    command: Literal["jacobian", "hessian", "jvp", "vjp", "hvp"]
    program: str
    outputs: tuple[str, ...]
    at: Mapping[str, Value]
    values: Mapping[str, Value]
    found: Mapping[str, Any]
    sweeps: str
    notes: tuple[Diagnostic, ...] = ()
    eigenvalues: Sequence[float] | None = None

    def to_dict(self) -> dict[str, Any]:
        out = {"schema": SCHEMA, "command": self.command, "program": self.program, "outputs": list(self.outputs),
               "at": plain(self.at), "value": plain(self.values), "mode": self.sweeps, self.command: plain(self.found)}
        if self.eigenvalues is not None:
            out["eigenvalues"] = list(self.eigenvalues)
        out["notes"] = [note.to_dict() for note in self.notes]
        return out


def plain(value: Any) -> Any:
    """The same with Python's numbers and nested lists for arrays, also inside mappings."""
    if isinstance(value, Mapping):
        return {name: plain(each) for name, each in value.items()}
    return value.tolist() if hasattr(value, "tolist") else value


class ModeReport(NamedTuple):
    """One mode's line of a comparison. ``max_absolute`` and ``max_relative`` are its distance from the reference, and
    ``max_ulps`` that in units of the last place, where the reference is correctly rounded."""

    mode: str
    status: Literal["ok", "undefined", "unsupported", "failed"]
    independent: bool
    value: Value | None = None
    gradient: Mapping[str, Value] | None = None
    max_absolute: float | None = None
    max_relative: float | None = None
    agrees: bool | None = None
    operations: int | None = None
    seconds: float | None = None
    message: str | None = None
    max_ulps: float | None = None

    def to_dict(self) -> dict[str, Any]:
        error = None
        if self.max_absolute is not None:
            error = {"max_absolute": self.max_absolute, "max_relative": self.max_relative, "max_ulps": self.max_ulps}
        return {"mode": self.mode, "status": self.status, "value": plain(self.value),
                "gradient": plain(self.gradient), "independent": self.independent,
                "error": error, "agrees": self.agrees, "operations": self.operations, "seconds": self.seconds,
                "message": self.message}


class Comparison(NamedTuple):
    """Every mode on one program, at one point, with what their errors are measured against and the verdict."""

    program: str
    output: str
    at: Mapping[str, Value]
    value: Value | None
    verdict: Literal["agree", "disagree"]
    reference: str | None
    modes: tuple[ModeReport, ...]
    notes: tuple[Diagnostic, ...] = ()
    title: str | None = None

    def to_dict(self) -> dict[str, Any]:
        return {"title": self.title, "program": self.program, "output": self.output, "at": plain(self.at),
                "value": plain(self.value), "verdict": self.verdict, "reference": self.reference,
                "modes": [mode.to_dict() for mode in self.modes], "notes": [note.to_dict() for note in self.notes]}


class Counterexample(NamedTuple):
    """A point at which a claimed derivative is not the true one, and both."""

    at: Mapping[str, Value]
    claimed: Value
    actual: Value


class Checked(NamedTuple):
    """What became of one claim: that the derivative with respect to ``wrt`` is ``claim``.

    ``points`` counts the random points at which it was found right, ``corners`` the others; judged at one point, that is 1,
    with ``claimed`` and ``actual`` the two numbers. ``proved`` says that the difference simplifies to zero. ``reason`` is why
    it is undecided, or what else is to be said; ``slip`` the likely mistake; ``derivative`` the true formula.
    """

    wrt: str
    claim: str
    verdict: Literal["correct", "wrong", "undecided"]
    points: int
    counterexample: Counterexample | None = None
    proved: bool = False
    corners: int = 0
    reason: str | None = None
    slip: str | None = None
    derivative: str | None = None
    claimed: Value | None = None
    actual: Value | None = None

    def to_dict(self) -> dict[str, Any]:
        found = self.counterexample
        shown = self._replace(claimed=plain(self.claimed), actual=plain(self.actual))._asdict()
        shown["counterexample"] = None if found is None else {
            "at": plain(found.at), "claimed": plain(found.claimed), "actual": plain(found.actual)}
        return shown


class Check(NamedTuple):
    """The verdicts on claims about one output: wrong if one is wrong, else undecided if one is. ``at`` is None where no point
    was given; then the points were drawn with ``seed``."""

    program: str
    output: str
    at: Mapping[str, Value] | None
    verdict: Literal["correct", "wrong", "undecided"]
    claims: tuple[Checked, ...]
    seed: int
    notes: tuple[Diagnostic, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {"schema": SCHEMA, "command": "check", "program": self.program, "output": self.output, "at": plain(self.at),
                "verdict": self.verdict, "claims": [claim.to_dict() for claim in self.claims], "seed": self.seed,
                "notes": [note.to_dict() for note in self.notes]}
