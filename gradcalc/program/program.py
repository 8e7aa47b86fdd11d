"""The Python interface: a parsed program, and the questions that can be put to it.

This module decides what becomes of a question: who answers it. What it means is decided in ``questions``, how derivatives are
computed is the modes' business, whether an answer is good the judge's, how it is shown the renderer's.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from gradcalc.diagnostics import GradcalcError, Span, error
from gradcalc.evaluators import Can, Evaluator, ask, evaluator
from gradcalc.graph import sweeps
from gradcalc.graph.tape import Graph
from gradcalc.language.reading.limits import Limits
from gradcalc.language.reading.names import quoted
from gradcalc.language.reading.parser import parse as parse_graph
from gradcalc.questions.answers import Answer, Check, Products, Request, Result, Value
from gradcalc.questions.question import Question, Subject, by_name, label
from gradcalc.questions.trace import Trace
from gradcalc.singular.judge import Watch, demand_value, live, settle
from gradcalc.singular.kinks import Choice, checked

if TYPE_CHECKING:
    from gradcalc.building.nodes import Node
    from gradcalc.engines.point_function import Compiled

#: How much of an expression without a name stands for it as the name of the output.
LABEL = 60

Names = str | Iterable[str]
Point = Mapping[str, Value]


def parse(text: str, limits: Limits | None = None) -> "Program":
    """The program that a text describes.

    Raises GradcalcError for text outside the language, with the place and, where one is known, the mended text.
    """
    if not isinstance(text, str):
        raise error("value", f"a program is a text, not {type(text).__name__}")
    return Program(text, limits or Limits())


class Program:
    """A program, parsed. ``text`` is as it was typed, ``graph`` what it says, ``inputs`` the names it leaves open.

    ``output`` is the name of the last statement, or its text where it has none. Wherever a point or a direction is taken, a
    value is a number, nested lists of them, or a NumPy array; an array's derivative is an array. ``dtype`` is ``"float64"``
    or ``"float32"``.
    """

    def __init__(self, text: str, limits: Limits) -> None:
        draft = parse_graph(text, limits)
        self.text = text
        self.limits = limits
        self.graph: Graph = draft.graph
        self.output: str = draft.name or label(text, draft.span, LABEL)
        self.functions = draft.functions
        self._subject = Subject(text, draft.graph, draft.output, self.output)

    def __repr__(self) -> str:
        return f"<Program {label(self.text, Span(0, len(self.text)), LABEL)!r}>"

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names that are used and never given, in the order of their first use."""
        graph = self.graph
        return tuple(name for name, node in graph.names.items() if graph.instructions[node].payload == name)

    @property
    def nodes(self) -> "dict[str, Node]":
        """The program as nodes by name, its inputs and its output among them: for ``gradients`` and ``Executor``."""
        from gradcalc.building.nodes import Node

        made: list[Node] = []
        for op, args, payload in self.graph.instructions:
            made.append(Node(op, tuple([made[argument] for argument in args]), payload))
        return {name: made[node] for name, node in (self.graph.names | self._subject.outputs(None)).items()}

    def eval(self, at: Point | None = None, of: str | None = None, dtype: str = "float64") -> Result:
        """The output's value at a point, and that of every node before it.

        Raises GradcalcError for a missing or unusable value, for shapes that do not fit, and where the output is not finite.
        """
        request, outputs, used, notes = self._subject.question((), _given(at), _one(of), dtype)
        with request.xp.silent():
            primal = sweeps.values(self.graph, request.order, request.point or {}, request.xp)
            demand_value(self.text, request, request.root, primal[request.root])
            answer = live(request, Answer(primal[request.root], primal=primal))
        return Result("eval", self.text, next(iter(outputs)), None, used, request.xp.plain(primal[request.root]),
                      trace=Trace(self.graph, request.order, answer), notes=notes)

    def diff(self, wrt: Names | None = None, at: Point | None = None, mode: str = "reverse", of: str | None = None, *,
             order: int = 1, kinks: str = "mean", dtype: str = "float64", trace: bool = True, checkpoint: bool = False,
             **options: Any) -> Result:
        """The output's value and derivatives at a point; without a point, the derivatives' formulas.

        ``wrt`` names inputs or intermediate nodes (``"a,b"`` or a list; default: every input of the output), ``mode`` one of
        the modes, ``of`` the output, which is a number. ``order`` differentiates so often with respect to each name. ``kinks``
        says what is given at a point where the derivatives on two sides differ: their ``"mean"``, the ``"left"`` or the
        ``"right"`` one, or an ``"error"``; a note has both sides in any case, unless values are not kept. Without
        ``trace`` nothing is kept for the table of nodes, and memory is freed on the way; with ``checkpoint`` the mode reverse
        keeps only some values and computes the others again. ``options`` are the mode's own: ``scheme`` and ``step`` for
        ``finite``, ``max_bits`` for ``certified``.

        Raises GradcalcError for names, values, shapes or options that make no sense, and where the value or one of the
        derivatives is not finite at the point.
        """
        chosen, choice = evaluator(mode), checked(kinks)
        asked = self._subject.question(wrt, at, _one(of), dtype, options=options, traced=trace and not checkpoint,
                                       checkpoint=checkpoint, kinks=choice)
        self._demand_number(asked)
        if order != 1:
            from gradcalc.derivatives.higher_order import differentiate

            return differentiate(self.text, chosen, asked, order)
        return self._answered(chosen, asked, choice)

    def _answered(self, chosen: Evaluator, asked: Question, choice: Choice) -> Result:
        """What a mode says to a question, settled by the judge."""
        request, outputs, used, notes = asked
        mode, output, trace = chosen.name, next(iter(outputs)), None
        watch = None if request.traced else Watch()
        if request.point is None:
            answer = ask(self._formula_mode(chosen), request)
        else:
            answer = ask(chosen, request if watch is None else request._replace(watch=watch))
            answer, remarks = settle(self.text, request, output, answer, chosen.can, choice, watch)
            notes += remarks
            if request.traced:
                trace = Trace(self.graph, request.order, answer)
        given = None if answer.value is None else request.xp.plain(answer.value)
        return Result("diff", self.text, output, mode, used, given, _plain(request, answer.gradient), answer.formula, trace,
                      tuple(note.within(self.text) for note in notes + answer.notes), _plain(request, answer.estimate),
                      proof=answer.proof)

    def jacobian(self, wrt: Names | None = None, at: Point | None = None, of: Names | None = None,
                 mode: Literal["forward", "reverse"] | None = None, dtype: str = "float64") -> Products:
        """The derivatives of outputs, arrays or numbers, by inputs: each in the output's shape followed by the input's.

        ``of`` may name several outputs. Without ``mode`` the sweeps run forward where the inputs have fewer entries than the
        outputs, else in reverse. Raises GradcalcError as ``diff`` does.
        """
        return self._products("jacobian", self._subject.question(wrt, _given(at), of, dtype), mode=mode)

    def hessian(self, wrt: Names | None = None, at: Point | None = None, of: str | None = None,
                eigenvalues: int | None = None, dtype: str = "float64") -> Products:
        """The second derivatives of an output by each pair of inputs: in the output's shape, then the inputs'.

        With ``eigenvalues`` so many of the matrix's extreme ones are found instead, from products with vectors alone (SciPy).
        """
        return self._products("hessian", self._subject.question(wrt, _given(at), _one(of), dtype), eigenvalues=eigenvalues)

    def jvp(self, tangent: Point, at: Point | None = None, of: Names | None = None, dtype: str = "float64") -> Products:
        """How the outputs move when names move along ``tangent`` and others not at all: the Jacobian times a vector."""
        moved = by_name(tangent, "a tangent")
        return self._products("jvp", self._subject.question(list(moved), _given(at), of, dtype), tangent=moved)

    def vjp(self, cotangent: Point | None = None, at: Point | None = None, wrt: Names | None = None,
            of: Names | None = None, dtype: str = "float64") -> Products:
        """A vector, an adjoint for each output, times the Jacobian. A single number's adjoint is 1 if none is given.

        The outputs are those that ``cotangent`` names, if ``of`` names none.
        """
        cotangent = None if cotangent is None else by_name(cotangent, "a cotangent")
        of = list(cotangent) if of is None and cotangent is not None else of
        return self._products("vjp", self._subject.question(wrt, _given(at), of, dtype), cotangent=cotangent)

    def hvp(self, vector: Point, at: Point | None = None, wrt: Names | None = None, of: str | None = None,
            dtype: str = "float64") -> Products:
        """The Hessian of an output times a vector, zero for names that it does not mention; no matrix is formed.

        It has a part for each name of ``wrt``, by default each input.
        """
        return self._products("hvp", self._subject.question(wrt, _given(at), _one(of), dtype),
                              vector=by_name(vector, "a vector"))

    def check(self, claims: Names | Mapping[str, str], at: Point | None = None, of: str | None = None, seed: int = 0) -> Check:
        """Whether derivatives that somebody found are right: ``"x=2*y; y=2*x"``, a list of such texts, or formulas by name.

        A formula may use the program's names, functions, and its intermediate nodes. It is judged at the point, or without
        one proved, and tried at points that ``seed`` draws: a wrong one gets a counter-example.
        """
        from gradcalc.claims import check

        return check(self._subject, self.functions, claims, at, _one(of), seed, self.limits)

    def compile(self, wrt: Names | None = None, engine: Literal["auto", "numpy", "native"] = "auto",
                of: str | None = None) -> "Compiled":
        """A function that computes the value and the derivatives at many points at once, for arrays with a value a point.

        The engine ``"native"`` makes machine code of the program (it needs llvmlite), ``"numpy"`` runs it in blocks, and
        ``"auto"`` takes the first that can. Raises GradcalcError for names that make no sense, for a program with arrays, and
        where the engine is not installed.
        """
        from gradcalc.engines import compiled

        return compiled(self._subject, wrt, engine, of, partial(_at_one_point, self, wrt, of))

    def write(self, language: Literal["text", "latex", "python"] = "text", of: str | None = None) -> str:
        """The output as a formula of the inputs: in gradcalc's own language, in LaTeX, or in Python with ``math``.

        Parts that it would repeat at length come first, on lines of their own. A result's formula is a program too, so
        ``parse(result.formula["x"]).write("python")`` is the derivative in Python.
        """
        from gradcalc.language.writing import latex
        from gradcalc.language.writing import python as python_code
        from gradcalc.language.writing import text as printer

        writers = {"text": printer.text, "latex": latex.latex, "python": python_code.python}
        if not isinstance(language, str) or language not in writers:
            raise error("value", f"there is no way to write {quoted(str(language))}", hint=f"there are {', '.join(writers)}")
        return writers[language](self.graph, next(iter(self._subject.outputs(of).values())))

    def request(self, wrt: Names | None = None, at: Point | None = None, of: str | None = None,
                options: Mapping[str, Any] | None = None, counted: bool = False, dtype: str = "float64") -> Question:
        """A question as a mode takes it, for those who ask one directly."""
        asked = self._subject.question(wrt, at, _one(of), dtype, options=options or {}, counted=counted)
        self._demand_number(asked)
        return asked

    def _products(self, command: Any, asked: Question, **settings: Any) -> Products:
        from gradcalc.derivatives.commands import answer

        return answer(self.text, self._subject, command, asked, **settings)

    # -- whether a question can be answered ----------------------------------------------------------------------------

    def _formula_mode(self, chosen: Evaluator) -> Evaluator:
        """The mode that answers where no point was given: every exact mode's formula is the symbolic one."""
        if Can.NO_POINT not in chosen.can:
            raise error("missing", f"the mode {quoted(chosen.name)} needs a point", hint="give one: --at name=value")
        return chosen if Can.FORMULA in chosen.can else evaluator("symbolic")

    def _demand_number(self, asked: Question) -> None:
        """Raise GradcalcError for an output that is an array: it has no gradient."""
        shape = (asked.request.shapes or {}).get(asked.request.root, ())
        if isinstance(shape, tuple) and shape:
            name = next(iter(asked.outputs))
            raise error("shape", f"{quoted(name)} is an array of shape {list(shape)}, and has no single gradient",
                        self.graph.span(asked.request.root), "take the jacobian, or a number of it such as its sum", self.text)


def _at_one_point(program: "Program", wrt: Names | None, of: str | None, at: dict[str, float]) -> list[float] | None:
    """The value and the derivatives as ``diff`` gives them; None where they are undefined."""
    try:
        found = program.diff(wrt, at, of=of, trace=False)
    except GradcalcError:
        return None
    return [found.value, *(found.gradient or {}).values()]


def _given(at: Point | None) -> Point:
    """The point of a question that needs one: no values where none are given."""
    return {} if at is None else at


def _one(of: str | None) -> list[str] | None:
    """A single output's name, which may have commas in it where it is an expression."""
    return None if of is None else [of]


def _plain(request: Request, found: Mapping[str, Value] | None) -> dict[str, Value] | None:
    """Derivatives as they are handed out."""
    return None if found is None else {name: request.xp.plain(value) for name, value in found.items()}
