"""Symbol to symbol: formulas built in Python, and their gradients as formulas of the same kind.

>>> from gradcalc import Executor, gradients, tanh, variable
>>> x = variable("x")
>>> y = tanh(3 * x) + x ** 2
>>> (slope,) = gradients(y, [x])
>>> (curvature,) = gradients(slope, [x])
>>> Executor([y, slope, curvature]).run({x: 0.0})
[0.0, 3.0, 2.0]

A node holds its operation, a row of the table, and its arguments; it must not know values or shapes. To be differentiated or
computed, nodes are copied to a tape, where equal nodes become one.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from inspect import signature
from itertools import count as counter
from typing import Any

from gradcalc.diagnostics import error
from gradcalc.graph.formulas import record_adjoints
from gradcalc.graph.namespaces.symbols import Symbol, Symbols
from gradcalc.graph.operations import TABLE, function, register
from gradcalc.graph.operations.operation import Operation, Setting
from gradcalc.graph.operations.shape_rules import ShapeError
from gradcalc.graph.shape_inference import MisplacedError, infer
from gradcalc.graph.tape import CONST, INPUT, Graph
from gradcalc.language.reading.names import quoted

#: Nodes are numbered as they are made and computed in that order: of a long sum that is written term by term not all terms are
#: in memory at once.
_numbers = counter()


class Node:
    """A variable, a constant, or an operation on nodes. Arithmetic, comparisons, ``@``, ``[...]`` and ``.T`` make more."""

    __slots__ = ("args", "number", "op", "payload")
    __iter__ = None

    def __init__(self, op: str, args: tuple["Node", ...] = (), payload: Any = None) -> None:
        self.op = op
        self.args = args
        self.payload = payload
        self.number = next(_numbers)

    def __repr__(self) -> str:
        if self.op == INPUT:
            return f"<variable {self.payload!r}>"
        return f"<constant {self.payload!r}>" if self.op == CONST else f"<node {self.op} of {len(self.args)}>"

    def __array_ufunc__(self, ufunc: Any, method: str, *operands: Any, **settings: Any) -> Any:
        """``np.exp(node)`` and ``array * node`` are nodes too."""
        row = _row_of(ufunc.__name__)
        return NotImplemented if row is None or method != "__call__" or settings else apply(row, *operands)

    def __neg__(self) -> "Node":
        return apply(TABLE["neg"], self)

    def __pos__(self) -> "Node":
        return self

    def __abs__(self) -> "Node":
        return apply(TABLE["abs"], self)

    def __getitem__(self, key: Any) -> "Node":
        listed = key if isinstance(key, tuple) else (key,)
        return apply(TABLE["index"], self, key=tuple([_index(entry) for entry in listed]))

    @property
    def T(self) -> "Node":  # noqa: N802  # NumPy's name
        """The axes in reverse order."""
        return apply(TABLE["transpose"], self)


def _operator(op: str, reflected: bool = False) -> Callable[[Node, Any], Node]:
    def operate(self: Node, other: Any) -> Node:
        return apply(TABLE[op], other, self) if reflected else apply(TABLE[op], self, other)

    return operate


for _op, _name in (("add", "add"), ("sub", "sub"), ("mul", "mul"), ("div", "truediv"), ("pow", "pow"), ("matmul", "matmul"),
                   ("mod", "mod")):
    setattr(Node, f"__{_name}__", _operator(_op))
    setattr(Node, f"__r{_name}__", _operator(_op, reflected=True))
for _op in ("lt", "le", "gt", "ge"):
    setattr(Node, f"__{_op}__", _operator(_op))


def _row_of(ufunc: str) -> Operation | None:
    """The row that NumPy's function of this name is: by its spelling for arrays, its other names, or its own."""
    for row in TABLE.values():
        if row.spelled is not None and (row.spelled.array == f"numpy.{ufunc}" or ufunc in row.ufuncs):
            return row
    return function(ufunc)


