"""What every operation must do on arrays: shapes, both sweeps, and derivatives that can be differentiated again."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from gradcalc.evaluators.finite import Measured, extrapolated
from gradcalc.graph import sweeps
from gradcalc.graph.namespaces import arrays
from gradcalc.graph.namespaces.symbols import Symbol, Symbols
from gradcalc.graph.operations.operation import Operation, Shape
from gradcalc.graph.operations.shape_rules import ShapeError
from gradcalc.graph.tape import Graph

#: How far apart may be what differs by rounding alone, what the complex step measures, and what differences measure; in
#: proportion to the numbers that were added up on the way.
ROUNDING, STEPPED, DIFFERENCED = 1e-12, 1e-8, 2e-6
#: So small that its square vanishes beside any number here.
_STEP = math.ldexp(1.0, -200)
#: How far the entries of an argument may be apart, the first of these that stays in the domain.
_SPREADS = (1.0, 0.25, 0.05, 0.01, 1e-3)
#: Shapes for the arguments of an elementwise row, in turn if it has more than these.
_ENTRYWISE: tuple[tuple[Shape, ...], ...] = (
    ((),), ((1,),), ((0,),), ((3,),), ((2, 1), (3,)), ((3,), (2, 1)), ((), (2, 3)), ((2, 3), ()), ((0,), (1,)),
    ((2, 3), (1, 3)), ((1, 1), (2,), (3, 1)), ((2, 0), (1,), ()))
#: The same for a row that names no cases.
_PROPOSED: tuple[Shape, ...] = ((3,), (), (1,), (2, 3), (3, 3), (0,))


class ArrayCase(NamedTuple):
    """An operation, its settings and the arrays that it is tried on."""

    row: Operation
    settings: tuple[Any, ...]
    operands: tuple[Any, ...]

    def __str__(self) -> str:
        shapes = ", ".join(str(list(each.shape)) for each in self.operands)
        return f"{self.row.name} of {shapes}" + f" with {self.settings}" * bool(self.settings)

    def parameter(self, position: int) -> str:
        """An argument's name."""
        names = self.row.parameters
        return f"{names[-1]} number {position}" if self.row.many and position >= len(names) - 1 else names[position]

    def drawn(self, rng: np.random.Generator) -> list[Any]:
        """A random direction for each argument."""
        return [_normal(rng, each.shape) for each in self.operands]


# -- what to try it on -------------------------------------------------------------------------------------------------


def trials_of_cases(row: Operation, seed: int) -> Iterator[ArrayCase]:
    """A row that is more than entry by entry, on random arrays of its cases' shapes and on others like them."""
    rng = np.random.default_rng(seed)
    cases = row.cases or tuple(
        ((shape,) * len(row.parameters), tuple(setting.default for setting in row.settings)) for shape in _PROPOSED)
    taken = 0
    for shapes, settings in cases:
        for lengths in ({}, _lengths(rng), _lengths(rng)):
            stretched = tuple(tuple(lengths.get(length, length) for length in shape) for shape in shapes)
            if _takes(row, stretched, settings):
                taken += 1
                yield ArrayCase(row, settings, tuple(_operand(row, place, stretched, rng) for place in range(len(stretched))))
            else:
                assert lengths or not row.cases, f"{row.name} does not take the shapes {shapes} with {settings}, its own case"
    assert taken, f"{row.name}: it takes none of the shapes {_PROPOSED}, and has no cases"


def _lengths(rng: np.random.Generator) -> dict[int, int]:
    """Another length for each that is more than 1."""
    return {length: int(rng.integers(1, 7)) for length in range(2, 8)}


def _takes(row: Operation, shapes: Sequence[Shape], settings: tuple[Any, ...]) -> bool:
    assert row.shape is not None
    try:
        row.shape(*shapes, *settings)
    except (ShapeError, ValueError, IndexError, TypeError):
        return False
    return True


def _operand(row: Operation, place: int, shapes: Sequence[Shape], rng: np.random.Generator) -> Any:
    """Random numbers of the kind that the row wants in this place."""
    shape = shapes[place]
    if place == row.classes and shape != shapes[0]:
        return np.float64(rng.integers(0, shapes[0][-1], shape))
    drawn = _normal(rng, shape)
    if place != row.regular or 0 in shape:
        return drawn
    # Singular values between 1/2 and 3/2, times a number; the determinant of either sign.
    size = np.linalg.norm(drawn, 2, axis=(-2, -1), keepdims=True)
    regular = np.eye(shape[-1]) + 0.5 * drawn / size
    regular[..., 0, :] *= rng.choice([-1.0, 1.0])
    return regular * rng.uniform(0.5, 2.0)


