"""Machine code, step by step: every step of random programs is what it is of its operands, in whatever order, width and
number of functions."""

import random
from functools import cache, partial

import numpy as np
import pytest

import gradcalc
from gradcalc.engines import native
from gradcalc.engines.code import Code, record
from gradcalc.engines.native import Native
from gradcalc.engines.native.instructions import calls
from gradcalc.engines.native.module import _Text, module
from gradcalc.engines.native.target import Target
from gradcalc.engines.steps import COMPARE, CONST, INPUT, MASK, MASKS, NOT_FINITE_INPUT, SELECT, Step
from gradcalc.graph.namespaces import scalars
from gradcalc.graph.operations import TABLE
from gradcalc.graph.operations.operation import CALL, Operation

ROWS = [row for row in TABLE.values() if row.shape is None and row.parameters]
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 2.5, -3.0, 1e308, -1e308, 5e-324, -1e-310, 1e-160, 709.78, -745.2, 1e22, np.pi]
SEEDS = range(40)


def call(row: Operation, operands: list[str]) -> str:
    if row.symbol and row.binds < CALL:
        return f"{row.symbol} ({operands[0]})" if len(operands) == 1 else f"({operands[0]}) {row.symbol} ({operands[1]})"
    return f"{row.name}({', '.join(operands)})"


@cache
def code(seed: int) -> Code:
    """A random program's value and derivatives."""
    dice = random.Random(seed)
    names, lines = ["x", "y", "z"], []
    for k in range(dice.choice([2, 6, 15])):
        row = dice.choice(ROWS)
        operands = [dice.choice([*names[-6:], "0.5", "2", "(-4)^0.5"]) for _ in row.parameters]
        lines.append(f"v{k} = {dice.choice(['{}', 'sin({})', 'tanh({})']).format(call(row, operands))}")
        names.append(f"v{k}")
    program = gradcalc.parse("\n".join([*lines, "x*y*z + " + " + ".join(names[-3:])]))
    graph = program.graph
    return record(graph, len(graph) - 1, {name: graph.names[name] for name in "xyz"})


