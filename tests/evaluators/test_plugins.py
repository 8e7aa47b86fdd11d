"""Modes and operations of other distributions, installed for real: a folder with a package and its metadata."""

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGE = '''
from gradcalc.diagnostics import error
from gradcalc.evaluators import Can, Evaluator, Option
from gradcalc.evaluators.reverse import Reverse
from gradcalc.graph.operations.operation import Operation


class Mine:
    name, summary, can = "mine", "reverse mode under another name", Can.EXACT

    def differentiate(self, request, /):
        answer = Reverse().differentiate(request)
        return type(answer)(answer.value, answer.gradient)


def factor(value):
    if value > 0:
        return value
    raise error("option", f"the factor is {value}", hint="give one above 0")


class Scaled(Evaluator):
    name, summary, can = "scaled", "reverse mode, times a factor", Can.EXACT
    options = (Option("factor_of", float, "What the derivative is multiplied by.", factor, "F"),)

    def differentiate(self, request, /):
        answer, by = Reverse().differentiate(request), request.options.get("factor_of", 1.0)
        return type(answer)(answer.value, {name: by * slope for name, slope in answer.gradient.items()})


class Unfinished:
    name = "unfinished"


class Stumbling:
    name, summary, can = "stumbling", "a mode with a bug", Can.EXACT

    def differentiate(self, request, /):
        raise ZeroDivisionError("boom")


def raising():
    raise RuntimeError("no luck today")


class Raising:
    def __init__(self):
        raising()


cubed = Operation("cubed", ("x",), lambda xp, x: x * x * x, (lambda xp, y, x: 3.0 * x * x,), "x to the third")
triangle = Operation("triangle", ("x",), lambda xp, x: xp.abs(x), (lambda xp, y, x: xp.sign(x),), "a kink", kink="x == 0")
second_sin = Operation("sin", ("x",), lambda xp, x: xp.sin(x), (lambda xp, y, x: xp.cos(x),), "another sine")
lopsided = Operation("lopsided", ("a", "b"), lambda xp, a, b: a, (None,), "one partial for two arguments")
'''


@pytest.fixture
def distribution(tmp_path: Path):
    """Run Python code beside a distribution ``thing`` with the given entry points; gives its output."""

    def run(entry_points: str, code: str, folder: str = "thing") -> str:
        package = tmp_path / folder
        package.mkdir()
        (package / "__init__.py").write_text(PACKAGE, encoding="utf-8")
        metadata = tmp_path / f"{folder}-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {folder}\nVersion: 1.0\n", encoding="utf-8")
        (metadata / "entry_points.txt").write_text(dedent(entry_points), encoding="utf-8")
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(CHECKOUT)])}
        done = subprocess.run([sys.executable, "-c", dedent(code)], capture_output=True, text=True, env=environment,
                              cwd=tmp_path, timeout=60, check=False)
        assert done.stderr == ""
        return done.stdout.strip()

    return run


ERROR = """
    import gradcalc
    try:
        {}
    except gradcalc.GradcalcError as problem:
        print(problem.diagnostic.code, int(problem.status), problem)
"""


def test_a_mode(distribution) -> None:
    assert distribution("[gradcalc.evaluators.v1]\nmine = thing:Mine\n", """
        import gradcalc
        from gradcalc.evaluators import evaluator, names
        from gradcalc.testing import check_evaluator
        print(gradcalc.parse("x^2").diff(at={"x": 3}, mode="mine").gradient, names()[-1])
        check_evaluator(evaluator("mine"))
    """) == "{'x': 6.0} mine"


def test_an_operation(distribution) -> None:
    assert distribution("[gradcalc.operations.v1]\ncubed = thing:cubed\n", """
        import gradcalc
        from gradcalc.graph.operations import function
        from gradcalc.testing import check_operation
        program = gradcalc.parse("cubed(2*x)")
        for mode in ("forward", "reverse", "symbolic", "complex"):
            assert program.diff("x", {"x": 1}, mode).gradient == {"x": 24.0}, mode
        check_operation(function("cubed"))
        print(program.eval({"x": 1}).value)
    """) == "8.0"


@pytest.mark.parametrize(("entry", "reason"), [
    ("broken = thing:absent", "absent"), ("broken = nowhere:Mine", "nowhere"), ("broken = thing:Unfinished", "summary"),
    ("broken = thing:Raising", "no luck today")])
def test_a_broken_mode_names_its_distribution(distribution, entry: str, reason: str) -> None:
    said = distribution(f"[gradcalc.evaluators.v1]\n{entry}\n",
                        ERROR.format('gradcalc.parse("x").diff(at={"x": 1}, mode="broken")'))
    assert said.startswith("plugin 2 ")
    assert "thing" in said
    assert reason in said


def test_a_broken_mode_does_not_disturb_the_others(distribution) -> None:
    assert distribution("[gradcalc.evaluators.v1]\nbroken = nowhere:Mine\n", """
        import gradcalc
        print(gradcalc.parse("x^2").diff(at={"x": 3}).gradient)
    """) == "{'x': 6.0}"