def trials_of_entries(row: Operation, samples: Sequence[tuple[float, ...]], smooth: Callable[[list[Any]], bool],
                      seed: int) -> Iterator[ArrayCase]:
    """An elementwise row on arrays that broadcast; ``smooth`` says whether it may be tried at some points."""
    rng = np.random.default_rng(seed)
    count, places = len(row.parameters), iter(rng.permutation(len(samples) * 40) % len(samples))
    for pattern in (*_ENTRYWISE, *(_broadcasting(rng, count) for _ in range(4))):
        shapes = [pattern[k % len(pattern)] for k in range(count)]
        for place in places:
            found = _around(samples[place], shapes, smooth, rng)
            if found is not None:
                yield ArrayCase(row, (), found)
                break
        else:
            raise AssertionError(f"{row.name}: no arrays of the shapes {shapes} were found in its domain")


def _broadcasting(rng: np.random.Generator, count: int) -> tuple[Shape, ...]:
    """Random shapes that broadcast: each has axes of length 1, or lacks the first ones."""
    whole = rng.integers(1, 4, int(rng.integers(0, 4)))
    return tuple(tuple(int(n) if rng.integers(0, 4) else 1 for n in whole[int(rng.integers(0, len(whole) + 1)):])
                 for _ in range(count))


def _around(sample: tuple[float, ...], shapes: Sequence[Shape], smooth: Callable[[list[Any]], bool],
            rng: np.random.Generator) -> tuple[Any, ...] | None:
    """Arrays of entries near the numbers of a sample, so near that each combination of them is smooth."""
    for spread in _SPREADS:
        drawn = tuple(np.asarray(x + spread * rng.uniform(-1.0, 1.0, shape))[()]
                      for x, shape in zip(sample, shapes, strict=True))
        if smooth(list(np.broadcast(*drawn))):
            return drawn
    return None


def _normal(rng: np.random.Generator, shape: Shape) -> Any:
    return np.asarray(rng.normal(size=shape))[()]


# -- what must hold ----------------------------------------------------------------------------------------------------


def check_on_arrays(row: Operation, trials: Iterable[ArrayCase], seed: int) -> None:
    """Check a row on each of these trials, and that differences could be taken at some. Raises AssertionError."""
    rng = np.random.default_rng(seed + 1)
    tried = list(trials)
    with arrays.silent():
        sharp = [_check(trial, rng) for trial in tried]
        shared = [_check_shared(trial, rng) for trial in tried]
    for what, column in zip(("its values", "its gradient"), zip(*sharp, strict=True), strict=True):
        assert any(column), f"{row.name}: the differences of {what} converge nowhere"
    applicable = [found for found in shared if found is not None]
    assert any(applicable) or not applicable, f"{row.name}: it is nowhere finite where its arguments are one node"


def _check(trial: ArrayCase, rng: np.random.Generator) -> tuple[bool, bool]:
    """One trial; the answer says whether differences of the value, and of the gradient, could be taken."""
    recording = Recording(trial, known=True)
    value = recording.value(trial.operands)
    row, where = trial.row, str(trial)
    expected = np.broadcast_shapes(*(each.shape for each in trial.operands)) if row.shape is None else row.shape(
        *(each.shape for each in trial.operands), *trial.settings)
    assert np.shape(value) == expected, f"{where} has the shape {np.shape(value)}, not {expected}"
    assert np.isfinite(value).all(), f"{where} is not finite"
    seed, moved = _normal(rng, expected), trial.drawn(rng)
    adjoints = recording.gradient(trial.operands, seed)
    for place, (adjoint, operand) in enumerate(zip(adjoints, trial.operands, strict=True)):
        said = f"{where}: the vjp for {trial.parameter(place)}"
        assert np.shape(adjoint) == operand.shape, f"{said} has the shape {np.shape(adjoint)}, its argument {operand.shape}"
        assert np.isfinite(adjoint).all(), f"{said} is not finite"
    _check_closed(trial, adjoints, seed)
    tangents = [recording.tangent(trial.operands, {place: each}) for place, each in enumerate(moved)]
    sharp = True
    for place, (adjoint, tangent, direction) in enumerate(zip(adjoints, tangents, moved, strict=True)):
        said = f"{where}: the vjp for {trial.parameter(place)}"
        sharp = _check_witness(trial, place, direction, tangent, seed, said) and sharp
        _near(np.sum(seed * tangent), np.sum(adjoint * direction), [seed * tangent, adjoint * direction], ROUNDING,
              f"{said} and the tangent that is made of it differ in <g, J t> = <J' g, t>")
    return sharp, _check_second(trial, recording, seed, adjoints, rng)


