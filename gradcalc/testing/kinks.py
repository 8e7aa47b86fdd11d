"""What an operation must say of its kinks and jumps: on each side of any point, what its own values do there.

An operation is tried on a grid of numbers, at which kinks and jumps lie, in every direction in which its arguments can begin
to move. The value and the derivative on that side, of which ``sided`` and ``limit`` are the rules, are held against the values
a little further on. So a kink that is not stated is found as well as a rule that is wrong, at the kink or away from it.
"""

import math
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

from gradcalc.graph import sweeps
from gradcalc.graph.namespaces import scalars
from gradcalc.graph.operations.operation import NOT, Operation
from gradcalc.graph.sweeps import UNDEFINED
from gradcalc.graph.tape import Graph
from gradcalc.singular.conditions import condition
from gradcalc.singular.one_sided import Side, one_sided

#: The numbers of the grid for an operation of one argument, two, and three. No sum or product with a step is rounded.
GRIDS: tuple[tuple[float, ...], ...] = (
    (-3.0, -2.0, -1.5, -1.0, -0.5, -0.25, 0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0), (-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0),
    (-1.0, 0.0, 1.0, 2.0))
#: How fast an argument moves.
SPEEDS = (-1.0, 0.0, 0.5, 1.0)
#: The first step. Two halves of it follow, and what is measured is extrapolated.
STEP = 2.0**-16
#: How far what is measured may be from what the rules say.
APART = 5e-5
#: The same in proportion to the value, whose last digits the step magnifies.
ROUNDING = 1e-9


def check_kinks(row: Operation) -> None:
    """Check a row's values and derivatives on every side of many points. Raises AssertionError.

    The row must stand in the table. One that states a kink must have a rule for its sides, and a kink on the grid.
    """
    if row.kink is not None:
        assert row.sided or row.limit, f"{row.name} has a kink, and neither 'sided' nor 'limit' says what it does beside it"
    if row.shape is not None and row.kink is not None:
        _check_on_arrays(row)
    if row.shape is not None or not row.parameters or row.gates or row.binds <= NOT:  # what reads conditions is not moved
        return
    count = len(row.parameters)
    defined, kink, vertical = (condition(text, row.parameters)
                               for text in (row.domain or "1", row.kink or "0", row.vertical or "0"))
    at_kinks = 0
    for point in product(GRIDS[min(count, 3) - 1], repeat=count):
        if not defined.holds(point) or vertical.holds(point):
            continue
        for direction in product(SPEEDS, repeat=count):
            if any(direction) and _check_side(row, point, direction, kink.holds(point)):
                at_kinks += kink.holds(point)
    assert at_kinks or row.kink is None, f"{row.name}: its kink {row.kink!r} holds nowhere on the grid"


def _check_on_arrays(row: Operation, seed: int = 0) -> None:
    """A row that is more than entry by entry, on arrays of small whole numbers, many of which are equal, and of zeros."""
    import numpy as np

    from gradcalc.graph.namespaces import arrays

    rng, met = np.random.default_rng(seed), False
    assert row.kinked is not None, f"{row.name} has a kink, and no 'kinked' says where"
    cases = [case for case in row.cases if all(0 not in shape for shape in case[0])]
    for shapes, settings in cases:
        for highest in (2, 2, 2, 1):
            operands = [rng.integers(0, highest, shape).astype(float) for shape in shapes]
            graph, order, primal = _recorded(row, operands, settings, arrays)
            met = met or bool(np.any(row.kinked(arrays, primal[-1], *operands, *settings)))
            for _ in range(12):
                moves = [rng.choice(SPEEDS, shape) for shape in shapes]

                def value(h: float, operands: Any = operands, moves: Any = moves, settings: Any = settings) -> Any:
                    return row.value(arrays, *(x + h * t for x, t in zip(operands, moves, strict=True)), *settings)

                with arrays.silent():
                    side = one_sided(graph, order, primal, dict(enumerate(moves)), arrays)
                _compare(f"{row.name} of {operands} along {moves}", side, value)
    assert met, f"{row.name}: none of its cases is at its kink {row.kink!r}"


def _recorded(row: Operation, operands: Sequence[Any], settings: tuple[Any, ...], xp: Any,
              ) -> tuple[Graph, list[int], list[Any]]:
    """The operation alone in a graph, and the values of its nodes."""
    graph = Graph()
    inputs = [graph.input(f"argument {place}") for place in range(len(operands))]
    root = graph.add(row.name, tuple(inputs), settings=settings or None)
    return graph, graph.ancestors([*inputs, root]), [*operands, row.value(xp, *operands, *settings)]


def _check_side(row: Operation, point: Sequence[float], direction: Sequence[float], kinked: bool) -> bool:
    """One point and direction; False where the row has no value on that side."""
    def value(h: float) -> float:
        try:
            return float(row.value(scalars, *(x + h * t for x, t in zip(point, direction, strict=True))))
        except UNDEFINED:
            return math.nan

    if not all(math.isfinite(value(h)) for h in (0.0, STEP, STEP / 2.0, STEP / 4.0)):
        return False
    graph, order, primal = _recorded(row, point, (), scalars)
    seeds = {place: t for place, t in enumerate(direction) if t}
    side = one_sided(graph, order, primal, seeds, scalars)
    shown = dict(zip(row.parameters, point, strict=True)), dict(zip(row.parameters, direction, strict=True))
    _compare(f"{row.name} at {shown[0]} along {shown[1]}", side, value)
    if not kinked:  # there the partials hold, and the value has no other beside it
        plain = Side(primal[-1], sweeps.forward(graph, order, primal, seeds, scalars)[-1])
        _compare(f"{row.name} at {shown[0]} along {shown[1]}, where it states no kink", plain, value)
    return True


def _compare(where: str, side: Side, value: Callable[[float], Any]) -> None:
    """Hold a side's value and derivative against what they are when the values further on are extrapolated."""
    far, middle, near = (value(STEP / 2.0**k) for k in range(3))
    # The parabola through three values, at 0 and its slope there.
    limit = (far - 6.0 * middle + 8.0 * near) / 3.0
    slope = (-3.0 * far + 15.0 * middle - 12.0 * near) / (1.5 * STEP)
    _same(side.value, limit, far, f"{where}: the value on that side is {side.value!r}, but the values beyond tend to {limit!r}")
    given = 0.0 if side.slope is None else side.slope
    _same(given, slope, far, f"{where}: the derivative on that side is {given!r}, but the values beyond have {slope!r}")


def _same(said: Any, measured: Any, value: Any, message: str) -> None:
    listed = [each.ravel().tolist() if hasattr(each, "ravel") else [each] for each in (said, measured, value)]
    for a, b, size in zip(*listed, strict=True):
        assert math.isfinite(a), message
        assert abs(a - b) <= APART * max(1.0, abs(b)) + ROUNDING * abs(size), message
