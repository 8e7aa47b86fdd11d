"""``gradcalc functions``, ``gradcalc modes`` and ``gradcalc examples``."""

import json

import pytest

from gradcalc import parse
from gradcalc.evaluators import names
from gradcalc.graph.operations import TABLE, functions
from gradcalc.program.examples import EXAMPLES


def test_functions_as_json(run):
    answer = json.loads(run("functions", "--json").out)
    assert list(answer) == ["schema", "command", "functions"]
    rows = {row["name"]: row for row in answer["functions"]}
    assert set(rows) == {row.name for row in functions()}
    assert rows["log"] == {"name": "log", "aliases": ["ln"], "parameters": ["x"], "variadic": False,
                           "derivatives": {"x": "1/x"}, "domain": "x > 0", "kink": None, "summary": "natural logarithm",
                           "call": "log(x)", "also": ["ln"], "adjoint": None, "settings": {}}
    assert rows["floor"]["derivatives"] == {"x": "0"}
    assert list(rows["atan2"]["derivatives"]) == ["y", "x"]


def test_every_derivative_is_a_formula_of_the_language(run):
    for row in json.loads(run("functions", "--json").out)["functions"]:
        for formula in row["derivatives"].values():
            assert set(parse(formula).inputs) <= {*row["parameters"], row["adjoint"]}


def test_array_functions_as_json(run):
    rows = {row["name"]: row for row in json.loads(run("functions", "--json").out)["functions"]}
    assert (rows["sum"]["call"], rows["sum"]["settings"]) == ("sum(x, axis, keepdims)", {"axis": None, "keepdims": False})
    assert (rows["stack"]["call"], rows["stack"]["variadic"]) == ("stack(x, …, axis)", True)
    assert (rows["amax"]["call"], rows["amax"]["also"]) == ("max(x, axis, keepdims)", [])
    assert (rows["matmul"]["also"], rows["transpose"]["also"]) == (["dot", "a@b"], ["x.T"])
    assert (rows["trace"]["derivatives"], rows["trace"]["adjoint"]) == ({"x": "diagonal_like(g, x)"}, "g")
    assert rows["matmul_left"]["adjoint"] == "z"
    assert rows["spread_like"]["derivatives"]["like"] == "0"


def test_functions_that_derivatives_are_written_in_come_last(run):
    names = run("functions", "--quiet").out.split()
    auxiliary = [TABLE[name].auxiliary for name in names]
    first = auxiliary.index(True)
    assert "spread_like" in names[first:]
    assert all(auxiliary[first:])
    assert {"sum", "softmax", "solve", "leaky_relu", "cross_entropy", "matrix_transpose"} <= set(names[:first])


def test_functions_for_people(run):
    lines = run("functions", "--format", "plain").out.splitlines()
    [sine] = [line for line in lines if line.startswith("sin(x)")]
    assert sine.split() == ["sin(x)", "x", "cos(x)", "sine"]
    assert lines[0].split("  ")[0] == "function"
    assert "│ x               │ cos(x)" in run("functions").out
    [largest] = [place for place, line in enumerate(lines) if line.startswith("max(x, axis, keepdims)")]
    assert lines[largest].split()[4:10] == ["t1", "=", "x", "==", "spread_like(max(x),", "x)"]
    assert lines[largest + 1].strip() == "spread_like(g, x)*(t1/spread_like(sum(t1, keepdims=True), x))"
    assert lines[-1].startswith("g in a derivative")
    assert r"\sin\left(x\right) & x & \cos\left(x\right) &  &  & \text{sine} \\" in run("functions", "--format", "latex").out


def test_modes(run):
    answer = json.loads(run("modes", "--json").out)
    assert list(answer) == ["schema", "command", "modes"]
    assert [row["name"] for row in answer["modes"]] == names()
    assert [row["name"] for row in answer["modes"] if row["default"]] == ["reverse"]
    assert {row["name"] for row in answer["modes"] if "independent" in row["can"]} == {"complex", "finite"}
    assert "reverse (default)" in run("modes").out
    assert run("modes", "--quiet").out.split() == names()


def test_examples(run):
    answer = json.loads(run("examples", "--json").out)
    assert list(answer) == ["schema", "command", "examples"]
    assert [(row["name"], row["program"], row["at"], row["value"], row["gradient"]) for row in answer["examples"]] == [
        (each.name, each.program, dict(each.at), each.value, dict(each.gradient)) for each in EXAMPLES]
    lines = run("examples", "--format", "plain").out.splitlines()
    assert lines[1].split("  ")[0] == "two-gates"
    assert lines[1].endswith("a = 2, b = 5, c = 2, d = 3")
    assert "│ c = a + b " in run("examples").out
    assert r"\text{two-gates} & c = a + b &" in run("examples", "--format", "latex").out


@pytest.mark.parametrize("command", ["functions", "modes", "examples"])
def test_usage_errors_are_json_too(run, command):
    done = run(command, "--json", "--wrt", "x")
    assert (done.status, done.out) == (2, "")
    assert json.loads(done.err)["error"]["message"] == "no such option '--wrt'"
