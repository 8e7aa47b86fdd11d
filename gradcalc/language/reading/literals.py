"""Numbers and array literals: an array of numbers becomes one constant, any other array a stack of its elements.

What an array literal becomes is decided when it ends, and recorded when it is needed: a literal inside another one is a row of
that one, and the elements of the literal in ``concat([a, b])`` are arguments. This module must not know where a literal stands.
"""

import math
import sys
from typing import Any

from gradcalc.diagnostics import GradcalcError, Span
from gradcalc.graph.operations.shape_rules import AXES
from gradcalc.graph.tape import Written
from gradcalc.language.reading.scope import Context

#: Above, a float tells apart all numbers of up to 15 digits.
TINY = 1e-290


class Literal:
    """What stands between square brackets.

    ``parts`` are nested tuples where all of it is numbers and the rows fit, which ``shape`` says; else a list of numbers, nodes
    and, where the rows of numbers do not fit, literals. ``misfit`` is then the place among them of the first that does not.
    """

    __slots__ = ("depth", "end", "misfit", "parts", "shape", "start")

    def __init__(self, start: int, end: int, parts: Any, shape: tuple[int, ...] | None, misfit: int | None, depth: int) -> None:
        self.start = start
        self.end = end
        self.parts = parts
        self.shape = shape
        self.misfit = misfit
        self.depth = depth


class Literals:
    """The actions for numbers and array literals."""

    ACTIONS = ("number", "numeral", "negative_numeral", "first_element", "next_element", "array", "empty_array", "literal")

    def __init__(self, context: Context) -> None:
        self.context = context
        self.entries = 0

    def number(self, start: int, end: int, written: str) -> int:
        return self.context.scope.graph.constant(self.numeral(start, end, written), start, end)

    def numeral(self, start: int, end: int, written: str) -> float:
        """The number that digits stand for, not yet a node. Raises GradcalcError for one that is too large."""
        if len(written) > self.context.limits.digits:
            raise self.context.error("limit", f"this number has more than {self.context.limits.digits:,} digits",
                                     Span(start, end), hint="raise --max-digits")
        value = float(written)
        if math.isinf(value):
            raise self.context.error("number", "this number is larger than the largest that can be held, about 1.8e308",
                                     Span(start, end))
        kept = (len(written) <= sys.float_info.dig and value > TINY) or not written.strip("0.") or repr(value) == written
        return value if kept else Written(value, written)

    def negative_numeral(self, start: int, end: int, written: str) -> float:
        return -self.numeral(start, end, written)

    def first_element(self, start: int, end: int, part: Any) -> list[Any]:
        return [part]

    def next_element(self, start: int, end: int, parts: list[Any], part: Any) -> list[Any]:
        parts.append(part)
        return parts

    def empty_array(self, start: int, end: int) -> Literal:
        return Literal(start, end, (), (0,), None, 1)

    def array(self, start: int, end: int, parts: list[Any]) -> Literal:
        """A literal that has ended. What its rows are is known by then, so that nothing here is ever recursive."""
        depth = 1 + max([part.depth for part in parts if type(part) is Literal], default=0)
        if depth > AXES:
            raise self.context.error("limit", f"an array has at most {AXES} axes", Span(start, end),
                                     "write fewer brackets around each other")
        self._count(parts, start, end)
        if any(type(part) is int or (type(part) is Literal and part.shape is None and part.misfit is None) for part in parts):
            mixed = [self.record(part) if type(part) is Literal else part for part in parts]
            return Literal(start, end, mixed, None, None, depth)
        shapes: list[Any] = [part.shape if type(part) is Literal else () for part in parts]
        misfit = next((place for place, shape in enumerate(shapes) if shape is None or shape != shapes[0]), None)
        if misfit is not None:
            return Literal(start, end, parts, None, misfit, depth)
        entries = tuple([part.parts if type(part) is Literal else part for part in parts])
        return Literal(start, end, entries, (len(entries), *shapes[0]), None, depth)

    def literal(self, start: int, end: int, literal: Literal) -> int:
        """A literal where an expression stands."""
        return self.record(literal)

    def record(self, literal: Literal) -> int:
        """The node of a literal. Raises GradcalcError where its rows do not fit."""
        graph = self.context.scope.graph
        if literal.shape is not None:
            return graph.constant(literal.parts, literal.start, literal.end)
        if literal.misfit is not None:
            raise self._ragged(literal)
        return graph.add("stack", tuple(self.members(literal)), literal.start, literal.end, (0,))

    def members(self, literal: Literal) -> list[int]:
        """The node of each element of a literal."""
        graph = self.context.scope.graph
        return [part if type(part) is int else self.record(part) if type(part) is Literal else
                graph.constant(part, literal.start, literal.end) for part in literal.parts]

    def _count(self, parts: list[Any], start: int, end: int) -> None:
        self.entries += len(parts)
        if self.entries > self.context.limits.nodes:
            raise self.context.error("limit", f"the arrays of the program have more than {self.context.limits.nodes:,} entries",
                                     Span(start, end), "raise --max-nodes")

    def _ragged(self, literal: Literal) -> GradcalcError:
        """The error for ``[[1, 2], [3]]``, at the row that is unlike the first."""
        from gradcalc.language.reading.spans import parts_between

        place = literal.misfit or 0
        while type(other := literal.parts[place]) is Literal and other.misfit is not None:
            literal, place = other, other.misfit
        first = literal.parts[0]
        span = parts_between(self.context.text, literal.start)[place]
        return self.context.error("ragged", "the rows of an array must be equally long: the first "
                                  f"{_described(first)}, this one {_described(other)}", span,
                                  "make them alike, or give each a name of its own")


def _described(part: Any) -> str:
    """What an element of an array is, behind its subject."""
    if type(part) is not Literal:
        return "is a number"
    shape = part.shape or ()
    if len(shape) > 1:
        return f"has the shape {'×'.join(map(str, shape))}"
    return f"has {shape[0]} {'entry' if shape[0] == 1 else 'entries'}"
