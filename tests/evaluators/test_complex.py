"""The complex step: exact, and blind to the table's partials."""

import math

import pytest

import gradcalc
from gradcalc.evaluators import Can
from gradcalc.evaluators.complex import ComplexStep


def slope(text: str, x: float) -> float:
    found = gradcalc.parse(text).diff("x", {"x": x}, "complex").gradient["x"]
    assert math.isfinite(found)
    return found


@pytest.mark.parametrize(("text", "x", "expected"), [
    ("x^2", 3.0, 6.0), ("x*x", 0.0, 0.0), ("x*x*x", 0.0, 0.0), ("1/x", 1e-150, -1e300), ("x^2", 1e150, 2e150),
    ("sin(x)", 1e10, math.cos(1e10)), ("exp(-x^2)", 20.0, -40.0 * math.exp(-400.0)),
    ("sigmoid(x)", -300.0, math.exp(-300.0)), ("log(x)", 1e-300, 1e300), ("atan2(x, 1e-20)", 1e-20, 5e19),
    ("x^3", -2.0, 12.0), ("where(x*x == 0, 3*x, 5)", 0.0, 3.0), ("x^2", 1e-100, 2e-100)])
def test_every_scale(text: str, x: float, expected: float) -> None:
    assert abs(slope(text, x) - expected) <= 1e-13 * abs(expected)


@pytest.mark.parametrize(("text", "x", "expected"), [
    ("abs(x)", 0.0, 0.0), ("relu(x)", 0.0, 0.5), ("max(x, 2*x)", 0.0, 1.5), ("relu(x) - relu(-x)", 0.0, 1.0),
    ("clip(x, 0, 1)", 1.0, 0.5), ("floor(x)", 2.5, 0.0), ("mod(x, 2)", 5.3, 1.0)])
def test_the_convention_at_kinks(text: str, x: float, expected: float) -> None:
    assert abs(slope(text, x) - expected) <= 1e-15


@pytest.mark.parametrize("text", ["sqrt(x)", "cbrt(x)", "asin(1 + x)", "acosh(x + 1)"])
def test_no_derivative_is_no_number(text: str) -> None:
    with pytest.raises(gradcalc.GradcalcError) as caught:
        gradcalc.parse(text).diff("x", {"x": 0.0}, "complex")
    assert caught.value.diagnostic.code == "undefined"


def test_only_what_moves_is_computed_again() -> None:
    request = gradcalc.parse("u = sin(a)*cos(a)*exp(a); y = u + b").request("b", {"a": 1.0, "b": 2.0}, counted=True)[0]
    answer = ComplexStep().differentiate(request)
    assert answer.gradient == {"b": 1.0}
    assert answer.operations == 6 + 1  # three functions, two products and a sum; then the sum alone


def test_what_it_can() -> None:
    assert Can.INDEPENDENT in ComplexStep.can
    assert Can.NO_POINT not in ComplexStep.can
    with pytest.raises(gradcalc.GradcalcError) as caught:
        gradcalc.parse("x^2").diff("x", mode="complex")
    assert caught.value.diagnostic.code == "missing"
