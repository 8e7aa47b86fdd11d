"""The gradients of fully connected networks, in every mode, against functions in plain NumPy and against other libraries."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import gradcalc
from tests.modes import ARRAYS, EXACT

ROWS, WIDTHS, DECAY = 3, (4, 3, 5, 2, 4, 3), 0.01
ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "sigmoid": lambda z: 1.0 / (1.0 + np.exp(-z)), "relu": lambda z: np.where(z > 0.0, z, 0.0), "tanh": np.tanh,
    "softplus": lambda z: np.log(1.0 + np.exp(z))}
LOSSES = ("squared", "classes", "distributions")
#: A finite difference steps over a kink that is nearer than this to where it stands.
CLEAR = 1e-2


class Network(NamedTuple):
    """A network of some layers as a program, its point and the names that it is trained by."""

    layers: int
    activation: str
    loss: str
    at: dict[str, Any]

    @property
    def wrt(self) -> list[str]:
        return [f"{kind}{layer}" for layer in range(1, self.layers + 1) for kind in "Wb"]

    @property
    def text(self) -> str:
        lines = [f"a{layer} = {self.activation}(a{layer - 1}@W{layer} + b{layer})" for layer in range(1, self.layers)]
        lines.append(f"z = a{self.layers - 1}@W{self.layers} + b{self.layers}")
        lines.append("C = mean((z - Y)^2)" if self.loss == "squared" else "C = cross_entropy(z, Y)")
        decay = " + ".join(f"sum(W{layer}^2)" for layer in range(1, self.layers + 1))
        return "\n".join([*lines, f"J = C + {DECAY}*({decay})"])


def network(layers: int, activation: str, loss: str, seed: int = 0) -> Network:
    rng = np.random.default_rng(seed)
    while True:
        widths = (*WIDTHS[:layers], WIDTHS[-1])
        at: dict[str, Any] = {"a0": rng.normal(size=(ROWS, widths[0]))}
        for layer in range(layers):
            at[f"W{layer + 1}"] = rng.normal(size=widths[layer:layer + 2])
            at[f"b{layer + 1}"] = rng.normal(size=widths[layer + 1])
        classes = rng.integers(0, widths[-1], ROWS)
        targets = {"squared": rng.normal(size=(ROWS, widths[-1])), "classes": classes,
                   "distributions": rng.dirichlet(np.ones(widths[-1]), ROWS)}
        at["Y"] = targets[loss]
        found = Network(layers, activation, loss, at)
        if min((np.min(np.abs(z)) for z in scores(found, at)[:-1]), default=1.0) > CLEAR:
            return found


def scores(net: Network, at: dict[str, Any]) -> list[np.ndarray]:
    """What goes into each activation, and the last layer's."""
    found, a = [], at["a0"]
    for layer in range(1, net.layers + 1):
        found.append(a @ at[f"W{layer}"] + at[f"b{layer}"])
        a = ACTIVATIONS[net.activation](found[-1])
    return found


def by_numpy(net: Network, at: dict[str, Any]) -> float:
    """The loss, without gradcalc."""
    z, y = scores(net, at)[-1], at["Y"]
    if net.loss == "squared":
        loss = np.mean((z - y) ** 2)
    else:
        p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        target = np.eye(z.shape[1])[y] if net.loss == "classes" else y
        loss = -np.mean(np.sum(target * np.log(p), axis=1))
    return float(loss + DECAY * sum(np.sum(at[name] ** 2) for name in net.wrt if name.startswith("W")))


def differences(net: Network, name: str) -> np.ndarray:
    """The gradient by central differences, extrapolated once (Richardson)."""
    found = np.zeros_like(net.at[name])
    for place in np.ndindex(found.shape):
        def loss(shift: float, place: tuple[int, ...] = place) -> float:
            moved = net.at[name].copy()
            moved[place] += shift
            return by_numpy(net, {**net.at, name: moved})

        h = 1e-3
        wide, narrow = ((loss(step) - loss(-step)) / (2.0 * step) for step in (h, h / 2.0))
        found[place] = (4.0 * narrow - wide) / 3.0
    return found


