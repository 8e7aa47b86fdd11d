"""The tape: a computation graph as a list of instructions that only grows.

Every argument of an instruction is the index of an earlier one, so the list itself is a topological order: the forward
pass reads it left to right, the reverse pass right to left. Equal instructions are found, not repeated (hash-consing).
This module knows ``input`` and ``const``; it must not know the meaning of any other operation.
"""

import sys
from array import array
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from gradcalc.diagnostics import GradcalcError, Span, error

INPUT = "input"
CONST = "const"


class Instruction(NamedTuple):
    """One row of the tape.

    ``payload`` is an input's name, a constant's value (a number, or for an array its entries as nested tuples), or the settings
    of an operation that has some.
    """

    op: str
    args: tuple[int, ...] = ()
    payload: Any = None


class Written(float):
    """A constant with more digits than a float holds. Exact and certified arithmetic use the number as it is ``written``."""

    def __new__(cls, value: float, written: str) -> "Written":
        number = super().__new__(cls, value)
        number.written = written
        return number

    written: str


class Graph:
    """The instructions, the span in the text of each, and the names that the text gives to some.

    ``starts`` and ``ends`` hold the span of each instruction's first appearance, ``NOWHERE`` for one that was recorded by
    differentiation. ``names`` maps every name of the program, inputs included, to its node. ``shapes`` holds the shapes that
    are known, by node; it is None where every value is one number. ``limit`` is the number of instructions past which the
    graph refuses to grow.
    """

    NOWHERE = 0xFFFFFFFF

    def __init__(self, limit: int | None = None, entries: int | None = None) -> None:
        self.limit = sys.maxsize if limit is None else limit
        self.entries = sys.maxsize if entries is None else entries
        self.instructions: list[Instruction] = []
        self.names: dict[str, int] = {}
        self.shapes: dict[int, Any] | None = None
        self.starts = array("I")
        self.ends = array("I")
        self.index: dict[Instruction, int] = {}
        self._constants: dict[Any, int] = {}

    def __len__(self) -> int:
        return len(self.instructions)

    def add(self, op: str, args: tuple[int, ...] = (), start: int = NOWHERE, end: int = NOWHERE,
            settings: tuple[Any, ...] | None = None) -> int:
        """The node of this operation on these nodes, recorded unless it is there already."""
        instruction = Instruction(op, args, settings)
        size = len(self.instructions)
        node = self.index.setdefault(instruction, size)
        if node == size:
            self._append(instruction, start, end)
        return node

    def recorder(self, op: str) -> Callable[..., int]:
        """``add`` for one operation, called with the span first: the inner loop of the parser."""
        instructions, setdefault, append = self.instructions, self.index.setdefault, self.instructions.append
        add_start, add_end, make, limit = self.starts.append, self.ends.append, tuple.__new__, self.limit

        def record(start: int, end: int, *args: int) -> int:
            size = len(instructions)
            instruction = make(Instruction, (op, args, None))
            node = setdefault(instruction, size)
            if node == size:
                if size >= limit:
                    raise self._full()
                append(instruction)
                add_start(start)
                add_end(end)
            return node

        return record

    def constant(self, value: Any, start: int = NOWHERE, end: int = NOWHERE) -> int:
        """The node of this number, or of an array's entries in nested tuples.

        Keyed by its digits: 0.0 == -0.0 and nan != nan would mislead a key of floats.
        """
        size = len(self.instructions)
        node = self._constants.setdefault(_digits(value), size)
        if node == size:
            self._append(Instruction(CONST, (), value), start, end)
        return node

    def separate(self, constant: int, start: int, end: int) -> int:
        """A separate node for a constant that is about to get a name.

        An equal number elsewhere in the text must not refer to it: in ``h = 2; y = h*x^2`` the exponent is not h.
        """
        value = self.instructions[constant].payload
        if constant == len(self.instructions) - 1 and self._constants.get(_digits(value)) == constant:
            del self._constants[_digits(value)]
            return constant
        return self._append(Instruction(CONST, (), value), start, end)

    def input(self, name: str, start: int = NOWHERE, end: int = NOWHERE) -> int:
        """A new input, which gets this name. The caller has made sure that the name is free."""
        self.names[name] = node = self._append(Instruction(INPUT, (), name), start, end)
        return node

    def _full(self) -> GradcalcError:
        return error("limit", f"the program has more than {self.limit:,} operations", hint="raise --max-nodes")

    def _append(self, instruction: Instruction, start: int, end: int) -> int:
        if len(self.instructions) >= self.limit:
            raise self._full()
        self.instructions.append(instruction)
        self.starts.append(start)
        self.ends.append(end)
        return len(self.instructions) - 1

    def span(self, node: int) -> Span | None:
        """The node's span in the text; None for a node that was recorded by differentiation."""
        return None if self.starts[node] == self.NOWHERE else Span(self.starts[node], self.ends[node])

    def copy(self, order: Iterable[int], into: "Graph",
             instead: Callable[[int, dict[int, int]], int | None]) -> dict[int, int]:
        """Append copies of these nodes to another graph; the answer says where each went.

        ``instead`` is called with a node and with where those before it went. It gives the node of the other graph that stands
        for it, or None, and then it is copied.
        """
        copies: dict[int, int] = {}
        for node in order:
            found = instead(node, copies)
            if found is None:
                op, args, payload = self.instructions[node]
                if op == INPUT:
                    found = into.input(str(payload))
                elif op == CONST:
                    found = into.constant(payload)
                else:
                    found = into.add(op, tuple([copies[argument] for argument in args]), settings=payload)
            copies[node] = found
        return copies

    def ancestors(self, roots: Iterable[int]) -> list[int]:
        """The nodes that the roots are computed from, the roots included, in the order of the tape."""
        found = set(roots)
        stack = list(found)
        instructions = self.instructions
        while stack:
            for argument in instructions[stack.pop()].args:
                if argument not in found:
                    found.add(argument)
                    stack.append(argument)
        return sorted(found)

    def descendants(self, sources: Iterable[int], order: Iterable[int]) -> bytearray:
        """A flag for each node: does it depend on a source? ``order`` lists the nodes to look at."""
        flags = bytearray(len(self.instructions))
        for source in sources:
            flags[source] = 1
        instructions = self.instructions
        for node in order:
            for argument in instructions[node].args:
                if flags[argument]:
                    flags[node] = 1
                    break
        return flags

    def labels(self) -> dict[int, str]:
        """The first name of each named node."""
        labels: dict[int, str] = {}
        for name, node in self.names.items():
            labels.setdefault(node, name)
        return labels


def _digits(value: Any) -> Any:
    """A key for a number or for the entries of an array, equal only where all digits are."""
    if isinstance(value, Written):
        return value.hex(), value.written
    return value.hex() if isinstance(value, float) else repr(value)
