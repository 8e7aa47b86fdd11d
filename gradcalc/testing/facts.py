"""What an operation's row states as facts, sampled over numbers of every size, and over arrays of its cases.

What is exact is asked of balls in many bits, where they are installed: they share no digit with doubles.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from itertools import product

from gradcalc.graph.namespaces import scalars
from gradcalc.graph.operations.operation import Operation
from gradcalc.graph.sweeps import UNDEFINED

#: Numbers near every limit of doubles, and plain ones.
NUMBERS = tuple(sign * size for sign in (1.0, -1.0) for size in (
    0.0, 5e-324, 1e-310, 1e-160, 1e-17, 0.1, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 7.0, 709.9, 745.5, 2.0**53, 1e22, 1e155, 1e300,
    1.7e308))
#: The same for the third argument on, and for balls.
FEW = tuple(sign * size for sign in (1.0, -1.0) for size in (
    0.0, 5e-324, 1e-160, 0.1, 0.5, 1.0, 2.5, 3.0, 709.9, 1e22, 1.7e308))
INFINITE = (math.inf, -math.inf)
#: Whole numbers, of which some have products and sums beyond 2^53.
WHOLE = (*map(float, range(-9, 10)), 94906267.0, -94906265.0, 2.0**31, 2.0**53 - 1.0)
#: Bits enough for the exact result of arithmetic on doubles.
BITS = 4096
#: Beyond this a function may be too small for balls as well.
MODERATE = 1e6


def check_facts(row: Operation) -> None:
    """Sample each fact that a row states, of those more than entry by entry only ``fresh``. Raises AssertionError."""
    facts, samples = row.facts, _samples(row, NUMBERS, FEW)
    if facts.commutes:
        assert len(row.parameters) == 2, f"{row.name} commutes, but has not two arguments"
    if facts.fresh:
        _check_fresh(row)
    if row.shape is not None or not row.parameters:
        return
    finite = [(given, _value(row, given)) for given in samples]
    infinite = [(given, _value(row, given)) for given in _samples(row, (*NUMBERS, *INFINITE), (*FEW, *INFINITE))]
    everything = [(given, _value(row, given)) for given in _samples(row, (*NUMBERS, *INFINITE, math.nan), FEW)]
    checks: dict[str, tuple[Sequence[tuple[tuple[float, ...], float]], Callable[[tuple[float, ...], float], bool]]] = {
        "bounded": (finite, lambda given, value: math.isfinite(value)),
        "total": (finite, lambda given, value: not math.isnan(value)),
        "ordered": (infinite, lambda given, value: not math.isnan(value)),
        "condition": (everything, lambda given, value: value in (0.0, 1.0) or math.isnan(value)),
        "commutes": (everything, lambda given, value: _alike(value, _value(row, given[::-1])))}
    if _has_balls():
        checks |= {
            "exact": (_defined(row, FEW), lambda given, value: _exact(row, given) == value),
            "whole": ([(given, value) for given, value in _defined(row, WHOLE) if value.is_integer() and abs(value) < 2.0**53],
                      lambda given, value: _exact(row, given) == value),
            "vanishes": (_defined(row, FEW), lambda given, value: value != 0.0 or not all(given) or not _is_zero(row, given))}
    for fact, (points, holds) in checks.items():
        if getattr(facts, fact):
            wrong = next((each for each in points if not holds(*each)), None)
            assert wrong is None, f"{row.name} is said to be {fact!r}, but {row.name}{wrong[0]} is {wrong[1]!r}"


def _check_fresh(row: Operation) -> None:
    """What an array operation makes shares no memory with what it is made of."""
    import numpy as np

    from gradcalc.graph.namespaces import arrays

    for shapes, settings in row.cases or ((((3,),) * len(row.parameters), ()),):
        operands = [np.full(shape, 0.5) for shape in shapes]
        with arrays.silent():
            value = row.value(arrays, *operands, *settings)
        shared = any(np.may_share_memory(value, operand) for operand in operands)
        assert not shared, f"{row.name} is said to be 'fresh', but what it makes of {shapes} shares memory with an argument"


def _samples(row: Operation, numbers: Sequence[float], few: Sequence[float]) -> Iterator[tuple[float, ...]]:
    return product(numbers if len(row.parameters) < 3 else few, repeat=len(row.parameters))


def _value(row: Operation, given: Sequence[float]) -> float:
    try:
        return float(row.value(scalars, *given))
    except UNDEFINED:
        return math.nan


def _defined(row: Operation, numbers: Sequence[float]) -> list[tuple[tuple[float, ...], float]]:
    """The numbers for which the row has a finite value, and that."""
    found = [(given, _value(row, given)) for given in product(numbers, repeat=len(row.parameters))]
    return [(given, value) for given, value in found if math.isfinite(value)]


def _alike(a: float, b: float) -> bool:
    return a == b or (math.isnan(a) and math.isnan(b))


def _has_balls() -> bool:
    return find_spec("flint") is not None


def _exact(row: Operation, given: Sequence[float]) -> float | None:
    """The value where it is a double, or becomes one only by being too small; else None."""
    from gradcalc.graph.namespaces import balls

    with balls.precision(BITS):
        ball = row.value(balls, *map(balls.exact, given))
        found = balls.rounded(ball)
        same = found is not None and math.isfinite(found) and balls.gate(balls.equal(ball, balls.exact(found)))
        return found if same or (found is not None and abs(found) < 1e-290) else None


def _is_zero(row: Operation, given: Sequence[float]) -> bool:
    """Whether the value is nothing in many bits either."""
    from gradcalc.graph.namespaces import balls

    if max(map(abs, given)) > MODERATE:
        return False
    with balls.precision(BITS):
        return balls.gate(balls.equal(row.value(balls, *map(balls.exact, given)), balls.exact(0.0)))
