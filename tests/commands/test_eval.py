"""``gradcalc eval``."""

import json

import pytest

PLAIN = """\
#  name  operation  expression  value
0  a     input      a               2
1  —     const      1               1
2  c     add #0 #1  a + 1           3

c = 3
"""


def test_plain(run):
    assert run("eval", "c = a + 1", "--at", "a=2", "--format", "plain") == (0, PLAIN, "")


def test_table(run):
    assert "│ 2 │ c    │ add #0 #1 │ a + 1      │     3 │\n" in run("eval", "c = a + 1", "--at", "a=2").out


def test_json(run):
    answer = json.loads(run("eval", "c = a + 1", "--at", "a=2", "--json").out)
    assert list(answer) == ["schema", "command", "program", "output", "at", "value", "trace", "notes"]
    assert (answer["command"], answer["value"], len(answer["trace"])) == ("eval", 3.0, 3)


def test_latex(run):
    assert run("eval", "c = a/3", "--at", "a=1e-9", "--no-trace", "--format", "latex").out == (
        "c = 3.333333333 \\cdot 10^{-10}\n")


def test_quiet(run):
    assert run("eval", "hypot(3, 4)", "--quiet").out == "5.0\n"


def test_of(run):
    assert run("eval", "c = a + 1; d = c^2", "--at", "a=2", "--of", "c", "--quiet").out == "3.0\n"


@pytest.mark.parametrize(("program", "value"), [("exp(1000)", "exp of 1000 is beyond"), ("log(-1)", "log of -1:"),
                                                ("1/0", "1/0:")])
def test_an_undefined_value_is_status_3(run, program, value):
    done = run("eval", program)
    assert (done.status, done.out) == (3, "")
    assert done.err.startswith(f"error: {value}")
    assert f"\n  {program}\n  {'^' * len(program)}\n" in done.err


def test_an_undefined_value_as_json(run):
    done = run("eval", "y = log(x)", "--at", "x=-1", "--json")
    assert (done.status, done.out) == (3, "")
    assert json.loads(done.err) == {"schema": "gradcalc/1", "error": {
        "code": "undefined", "message": "log of -1: the logarithm needs a positive number", "span": [4, 10], "line": 1,
        "column": 5, "hint": None}}


def test_a_value_of_a_branch_that_is_not_finite_is_a_string_in_json(run):
    answer = run("eval", "where(x > 0, x, 1/x)", "--at", "x=1", "--json")
    assert answer.status == 0
    json.loads(answer.out, parse_constant=lambda constant: pytest.fail(f"a bare {constant}"))


def test_missing_values_are_named_together(run):
    done = run("eval", "a + b")
    assert (done.status, done.err) == (2, "error: no value for 'a', 'b'\n  a + b\n  ^\n  give one: --at a=…,b=…\n")
