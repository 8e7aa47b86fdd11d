"""Powers of every kind of base and exponent, and choices whose other branch is undefined: numbers, arrays, points in bulk.

What is expected is worked out here by the rules of school, as plain functions of Python's numbers.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import gradcalc
from gradcalc.diagnostics import ExitStatus
from gradcalc.graph import sweeps
from gradcalc.graph.namespaces import arrays

SWEEPS = ("forward", "reverse")
MODES = (*SWEEPS, "symbolic", "complex")

#: Base, exponent, and the derivatives by either; None where there is none.
POWERS = [
    (0.0, 0.0, 0.0, None), (0.0, 1.0, 1.0, 0.0), (0.0, 2.0, 0.0, 0.0), (0.0, 3.0, 0.0, 0.0), (0.0, 1.5, 0.0, 0.0),
    (0.0, 0.5, None, 0.0), (0.0, -1.0, None, None), (2.0, 0.0, 0.0, math.log(2.0)), (2.0, 0.5, 0.5 / math.sqrt(2.0), None),
    (-2.0, 0.0, 0.0, None), (-2.0, 1.0, 1.0, None), (-2.0, 2.0, -4.0, None), (-2.0, 3.0, 12.0, None), (-2.0, -1.0, -0.25, None),
    (-2.0, -2.0, 0.25, None), (-2.0, 0.5, None, None), (1.0, 5.0, 5.0, 0.0), (-1.0, 7.0, 7.0, None), (10.0, -3.0, -3e-4, None),
]
#: What a choice keeps out, the points, and the derivative.
CHOICES: list[tuple[str, Sequence[float], Callable[[float], float]]] = [
    ("where(x < 1, x, sqrt(x - 1))", (-3.0, 0.5, 1.25, 5.0), lambda x: 1.0 if x < 1 else 0.5 / math.sqrt(x - 1)),
    ("where(x > 0, log(x), 0)", (-1.0, 0.5, 2.0), lambda x: 1.0 / x if x > 0 else 0.0),
    ("where(x == 0, 1, 1/x)", (-2.0, 3.0), lambda x: -1.0 / x**2),
    ("where(x > 0, x*log(x), x^2)", (-1.0, 2.0), lambda x: math.log(x) + 1.0 if x > 0 else 2.0 * x),
    ("where(x < 0, 0, where(x < 1, asin(x), acosh(x)))", (-2.0, 0.5, 2.0),
     lambda x: 0.0 if x < 0 else 1.0 / math.sqrt(1.0 - x**2) if x < 1 else 1.0 / math.sqrt(x**2 - 1.0)),
    ("u = sqrt(x); where(x > 1, u, x)*where(x > 1, u, x)", (-2.0, 4.0), lambda x: 1.0 if x > 1 else 2.0 * x),
    ("where(x > 0, (-x)^0.5, x^3)", (-2.0,), lambda x: 3.0 * x**2),
    ("where(not (x > 2), exp(x), exp(exp(x)))", (1.0, 2.0 - 2.0**-20, -700.0), math.exp),
    ("where(x < 5, x, exp(1000*x))", (2.0, 4.0), lambda x: 1.0),
    ("u = sqrt(x); where(u > 1, u, 0)", (0.0, 0.25, 4.0), lambda x: 0.5 / math.sqrt(x) if x > 1 else 0.0),
    ("u = acos(x); where(u > 1 or u > 2, u, 2*x)", (1.0, 0.0), lambda x: 2.0 if x > 0.6 else -1.0 / math.sqrt(1.0 - x**2)),
    ("v = 1/x; w = log(v); where(abs(x) < 1, 3*x, w)", (-0.5, 0.5, 2.0), lambda x: 3.0 if abs(x) < 1 else -1.0 / x),
]


def slope(text: str, wrt: str, at: dict[str, Any], mode: str) -> Any:
    """The derivative, None where it is refused."""
    try:
        found = gradcalc.parse(text).diff(wrt, at, mode).gradient[wrt]
    except gradcalc.GradcalcError as problem:
        assert problem.status is ExitStatus.UNDEFINED
        return None
    assert np.isfinite(found).all()
    return found


def agree(found: Any, expected: Any) -> bool:
    if found is None or expected is None:
        return found is expected
    return bool(np.all(np.abs(np.subtract(found, expected)) <= 1e-13 * np.maximum(1.0, np.abs(expected))))


def bulk(text: str, at: dict[str, Sequence[float]], wrt: str, direction: str) -> Any:
    """The derivatives at many points in one sweep."""
    program = gradcalc.parse(text)
    graph, names = program.graph, program.graph.names
    root = graph.ancestors([len(graph) - 1])[-1]
    order = graph.ancestors([root])
    with arrays.silent():
        point = {names[name]: arrays.points(values) for name, values in at.items()}
        primal = sweeps.values(graph, order, point, arrays)
        if direction == "forward":
            return sweeps.forward(graph, order, primal, {names[wrt]: np.ones(len(at[wrt]))}, arrays)[root]
        return sweeps.reverse(graph, order, primal, graph.descendants([names[wrt]], order), arrays)[names[wrt]]


# -- powers --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("base", "exponent", "by_base", "by_exponent"), POWERS)
@pytest.mark.parametrize("mode", MODES)
def test_powers(mode: str, base: float, exponent: float, by_base: float | None, by_exponent: float | None) -> None:
    at = {"a": base, "b": exponent}
    assert agree(slope("a^b", "a", at, mode), by_base)
    assert agree(slope(f"a^({exponent!r})", "a", {"a": base}, mode), by_base)
    if by_exponent is not None or base <= 0.0:
        assert agree(slope("a^b", "b", at, mode), by_exponent)
        assert agree(slope(f"({base!r})^b", "b", {"b": exponent}, mode), by_exponent)


@pytest.mark.parametrize("mode", SWEEPS)
def test_powers_in_arrays(mode: str) -> None:
    smooth = [(base, exponent, slope) for base, exponent, slope, _ in POWERS if slope is not None]
    bases, exponents, slopes = map(list, zip(*smooth, strict=True))
    assert agree(slope("sum(a^b)", "a", {"a": bases, "b": exponents}, mode), slopes)
    rising = [(base, exponent, slope) for base, exponent, _, slope in POWERS if slope is not None]
    bases, exponents, slopes = map(list, zip(*rising, strict=True))
    assert agree(slope("sum(a^b)", "b", {"a": bases, "b": exponents}, mode), slopes)


@pytest.mark.parametrize("direction", SWEEPS)
def test_powers_at_points_in_bulk(direction: str) -> None:
    smooth = [(base, exponent, slope) for base, exponent, slope, _ in POWERS if slope is not None]
    bases, exponents, slopes = map(list, zip(*smooth, strict=True))
    found = bulk("a^b", {"a": bases, "b": exponents}, "a", direction)
    assert np.isfinite(found).all()
    assert agree(found, slopes)


@pytest.mark.parametrize("mode", MODES)
def test_a_power_of_itself(mode: str) -> None:
    assert agree(slope("x^x", "x", {"x": 1.0}, mode), 1.0)
    assert agree(slope("x^x", "x", {"x": 2.0}, mode), 4.0 * (math.log(2.0) + 1.0))
    assert slope("x^x", "x", {"x": 0.0}, mode) is None
    assert slope("x^x", "x", {"x": -2.0}, mode) is None


@pytest.mark.parametrize("text", ["x^2", "x^n", "x**3 + x^(-1)", "(x*1)^2"])
def test_the_logarithm_of_a_negative_base_is_not_asked_for(text: str) -> None:
    at = {"x": -2.0} | ({"n": 3.0} if "n" in text else {})
    for mode in MODES:
        assert slope(text, "x", at, mode) is not None


def test_the_cube_root_is_suggested() -> None:
    for text in ("(-8)^(1/3)", "x^(1/3)"):
        with pytest.raises(gradcalc.GradcalcError) as caught:
            gradcalc.parse(text).eval({"x": -8} if "x" in text else {})
        assert "cbrt" in (caught.value.diagnostic.hint or "")
    assert gradcalc.parse("cbrt(x)").diff("x", {"x": -8}).gradient["x"] == pytest.approx(1 / 12, rel=1e-15)


# -- choices -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "points", "expected"), CHOICES, ids=[text for text, _, _ in CHOICES])
@pytest.mark.parametrize("mode", MODES)
def test_the_branch_not_taken(mode: str, text: str, points: Sequence[float], expected: Callable[[float], float]) -> None:
    for x in points:
        assert agree(slope(text, "x", {"x": x}, mode), expected(x)), x


@pytest.mark.parametrize(("text", "points", "expected"), CHOICES, ids=[text for text, _, _ in CHOICES])
@pytest.mark.parametrize("mode", MODES)
def test_the_branch_not_taken_of_an_array(mode: str, text: str, points: Sequence[float],
                                          expected: Callable[[float], float]) -> None:
    *before, last = text.split("; ")
    assert agree(slope("; ".join([*before, f"sum({last})"]), "x", {"x": list(points)}, mode), [expected(x) for x in points])


@pytest.mark.parametrize(("text", "points", "expected"), CHOICES, ids=[text for text, _, _ in CHOICES])
@pytest.mark.parametrize("direction", SWEEPS)
def test_the_branch_not_taken_in_bulk(direction: str, text: str, points: Sequence[float],
                                      expected: Callable[[float], float]) -> None:
    many = list(points) * 100
    found = np.broadcast_to(bulk(text, {"x": many}, "x", direction), len(many))
    assert np.isfinite(found).all()
    assert agree(found, [expected(x) for x in many])


@pytest.mark.parametrize(("text", "points", "expected"), CHOICES, ids=[text for text, _, _ in CHOICES])
@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_the_branch_not_taken_by_a_compiled_function(engine: Any, text: str, points: Sequence[float],
                                                     expected: Callable[[float], float]) -> None:
    _, gradient = gradcalc.parse(text).compile(engine=engine)(x=np.array(points))
    assert np.isfinite(gradient["x"]).all()
    assert agree(gradient["x"], [expected(x) for x in points])


@pytest.mark.parametrize("mode", MODES)
def test_a_condition_on_another_input(mode: str) -> None:
    for x, y in ((-1.0, 2.0), (1.0, -2.0)):
        text = "where(x > 0, log(x)*y, sqrt(y) + x)"
        assert agree(slope(text, "x", {"x": x, "y": y}, mode), y / x if x > 0 else 1.0)
        assert agree(slope(text, "y", {"x": x, "y": y}, mode), math.log(x) if x > 0 else 0.5 / math.sqrt(y))


@pytest.mark.parametrize("mode", SWEEPS)
def test_a_whole_array_is_chosen_by_one_number(mode: str) -> None:
    text = "sum(where(c > 0, log(X), X*X))"
    negative = [[-1.0, 0.0], [2.0, -3.0]]
    assert agree(slope(text, "X", {"X": negative, "c": -1.0}, mode), np.multiply(2.0, negative))
    positive = [[1.0, 4.0], [2.0, 8.0]]
    assert agree(slope(text, "X", {"X": positive, "c": 1.0}, mode), np.divide(1.0, positive))


@pytest.mark.parametrize("mode", SWEEPS)
def test_a_reduction_behind_a_choice(mode: str) -> None:
    text = "where(c > 0, norm(X), sum(log(X)))"
    assert agree(slope(text, "X", {"X": [3.0, -4.0], "c": 1.0}, mode), [0.6, -0.8])
    assert agree(slope(text, "X", {"X": [0.5, 4.0], "c": -1.0}, mode), [2.0, 0.25])


@pytest.mark.parametrize(("text", "at", "expected"), [
    ("c/b", {"c": 1e308, "b": 1e308}, {"c": 1e-308, "b": -1e-308}),
    ("c/b", {"c": 1e-200, "b": 1e-200}, {"c": 1e200, "b": -1e200}),
    ("c/b", {"c": 1e300, "b": 1e200}, {"c": 1e-200, "b": -1e-100}), ("1/(1 + exp(-x))", {"x": 800.0}, {"x": 0.0}),
    ("x/sqrt(x^2 + y^2)", {"x": 1e-200, "y": 1.0}, {"x": 1.0, "y": -1e-200}),
])
def test_symbolic_mode_holds_over_the_whole_range(text: str, at: dict[str, float], expected: dict[str, float]) -> None:
    found = gradcalc.parse(text).diff(at=at, mode="symbolic").gradient
    assert all(map(math.isfinite, found.values()))
    assert found == pytest.approx(expected, rel=1e-15, abs=0.0)
