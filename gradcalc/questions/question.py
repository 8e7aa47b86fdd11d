"""What a question about a program means: which nodes, with respect to what, at which point, and whether the shapes fit.

Nothing is computed here but shapes. What does not make sense is a GradcalcError, with its place in the text where it has one.
"""

import math
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any, NamedTuple

from gradcalc.diagnostics import Diagnostic, GradcalcError, Span, error
from gradcalc.graph.namespaces import scalars
from gradcalc.graph.operations import TABLE, function
from gradcalc.graph.operations.operation import CALL
from gradcalc.graph.operations.shape_rules import AXES
from gradcalc.graph.shape_inference import MisplacedError, has_arrays, infer
from gradcalc.graph.tape import INPUT, Graph
from gradcalc.language.reading.builder import CONSTANTS
from gradcalc.language.reading.names import canonical, near, quoted
from gradcalc.questions.answers import Request, Value

#: How many names a message lists.
LISTED = 20
#: The kinds of numbers that a program can be computed in.
DTYPES = ("float64", "float32")


class Question(NamedTuple):
    """A question as a mode takes it, its outputs by name, the values that it uses by name, and what is to be said of them."""

    request: Request
    outputs: dict[str, int]
    used: Mapping[str, Value] | None
    notes: tuple[Diagnostic, ...]


