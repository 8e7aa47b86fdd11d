"""The node table of an evaluation, made row by row when somebody reads it.

A program of a million nodes is differentiated more often than it is printed, so nothing is made before.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import overload

from gradcalc.graph.tape import Graph
from gradcalc.questions.answers import Answer, Row


class Trace(Sequence[Row]):
    """A row for each node that the output is computed from, in the order of the tape."""

    def __init__(self, graph: Graph, order: Sequence[int], answer: Answer) -> None:
        self._graph, self._order, self._answer = graph, order, answer

    def __len__(self) -> int:
        return len(self._order)

    @overload
    def __getitem__(self, position: int) -> Row: ...
    @overload
    def __getitem__(self, position: slice) -> list[Row]: ...
    def __getitem__(self, position: int | slice) -> Row | list[Row]:
        if isinstance(position, slice):
            return [self._row(node) for node in self._order[position]]
        return self._row(self._order[position])

    @cached_property
    def _labels(self) -> Mapping[int, str]:
        return self._graph.labels()

    @cached_property
    def _expressions(self) -> Mapping[int, str]:
        from gradcalc.language.writing.text import expressions

        return expressions(self._graph, self._order)

    def _row(self, node: int) -> Row:
        op, args, _ = self._graph.instructions[node]
        answer = self._answer
        value = _entry(answer.primal, node)
        tangents = None
        if answer.tangents and value is not None:
            # Where no tangent arrives the node does not move.
            found = {name: _entry(row, node) for name, row in answer.tangents.items()}
            tangents = {name: 0.0 if moved is None else moved for name, moved in found.items()}
        return Row(node, self._labels.get(node), op, args, self._expressions[node], value,
                   _entry(answer.adjoints, node), tangents)


def _entry(values: Sequence[float | None], node: int) -> float | None:
    return values[node] if node < len(values) else None
