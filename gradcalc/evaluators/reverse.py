"""Reverse mode: one sweep from the output back gives the derivative with respect to every node at once."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from gradcalc.evaluators import Can, Evaluator
from gradcalc.evaluators.cost import of_reverse, of_values
from gradcalc.graph import checkpoints, sweeps
from gradcalc.graph.tape import INPUT
from gradcalc.questions.answers import Answer, Request


class Reverse(Evaluator):
    """Adjoints, right to left (back-propagation). Costs a few times the value, for any number of inputs."""

    name = "reverse"
    summary = "adjoints from the output back; one sweep for any number of inputs"
    can = Can.EXACT | Can.ADJOINTS | Can.NO_POINT | Can.ARRAYS | Can.CHECKPOINTS

    def differentiate(self, request: Request, /) -> Answer:
        graph, order, point, xp = request.graph, request.order, request.point, request.xp
        assert point is not None
        asked = frozenset(request.wrt.values())
        wanted = graph.descendants(asked, order)
        if request.checkpoint:
            value, adjoints = checkpoints.reverse(graph, order, point, wanted, xp, asked)
            return Answer(value, gradient_of(request, adjoints))
        primal = sweeps.values(graph, order, point, xp)
        value = primal[request.root]
        if not request.traced:
            if request.watch is not None:
                request.watch(request, primal)
            adjoints = sweeps.reverse(graph, order, primal, wanted, xp, keep=asked, consume=True)
            return Answer(value, gradient_of(request, adjoints))
        sources = [node for node in order if graph.instructions[node].op == INPUT]
        active = graph.descendants([*sources, *point, *asked], order)
        operations = None
        if request.counted:
            operations = of_values(graph, order, primal) + of_reverse(graph, order, active, primal)
        if active == wanted:
            adjoints = sweeps.reverse(graph, order, primal, active, xp)
            return Answer(value, gradient_of(request, adjoints), operations, primal=primal, adjoints=adjoints)
        gradient = gradient_of(request, sweeps.reverse(graph, order, primal, wanted, xp, keep=asked))
        return Answer(value, gradient, operations, primal=primal, adjoints=Adjoints(request, primal, active))


class Adjoints(Sequence[Any]):
    """The adjoints of all live nodes, computed when somebody reads one: the gradient by a few names needs only some."""

    def __init__(self, request: Request, primal: list[Any], active: Sequence[int]) -> None:
        self._request, self._primal, self._active = request, primal, active

    def __len__(self) -> int:
        return len(self._all)

    def __getitem__(self, node: Any) -> Any:
        return self._all[node]

    @cached_property
    def _all(self) -> list[Any]:
        graph, order, xp = self._request.graph, self._request.order, self._request.xp
        with xp.silent():
            return sweeps.reverse(graph, order, self._primal, self._active, xp)


def gradient_of(request: Request, adjoints: Sequence[Any]) -> dict[str, Any]:
    """The adjoints of the nodes that were asked for; zeros, in the node's shape, where none arrived."""
    gradient = {}
    for name, node in request.wrt.items():
        found = adjoints[node] if node < len(adjoints) else None
        gradient[name] = request.xp.zeros((request.shapes or {}).get(node, ())) if found is None else found
    return gradient
