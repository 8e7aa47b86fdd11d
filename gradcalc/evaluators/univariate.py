"""The output as a function of one number, everything else held still: what the modes that measure derivatives look at."""

from collections.abc import Iterator, Sequence
from copy import copy
from typing import Any

from gradcalc.graph import sweeps
from gradcalc.questions.answers import Request


class Univariate:
    """The output of a request as a function of the value of ``node``, an input or an intermediate node.

    Only what depends on the node is computed again; ``rows`` counts these instructions. ``arrives`` says whether the
    output is among them, or the node itself.
    """

    def __init__(self, request: Request, primal: Sequence[Any], node: int) -> None:
        graph, order, point = request.graph, request.order, request.point or {}
        moved = graph.descendants([node], order)
        again = [row for row in order if moved[row] and row != node and row not in point]
        needed = {argument for row in again for argument in graph.instructions[row].args}.union(again, (node,))
        self.arrives = bool(moved[request.root]) and node < len(primal)
        self.rows = len(again)
        self._graph, self._root, self._node = graph, request.root, node
        self._order = sorted(needed)
        self._held = {row: primal[row] for row in needed.difference(again) if row < len(primal)}
        self._whole: Any = primal[node] if node < len(primal) else 0.0
        self._place: tuple[int, ...] | None = None
        self._xp = request.xp

    def __call__(self, value: Any, xp: Any = None) -> Any:
        """The output where the number has this value."""
        xp = xp or self._xp
        self._held[self._node] = value if self._place is None else xp.replaced(self._whole, self._place, value)
        return sweeps.values(self._graph, self._order, self._held, xp)[self._root]

    def numbers(self, shape: tuple[int, ...]) -> Iterator[tuple["Univariate", float]]:
        """The output as a function of each number of the node, in their order, and the number where it stands."""
        for place in self._xp.places(shape):
            one = copy(self)
            one._place = place
            yield one, self._whole[place] if place is not None and self.arrives else self._whole
