"""Every elementwise row of the table at many points, on both engines, against one point at a time on Python's numbers."""

import math
from collections.abc import Mapping

import numpy as np
import pytest

import gradcalc
from gradcalc.engines.code import record
from gradcalc.engines.steps import CONST, INPUT, MASK, MASKS, SELECT
from gradcalc.graph.namespaces import scalars
from gradcalc.graph.operations import TABLE
from gradcalc.graph.operations.operation import CALL, COMPARISON, Operation

ENGINES = ["numpy", "native"]
ROWS = [row for row in TABLE.values() if row.shape is None and row.parameters]
EPSILON = np.finfo(np.float64).eps
#: Units in the last place that a result may be off: those of the platform's functions, and of the few steps after them.
ULPS = 16
#: Whose derivative is a difference, which loses digits where it is small.
DIFFERENCES = {"gelu": 1.0, "silu": 1.0}


def text(row: Operation) -> str:
    names = [f"x{k}" for k in range(len(row.parameters))]
    if row.symbol and row.binds < CALL:
        return f"{row.symbol} {names[0]}" if len(names) == 1 else f"{names[0]} {row.symbol} {names[1]}"
    return f"{row.name}({', '.join(names)})"


def columns(row: Operation, count: int, seed: int = 0) -> dict[str, np.ndarray]:
    """Points that are in most domains now and then: small, large, whole."""
    rng = np.random.default_rng(seed)
    found = {}
    for k in range(len(row.parameters)):
        kinds = (rng.normal(size=count), rng.uniform(1.0, 6.0, count), rng.uniform(-1.0, 1.0, count),
                 rng.integers(-3, 4, count), rng.choice([-1, 1], count) * np.exp(rng.uniform(-4, 3, count)))
        found[f"x{k}"] = np.choose(rng.integers(0, len(kinds), count), kinds)
    return found


def kinks(row: Operation, at: Mapping[str, float]) -> bool:
    if row.kink is None:
        return False
    program = gradcalc.parse(row.kink)
    named = dict(zip(row.parameters, at.values(), strict=True))
    return program.eval({name: named[name] for name in program.inputs}).value != 0.0


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_a_row_is_what_it_is_at_one_point(row: Operation, engine: str) -> None:
    program = gradcalc.parse(text(row))
    f = program.compile(engine=engine)
    assert f.engine == engine
    points = columns(row, 100)
    value, gradient = f(points)
    compared = 0
    for k in range(100):
        at = {name: float(column[k]) for name, column in points.items()}
        found = [value[k], *(gradient[name][k] for name in program.inputs)]
        try:
            one = program.diff(at=at, trace=False)
        except gradcalc.GradcalcError:
            assert not np.isfinite(found).all(), at
            continue
        expected = [one.value, *(one.gradient[name] for name in program.inputs)]
        if kinks(row, at):
            expected, found = expected[:1], found[:1]
        allowed = EPSILON * np.maximum(ULPS * np.abs(expected), 4.0 * DIFFERENCES.get(row.name, 0.0))
        assert (np.abs(np.subtract(found, expected)) <= allowed).all(), (at, found, expected)
        compared += 1
    assert compared >= 10


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_a_row_is_made_of_steps(row: Operation) -> None:
    program = gradcalc.parse(text(row))
    graph = program.graph
    code = record(graph, len(graph) - 1, {name: graph.names[name] for name in program.inputs})
    assert {step.op for step in code.steps} <= {INPUT, CONST, MASK, SELECT, *MASKS, *TABLE}


def wide(seed: int) -> np.ndarray:
    """Numbers of all sizes, and those at which something happens."""
    rng = np.random.default_rng(seed)
    special = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, 2.5, 1e308, -1e308, 5e-324, -5e-324, 1e-310, 709.78, 709.79, -745.0,
               -746.0, 1e22, math.pi / 2, math.pi]
    return np.concatenate([special, rng.normal(size=900), rng.uniform(-10, 10, 900), rng.uniform(-750, 750, 900),
                           rng.choice([-1, 1], 900) * np.exp(rng.uniform(-700, 700, 900))])


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", [row.name for row in ROWS if row.spelled and row.binds > COMPARISON and not row.gates])
def test_a_function_is_good_to_four_units_in_the_last_place(name: str, engine: str) -> None:
    row = TABLE[name]
    f = gradcalc.parse(text(row)).compile(wrt=[], engine=engine)
    operands = [wide(k) for k in range(len(row.parameters))]
    found, _ = f({f"x{k}": operand for k, operand in enumerate(operands)})
    expected = np.array([row.value(scalars, *map(float, each)) for each in zip(*operands, strict=True)])
    same = (found == expected) | (np.isnan(found) & np.isnan(expected))
    assert np.array_equal(np.isfinite(found), np.isfinite(expected))
    with np.errstate(invalid="ignore"):
        off = np.where(same, 0.0, np.abs(found - expected) / np.spacing(np.abs(expected)))
    assert off.max() <= 4.0, f"{off.max()} at {[operand[off.argmax()] for operand in operands]}"
