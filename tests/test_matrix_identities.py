"""What is known of matrices, softmax and the like in closed form, and what happens at the edges of each."""

from typing import Any

import numpy as np
import pytest

import gradcalc
from gradcalc import ExitStatus, GradcalcError
from gradcalc.evaluators import BUILT_IN
from tests.modes import ARRAYS, EXACT, tolerance

SIZES = [1, 2, 3, 5]
TOLERANCE = {mode: tolerance(mode, 1e-12) for mode in BUILT_IN}


def regular(size: int, seed: int = 0) -> np.ndarray:
    """A well conditioned matrix; of its determinant the sign is that of a random one."""
    rng = np.random.default_rng(seed + size)
    found = np.eye(size) + 0.2 * rng.normal(size=(size, size))
    found[0] *= rng.choice([-1.0, 1.0])
    return found


def assert_near(found: Any, expected: Any, tolerance: float = 1e-12) -> None:
    expected = np.asarray(expected)
    assert np.shape(found) == expected.shape
    assert np.isfinite(found).all() and np.isfinite(expected).all()
    assert np.max(np.abs(found - expected), initial=0.0) <= tolerance * max(1.0, np.max(np.abs(expected), initial=0.0))


def slope(text: str, name: str, at: dict[str, Any], mode: str = "reverse") -> Any:
    return gradcalc.parse(text).diff(name, at, mode).gradient[name]


# -- matrices ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ARRAYS)
@pytest.mark.parametrize("size", SIZES)
def test_a_quadratic_form(size: int, mode: str) -> None:
    a, x = regular(size), np.random.default_rng(size).normal(size=size)
    assert_near(slope("x @ A @ x", "x", {"x": x, "A": a}, mode), (a + a.T) @ x, TOLERANCE[mode])
    assert_near(slope("x @ A @ x", "A", {"x": x, "A": a}, mode), np.outer(x, x), TOLERANCE[mode])


@pytest.mark.parametrize("mode", ARRAYS)
@pytest.mark.parametrize("size", SIZES)
def test_the_determinant_and_its_logarithm(size: int, mode: str) -> None:
    a = regular(size)
    inverse = np.linalg.inv(a)
    assert_near(slope("logdet(A)", "A", {"A": a}, mode), inverse.T, TOLERANCE[mode])
    assert_near(slope("det(A)", "A", {"A": a}, mode), np.linalg.det(a) * inverse.T, TOLERANCE[mode])


@pytest.mark.parametrize("mode", ARRAYS)
def test_the_trace_of_a_product(mode: str) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(3, 4)), rng.normal(size=(4, 3))
    assert_near(slope("trace(A @ B)", "A", {"A": a, "B": b}, mode), b.T, TOLERANCE[mode])
    assert_near(slope("trace(A @ B)", "B", {"A": a, "B": b}, mode), a.T, TOLERANCE[mode])


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("text", ["inv(A)", "solve(A, I)"])
def test_the_inverse(text: str, size: int, mode: str) -> None:
    """∂(A⁻¹)ᵢⱼ/∂Aₖₗ = -(A⁻¹)ᵢₖ (A⁻¹)ₗⱼ, which is -A⁻ᵀ⊗A⁻¹ column by column."""
    a = regular(size)
    inverse = np.linalg.inv(a)
    at = {"A": a, "I": np.eye(size)} if "I" in text else {"A": a}
    found = gradcalc.parse(text).jacobian("A", at, mode=mode)
    assert found.sweeps == mode
    jacobian = found.found[found.outputs[0]]["A"]
    assert_near(jacobian, -np.einsum("ik,lj->ijkl", inverse, inverse))
    columns = jacobian.transpose(1, 0, 3, 2).reshape(size * size, size * size)
    assert_near(columns, -np.kron(inverse.T, inverse))


@pytest.mark.parametrize("mode", ARRAYS)
def test_a_linear_system(mode: str) -> None:
    """For y = A⁻¹b and a cost g·y: ∂/∂b = A⁻ᵀg and ∂/∂A = -A⁻ᵀg yᵀ."""
    a, b, g = regular(3), np.array([1.0, -2.0, 0.5]), np.array([0.3, 1.0, -1.0])
    back, y = np.linalg.solve(a.T, g), np.linalg.solve(a, b)
    at = {"A": a, "b": b, "g": g}
    assert_near(slope("g @ solve(A, b)", "b", at, mode), back, TOLERANCE[mode])
    assert_near(slope("g @ solve(A, b)", "A", at, mode), -np.outer(back, y), TOLERANCE[mode])


