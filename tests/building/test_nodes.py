"""Symbol to symbol: formulas of nodes, their gradients as nodes, and operations of one's own."""

import operator
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import gradcalc
from gradcalc import Executor, GradcalcError, Node, gradients, variable
from gradcalc.graph import operations
from gradcalc.graph.operations import TABLE
from gradcalc.testing import check_operation


def run(node: Node, at: dict[Node, Any]) -> Any:
    (found,) = Executor([node]).run(at)
    assert np.isfinite(found).all()
    return found


def slope(node: Node, by: Node, at: dict[Node, Any]) -> Any:
    return run(gradients(node, [by])[0], at)


def nodes_of(*roots: Node) -> set[Node]:
    found, stack = set(), list(roots)
    while stack:
        node = stack.pop()
        if node not in found:
            found.add(node)
            stack.extend(node.args)
    return found


def assert_near(found: Any, expected: Any, tolerance: float = 1e-13) -> None:
    assert np.shape(found) == np.shape(expected)
    assert np.isfinite(found).all() and np.isfinite(expected).all()
    scale = max(1.0, np.max(np.abs(expected), initial=0.0))
    assert np.max(np.abs(np.subtract(found, expected)), initial=0.0) <= tolerance * scale


# -- operators and functions -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("op", [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.mod,
                                operator.lt, operator.le, operator.gt, operator.ge])
@pytest.mark.parametrize("other", [2, 1.5, np.float64(0.5), np.array([1.5, 2.5, 0.5]), [1.5, 2.5, 0.5], np.array(3)],
                         ids=["int", "float", "numpy-float", "array", "list", "0-d"])
def test_operators_with_constants_on_either_side(op: Any, other: Any) -> None:
    x, value = variable("x"), np.array([2.3, 0.7, 1.9])
    assert_near(run(op(x, other), {x: value}), np.float64(op(value, np.asarray(other))))
    assert_near(run(op(other, x), {x: value}), np.float64(op(np.asarray(other), value)))


def test_matrix_products_with_arrays_on_either_side() -> None:
    x, value, m = variable("x"), np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.5, -1.0], [2.0, 0.0]])
    assert_near(run(x @ m, {x: value}), value @ m)
    assert_near(run(m @ x, {x: value}), m @ value)
    assert_near(run(m.tolist() @ x, {x: value}), m @ value)
    assert_near(slope(m @ x @ m, x, {x: value}), m.sum(axis=0)[:, None] * m.sum(axis=1)[None, :])


def test_signs_entries_and_transposes() -> None:
    x, value = variable("x"), np.arange(6.0).reshape(2, 3) - 2.5
    assert_near(run(-x, {x: value}), -value)
    assert_near(run(+x, {x: value}), value)
    assert_near(run(abs(x), {x: value}), abs(value))
    assert_near(run(x.T, {x: value}), value.T)
    for key in [0, -1, (1, 2), slice(None), (slice(None), 1), (Ellipsis, slice(None, None, -1)), (np.int64(1), slice(0, 2))]:
        assert_near(run(x[key], {x: value}), value[key])
    expected = np.zeros((2, 3))
    expected[1, ::2] = 1.0
    assert_near(slope(x[1, ::2], x, {x: value}), expected)


def test_functions_of_the_language_and_of_numpy() -> None:
    x, value = variable("x"), np.array([0.3, 1.2])
    assert_near(run(gradcalc.tanh(x), {x: value}), np.tanh(value))
    assert_near(run(gradcalc.arctan(x), {x: value}), np.arctan(value))
    assert_near(run(np.exp(x), {x: value}), np.exp(value))
    assert_near(run(np.arctan2(x, 2.0), {x: value}), np.arctan2(value, 2.0))
    assert_near(run(np.maximum(np.array([1.0, 1.0]), x), {x: value}), np.maximum(1.0, value))
    assert_near(run(gradcalc.max(x), {x: value}), np.float64(1.2))
    assert_near(run(gradcalc.max(x, 0.5, 1.0), {x: value}), np.array([1.0, 1.2]))
    assert_near(run(gradcalc.sum(x, axis=0, keepdims=True), {x: value}), np.array([1.5]))
    assert_near(run(gradcalc.stack(x, x, axis=1), {x: value}), np.stack([value, value], 1))
    assert_near(run(gradcalc.where(x > 1, x, 0), {x: value}), np.array([0.0, 1.2]))


