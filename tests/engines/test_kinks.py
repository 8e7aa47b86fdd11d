"""Which of many points are at a kink or a jump: those of which ``diff`` says so, and no others."""

import math

import numpy as np
import pytest

import gradcalc
from gradcalc.graph.operations import TABLE
from tests.engines.test_operations import ENGINES, text

ROWS = [row for row in TABLE.values() if row.shape is None and row.parameters]
PROGRAMS = ("where(x0 > 0, abs(x1), relu(x0))", "max(x0, x1, 0) + abs(1)", "max(x0, x0)", "floor(x0)*mod(x1, 2)",
            "abs(x0)*0 + x1", "abs(sin(x0)) + (x1 <= 0)", "where(x0 > 1, abs(x0), 2)", "sqrt(x0) + abs(x1)", "sin(x0)*x1")


def said(program: gradcalc.Program, at: dict[str, float]) -> bool | None:
    """Whether a derivative has two sides there; None where there is no answer at all."""
    try:
        result = program.diff(at=at)
    except gradcalc.GradcalcError:
        return None
    assert all(map(math.isfinite, (result.gradient or {}).values()))
    return any(note.code in ("kink", "jump") for note in result.notes)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("written", [*map(text, ROWS), *PROGRAMS])
def test_points_at_a_kink(written: str, engine: str) -> None:
    program = gradcalc.parse(written)
    rng = np.random.default_rng(1)
    columns = {name: rng.choice([-1.5, -1.0, 0.0, 0.25, 1.0, 2.0], 60) for name in program.inputs}
    points = [dict(zip(columns, map(float, point), strict=True)) for point in zip(*columns.values(), strict=True)]
    expected = [said(program, at) for at in points]
    counts = program.compile(engine=engine).kink_counts(columns)
    flags = np.zeros(60) if counts is None else counts
    answered = [found for found in zip(points, expected, flags, strict=True) if found[1] is not None]
    assert [(at, flag) for at, known, flag in answered if (flag > 0.0) != known] == []
    assert answered


def test_some_points_are_and_some_are_not() -> None:
    """What the test above compares is not the same everywhere."""
    kinked = [row for row in ROWS if row.kink]
    assert len(kinked) > 10
    for row in kinked:
        program = gradcalc.parse(text(row))
        found = program.compile(engine="numpy").kink_counts(dict.fromkeys(program.inputs, 0.3))
        assert found is not None and np.isfinite(found).all(), row.name
    assert gradcalc.parse("sin(x)*y").compile(engine="numpy").kink_counts({"x": 0.0, "y": 0.0}) is None


#: Programs at points where the product of the rules' means is not the mean of both sides, or a rule has no value.
MEETING = (("hypot(x, y)", (0.0, 0.0)), ("min(x, y, z)", (1.0, 1.0, 1.0)), ("max(x, y, z, 1)", (1.0, 1.0, 1.0)),
           ("relu(relu(x))", (0.0,)), ("floor(x)*x", (2.0,)), ("abs(x)*abs(x) + x", (0.0,)), ("hypot(abs(x), y)", (0.0, 0.0)),
           ("where(x > 1, x^2, exp(y))", (1.0, 2.0)), ("clip(max(x, 0), 0, 1)", (0.0,)), ("mod(x, 2)*x", (4.0,)),
           ("abs(relu(x) - relu(y))", (0.0, 0.0)))
#: Points where an intermediate number is too large or too small to be held.
EXTREME = (("0/b", (5e-324,)), ("a/b", (0.0, 1e-308)), ("atan2(a, a)", (1e-160,)), ("b/a", (0.0, 1e-308)))


@pytest.mark.parametrize("count", [1, 40])
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("written", "values"), [*MEETING, *EXTREME])
def test_the_derivatives_are_those_of_diff(written: str, values: tuple[float, ...], engine: str, count: int) -> None:
    program = gradcalc.parse(written)
    at = dict(zip(program.inputs, values, strict=True))
    one = program.diff(at=at)
    expected = [one.value, *one.gradient.values()]
    assert all(map(math.isfinite, expected))
    columns = {name: np.r_[np.full(count, each), 0.37, 1.7] for name, each in at.items()}
    value, gradient = program.compile(engine=engine)(columns)
    for k in range(count):
        assert [value[k], *(column[k] for column in gradient.values())] == pytest.approx(expected, rel=1e-15, abs=0.0)


def test_what_is_undefined_stays_undefined() -> None:
    value, gradient = gradcalc.parse("log(x) + abs(x)").compile()(x=np.array([-1.0, 0.0, 2.0]))
    assert np.isfinite(value).tolist() == [False, False, True]
    assert np.isfinite(gradient["x"])[2]