def _index(entry: Any) -> Any:
    """A part of a key as the tape holds it."""
    if entry is Ellipsis:
        return "..."
    if isinstance(entry, list) or getattr(entry, "shape", None):
        return (_places(entry),)
    if isinstance(entry, slice):
        return tuple(None if bound is None else bound.__index__() for bound in (entry.start, entry.stop, entry.step))
    try:
        return entry.__index__()
    except (AttributeError, TypeError):
        raise error("value", f"an index is a whole number, a slice or '...', not {type(entry).__name__}") from None


def _places(listed: Any) -> tuple[int, ...]:
    """A list or an array of places. Raises GradcalcError for one that is not of whole numbers along one axis."""
    found = listed.tolist() if hasattr(listed, "tolist") else listed
    try:
        if any(isinstance(place, bool) for place in found):
            raise TypeError
        return tuple([place.__index__() for place in found])
    except (AttributeError, TypeError):
        raise error("value", "an index array is a list of whole numbers, and this is another one",
                    hint="of a mask take the places first: numpy.flatnonzero") from None


def variable(name: str) -> Node:
    """A new input. ``name`` is for people: two variables of one name are two."""
    return Node(INPUT, (), str(name))


def constant(value: Any) -> Node:
    """A number, nested lists of them, or an array, as a node. Raises GradcalcError for anything else."""
    from gradcalc.questions.question import value_of

    found = value_of("the constant", value)
    return Node(CONST, (), found if isinstance(found, float) else _entries(found.tolist()))


def _entries(value: Any) -> Any:
    return tuple([_entries(each) for each in value]) if isinstance(value, list) else float(value)


def apply(row: Operation, *operands: Any, **settings: Any) -> Node:
    """The operation on nodes, numbers and arrays. Settings may also be given by position behind the operands, except for an
    operation that takes any number of operands.

    Raises GradcalcError where there are too few or too many.
    """
    row = (function(row.function, len(operands)) if row.symbol is None else None) or row
    leading = [setting.name for setting in row.settings if setting.first and setting.name not in settings]
    settings |= zip(leading, operands, strict=False)
    operands = operands[len(leading):]
    count = len(operands) if row.many else len(row.parameters)
    given, extra = operands[:count], operands[count:]
    if row.variadic and extra:
        return partial(apply, row)(apply(row, *given), *extra, **settings)
    names = [setting.name for setting in row.settings]
    known = dict(zip([setting.name for setting in row.settings if not setting.first], extra, strict=False)) | settings
    if len(given) < count or len(extra) > len(names) or set(known) - set(names):
        raise error("arity", f"{quoted(row.name)} takes {', '.join((*row.parameters, *names))}",
                    hint="settings may be given by name")
    for setting in row.settings[:len(extra)]:
        if setting.instead is not None:
            raise error("setting", f"{row.function} has no {quoted(setting.instead)}, which is what NumPy reads here",
                        hint=f"give {setting.name}=… by name")
    payload = tuple([_setting(setting, known.get(setting.name, setting.default), count) for setting in row.settings])
    return Node(row.name, tuple([each if isinstance(each, Node) else constant(each) for each in given]), payload or None)


def _setting(setting: Setting, value: Any, count: int) -> Any:
    """A setting as the tape holds it: an axis as a tuple, lists as tuples. Raises GradcalcError for one that makes no sense."""
    if setting.kind in ("axis", "wholes") and isinstance(value, int):
        return (value,)
    if setting.check is not None:
        try:
            setting.check(str(value), count)
        except ShapeError as misfit:
            raise error("setting", misfit.message, hint=misfit.hint) from misfit
    return tuple([tuple(one) if isinstance(one, list) else one for one in value]) if isinstance(value, list) else value