def test_the_second_derivative_of_logdet() -> None:
    """∂² log det A/∂Aᵢⱼ∂Aₖₗ = -(A⁻¹)ₗᵢ (A⁻¹)ⱼₖ."""
    a = regular(3)
    inverse = np.linalg.inv(a)
    found = gradcalc.parse("logdet(A)").hessian("A", {"A": a}).found["A"]["A"]
    assert_near(found, -np.einsum("li,jk->ijkl", inverse, inverse))


@pytest.mark.parametrize("text", ["inv(A)[0, 0]", "solve(A, [1, 1])[0]", "logdet(A)"])
def test_a_singular_matrix_is_undefined_and_its_place_is_shown(text: str) -> None:
    for ask in (gradcalc.parse(text).eval, lambda at: gradcalc.parse(text).diff(at=at)):
        with pytest.raises(GradcalcError) as caught:
            ask({"A": [[1.0, 2.0], [2.0, 4.0]]})
        problem = caught.value.diagnostic
        assert caught.value.status == ExitStatus.UNDEFINED
        assert "singular" in problem.message
        assert text.startswith(text[problem.span.start:problem.span.end])
        assert problem.span.start == 0 and problem.span.end >= text.index(")")


@pytest.mark.parametrize("mode", ["forward", "reverse", "complex"])
@pytest.mark.parametrize(("matrix", "cofactors"), [
    ([[1.0, 2.0], [2.0, 4.0]], [[4.0, -2.0], [-2.0, 1.0]]), ([[0.0, 0.0], [0.0, 3.0]], [[3.0, 0.0], [0.0, 0.0]]),
    ([[0.0]], [[1.0]]), (np.zeros((3, 3)), np.zeros((3, 3))),
    ([[1.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 0.0]], [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 2.0]])])
def test_the_determinant_of_a_singular_matrix_has_its_cofactors(matrix: Any, cofactors: Any, mode: str) -> None:
    assert_near(slope("det(A)", "A", {"A": np.array(matrix)}, mode), np.array(cofactors), 1e-13)


# -- softmax and its kin -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("shift", [0.0, 1000.0, -1000.0])
def test_the_jacobian_of_softmax(shift: float, mode: str) -> None:
    x = np.array([0.3, -1.2, 2.0, 0.0])
    p = np.exp(x) / np.exp(x).sum()
    at = {"x": x + shift}
    found = gradcalc.parse("y = softmax(x)").jacobian("x", at, mode=mode).found["y"]["x"]
    assert_near(found, np.diag(p) - np.outer(p, p), 1e-12 if not shift else 1e-11)
    logs = gradcalc.parse("y = log_softmax(x)").jacobian("x", at, mode=mode).found["y"]["x"]
    assert_near(logs, np.eye(4) - p, 1e-12 if not shift else 1e-11)
    curvature = gradcalc.parse("logsumexp(x)").hessian("x", at).found["x"]["x"]
    assert_near(curvature, np.diag(p) - np.outer(p, p), 1e-12 if not shift else 1e-11)


@pytest.mark.parametrize("mode", ARRAYS)
@pytest.mark.parametrize(("logits", "label", "loss", "expected"), [
    ([1000.0, -1000.0], 0, 0.0, [0.0, 0.0]), ([1000.0, -1000.0], 1, 2000.0, [1.0, -1.0]),
    ([1000.0, 1000.0], 0, np.log(2.0), [-0.5, 0.5]), ([-1000.0, -1000.0, -1000.0], 2, np.log(3.0), [1 / 3, 1 / 3, -2 / 3])])
def test_cross_entropy_at_the_extremes(logits: list[float], label: int, loss: float, expected: list[float], mode: str) -> None:
    distribution = np.eye(len(logits))[label]
    for labels in (float(label), distribution):
        result = gradcalc.parse("cross_entropy(z, y)").diff("z", {"z": logits, "y": labels}, mode)
        assert_near(result.value, loss)
        assert_near(result.gradient["z"], np.array(expected), TOLERANCE[mode])


@pytest.mark.parametrize("mode", EXACT)
@pytest.mark.parametrize(("text", "value", "expected"), [
    ("softplus(x)", [0.0, np.exp(-40.0), np.log(2.0), 40.0, 1000.0], [0.0, np.exp(-40.0), 0.5, 1.0, 1.0]),
    ("sigmoid(x)", [0.0, np.exp(-40.0), 0.5, 1.0, 1.0], [0.0, np.exp(-40.0), 0.25, np.exp(-40.0), 0.0])])
