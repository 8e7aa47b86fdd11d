"""Certified mode: the double nearest to the number, a proof of its digits, and no answer where there is no proof."""

import json
import math
import subprocess
import sys
import time
from fractions import Fraction
from typing import Any

import mpmath
import pytest

import gradcalc
from gradcalc.diagnostics import ExitStatus
from gradcalc.evaluators import ask, evaluator
from gradcalc.graph.operations import TABLE
from gradcalc.questions.answers import Result
from tests.corpora import MISSING, Formula, formulas
from tests.evaluators.test_corpora import COMPLEX_ON_THE_WAY, truth

pytest.importorskip("flint", reason="python-flint, which the certified mode computes with, is not installed")

FORMULAS = formulas()
#: The time that a formula of the corpora may take on average, in seconds.
TIME = 0.02
SEVENTH = "x^7 - 7*x^6 + 21*x^5 - 35*x^4 + 35*x^3 - 21*x^2 + 7*x - 1"


def certified(text: str, **at: float) -> Result:
    return gradcalc.parse(text).diff(at=at, mode="certified")


def refused(text: str, **at: float) -> gradcalc.GradcalcError:
    with pytest.raises(gradcalc.GradcalcError) as caught:
        certified(text, **at)
    return caught.value


# -- the corpora --------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not FORMULAS, reason=MISSING)
@pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.name)
def test_every_number_of_the_corpora_is_correctly_rounded(formula: Formula) -> None:
    program = gradcalc.parse(formula.expression)
    if formula.name in COMPLEX_ON_THE_WAY:
        with pytest.raises(gradcalc.GradcalcError) as caught:
            program.diff(list(formula.gradient), formula.at, "certified")
        assert (caught.value.diagnostic.code, caught.value.status) == ("undefined", ExitStatus.UNDEFINED)
        return
    result = program.diff(list(formula.gradient), formula.at, "certified")
    assert result.value == truth(formula.value)
    assert result.gradient == {name: truth(digits) for name, digits in formula.gradient.items()}
    assert result.proof is not None
    for digits, enclosure in [(formula.value, result.proof.value),
                              *((digits, result.proof.gradient[name]) for name, digits in formula.gradient.items())]:
        assert encloses(enclosure, digits)


def encloses(enclosure: str, digits: str) -> bool:
    """Whether the number, which is known to 25 digits, may lie in the enclosure."""
    with mpmath.workdps(80):
        number = mpmath.mpf(digits) if truth(digits) else mpmath.mpf(0)
        middle, _, radius = enclosure.strip("[]").replace("±", " ± ").partition(" ± ")
        own = abs(number) * mpmath.mpf(10) ** -24
        return bool(abs(mpmath.mpf(middle.strip() or "0") - number) <= mpmath.mpf(radius.strip() or "0") + own)


@pytest.mark.skipif(not FORMULAS, reason=MISSING)
def test_a_formula_of_the_corpora_takes_little_time() -> None:
    mode = evaluator("certified")
    requests = [gradcalc.parse(each.expression).request(list(each.gradient), each.at).request for each in FORMULAS]
    start = time.perf_counter()
    for request in requests:
        ask(mode, request)
    assert (time.perf_counter() - start) / len(requests) <= TIME