class Subject(NamedTuple):
    """The program that is asked about: its text and graph, its last statement's node, and what that is called."""

    text: str
    graph: Graph
    root: int
    output: str

    def question(self, wrt: str | Iterable[str] | None = None, at: Mapping[str, Value] | None = None,
                 of: str | Iterable[str] | None = None, dtype: str = "float64", **more: Any) -> Question:
        """The question that these names and values make; without a point, and with inputs open, one for a formula."""
        graph = self.graph
        outputs = self.outputs(of)
        order = graph.ancestors(outputs.values())
        notes: tuple[Diagnostic, ...] = ()
        point = used = None
        xp: Any = scalars
        given: dict[str, Value] = {}
        if at is not None or not any(graph.instructions[node].op == INPUT for node in order):
            given = {canonical(str(name).strip()): value_of(name, value) for name, value in by_name(at, "a point").items()}
            point, used, notes = self._point(given, order)
            xp = namespace(dtype, has_arrays(graph, order) or any(not isinstance(value, float) for value in given.values()))
            if xp.ranked:
                point = {node: xp.constant(value) for node, value in point.items()}
        nodes = self._wrt(wrt, order, used or {})
        shapes = None
        if xp.ranked or (point is None and has_arrays(graph, order)):
            shapes = self._shapes(order, point or {})
            self._demand_classes(order, point or {}, shapes, xp)
        reached = set(order)
        for name, node in nodes.items():
            if node not in reached:
                depends = " and ".join(map(quoted, outputs))
                notes += (Diagnostic("independent", f"{depends} {'do' if len(outputs) > 1 else 'does'} not depend on "
                                     f"{quoted(name)}; the derivative is 0", graph.span(node), source=self.text),)
                if shapes is not None:
                    shapes[node] = self._shape_aside(node, given)
        request = Request(graph, order[-1], order, nodes, point, xp=xp, shapes=shapes, **more)
        return Question(request, outputs, used, notes)

    def outputs(self, of: str | Iterable[str] | None) -> dict[str, int]:
        """The nodes that are asked for, by name: those of ``of``, a text with commas or a list, or the last statement."""
        if of is None:
            return {self.output: self.root}
        found = {}
        if not listed(of, "of"):
            raise error("usage", "no output is named", hint="name one, or leave it to the last statement")
        for written in listed(of, "of"):
            name = written if written == self.output else canonical(str(written).strip())
            if name != self.output and name not in self.graph.names:
                raise self._unknown(name, "the program has no node")
            found[name] = self.root if name == self.output else self.graph.names[name]
        return found

    def _wrt(self, wrt: str | Iterable[str] | None, order: Iterable[int], used: Mapping[str, Value]) -> dict[str, int]:
        names = self.graph.names
        if wrt is None:
            reached = set(order)
            return {name: names[name] for name in names if names[name] in reached and (
                self.graph.instructions[names[name]].payload == name or name in used)}
        nodes = {}
        for written in listed(wrt, "wrt"):
            name = canonical(str(written).strip())
            if name not in names:
                raise self._unknown(name, "nothing to differentiate with respect to: the program has no name")
            nodes[name] = names[name]
        return nodes

    def directions(self, given: Mapping[str, Value], request: Request, known: Mapping[str, int], what: str) -> dict[int, Any]:
        """Tangents or adjoints by node, in the request's namespace, from those by name. Their shapes must be the nodes'."""
        found = {}
        for written, value in by_name(given, f"a {what}").items():
            name = written if written in known else canonical(str(written).strip())
            if name not in known:
                raise self._unknown(name, f"a {what} is given for something else: there is no")
            node = known[name]
            number = value_of(name, value)
            moved = request.xp.constant(number)
            wanted, own = (request.shapes or {}).get(node, ()), getattr(number, "shape", ())
            if own != wanted:
                raise error("shape", f"the {what} of {quoted(name)} has the shape {list(own)}, and {name} has {list(wanted)}",
                            self.graph.span(node), f"give the {what} in the shape of what it belongs to", self.text)
            found[node] = moved
        return found

    def _point(self, given: Mapping[str, Value], order: Iterable[int],
               ) -> tuple[dict[int, Value], dict[str, Value], tuple[Diagnostic, ...]]:
        """The values by node and by name, and a note for each that nothing needs. Names every missing one at once."""
        graph, names = self.graph, self.graph.names
        reached = set(order)
        unused = []
        point: dict[int, Value] = {}
        used: dict[str, Value] = {}
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

    def _shapes(self, order: Iterable[int], point: Mapping[int, Value]) -> dict[int, Any]:
        """The shape of every node. Raises GradcalcError, placed at the operation, where some do not fit."""
        graph = self.graph
        try:
            shapes = infer(graph, list(order), {node: value.shape for node, value in point.items()})
        except MisplacedError as problem:
            row, span = TABLE[graph.instructions[problem.node].op], graph.span(problem.node)
            if span is not None and row.symbol is not None and row.binds < CALL:
                from gradcalc.language.reading.spans import operator_span

                span = operator_span(self.text, span, row.symbol)
            raise error("shape", problem.misfit.message, span, problem.misfit.hint, self.text) from problem
        for node, shape in shapes.items():
            if isinstance(shape, tuple) and (len(shape) > AXES or math.prod(shape) > graph.entries):
                raise self._too_large(node, shape)
        return shapes

    def _shape_aside(self, node: int, given: Mapping[str, Value]) -> Any:
        """The shape of a node that the output does not need, as far as the values given tell it."""
        names = self.graph.names
        known = {names[name]: getattr(value, "shape", ()) for name, value in given.items() if name in names}
        try:
            found = infer(self.graph, self.graph.ancestors([node]), known)[node]
        except MisplacedError:
            return ()
        return found if isinstance(found, tuple) else ()

    def _demand_classes(self, order: Iterable[int], point: Mapping[int, Value], shapes: Mapping[int, Any], xp: Any) -> None:
        """Raise GradcalcError for a label that is given, and is not the number of a class. Those that move are rounded."""
        for node in order:
            op, args, _ = self.graph.instructions[node]
            place = TABLE[op].classes if args else None
            if place is None or args[place] not in point or shapes[args[place]] == shapes[args[0]]:
                continue
            count = shapes[args[0]][-1]
            wrong = xp.no_class(point[args[place]], count)
            if wrong is not None:
                raise error("value", f"the label {wrong:g} is not the number of a class", self.graph.span(args[place]),
                            f"the classes of {count} scores are 0 to {count - 1}", self.text)

    def demand_room(self, shape: tuple[int, ...], what: str) -> None:
        """Raise GradcalcError for derivatives that are more numbers than there may be."""
        if math.prod(shape) > self.graph.entries:
            raise error("limit", f"{what} has {math.prod(shape):,} entries; the limit is {self.graph.entries:,}",
                        hint="raise --max-entries, or multiply with vectors instead: jvp, vjp and hvp need no matrix")

    # -- errors --------------------------------------------------------------------------------------------------------

    def _too_large(self, node: int, shape: tuple[int, ...]) -> GradcalcError:
        span = self.graph.span(node)
        if len(shape) > AXES:
            return error("limit", f"this is an array of {len(shape)} axes, and there may be {AXES}", span,
                         "stack fewer arrays into each other", self.text)
        entries = math.prod(shape)
        count = f"{entries:,}" if entries < 1e15 else f"{float(min(entries, 10**300)):.1e}"
        return error("limit", f"this is an array of {count} entries; the limit is {self.graph.entries:,}", span,
                     "raise --max-entries", self.text)

    def _unknown(self, name: str, what: str) -> GradcalcError:
        suggestion = near(name, self.graph.names)
        known = ", ".join(list(self.graph.names)[:12])
        hint = f"did you mean '{suggestion}'?" if suggestion else f"its names are {known}" if known else "it has no names"
        return error("name", f"{what} {quoted(name)}", hint=hint)

    def _unused(self, unused: list[str], given: Mapping[str, Value]) -> Diagnostic:
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


