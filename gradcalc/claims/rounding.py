"""Values with a measured rounding error: a graph is computed once as it stands, and again with every result perturbed at random
by up to one ulp (Monte Carlo arithmetic; Parker, Monte Carlo Arithmetic: exploiting round-off error, 1997).

The scatter of the results estimates the rounding error, called ``doubt``. A value to which that estimate does not apply has a
fault instead: it is not finite, it is so small that digits are lost, or it lies on a kink or so near that rounding crosses it.
This module must not know what the values are compared with.
"""

import math
import random
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from gradcalc.graph.namespaces import scalars
from gradcalc.graph.operations import TABLE
from gradcalc.graph.operations.operation import Operation
from gradcalc.graph.sweeps import BROKEN, UNDEFINED, broken
from gradcalc.graph.tape import CONST, INPUT, Graph
from gradcalc.singular.conditions import condition

UNIT = 2.0**-52
#: How often a graph is computed with perturbed results, and the factor of safety by which the scatter is multiplied.
RUNS, CAUTION = 4, 16.0
#: Numbers below this are near the subnormal ones, which have fewer digits than others.
TINY = 1e-290
#: The faults.
UNDEFINED_THERE, TOO_SMALL, KINK = "undefined", "range", "kink"


class PerturbedCall(NamedTuple):
    """An instruction, ready to be computed. ``kinked`` is its row where that has kinks; ``rounded`` says whether its result
    is."""

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
    """Computes some nodes of a graph at points, with their rounding errors."""

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

    def estimate(self, point: dict[int, Any], runs: int = RUNS) -> Estimate:
        """The values at a point, with their rounding errors from so many perturbed runs, and their faults."""
        with self.xp.silent():
            values = self._values(point, None)
            faults: list[str | None] = [None] * self.size if self.xp.ranked else self._faults(values)
            doubts: dict[int, Any] = dict.fromkeys(self.roots, 0.0)
            for _ in range(runs):
                perturbed = self._values(point, self.random)
                for node in self.roots:
                    distance = self.xp.abs(perturbed[node] - values[node])
                    doubts[node] = self.xp.maximum(doubts[node], distance)
                if not self.xp.ranked:
                    self._note_crossed_kinks(values, perturbed, faults)
            doubts = {node: CAUTION * (doubt + UNIT * self.xp.abs(values[node])) for node, doubt in doubts.items()}
            return Estimate(values, doubts, self._inherited(values, faults))

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
            except BROKEN as problem:
                raise broken(TABLE[step.op], problem) from problem
            if source is not None and step.rounded:
                value = self._perturbed_array(value, source) if xp.ranked else _perturbed(step, value, operands, source)
            values[step.node] = value
        return values

    def _perturbed_array(self, value: Any, source: random.Random) -> Any:
        noise = [1.0 + UNIT * source.uniform(-1.0, 1.0) for _ in range(getattr(value, "size", 1))]
        return value * self.xp.constant(noise).reshape(getattr(value, "shape", ()))

    # -- faults --------------------------------------------------------------------------------------------------------

    def _faults(self, values: Sequence[float]) -> list[str | None]:
        """The fault of each value itself, not of those that it is computed from."""
        faults: list[str | None] = [None] * self.size
        constant = [True] * self.size  # a function of a constant has no kink: relu(x) below 0 is one
        for node in self.inputs:
            constant[node] = False
        for step in self.steps:
            value = values[step.node]
            constant[step.node] = all(constant[argument] for argument in step.args)
            if not math.isfinite(value):
                faults[step.node] = UNDEFINED_THERE
            elif abs(value) < TINY and (value or (TABLE[step.op].facts.vanishes and all(values[each] for each in step.args))):
                faults[step.node] = TOO_SMALL
            elif step.kinked is not None:
                operands = [values[argument] for argument in step.args]
                if constant[step.node] or not all(map(math.isfinite, operands)):
                    continue
                if condition(step.kinked.kink or "0", step.kinked.parameters).holds(operands):
                    faults[step.node] = KINK
                constant[step.node] = not any(_partials(step.kinked, value, operands))
        return faults

    def _note_crossed_kinks(self, values: Sequence[float], perturbed: Sequence[float], faults: list[str | None]) -> None:
        """Note a fault where the perturbed run lies on the other side of a kink."""
        for step in self.steps:
            if step.kinked is None or faults[step.node] is not None:
                continue
            here, there = ([each[argument] for argument in step.args] for each in (values, perturbed))
            if _branch(step.kinked, values[step.node], here) != _branch(step.kinked, perturbed[step.node], there):
                faults[step.node] = KINK

    def _inherited(self, values: Sequence[Any], faults: list[str | None]) -> Sequence[str | None]:
        """The faults of the values and of what they were computed from; a branch that is not taken does not count."""
        if not any(faults):
            return faults
        for step in self.steps:
            if faults[step.node] is None or TABLE[step.op].gates:
                args = step.args
                if TABLE[step.op].gates and faults[args[0]] is None:
                    args = (args[1] if values[args[0]] else args[2],)
                    faults[step.node] = None
                faults[step.node] = next((faults[argument] for argument in args if faults[argument]), faults[step.node])
        return faults


def _perturbed(step: PerturbedCall, value: float, operands: Sequence[float], source: random.Random) -> float:
    whole = TABLE[step.op].facts.whole and all(each.is_integer() for each in operands)
    if whole and value.is_integer() and abs(value) < 2.0**53:
        return value
    return value * (1.0 + UNIT * source.uniform(-1.0, 1.0))


def _branch(row: Operation, value: float, operands: Sequence[float]) -> list[float]:
    """On which side of a kink the operands lie, told by the row's partial derivatives, or else by its value."""
    return [round(slope, 3) + 0.0 for slope in _partials(row, value, operands)] or [value]


def _partials(row: Operation, value: float, operands: Sequence[float]) -> list[float]:
    try:
        return [partial(scalars, value, *operands) for partial in row.partials if partial is not None]
    except UNDEFINED:
        return [math.nan]