def _check_witness(trial: ArrayCase, place: int, direction: Any, tangent: Any, seed: Any, said: str) -> bool:
    """Hold a tangent against what the complex step and differences measure along the direction."""
    def value(moved: Any) -> Any:
        operands = (*trial.operands[:place], moved, *trial.operands[place + 1:])
        return trial.row.value(arrays, *operands, *trial.settings)

    x = trial.operands[place]
    stepped = np.imag(value(x + 1j * _STEP * direction)) / _STEP
    _near(tangent, stepped, [tangent, stepped], STEPPED,
          f"{said} gives the tangent {_shown(tangent)}, but the complex step measures {_shown(stepped)}")
    measured = extrapolated(lambda t: float(np.sum(seed * value(x + t * direction))), 0.0, float(np.sum(seed * value(x))))
    return _check_measured(measured, np.sum(seed * tangent), [seed * tangent], said)


def _check_measured(measured: Measured, found: Any, parts: list[Any], said: str) -> bool:
    """Hold a slope against a measured one; False where that is too doubtful to say anything."""
    slope = measured.slope
    sharp = bool(measured.estimate <= 1e-6 * max(abs(slope), abs(found)) or slope == found)
    if sharp:
        _near(found, slope, [*parts, found], DIFFERENCED, f"{said} gives {found}, but differences measure {slope}")
    return sharp


def _check_closed(trial: ArrayCase, adjoints: list[Any], seed: Any) -> None:
    """The rules recorded, with shapes known or unknown, come to the same numbers."""
    for known in (True, False):
        said = f"{trial}: its vjps recorded with shapes {'known' if known else 'unknown'}"
        try:
            found = Recording(trial, known).recorded(trial.operands, seed)
        except (TypeError, AttributeError) as problem:
            raise AssertionError(f"{said} fail, as they use what is no row of the table: {problem}") from problem
        for again, adjoint in zip(found, adjoints, strict=True):
            assert np.shape(again) == np.shape(adjoint), f"{said} have the shape {np.shape(again)}, not {np.shape(adjoint)}"
            _near(again, adjoint, [again, adjoint], ROUNDING, f"{said} come to {_shown(again)}, not {_shown(adjoint)}")


def _check_second(trial: ArrayCase, recording: "Recording", seed: Any, adjoints: list[Any], rng: np.random.Generator) -> bool:
    """The second derivatives are symmetric, and what differences of the gradient measure; False where these say nothing."""
    first, second = trial.drawn(rng), trial.drawn(rng)
    along_first, along_second = (recording.curvature(trial.operands, seed, direction) for direction in (first, second))
    there = [_product(second, along_first), _product(first, along_second)]
    # The gradient too, because a second derivative of 0 may be what is left of terms of its size.
    parts = [a * b for a, b in (*zip(second, along_first, strict=True), *zip(first, along_second, strict=True),
                                *zip(first, adjoints, strict=True))]
    said = f"{trial}: the second derivative"
    assert all(np.isfinite(each).all() for each in parts), f"{said} is not finite"
    _near(there[0], there[1], parts, ROUNDING, f"{said} is not symmetric: {there[0]} and {there[1]}")

    def slope(t: float) -> float:
        moved = tuple(x + t * direction for x, direction in zip(trial.operands, first, strict=True))
        return float(_product(second, recording.gradient(moved, seed)))

    return _check_measured(extrapolated(slope, 0.0, slope(0.0)), there[0], parts, said)


def _check_shared(trial: ArrayCase, rng: np.random.Generator) -> bool | None:
    """One node as several arguments gets the sum of what they get.

    None where no two arguments have one shape, False where the value or a derivative is not finite.
    """
    shapes = [each.shape for each in trial.operands]
    first = [shapes.index(shape) for shape in shapes]
    if len(set(first)) == len(first):
        return None
    operands = tuple(trial.operands[place] for place in first)
    apart, together = Recording(trial, known=True), Recording(trial, known=True, first=first)
    value = apart.value(operands)
    seed = _normal(rng, np.shape(value))
    separate, joined = apart.gradient(operands, seed), together.gradient(operands, seed)
    if not all(np.isfinite(each).all() for each in (value, *separate)):
        return False
    for place in set(first):
        parts = [each for other, each in zip(first, separate, strict=True) if other == place]
        _near(joined[place], sum(parts), parts, ROUNDING,
              f"{trial}: one node as several arguments does not get the sum of what they get")
    return True


