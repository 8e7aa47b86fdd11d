"""``gradcalc compare``."""

import json

import pytest

from gradcalc.program import comparison
from gradcalc.program.examples import EXAMPLES


def test_json(run):
    done = run("compare", "e=(a+b)*(b+1)", "--at", "a=2,b=1", "--json")
    assert (done.status, done.err, done.out.count("\n")) == (0, "", 1)
    answer = json.loads(done.out)
    assert list(answer) == ["schema", "command", "verdict", "programs"]
    assert (answer["schema"], answer["command"], answer["verdict"]) == ("gradcalc/1", "compare", "agree")
    [program] = answer["programs"]
    assert (program["output"], program["at"], program["value"], program["verdict"], program["reference"]) == (
        "e", {"a": 2.0, "b": 1.0}, 6.0, "agree", "certified")
    assert {mode["mode"]: mode["independent"] for mode in program["modes"]} == {
        "forward": False, "reverse": False, "symbolic": False, "complex": True, "finite": True, "certified": False}
    for mode in program["modes"]:
        assert mode["status"] == "ok"
        assert set(mode["error"]) == {"max_absolute", "max_relative", "max_ulps"}
        assert mode["operations"] > 0 and mode["seconds"] > 0


def test_plain(run):
    lines = run("compare", "y=x^2", "--at", "x=3", "--format", "plain").out.splitlines()
    assert lines[0].split("  ")[0] == "mode"
    for word in ("status", "value", "∂y/∂x", "abs error", "rel error", "ulps", "independent", "operations", "time"):
        assert word in lines[0]
    assert lines[2].split()[:7] == ["reverse", "ok", "9", "6", "0", "0", "0"]
    assert lines[4].split()[:4] == ["complex", "ok", "9", "6"]
    assert lines[-1] == "the modes agree; errors are measured against certified"


def test_table_and_latex(run):
    assert "│ reverse   │ ok     │     9 │     6 │" in run("compare", "y=x^2", "--at", "x=3").out
    assert "\\text{reverse} & \\text{ok} & 9 & 6 & 0" in run("compare", "y=x^2", "--at", "x=3", "--format", "latex").out


def test_modes_wrt_and_quiet(run):
    done = run("compare", "a*b", "--at", "a=2,b=3", "--modes", "forward, reverse", "--wrt", "b,a", "--quiet")
    assert done == (0, "2.0 3.0\n2.0 3.0\n", "")


def test_more_derivatives_than_columns(run):
    header = run("compare", "+".join("abcdefg"), "--at", ",".join(f"{name}=1" for name in "abcdefg"), "--format",
                 "plain").out.splitlines()[0]
    assert "largest derivative" in header and "∂" not in header


def test_the_worked_examples(run):
    done = run("compare", "--json")
    answer = json.loads(done.out)
    assert (done.status, answer["verdict"]) == (0, "agree")
    assert [program["title"] for program in answer["programs"]] == [example.title for example in EXAMPLES]


def test_an_empty_pipe_is_as_good_as_none(run):
    out = run("compare", "--format", "plain", stdin="\n").out
    assert out.splitlines()[:3] == ["two-gate graph", "c = a + b; d = b + 1; e = c*d", "at a = 2, b = 1"]
    assert out.splitlines()[-1] == f"the modes agree on {len(EXAMPLES)} of {len(EXAMPLES)} programs"


def test_a_pipe_is_read(run):
    assert json.loads(run("compare", "--at", "x=1", "--json", stdin="x^2").out)["programs"][0]["program"] == "x^2"


def test_a_point_without_a_program(run):
    done = run("compare", "--at", "x=1")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("error: an expression is missing\n")


def test_an_empty_expression_is_an_error(run):
    assert run("compare", "").err.startswith("error: the program is empty\n")


def test_without_a_point_the_missing_value_is_named(run):
    assert run("compare", "x^2").err.startswith("error: no value for 'x'\n")


def test_disagreement_is_status_1(run, monkeypatch):
    def wrong(*arguments, **options):
        found = true(*arguments, **options)
        modes = tuple(report._replace(agrees=report.mode != "reverse") for report in found.modes)
        return found._replace(verdict="disagree", modes=modes)

    true = comparison.compare
    monkeypatch.setattr(comparison, "compare", wrong)
    done = run("compare", "x^2", "--at", "x=3", "--format", "plain")
    assert done.status == 1
    assert done.out.splitlines()[-1] == "the modes disagree: reverse; errors are measured against certified"
    assert json.loads(run("compare", "x^2", "--at", "x=3", "--json").out)["verdict"] == "disagree"


def test_nowhere_defined_is_status_3(run):
    done = run("compare", "log(x)", "--at", "x=-1", "--format", "plain")
    assert done.status == 3
    assert done.out.splitlines()[-1] == "no mode has a finite answer here"


@pytest.mark.parametrize("modes", ["all", "reverse,finite"])
def test_scheme_and_step(run, modes):
    done = run("compare", "x^3", "--at", "x=2", "--modes", modes, "--scheme", "forward", "--step", "1e-2", "--json")
    reports = {mode["mode"]: mode for mode in json.loads(done.out)["programs"][0]["modes"]}
    assert abs(reports["finite"]["gradient"]["x"] - 12.0601) < 1e-6


def test_scheme_without_finite(run):
    assert run("compare", "x", "--at", "x=1", "--modes", "reverse", "--scheme", "central").err == (
        "error: --scheme is for the mode 'finite' alone\n  add --modes finite\n")


def test_an_unknown_mode(run):
    assert run("compare", "x", "--at", "x=1", "--modes", "revers").err == (
        "error: there is no mode 'revers'\n  did you mean 'reverse'?\n")
