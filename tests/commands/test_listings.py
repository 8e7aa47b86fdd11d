"""``gradcalc functions``, ``gradcalc modes`` and ``gradcalc examples``."""

import json

import pytest

from gradcalc import parse
from gradcalc.evaluators import names
from gradcalc.examples import EXAMPLES
from gradcalc.graph.operations import functions


def test_functions_as_json(run):
    answer = json.loads(run("functions", "--json").out)
    assert list(answer) == ["schema", "command", "functions"]
    rows = {row["name"]: row for row in answer["functions"]}
    assert set(rows) == {row.name for row in functions()}
    assert rows["log"] == {"name": "log", "aliases": ["ln"], "parameters": ["x"], "variadic": False,
                           "derivatives": {"x": "1/x"}, "domain": "x > 0", "kink": None, "summary": "natural logarithm"}
    assert rows["floor"]["derivatives"] == {"x": "0"}
    assert list(rows["atan2"]["derivatives"]) == ["y", "x"]


def test_every_derivative_is_a_formula_of_the_language(run):
    for row in json.loads(run("functions", "--json").out)["functions"]:
        for formula in row["derivatives"].values():
            assert set(parse(formula).inputs) <= set(row["parameters"])


def test_functions_for_people(run):
    lines = run("functions", "--format", "plain").out.splitlines()
    [sine] = [line for line in lines if line.startswith("sin(x)")]
    assert sine.split() == ["sin(x)", "x", "cos(x)", "sine"]
    assert lines[0].split("  ")[0] == "function"
    assert "│ x               │ cos(x)" in run("functions").out
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
