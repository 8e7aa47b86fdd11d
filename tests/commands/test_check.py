"""``gradcalc check``."""

import json

import pytest


def test_json(run):
    done = run("check", "e=(a+b)*(b+1)", "--claim", "b=a+2*b+1", "--json")
    assert (done.status, done.err, done.out.count("\n")) == (0, "", 1)
    answer = json.loads(done.out)
    assert list(answer)[:5] == ["schema", "command", "program", "output", "at"]
    assert (answer["schema"], answer["command"], answer["output"], answer["verdict"]) == ("gradcalc/1", "check", "e", "correct")
    [claim] = answer["claims"]
    assert (claim["wrt"], claim["claim"], claim["verdict"], claim["points"], claim["counterexample"]) == (
        "b", "a+2*b+1", "correct", 64, None)


@pytest.mark.parametrize(("claim", "at", "status"), [
    ("x=2*x", (), 0), ("x=x", (), 1), ("x=2", ("--at", "x=1"), 0), ("x=3", ("--at", "x=1"), 1)])
def test_status(run, claim, at, status):
    assert run("check", "x^2", "--claim", claim, *at).status == status


def test_undecided_is_status_3(run):
    done = run("check", "abs(x)", "--claim", "x=0", "--at", "x=0", "--quiet")
    assert done == (3, "undecided\n", "")
    assert run("check", "abs(x)*y", "--claim", "x=0; y=2", "--at", "x=0,y=1").status == 1


def test_quiet_is_a_word_a_claim(run):
    assert run("check", "x*y", "--claim", "x=y, y=y", "--claim", "y=x", "--quiet") == (1, "correct\nwrong\ncorrect\n", "")


def test_plain(run):
    done = run("check", "y=1+2*x+3*x^2", "--claim", "x=2+3*x", "--format", "plain")
    assert done.status == 1
    assert done.out.splitlines() == [
        "name  claim  tried            verdict",
        "x     2+3*x  counter-example  wrong",
        "",
        "the claim for x is wrong at x = 1",
        "claimed = 5",
        "∂y/∂x = 8",
        "∂y/∂x = 6*x + 2",
        "in the derivative of x^2 the exponent 2 is missing as a factor",
        "",
        "of 1 claim: 1 wrong; seed 0"]


def test_a_point_in_plain_and_latex(run):
    question = ("check", "y=x^2*z", "--claim", "x=12; z=5", "--at", "x=2,z=3")
    assert run(*question, "--format", "plain").out.splitlines() == [
        "name  claim  claimed  derivative  verdict",
        "x     12          12          12  correct",
        "z     5            5           4  wrong",
        "",
        "of 2 claims: 1 wrong, 1 correct"]
    assert r"z & 5 & 5 & 4 & \text{wrong} \\" in run(*question, "--format", "latex").out
    assert "│ z    │ 5     │       5 │          4 │ wrong   │" in run(*question).out


def test_a_correct_one(run):
    out = run("check", "x^2", "--claim", "x=2*x", "--format", "plain", "--seed", "7").out
    assert "proved; 64 random points, 16 corner cases  correct" in out
    assert out.endswith("\n\nthe claim is correct; seed 7\n")


def test_a_file_has_a_line_a_claim(run, tmp_path):
    file = tmp_path / "gradient.txt"
    file.write_text("# by hand\nx = y  # the first\n\ny = x\n", encoding="utf-8")
    assert run("check", "x*y", "--claim", f"@{file}", "--quiet") == (0, "correct\ncorrect\n", "")
    file.write_text("x = y\n\ny = xx\n", encoding="utf-8")
    done = run("check", "x*y", "--claim", f"@{file}")
    assert (done.status, done.out) == (2, "")
    assert f"the claim for 'y' uses 'xx', which the program does not have, in {file} (line 3, column 5)" in done.err


@pytest.mark.parametrize(("arguments", "message"), [
    ((), "error: a claim is missing"),
    (("--claim", "2*x"), "error: '2*x' is no claim: that is name=formula\n  2*x\n  ^^^"),
    (("--claim", "q=2*x"), "error: a derivative is claimed with respect to 'q', which the program does not have\n  q=2*x\n  ^"),
    (("--claim", "x=2*"), "error: the text ends where a number, a name or '(' was expected, in the claim for 'x'\n  x=2*\n"),
    (("--claim", "x=2*x", "--at", "y=1"), "error: no value for 'x'"),
    (("--claim", "@missing.txt"), "error: cannot read missing.txt: no such file or directory"),
    (("--claim", "x=2*x", "--of", "z"), "error: the program has no node 'z'")])
def test_bad_input(run, arguments, message):
    done = run("check", "x^2", *arguments)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(message)
    assert json.loads(run("check", "x^2", *arguments, "--json").err)["error"]["message"] in message.replace("error: ", "")


def test_another_output_and_names_beyond_it(run):
    assert run("check", "c=a+b; d=b+1; e=c*d", "--of", "c", "--claim", "a=1", "--quiet").out == "correct\n"
    assert run("check", "c=a+b; d=2; e=c*3", "--claim", "a=d+1", "--quiet").out == "correct\n"
    assert run("check", "c=a+b; d=b+f; e=c*3", "--claim", "a=d", "--at", "a=1,b=1,f=2", "--quiet").out == "correct\n"


def test_a_name_that_does_not_matter(run):
    done = run("check", "y=3; x^2", "--claim", "y=0", "--at", "x=1")
    assert done.status == 0 and done.err.startswith("note: 'x^2' does not depend on 'y'")
    assert run("check", "y=3; x^2", "--claim", "y=0", "--at", "x=1", "--strict").status == 3


def test_numpy_is_not_needed(process):
    program = "import sys; from gradcalc.commands import run; run(sys.argv[1:]); print('numpy' in sys.modules)"
    done = process("check", "x^2", "--claim", "x=x", "--quiet", python=("-c", program))
    assert done.out == "wrong\nFalse\n"
