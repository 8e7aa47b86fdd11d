"""Recomputation for memory: what a long chain needs of each, and that the numbers are the same."""

import gc
import math
import tracemalloc
from typing import Any

import numpy as np
import pytest

import gradcalc
from gradcalc.graph import checkpoints, sweeps
from gradcalc.graph.namespaces import scalars

LENGTH = 20_000
LINKS = [25, 100, 400]


def chain(links: int) -> str:
    """A chain of sines, each of which needs its argument on the way back."""
    return "\n".join(["y0 = x", *(f"y{k + 1} = sin(y{k})" for k in range(links)), f"sum(y{links})"])


def buffers(links: int, **settings: bool) -> float:
    """The most arrays that are in memory at once while the chain is differentiated."""
    program, at = gradcalc.parse(chain(links)), {"x": np.linspace(0.1, 1.5, LENGTH)}
    program.diff("x", at, **settings)
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        program.diff("x", at, **settings)
        return (tracemalloc.get_traced_memory()[1] - before) / (8 * LENGTH)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("links", LINKS)
def test_memory(links: int) -> None:
    """About n arrays without checkpoints; with them twice the root of n: those at the checkpoints and those of a stretch."""
    without, held = buffers(links, trace=False), buffers(links, checkpoint=True)
    assert links <= without <= links + 8
    assert math.sqrt(links) <= held <= 2.0 * math.sqrt(links) + 4


@pytest.mark.parametrize("links", LINKS)
def test_each_value_is_computed_at_most_twice(links: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from gradcalc.graph.operations import TABLE

    calls = 0

    def counted(xp: Any, x: Any) -> Any:
        nonlocal calls
        calls += 1
        return xp.sin(x)

    monkeypatch.setitem(TABLE, "sin", TABLE["sin"]._replace(value=counted))
    program, at = gradcalc.parse(chain(links)), {"x": [0.5, 1.0]}
    counts = []
    for settings in ({"trace": False}, {"checkpoint": True}):
        calls = 0
        program.diff("x", at, **settings)
        counts.append(calls)
    assert counts == [links, 2 * links]


PROGRAMS: dict[str, tuple[str, dict[str, Any]]] = {
    "chain": (chain(60), {"x": np.array([0.3, 1.2])}),
    "choices": ("y0 = x\n" + "\n".join(f"y{k + 1} = where(y{k} > {k % 3 - 1}, log(y{k} + 2), y{k}^2 - 1)*0.9"
                                        for k in range(40)) + "\nsum(y40)", {"x": np.array([0.3, -0.5, 1.7])}),
    "undefined-branches": ("u = log(x); v = sqrt(-x); w = where(x > 0, u, v)*where(x > 0, 2, v); sum(w^2)",
                           {"x": np.array([0.3, -0.5, 1.7])}),
    "network": ("H = relu(X@W1 + b); J = cross_entropy(H@W2, [0, 1]) + sum(W1^2)",
                {"X": np.array([[1.0, 2.0], [0.5, -1.0]]), "W1": np.array([[0.3, -0.2, 0.1], [0.5, 0.4, -0.6]]),
                 "b": np.array([0.1, 0.2, 0.3]), "W2": np.array([[1.0, 0.5], [-0.3, 0.2], [0.7, 0.1]])}),
    "skips": ("y0 = x\n" + "\n".join(f"y{k + 1} = tanh(y{k})*x + y{k // 2}" for k in range(50)) + "\nsum(y50) + norm(y3)",
              {"x": np.array([0.3, -0.5, 1.7])}),
    "one-instruction": ("sum(x)", {"x": np.array([1.0, 2.0])}),
    "numbers": ("y0 = x\n" + "\n".join(f"y{k + 1} = where(y{k} > 1, y{k}/2, y{k}*a)" for k in range(40)), {"x": 0.3, "a": 1.7}),
    "given-constant": ("y = pi*x^2 + sin(pi*x)", {"x": 2.0, "pi": 3.0}),
}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_the_result_is_the_same_to_the_bit(name: str, dtype: str) -> None:
    text, at = PROGRAMS[name]
    program = gradcalc.parse(text)
    plain, held = program.diff(at=at, dtype=dtype), program.diff(at=at, dtype=dtype, checkpoint=True)
    assert held.value == plain.value and math.isfinite(held.value)
    assert list(held.gradient) == list(plain.gradient)
    for wrt, slope in plain.gradient.items():
        assert np.isfinite(slope).all()
        assert np.array_equal(held.gradient[wrt], slope), wrt


def test_names_on_the_way_and_names_that_do_not_matter() -> None:
    program = gradcalc.parse("u = x^2; v = sin(u)*u; z = y*2; sum(v)")
    at = {"x": [1.0, 2.0], "y": 3.0}
    plain, held = program.diff("u,x,v,z", at), program.diff("u,x,v,z", at, checkpoint=True)
    for wrt, slope in plain.gradient.items():
        assert np.array_equal(held.gradient[wrt], slope), wrt


@pytest.mark.parametrize("size", range(1, 12))
def test_programs_of_every_length(size: int) -> None:
    """Whatever the last stretch is left with."""
    graph = gradcalc.parse(chain(size).replace("sum(", "exp(")).graph
    order = graph.ancestors([len(graph) - 1])
    x = graph.names["x"]
    active = graph.descendants([x], order)
    value, adjoints = checkpoints.reverse(graph, order, {x: 0.7}, active, scalars, {x})
    primal = sweeps.values(graph, order, {x: 0.7}, scalars)
    assert value == primal[order[-1]]
    assert adjoints[x] == sweeps.reverse(graph, order, primal, active, scalars)[x] != 0.0


def test_modes_without_checkpoints_say_so() -> None:
    for mode in ("forward", "symbolic", "complex", "finite"):
        with pytest.raises(gradcalc.GradcalcError, match="keeps no checkpoints"):
            gradcalc.parse("x^2").diff("x", {"x": 1.0}, mode, checkpoint=True)


def test_what_is_undefined_is_noticed() -> None:
    for x in (-1.0, 0.0):
        with pytest.raises(gradcalc.GradcalcError) as caught:
            gradcalc.parse("sum(sqrt(x))").diff("x", {"x": [x, 2.0]}, checkpoint=True)
        assert caught.value.status == 3
