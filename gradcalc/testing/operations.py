"""What every operation must do: have the derivatives that its values have, on every namespace."""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from gradcalc.diagnostics import GradcalcError
from gradcalc.evaluators.complex import slope as complex_slope
from gradcalc.evaluators.finite import extrapolated
from gradcalc.graph import sweeps
from gradcalc.graph.namespaces import complexes, scalars, spelling
from gradcalc.graph.namespaces.symbols import Symbol, Symbols
from gradcalc.graph.operations import TABLE
from gradcalc.graph.operations.operation import Operation, Partial
from gradcalc.graph.sweeps import pushforward
from gradcalc.graph.tape import Graph
from gradcalc.singular.conditions import Condition, condition
from gradcalc.testing.facts import check_facts
from gradcalc.testing.kinks import check_kinks

#: Numbers below this have lost digits, each way of computing them its own.
_UNDERFLOW = 1e-300


def check_operation(row: Operation, seed: int = 0, points: int = 24) -> None:
    """Check a row over its domain, and on each side of its kinks.

    Of an elementwise row every partial is held, at each of ``points`` random points, against the complex step and,
    independently of it, against extrapolated differences; the value and the partials of all namespaces against each other.
    What it says of its kinks and jumps is held against its own values beside them, and each of its facts is sampled.
    Then, as every other row, it is tried on random arrays: those of its ``cases``, and such as they are with other lengths.
    Raises AssertionError.
    """
    from gradcalc.testing.arrays import check_on_arrays, trials_of_cases, trials_of_entries

    with _said_of(row), _in_the_table(row):
        if row.shape is not None:
            check_on_arrays(row, trials_of_cases(row, seed), seed)
            check_kinks(row)
            check_facts(row)
            return
        samples = _samples(row, random.Random(seed), points)
        for position, parameter in enumerate(row.parameters):
            witnessed = [_check_partial(row, position, sample) for sample in samples]
            complex_steps, differences = (sum(column) for column in zip(*witnessed, strict=True))
            enough = min(3, points)
            assert complex_steps >= enough, f"{row.name}: its domain has no room for a step in {parameter}"
            assert differences >= enough, f"{row.name}: the differences for {parameter} converge nowhere"
        _check_namespaces(row, samples)
        _check_recording(row)
        if row.parameters:
            check_on_arrays(row, trials_of_entries(row, samples, lambda entries: _smooth(row, entries), seed), seed)
        check_kinks(row)
        check_facts(row)


@contextmanager
def _said_of(row: Operation) -> Iterator[None]:
    """Let what goes wrong while a row is tried be a failure that names the row."""
    try:
        yield
    except (AttributeError, TypeError, GradcalcError) as problem:
        raise AssertionError(f"{row.name}: {problem}") from problem


def _offered(compute: Callable[[], Any]) -> Any:
    """What is computed; None where a back end has no function for it."""
    try:
        return compute()
    except GradcalcError as problem:
        if problem.diagnostic.code != "unsupported":
            raise
        return None


@contextmanager
def _in_the_table(row: Operation) -> Iterator[None]:
    """The table with this row in it, so that rules can call the row itself, and rows that are differentiated find it."""
    before = TABLE.get(row.name)
    TABLE[row.name] = row
    spelling.forget()
    # What was recorded with the one row must not be used with the other.
    pushforward.cache_clear()
    try:
        yield
    finally:
        pushforward.cache_clear()
        spelling.forget()
        if before is None:
            del TABLE[row.name]
        else:
            TABLE[row.name] = before


def _stated(row: Operation) -> tuple[Condition, Condition]:
    """Where a row is defined, and where it has a kink; one that says nothing is defined everywhere and has none."""
    return condition(row.domain or "1", row.parameters), condition(row.kink or "0", row.parameters)


def _turns(stated: Condition, operands: Sequence[float], margin: float) -> bool:
    """Whether one of a condition's equations nearly holds."""
    values = stated.values(operands)
    return any(math.fabs(values[a] - values[b]) <= 2.0 * margin for a, b in stated.equations.values())


def _samples(row: Operation, rng: random.Random, points: int) -> list[tuple[float, ...]]:
    """Random points of the row's domain at which it has a finite value and no kink."""
    domain, kink = _stated(row)
    samples: list[tuple[float, ...]] = []
    for _ in range(200 * points):
        sample = tuple(_number(rng) for _ in row.parameters)
        if domain.holds(sample) and not _turns(kink, sample, 1e-9):
            value = row.value(scalars, *sample)
            assert math.isfinite(value), f"{row.name}{sample} is {value}, though it is in the domain {row.domain!r}"
            samples.append(sample)
        if len(samples) == points:
            break
    assert samples, f"{row.name}: no point was found in its domain {row.domain!r}"
    return samples


