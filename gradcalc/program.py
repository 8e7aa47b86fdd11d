"""The Python interface: a parsed program, and the questions that can be put to it.

This module decides what a question means (which node, with respect to what, at which point) and whether an answer is good. How
derivatives are computed is the modes' business, how they are shown the renderer's.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from gradcalc.diagnostics import Diagnostic, GradcalcError, Span, error
from gradcalc.evaluators import Can, Evaluator, evaluator
from gradcalc.graph import sweeps
from gradcalc.graph.namespaces import scalars
from gradcalc.graph.operations import function
from gradcalc.graph.tape import INPUT, Graph
from gradcalc.language.builder import CONSTANTS
from gradcalc.language.limits import Limits
from gradcalc.language.names import canonical, near, quoted
from gradcalc.language.parser import parse as parse_graph
from gradcalc.results import Answer, Request, Result
from gradcalc.trace import Trace

#: How much of an expression without a name stands for it as the name of the output.
LABEL = 60
#: How many names a message lists.
LISTED = 20


def parse(text: str, limits: Limits | None = None) -> "Program":
    """The program that a text describes.

    Raises GradcalcError for text outside the language, with the place and, where one is known, the mended text.
    """
    if not isinstance(text, str):
        raise error("value", f"a program is a text, not {type(text).__name__}")
    return Program(text, limits or Limits())


class Program:
    """A program, parsed. ``text`` is as it was typed, ``graph`` what it says, ``inputs`` the names it leaves open.

    ``output`` is the name of the last statement, or its text where it has none.
    """

    def __init__(self, text: str, limits: Limits) -> None:
        draft = parse_graph(text, limits)
        self.text = text
        self.graph: Graph = draft.graph
        self._root = draft.output
        self.output: str = draft.name or _label(text, draft.span)
        self.functions = draft.functions

    def __repr__(self) -> str:
        return f"<Program {_label(self.text, Span(0, len(self.text)))!r}>"

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names that are used and never given, in the order of their first use."""
        graph = self.graph
        return tuple(name for name, node in graph.names.items() if graph.instructions[node].payload == name)

    def eval(self, at: Mapping[str, float] | None = None, of: str | None = None) -> Result:
        """The output's value at a point, and that of every node before it.

        Raises GradcalcError for a missing or unusable value, and where the output is not finite.
        """
        output, root = self._node_of(of)
        order = self.graph.ancestors([root])
        point, used, notes = self._point(at or {}, order)
        primal = sweeps.values(self.graph, order, point, scalars)
        answer = self._live(Answer(primal[root], primal=primal), order)
        self._demand_finite(Request(self.graph, root, order, {}, point), answer)
        return Result("eval", self.text, output, None, used, primal[root], trace=Trace(self.graph, order, answer),
                      notes=notes)

    def diff(self, wrt: str | Iterable[str] | None = None, at: Mapping[str, float] | None = None, mode: str = "reverse",
             of: str | None = None, **options: Any) -> Result:
        """The output's value and derivatives at a point; without a point, the derivatives' formulas.

        ``wrt`` names inputs or intermediate nodes (``"a,b"`` or a list; default: every input of the output), ``mode`` one of
        the modes, ``of`` the output. ``options`` are the mode's own: ``scheme`` and ``step`` for ``finite``.

        Raises GradcalcError for names, values or options that make no sense, and where the value or one of the derivatives
        is not finite at the point.
        """
        chosen = evaluator(mode)
        request, output, used, notes = self.request(wrt, at, of, options)
        if request.point is None:
            chosen = self._formula_mode(chosen)
        answer = chosen.differentiate(request)
        notes += answer.notes
        trace = None
        if request.point is not None:
            self._demand_finite(request, answer)
            answer = self._live(answer, request.order)
            trace = Trace(self.graph, request.order, answer)
        return Result("diff", self.text, output, mode, used, answer.value, answer.gradient, answer.formula, trace,
                      tuple(note.within(self.text) for note in notes), answer.estimate)

    def write(self, language: Literal["text", "latex", "python"] = "text", of: str | None = None) -> str:
        """The output as a formula of the inputs: in gradcalc's own language, in LaTeX, or in Python with ``math``.

        Parts that it would repeat at length come first, on lines of their own. A result's formula is a program too, so
        ``parse(result.formula["x"]).write("python")`` is the derivative in Python.
        """
        from gradcalc.language import latex, printer, python_code

        writers = {"text": printer.text, "latex": latex.latex, "python": python_code.python}
        if language not in writers:
            raise error("value", f"there is no way to write {quoted(str(language))}", hint=f"there are {', '.join(writers)}")
        return writers[language](self.graph, self._node_of(of)[1])

    def request(self, wrt: str | Iterable[str] | None = None, at: Mapping[str, float] | None = None,
                of: str | None = None, options: Mapping[str, Any] | None = None, counted: bool = False,
                ) -> tuple[Request, str, Mapping[str, float] | None, tuple[Diagnostic, ...]]:
        """A question as a mode takes it, the output's name, the values that it uses, and what is to be said about them."""
        output, root = self._node_of(of)
        order = self.graph.ancestors([root])
        notes: tuple[Diagnostic, ...] = ()
        point = used = None
        if at is not None or not any(self.graph.instructions[node].op == INPUT for node in order):
            point, used, notes = self._point(at or {}, order)
        nodes = self._wrt(wrt, order, used or {})
        reached = set(order)
        for name, node in nodes.items():
            if node not in reached:
                notes += (Diagnostic("independent", f"{quoted(output)} does not depend on {quoted(name)}; the derivative is "
                                     "0", self.graph.span(node), source=self.text),)
        return Request(self.graph, root, order, nodes, point, options or {}, counted), output, used, notes

    # -- what a question means -----------------------------------------------------------------------------------------

    def _node_of(self, of: str | None) -> tuple[str, int]:
        if of is None:
            return self.output, self._root
        name = canonical(of.strip())
        node = self.graph.names.get(name)
        if node is None:
            raise self._unknown(name, "the program has no node")
        return name, node

    def _wrt(self, wrt: str | Iterable[str] | None, order: Iterable[int], used: Mapping[str, float]) -> dict[str, int]:
        names = self.graph.names
        if wrt is None:
            reached = set(order)
            return {name: names[name] for name in names if names[name] in reached and (
                self.graph.instructions[names[name]].payload == name or name in used)}
        listed = wrt.split(",") if isinstance(wrt, str) else list(wrt)
        nodes = {}
        for written in listed:
            name = canonical(str(written).strip())
            if name not in names:
                raise self._unknown(name, "nothing to differentiate with respect to: the program has no name")
            nodes[name] = names[name]
        return nodes

    def _point(self, at: Mapping[str, float], order: Iterable[int],
               ) -> tuple[dict[int, float], dict[str, float], tuple[Diagnostic, ...]]:
        """The values by node and by name, and a note for each that nothing needs. Names every missing one at once."""
        graph, names = self.graph, self.graph.names
        given = {canonical(str(name).strip()): _number(name, value) for name, value in at.items()}
        reached = set(order)
        unused = []
        point: dict[int, float] = {}
        used: dict[str, float] = {}
        for name, value in given.items():
            node = names.get(name)
            if node is not None and graph.instructions[node].op not in (INPUT, *CONSTANTS):
                raise error("value", f"{quoted(name)} is given by the program and cannot be set", graph.span(node),
                            "take it out of the point, or out of the program", self.text)
            if node is None or node not in reached:
                unused.append(name)
            else:
                point[node], used[name] = value, value
        missing = [str(graph.instructions[node].payload) for node in order
                   if graph.instructions[node].op == INPUT and node not in point]
        if missing:
            raise self._missing(missing)
        notes = (self._unused(unused, given),) if unused else ()
        return point, {name: used[name] for name in names if name in used}, notes

    def _formula_mode(self, chosen: Evaluator) -> Evaluator:
        """The mode that answers where no point was given: every exact mode's formula is the symbolic one."""
        if Can.NO_POINT not in chosen.can:
            raise error("missing", f"the mode {quoted(chosen.name)} needs a point", hint="give one: --at name=value")
        return chosen if Can.FORMULA in chosen.can else evaluator("symbolic")

    # -- whether an answer is good -------------------------------------------------------------------------------------

    def _live(self, answer: Answer, order: list[int] | Any) -> Answer:
        """The answer without the values of the branches that were not taken."""
        if not answer.primal or not sweeps.has_gates(self.graph, order):
            return answer
        live = sweeps.liveness(self.graph, order, answer.primal, scalars)
        return answer._replace(primal=[value if live[node] else None for node, value in enumerate(answer.primal)])

    def _demand_finite(self, request: Request, answer: Answer) -> None:
        finite = answer.value is not None and math.isfinite(answer.value)
        if not finite or not all(map(math.isfinite, (answer.gradient or {}).values())):
            from gradcalc.undefined import undefined

            raise undefined(self.text, request, answer)

    # -- errors --------------------------------------------------------------------------------------------------------

    def _unknown(self, name: str, what: str) -> GradcalcError:
        suggestion = near(name, self.graph.names)
        known = ", ".join(list(self.graph.names)[:12])
        hint = f"did you mean '{suggestion}'?" if suggestion else f"its names are {known}" if known else "it has no names"
        return error("name", f"{what} {quoted(name)}", hint=hint)

    def _unused(self, unused: list[str], given: Mapping[str, float]) -> Diagnostic:
        verb = "value of {} is" if len(unused) == 1 else "values of {} are"
        suggestion = near(unused[0], (name for name in self.graph.names if name not in given)) if len(unused) == 1 else None
        return Diagnostic("unused", f"the {verb.format(_listed(unused))} not needed",
                          hint=f"did you mean '{suggestion}'?" if suggestion else None)

    def _missing(self, names: list[str]) -> GradcalcError:
        shown = names[:LISTED]
        hint = "give one: --at " + ",".join(f"{name}=…" for name in shown)
        if "e" in names:
            hint += "; Euler's number is exp(1)"
        hint += "".join(f"; the function is written {name}(…)" for name in shown if function(name))
        span = self.graph.span(self.graph.names[names[0]])
        return error("missing", f"no value for {_listed(names)}", span, hint, self.text)


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - LISTED:,} more" if len(names) > LISTED else ""
    return ", ".join(map(quoted, names[:LISTED])) + more


def _label(text: str, span: Span) -> str:
    written = " ".join(text[span.start:min(span.end, span.start + 4 * LABEL)].split())
    return written if len(written) <= LABEL else written[: LABEL - 1] + "…"


def _number(name: str, value: Any) -> float:
    """The value as a float. Raises GradcalcError where it is no finite real number."""
    try:
        if isinstance(value, str):
            raise TypeError
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        shown = repr(value)
        raise error("value", f"the value of {quoted(str(name))} is not a finite number: "
                    f"{shown if len(shown) <= 60 else shown[:57] + '...'}", hint="give a finite real number")
    return number
