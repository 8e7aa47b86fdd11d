"""``--at``: the ways to write a point, and the wrong ones."""

import math
from pathlib import Path

import pytest

from gradcalc import Limits
from gradcalc.commands.point import point


@pytest.mark.parametrize(("written", "value"), [
    ("x=2", 2.0), ("x=-4", -4.0), (" x = 1e-3 ", 1e-3), ("x=pi/2", math.pi / 2), ("x=max(1,2)", 2.0),
    ("x=-(1+2)*2,", None), ("y=1,x=hypot(3, 4),z=2", 5.0), ("x=2^-1", 0.5),
])
def test_values_are_constant_expressions(run, written, value):
    done = run("eval", "x", "--at", written, "--quiet")
    if value is None:
        assert done.status == 2
    else:
        assert float(done.out) == value


@pytest.mark.parametrize(("written", "value"), [
    ("x=[1,2]", [1, 2]), ("W=[[1,2],[3,4]],x=[pi/2, 1],y=2", [math.pi / 2, 1]), ("x = [ [1, 2],\n[3, 4] ]", [[1, 2], [3, 4]]),
    ("x=[]", []), ("x=2*[1, -1]", [2, -2]), ("x=[[1,2],[3,4]]@[1,1]", [3, 7]), ("x=[1,2].T[0:1],y=3", [1]),
    ("x=sum([[1,2],[3,4]], axis=0)", [4, 6]), ("x=concat([1],[2,3])", [1, 2, 3]),
])
def test_a_value_may_be_an_array(written, value):
    found = point([written], Limits())["x"]
    assert found.tolist() == value


def test_arrays_from_a_file(tmp_path: Path):
    path = tmp_path / "point.json"
    path.write_text('{"W": [[1, 2], [3, 4.5]], "x": [], "y": [[], []], "z": 2}', encoding="utf-8")
    assert point([f"@{path}"], Limits()) == {"W": [[1, 2], [3, 4.5]], "x": [], "y": [[], []], "z": 2}


def test_a_later_option_wins(run):
    assert run("eval", "x - y", "--at", "x=1,y=1", "--at", "x=5", "--quiet").out == "4.0\n"


@pytest.mark.parametrize(("written", "message", "carets"), [
    ("x", "'x' after --at is not of the form name=value", (0, 1)),
    ("", "'' after --at is not of the form name=value", None),
    ("y=1,=2", "'=2' after --at is not of the form name=value", (4, 6)),
    ("x=", "'x=' after --at is not of the form name=value", (0, 2)),
    ("y=1,2x=3", "'2x' after --at is not a name", (4, 8)),
    ("x=1, x=2", "'x' has two values after --at", (5, 8)),
    ("x=1;y=2", "the value of 'x' after --at is a program", (2, 7)),
    ("y=1,x=a+1", "the value of 'x' after --at uses the name 'a'", (6, 7)),
    ("x=inf", "the value of 'x' after --at uses the name 'inf'", (2, 5)),
    ("y=1,x=sinn(1)", "'sinn' is not a function, in the value of 'x' after --at", (6, 10)),
    ("x=(1,y=2", None, None),
    ("x=[1,2", "this '[' is never closed, in the value of 'x' after --at", (2, 3)),
    ("x=1,2", "'2' after --at is not of the form name=value", (4, 5)),
    ("y=[1, a]", "the value of 'y' after --at uses the name 'a'", (6, 7)),
    ("W=[[1,2],[3]]", "the rows of an array must be equally long: the first has 2 entries, this one has 1 entry, in the value "
     "of 'W' after --at", (9, 12)),
])
def test_errors_point_into_the_text_after_at(run, written, message, carets):
    done = run("eval", "x", "--at", written)
    assert (done.status, done.out) == (2, "")
    lines = done.err.splitlines()
    if message is not None:
        assert lines[0] == f"error: {message}"
    if carets is not None:
        assert lines[1:3] == ["  " + written, "  " + " " * carets[0] + "^" * (carets[1] - carets[0])]


def test_a_value_that_is_undefined_is_bad_input(run):
    done = run("eval", "x", "--at", "x=1/0")
    assert (done.status, done.err.splitlines()[1:3]) == (2, ["  x=1/0", "    ^^^"])


def test_a_file(run, tmp_path):
    path = tmp_path / "point.json"
    path.write_text('\ufeff{"x": 2, "y": 0.5}', encoding="utf-8")
    assert run("eval", "x + y", "--at", f"@{path}", "--quiet").out == "2.5\n"
    assert run("eval", "x + y", "--at", f"@{path}", "--at", "x=1", "--quiet").out == "1.5\n"


def test_standard_input(run):
    assert run("eval", "x", "--at", "-", "--quiet", stdin='{"x": 7}').out == "7.0\n"


@pytest.mark.parametrize(("text", "message"), [
    ('{"x": 2', "error: standard input is not JSON: expecting ',' delimiter"),
    ("[1]", "error: standard input holds no JSON object"),
    ('{"x": [[1, 2], [3]]}', "error: the value of 'x' in standard input has rows of different lengths, 2 and 1"),
    ('{"x": [[1], [2, 3]]}', "error: the value of 'x' in standard input has rows of different lengths, 1 and 2"),
    ('{"x": [[1, 2], 3]}', "error: the value of 'x' in standard input has numbers beside lists"),
    ('{"x": [1, [2]]}', "error: the value of 'x' in standard input has numbers beside lists"),
    ('{"x": [1, "2"]}', "error: the value of 'x' in standard input holds a string, not a number"),
    ('{"x": [[true]]}', "error: the value of 'x' in standard input holds true or false, not a number"),
    ('{"x": [null]}', "error: the value of 'x' in standard input holds null, not a number"),
    ('{"x": [{"y": 1}]}', "error: the value of 'x' in standard input holds an object, not a number"),
    ('{"x": [1e999]}', "error: the value of 'x' in standard input holds a number that is not finite"),
    ('{"x": [NaN]}', "error: the value of 'x' in standard input holds a number that is not finite"),
    ('{"x": [1' + "0" * 400 + "]}", "error: the value of 'x' in standard input holds a number that is not finite"),
    ('{"x": ' + "[" * 40 + "]" * 40 + "}", "error: the value of 'x' in standard input has more than 32 axes"),
    ('{"x": "1"}', "error: the value of 'x' in standard input is a string, not a number"),
    ('{"x": true}', "error: the value of 'x' in standard input is true or false, not a number"),
    ('{"x": null}', "error: the value of 'x' in standard input is null, not a number"),
    ('{"x": 1, "x": 2}', "error: 'x' has two values in standard input"),
    ('{"x": NaN}', "error: the value of 'x' is not a finite number"),
    ('{"x": 1e999}', "error: the value of 'x' is not a finite number"),
    ('{"x": 1' + "0" * 400 + "}", "error: the value of 'x' is not a finite number"),
    ('{"x": 1' + "0" * 5000 + "}", "error: standard input holds JSON that cannot be read"),
    ("[" * 200_000, "error: standard input holds JSON that cannot be read"),
])
def test_wrong_json(run, text, message):
    done = run("eval", "x", "--at", "-", stdin=text)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(message)