def columns(seed: int, count: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    kinds = rng.normal(size=(3, count)), rng.integers(-4, 5, (3, count)), rng.choice(SPECIAL, (3, count))
    return list(np.choose(rng.integers(0, 3, (3, count)), kinds))


def targets() -> list[Target]:
    """This machine's, and narrower ones, with and without functions for vectors."""
    host = native.host()
    plain = [host._replace(lanes=lanes, prefix="", convention="") for lanes in (2, 4, 8)]
    narrow = [("_ZGVdN4", 4), ("_ZGVbN2", 2)] if host.prefix == "_ZGVeN8" else []
    return [host, *plain, *(host._replace(lanes=lanes, prefix=prefix) for prefix, lanes in narrow)]


def run(made_of: Code, points: list[np.ndarray], longest: int = 400) -> list[np.ndarray]:
    results = list(np.full((len(made_of.results), len(points[0])), 7.25))
    used = [points["xyz".index(name)] for name in made_of.inputs]
    assert not Native(made_of, longest).run(used, results) & NOT_FINITE_INPUT
    return results


def expected(step: Step, operands: list[np.ndarray], points: list[np.ndarray]) -> np.ndarray:
    """What a step is of its operands, by Python's numbers."""
    if step.op in (INPUT, CONST, MASK):
        return points[step.payload] if step.op == INPUT else np.full(len(points[0]), step.payload)
    if step.op in ("and", "or", "not", SELECT):
        function = {"and": np.logical_and, "or": np.logical_or, "not": np.logical_not, SELECT: np.where}[step.op]
        return np.asarray(function(*operands))
    function = COMPARE.get(step.op) or partial(TABLE[step.op].value, scalars)
    return np.array([function(*each) for each in zip(*(operand.tolist() for operand in operands), strict=True)])


@pytest.mark.parametrize("target", targets(), ids=lambda target: f"{target.lanes}{target.prefix}")
def test_every_step_is_what_it_is_of_its_operands(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "host", lambda: target)
    for seed in SEEDS:
        steps, inputs, _ = code(seed)
        points = columns(seed, 61)
        numbers = [place for place, step in enumerate(steps) if step.op not in MASKS]
        found = dict(zip(numbers, run(Code(steps, inputs, tuple(numbers)), points), strict=True))
        used = [points["xyz".index(name)] for name in inputs]
        for place, step in enumerate(steps):
            should = expected(step, [found[argument] for argument in step.args], used)
            if step.op in MASKS:
                found[place] = should
                continue
            same = (found[place] == should) | (np.isnan(found[place]) & np.isnan(should))
            with np.errstate(all="ignore"):
                off = np.where(same, 0.0, np.abs(found[place] - should) / np.spacing(np.abs(should)))
            assert (off <= 4.0).all(), (seed, step, [found[argument][~(off <= 4.0)] for argument in step.args])


@pytest.mark.parametrize("longest", [1, 2, 3, 7, 20])
def test_functions_and_counts_change_nothing(longest: int) -> None:
    for seed in SEEDS[::8 if longest == 1 else 4]:
        points = columns(seed, 61)
        whole = run(code(seed), points)
        for count in (61, 3, 8, 17):
            for one, other in zip(whole, run(code(seed), [column[:count] for column in points], longest), strict=True):
                np.testing.assert_array_equal(one[:count], other)


def test_calls_come_first_with_what_they_need() -> None:
    ahead = 0
    for seed in SEEDS:
        steps = code(seed).steps
        text = _Text(code(seed), native.host(), 400)
        order = text._calls_first(range(len(steps)))
        assert sorted(order) == list(range(len(steps)))
        known: set[int] = set()
        for place in order:
            assert known.issuperset(steps[place].args)
            known.add(place)
        calling = [calls(steps[place]) for place in order]
        before = order[:len(calling) - calling[::-1].index(True)] if any(calling) else []
        needed = {place for place, called in zip(order, calling, strict=True) if called}
        for place in reversed(order):
            if place in needed:
                needed.update(steps[place].args)
        assert set(before) == needed
        ahead += before != sorted(range(len(before)))
    assert ahead > 5


def test_slots_are_used_again() -> None:
    """What one function leaves for the next needs no more memory the longer the program is."""
    def slots(count: int) -> int:
        graph = gradcalc.parse("\n".join(["v0 = x", *(f"v{k + 1} = sin(v{k})*y" for k in range(count))])).graph
        return module(record(graph, len(graph) - 1, {}), native.host(), 5).slots

    assert slots(400) == slots(40) <= 5


@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_a_constant_that_is_undefined(engine: str) -> None:
    x = [-1.0, 0.0, 2.0]
    for text in ("max(x, sqrt(-1))", "max(sqrt(-1), x)", "min(x, log(-2))", "min(log(-2), x)", "relu(x*0 + sqrt(-1))"):
        value, _ = gradcalc.parse(text).compile(wrt=[], engine=engine)(x=x)
        assert np.isnan(value).all(), text


@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_a_remainder_of_nothing_has_the_sign_of_the_divisor(engine: str) -> None:
    x, y = np.array([-4.0, 4.0, -0.0, 0.0, -4.0, 4.0]), np.array([2.0, 2.0, 2.0, 2.0, -2.0, -2.0])
    value, _ = gradcalc.parse("mod(x, y)").compile(wrt=[], engine=engine)(x=x, y=y)
    assert not value.any()
    assert np.signbit(value).tolist() == [False, False, False, False, True, True]
    value, _ = gradcalc.parse("mod(x, y)").compile(wrt=[], engine=engine)(x=[-1.0, 1.0, 5.0], y=[1e300, -1e300, 0.0])
    np.testing.assert_array_equal(value, [1e300, -1e300, np.nan])
