"""The reverse sweep with few values in memory: the values at checkpoints are kept, the others are computed twice.

The tape of n nodes is cut into about sqrt(n) segments. A first pass keeps at each cut the values that later nodes read. The
reverse sweep computes one segment at a time again from them, propagates the adjoints through it and drops its values. A chain
of n equal operations so needs memory for about 2*sqrt(n) values, at the cost of one more evaluation (Griewank, Achieving
Logarithmic Growth of Temporal and Spatial Complexity in Reverse Automatic Differentiation, 1992, with one level of
checkpoints). This module must not know any operation.
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
    segments = [order[start:start + size] for start in range(0, len(order), size)]
    entering = _entering(graph, segments)
    checkpoints: list[dict[int, Any]] = []
    held: dict[int, Any] = {}
    for segment, wanted in zip(segments, [*entering[1:], [root]], strict=True):
        checkpoints.append(held)
        held = _picked(_recomputed(graph, segment, held, point, xp), wanted)
    value = held[root]
    adjoints: list[Any] = [None] * (root + 1)
    adjoints[root] = sweeps.ones(value, xp)
    gates = open_gates(graph, order, (root,))
    for segment in reversed(segments):
        primal = _recomputed(graph, segment, checkpoints.pop(), point, xp)
        sweeps.backwards(graph, segment, primal, active, adjoints, xp, gates, keep, consume=True)
    return value, adjoints


def _picked(primal: Sequence[Any], wanted: Sequence[int]) -> dict[int, Any]:
    """The values of these nodes alone, so that the others are freed before the next segment is computed."""
    return {node: primal[node] for node in wanted}


def _entering(graph: Graph, segments: Sequence[Sequence[int]]) -> list[list[int]]:
    """For each segment, the nodes before it that it or a later segment reads."""
    read: set[int] = set()
    entering: list[list[int]] = []
    for segment in reversed(segments):
        read.update(argument for node in segment for argument in graph.instructions[node].args)
        read.difference_update(segment)
        entering.append(sorted(read))
    return entering[::-1]


def _recomputed(graph: Graph, segment: Sequence[int], held: Mapping[int, Any], point: Mapping[int, Any], xp: Any) -> list[Any]:
    """The values of a segment and of the nodes that it reads, indexed by node."""
    return sweeps.values(graph, sorted({*held, *segment}), {**held, **point}, xp)
