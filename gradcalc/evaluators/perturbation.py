"""The output as a function of one number, everything else held still: what the modes that measure derivatives look at."""

from collections.abc import Iterator, Sequence
from typing import Any

from gradcalc.graph import sweeps
from gradcalc.results import Request


class Perturbation:
    """The output of a request as a function of the value of ``node``, an input or an intermediate node.

    Only what depends on the node is computed again; ``rows`` counts these instructions. ``arrives`` says whether the
    output is among them, or the node itself. ``place`` is that of the number that moves where the node is an array.
    """

    def __init__(self, request: Request, primal: Sequence[Any], node: int, place: tuple[int, ...] | None = None) -> None:
        graph, order, point = request.graph, request.order, request.point or {}
        moved = graph.descendants([node], order)
        again = [row for row in order if moved[row] and row != node and row not in point]
        needed = {argument for row in again for argument in graph.instructions[row].args}.union(again, (node,))
        self.arrives = bool(moved[request.root]) and node < len(primal)
        self.rows = len(again)
        self._graph, self._root, self._node, self._place = graph, request.root, node, place
        self._order = sorted(needed)
        self._held = {row: primal[row] for row in needed.difference(again) if row < len(primal)}
        self._whole = primal[node] if node < len(primal) else None
        self._xp = request.xp

    def __call__(self, value: Any, xp: Any = None) -> Any:
        """The output where the number has this value."""
        xp = xp or self._xp
        self._held[self._node] = value if self._place is None else xp.replaced(self._whole, self._place, value)
        return sweeps.values(self._graph, self._order, self._held, xp)[self._root]


def perturbations(request: Request, primal: Sequence[Any], node: int) -> Iterator[tuple[Perturbation, float]]:
    """The output as a function of each number of a node, in their order, and the number."""
    for place in request.xp.places((request.shapes or {}).get(node, ())):
        x: Any = primal[node] if node < len(primal) else 0.0
        yield Perturbation(request, primal, node, place), x[place] if place is not None and node < len(primal) else x
