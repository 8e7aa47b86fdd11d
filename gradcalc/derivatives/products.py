"""Derivatives that are not one gradient: Jacobians, Hessians, and their products with a vector.

A product costs one or two sweeps and no matrix is formed for it; a matrix is as many products as it has columns, or rows.
Everything here takes a Request and gives values; what a question means is decided in ``program``.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from gradcalc.graph import sweeps
from gradcalc.graph.formulas import extract
from gradcalc.graph.liveness import open_gates
from gradcalc.graph.namespaces.symbols import Symbol, Symbols
from gradcalc.graph.tape import Graph
from gradcalc.questions.answers import Request

Named = dict[str, Any]


def values(request: Request) -> list[Any]:
    """The values of the nodes at the request's point."""
    assert request.point is not None
    return sweeps.values(request.graph, request.order, request.point, request.xp)


def shape(request: Request, node: int) -> tuple[int, ...]:
    """The shape of a node, () in a program of numbers."""
    found: tuple[int, ...] = (request.shapes or {}).get(node, ())
    return found


def jvp(request: Request, outputs: Mapping[str, int], primal: Sequence[Any], tangents: Mapping[int, Any]) -> Named:
    """How each output moves when the nodes of ``tangents`` do: one forward sweep. In the outputs' shapes."""
    found = sweeps.forward(request.graph, request.order, primal, tangents, request.xp)
    return {name: request.xp.zeros(shape(request, node)) if found[node] is None else found[node]
            for name, node in outputs.items()}


def vjp(request: Request, primal: list[Any], cotangents: Mapping[int, Any]) -> Named:
    """What the adjoints ``cotangents`` of some nodes make those of ``request.wrt``: one reverse sweep. In their shapes."""
    graph, order, xp = request.graph, request.order, request.xp
    active = graph.descendants(request.wrt.values(), order)
    adjoints: list[Any] = [None] * len(primal)
    for node, seed in cotangents.items():
        adjoints[node] = seed
    sweeps.backwards(graph, order, primal, active, adjoints, xp, open_gates(graph, order, cotangents))
    return {name: xp.zeros(shape(request, node)) if node >= len(adjoints) or adjoints[node] is None else adjoints[node]
            for name, node in request.wrt.items()}


def jacobian(request: Request, outputs: Mapping[str, int], primal: list[Any], mode: str) -> dict[str, Named]:
    """Of each output by each input, in the output's shape followed by the input's: a sweep for each entry of one side."""
    xp = request.xp
    if mode == "forward":
        found: dict[str, Named] = {name: {} for name in outputs}
        for name, node in request.wrt.items():
            columns = [jvp(request, outputs, primal, {node: unit}) for unit in xp.units(shape(request, node))]
            for output, root in outputs.items():
                slopes = [column[output] for column in columns]
                found[output][name] = xp.gathered(slopes, shape(request, node)) if slopes else xp.zeros(
                    (*shape(request, root), *shape(request, node)))
        return found
    return {output: _stacked(request, root, request.wrt,
                             [vjp(request, primal, {root: unit}) for unit in xp.units(shape(request, root))])
            for output, root in outputs.items()}


def _stacked(request: Request, root: int, inner: Mapping[str, int], rows: Sequence[Named]) -> Named:
    """For each name the rows that were found for the numbers of an output."""
    xp, outer = request.xp, shape(request, root)
    return {name: xp.stacked([row[name] for row in rows], outer) if rows else xp.zeros((*outer, *shape(request, node)))
            for name, node in inner.items()}


class Gradient(NamedTuple):
    """A program's gradient as a program, to be differentiated again.

    ``nodes`` are the adjoints by name, None for one that is zero throughout; ``place`` says where the program's own nodes
    went; ``seed`` is the input that takes the output's adjoint.
    """

    graph: Graph
    nodes: dict[str, int | None]
    place: dict[int, int]
    seed: int


def gradient(request: Request) -> Gradient:
    """The reverse sweep recorded: the graph of the gradient of the request's root."""
    graph, place = extract(request.graph, request.order, request.graph.labels(), frozenset(request.point or ()))
    if request.shapes is not None:
        graph.shapes = {place[node]: found for node, found in request.shapes.items()}
    root = place[request.root]
    order = graph.ancestors([root])
    targets = {name: place[node] for name, node in request.wrt.items() if node in place}
    seed = graph.input("the adjoint of the output")
    if graph.shapes is not None:
        graph.shapes[seed] = shape(request, request.root)
    primal = [Symbol(graph, node) for node in range(root + 1)]
    active = graph.descendants(targets.values(), order)
    adjoints = sweeps.reverse(graph, order, primal, active, Symbols(graph), seed=Symbol(graph, seed))
    nodes: dict[str, int | None] = {}
    for name in request.wrt:
        found = adjoints[targets[name]] if name in targets and targets[name] <= root else None
        nodes[name] = None if found is None else found.node
    return Gradient(graph, nodes, place, seed)


class Curvature:
    """The Hessian of the request's root, as something to multiply with: a forward sweep over the reverse one.

    ``primal`` are the values of the program's nodes, which are not computed again.
    """

    def __init__(self, request: Request, primal: Sequence[Any]) -> None:
        self._request = request
        self._gradient = made = gradient(request)
        found = [node for node in made.nodes.values() if node is not None]
        self._order = made.graph.ancestors([*found, *made.place.values()])
        self._point = {made.place[node]: primal[node] for node in request.order}

    def _primal(self, seed: Any) -> list[Any]:
        return sweeps.values(self._gradient.graph, sorted({*self._order, self._gradient.seed}),
                             {**self._point, self._gradient.seed: seed}, self._request.xp)

    def _along(self, primal: Sequence[Any], direction: Mapping[int, Any]) -> Named:
        """How the gradient moves when the nodes of the program do."""
        made, request = self._gradient, self._request
        seeds = {made.place[node]: tangent for node, tangent in direction.items() if node in made.place}
        tangents = sweeps.forward(made.graph, self._order, primal, seeds, request.xp)
        return {name: request.xp.zeros(shape(request, request.wrt[name])) if node is None or tangents[node] is None
                else tangents[node] for name, node in made.nodes.items()}

    def product(self, direction: Mapping[int, Any]) -> Named:
        """The Hessian times a direction, for each name; of an array each of its numbers' own, in its shape first."""
        rows = [self._along(self._primal(seed), direction) for seed in self._seeds()]
        return _stacked(self._request, self._request.root, self._request.wrt, rows)

    def matrix(self) -> dict[str, Named]:
        """The Hessian of each name by each name, in the output's shape, then the first name's, then the second's."""
        request, wrt = self._request, self._request.wrt
        rows: list[dict[str, Named]] = []
        for seed in self._seeds():
            primal = self._primal(seed)
            rows.append({name: {} for name in wrt})
            for name, node in wrt.items():
                columns = [self._along(primal, {node: unit}) for unit in request.xp.units(shape(request, node))]
                for other, its in wrt.items():
                    slopes = [column[other] for column in columns]
                    rows[-1][other][name] = request.xp.gathered(slopes, shape(request, node)) if slopes else request.xp.zeros(
                        (*shape(request, its), *shape(request, node)))
        outer = shape(request, request.root)
        if not rows:
            return {name: {other: request.xp.zeros((*outer, *shape(request, node), *shape(request, its)))
                           for other, its in wrt.items()} for name, node in wrt.items()}
        return {name: {other: request.xp.stacked([row[name][other] for row in rows], outer) for other in wrt} for name in wrt}

    def _seeds(self) -> Iterator[Any]:
        return iter(self._request.xp.units(shape(self._request, self._request.root)))
