"""Prepared programs: what they compute, that they share no memory with anybody, and how little of it they need."""

import gc
import itertools
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gradcalc
from gradcalc import Executor, GradcalcError, gradients, variable
from gradcalc.graph.operations import TABLE

BIG = 100_000
#: The memory of one large array.
BUFFER = 8 * BIG


def peak(call: Callable[[], Any]) -> float:
    """How many large arrays are in memory at once while this is done, beside those that were there before."""
    call()  # what is kept from run to run is made
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        kept = call()
        found = tracemalloc.get_traced_memory()[1] - before
        del kept
    finally:
        tracemalloc.stop()
    return found / BUFFER


def settings(trial: Any) -> dict[str, Any]:
    """The settings of a trial by name."""
    return dict(zip((setting.name for setting in trial.row.settings), trial.settings, strict=True))


def assert_near(found: Any, expected: Any, tolerance: float = 1e-13) -> None:
    assert np.shape(found) == np.shape(expected)
    assert np.isfinite(found).all() and np.isfinite(expected).all()
    assert np.max(np.abs(found - expected), initial=0.0) <= tolerance * max(1.0, np.max(np.abs(expected), initial=0.0))


# -- what it computes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", [row for row in TABLE.values() if row.cases], ids=lambda row: row.name)
def test_every_operation_and_its_gradient(row: Any) -> None:
    """The prepared program has the numbers of the sweeps, for one set of shapes after another."""
    from gradcalc.building.nodes import apply
    from gradcalc.graph import sweeps
    from gradcalc.graph.namespaces import arrays
    from gradcalc.testing.arrays import Recording, trials_of_cases

    for trial in itertools.islice(trials_of_cases(row, 0), 30):
        variables = [variable(f"x{place}") for place in range(len(trial.operands))]
        node = apply(row, *variables, **settings(trial))
        executor = Executor([node, *gradients(node, variables)])
        at = dict(zip(variables, trial.operands, strict=True))
        with arrays.silent():
            value = Recording(trial, known=True).value(trial.operands)
            slopes = Recording(trial, known=True).gradient(trial.operands, sweeps.ones(value, arrays))
        for _ in range(2):
            found = executor.run(at)
            for one, other in zip(found, [value, *slopes], strict=True):
                assert_near(one, other, 1e-12)


def test_points_of_other_shapes() -> None:
    x, b = variable("x"), variable("b")
    node = gradcalc.tanh(x * b) + b
    executor = Executor([node, *gradients(node, [x, b])])
    rng = np.random.default_rng(0)
    for shapes in [((), ()), ((3,), ()), ((2, 3), (3,)), ((2, 1), (3,)), ((0,), (1,)), ((3,), (3,)), ((2, 3), (3,))]:
        at = {x: rng.normal(size=shapes[0]), b: rng.normal(size=shapes[1])}
        value, by_x, by_b = executor.run(at)
        slope = 1.0 / np.cosh(at[x] * at[b]) ** 2
        assert_near(value, np.tanh(at[x] * at[b]) + at[b])
        assert_near(by_x, summed(slope * at[b], at[x].shape))
        assert_near(by_b, summed(slope * at[x] + 1.0, at[b].shape))