# -- cancellation ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "x", "value", "slope"), [
    ("(1 - cos(x))/x^2", 1e-8, lambda x: (1 - mpmath.cos(x)) / x**2,
     lambda x: mpmath.sin(x) / x**2 - 2 * (1 - mpmath.cos(x)) / x**3),
    ("(1 - cos(x))/x^2", 1e-150, lambda x: (1 - mpmath.cos(x)) / x**2,
     lambda x: mpmath.sin(x) / x**2 - 2 * (1 - mpmath.cos(x)) / x**3),
    (SEVENTH, 1.0001, lambda x: (x - 1) ** 7, lambda x: 7 * (x - 1) ** 6),
    (SEVENTH, 1.0 - 2.0**-53, lambda x: (x - 1) ** 7, lambda x: 7 * (x - 1) ** 6),
    ("log(1 + x)", 1e-20, mpmath.log1p, lambda x: 1 / (1 + x)), ("log1p(x)", 1e-20, mpmath.log1p, lambda x: 1 / (1 + x)),
    ("exp(x) - 1 - x", 1e-30, lambda x: mpmath.exp(x) - 1 - x, mpmath.expm1),
    ("sqrt(x + 1) - sqrt(x)", 1e30, lambda x: mpmath.sqrt(x + 1) - mpmath.sqrt(x),
     lambda x: 1 / (2 * mpmath.sqrt(x + 1)) - 1 / (2 * mpmath.sqrt(x))),
    ("sin(x)", 1e300, mpmath.sin, mpmath.cos), ("log(exp(x))", 1000.0, lambda x: x, lambda x: mpmath.mpf(1)),
    ("1 - tanh(x)", 300.0, lambda x: 1 - mpmath.tanh(x), lambda x: mpmath.tanh(x) ** 2 - 1),
    ("1/(1 + exp(-x))", -1e5, lambda x: mpmath.mpf(0), lambda x: mpmath.mpf(0)),
    ("exp(-x)", 740.0, lambda x: mpmath.exp(-x), lambda x: -mpmath.exp(-x))])
def test_cancellation(text: str, x: float, value: Any, slope: Any) -> None:
    result = certified(text, x=x)
    with mpmath.workdps(1200):
        number = mpmath.mpf(x)
        assert result.value == rounded(value(number))
        assert result.gradient["x"] == rounded(slope(number))


def rounded(number: Any) -> float:
    """The double nearest to a number of mpmath's, by way of a fraction."""
    sign, mantissa, exponent, _ = number._mpf_
    return float((-1) ** sign * Fraction(int(mantissa)) * Fraction(2) ** exponent) + 0.0


@pytest.mark.parametrize(("text", "value", "slope"), [
    ("x - x", 0.0, 0.0), ("x*0", 0.0, 0.0), ("sin(x)^2 + cos(x)^2 - 1", 0.0, 0.0), ("(x + 1)^2 - x^2 - 2*x", 1.0, 0.0),
    ("exp(log(x)) - x", 0.0, 0.0), ("sqrt(x^2) - abs(x)", 0.0, 0.0)])
def test_zero(text: str, value: float, slope: float) -> None:
    """Exactly so, or too small for any double: then the enclosure says how small."""
    result = certified(text, x=0.7)
    assert (result.value, result.gradient) == (value, {"x": slope})
    enclosure = result.proof.gradient["x"]
    assert enclosure == "0" or float(enclosure.strip("[± ]")) == 0.0


# -- numbers as they are written --------------------------------------------------------------------------------------------


def test_the_program_is_what_is_written_and_the_point_what_is_held() -> None:
    assert certified("x - 0.1", x=0.1).value == float(Fraction(0.1) - Fraction(1, 10)) > 0.0
    assert certified("0.1 + 0.2 - 0.3 + x", x=0.0).value == 0.0
    assert certified("12345678901234567891 - 12345678901234567890 + x", x=1.0).value == 2.0
    assert certified("3.14159265358979323846*x", x=1e20).value == 314159265358979323846.0
    assert certified("1e-400*x", x=1e300).value == 1e-100
    assert certified("leaky_relu(x) + leaky_relu(-x)", x=100.0).value == 99.0


def test_at_a_boundary_in_doubles_the_program_is_made_of_doubles() -> None:
    kink = certified("abs(x - 0.1)", x=0.1)
    assert (kink.value, kink.gradient, kink.notes[0].code) == (0.0, {"x": 0.0}, "kink")
    assert certified("where(x >= 0.1, y, 2*y)", x=0.1, y=1.0).gradient["y"] == 1.0


# -- kinks, jumps, poles -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "x", "slope", "left", "right"), [
    ("abs(x)", 0.0, 0.0, -1.0, 1.0), ("relu(x)", 0.0, 0.5, 0.0, 1.0), ("relu(x) - relu(-x)", 0.0, 1.0, 1.0, 1.0),
    ("max(x, 2*x)", 0.0, 1.5, 1.0, 2.0), ("abs(3*x)/3", 0.0, 0.0, -1.0, 1.0), ("floor(x)", 3.0, 0.0, 0.0, 0.0),
    ("where(x >= 0, x/3, -x)", 0.0, -1.0 / 3.0, -1.0, 1.0 / 3.0), ("abs(x)*cos(x)", 0.0, 0.0, -1.0, 1.0)])