def test_softplus_and_sigmoid_far_out(text: str, value: list[float], expected: list[float], mode: str) -> None:
    """To the last digits of the smallest of them too."""
    at = {"x": [-1000.0, -40.0, 0.0, 40.0, 1000.0]}
    shown = gradcalc.parse(text).eval(at).value
    found = slope(f"sum({text})", "x", at, mode)
    assert np.isfinite(shown).all() and np.isfinite(found).all()
    assert np.all(np.abs(shown - value) <= 1e-14 * np.abs(value) + 1e-300)
    assert np.all(np.abs(found - expected) <= 1e-13 * np.abs(expected) + 1e-300)


# -- reductions at their edges -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ARRAYS)
@pytest.mark.parametrize(("text", "x", "expected"), [
    ("norm(x)", [0.0, 0.0], [0.0, 0.0]), ("norm(x)", [3.0, -4.0], [0.6, -0.8]), ("norm(x)", [1e200, 0.0], [1.0, 0.0]),
    ("norm(x)", [3e-200, -4e-200], [0.6, -0.8]), ("norm(x, axis=0)[0]", [[0.0], [0.0]], [[0.0], [0.0]]),
    ("prod(x)", [0.0, 2.0, 3.0], [6.0, 0.0, 0.0]), ("prod(x)", [0.0, 0.0, 3.0], [0.0, 0.0, 0.0]), ("prod(x)", [5.0], [1.0]),
    ("max(x)", [1.0, 3.0, 3.0], [0.0, 0.5, 0.5]), ("min(x)", [2.0, 2.0, 2.0, 2.0], [0.5, 0.5, 0.5, 0.5]),
    ("sum(max(x, axis=1))", [[1.0, 1.0], [1.0, 0.0]], [[0.5, 0.5], [1.0, 0.0]])])
def test_reductions(text: str, x: Any, expected: Any, mode: str) -> None:
    """Of entries that tie each gets the mean of its two sides; at 0 a norm is level."""
    if mode == "finite" and "e" in repr(x):
        pytest.skip("a difference has no room beside 1e200, and none that is not too coarse beside 1e-200")
    assert_near(slope(text, "x", {"x": x}, mode), np.array(expected), TOLERANCE[mode])


@pytest.mark.parametrize("mode", ARRAYS)
def test_branches_that_are_undefined_elsewhere(mode: str) -> None:
    """In an array of which some entries take one branch and some the other."""
    x = np.array([2.0, -2.0, 0.5, -0.5])
    found = slope("sum(where(x > 0, log(x), sqrt(1 - x)))", "x", {"x": x}, mode)
    assert_near(found, np.where(x > 0, 1.0 / x, -0.5 / np.sqrt(np.where(x > 0, 1.0, 1.0 - x))), TOLERANCE[mode])
    found = slope("u = log(x); v = 1/x; sum(where(x > 0, u*v, x)) + sum(where(x > 0, 0, v))", "x", {"x": x}, mode)
    positive = np.where(x > 0, x, 1.0)
    expected = np.where(x > 0, (1.0 - np.log(positive)) / positive**2, 1.0 - 1.0 / x**2)
    assert_near(found, expected, TOLERANCE[mode])


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_the_jacobian_of_a_choice_between_branches(mode: str) -> None:
    x = np.array([2.0, -2.0, 0.5, 0.0])
    found = gradcalc.parse("y = where(x > 0, log(x), x^2)*s").jacobian("x,s", {"x": x, "s": 3.0}, mode=mode).found["y"]
    slopes = 3.0 * np.where(x > 0, 1.0 / np.where(x > 0, x, 1.0), 2.0 * x)
    assert_near(found["x"], np.diag(slopes))
    assert_near(found["s"], np.where(x > 0, np.log(np.where(x > 0, x, 1.0)), x**2))


@pytest.mark.parametrize("mode", ARRAYS)
def test_a_condition_that_is_any_number(mode: str) -> None:
    """All but 0 hold, negative ones too, and such as cancel in a sum."""
    at = {"c": [-1.0, 1.0, 0.0], "y": 3.0, "z": 2.0}
    found = gradcalc.parse("sum(where(c, y^2, z^3))").diff("y,z", at, mode).gradient
    assert_near(found["y"], 12.0, TOLERANCE[mode])
    assert_near(found["z"], 12.0, TOLERANCE[mode])
