"""What stands between the brackets of ``x[…]``: whole numbers, slices and ``...``, known when they are read; and ``.T``.

A key becomes a setting of the operation. This module must not know which entries it picks.
"""

from typing import Any

from gradcalc.diagnostics import GradcalcError, Span
from gradcalc.graph.operations import TABLE
from gradcalc.language.reading.literals import Literal
from gradcalc.language.reading.names import quoted
from gradcalc.language.reading.scope import Context


class Indices:
    """The actions for indices."""

    ACTIONS = ("first_key", "next_key", "ellipsis", "slice", "slice_with_step", "open_bound", "bound", "whole", "computed_key",
               "places", "index", "transposed")

    def __init__(self, context: Context) -> None:
        self.context = context

    def whole(self, start: int, end: int, value: float) -> int:
        if not value.is_integer():
            raise self._no_index(start, end)
        return int(value)

    def computed_key(self, start: int, end: int, node: int) -> None:
        raise self._no_index(start, end)

    def places(self, start: int, end: int, literal: Literal) -> tuple[tuple[int, ...]]:
        """A list of places, ``x[[0, 2, 1]]``."""
        if literal.shape is None or len(literal.shape) != 1 or not all(place.is_integer() for place in literal.parts):
            written = " ".join(self.context.text[start:end].split())
            raise self.context.error("index", f"an index array is a list of whole numbers, and {quoted(written)} is not",
                                     Span(start, end),
                                     "write the numbers themselves, as in x[[0, 2, 1]]; they cannot be computed")
        return (tuple(map(int, literal.parts)),)

    def ellipsis(self, start: int, end: int, written: str) -> str:
        return "..."

    def open_bound(self, start: int, end: int) -> None:
        """A slice's end that is left out."""

    def bound(self, start: int, end: int, value: int) -> int:
        return value

    def slice(self, start: int, end: int, first: int | None, last: int | None) -> tuple[int | None, ...]:
        return (first, last, None)

    def slice_with_step(self, start: int, end: int, first: int | None, last: int | None, step: int | None) -> Any:
        if step == 0:
            raise self.context.error("index", "the step of a slice cannot be 0", Span(start, end), "write 1 or leave it out")
        return (first, last, step)

    def first_key(self, start: int, end: int, key: Any) -> list[Any]:
        return [key]

    def next_key(self, start: int, end: int, keys: list[Any], key: Any) -> list[Any]:
        if key == "..." and "..." in keys:
            raise self.context.error("index", "'...' can stand only once in an index", Span(end - 3, end),
                                     "write : for each axis that is taken whole")
        keys.append(key)
        return keys

    def index(self, start: int, end: int, node: int, keys: list[Any]) -> int:
        """The entries at a key. A call of an operation that has a key of its own is completed by it."""
        graph = self.context.scope.graph
        op, args, payload = graph.instructions[node]
        row = TABLE.get(op)
        if row is not None and row.settings and row.settings[0].kind == "key" and payload[0] is None:
            return graph.add(op, args, start, end, (tuple(keys), *payload[1:]))
        return graph.add("index", (node,), start, end, (tuple(keys),))

    def transposed(self, start: int, end: int, node: int) -> int:
        return self.context.scope.graph.add("transpose", (node,), start, end, (None,))

    def _no_index(self, start: int, end: int) -> GradcalcError:
        written = " ".join(self.context.text[start:end].split())
        return self.context.error("index", f"an index is a whole number, and {quoted(written)} is not", Span(start, end),
                                  "write the number itself, as in x[0], x[-1], x[1:3] or x[0, :]; an index cannot be computed")