def assert_near(found: Any, expected: np.ndarray, tolerance: float, what: object) -> None:
    assert np.shape(found) == expected.shape, what
    assert np.isfinite(found).all() and np.isfinite(expected).all(), what
    assert np.max(np.abs(found - expected)) <= tolerance * max(1.0, float(np.max(np.abs(expected)))), what


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("layers", range(1, 6))
def test_every_mode_finds_what_differences_measure(layers: int, activation: str, loss: str) -> None:
    net = network(layers, activation, loss)
    program = gradcalc.parse(net.text)
    truth = {name: differences(net, name) for name in net.wrt}
    for mode in ARRAYS:
        result = program.diff(net.wrt, net.at, mode)
        assert abs(result.value - by_numpy(net, net.at)) <= 1e-13 * max(1.0, abs(result.value))
        assert list(result.gradient) == net.wrt
        for name, expected in truth.items():
            assert_near(result.gradient[name], expected, 1e-7, (mode, name))


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("layers", range(1, 6))
def test_pytorch(layers: int, activation: str, loss: str, seed: int) -> None:
    torch = pytest.importorskip("torch")
    net = network(layers, activation, loss, seed)
    tensors = {name: torch.tensor(value, requires_grad=name in net.wrt) for name, value in net.at.items()}
    functions = {"sigmoid": torch.sigmoid, "relu": torch.relu, "tanh": torch.tanh, "softplus": torch.nn.functional.softplus}
    a = z = tensors["a0"]
    for layer in range(1, layers + 1):
        z = a @ tensors[f"W{layer}"] + tensors[f"b{layer}"]
        a = functions[activation](z)
    cost = torch.mean((z - tensors["Y"]) ** 2) if loss == "squared" else torch.nn.functional.cross_entropy(z, tensors["Y"])
    cost = cost + DECAY * sum((tensors[f"W{layer}"] ** 2).sum() for layer in range(1, layers + 1))
    cost.backward()
    program = gradcalc.parse(net.text)
    for mode in EXACT:
        result = program.diff(net.wrt, net.at, mode)
        for name in net.wrt:
            assert_near(result.gradient[name], tensors[name].grad.numpy(), 1e-12, (mode, name))


@pytest.mark.parametrize("loss", ["squared", "distributions"])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
@pytest.mark.parametrize("layers", range(1, 6))
def test_autograd(layers: int, activation: str, loss: str) -> None:
    anp = pytest.importorskip("autograd.numpy")
    from autograd import grad

    net = network(layers, activation, loss, seed=3)
    functions = {"sigmoid": lambda z: 1.0 / (1.0 + anp.exp(-z)), "tanh": anp.tanh}

    def cost(at: dict[str, Any]) -> Any:
        a = z = net.at["a0"]
        for layer in range(1, layers + 1):
            z = anp.dot(a, at[f"W{layer}"]) + at[f"b{layer}"]
            a = functions[activation](z)
        scores = z - anp.log(anp.sum(anp.exp(z), axis=1, keepdims=True))
        y = net.at["Y"]
        found = anp.mean((z - y) ** 2) if loss == "squared" else -anp.mean(anp.sum(y * scores, axis=1))
        return found + DECAY * sum(anp.sum(at[f"W{layer}"] ** 2) for layer in range(1, layers + 1))

    expected = grad(cost)({name: net.at[name] for name in net.wrt})
    result = gradcalc.parse(net.text).diff(net.wrt, net.at)
    for name in net.wrt:
        assert_near(result.gradient[name], expected[name], 1e-12, name)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("layers", [1, 3, 5])
def test_the_modes_agree(layers: int, loss: str) -> None:
    net = network(layers, "tanh", loss, seed=4)
    for dtype in ("float64", "float32"):
        comparison = gradcalc.compare(net.text, net.wrt, net.at, dtype=dtype)
        assert comparison.verdict == "agree", dtype
        assert {mode.mode for mode in comparison.modes if mode.status == "ok"} == set(ARRAYS)


@pytest.mark.parametrize("loss", LOSSES)
def test_the_same_network_from_nodes(loss: str) -> None:
    """As nodes, through an Executor, the numbers are those of the text."""
    net = network(3, "softplus", loss, seed=5)
    variables = {name: gradcalc.variable(name) for name in net.at}
    a = z = variables["a0"]
    for layer in range(1, 4):
        z = a @ variables[f"W{layer}"] + variables[f"b{layer}"]
        a = gradcalc.softplus(z)
    y = variables["Y"]
    cost = gradcalc.mean((z - y) ** 2) if loss == "squared" else gradcalc.cross_entropy(z, y)
    cost = cost + DECAY * (sum(gradcalc.sum(variables[f"W{layer}"] ** 2) for layer in range(2, 4))
                           + gradcalc.sum(variables["W1"] ** 2))
    executor = gradcalc.Executor([cost, *gradcalc.gradients(cost, [variables[name] for name in net.wrt])])
    value, *slopes = executor.run({variables[name]: given for name, given in net.at.items()})
    expected = gradcalc.parse(net.text).diff(net.wrt, net.at)
    assert abs(value - expected.value) <= 1e-13 * abs(expected.value)
    for name, slope in zip(net.wrt, slopes, strict=True):
        assert_near(slope, expected.gradient[name], 1e-13, name)
