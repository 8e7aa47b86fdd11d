"""Numbers with a measured doubt: a graph is computed as it stands, and again with every result moved at random, by up
to a unit in its last place (Monte Carlo arithmetic, Parker 1997).

How far the results scatter is what rounding may have done to them. A value that something else than rounding decides has a
fault instead: it is not finite, or so small that digits are lost, or it lies on a kink or on either side of one.
"""

import math
import random
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from gradcalc.graph.namespaces import scalars
from gradcalc.graph.operations import TABLE
from gradcalc.graph.operations.operation import Operation
from gradcalc.graph.sweeps import UNDEFINED
from gradcalc.graph.tape import CONST, INPUT, Graph
from gradcalc.singular.conditions import condition

UNIT = 2.0**-52
#: How often a graph is computed with moved results, and by what the scatter is multiplied.
RUNS, CAUTION = 4, 16.0
#: Below this a number has fewer digits than others.
TINY = 1e-290
#: Why a value says nothing.
UNDEFINED_THERE, TOO_SMALL, KINK = "undefined", "range", "kink"


class PerturbedCall(NamedTuple):
    """An instruction, ready to be computed. ``kinked`` is a row that has kinks, ``rounded`` says whether the result is."""

    node: int
    op: str
    value: Callable[..., Any]
    args: tuple[int, ...]
    settings: tuple[Any, ...]
    kinked: Operation | None
    rounded: bool


class Estimate(NamedTuple):
    """The values, doubts and faults at a point, by node."""

    values: Sequence[Any]
    doubts: dict[int, Any]
    faults: Sequence[str | None]


class Probe:
    """Computes some nodes of a graph of numbers, or of arrays, at points."""

    def __init__(self, graph: Graph, roots: Sequence[int], seed: int, xp: Any = scalars) -> None:
        self.xp, self.roots = xp, list(dict.fromkeys(roots))
        self.random = random.Random(seed)
        order = graph.ancestors(self.roots)
        self.size = order[-1] + 1
        self.constants = {node: xp.constant(graph.instructions[node].payload) for node in order
                          if graph.instructions[node].op == CONST}
        self.inputs = [node for node in order if graph.instructions[node].op == INPUT]
        self.steps = [self._step(graph, node) for node in order if graph.instructions[node].op not in (CONST, INPUT)]
        #: The conditions of choices, by node.
        self.choices = list(dict.fromkeys(step.args[0] for step in self.steps if TABLE[step.op].gates))

    def _step(self, graph: Graph, node: int) -> PerturbedCall:
        op, args, payload = graph.instructions[node]
        row = TABLE[op]
        kinked = row if row.kink is not None and row.shape is None and not self.xp.ranked else None
        return PerturbedCall(node, op, row.value, args, payload or (), kinked, not row.facts.exact and bool(args))

    def read(self, point: dict[int, Any], runs: int = RUNS) -> Estimate:
        """The values at a point, and how much of them rounding may be."""
        with self.xp.silent():
            values = self._values(point, None)
            own: list[str | None] = [None] * self.size if self.xp.ranked else self._faults(values)
            doubts: dict[int, Any] = dict.fromkeys(self.roots, 0.0)
            for _ in range(runs):
                moved = self._values(point, self.random)
                for node in self.roots:
                    apart = self.xp.abs(moved[node] - values[node])
                    doubts[node] = self.xp.maximum(doubts[node], apart)
                if not self.xp.ranked:
                    self._cross(values, moved, own)
            doubts = {node: CAUTION * (doubt + UNIT * self.xp.abs(values[node])) for node, doubt in doubts.items()}
            return Estimate(values, doubts, self._passed_on(values, own))

    def _values(self, point: dict[int, Any], source: random.Random | None) -> list[Any]:
        values: list[Any] = [None] * self.size
        for node, constant in self.constants.items():
            values[node] = constant
        for node in self.inputs:
            values[node] = point[node]
        xp = self.xp
        for step in self.steps:
            operands = [values[argument] for argument in step.args]
            try:
                value = step.value(xp, *operands, *step.settings)
            except UNDEFINED:
                value = xp.nan
            if source is not None and step.rounded:
                value = self._moved_array(value, source) if xp.ranked else _moved(step, value, operands, source)
            values[step.node] = value
        return values

    def _moved_array(self, value: Any, source: random.Random) -> Any:
        noise = [1.0 + UNIT * source.uniform(-1.0, 1.0) for _ in range(getattr(value, "size", 1))]
        return value * self.xp.constant(noise).reshape(getattr(value, "shape", ()))

    # -- faults --------------------------------------------------------------------------------------------------------

    def _faults(self, values: Sequence[float]) -> list[str | None]:
        """What is wrong with each value itself."""
        own: list[str | None] = [None] * self.size
        still = [True] * self.size  # behind the flat side of a relu nothing moves, so nothing there is a kink
        for node in self.inputs:
            still[node] = False
        for step in self.steps:
            value = values[step.node]
            still[step.node] = all(still[argument] for argument in step.args)
            if not math.isfinite(value):
                own[step.node] = UNDEFINED_THERE
            elif abs(value) < TINY and (value or (TABLE[step.op].facts.vanishes and all(values[each] for each in step.args))):
                own[step.node] = TOO_SMALL
            elif step.kinked is not None:
                operands = [values[argument] for argument in step.args]
                if still[step.node] or not all(map(math.isfinite, operands)):
                    continue
                if condition(step.kinked.kink or "0", step.kinked.parameters).holds(operands):
                    own[step.node] = KINK
                still[step.node] = not any(_slopes(step.kinked, value, operands))
        return own

    def _cross(self, values: Sequence[float], moved: Sequence[float], own: list[str | None]) -> None:
        """Note the kinks that rounding can step over."""
        for step in self.steps:
            if step.kinked is None or own[step.node] is not None:
                continue
            here, there = ([each[argument] for argument in step.args] for each in (values, moved))
            if _sides(step.kinked, values[step.node], here) != _sides(step.kinked, moved[step.node], there):
                own[step.node] = KINK

    def _passed_on(self, values: Sequence[Any], own: list[str | None]) -> Sequence[str | None]:
        """The faults of the values and of those that they were computed from; a branch that is not taken has no say."""
        if not any(own):
            return own
        for step in self.steps:
            if own[step.node] is None or TABLE[step.op].gates:
                args = step.args
                if TABLE[step.op].gates and own[args[0]] is None:
                    args = (args[1] if values[args[0]] else args[2],)
                    own[step.node] = None
                own[step.node] = next((own[argument] for argument in args if own[argument]), own[step.node])
        return own


def _moved(step: PerturbedCall, value: float, operands: Sequence[float], source: random.Random) -> float:
    whole = TABLE[step.op].facts.whole and all(each.is_integer() for each in operands)
    if whole and value.is_integer() and abs(value) < 2.0**53:
        return value
    return value * (1.0 + UNIT * source.uniform(-1.0, 1.0))


def _sides(row: Operation, value: float, operands: Sequence[float]) -> list[float]:
    """On which side of a kink the operands lie: the slopes of a row that has some, else its value."""
    return [round(slope, 3) + 0.0 for slope in _slopes(row, value, operands)] or [value]


def _slopes(row: Operation, value: float, operands: Sequence[float]) -> list[float]:
    try:
        return [partial(scalars, value, *operands) for partial in row.partials if partial is not None]
    except UNDEFINED:
        return [math.nan]