def named(name: str) -> Callable[..., Node]:
    """The function of this name, on nodes. Raises AttributeError where the table has none."""
    row = function(name)
    if row is None:
        raise AttributeError(f"{name!r} is not a function")
    return partial(apply, row)


def operation(name: str, value: Callable[..., Any], *vjps: Callable[..., Any] | None, shape: Callable[..., Any] | None = None,
              doc: str = "") -> Callable[..., Node]:
    """A new operation, for nodes and for programs: its value, and a vector-Jacobian product for each argument.

    ``value(xp, *args)`` and ``vjp(xp, g, y, *args)`` compute with the namespace ``xp``; a vjp takes the adjoint ``g`` of the
    value ``y`` to its argument's, in the argument's shape, and is None where there is no derivative. ``shape(*shapes)`` is the
    value's shape; without it the value is tried on zeros. Raises GradcalcError where the name is taken or a vjp is missing.
    """
    parameters = tuple(signature(value).parameters)[1:]
    register(Operation(name, parameters, value, (), doc or name, vjps=vjps, shape=shape or partial(_shape_by_trial, value)))
    return named(name)


def _shape_by_trial(value: Callable[..., Any], *shapes: tuple[int, ...]) -> tuple[int, ...]:
    from gradcalc.graph.namespaces import arrays

    with arrays.silent():
        return tuple(getattr(value(arrays, *map(arrays.zeros, shapes)), "shape", ()))


# -- to a tape and back ------------------------------------------------------------------------------------------------


class Lowered:
    """Nodes copied to a tape: ``place`` maps a node to its index there, ``nodes`` an index to its node."""

    def __init__(self, roots: Iterable[Node]) -> None:
        self.graph = Graph()
        self.graph.shapes = {}
        self.place: dict[Node, int] = {}
        self.nodes: dict[int, Node] = {}
        for node in _reached(roots):
            if node.op == INPUT:
                place = self.graph.input(f"{node.payload} {len(self.place)}")
            elif node.op == CONST:
                place = self.graph.constant(node.payload)
            else:
                place = self.graph.add(node.op, tuple([self.place[each] for each in node.args]), settings=node.payload)
            self.place[node] = place
            self.nodes.setdefault(place, node)

    def lift(self, roots: Sequence[int]) -> list[Node]:
        """Nodes for these indices, and for all that they are computed from."""
        for place in self.graph.ancestors(roots):
            if place not in self.nodes:
                op, args, payload = self.graph.instructions[place]
                self.nodes[place] = Node(op, tuple([self.nodes[each] for each in args]), payload)
        return [self.nodes[root] for root in roots]


def _reached(roots: Iterable[Node]) -> list[Node]:
    """The roots and all nodes that they are computed from, in the order in which they were made."""
    found = set(roots)
    stack = list(found)
    while stack:
        for each in stack.pop().args:
            if each not in found:
                found.add(each)
                stack.append(each)
    return sorted(found, key=lambda node: node.number)


def gradients(output: Node, nodes: Sequence[Node]) -> list[Node]:
    """The derivative of ``output`` with respect to each node, as nodes in their shapes; of an array, of the sum of its entries.

    Only what these derivatives need is recorded. A node on which the output does not depend gets zeros.
    """
    for node in (output, *nodes):
        if not isinstance(node, Node):
            raise error("value", f"a derivative is one of a node by nodes, not {type(node).__name__}",
                        hint="make one with variable(...) or from a program's nodes")
    lowered = Lowered([output, *nodes])
    graph, places = lowered.graph, [lowered.place[node] for node in nodes]
    with suppress(MisplacedError):  # which is said with its shapes when it is computed
        graph.shapes = infer(graph, range(len(graph)), {})
    found = record_adjoints(graph, lowered.place[output], places)
    xp = Symbols(graph)
    made = [xp.spread_like(Symbol(graph, found[place]) if place in found else 0.0, Symbol(graph, place), None)
            for place in places]
    return lowered.lift([symbol.node for symbol in made])
