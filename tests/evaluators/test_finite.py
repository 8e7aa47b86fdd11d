"""Finite differences: the extrapolated ones, their estimate, and the textbook's forms with the textbook's errors."""

import math

import pytest

import gradcalc
from gradcalc.evaluators.finite import FiniteDifference, extrapolated


def measured(text: str, x: float, **options: object) -> float:
    found = gradcalc.parse(text).diff("x", {"x": x}, "finite", **options).gradient["x"]
    assert math.isfinite(found)
    return found


@pytest.mark.parametrize(("text", "x", "expected", "tolerance"), [
    ("x^2", 3.0, 6.0, 1e-12), ("sin(1000*x)", 1.0, 1000.0 * math.cos(1000.0), 1e-9), ("sin(x)", 1e10, math.cos(1e10), 1e-9),
    ("1/x", 1e-10, -1e20, 1e-9), ("1/x", 1e-150, -1e300, 1e-9), ("sqrt(x)", 1e-12, 5e5, 1e-9),
    ("log(x)", 1e-300, 1e300, 1e-9),
    ("exp(-1/x)", 0.01, 1e4 * math.exp(-100.0), 1e-9), ("x^2", 1e100, 2e100, 1e-9), ("x^2", 1e-100, 2e-100, 1e-9),
    ("tan(x)", 1.5707, 1.0 + math.tan(1.5707) ** 2, 1e-9), ("exp(x)", 700.0, math.exp(700.0), 1e-9),
    ("abs(x)", 1e-5, 1.0, 1e-9),
    ("sigmoid(x)", -700.0, math.exp(-700.0), 1e-9), ("1/(x - 1)", 1.0001, -1.0 / (1.0001 - 1.0) ** 2, 1e-9)])
def test_every_scale(text: str, x: float, expected: float, tolerance: float) -> None:
    assert abs(measured(text, x) - expected) <= tolerance * abs(expected)


@pytest.mark.parametrize(("text", "x", "expected"), [
    ("abs(x)", 0.0, 0.0), ("relu(x)", 0.0, 0.5), ("relu(x) - relu(-x)", 0.0, 1.0), ("floor(x)", 20.5, 0.0),
    ("round(x)", 3.3, 0.0), ("mod(x, 0.04)", 1.4561, 1.0), ("sign(x)", 1e-3, 0.0), ("where(x > 0, x, 3*x)", -0.01, 3.0)])
def test_kinks_and_jumps_nearby(text: str, x: float, expected: float) -> None:
    assert abs(measured(text, x) - expected) <= 1e-9


@pytest.mark.parametrize(("text", "x", "expected"), [
    ("x^1.5", 0.0, 0.0), ("x^2.5", 0.0, 0.0)])
def test_the_edge_of_the_domain(text: str, x: float, expected: float) -> None:
    """Only one-sided differences exist there."""
    assert abs(measured(text, x) - expected) <= 1e-6


@pytest.mark.parametrize("text", ["exp(x)", "sin(3*x)/x", "log(x)*sqrt(x)", "erf(x)^3", "1e6 + x^2", "tanh(20*x)"])
@pytest.mark.parametrize("x", [0.01, 0.7, 2.0, 15.0])
def test_the_estimate_is_honest(text: str, x: float) -> None:
    program = gradcalc.parse(text)
    result = program.diff("x", {"x": x}, "finite")
    truth = program.diff("x", {"x": x}, "complex").gradient["x"]
    error = abs(result.gradient["x"] - truth)
    assert math.isfinite(error)
    assert error <= 10.0 * result.estimate["x"] + 1e-15 * abs(truth)


def test_the_textbook_step_and_its_error() -> None:
    """(f(x + h) - f(x - h))/2h with h = 1e-6: right to about ten digits near 1, to none at 1e10."""
    assert measured("x^3", 2.0, scheme="central", step="1e-6") == ((2.0 + 1e-6) ** 3 - (2.0 - 1e-6) ** 3) / 2e-6
    assert 1e-12 < abs(measured("exp(x)", 1.0, scheme="central", step=1e-6) - math.e) < 1e-8
    assert abs(measured("x^2", 1e10, scheme="central", step=1e-6) - 2e10) > 1e8
    assert abs(measured("x^2", 1e10, scheme="central") - 2e10) < 1.0


@pytest.mark.parametrize(("scheme", "tolerance"), [
    ("central", 1e-9), ("forward", 1e-6), ("backward", 1e-6), ("richardson", 1e-12)])
def test_schemes(scheme: str, tolerance: float) -> None:
    error = abs(measured("exp(x)", 1.0, scheme=scheme) - math.e)
    assert error < tolerance
    assert scheme == "richardson" or error > 1e-13  # each has its own error, which is what they are there to show


def test_only_the_extrapolation_has_an_estimate() -> None:
    program = gradcalc.parse("x^2")
    assert program.diff("x", {"x": 3.0}, "finite").estimate["x"] < 1e-12
    assert program.diff("x", {"x": 3.0}, "finite", scheme="central").estimate is None


@pytest.mark.parametrize("options", [{"scheme": "sideways"}, {"step": 0}, {"step": -1e-6}, {"step": "small"}, {"step": "nan"},
                                     {"step": math.inf}, {"step": [1]}, {"steps": 1e-6}])
def test_options_that_make_no_sense(options: dict[str, object]) -> None:
    with pytest.raises(gradcalc.GradcalcError) as caught:
        measured("x^2", 3.0, **options)
    assert caught.value.diagnostic.code == "option"
    assert caught.value.status == 2


def test_operations_are_those_that_were_carried_out() -> None:
    request = gradcalc.parse("y = x^2 + 1").request("x", {"x": 3.0}, options={"scheme": "central"}, counted=True)[0]
    assert FiniteDifference().differentiate(request).operations == 2 + 2 * 2


def test_a_function_without_a_slope_costs_a_bounded_number_of_values() -> None:
    calls = []

    def rough(x: float) -> float:
        calls.append(x)
        return math.sin(1e30 * x)

    assert extrapolated(rough, 1.0, rough(1.0)).values <= len(calls) < 500
