"""The reverse sweep with few values in memory: those at checkpoints are kept, the others computed twice.

The tape is cut into about as many stretches as each has nodes. The first pass keeps of each cut the values that later nodes
read; the sweep back computes a stretch anew from them, takes its adjoints through it and forgets it. So a chain of n equal
operations needs memory for about 2*sqrt(n) values, for one evaluation more (Griewank, Achieving Logarithmic Growth of
Temporal and Spatial Complexity in Reverse Automatic Differentiation, 1992, for one level of checkpoints).
"""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from gradcalc.graph import sweeps
from gradcalc.graph.liveness import open_gates
from gradcalc.graph.tape import Graph


def reverse(graph: Graph, order: Sequence[int], point: Mapping[int, Any], active: Sequence[int], xp: Any,
            keep: Collection[int]) -> tuple[Any, list[Any]]:
    """The last node's value, and the adjoints of the nodes of ``keep``, indexed by node."""
    root, size = order[-1], max(math.isqrt(len(order)), 1)
    stretches = [order[start:start + size] for start in range(0, len(order), size)]
    entering = _entering(graph, stretches)
    checkpoints: list[dict[int, Any]] = []
    held: dict[int, Any] = {}
    for stretch, wanted in zip(stretches, [*entering[1:], [root]], strict=True):
        checkpoints.append(held)
        held = _picked(_again(graph, stretch, held, point, xp), wanted)
    value = held[root]
    adjoints: list[Any] = [None] * (root + 1)
    adjoints[root] = sweeps.ones(value, xp)
    gates = open_gates(graph, order, (root,))
    for stretch in reversed(stretches):
        primal = _again(graph, stretch, checkpoints.pop(), point, xp)
        sweeps.backwards(graph, stretch, primal, active, adjoints, xp, gates, keep, consume=True)
    return value, adjoints


def _picked(primal: Sequence[Any], wanted: Sequence[int]) -> dict[int, Any]:
    """The values that are kept, so that nobody holds the others when the next stretch is computed."""
    return {node: primal[node] for node in wanted}


def _entering(graph: Graph, stretches: Sequence[Sequence[int]]) -> list[list[int]]:
    """For each stretch the nodes before it that it or a later one reads."""
    read: set[int] = set()
    entering: list[list[int]] = []
    for stretch in reversed(stretches):
        read.update(argument for node in stretch for argument in graph.instructions[node].args)
        read.difference_update(stretch)
        entering.append(sorted(read))
    return entering[::-1]


def _again(graph: Graph, stretch: Sequence[int], held: Mapping[int, Any], point: Mapping[int, Any], xp: Any) -> list[Any]:
    """The values of a stretch and of what it reads, indexed by node."""
    return sweeps.values(graph, sorted({*held, *stretch}), {**held, **point}, xp)
