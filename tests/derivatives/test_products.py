"""Jacobians, Hessians, their products with vectors, derivatives of order N and extreme eigenvalues."""

import itertools
import math
from typing import Any

import numpy as np
import pytest

import gradcalc
from gradcalc import ExitStatus, GradcalcError
from gradcalc.derivatives import products

RNG = np.random.default_rng(11)
#: Programs, with a point whose arrays have no two lengths alike by chance.
PROGRAMS: dict[str, tuple[str, dict[str, Any]]] = {
    "numbers": ("y = sin(a*b) + a^3/b", {"a": 0.7, "b": 1.3}),
    "vector-to-number": ("y = sum(x^3*w) + prod(x)", {"x": RNG.normal(size=4), "w": RNG.normal(size=4)}),
    "vector-to-vector": ("y = tanh(A@x + b)*s", {"A": RNG.normal(size=(2, 3)), "x": RNG.normal(size=3),
                                                 "b": RNG.normal(size=2), "s": 1.7}),
    "matrix-to-matrix": ("y = X@X.T + exp(X[0, 1])", {"X": RNG.normal(size=(2, 3))}),
    "number-to-vector": ("y = [t, t^2, exp(t)]", {"t": 0.4}),
    "choices": ("y = where(x > 0, log(x), x^2)*softmax(x)", {"x": np.array([0.5, -0.7, 2.0])}),
    "inverse": ("y = solve(A, b)", {"A": np.eye(3) + 0.1 * RNG.normal(size=(3, 3)), "b": RNG.normal(size=3)}),
    "tensor": ("y = sum(T, axis=1)@V + mean(T)", {"T": RNG.normal(size=(2, 3, 4)), "V": RNG.normal(size=(4, 2))}),
}


def value(text: str, at: dict[str, Any]) -> Any:
    return np.asarray(gradcalc.parse(text).eval(at).value)


def moved(x: Any, place: tuple[int, ...], shift: float) -> Any:
    """x with one entry shifted."""
    if np.ndim(x) == 0:
        return x + shift
    other = np.array(x)
    other[place] += shift
    return other


def measured(function: Any, x: Any) -> np.ndarray:
    """The Jacobian of a function of one array by central differences, extrapolated once; the function's shape comes first."""
    columns = []
    for place in np.ndindex(np.shape(x)):
        def slope(h: float, place: tuple[int, ...] = place) -> np.ndarray:
            return (function(moved(x, place, h)) - function(moved(x, place, -h))) / (2.0 * h)

        columns.append((4.0 * slope(5e-4) - slope(1e-3)) / 3.0)
    found = np.stack(columns, -1)
    return found.reshape((*found.shape[:-1], *np.shape(x)))


def assert_near(found: Any, expected: Any, tolerance: float) -> None:
    assert np.shape(found) == np.shape(expected)
    assert np.isfinite(found).all() and np.isfinite(expected).all()
    assert np.max(np.abs(found - expected), initial=0.0) <= tolerance * max(1.0, np.max(np.abs(expected), initial=0.0))