def _smooth(row: Operation, entries: Sequence[tuple[float, ...]]) -> bool:
    """Whether the row is defined at these points and has no kink near one."""
    domain, kink = _stated(row)
    return all(domain.holds(each) and not _turns(kink, each, 1e-3 * max(1.0, *map(math.fabs, each)))
               and math.isfinite(row.value(scalars, *each)) for each in entries)


def _number(rng: random.Random) -> float:
    """Now near 0, now large, now whole: whatever some domain may want."""
    draw = rng.randrange(5)
    if draw == 0:
        return rng.uniform(-1.0, 1.0)
    if draw == 1:
        return float(rng.randint(-4, 4))
    if draw == 2:
        return rng.choice((-1.0, 1.0)) * math.exp(rng.uniform(-4.0, 3.5))
    return rng.uniform(1.0, 6.0) if draw == 3 else rng.uniform(-3.0, 3.0)


def _check_partial(row: Operation, position: int, sample: tuple[float, ...]) -> tuple[bool, bool]:
    """Hold a partial against the complex step and the differences; the answer says which of the two could be taken."""
    x, value = sample[position], row.value(scalars, *sample)
    margin = 1e-3 * max(1.0, math.fabs(x))
    domain, kink = _stated(row)
    around = [_moved(sample, position, x + shift) for shift in (-margin, 0.0, margin)]
    if not all(domain.holds(point) and not _turns(kink, point, margin) for point in around):
        return False, False
    rule = row.partials[position]
    given = 0.0 if rule is None else _evaluated(rule, value, sample)
    given = float(scalars.gate(given)) if row.gates else given
    at = dict(zip(row.parameters, sample, strict=True))
    where = f"{row.name}: the partial for {row.parameters[position]} at {at}"

    def output(z: Any, xp: Any = scalars) -> Any:
        return row.value(xp, *_moved(sample, position, z))

    found = _offered(lambda: complex_slope(output, x))
    stepped = given if found is None else found[0]
    if not math.isfinite(given) and not math.isfinite(stepped):  # a vertical tangent, as the cube root has at 0
        return False, False
    assert math.isfinite(given), f"{where} is {given}, which is no finite number"
    _same(given, stepped, f"{where} is {given!r}, but the complex step measures {stepped!r}", 1e-8)
    measured = extrapolated(output, x, value)
    sharp = measured.estimate <= 1e-6 * max(math.fabs(measured.slope), math.fabs(given)) or measured.slope == given
    if sharp:
        _same(given, measured.slope, f"{where} is {given!r}, but differences measure {measured.slope!r}", 2e-6)
    return True, sharp


def _evaluated(rule: Partial, value: float, sample: Sequence[float]) -> float:
    """A partial on scalars, NaN at a pole as in the sweeps."""
    try:
        return float(rule(scalars, value, *sample))
    except sweeps.UNDEFINED:
        return math.nan


def _moved(sample: tuple[Any, ...], position: int, value: Any) -> tuple[Any, ...]:
    return (*sample[:position], value, *sample[position + 1:])


def _check_namespaces(row: Operation, samples: Sequence[tuple[float, ...]]) -> None:
    """Scalars, complex numbers and arrays give the same values; scalars and arrays, the same partials."""
    from gradcalc.graph.namespaces import arrays

    columns, count = [arrays.points(column) for column in zip(*samples, strict=True)], len(samples)
    with arrays.silent():
        value = row.value(arrays, *columns)
        partials = [0.0 if rule is None else rule(arrays, value, *columns) for rule in row.partials]
    many, slopes = arrays.entries(value, count), [arrays.entries(slope, count) for slope in partials]
    for number, sample in enumerate(samples):
        value = row.value(scalars, *sample)
        where = f"{row.name}{sample}"
        stepped = _offered(partial(row.value, complexes, *map(complex, sample)))
        for namespace, found in (("complexes", stepped), ("arrays", many[number])):
            if found is None:
                continue
            _same(value, found.real, f"{where} is {value!r} on scalars and {found!r} on {namespace}", 1e-12)
        for name, rule, column in zip(row.parameters, row.partials, slopes, strict=True):
            given = 0.0 if rule is None else _evaluated(rule, value, sample)
            _same(given, column[number], f"the partial for {name} of {where} is {given!r} on scalars and "
                  f"{column[number]!r} on arrays", 1e-10)


def _check_recording(row: Operation) -> None:
    """The value and the partials run on symbols, so that formulas and derivatives of every order exist."""
    graph = Graph()
    xp, operands = Symbols(graph), [Symbol(graph, graph.input(name)) for name in row.parameters]
    value = row.value(xp, *operands, *row.example)
    for rule in filter(None, row.partials):
        rule(xp, value, *operands, *row.example)


def _same(a: float, b: float, message: str, tolerance: float) -> None:
    """Equal in proportion; or neither is finite, as at the edge of a domain."""
    if not math.isfinite(a) and not math.isfinite(b):
        return
    assert math.fabs(a - b) <= max(tolerance * max(math.fabs(a), math.fabs(b)), _UNDERFLOW), message