@pytest.mark.parametrize(("call", "said"), [
    (lambda x: gradcalc.tanh(), "takes x"), (lambda x: gradcalc.tanh(x, x), "takes x"),
    (lambda x: gradcalc.sum(x, axes=0), "takes x"), (lambda x: x["a"], "an index is"),
    (lambda x: x + "a", "constant"), (lambda x: x * [[1.0], [2.0, 3.0]], "constant"),
    (lambda x: x + np.nan, "constant")])
def test_what_is_no_formula(call: Any, said: str) -> None:
    with pytest.raises(GradcalcError, match=said):
        call(variable("x"))


def test_nodes_are_not_sequences_and_say_what_they_are() -> None:
    x = variable("x")
    assert repr(x) == "<variable 'x'>"
    assert repr(x * 2) == "<node mul of 2>"
    assert repr((x * 2).args[1]) == "<constant 2.0>"
    with pytest.raises(TypeError):
        list(x)
    with pytest.raises(AttributeError):
        _ = gradcalc.nothing


# -- gradients ---------------------------------------------------------------------------------------------------------


def test_gradients_of_gradients() -> None:
    x = variable("x")
    node, value = gradcalc.sin(x) * x, 0.7
    expected = [np.sin(value) * value, np.sin(value) + value * np.cos(value), 2 * np.cos(value) - value * np.sin(value),
                -3 * np.sin(value) - value * np.cos(value), -4 * np.cos(value) + value * np.sin(value)]
    for number in expected:
        assert_near(run(node, {x: value}), np.float64(number))
        (node,) = gradients(node, [x])


def test_gradients_of_gradients_on_arrays() -> None:
    """The product of a Hessian and a vector: the gradient of the gradient's product with the vector."""
    x, v, a = variable("x"), variable("v"), variable("A")
    quartic = gradcalc.sum((x @ a @ x) ** 2)
    (first,) = gradients(quartic, [x])
    (second,) = gradients(gradcalc.sum(first * v), [x])
    rng = np.random.default_rng(0)
    at, direction, matrix = rng.normal(size=3), rng.normal(size=3), rng.normal(size=(3, 3))
    both = matrix + matrix.T
    form = at @ matrix @ at
    hessian = 2 * np.outer(both @ at, both @ at) + 2 * form * both
    assert_near(run(second, {x: at, v: direction, a: matrix}), hessian @ direction)


def test_the_gradient_of_an_array_is_that_of_its_sum() -> None:
    x = variable("x")
    assert_near(slope(x**2, x, {x: np.array([1.0, 2.0])}), np.array([2.0, 4.0]))


@pytest.mark.parametrize("value", [2.0, np.ones((2, 3)), np.zeros(0)], ids=["number", "matrix", "empty"])
def test_an_unused_variable_gets_zeros_of_its_shape(value: Any) -> None:
    x, y = variable("x"), variable("y")
    assert_near(slope(x**2, y, {x: np.ones(4), y: value}), np.zeros(np.shape(value)))
    assert_near(slope(x**2 + gradcalc.sum(gradcalc.sign(y)), y, {x: np.ones(4), y: value}), np.zeros(np.shape(value)))


def test_a_node_on_the_way() -> None:
    x = variable("x")
    u = x**2
    y = u * gradcalc.sum(u)
    assert_near(slope(y, u, {x: np.array([1.0, 2.0])}), np.array([10.0, 10.0]))
    assert_near(slope(y, y, {x: np.array([1.0, 2.0])}), np.ones(2))


def test_one_node_as_several_arguments() -> None:
    x, value = variable("x"), np.array([[1.0, 2.0], [3.0, 5.0]])
    assert_near(slope(x * x, x, {x: value}), 2 * value)
    ones = np.ones((2, 2))
    assert_near(slope(x @ x, x, {x: value}), ones @ value.T + value.T @ ones)
    assert_near(slope(gradcalc.solve(x, x @ x), x, {x: value}), ones, 1e-11)
    vector = variable("v")
    assert_near(slope(vector @ vector, vector, {vector: np.array([1.0, 4.0])}), np.array([2.0, 8.0]))