def test_a_kink_that_is_met(text: str, x: float, slope: float, left: float, right: float) -> None:
    result = certified(text, x=x)
    assert result.gradient == {"x": slope}
    assert (result.notes[0].left, result.notes[0].right) == ({"x": left}, {"x": right})
    chosen = {choice: gradcalc.parse(text).diff(at={"x": x}, mode="certified", kinks=choice) for choice in ("left", "right")}
    if text != "floor(x)":
        assert (chosen["left"].gradient["x"], chosen["right"].gradient["x"]) == (left, right)
    for result in chosen.values():
        assert encloses(result.proof.gradient["x"], repr(result.gradient["x"])) or abs(result.gradient["x"]) == 1.0 / 3.0


@pytest.mark.parametrize(("text", "message"), [
    ("abs(sin(pi) + x)", "abs of [± "), ("sign(sin(pi)) + x", "the ball holds a jump"),
    ("tan(pi/2 + x)", "the ball holds a pole"),
    ("1/sin(pi + x)", "the ball holds a pole"), ("sqrt(sin(pi) + x)", "the ball holds the edge of its domain"),
    ("abs(sin(pi) + x)", "the ball holds a kink"), ("floor(exp(log(3)) + x)", "the ball holds a jump"),
    ("where(sin(pi) + x > 0, x, 2*x)", "the ball holds a jump")])
def test_what_no_precision_decides(text: str, message: str) -> None:
    problem = refused(text, x=0.0)
    assert (problem.diagnostic.code, problem.status) == ("undefined", ExitStatus.UNDEFINED)
    assert message in problem.diagnostic.message
    assert problem.diagnostic.span is not None and "max_bits" in str(problem.diagnostic.hint)


def test_a_choice_that_only_looks_like_a_tie_is_made() -> None:
    """In doubles both arguments are 2."""
    assert certified("max(2*x, x + 1 + 1e-20)", x=1.0).gradient == {"x": 1.0}
    assert certified("floor(x*10)", x=0.3).value == 2.0, "0.3 is a little less"


def test_what_is_doubtful_but_not_taken_does_no_harm() -> None:
    assert certified("where(x > 0, x^2, abs(sin(pi) + x*0))", x=3.0).gradient == {"x": 6.0}
    assert certified("where(x > 0, x^2, log(-x))", x=3.0).gradient == {"x": 6.0}


@pytest.mark.parametrize(("text", "x", "message"), [
    ("log(x)", -1.0, "log of -1: the logarithm needs a positive number"), ("1/x", 0.0, "the divisor must not be zero"),
    ("exp(x)", 1000.0, "beyond the largest number"), ("sqrt(x)", 0.0, "because of sqrt of 0, where the tangent is vertical"),
    ("sqrt(0.1 + 0.2 - 0.3 - x)", 1e-17, "sqrt: the square root needs a number that is not negative"),
    ("x^(1/3)", -8.0, "a negative base needs a whole exponent"), ("x^(-1)", 0.0, "zero one that is not negative"),
    ("1e200*x^2", 1e60, "beyond the largest")])
def test_undefined(text: str, x: float, message: str) -> None:
    problem = refused(text, x=x)
    assert (problem.diagnostic.code, problem.status) == ("undefined", ExitStatus.UNDEFINED)
    assert message in problem.diagnostic.message
    assert problem.diagnostic.span is not None


@pytest.mark.parametrize(("text", "x", "slope"), [
    ("x^0", 0.0, 0.0), ("x^2", 0.0, 0.0), ("x^3", -2.0, 12.0), ("x^x", 2.0, 4.0 * (1.0 + math.log(2.0))), ("x^2.5", 0.0, 0.0),
    ("2^x", -1.0, math.log(2.0) / 2.0), ("x^(-3)", -1.0, -3.0), ("x^y", -2.0, 12.0)])
def test_powers(text: str, x: float, slope: float) -> None:
    found = gradcalc.parse(text).diff("x", {"x": x, "y": 3.0}, "certified").gradient["x"]
    assert abs(found - slope) <= math.ulp(slope)


# -- the proof, the limit, the answer's form -----------------------------------------------------------------------------------


