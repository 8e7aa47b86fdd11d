"""The actions of the grammar: append instructions, bind names, and copy the functions that a program defines.

Each method that the grammar names as an alias is called with the span of what was recognised and the values of its parts:
nodes for expressions, text for names and numbers. An alias that is the name of an operation appends that operation. This module
must not know how the text is parsed.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from gradcalc.diagnostics import GradcalcError, Span, place_in
from gradcalc.graph import operations
from gradcalc.graph.operations.operation import CALL
from gradcalc.graph.tape import CONST, INPUT, Graph
from gradcalc.language.reading.indices import Indices
from gradcalc.language.reading.limits import Limits
from gradcalc.language.reading.literals import Literals
from gradcalc.language.reading.names import canonical, check, near, quoted
from gradcalc.language.reading.scope import Context, Function, Scope
from gradcalc.language.reading.settings import Settings

#: Names that have a value of their own until the program or the point gives them another.
CONSTANTS = ("pi", "tau")


class Draft(NamedTuple):
    """What a text came to: its graph, the last statement's node and name, and the functions that it defines."""

    graph: Graph
    output: int
    name: str | None
    span: Span
    functions: Mapping[str, Function]


class Builder(Context):
    """Records one program. ``actions`` maps each alias of the grammar to what it does."""

    def __init__(self, text: str, limits: Limits, functions: Mapping[str, Function] | None = None) -> None:
        super().__init__(text, limits)
        self.functions = dict(functions or {})
        self.last: tuple[int, str | None, int, int] | None = None
        self.actions: dict[str | None, Callable[..., Any]] = {}
        self.literals = Literals(self)
        self.settings = Settings(self, self.literals)
        self.enter(self.program)
        for part in (self.literals, self.settings, Indices(self)):
            for name in part.ACTIONS:
                self.actions[name] = getattr(part, name)
        for name in ("blank", "assign", "define", "bare", "head", "head_without_parameters", "first_parameter",
                     "next_parameter", "pos", "square", "cube", "variable", "call", "call_without_arguments",
                     "group", "first_argument", "next_argument"):
            self.actions[name] = getattr(self, name)

    def enter(self, scope: Scope) -> None:
        """Record in this scope from now on. ``names`` and the operations' actions are bound to it, for speed."""
        self.scope = scope
        self.names = scope.graph.names
        for row in operations.TABLE.values():
            if row.binds < CALL:
                self.actions[row.name] = scope.graph.recorder(row.name)

    # -- statements ----------------------------------------------------------------------------------------------------

    def blank(self, start: int, end: int) -> None:
        """An empty line."""

    def bare(self, start: int, end: int, node: int) -> None:
        self.last = (node, None, start, end)

    def assign(self, start: int, end: int, written: str, node: int) -> None:
        name = self.name(written, start)
        graph = self.scope.graph
        if name in graph.names or name in self.functions:
            self.refuse_twice(name, start)
        if graph.instructions[node].op == CONST:
            node = graph.separate(node, start, end)
            self.scope.named.add(node)
        graph.names[name] = node
        self.last = (node, name, start, end)

    def refuse_twice(self, name: str, start: int) -> None:
        """Raise GradcalcError for a name that is taken, showing both places, unless it is a constant's own."""
        graph = self.program.graph
        node = graph.names.get(name)
        span = Span(start, start + len(name))
        if node is not None and (graph.instructions[node].payload == name or graph.instructions[node].op == name):
            raise self.error("redefined", f"{quoted(name)} is used at {self.place(graph.starts[node])}, before it is "
                             "given here", span, hint="put this statement before the one that uses it")
        before = re.search(rf"(?:^|[;\n])\s*({re.escape(name)})\s*[=(]", self.text)
        where = f"; it was first given at {self.place(before.start(1))}" if before else ""
        raise self.error("redefined", f"{quoted(name)} is given twice{where}", span,
                         hint="give each name once; call this one by another name")

    def place(self, start: int) -> str:
        line, column = place_in(self.text, start)
        return f"line {line}, column {column}"

    # -- functions -----------------------------------------------------------------------------------------------------

    def head(self, start: int, end: int, written: str, parameters: dict[str, int]) -> str:
        self.enter(Scope(self.limits, self.name(written, start), parameters))
        return written

    def head_without_parameters(self, start: int, end: int, written: str) -> str:
        return self.head(start, end, written, {})

    def first_parameter(self, start: int, end: int, written: str) -> dict[str, int]:
        return {self.name(written, start): start}

    def next_parameter(self, start: int, end: int, known: dict[str, int], written: str) -> dict[str, int]:
        place = end - len(written)
        name = self.name(written, place)
        if name in known:
            raise self.error("redefined", f"{quoted(name)} is a parameter twice", Span(place, end),
                             hint="give each parameter a name of its own")
        known[name] = place
        return known

    def define(self, start: int, end: int, written: str, node: int) -> None:
        scope = self.scope
        self.enter(self.program)
        name = self.name(written, start)
        span = Span(start, start + len(written))
        if operations.function(name) is not None:
            raise self.error("redefined", f"{quoted(name)} is a built-in function", span,
                             hint="give your function another name")
        if name in self.functions or name in self.program.graph.names:
            self.refuse_twice(name, start)
        self.functions[name] = Function(name, tuple(scope.parameters), scope.graph, node, scope.cost + len(scope.graph))

    def call(self, start: int, end: int, written: str, arguments: list[int]) -> int:
        name = self.name(written, start)
        function = self.functions.get(name)
        if function is not None:
            return self.call_defined(function, self.settings.plain(name, arguments), start, end)
        row = operations.function(name, len(arguments))
        if row is None:
            raise self.unknown_function(name, start, end)
        if row.settings or type(arguments) is not list:
            row, arguments, settings = self.settings.resolve(row, name, arguments, start, end)
            if settings is not None:
                return self.scope.graph.add(row.name, tuple(arguments), start, end, settings)
        if row.variadic and arguments:
            node = arguments[0]
            for argument in arguments[1:]:
                node = self.scope.graph.add(row.name, (node, argument), start, end)
            return node
        if len(arguments) != len(row.parameters):
            raise self.arity(name, row.parameters, len(arguments), start, end)
        return self.scope.graph.add(row.name, tuple(arguments), start, end)

    def call_without_arguments(self, start: int, end: int, written: str) -> int:
        return self.call(start, end, written, [])

    def first_argument(self, start: int, end: int, node: int) -> list[int]:
        return [node]

    def next_argument(self, start: int, end: int, nodes: list[int], node: int) -> list[int]:
        nodes.append(node)
        return nodes

    def call_defined(self, function: Function, arguments: list[int], start: int, end: int) -> int:
        """The node of a call of the program's own function: copied here, or left as a call in another's body."""
        if len(arguments) != len(function.parameters):
            raise self.arity(function.name, function.parameters, len(arguments), start, end)
        self.scope.cost += function.cost
        if self.scope is not self.program:
            return self.scope.graph.add(f"call {function.name}", tuple(arguments), start, end)
        if self.scope.cost > self.limits.nodes:
            raise self.error("limit", f"the program expands to more than {self.limits.nodes:,} operations "
                             f"at this call of {quoted(function.name)}", Span(start, end), hint="raise --max-nodes")
        return self.expand(function, arguments)

    def expand(self, function: Function, arguments: list[int]) -> int:
        """Copy a function's body into the program with the arguments put in, and the functions that it calls."""
        graph = self.program.graph
        # A frame: the function, the next instruction of its body to copy, and where those before it were copied to.
        frames: list[tuple[Function, dict[str, int], list[int]]] = [(function, {}, [])]
        frames[0][1].update(zip(function.parameters, arguments, strict=True))
        result = 0
        while frames:
            current, bound, copied = frames[-1]
            if len(copied) > current.output:
                result = copied[current.output]
                frames.pop()
                if frames:
                    frames[-1][2].append(result)
                continue
            op, args, payload = current.graph.instructions[len(copied)]
            start, end = current.graph.starts[len(copied)], current.graph.ends[len(copied)]
            if op == INPUT:
                name = str(payload)
                copied.append(bound[name] if name in bound else self.lookup(name, start, end))
            elif op == CONST:
                copied.append(graph.constant(payload, start, end))
            elif op.startswith("call "):
                callee = self.functions[op.removeprefix("call ")]
                frames.append((callee, dict(zip(callee.parameters, (copied[a] for a in args), strict=True)), []))
            else:
                copied.append(graph.add(op, tuple(copied[a] for a in args), start, end, payload))
        return result

    # -- expressions ---------------------------------------------------------------------------------------------------

    def pos(self, start: int, end: int, node: int) -> int:
        return node

    def group(self, start: int, end: int, node: int) -> int:
        return node

    def square(self, start: int, end: int, node: int) -> int:
        return self.power(2.0, node, start, end)

    def cube(self, start: int, end: int, node: int) -> int:
        return self.power(3.0, node, start, end)

    def power(self, exponent: float, node: int, start: int, end: int) -> int:
        graph = self.scope.graph
        return graph.add("pow", (node, graph.constant(exponent, end - 1, end)), start, end)

    def variable(self, start: int, end: int, written: str) -> int:
        node = self.names.get(written)
        return self.lookup(self.name(written, start), start, end) if node is None else node

    def lookup(self, name: str, start: int, end: int) -> int:
        """The node of a name in the current scope, which becomes an input where nothing has given it."""
        graph = self.scope.graph
        node = graph.names.get(name)
        if node is not None:
            return node
        if name in CONSTANTS and self.scope is self.program:
            graph.names[name] = node = graph.add(name, (), start, end)
            return node
        if name in self.functions:
            raise self.error("function", f"{quoted(name)} is a function, and has no value without arguments",
                             Span(start, end), hint=f"write {name}({', '.join(self.functions[name].parameters)})")
        return graph.input(name, start, end)

    def name(self, written: str, start: int) -> str:
        """The canonical form of a name that begins at ``start``. Raises GradcalcError where it is none."""
        return written if written.isascii() else canonical(check(written, start, self.text))

    # -- the end, and errors -------------------------------------------------------------------------------------------

    def finish(self) -> Draft:
        """What the program came to. Raises GradcalcError where it has nothing to compute."""
        if self.last is None:
            if self.functions:
                raise self.error("empty", "the program defines functions and computes nothing",
                                 Span(len(self.text), len(self.text)), hint="end with an expression that calls one")
            raise self.error("empty", "the program is empty", Span(len(self.text), len(self.text)),
                             hint="write an expression, for example x^2")
        node, name, start, end = self.last
        return Draft(self.program.graph, node, name, Span(start, end), self.functions)

    def arity(self, name: str, parameters: tuple[str, ...], count: int, start: int, end: int) -> GradcalcError:
        row = operations.TABLE.get(name)
        if row is not None and row.variadic:
            return self.error("arity", f"{quoted(name)} takes at least 1 argument", Span(start, end),
                              hint=f"write {name}({', '.join(parameters)}) or more of them")
        wanted = f"{len(parameters)} arguments" if len(parameters) > 1 else "1 argument" if parameters else "no arguments"
        return self.error("arity", f"{quoted(name)} takes {wanted}, not {count}",
                          Span(start, end), hint=f"write {name}({', '.join(parameters)})")

    def unknown_function(self, name: str, start: int, end: int) -> GradcalcError:
        span = Span(start, start + len(name))
        if self.scope.head is not None and name == self.scope.head:
            return self.error("recursion", f"{quoted(name)} calls itself; functions are not recursive", span)
        suggestion = near(name, [*operations.function_names(), *self.functions])
        if suggestion:
            return self.error("function", f"{quoted(name)} is not a function", span, f"did you mean '{suggestion}'?")
        if name in self.scope.graph.names or len(name) == 1:
            from gradcalc.language.reading.syntax_errors import call_of_a_variable

            return call_of_a_variable(self.text, name, start, end)
        return self.error("function", f"{quoted(name)} is not a function", span,
                          hint="'gradcalc functions' lists the functions that there are")
