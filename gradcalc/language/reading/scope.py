"""Where the instructions of a text are recorded: in the program itself, or in the body of a function that is being defined.

This module holds the state that the builder and its parts (literals, indices, settings) share while a text is read. It must not
know the grammar, nor what any construct of the language is recorded as.
"""

from typing import NamedTuple

from gradcalc.diagnostics import GradcalcError, Span, error
from gradcalc.graph.tape import Graph
from gradcalc.language.reading.limits import Limits


class Function(NamedTuple):
    """A function that the program defines: a graph of its own, whose inputs are the parameters and its free names.

    A call in the body is an instruction ``call NAME``. ``cost`` counts the operations that a call expands to.
    """

    name: str
    parameters: tuple[str, ...]
    graph: Graph
    output: int
    cost: int


class Scope:
    """Where instructions are recorded now: the program itself, or the body of a function that is being defined."""

    def __init__(self, limits: Limits, head: str | None = None, parameters: dict[str, int] | None = None) -> None:
        self.graph = Graph(limits.nodes, limits.entries)
        self.head = head
        self.parameters = parameters or {}
        self.cost = 0
        #: The nodes of constants that have a name.
        self.named: set[int] = set()
        for name, place in self.parameters.items():
            self.graph.input(name, place, place + len(name))


class Context:
    """A text that is being read, with its limits and the scope in which instructions are recorded now."""

    def __init__(self, text: str, limits: Limits) -> None:
        self.text = text
        self.limits = limits
        self.program = Scope(limits)
        self.scope = self.program

    def error(self, code: str, message: str, span: Span | None, hint: str | None = None) -> GradcalcError:
        """An error of this text."""
        return error(code, message, span, hint, self.text)
