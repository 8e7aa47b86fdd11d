"""A prepared program: nodes are planned once for the shapes of their inputs, and computed at one point after another.

A plan is the tape for these shapes, without the broadcasting that they do not need. It knows for each step which buffers are
read for the last time: these are freed, or the result is computed in place in one of them. This module must not know
derivatives.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from gradcalc.building.nodes import Lowered, Node
from gradcalc.diagnostics import error
from gradcalc.graph.namespaces.arrays.entrywise import ufunc
from gradcalc.graph.namespaces.symbols import Symbol, Symbols, record
from gradcalc.graph.operations import TABLE
from gradcalc.graph.shape_inference import MisplacedError, infer
from gradcalc.graph.sweeps import BROKEN, UNDEFINED, broken
from gradcalc.graph.tape import CONST, INPUT, Graph
from gradcalc.language.reading.names import quoted
from gradcalc.questions.question import namespace, value_of


class Call(NamedTuple):
    """One operation: the node that it computes, its rule, its arguments, and the nodes whose values are read for the last
    time."""

    node: int
    value: Callable[..., Any]
    args: tuple[int, ...]
    settings: tuple[Any, ...]
    last_read: tuple[int, ...]
    op: str


class Schedule(NamedTuple):
    """The plan: the values of constants, the nodes of the variables, the steps, and the nodes of the results."""

    size: int
    constants: dict[int, Any]
    variables: list[int]
    steps: list[Call]
    outputs: list[int]


class Executor:
    """Computes nodes. ``dtype`` is ``"float64"`` or ``"float32"``."""

    def __init__(self, nodes: Sequence[Node], dtype: str = "float64") -> None:
        lowered = Lowered(nodes)
        self._xp = namespace(dtype, arrays=True)
        self._graph = lowered.graph
        self._outputs = [lowered.place[node] for node in nodes]
        self._order = self._graph.ancestors(self._outputs)
        needed = set(self._order)
        self._variables = {node: place for node, place in lowered.place.items() if node.op == INPUT and place in needed}
        self._plans: dict[tuple[Any, ...], Schedule] = {}

    def run(self, values: Mapping[Node, Any]) -> list[Any]:
        """The nodes' values where the variables have these: NumPy arrays, in double precision unless ``dtype`` says otherwise.

        A value is a number, nested lists of them or an array, which is not copied where it has the executor's precision. What
        is not finite is computed with all the same, in a number as in an array: infinities and NaN go their way by the rules of
        IEEE 754. Raises GradcalcError for a variable without a value, for one that is no real number, and for shapes that do
        not fit.
        """
        if not isinstance(values, Mapping):
            raise error("value", f"values are given by variable, and this is of the type {type(values).__name__}",
                        hint="give a dict, as in {x: 1.0}")
        given = []
        for variable in self._variables:
            if variable not in values:
                raise error("missing", f"no value for the variable {quoted(variable.payload)}", hint="give one to run(...)")
            value = values[variable]
            given.append(value if self._xp.ready(value) else self._xp.constant(value_of(variable.payload, value, finite=False)))
        shapes = tuple([value.shape for value in given])
        plan = self._plans.get(shapes)
        if plan is None:
            plan = self._plans[shapes] = self._plan_for(shapes)
        held: list[Any] = [None] * plan.size
        for place, value in zip(plan.variables, given, strict=True):
            held[place] = value
        for place, value in plan.constants.items():
            held[place] = value
        xp = self._xp
        with xp.silent():
            for node, value, args, settings, last_read, op in plan.steps:
                try:
                    held[node] = value(xp, *[held[argument] for argument in args], *settings)
                except UNDEFINED:
                    held[node] = xp.nan
                except BROKEN as problem:
                    raise broken(TABLE[op], problem) from problem
                for argument in last_read:
                    held[argument] = None
        return _with_own_buffers([held[place] for place in plan.outputs], [*given, *plan.constants.values()])

    def _plan_for(self, shapes: Sequence[Any]) -> Schedule:
        """The plan for inputs of these shapes. Raises GradcalcError where they do not fit."""
        try:
            infer(self._graph, self._order, dict(zip(self._variables.values(), shapes, strict=True)))
        except MisplacedError as problem:
            op = self._graph.instructions[problem.node].op
            raise error("shape", f"{op}: {problem.misfit.message}", hint=problem.misfit.hint) from problem
        graph, variables, outputs = self._specialised(shapes)
        order = graph.ancestors(outputs)
        constants: dict[int, Any] = {place: self._xp.constant(graph.instructions[place].payload) for place in order
                                     if graph.instructions[place].op == CONST}
        reads = {node: self._reads(graph, node, constants, len(graph)) for node in order}
        order = _reached(reads, outputs)
        last = {argument: node for node in order for argument in reads[node]}
        kept = {*outputs, *constants, *variables}
        steps = [_step(graph, node, reads[node], {a for a in reads[node] if last[a] == node and a not in kept})
                 for node in order if graph.instructions[node].op not in (INPUT, CONST)]
        return Schedule(2 * len(graph), constants, variables, steps, outputs)

    def _specialised(self, shapes: Sequence[Any]) -> tuple[Graph, list[int], list[int]]:
        """A copy of the tape for these shapes, without operations that broadcast a value to the shape that it has already."""
        graph, place = Graph(), {}
        graph.shapes = {}
        for old, shape in zip(self._variables.values(), shapes, strict=True):
            place[old] = Symbol(graph, graph.input(str(old)))
            graph.shapes[place[old].node] = shape
        variables = [symbol.node for symbol in place.values()]
        xp = Symbols(graph)
        for old in self._order:
            op, args, payload = self._graph.instructions[old]
            if op == CONST:
                place[old] = xp.constant(payload)
            elif op != INPUT and TABLE[op].spelled is not None:  # what the recording folds is not computed at all
                place[old] = TABLE[op].value(xp, *[place[argument] for argument in args], *(payload or ()))
            elif op != INPUT:
                place[old] = record(graph, op, *[place[argument] for argument in args], settings=payload)
        return graph, variables, [place[old].node for old in self._outputs]

    def _reads(self, graph: Graph, node: int, constants: dict[int, Any], first: int) -> tuple[int, ...]:
        """The arguments of an instruction. One that lends its shape alone is replaced by a number spread over that shape,
        which takes no memory, so that the array itself can go."""
        op, args, _ = graph.instructions[node]
        if not args or TABLE[op].many or TABLE[op].parameters[-1] != "like":
            return args
        model = first + args[-1]
        if model not in constants:
            assert graph.shapes is not None
            constants[model] = self._xp.model(infer(graph, [args[-1]], graph.shapes)[args[-1]])
        return (*args[:-1], model)


def _reached(reads: Mapping[int, tuple[int, ...]], outputs: Sequence[int]) -> list[int]:
    """The nodes whose values are needed, not their shapes alone, in the order of the tape."""
    found, stack = set(outputs), list(outputs)
    while stack:
        for argument in reads[stack.pop()]:
            if argument in reads and argument not in found:
                found.add(argument)
                stack.append(argument)
    return sorted(found)


def _step(graph: Graph, node: int, args: tuple[int, ...], last_read: set[int]) -> Call:
    """The instruction as a step, in place where it is a function of NumPy's on a buffer of its shape that dies with it."""
    op, _, payload = graph.instructions[node]
    row, shapes = TABLE[op], graph.shapes or {}
    function = None if row.facts.condition else ufunc(row)
    if function is not None and len(set(args)) == len(args):
        for position, argument in enumerate(args):
            made = graph.instructions[argument].op if argument in last_read else CONST
            if made in TABLE and TABLE[made].facts.fresh and shapes.get(argument) == shapes.get(node) != ():
                return Call(node, partial(_in_place, function, position), args, (), tuple(last_read), op)
    return Call(node, row.value, args, payload or (), tuple(last_read), op)


def _in_place(function: Callable[..., Any], position: int, xp: Any, *operands: Any) -> Any:
    return function(*operands, out=operands[position])


def _with_own_buffers(found: list[Any], others: Sequence[Any]) -> list[Any]:
    """The results, copied where they share a buffer with one another or with ``others``."""
    seen = {id(value) for value in others}
    for number, value in enumerate(found):
        if value.base is not None or id(value) in seen:
            found[number] = value.copy()
        seen.add(id(found[number]))
    return found
