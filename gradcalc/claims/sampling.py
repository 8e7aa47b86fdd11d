"""Points to try a claim at: corner cases, simplest first, and random points of many magnitudes and signs.

A point gives each input a number. The domain of a program is not known beforehand, so points are drawn from many distributions,
and near points at which the program was defined or near the constants of the program. This module must not know the program.
"""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from itertools import islice, product

Point = tuple[float, ...]

#: The numbers of the corner cases, simplest first.
SIMPLE = (1.0, 2.0, 0.0, -1.0, 3.0, 0.5, -2.0, 4.0, 0.25, 10.0, -0.5, 5.0, -3.0, 100.0, 0.001, 1000.0, 1e-6)
#: The most corner cases that are tried.
CORNERS = 120
#: With at most so many inputs every combination of the first simple numbers is tried.
FEW_INPUTS = 3

Draw = Callable[[random.Random], float]


def _scaled(low: float, high: float, signed: bool) -> Draw:
    """Numbers whose magnitude is distributed evenly over powers of ten."""

    def draw(source: random.Random) -> float:
        value: float = 10.0 ** source.uniform(low, high)
        return -value if signed and source.random() < 0.5 else value

    return draw


def _uniform(low: float, high: float) -> Draw:
    return lambda source: source.uniform(low, high)


#: The distributions that a number is drawn from.
DRAWS: tuple[Draw, ...] = (
    _uniform(0.5, 3.0), _uniform(-2.0, 2.0), _uniform(0.0, 1.0), _scaled(-1.0, 1.0, False), _uniform(-10.0, 10.0),
    _scaled(-2.0, 2.0, True), _uniform(1.0, 10.0), _uniform(-1.0, 1.0), _scaled(-6.0, 6.0, True), _uniform(0.0, 100.0),
    _scaled(-3.0, 3.0, False),
    lambda source: float(source.randint(-9, 9)))


def corners(count: int) -> Iterator[Point]:
    """Points of simple numbers for so many inputs, without repetition, at most CORNERS of them."""
    return islice(dict.fromkeys(_corners(count)), CORNERS)


def _corners(count: int) -> Iterator[Point]:
    if count == 0:
        yield ()
        return
    yield (1.0,) * count
    yield tuple(2.0 + place % 7 for place in range(count))
    if count <= FEW_INPUTS:
        known = SIMPLE if count == 1 else SIMPLE[:7] if count == 2 else SIMPLE[:4]
        yield from sorted(product(known, repeat=count), key=lambda point: sum(map(SIMPLE.index, point)))
    for value in SIMPLE:
        yield (value,) * count
    for shift in range(1, min(count, 8)):
        yield tuple(SIMPLE[(place + shift) % 5] for place in range(count))
        yield tuple(SIMPLE[(place * shift) % 8] for place in range(count))


def at_random(count: int, numbers: Sequence[float], defined: Sequence[Point], source: random.Random) -> Iterator[Point]:
    """Random points for so many inputs, without end.

    ``numbers`` are the constants of the program; ``defined``, points at which it has values, may grow meanwhile.
    """
    centres = [number for number in numbers if math.isfinite(number)]
    while True:
        for draw in DRAWS:
            yield tuple([draw(source) for _ in range(count)])
        yield tuple([source.choice(DRAWS)(source) for _ in range(count)])
        if centres:
            yield tuple([_near(source.choice(centres), source) for _ in range(count)])
            yield tuple([_near(source.choice(centres), source) if source.random() < 0.5 else source.choice(DRAWS)(source)
                         for _ in range(count)])
        if defined:
            for _ in range(4):
                yield tuple([_near(value, source) for value in source.choice(defined)])


def _near(value: float, source: random.Random) -> float:
    reach = source.choice((0.001, 0.1, 0.5, 1.0))
    return value * (1.0 + reach * source.uniform(-1.0, 1.0)) if source.random() < 0.7 else value + source.uniform(-reach, reach)


def simpler(point: Point) -> Iterator[Point]:
    """Points in which one number is a simpler one, the simplest first."""
    for place, value in enumerate(point):
        options = [*SIMPLE[:10], *(float(f"{value:.{digits}g}") for digits in (1, 2, 3))]
        if abs(value) < 1e15:
            options.append(float(round(value)))
        for other in sorted(set(options), key=complexity):
            if complexity(other) < complexity(value):
                yield (*point[:place], other, *point[place + 1:])


def complexity(value: float) -> float:
    """How hard a number is to read and to compute with: it grows with its digits and its distance from 1."""
    if value in SIMPLE:
        return 0.1 * SIMPLE.index(value)
    written = f"{abs(value):.17g}".replace(".", "").lstrip("0").rstrip("0")
    size = abs(math.log10(abs(value))) if value else 0.0
    return 2.0 + len(written) + size + (value < 0.0) * 0.5 + (not value.is_integer()) * 1.0