def test_a_number_that_never_rounds_meets_the_limit() -> None:
    problem = refused("exp(log(1 + x))", x=2.0**-53)
    assert (problem.diagnostic.code, problem.status) == ("limit", ExitStatus.BAD_INPUT)
    assert "16,384 bits do not decide how the value rounds" in problem.diagnostic.message
    assert "--max-bits" in str(problem.diagnostic.hint)
    assert certified("1 + x", x=2.0**-53).value == 1.0, "an exact tie goes to the even one"


def test_more_bits_are_taken_where_they_are_needed() -> None:
    bits = [certified(text, x=1e-8).proof.bits for text in ("cos(x)", "(1 - cos(x))/x^2", "sin(x)^2 + cos(x)^2 - 1")]
    assert bits == sorted(bits) and bits[0] == 128 and bits[-1] == 2048
    with pytest.raises(gradcalc.GradcalcError, match="200 bits"):
        gradcalc.parse("sin(x)^2 + cos(x)^2 - 1").diff(at={"x": 1.0}, mode="certified", max_bits=200)


@pytest.mark.parametrize("most", [63, 1e4, True, "many"])
def test_nonsense_for_a_limit(most: object) -> None:
    with pytest.raises(gradcalc.GradcalcError, match="max_bits is"):
        gradcalc.parse("x").diff(at={"x": 1.0}, mode="certified", max_bits=most)


def test_intermediate_names_and_names_that_do_not_matter() -> None:
    result = gradcalc.parse("u = x/3; v = 5*t; y = u^2").diff("u,x,v,t,y", {"x": 1.0, "t": 2.0}, "certified")
    assert result.gradient == {"u": 2.0 / 3.0, "x": 2.0 / 9.0, "v": 0.0, "t": 0.0, "y": 1.0}
    assert result.proof.gradient["v"] == "0"


def test_the_table_of_nodes_has_every_adjoint() -> None:
    result = gradcalc.parse("c=a+b; d=b+1; e=c*d").diff("b", {"a": 2, "b": 1}, "certified")
    assert {row.name: (row.value, row.adjoint) for row in result.trace if row.name} == {
        "a": (2.0, 2.0), "b": (1.0, 5.0), "c": (3.0, 2.0), "d": (2.0, 3.0), "e": (6.0, 1.0)}


def test_no_higher_derivatives_no_arrays_and_no_answer_without_a_point() -> None:
    for text, at, options in (("exp(x)", 1.0, {"order": 2}), ("sum(x)", [1.0, 2.0], {}), ("exp(x)", 1.0, {"dtype": "float32"})):
        with pytest.raises(gradcalc.GradcalcError) as caught:
            gradcalc.parse(text).diff(at={"x": at}, mode="certified", **options)
        assert caught.value.diagnostic.code == "unsupported"
    with pytest.raises(gradcalc.GradcalcError, match="needs a point"):
        gradcalc.parse("exp(x)").diff(mode="certified")


def command(*arguments: str, before: str = "pass") -> subprocess.CompletedProcess[str]:
    code = f"import sys; {before}; from gradcalc.commands import run; sys.exit(run(sys.argv[1:]))"
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)


def test_json_has_the_enclosures() -> None:
    found = json.loads(command("diff", "value = a*b/3", "--at", "a=1,b=0.5", "--mode", "certified", "--json").stdout)
    assert found["gradient"] == {"a": 0.5 / 3.0, "b": 1.0 / 3.0}
    assert found["bits"] == 128
    assert list(found["enclosure"]) == ["value", "gradient"]
    assert found["enclosure"]["gradient"]["b"].startswith("[0.3333333333333333333333333333")
    assert json.loads(command("diff", "x", "--at", "x=1", "--json").stdout).keys().isdisjoint({"enclosure", "bits"})


def test_the_page_has_the_proven_digits() -> None:
    lines = command("diff", "y = x/3", "--at", "x=1", "--mode", "certified", "--format", "plain").stdout.splitlines()
    assert lines[-3] == "proven, with 128 bits:"
    assert lines[-2].startswith("y = [0.33333333333333333333") and " ± " in lines[-2]