def summed(value: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The sum over the axes along which something of this shape was broadcast."""
    value = value.sum(axis=tuple(range(value.ndim - len(shape))))
    return value.sum(axis=tuple(k for k, n in enumerate(shape) if n == 1), keepdims=True)


def test_whatever_is_a_number_or_an_array_is_taken() -> None:
    x = variable("x")
    executor = Executor([x * 2])
    for given in (3, 3.0, np.float32(3), np.array(3), [3], (3.0,), np.array([3], dtype=np.int8), [[3]]):
        (found,) = executor.run({x: given})
        assert_near(found, np.full(np.shape(given), 6.0))


def test_values_of_variables_and_constants_that_are_asked_for() -> None:
    x = variable("x")
    found = Executor([x, x, x * 1, gradients(gradcalc.sum(x), [x])[0]]).run({x: np.array([1.0, 2.0])})
    for each, expected in zip(found, [[1.0, 2.0]] * 3 + [[1.0, 1.0]], strict=True):
        assert_near(each, np.array(expected))


@pytest.mark.parametrize(("build", "at", "said"), [
    (lambda x, y: x + y, ([1.0, 2.0], [1.0, 2.0, 3.0]), "shapes do not fit"),
    (lambda x, y: x @ y, ([[1.0]], [1.0, 2.0]), "shapes do not fit"),
    (lambda x, y: x * np.ones(2) * np.ones(3) + y, (1.0, 1.0), "shapes do not fit"),
    (lambda x, y: gradcalc.inv(x) + y, ([1.0, 2.0], 1.0), "square matrix"),
    (lambda x, y: x[5] + y, ([1.0], 1.0), "out of range"),
    (lambda x, y: gradcalc.sum(x, axis=1) + y, ([1.0], 1.0), "no axis 1"),
    (lambda x, y: x + y, ([1.0, [2.0]], 1.0), "no array"),
    (lambda x, y: x + y, (["a"], 1.0), "no array"),
    (lambda x, y: x + y, ("a", 1.0), "not a finite number")])
def test_what_does_not_fit(build: Any, at: Any, said: str) -> None:
    x, y = variable("x"), variable("y")
    executor = Executor([build(x, y), *gradients(build(x, y), [x])])
    with pytest.raises(GradcalcError, match=said) as caught:
        executor.run(dict(zip((x, y), at, strict=True)))
    assert caught.value.status == 2


def test_a_variable_without_a_value() -> None:
    with pytest.raises(GradcalcError, match="no value for the variable 'rate'"):
        Executor([variable("rate") * 2]).run({})


def test_what_is_not_finite_comes_out_as_it_is() -> None:
    x = variable("x")
    matrix = gradcalc.stack(gradcalc.stack(x, x), gradcalc.stack(x, x))
    found = Executor([1 / x, gradcalc.log(x), gradcalc.inv(matrix)]).run({x: 0.0})
    assert found[0] == np.inf and found[1] == -np.inf
    assert np.isnan(found[2]).all() and found[2].shape == (2, 2)


# -- single precision --------------------------------------------------------------------------------------------------


def test_single_precision_throughout() -> None:
    x, w = variable("x"), variable("w")
    loss = gradcalc.cross_entropy(gradcalc.relu(x @ w) @ w.T, np.array([0.0, 1.0, 2.0])) + gradcalc.mean(gradcalc.erf(w)) / 3
    rng = np.random.default_rng(0)
    at = {x: rng.normal(size=(3, 4)), w: rng.normal(size=(4, 4))}
    nodes = [loss, *gradients(loss, [x, w])]
    for single, double in zip(Executor(nodes, dtype="float32").run(at), Executor(nodes).run(at), strict=True):
        assert single.dtype == np.float32 and double.dtype == np.float64
        assert 0.0 < np.max(np.abs(single - double)) <= 3e-6 * max(1.0, np.max(np.abs(double)))


@pytest.mark.parametrize("row", [row for row in TABLE.values() if row.cases], ids=lambda row: row.name)
def test_no_operation_leaves_single_precision(row: Any) -> None:
    from gradcalc.building.nodes import apply
    from gradcalc.testing.arrays import trials_of_cases

    for trial in itertools.islice(trials_of_cases(row, 0), 12):
        variables = [variable(f"x{place}") for place in range(len(trial.operands))]
        node = apply(row, *variables, **settings(trial))
        nodes, at = [node, *gradients(node, variables)], dict(zip(variables, trial.operands, strict=True))
        for single, double in zip(Executor(nodes, dtype="float32").run(at), Executor(nodes).run(at), strict=True):
            assert single.dtype == np.float32, str(trial)
            assert_near(single, double, 1e-3)


def test_a_dtype_that_there_is_not() -> None:
    with pytest.raises(GradcalcError, match="float16"):
        Executor([variable("x")], dtype="float16")


# -- memory ------------------------------------------------------------------------------------------------------------


def test_results_share_memory_with_nothing() -> None:
    """Not with the values given, not with constants, not with one another, nor with the results of the next run."""
    x, y, z = variable("x"), variable("y"), variable("z")
    nodes = [x, x, x.T, x[0], gradcalc.reshape(x, (3, 2)), x + 0, gradcalc.stack(x, x), gradcalc.transpose(x.T), x * 1.0,
             z * 0 + [1.0, 2.0], gradients(gradcalc.sum(x), [x])[0], gradients(gradcalc.sum(x * y), [x, y])[0],
             gradients(gradcalc.sum(x * y), [y])[0], gradcalc.where(1.0, x, y), gradcalc.spread_like(1.0, x, None)]
    executor = Executor(nodes)
    at = {x: np.arange(6.0).reshape(2, 3), y: np.ones((2, 3)), z: np.zeros(2)}
    copies = {name: value.copy() for name, value in at.items()}
    first = executor.run(at)
    kept = [value.copy() for value in first]
    everything = [*first, *executor.run(at), *at.values()]
    assert not any(np.shares_memory(a, b) for a, b in itertools.combinations(everything, 2))
    for value in first:
        value[...] = -7.0
    assert all(np.array_equal(at[name], value) for name, value in copies.items())
    assert all(np.array_equal(again, value) for again, value in zip(executor.run(at), kept, strict=True))


@pytest.mark.parametrize("links", [20, 200])
def test_the_buffers_of_a_chain_are_freed(links: int) -> None:
    x = variable("x")
    y = x
    for _ in range(links):
        y = gradcalc.sin(y) * 0.9 + x
    executor, at = Executor([gradcalc.sum(y)]), {x: np.linspace(0.0, 1.0, BIG)}
    assert 1.0 <= peak(lambda: executor.run(at)) < 5.0


def test_the_gradient_of_a_chain_keeps_what_it_reads() -> None:
    """A value for each link, the sine's argument, and a few buffers: not those of the products and sums."""
    x, links = variable("x"), 40
    y = x
    for _ in range(links):
        y = gradcalc.sin(y * 0.9 + 0.1)
    executor, at = Executor(gradients(gradcalc.sum(y), [x])), {x: np.linspace(0.0, 1.0, BIG)}
    assert links - 2 < peak(lambda: executor.run(at)) < links + 8


def test_what_lends_its_shape_alone_is_not_kept() -> None:
    x = variable("x")
    y = gradcalc.sum(gradcalc.sum(gradcalc.reshape(x * 2.0, (2, -1)) * 3.0, axis=0) + 1.0)
    executor, at = Executor(gradients(y, [x])), {x: np.linspace(0.0, 1.0, BIG)}
    assert peak(lambda: executor.run(at)) < 4.0


def test_adjoints_are_accumulated_in_place() -> None:
    """Two hundred uses of one large array: beside the values of the products a few buffers, not one for each share."""
    uses = 200
    program = gradcalc.parse(" + ".join(f"sum(x*{k + 1})" for k in range(uses)))
    at = {"x": np.linspace(0.0, 1.0, BIG)}
    found = program.diff("x", at, trace=False).gradient["x"]
    assert_near(found, np.full(BIG, uses * (uses + 1) / 2.0))
    assert uses <= peak(lambda: program.diff("x", at, trace=False)) < uses + 8
    by_products = gradcalc.parse("y = " + " + ".join(f"x*{k + 1}" for k in range(uses)) + "; sum(y)")
    assert_near(by_products.diff("x", at, trace=False).gradient["x"], found)


def test_one_buffer_for_two_hundred_uses_beside_the_values() -> None:
    """The values of reductions take no room, so all that is left is the adjoint and its shares."""
    uses = 200
    program = gradcalc.parse(" + ".join(f"sum(x)*{k + 1} + norm(x)" for k in range(uses)))
    at = {"x": np.linspace(0.5, 1.0, BIG)}
    assert peak(lambda: program.diff("x", at, trace=False)) < 8.0


def test_an_input_that_is_read_two_hundred_times_by_an_executor() -> None:
    x, uses = variable("x"), 200
    total: Any = 0.0
    for k in range(uses):
        total = total + gradcalc.sum(x * float(k + 1))
    executor, at = Executor([total, *gradients(total, [x])]), {x: np.linspace(0.0, 1.0, BIG)}
    assert_near(executor.run(at)[1], np.full(BIG, uses * (uses + 1) / 2.0))
    assert peak(lambda: executor.run(at)) < 8.0
