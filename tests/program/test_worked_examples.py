"""The built-in worked examples, through the command line and through Python, in every mode."""

import json
import math
import subprocess
import sys
from typing import Any

import pytest

import gradcalc
from gradcalc.evaluators import BUILT_IN, Can, evaluator
from gradcalc.program.examples import EXAMPLES, Example
from tests.modes import tolerance

TOLERANCE = {mode: tolerance(mode, 1e-12, times=0.1) for mode in BUILT_IN}
FOR_ARRAYS = [mode for mode in BUILT_IN if Can.ARRAYS in evaluator(mode).can]


def takes(mode: str, example: Example) -> bool:
    """Whether the mode takes the example: there are modes for numbers alone."""
    return mode in FOR_ARRAYS or not any(isinstance(value, list) for value in example.at.values())


EVERYWHERE = pytest.mark.parametrize(
    ("example", "mode"), [pytest.param(example, mode, id=f"{example.name}-{mode}") for example in EXAMPLES for mode in BUILT_IN
                          if takes(mode, example)])


def close(found: Any, expected: Any, mode: str) -> bool:
    """Numbers, or arrays of one shape, that agree; printed arrays are nested lists."""
    if isinstance(expected, list):
        assert not isinstance(found, float)
        assert len(found) == len(expected) > 0
        return all(close(*pair, mode) for pair in zip(found, expected, strict=True))
    assert isinstance(found, float)
    assert math.isfinite(found)
    return abs(found - expected) <= TOLERANCE[mode] * max(1.0, abs(expected))


@EVERYWHERE
def test_python(example: Example, mode: str) -> None:
    result = gradcalc.parse(example.program).diff(example.wrt, example.at, mode, example.of)
    assert close(result.value, example.value, mode)
    assert result.gradient is not None
    assert list(result.gradient) == list(example.gradient)
    assert all(close(result.gradient[name], expected, mode) for name, expected in example.gradient.items())


@EVERYWHERE
def test_command_line(example: Example, mode: str) -> None:
    at = ",".join(f"{name}={value!r}" for name, value in example.at.items())
    of = ["--of", example.of] if example.of else []
    done = subprocess.run([sys.executable, "-m", "gradcalc", "diff", example.program, "--at", at, "--wrt",
                           ",".join(example.wrt), "--mode", mode, "--json", *of], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert close(found["value"], example.value, mode)
    assert list(found["gradient"]) == list(example.gradient)
    assert all(close(found["gradient"][name], expected, mode) for name, expected in example.gradient.items())


def test_the_adjoints_of_the_two_gates() -> None:
    result = gradcalc.parse("c=a+b; d=b+1; e=c*d").diff("b", {"a": 2, "b": 1})
    assert result.trace is not None
    assert {row.name: (row.value, row.adjoint) for row in result.trace if row.name} == {
        "a": (2.0, 2.0), "b": (1.0, 5.0), "c": (3.0, 2.0), "d": (2.0, 3.0), "e": (6.0, 1.0)}


#: What the sheet of the examples prints of the two networks.
PRINTED = {
    "sigmoid-network": (0.5162397815854257, {
        ("b1",): [-0.011690471979958, 0.041761781563650915, -0.05068319210559541],
        ("b2",): [-0.25472447078337496, 0.25319101440944414],
        ("W2", 0): [-0.16446446091131442, -0.19346601637405814, -0.12417884268607697],
        ("W1", 0): [-0.011690471979958, -0.005845235989979, 0.011690471979958, -0.023380943959916]}),
    "minibatch": (0.6274440899058712, {
        ("W1", 0): [-0.07807826859550972, 0.08353841808513494, -0.021073428232560004],
        ("W2", 0): [-0.12458032308449518, 0.12858032308449518]}),
}


@pytest.mark.parametrize("mode", FOR_ARRAYS)
@pytest.mark.parametrize("name", PRINTED)
def test_the_printed_numbers_of_the_networks(name: str, mode: str) -> None:
    example = next(example for example in EXAMPLES if example.name == name)
    value, rows = PRINTED[name]
    result = gradcalc.parse(example.program).diff(example.wrt, example.at, mode)
    assert close(result.value, value, mode)
    for (array, *place), expected in rows.items():
        found = result.gradient[array]
        assert close(found[tuple(place)], expected, mode), array


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_the_modes_agree(example: Example, dtype: str) -> None:
    comparison = gradcalc.compare(example.program, example.wrt, example.at, of=example.of, dtype=dtype)
    assert comparison.verdict == "agree"
    answered = {mode for mode in BUILT_IN if mode in FOR_ARRAYS or (dtype == "float64" and takes(mode, example))}
    assert {mode.mode: mode.status for mode in comparison.modes} == {
        mode: "ok" if mode in answered else "unsupported" for mode in BUILT_IN}


def test_each_sine_and_cosine_is_evaluated_once() -> None:
    graph = gradcalc.parse("x=sin(w); y=sin(x); z=sin(y)").graph
    assert [row.op for row in graph.instructions] == ["input", "sin", "sin", "sin"]
    (mode,) = gradcalc.compare("x=sin(w); y=sin(x); z=sin(y)", at={"w": 0.8}, modes="reverse").modes
    assert mode.operations == 3 + 3 * 2, "three sines; three cosines, each times an adjoint"


@pytest.mark.parametrize(("program", "formula"), [("1+2*x+3*x^2", "6*x + 2"), ("u=t^2; x=1-u; f=5*x", "-10*t")])
def test_formulas(program: str, formula: str) -> None:
    result = gradcalc.parse(program).diff()
    assert result.formula is not None
    assert list(result.formula.values()) == [formula]
    assert result.gradient is None