def test_the_limit_is_an_option() -> None:
    done = command("diff", "sin(x)^2 + cos(x)^2 - 1", "--at", "x=1", "--mode", "certified", "--max-bits", "300")
    assert done.returncode == 2 and done.stderr.startswith("error: 300 bits do not decide")
    assert "--max-bits is for the mode 'certified' alone" in command("diff", "x", "--at", "x=1", "--max-bits", "300").stderr


# -- without the library -------------------------------------------------------------------------------------------------------


WITHOUT = "sys.modules['flint'] = None"


def test_without_the_library_the_mode_says_how_to_install_it() -> None:
    done = command("diff", "x", "--at", "x=1", "--mode", "certified", before=WITHOUT)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(
        "error: the mode 'certified' needs python-flint: pip install 'gradcalc[certified]'\n")


def test_without_the_library_the_other_modes_are_compared() -> None:
    done = command("compare", "x^2", "--at", "x=3", "--json", before=WITHOUT)
    [program] = json.loads(done.stdout)["programs"]
    assert (done.returncode, program["verdict"], program["reference"]) == (0, "agree", "complex")
    report = program["modes"][-1]
    assert (report["mode"], report["status"]) == ("certified", "unsupported")
    assert "pip install" in report["message"]
    assert {mode["error"]["max_ulps"] for mode in program["modes"] if mode["error"]} == {None}
    assert "certified" in command("modes", before=WITHOUT).stdout


def test_the_library_is_not_loaded_before_the_mode_runs() -> None:
    code = "import gradcalc; from gradcalc.commands import run; run({}); print('flint' in sys.modules)"
    for arguments, loaded in ((["modes", "--quiet"], False), (["diff", "x", "--at", "x=1", "--quiet"], False),
                              (["diff", "x", "--at", "x=1", "--quiet", "--mode", "certified"], True)):
        done = subprocess.run([sys.executable, "-c", "import sys; " + code.format(arguments)], capture_output=True, text=True,
                              check=False)
        assert done.stdout.splitlines()[-1] == str(loaded)


# -- the reference of a comparison ---------------------------------------------------------------------------------------------


def test_errors_are_measured_against_it() -> None:
    found = gradcalc.compare("x/3 + exp(x)", at={"x": 0.7})
    assert (found.verdict, found.reference) == ("agree", "certified")
    assert found.modes[-1].max_ulps == 0.0
    for mode in found.modes:
        right = found.modes[-1].gradient["x"]
        assert mode.max_ulps == abs(mode.gradient["x"] - right) / math.ulp(right)
    assert gradcalc.compare("x^2", at={"x": 3.0}, modes="reverse,finite").reference == "complex", "only if it is asked for"


def test_where_all_digits_cancel_the_others_are_wrong() -> None:
    found = gradcalc.compare("(1 - cos(x))/x^2", at={"x": 1e-8})
    assert found.verdict == "disagree"
    agrees = {mode.mode: mode.agrees for mode in found.modes}
    assert (agrees["certified"], agrees["reverse"], agrees["complex"]) == (True, False, False)


@pytest.mark.parametrize(("name", "program"), [("sin", "sin(x)"), ("exp", "x*exp(x)"), ("pow", "x^3")])
def test_a_wrong_rule_is_caught_although_its_digits_are_proven(name: str, program: str,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:
    row = TABLE[name]
    wrong = tuple(rule and (lambda xp, y, *args, rule=rule: 1.0001 * rule(xp, y, *args)) for rule in row.partials)
    monkeypatch.setitem(TABLE, name, row._replace(partials=wrong))
    found = gradcalc.compare(program, at={"x": 0.7})
    assert (found.verdict, found.reference) == ("disagree", "certified")
    assert {mode.mode for mode in found.modes if not mode.agrees} >= {"certified", "forward", "reverse"}
    assert {mode.mode for mode in found.modes if mode.agrees} == {"complex", "finite"}


def test_what_it_cannot_decide_is_no_disagreement() -> None:
    found = gradcalc.compare("abs(sin(pi) + x)", at={"x": 0.0})
    report = found.modes[-1]
    assert (report.mode, report.status, found.reference) == ("certified", "undefined", "complex")
    assert "the ball holds a kink" in report.message
    assert gradcalc.compare("exp(log(1 + x))", at={"x": 2.0**-53}).modes[-1].status == "unsupported"