def test_two_variables_of_one_name_are_two() -> None:
    a, b = variable("x"), variable("x")
    assert_near(run(a - b, {a: 3.0, b: 1.0}), np.float64(2.0))
    assert_near(slope(a * b, b, {a: 3.0, b: 1.0}), np.float64(3.0))


#: A link of a chain on nodes, and what it does to a number and its derivative by x.
CHAINS: dict[str, tuple[Any, Any]] = {
    "sum": (lambda y, x: y + x, lambda y, slope, x: (y + x, slope + 1.0)),
    "decay": (lambda y, x: 0.999 * y + x, lambda y, slope, x: (0.999 * y + x, 0.999 * slope + 1.0)),
    "tanh": (lambda y, x: gradcalc.tanh(y) + 0.5 * x,
             lambda y, slope, x: (np.tanh(y) + 0.5 * x, slope / np.cosh(y) ** 2 + 0.5)),
}


@pytest.mark.parametrize("name", CHAINS)
def test_chains_of_five_thousand(name: str) -> None:
    link, by_numbers = CHAINS[name]
    x = variable("x")
    y, value, derivative = x, 0.3, 1.0
    for _ in range(5_000):
        y = link(y, x)
        value, derivative = by_numbers(value, derivative, 0.3)
    found = Executor([y, *gradients(y, [x])]).run({x: 0.3})
    assert_near(found[0], np.float64(value), 1e-11)
    assert_near(found[1], np.float64(derivative), 1e-11)


# -- the graph holds what is needed ------------------------------------------------------------------------------------


def layers(count: int) -> tuple[Node, list[Node]]:
    a, weights = variable("X"), []
    for layer in range(count):
        weights.append(variable(f"W{layer}"))
        a = gradcalc.tanh(a @ weights[-1])
    return gradcalc.sum(a**2), weights


def test_the_gradient_of_the_last_layer_does_not_go_further_back() -> None:
    loss, weights = layers(5)
    last, all_of_them = gradients(loss, [weights[-1]]), gradients(loss, weights)
    ops = [[node.op for node in nodes_of(*roots)] for roots in (last, all_of_them)]
    assert ops[0].count("matmul_left") == 0 and ops[0].count("matmul_right") == 1
    assert ops[1].count("matmul_left") == 4 and ops[1].count("matmul_right") == 5
    assert ops[0].count("matmul") == ops[1].count("matmul") == 5


def test_what_the_derivative_does_not_need_is_not_in_it() -> None:
    x, y = variable("x"), variable("y")
    found = nodes_of(*gradients(gradcalc.sum(gradcalc.exp(gradcalc.sin(y))) + gradcalc.sum(gradcalc.cos(x)), [x]))
    assert {node.op for node in found} <= {"input", "const", "neg", "sin", "mul", "spread_like"}
    assert y not in found


def test_the_shared_parts_exist_once() -> None:
    """Of sixty squarings the gradient has a few nodes for each, not 2^60."""
    x = variable("x")
    y = x
    for _ in range(60):
        y = y * y * 0.5 + 0.1
    (found,) = gradients(y, [x])
    assert len(nodes_of(found)) < 60 * 12
    assert_near(slope(y, x, {x: 0.0}), np.float64(0.0))


def test_an_executor_computes_no_more_than_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sum is as large as y, and so is the derivative; but no value of y matters."""
    def forbidden(*args: Any) -> Any:
        raise AssertionError("this is not needed")

    x, y = variable("x"), variable("y")
    total = gradcalc.erf(y) + x**2
    (found,) = gradients(total, [x])
    monkeypatch.setitem(TABLE, "erf", TABLE["erf"]._replace(value=forbidden, spelled=None))
    assert_near(run(found, {x: 3.0, y: np.ones(4)}), np.float64(24.0))
    with pytest.raises(AssertionError, match="not needed"):
        run(total, {x: 3.0, y: 1.0})


def test_ties_share_a_derivative() -> None:
    x = variable("x")
    assert_near(slope(gradcalc.max(x), x, {x: np.array([2.0, 2.0, 1.0, 2.0])}), np.array([1.0, 1.0, 0.0, 1.0]) / 3.0)


# -- an operation of one's own -----------------------------------------------------------------------------------------


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A table that is itself again afterwards."""
    monkeypatch.setattr(operations, "_functions", dict(operations._functions))
    before = dict(TABLE)
    yield
    TABLE.clear()
    TABLE.update(before)


