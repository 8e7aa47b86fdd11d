"""How arguments are told apart, what wrong ones lead to, and the help."""

import json

import pytest

from gradcalc.commands.group import COMMANDS


@pytest.mark.parametrize(("arguments", "derivative"), [
    (["-x^2"], "-2*x"), (["-h*2"], "-2"), (["--h"], "1"), (["-(a+b)", "--wrt", "a"], "-1"), (["--", "-x"], "-1"),
    (["--wrt=x", "-x*y"], "-y"), (["-x", "--at", "x=-1"], "-1.0"), (["--at", "x=-1", "-x"], "-1.0"),
    (["--at=x=-1", "-x"], "-1.0"), (["-wrt*2", "--wrt", "wrt"], "-2"),
])
def test_an_expression_may_begin_with_a_minus(run, arguments, derivative):
    assert run("diff", "--quiet", *arguments) == (0, derivative + "\n", "")


def test_a_number_may_be_negative(run):
    assert run("eval", "-5", "--quiet").out == "-5.0\n"
    assert run("eval", "--quiet", "--5").out == "5.0\n"


@pytest.mark.parametrize(("arguments", "message", "hint"), [
    (["dif", "x"], "no such command 'dif'", "did you mean 'diff'?"),
    (["gradient"], "no such command 'gradient'", "'gradcalc --help' lists the commands"),
    (["(a+b)*2"], "no such command '(a+b)*2'", "to differentiate an expression: gradcalc diff '(a+b)*2'"),
    (["--quiet", "diff"], "no such option '--quiet'", "options stand after the command"),
    (["diff", "--wtr", "b", "x"], "no such option '--wtr'", "did you mean '--wrt'?"),
    (["diff", "--wtr=b", "x"], "no such option '--wtr'", "did you mean '--wrt'?"),
    (["diff", "-wrt", "b", "x"], "no such option '-wrt'", "did you mean '--wrt'?"),
    (["diff", "x", "+", "y"], "one expression is expected; '+' is another", "put the whole expression in quotes: 'x^2 + y'"),
    (["diff"], "an expression is missing", "write one, gradcalc diff 'x^2 + 1', or @FILE, or pipe it in"),
    (["eval"], "an expression is missing", "write one, gradcalc eval 'x^2 + 1', or @FILE, or pipe it in"),
    (["diff", "x", "--precision"], "the option --precision needs a value", "'gradcalc diff --help' says which"),
    (["diff", "x", "--precision", "0"], "invalid value for '--precision': 0 is not in the range 1<=x<=17",
     "'gradcalc diff --help' shows what there is"),
    (["diff", "x", "--format", "jsn"], "'jsn' is no value of --format", "did you mean 'json'?"),
    (["diff", "x", "--color", "blue"], "'blue' is no value of --color", "it takes auto, always, never"),
    (["diff", "x", "--mode", "finite", "--scheme", "centre"], "'centre' is no value of --scheme", "did you mean 'central'?"),
    (["diff", "x", "--mode", "revers"], "there is no mode 'revers'", "did you mean 'reverse'?"),
    (["diff", "x", "--mode", "finite"], "the mode 'finite' needs a point", "give one: --at name=value"),
    (["diff", "@"], "there is no file name after '@'", "write @FILE, for example @program.txt"),
    (["functions", "sin"], "got unexpected extra argument (sin)", "'gradcalc functions --help' shows what there is"),
])
def test_wrong_arguments(run, arguments, message, hint):
    assert run(*arguments) == (2, "", f"error: {message}\n  {hint}\n")
    as_json = run(*arguments, "--json")
    assert (as_json.status, as_json.out) == (2, "")
    if as_json.err != "":
        assert json.loads(as_json.err)["schema"] == "gradcalc/1"


def test_errors_as_json_by_format_and_environment(run, monkeypatch):
    for arguments in (["diff", "x+", "--format", "json"], ["diff", "x+", "--format=json"], ["diff", "--json", "x+"]):
        error = json.loads(run(*arguments).err)["error"]
        assert list(error) == ["code", "message", "span", "line", "column", "hint"]
        assert (error["code"], error["span"], error["line"], error["column"]) == ("syntax", [2, 2], 1, 3)
    monkeypatch.setenv("GRADCALC_FORMAT", "json")
    assert json.loads(run("dif").err)["error"]["hint"] == "did you mean 'diff'?"
    assert run("diff", "x+", "--format", "table").err.startswith("error: ")


def test_bare_gradcalc_is_the_short_help(run):
    done = run()
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("Examples:\n  gradcalc diff ")
    assert all(f"\n  {command} " in done.out for command in COMMANDS)


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], *([command, "--help"] for command in COMMANDS), ["diff", "-h"],
                                       ["eval", "x", "-h"]])
def test_help_begins_with_examples(run, arguments):
    done = run(*arguments)
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("Examples:\n  gradcalc ")
    assert "\n\nUsage: gradcalc" in done.out


def test_every_example_of_the_help_works(run, monkeypatch, tmp_path):
    import shlex

    (tmp_path / "loss.txt").write_text("(w*x - y)^2", encoding="utf-8")
    (tmp_path / "gradient.txt").write_text("w = 2*x*(w*x - y)", encoding="utf-8")
    (tmp_path / "points.csv").write_text("x,y\n1,2\n", encoding="utf-8")
    (tmp_path / "point.json").write_text('{"w": 1, "x": 2, "y": 3}', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for command in COMMANDS:
        examples = run(command, "--help").out.split("\n\n")[0].splitlines()[1:]
        assert examples
        for line in examples:
            before, _, after = line.rpartition("|")
            arguments = shlex.split(after)[1:]
            piped = shlex.split(before)[1] if before else None
            assert run(*arguments, stdin=piped).status == 0, line


def test_version(run):
    from gradcalc import __version__

    assert run("--version") == (0, f"gradcalc {__version__}\n", "")