class Recording:
    """A trial's operation on a tape, and the reverse sweep through it recorded behind.

    ``first`` says for each argument which one's node it is. Where no shape is ``known`` the sweep is recorded as that of a
    formula without a point.
    """

    def __init__(self, trial: ArrayCase, known: bool, first: Sequence[int] | None = None) -> None:
        self.graph = graph = Graph()
        places = range(len(trial.operands))
        self.inputs = [graph.input(f"argument {place}") for place in places]
        self.node = graph.add(trial.row.name, tuple(self.inputs[place] for place in first or places),
                              settings=trial.settings or None)
        self.order = graph.ancestors([self.node])
        self.active = graph.descendants(self.inputs, self.order)
        self.shapes = [np.shape(each) for each in trial.operands]
        self._known = known
        self._adjoints: list[int | None] | None = None
        self._seed = -1

    def _primal(self, operands: Sequence[Any]) -> list[Any]:
        given = dict(zip(self.inputs, operands, strict=True))
        return sweeps.values(self.graph, self.order, given, arrays)

    def value(self, operands: Sequence[Any]) -> Any:
        return self._primal(operands)[self.node]

    def tangent(self, operands: Sequence[Any], directions: dict[int, Any]) -> Any:
        primal = self._primal(operands)
        seeds = {self.inputs[place]: direction for place, direction in directions.items()}
        found = sweeps.forward(self.graph, self.order, primal, seeds, arrays)[self.node]
        return np.zeros(np.shape(primal[self.node]))[()] if found is None else found

    def gradient(self, operands: Sequence[Any], seed: Any) -> list[Any]:
        adjoints = sweeps.reverse(self.graph, self.order, self._primal(operands), self.active, arrays, seed=seed)
        return self._filled([adjoints[node] for node in self.inputs])

    def _filled(self, found: Sequence[Any]) -> list[Any]:
        """Zeros where nothing arrived."""
        return [np.zeros(shape)[()] if each is None else each for each, shape in zip(found, self.shapes, strict=True)]

    def _record(self, value: Any) -> list[int | None]:
        """The nodes of the adjoints."""
        if self._adjoints is None:
            graph = self.graph
            graph.shapes = {}
            self._seed = graph.input("the adjoint of the value")
            if self._known:
                graph.shapes = dict(zip(self.inputs, self.shapes, strict=True))
                graph.shapes |= {self.node: np.shape(value), self._seed: np.shape(value)}
            primal = [Symbol(graph, node) for node in range(self.node + 1)]
            found = sweeps.reverse(graph, self.order, primal, self.active, Symbols(graph), seed=Symbol(graph, self._seed))
            self._adjoints = [None if found[node] is None else found[node].node for node in self.inputs]
        return self._adjoints

    def _replayed(self, operands: Sequence[Any], seed: Any) -> tuple[list[int], list[Any]]:
        """The values of the whole tape, and their order."""
        nodes = self._record(self.value(operands))
        order = self.graph.ancestors([*self.inputs, self.node, self._seed, *(node for node in nodes if node is not None)])
        given = dict(zip(self.inputs, operands, strict=True)) | {self._seed: seed}
        return order, sweeps.values(self.graph, order, given, arrays)

    def recorded(self, operands: Sequence[Any], seed: Any) -> list[Any]:
        """The adjoints from the recorded sweep."""
        nodes = self._record(self.value(operands))
        found = self._replayed(operands, seed)[1]
        return self._filled([None if node is None else found[node] for node in nodes])

    def curvature(self, operands: Sequence[Any], seed: Any, directions: Sequence[Any]) -> list[Any]:
        """How the adjoints move when the arguments do: a forward sweep over the recorded reverse one."""
        nodes = self._record(self.value(operands))
        order, primal = self._replayed(operands, seed)
        moved = sweeps.forward(self.graph, order, primal, dict(zip(self.inputs, directions, strict=True)), arrays)
        return self._filled([None if node is None else moved[node] for node in nodes])


def _product(left: Sequence[Any], right: Sequence[Any]) -> Any:
    return sum((np.sum(a * b) for a, b in zip(left, right, strict=True)), np.float64(0.0))


def _near(found: Any, expected: Any, parts: Iterable[Any], tolerance: float, message: str) -> None:
    """Finite, and equal in proportion to the numbers that they are made of."""
    assert np.isfinite(found).all() and np.isfinite(expected).all(), f"{message}: not finite"
    scale = max((float(np.sum(np.abs(part))) for part in parts), default=0.0)
    assert np.max(np.abs(found - expected), initial=0.0) <= tolerance * max(scale, 1e-280), message


def _shown(value: Any) -> str:
    return " ".join(np.array2string(np.asarray(value), threshold=6).split())