@pytest.mark.usefixtures("table")
def test_an_operation_in_five_lines() -> None:
    smooth = gradcalc.operation(
        "smooth_abs", lambda xp, x: xp.sqrt(x * x + 1.0),
        lambda xp, g, y, x: g * x / y)
    x, value = variable("x"), np.array([-2.0, 0.0, 3.0])
    assert_near(run(smooth(x), {x: value}), np.sqrt(value**2 + 1))
    assert_near(slope(smooth(x), x, {x: value}), value / np.sqrt(value**2 + 1))
    (second,) = gradients(gradients(smooth(x), [x])[0], [x])
    assert_near(run(second, {x: value}), (value**2 + 1) ** -1.5)
    program = gradcalc.parse("sum(smooth_abs(x))")
    for mode in ("forward", "reverse", "symbolic", "complex", "finite"):
        found = program.diff("x", {"x": value}, mode).gradient["x"]
        assert_near(found, value / np.sqrt(value**2 + 1), 1e-8 if mode == "finite" else 1e-13)
    assert check_operation(TABLE["smooth_abs"]) is None


@pytest.mark.usefixtures("table")
def test_an_operation_of_two_arguments_with_a_shape() -> None:
    outer = gradcalc.operation(
        "each_with_each", lambda xp, a, b: xp.reshape(a, (-1, 1)) * b,
        lambda xp, g, y, a, b: xp.matmul(g, b), lambda xp, g, y, a, b: xp.matmul(a, g),
        shape=lambda a, b: (*a, *b), doc="each with each")
    a, b = variable("a"), variable("b")
    at = {a: np.array([1.0, 2.0]), b: np.array([3.0, 4.0, 5.0])}
    weights = np.arange(6.0).reshape(2, 3)
    assert_near(run(outer(a, b), at), np.outer(at[a], at[b]))
    assert_near(slope(outer(a, b) * weights, a, at), weights @ at[b])
    assert_near(slope(outer(a, b) * weights, b, at), at[a] @ weights)
    cases = ((((2,), (3,)), ()), (((1,), (1,)), ()), (((0,), (3,)), ()))
    assert check_operation(TABLE["each_with_each"]._replace(cases=cases)) is None
    found = gradcalc.parse("each_with_each(a, b)").jacobian("a", {"a": [1.0, 2.0], "b": [3.0, 4.0]})
    assert_near(found.found["each_with_each(a, b)"]["a"], np.einsum("ik,j->ijk", np.eye(2), [3.0, 4.0]))


@pytest.mark.usefixtures("table")
def test_an_operation_with_a_wrong_vjp_is_found_out() -> None:
    gradcalc.operation("wrong_square", lambda xp, x: x * x, lambda xp, g, y, x: g * x)
    with pytest.raises(AssertionError, match=r"wrong_square of .*: the vjp for x .* measure"):
        check_operation(TABLE["wrong_square"])


@pytest.mark.usefixtures("table")
def test_an_operation_that_is_constant_in_an_argument() -> None:
    scaled = gradcalc.operation("scaled_by_sign", lambda xp, x, s: x * xp.sign(s), lambda xp, g, y, x, s: g * xp.sign(s), None)
    x, s = variable("x"), variable("s")
    at = {x: np.array([1.0, 2.0]), s: np.array([-3.0, 5.0])}
    assert_near(slope(scaled(x, s), x, at), np.array([-1.0, 1.0]))
    assert_near(slope(scaled(x, s), s, at), np.zeros(2))


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(("arguments", "said"), [
    (("tanh", lambda xp, x: x, lambda xp, g, y, x: g), "exists already"),
    (("ln", lambda xp, x: x, lambda xp, g, y, x: g), "exists already"),
    (("pair", lambda xp, a, b: a, lambda xp, g, y, a, b: g), "partial for each"),
    (("none", lambda xp, a: a), "partial for each")])
def test_an_operation_that_is_none(arguments: Any, said: str) -> None:
    with pytest.raises(GradcalcError, match=said):
        gradcalc.operation(*arguments)