@pytest.mark.parametrize("mode", [None, "forward", "reverse"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_the_jacobian(name: str, mode: Any) -> None:
    text, at = PROGRAMS[name]
    found = gradcalc.parse(text).jacobian(at=at, mode=mode)
    assert found.sweeps in (mode, *(("forward", "reverse") if mode is None else ()))
    assert list(found.found) == ["y"] and set(found.found["y"]) == set(at)
    for wrt, x in at.items():
        expected = measured(lambda moved, wrt=wrt: value(text, {**at, wrt: moved}), x)
        assert_near(found.found["y"][wrt], expected, 1e-8)


@pytest.mark.parametrize("name", PROGRAMS)
def test_both_directions_agree(name: str) -> None:
    text, at = PROGRAMS[name]
    program = gradcalc.parse(text)
    forward, reverse = (program.jacobian(at=at, mode=mode).found["y"] for mode in ("forward", "reverse"))
    for wrt in at:
        assert_near(forward[wrt], reverse[wrt], 1e-13)


@pytest.mark.parametrize("name", PROGRAMS)
def test_products_with_a_vector_are_those_of_the_matrix(name: str) -> None:
    text, at = PROGRAMS[name]
    program = gradcalc.parse(text)
    rng = np.random.default_rng(3)
    jacobian = program.jacobian(at=at).found["y"]
    tangents = {wrt: rng.normal(size=np.shape(x)) for wrt, x in at.items()}
    shape = np.shape(value(text, at))
    cotangent = rng.normal(size=shape)
    expected = sum(np.tensordot(jacobian[wrt], tangents[wrt], axes=np.ndim(at[wrt])) for wrt in at)
    assert_near(program.jvp(tangents, at).found["y"], expected, 1e-12)
    found = program.vjp({"y": cotangent}, at).found
    for wrt in at:
        assert_near(found[wrt], np.tensordot(cotangent, jacobian[wrt], axes=len(shape)), 1e-12)


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_hessian(name: str) -> None:
    """Held against differences of the gradient of each of the output's numbers, and symmetric."""
    text, at = PROGRAMS[name]
    program = gradcalc.parse(text)
    found = program.hessian(at=at).found
    rank = np.ndim(value(text, at))
    for first, second in itertools.product(at, repeat=2):
        def slope(x: Any, first: str = first, second: str = second) -> np.ndarray:
            return np.asarray(program.jacobian(first, {**at, second: x}).found["y"][first])

        assert_near(found[first][second], measured(slope, at[second]), 1e-7)
        axes = [*range(rank), *range(rank + np.ndim(at[first]), rank + np.ndim(at[first]) + np.ndim(at[second])),
                *range(rank, rank + np.ndim(at[first]))]
        assert_near(np.transpose(found[first][second], axes), found[second][first], 1e-12)


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_hessian_times_a_vector(name: str) -> None:
    text, at = PROGRAMS[name]
    program = gradcalc.parse(text)
    rng = np.random.default_rng(4)
    vector = {wrt: rng.normal(size=np.shape(x)) for wrt, x in at.items()}
    hessian, found = program.hessian(at=at).found, program.hvp(vector, at).found
    for wrt in at:
        expected = sum(np.tensordot(hessian[wrt][other], vector[other], axes=np.ndim(at[other])) for other in at)
        assert_near(found[wrt], expected, 1e-12)
    other = next(iter(at))
    alone = program.hvp({other: vector[other]}, at).found
    for wrt in at:
        assert_near(alone[wrt], np.tensordot(hessian[wrt][other], vector[other], axes=np.ndim(at[other])), 1e-12)


def test_a_number_is_a_plain_number() -> None:
    program = gradcalc.parse("y = a^2*b")
    at = {"a": 3.0, "b": 2.0}
    for found in (program.jacobian(at=at).found["y"]["a"], program.hessian(at=at).found["a"]["b"],
                  program.jvp({"a": 1.0}, at).found["y"], program.vjp(at=at).found["a"],
                  program.hvp({"a": 1.0}, at).found["b"]):
        assert type(found) is float
    assert program.hessian(at=at).found == {"a": {"a": 4.0, "b": 6.0}, "b": {"a": 6.0, "b": 0.0}}


def test_the_cheaper_side_is_taken() -> None:
    tall, wide = gradcalc.parse("y = A@x"), {"A": np.ones((5, 2)), "x": np.ones(2)}
    assert tall.jacobian("x", wide).sweeps == "forward"
    assert tall.jacobian("A", wide).sweeps == "reverse"


def test_several_outputs() -> None:
    program = gradcalc.parse("u = x^2; v = sum(x)*s; w = u*v")
    found = program.jacobian("x,s", {"x": [1.0, 2.0], "s": 3.0}, of="u,v")
    assert_near(found.found["u"]["x"], np.diag([2.0, 4.0]), 1e-15)
    assert_near(found.found["u"]["s"], np.zeros(2), 1e-15)
    assert_near(found.found["v"]["x"], np.array([3.0, 3.0]), 1e-15)
    assert found.found["v"]["s"] == 3.0
    pulled = program.vjp({"u": [1.0, 1.0], "v": 2.0}, {"x": [1.0, 2.0], "s": 3.0}).found
    assert_near(pulled["x"], np.array([8.0, 10.0]), 1e-15)
    assert pulled["s"] == 6.0
    pushed = program.jvp({"s": 1.0}, {"x": [1.0, 2.0], "s": 3.0}, of="u,v").found
    assert_near(pushed["u"], np.zeros(2), 1e-15)
    assert pushed["v"] == 3.0


def test_an_intermediate_name() -> None:
    program = gradcalc.parse("u = x^2; y = u*sum(u)")
    at = {"x": [1.0, 2.0]}
    assert_near(program.jacobian("u", at).found["y"]["u"], np.array([[6.0, 1.0], [4.0, 9.0]]), 1e-14)
    assert_near(program.hessian("u", at, of="y").found["u"]["u"][0], np.array([[2.0, 1.0], [1.0, 0.0]]), 1e-14)


@pytest.mark.parametrize("text", ["y = x*2", "y = [sum(x)]", "y = concat(x, x)"])
def test_arrays_without_entries(text: str) -> None:
    program, at = gradcalc.parse(text), {"x": np.zeros(0)}
    shape = np.shape(value(text, at))
    for mode in ("forward", "reverse"):
        assert np.shape(program.jacobian("x", at, mode=mode).found["y"]["x"]) == (*shape, 0)
    assert np.shape(program.jvp({"x": np.zeros(0)}, at).found["y"]) == shape
    assert np.shape(program.vjp({"y": np.zeros(shape)}, at).found["x"]) == (0,)
    assert np.shape(program.hessian("x", at).found["x"]["x"]) == (*shape, 0, 0)
    assert np.shape(program.hvp({"x": np.zeros(0)}, at).found["x"]) == (*shape, 0)


@pytest.mark.parametrize(("ask", "status", "said"), [
    (lambda p: p.jacobian("x", {"x": [1.0, 2.0]}, mode="sideways"), ExitStatus.BAD_INPUT, "sideways"),
    (lambda p: p.jvp({}, {"x": [1.0, 2.0]}), ExitStatus.BAD_INPUT, "tangent is missing"),
    (lambda p: p.jvp({"x": 1.0}, {"x": [1.0, 2.0]}), ExitStatus.BAD_INPUT, "shape"),
    (lambda p: p.jvp({"q": 1.0}, {"x": [1.0, 2.0]}), ExitStatus.BAD_INPUT, "'q'"),
    (lambda p: p.vjp(at={"x": [1.0, 2.0]}), ExitStatus.BAD_INPUT, "cotangent is missing"),
    (lambda p: p.vjp({"y": [1.0]}, at={"x": [1.0, 2.0]}), ExitStatus.BAD_INPUT, "shape"),
    (lambda p: p.hvp({}, {"x": [1.0, 2.0]}), ExitStatus.BAD_INPUT, "vector is missing"),
    (lambda p: p.hvp({"x": [1.0, 2.0, 3.0]}, {"x": [1.0, 2.0]}), ExitStatus.BAD_INPUT, "shape"),
    (lambda p: p.hessian("x", {"x": [1.0, 2.0]}, eigenvalues=1), ExitStatus.BAD_INPUT, "no matrix"),
    (lambda p: p.jacobian("x", {"x": [0.0, 4.0]}), ExitStatus.UNDEFINED, "not finite"),
    (lambda p: p.jacobian("x", {"x": [-1.0, 4.0]}), ExitStatus.UNDEFINED, "sqrt"),
    (lambda p: p.diff("x", {"x": [1.0, 2.0]}), ExitStatus.BAD_INPUT, "no single gradient"),
])
def test_what_makes_no_sense(ask: Any, status: ExitStatus, said: str) -> None:
    with pytest.raises(GradcalcError, match=said) as caught:
        ask(gradcalc.parse("y = sqrt(x)"))
    assert caught.value.status == status


# -- order N -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["forward", "reverse", "symbolic", "complex", "finite"])
@pytest.mark.parametrize(("text", "x", "order", "expected"), [
    ("x^5", 2.0, 1, 80.0), ("x^5", 2.0, 2, 160.0), ("x^5", 2.0, 3, 240.0), ("x^5", 2.0, 5, 120.0), ("x^5", 2.0, 6, 0.0),
    ("sin(x)", 0.3, 4, math.sin(0.3)), ("exp(2*x)", 0.1, 6, 64.0 * math.exp(0.2)), ("log(x)", 2.0, 3, 0.25),
    ("tanh(x)", 0.0, 3, -2.0), ("1/x", 0.5, 4, 768.0)])
def test_order_of_numbers(text: str, x: float, order: int, expected: float, mode: str) -> None:
    found = gradcalc.parse(text).diff("x", {"x": x}, mode, order=order)
    assert found.order == order
    slope = found.gradient["x"]
    assert math.isfinite(slope)
    assert abs(slope - expected) <= (1e-7 if mode == "finite" else 1e-12) * max(1.0, abs(expected))


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_order_of_arrays(mode: str) -> None:
    """In the input's shape as many times over: of sum(x^4) only the diagonal is not 0."""
    x = np.array([1.0, -2.0, 0.5])
    program = gradcalc.parse("sum(x^4) + sum(x)*s")
    at = {"x": x, "s": 2.0}
    diagonal = {2: 12.0 * x**2, 3: 24.0 * x, 4: np.full(3, 24.0), 5: np.zeros(3)}
    for order, entries in diagonal.items():
        found = program.diff("x,s", at, mode, order=order).gradient
        expected = np.zeros((3,) * order)
        expected[tuple([range(3)] * order)] = entries
        assert_near(found["x"], expected, 1e-12)
        assert found["s"] == 0.0
    assert_near(program.diff("x", at, mode, order=2).gradient["x"], program.hessian("x", at).found["x"]["x"], 1e-14)


def test_the_third_derivative_of_a_determinant() -> None:
    """det is linear in each row: of three entries in three rows and columns the derivative is the sign of the permutation."""
    a = np.eye(3) + 0.1 * np.random.default_rng(0).normal(size=(3, 3))
    found = gradcalc.parse("det(A)").diff("A", {"A": a}, order=3).gradient["A"]
    for columns in itertools.permutations(range(3)):
        sign = np.linalg.det(np.eye(3)[list(columns)])
        assert abs(found[0, columns[0], 1, columns[1], 2, columns[2]] - sign) <= 1e-12
    assert abs(found[0, 0, 0, 0, 1, 1]) <= 1e-12


@pytest.mark.parametrize("order", [0, -1, 1.5, "2"])
def test_an_order_that_is_none(order: Any) -> None:
    with pytest.raises(GradcalcError, match="no positive whole number"):
        gradcalc.parse("x^2").diff("x", {"x": 1.0}, order=order)


# -- extreme eigenvalues -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, 3, 7, 40])
def test_extreme_eigenvalues(count: int) -> None:
    """Of half of x'Ax the Hessian is A; from both ends of its spectrum, the smallest first."""
    if count < 40:
        pytest.importorskip("scipy")
    rng = np.random.default_rng(5)
    a = rng.normal(size=(40, 40))
    a = a + a.T
    spectrum = np.linalg.eigvalsh(a)
    upper = (count + 1) // 2
    expected = np.concatenate([spectrum[:count - upper], spectrum[40 - upper:]])
    found = gradcalc.parse("x @ A @ x/2").hessian("x", {"x": rng.normal(size=40), "A": a}, eigenvalues=count)
    assert found.found == {}
    assert_near(np.array(found.eigenvalues), expected, 1e-9)


def test_the_eigenvalues_of_a_network_by_several_names() -> None:
    pytest.importorskip("scipy")
    rng = np.random.default_rng(6)
    text = "H = tanh(X@W1 + b1); J = cross_entropy(H@W2, labels) + 0.1*sum(W1^2)"
    at = {"X": rng.normal(size=(6, 3)), "W1": rng.normal(size=(3, 4)), "b1": rng.normal(size=4),
          "W2": rng.normal(size=(4, 3)), "labels": [0, 1, 2, 0, 1, 2]}
    wrt = ["W1", "b1", "W2"]
    program = gradcalc.parse(text)
    blocks = program.hessian(wrt, at).found
    sizes = {name: np.size(at[name]) for name in wrt}
    whole = np.block([[np.reshape(blocks[a][b], (sizes[a], sizes[b])) for b in wrt] for a in wrt])
    spectrum = np.linalg.eigvalsh(whole)
    found = program.hessian(wrt, at, eigenvalues=4).eigenvalues
    assert_near(np.array(found), np.concatenate([spectrum[:2], spectrum[-2:]]), 1e-9)


def test_no_hessian_is_formed_for_its_eigenvalues(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("scipy")
    count = 0
    real = products.Curvature.product

    def counted(self: Any, direction: Any) -> Any:
        nonlocal count
        count += 1
        return real(self, direction)

    monkeypatch.setattr(products.Curvature, "product", counted)
    monkeypatch.delattr(products.Curvature, "matrix")
    n = 400
    spectrum = np.concatenate([[-5.0], np.linspace(1.0, 2.0, n - 2), [9.0]])
    found = gradcalc.parse("sum(w*x^2)/2").hessian("x", {"x": np.ones(n), "w": spectrum}, eigenvalues=2)
    assert_near(np.array(found.eigenvalues), np.array([-5.0, 9.0]), 1e-8)
    assert 0 < count < n / 4


@pytest.mark.parametrize("count", [0, -1, 3])
def test_more_eigenvalues_than_there_are(count: int) -> None:
    with pytest.raises(GradcalcError, match="2 eigenvalues"):
        gradcalc.parse("sum(x^2)").hessian("x", {"x": [1.0, 2.0]}, eigenvalues=count)