@pytest.mark.parametrize(("entry", "reason"), [
    ("broken = thing:absent", "absent"), ("broken = thing:Mine", "not an Operation"),
    ("lopsided = thing:lopsided", "partial for each"),
    ("second_sin = thing:second_sin", "'sin' exists already")])
def test_a_broken_operation_names_its_distribution(distribution, entry: str, reason: str) -> None:
    said = distribution(f"[gradcalc.operations.v1]\n{entry}\n", ERROR.format('gradcalc.parse("cubed(x)")'))
    assert said.startswith("plugin 2 ")
    assert "thing" in said
    assert reason in said


@pytest.mark.parametrize("entries", ["reverse = thing:Mine", "mine = thing:Mine"])
def test_a_name_taken_twice(distribution, entries: str) -> None:
    """By a built-in mode, or by another distribution."""
    if entries.startswith("mine"):
        distribution(f"[gradcalc.evaluators.v1]\n{entries}\n", "", folder="other")
    said = distribution(f"[gradcalc.evaluators.v1]\n{entries}\n",
                        ERROR.format('gradcalc.parse("x").diff(at={"x": 1}, mode="mine")'))
    assert said.startswith("plugin 2 ")
    assert "exists already" in said


def test_what_a_mode_raises_is_laid_at_its_distribution(distribution) -> None:
    said = distribution("[gradcalc.evaluators.v1]\nstumbling = thing:Stumbling\n",
                        ERROR.format('gradcalc.parse("x").diff(at={"x": 1}, mode="stumbling")'))
    assert said.startswith("plugin 2 ")
    assert "'stumbling' of thing" in said
    assert "ZeroDivisionError: boom" in said


def test_a_broken_mode_is_listed_and_compared_as_such(distribution) -> None:
    assert distribution("[gradcalc.evaluators.v1]\nbroken = nowhere:Mine\nstumbling = thing:Stumbling\n", """
        import gradcalc
        from gradcalc.commands import run
        found = gradcalc.compare("x^2", at={"x": 3})
        print(found.verdict, {mode.mode: mode.status for mode in found.modes if mode.status != "ok"}, found.modes[-1].message)
        run(["modes", "--format", "plain"])
    """).split("\n")[0] == ("disagree {'stumbling': 'failed', 'broken': 'failed'} the plug-in 'broken' of thing cannot be "
                            "used: ModuleNotFoundError: No module named 'nowhere'")


def test_a_broken_operation_does_not_disturb_formulas(distribution) -> None:
    """Not even those with shared parts, which need names that nothing else has."""
    assert distribution("[gradcalc.operations.v1]\nbroken = nowhere:row\n", """
        import gradcalc
        print(gradcalc.parse("s = exp(-(x - m)^2/(2*v)); s/(1 + s) + log(1 + s)").diff("m").formula["m"].split(" = ")[0])
    """) == "t1"


def test_an_option_of_its_own(distribution) -> None:
    """It works in Python and on the command line, where the help has it; another mode does not take it."""
    said = distribution("[gradcalc.evaluators.v1]\nscaled = thing:Scaled\n", """
        import contextlib, io
        import gradcalc
        from gradcalc.commands import run
        program = gradcalc.parse("x^2")
        print(program.diff(at={"x": 3}, mode="scaled", factor_of=2).gradient["x"])
        for mode, options in (("scaled", {"factor_of": -1}), ("scaled", {"factor": 2}), ("reverse", {"factor_of": 2})):
            try:
                program.diff(at={"x": 3}, mode=mode, **options)
            except gradcalc.GradcalcError as problem:
                print(problem.diagnostic.code, problem)
        run(["diff", "x^2", "--at", "x=3", "--mode", "scaled", "--factor-of", "5", "--quiet"])
        print(run(["compare", "x^2", "--at", "x=3", "--modes", "scaled,reverse", "--factor-of", "1", "--quiet"]))
        with contextlib.redirect_stderr(io.StringIO()) as said:
            print(run(["diff", "x^2", "--at", "x=3", "--factor-of", "5"]))
        print(said.getvalue())
        run(["diff", "--help"])
    """)
    assert said.startswith(dedent("""\
        12.0
        option the factor is -1; give one above 0
        option the mode 'scaled' has no option 'factor'; did you mean 'factor_of'?
        option the mode 'reverse' has no option 'factor_of'; it has no options
        30.0
        6.0
        6.0
        0
        2
        error: --factor-of is for the mode 'scaled' alone
          add --mode scaled
    """))
    assert "--factor-of F" in said


def test_a_kink_without_its_sides(distribution) -> None:
    said = distribution("[gradcalc.operations.v1]\ntriangle = thing:triangle\n",
                        ERROR.format('gradcalc.parse("triangle(x)").diff(at={"x": 0})'))
    assert said.startswith("plugin 2 ") and "thing" in said and "has a kink, and does not say what it does beside it" in said
