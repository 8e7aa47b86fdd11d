"""The two sweeps, on scalars and on arrays of points."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from gradcalc.graph import sweeps
from gradcalc.graph.namespaces import arrays, scalars
from gradcalc.graph.operations import TABLE
from gradcalc.program.program import parse

CHOICES = ["where(x > 0, log(x), x^2)", "where(x > 0, where(x > 1, sqrt(x - 1), 1/(x - 1)), exp(-x))",
           "u = log(x); v = 1/x; where(x > 0, u*v, x) + where(x <= 0, -3*x, u)", "where(x, 1/x, 5*x)",
           "2*where(x > 0, sqrt(x), where(x < -1, acosh(-x), x^3))", "where(not (x > 0), sin(x), x*log(x))"]
SMOOTH = "u = sin(x)*y; v = exp(u/3) + x^2; w = tanh(v - y)*u; w/(1 + v^2) + atan2(u, v)"


def swept(text: str, at: Mapping[str, Any], xp: Any) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    """The value, and the derivatives by the forward and by the reverse sweep."""
    program = parse(text)
    graph = program.graph
    order = graph.ancestors([len(graph) - 1])
    point = {graph.names[name]: value for name, value in at.items()}
    primal = sweeps.values(graph, order, point, xp)
    forward = {name: sweeps.forward(graph, order, primal, {node: xp.constant(1.0)}, xp)[order[-1]]
               for name, node in graph.names.items()}
    active = graph.descendants([*point, *graph.names.values()], order)
    adjoints = sweeps.reverse(graph, order, primal, active, xp)
    return primal[order[-1]], forward, {name: adjoints[node] for name, node in graph.names.items()}


def close(a: Any, b: Any) -> bool:
    assert np.isfinite(a).all()
    assert np.isfinite(b).all()
    return bool((np.abs(np.asarray(a) - b) <= 1e-12 * np.maximum(1.0, np.abs(b))).all())


def truth(text: str, x: float) -> float:
    return parse(text).diff("x", {"x": x}, "complex").gradient["x"]


@pytest.mark.parametrize("text", CHOICES)
@pytest.mark.parametrize("x", [-2.5, -0.5, 0.5, 2.5])
def test_the_other_branch_never_comes_through(text: str, x: float) -> None:
    value, forward, reverse = swept(text, {"x": x}, scalars)
    assert math.isfinite(value)
    assert close(forward["x"], truth(text, x))
    assert close(reverse["x"], truth(text, x))


@pytest.mark.parametrize("text", CHOICES)
def test_nor_on_arrays(text: str) -> None:
    x = np.array([-2.5, -0.5, 0.5, 2.5])
    with arrays.silent():
        value, forward, reverse = swept(text, {"x": x}, arrays)
    expected = [truth(text, number) for number in x.tolist()]
    assert np.isfinite(value).all()
    assert close(forward["x"], expected)
    assert close(reverse["x"], expected)


def test_a_branch_that_is_nowhere_taken_is_not_differentiated(monkeypatch: pytest.MonkeyPatch) -> None:
    forbid(monkeypatch, "log", 0)
    graph = parse("where(x > 0, log(x), x^2)").graph
    order = graph.ancestors([len(graph) - 1])
    x = graph.names["x"]
    with arrays.silent():
        primal = sweeps.values(graph, order, {x: np.array([-1.0, -2.0])}, arrays)
        adjoints = sweeps.reverse(graph, order, primal, graph.descendants([x], order), arrays)
    assert close(adjoints[x], [-2.0, -4.0])


def forbid(monkeypatch: pytest.MonkeyPatch, name: str, position: int) -> None:
    """A table in which one partial must not be evaluated."""
    def forbidden(*args: Any) -> Any:
        raise AssertionError(f"the partial of {name} was evaluated")

    row = TABLE[name]
    rules = (*row.partials[:position], forbidden, *row.partials[position + 1:])
    monkeypatch.setitem(TABLE, name, row._replace(partials=rules))


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_the_exponent_of_a_square_is_never_asked(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    forbid(monkeypatch, "pow", 1)
    assert parse("x^2").diff("x", {"x": -3.0}, mode).gradient == {"x": -6.0}


def test_the_forbidding_works(monkeypatch: pytest.MonkeyPatch) -> None:
    forbid(monkeypatch, "pow", 1)
    with pytest.raises(AssertionError, match="pow"):
        parse("x^y").diff("y", {"x": 3.0, "y": 2.0}, "reverse")


def test_an_intermediate_node_is_independent_as_a_seed() -> None:
    program = parse("u = x^2; y = u*x + u^2")
    for mode in ("forward", "reverse", "symbolic", "complex", "finite"):
        gradient = program.diff("u,x", {"x": 3.0}, mode).gradient
        assert close(gradient["u"], 3.0 + 2.0 * 9.0) or mode == "finite"
        assert abs(gradient["u"] - 21.0) < 1e-8
        assert abs(gradient["x"] - (3.0 * 9.0 + 4.0 * 27.0)) < 1e-8


@pytest.fixture
def points() -> dict[str, np.ndarray]:
    source = np.random.default_rng(7)
    return {"x": source.uniform(-2.0, 2.0, 1000), "y": source.uniform(-2.0, 2.0, 1000)}


def test_sweeps_agree_on_a_thousand_points(points: dict[str, np.ndarray]) -> None:
    with arrays.silent():
        value, forward, reverse = swept(SMOOTH, points, arrays)
    assert all(close(forward[name], reverse[name]) for name in ("x", "y", "u", "v", "w"))
    for k in range(0, 1000, 97):
        one, slopes, _ = swept(SMOOTH, {name: float(column[k]) for name, column in points.items()}, scalars)
        assert close(value[k], one)
        assert all(close(forward[name][k], slopes[name]) for name in slopes)


def test_dot_product_identity(points: dict[str, np.ndarray]) -> None:
    """The tangent for a direction is the adjoints' product with it, for any direction: <1, J d> = <J' 1, d>."""
    program = parse(SMOOTH)
    graph = program.graph
    order = graph.ancestors([len(graph) - 1])
    nodes = [graph.names["x"], graph.names["y"]]
    source = np.random.default_rng(8)
    direction = {node: source.normal(size=1000) for node in nodes}
    with arrays.silent():
        primal = sweeps.values(graph, order, dict(zip(nodes, points.values(), strict=True)), arrays)
        tangent = sweeps.forward(graph, order, primal, direction, arrays)[order[-1]]
        adjoints = sweeps.reverse(graph, order, primal, graph.descendants(nodes, order), arrays)
    assert close(tangent, sum(adjoints[node] * direction[node] for node in nodes))


def test_the_warnings_of_arrays_are_silent(recwarn: pytest.WarningsRecorder) -> None:
    with arrays.silent():
        value, _, _ = swept("log(x) + 1/x + sqrt(x) + exp(1000*x)", {"x": np.array([-1.0, 0.0])}, arrays)
    assert not np.isfinite(value).any()
    assert len(recwarn) == 0