def namespace(dtype: str, arrays: bool) -> Any:
    """What the values are computed in: Python's numbers where they do, arrays where there are some."""
    if dtype not in DTYPES:
        raise error("option", f"there is no dtype {quoted(str(dtype))}", hint=f"there are {' and '.join(DTYPES)}")
    if dtype == "float32":
        from gradcalc.graph.namespaces.arrays.single import single

        return single
    if arrays:
        return import_module("gradcalc.graph.namespaces.arrays")
    return scalars


def by_name(given: Any, what: str) -> dict[Any, Any]:
    """The values of whatever has names and values, such as a dict or a row of a table. None has none.

    Raises GradcalcError for what is not of that kind: a number, a list, a text.
    """
    if given is None or type(given) is dict:
        return given or {}
    if not (hasattr(given, "keys") and hasattr(given, "__getitem__")):
        kind = "a text" if isinstance(given, str) else f"of the type {type(given).__name__}"
        raise error("value", f"{what} gives values by name, and this is {kind}: {_shown(given)}",
                    hint="give a dict, as in {'x': 1.0}")
    names = given.keys()  # to go through a row of a table gives its values
    return {name: given[name] for name in names}


def listed(names: Any, what: str) -> list[Any]:
    """Names from a text with commas between them, or from what can be gone through. Raises GradcalcError for anything else."""
    if isinstance(names, str):
        return names.split(",")
    try:
        return list(names)
    except TypeError:
        raise error("value", f"{what} names something, and this is of the type {type(names).__name__}: {_shown(names)}",
                    hint=f"give a text or a list of them, as in {what}='x,y'") from None


def value_of(name: str, value: Any, finite: bool = True) -> Value:
    """The value as a float, or as an array where it is one.

    Raises GradcalcError for what is no real number, and if it is to be ``finite`` for what is not.
    """
    if isinstance(value, list | tuple) or getattr(value, "shape", ()) != ():
        return _array_of(name, value, finite)
    try:
        if isinstance(value, str):
            raise TypeError
        number = float(value)
        known = not finite or math.isfinite(number)
    except (TypeError, ValueError, OverflowError):
        known = False
    if not known:
        raise error("value", f"the value of {quoted(str(name))} is not a finite number: {_shown(value)}",
                    hint="give a finite real number")
    return number


def _array_of(name: str, value: Any, finite: bool) -> Value:
    from gradcalc.graph.namespaces import arrays

    try:
        found = arrays.owned(value)
    except (TypeError, ValueError) as problem:
        raise error("value", f"the value of {quoted(str(name))} is no array of real numbers: {_shown(value)}",
                    hint="its rows must have one length, and its entries be numbers") from problem
    if finite and not arrays.finite(found):
        raise error("value", f"the value of {quoted(str(name))} has an entry that is not a finite number: {_shown(value)}",
                    hint="give finite real numbers")
    return found


def _shown(value: Any) -> str:
    shown = " ".join(repr(value).split())
    return shown if len(shown) <= 60 else shown[:57] + "..."


def label(text: str, span: Span, longest: int) -> str:
    """An expression's text on one line, shortened."""
    written = " ".join(text[span.start:min(span.end, span.start + 4 * longest)].split())
    return written if len(written) <= longest else written[: longest - 1] + "…"
