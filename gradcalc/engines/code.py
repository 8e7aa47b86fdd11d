"""The code of a value and its derivatives: both sweeps over a program's graph, recorded as steps and pruned."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from gradcalc.engines.recorder import Recorder
from gradcalc.engines.steps import Step
from gradcalc.graph import sweeps
from gradcalc.graph.liveness import both
from gradcalc.graph.operations import TABLE
from gradcalc.graph.tape import CONST, INPUT, Graph
from gradcalc.singular.conditions import condition
from gradcalc.singular.kinks import on_paths


class Code(NamedTuple):
    """Steps, each of which is needed and reads only earlier ones, the names of the inputs, and the steps of the results: the
    value's, then those of its derivatives."""

    steps: tuple[Step, ...]
    inputs: tuple[str, ...]
    results: tuple[int, ...]

    def operations(self) -> int:
        """How many steps compute something."""
        return sum(bool(step.args) for step in self.steps)


def record(graph: Graph, root: int, wrt: Mapping[str, int], inexact: bool = True) -> Code:
    """The code of ``root`` and of its derivative with respect to each node of ``wrt``.

    ``inexact`` lets derivatives share reciprocals, which overflow where the quotient itself need not.
    """
    order = graph.ancestors([root])
    xp = Recorder()
    primal = _values(graph, order, xp)
    value = primal[root]
    reached = [node for node in wrt.values() if node <= root]
    active = graph.descendants(reached, order)
    adjoints: list[object] = []
    if active[root]:
        xp.inexact = inexact
        adjoints = sweeps.reverse(graph, order, primal, active, xp, keep=frozenset(reached))
    found = [adjoints[node] if node < len(adjoints) and active[node] else None for node in wrt.values()]
    results = [xp.place(value), *(xp.place(0.0 if slope is None else slope) for slope in found)]
    return _pruned(xp.steps, _inputs(graph, order), results)


def record_kinks(graph: Graph, root: int, wrt: Mapping[str, int]) -> Code | None:
    """The code whose one result counts the operations between ``wrt`` and ``root`` that are at a kink, a jump as two of them.

    It is anything where one is undefined. None where no operation has a kink.
    """
    order = graph.ancestors([root])
    xp = Recorder()
    primal = _values(graph, order, xp)
    kinked = [node for node in order if (op := graph.instructions[node].op) not in (INPUT, CONST) and TABLE[op].kink]
    found: Any = 0.0
    for node, gate in on_paths(graph, order, wrt.values(), kinked, primal, xp):
        op, args, _ = graph.instructions[node]
        stated = condition(str(TABLE[op].kink), TABLE[op].parameters)
        here = both(gate, stated.values([primal[argument] for argument in args], xp)[-1], xp)
        weight = 1.0 if TABLE[op].limit is None else 2.0
        found = found if here is False else found + (weight if here is True else xp.where(here, weight, 0.0))
    if isinstance(found, float) and not found:
        return None
    return _pruned(xp.steps, _inputs(graph, order), [xp.place(found)])


def _inputs(graph: Graph, order: Sequence[int]) -> list[str]:
    return [str(graph.instructions[node].payload) for node in order if graph.instructions[node].op == INPUT]


def _values(graph: Graph, order: Sequence[int], xp: Recorder) -> list[Any]:
    """Each node's step, recorded."""
    inputs = [node for node in order if graph.instructions[node].op == INPUT]
    return sweeps.values(graph, order, {node: xp.input(place) for place, node in enumerate(inputs)}, xp)


def _pruned(steps: Sequence[Step], inputs: Sequence[str], results: Sequence[int]) -> Code:
    """The steps that the results need, numbered anew."""
    needed = bytearray(len(steps))
    for place in results:
        needed[place] = 1
    for place in range(len(steps) - 1, -1, -1):
        if needed[place]:
            for argument in steps[place].args:
                needed[argument] = 1
    moved: dict[int, int] = {}
    kept: list[Step] = []
    for place, step in enumerate(steps):
        if needed[place]:
            moved[place] = len(kept)
            kept.append(Step(step.op, tuple([moved[argument] for argument in step.args]), step.payload))
    return Code(tuple(kept), tuple(inputs), tuple(moved[place] for place in results))
