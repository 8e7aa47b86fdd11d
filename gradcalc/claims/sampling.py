"""Points to try a claim at: corner cases, simplest first, and random points of many magnitudes and signs.

A point gives each input a number. Where a program is defined nobody says beforehand, so many kinds of points are offered, those
near a point that was good and near the program's own numbers among them.
"""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from itertools import islice, product

Point = tuple[float, ...]

#: The numbers of the corner cases, simplest first.
SIMPLE = (1.0, 2.0, 0.0, -1.0, 3.0, 0.5, -2.0, 4.0, 0.25, 10.0, -0.5, 5.0, -3.0, 100.0, 0.001, 1000.0, 1e-6)
#: So many corner cases are tried.
CORNERS = 120
#: Up to so many inputs every combination of the first numbers is tried.
FEW = 3

Draw = Callable[[random.Random], float]


def _spread(low: float, high: float, signed: bool) -> Draw:
    """Numbers whose magnitude is spread evenly over powers of ten."""

    def draw(source: random.Random) -> float:
        value: float = 10.0 ** source.uniform(low, high)
        return -value if signed and source.random() < 0.5 else value

    return draw


def _even(low: float, high: float) -> Draw:
    return lambda source: source.uniform(low, high)


STYLES: tuple[Draw, ...] = (
    _even(0.5, 3.0), _even(-2.0, 2.0), _even(0.0, 1.0), _spread(-1.0, 1.0, False), _even(-10.0, 10.0), _spread(-2.0, 2.0, True),
    _even(1.0, 10.0), _even(-1.0, 1.0), _spread(-6.0, 6.0, True), _even(0.0, 100.0), _spread(-3.0, 3.0, False),
    lambda source: float(source.randint(-9, 9)))


def corners(count: int) -> Iterator[Point]:
    """Points of simple numbers for so many inputs: equal values, every combination of a few, and different whole numbers."""
    return islice(dict.fromkeys(_corners(count)), CORNERS)


def _corners(count: int) -> Iterator[Point]:
    if count == 0:
        yield ()
        return
    yield (1.0,) * count
    yield tuple(2.0 + place % 7 for place in range(count))
    if count <= FEW:
        known = SIMPLE if count == 1 else SIMPLE[:7] if count == 2 else SIMPLE[:4]
        yield from sorted(product(known, repeat=count), key=lambda point: sum(map(SIMPLE.index, point)))
    for value in SIMPLE:
        yield (value,) * count
    for shift in range(1, min(count, 8)):
        yield tuple(SIMPLE[(place + shift) % 5] for place in range(count))
        yield tuple(SIMPLE[(place * shift) % 8] for place in range(count))


def at_random(count: int, numbers: Sequence[float], good: Sequence[Point], source: random.Random) -> Iterator[Point]:
    """Random points for so many inputs, without end. ``numbers`` are those of the program; ``good`` may grow meanwhile."""
    centres = [number for number in numbers if math.isfinite(number)]
    while True:
        for style in STYLES:
            yield tuple([style(source) for _ in range(count)])
        yield tuple([source.choice(STYLES)(source) for _ in range(count)])
        if centres:
            yield tuple([_beside(source.choice(centres), source) for _ in range(count)])
            yield tuple([_beside(source.choice(centres), source) if source.random() < 0.5 else source.choice(STYLES)(source)
                         for _ in range(count)])
        if good:
            for _ in range(4):
                yield tuple([_beside(value, source) for value in source.choice(good)])


def _beside(value: float, source: random.Random) -> float:
    reach = source.choice((0.001, 0.1, 0.5, 1.0))
    return value * (1.0 + reach * source.uniform(-1.0, 1.0)) if source.random() < 0.7 else value + source.uniform(-reach, reach)


def simpler(point: Point) -> Iterator[Point]:
    """Points in which one number is a simpler one, the simplest first."""
    for place, value in enumerate(point):
        options = [*SIMPLE[:10], *(float(f"{value:.{digits}g}") for digits in (1, 2, 3))]
        if abs(value) < 1e15:
            options.append(float(round(value)))
        for other in sorted(set(options), key=effort):
            if effort(other) < effort(value):
                yield (*point[:place], other, *point[place + 1:])


def effort(value: float) -> float:
    """How much there is to read and to reckon in a number: its digits, and how far it is from 1."""
    if value in SIMPLE:
        return 0.1 * SIMPLE.index(value)
    written = f"{abs(value):.17g}".replace(".", "").lstrip("0").rstrip("0")
    size = abs(math.log10(abs(value))) if value else 0.0
    return 2.0 + len(written) + size + (value < 0.0) * 0.5 + (not value.is_integer()) * 1.0
