"""``Program.check``: verdicts, counter-examples and slips, the claims that were published wrongly first of all."""

import json

import numpy as np
import pytest

import gradcalc
from gradcalc import GradcalcError
from gradcalc.program.examples import EXAMPLES
from tests.corpora import MISSING, formulas
from tests.rewriting import right, wrong

RELU = next(example for example in EXAMPLES if example.title.startswith("ReLU network"))
NEURON = "z = w*x + b; a = sigmoid(z); C = (a - y)^2"
FORMULAS = formulas()


def checked(program, claims, at=None, **settings):
    return gradcalc.parse(program).check(claims, at, **settings)


def one(program, claim, at=None, **settings):
    [found] = checked(program, claim, at, **settings).claims
    return found


# -- what was published ------------------------------------------------------------------------------------------------


def test_a_published_walk_through():
    found = checked(RELU.program, "v1=10.388, w12=2.352, v2=10.388, w21=2.352", RELU.at)
    assert [claim.verdict for claim in found.claims] == ["wrong", "wrong", "correct", "correct"]
    v1, w12 = found.claims[:2]
    assert (v1.claimed, v1.actual) == (10.388, pytest.approx(11.76))
    assert (w12.claimed, w12.actual) == (2.352, pytest.approx(1.176))
    assert v1.slip == "10.388 is the derivative with respect to v2"
    assert w12.slip == "2.352 is the derivative with respect to w21"


def test_a_published_page():
    found = one("1+2*x+3*x^2", "x=2+3*x")
    assert (found.verdict, found.derivative) == ("wrong", "6*x + 2")
    assert found.counterexample == ({"x": 1.0}, 5.0, 8.0)
    assert found.slip == "in the derivative of x^2 the exponent 2 is missing as a factor"
    assert one("1+2*x+3*x^2", "x=2+6*x").proved


# -- verdicts ----------------------------------------------------------------------------------------------------------


def test_the_data():
    found = checked("e = (a+b)*(b+1)", {"b": "a + 2*b + 1", "a": "b"}, seed=3)
    data = found.to_dict()
    assert json.loads(json.dumps(data)) == data
    assert list(data) == ["schema", "command", "program", "output", "at", "verdict", "claims", "seed", "notes"]
    assert (data["schema"], data["command"], data["output"], data["at"], data["verdict"], data["seed"]) == (
        "gradcalc/1", "check", "e", None, "wrong", 3)
    b, a = data["claims"]
    assert {"wrt": "b", "claim": "a + 2*b + 1", "verdict": "correct", "points": 64, "counterexample": None,
            "proved": True}.items() <= b.items()
    assert a["counterexample"] == {"at": {"a": 1.0, "b": 1.0}, "claimed": 1.0, "actual": 2.0}


@pytest.mark.parametrize(("program", "claim"), [
    (NEURON, "w=2*(a-y)*a*(1-a)*x"), (NEURON, "a=2*(a-y)"), (NEURON, "z=2*(a-y)*a*(1-a)"),
    ("f(u)=u^2; y=f(x)*x", "x=3*f(x)"), ("h=2; y=h*3", "h=3"), ("c=a+b; e=c*c", "c=2*c"), ("a=x^2; y=3*x; z=y+0*a", "x=3+0*a"),
    (RELU.program, "v1=(out-target)*a1*where(out>0,1,0)"), ("tanh(x)", "x=1-tanh(x)^2"),
    ("1/(1+exp(-x))", "x=exp(x)/(1+exp(x))^2"),
    ("sin(x)^2+cos(x)^2", "x=0"), ("floor(x)", "x=0"), ("max(x,y)", "x=where(x>y,1,0)"), ("abs(x)", "x=x/abs(x)"),
    ("mod(x,y)", "y=-floor(x/y)"),
    ("sqrt(x-10)*sqrt(10.01-x)", "x=(20.01-2*x)/(2*sqrt(x-10)*sqrt(10.01-x))"), ("log(x-12345)", "x=1/(x-12345)"),
    ("asin(x-100)", "x=1/sqrt(1-(x-100)^2)"), ("(x-1)^7", "x=7*(x^6-6*x^5+15*x^4-20*x^3+15*x^2-6*x+1)"), ("x^y", "y=x^y*ln(x)"),
    ("exp(100*x)", "x=100*exp(50*x)^2"), ("1e-300*x", "x=1e-300"), ("hypot(x,y)", "x=x/sqrt(x^2+y^2)"), ("pi*x", "x=π"),
    ("0.1*0.2*x^2", "x=0.04*x"), ("e^x", "e=x*e^(x-1)"), ("x^2", "x=2*x  # as in the book")])
def test_right_claims(program, claim):
    found = one(program, claim)
    assert (found.verdict, found.counterexample, found.slip) == ("correct", None, None), found.reason
    assert found.proved or found.points + found.corners > 0


@pytest.mark.parametrize(("program", "claim"), [
    ("relu(x)", "x=1"), ("relu(x-5000)+x", "x=1"), ("clip(x,0,1)", "x=1"), ("mod(x,y)", "y=0"), ("exp(-x^2)+1", "x=0"),
    ("x+1e-12*sin(x)", "x=1"), ("log(x)", "x=1/x+1e-15"), ("sqrt(x^2)", "x=1"), ("erf(x)", "x=2*exp(-x^2)/sqrt(3.1416)"),
    ("where(x<1e6,x^2,x^3)", "x=2*x"), ("x*y*z", "x=y*z+x*0.001*y"), ("1e20*x-1e20*x+x", "x=2"), ("x^2", "x=2*x+floor(x/1000)"),
    (RELU.program, "b=out-target"), ("log(abs(x))", "x=1/abs(x)")])
def test_wrong_claims(program, claim):
    found = one(program, claim)
    assert found.verdict == "wrong"
    name = found.wrt
    at = dict(found.counterexample.at)
    assert gradcalc.parse(program).diff(name, at).gradient[name] == pytest.approx(found.counterexample.actual, rel=1e-12)


@pytest.mark.parametrize(("program", "claim", "at", "reason"), [
    ("log(-x^2)", "x=2/x", None, "no point was found"),
    ("relu(x)*relu(-x)", "x=0", None, "are 0 at all points"),
    ("x", "x=log(-x^2)", None, "the claim has no finite value where the derivative has one"),
    ("where(x^2 < -1, 0, exp(2*x))", "x=where(x^2 < -1, 0, 2*exp(x)^2)", None, "one side of the condition"),
    ("abs(x)", "x=1", {"x": 0}, "-1 on the left and 1 on the right"),
    ("sqrt(x)", "x=1/(2*sqrt(x))", {"x": 0}, "the derivative is not finite at this point"),
    ("x^2", "x=2*x^2/x", {"x": 0}, "the claim has no finite value at this point")])
def test_undecided(program, claim, at, reason):
    found = one(program, claim, at)
    assert found.verdict == "undecided" and reason in found.reason


def test_a_claim_that_is_right_where_it_is_defined():
    found = one("cbrt(x)", "x=x^(-2/3)/3")
    assert found.verdict == "correct" and found.reason == "the claim has no value at x=-1, where the derivative has one"


def test_counterexamples_are_simple():
    assert one("x^2", "x=2*x+floor(x/1000)").counterexample.at == {"x": -1.0}
    at = one("log(x-12345)", "x=1/(x-12344)").counterexample.at
    assert at["x"] == float(f"{at['x']:.6g}")


def test_a_seed_repeats_itself():
    assert checked(NEURON, "w=2*(a-y)*a*(1-a)*x", seed=5) == checked(NEURON, "w=2*(a-y)*a*(1-a)*x", seed=5)


# -- at a point --------------------------------------------------------------------------------------------------------


def test_at_a_point():
    found = checked("e = (a+b)*(b+1)", "a=2; b=5", {"a": 2, "b": 1})
    assert (found.verdict, dict(found.at)) == ("correct", {"a": 2.0, "b": 1.0})
    assert [claim.points for claim in found.claims] == [1, 1]
    assert one("x^2", "x=6.1", {"x": 3}).counterexample == ({"x": 3.0}, 6.1, 6.0)


def test_a_number_may_be_rounded():
    assert one("sigmoid(x)", "x=0.2350", {"x": 0.5}).reason == "to the digits that are written"
    assert one("sigmoid(x)", "x=0.2351", {"x": 0.5}).verdict == "wrong"
    assert one("sigmoid(x)", "x=0.2", {"x": 0.5}).verdict == "wrong"
    assert one("x^2/4", "x=1", {"x": 2.2}).verdict == "wrong"


def test_kinks():
    assert one("abs(x)", "x=2", {"x": 0}).verdict == "wrong"
    assert one("relu(x)-relu(-x)", "x=1", {"x": 0}).verdict == "correct"
    assert one("relu(x)", "x=where(x>0,1,0)", {"x": 1}).verdict == "correct"


def test_arrays():
    at = {"W": [[0.1, 0.2], [0.3, 0.4]], "a0": [1, 2], "b": [0, 1], "y": [1, 0]}
    program = "a = sigmoid(W@a0 + b); C = sum((a - y)^2)"
    found = checked(program, "b=2*(a-y)*a*(1-a); W=reshape(2*(a-y)*a*(1-a), [2,1])*a0", at)
    assert found.verdict == "correct"
    assert json.dumps(found.to_dict())
    assert one("sum(x^2)", "x=[2, 4, 6]", {"x": np.array([1, 2, 3])}).verdict == "correct"
    assert one("sum(x)", "x=1", {"x": [1, 2]}).verdict == "correct"
    lost = one("sum(x^2)", "x=x", {"x": [1, 2, 3]})
    assert lost.verdict == "wrong" and lost.slip.startswith("a factor 2 is lost")
    swapped = checked("sum(x*y)", "x=x; y=y", {"x": [1, 2], "y": [3, 4]})
    assert all("swapped" in claim.slip for claim in swapped.claims)


# -- slips -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("program", "claim", "slip"), [
    ("cos(x)", "x=sin(x)", "the sign is wrong"),
    ("a*b^2", "b=a*b", "in the derivative of b^2 the exponent 2 is missing as a factor"),
    ("(a+b)*(b+1)", "a=2*b+2", "a factor 2 is too much"),
    ("sin(3*x)", "x=cos(3*x)", "the inner derivative is missing, that of 3*x"),
    ("x*sin(x^2)", "x=sin(x^2)+x*cos(x^2)", "the inner derivative is missing, that of x^2"),
    (NEURON, "w=2*(a-y)*x", "the inner derivative is missing, that of a with respect to z"),
    (RELU.program, "b=out-target", "the inner derivative is missing, that of out"),
    ("x*sin(x)", "x=cos(x)", "the derivative of the product x*sin(x) is not the product of the derivatives"),
    ("sin(x)/x", "x=cos(x)", "the derivative of the quotient sin(x)/x is not the quotient of the derivatives"),
    ("x*sin(x)", "x=sin(x)", "a term is missing: what x does through sin(x)"),
    ("x*cos(x)", "x=cos(x)+x*sin(x)", "the derivative of cos(x) has the wrong sign"),
    ("x^3", "x=3*x^3", "in the derivative of x^3 the exponent is not lowered by 1"),
    ("log(x)", "x=log(x)", "log(x) stands in place of its derivative"),
    ("log10(x)", "x=1/x", "a factor log(10) is too much"),
    ("x^y", "y=y*x^(y-1)", "y*x^(y-1) is the derivative with respect to x"),
    ("x*y*z", "x=y", "the factor z of x*y*z is missing")])
def test_slips(program, claim, slip):
    assert slip in (one(program, claim).slip or "")


def test_swapped_claims():
    a, b = checked("e=(a+b)*(b+1)", "a=a+2*b+1; b=b+1").claims
    assert a.slip.endswith("the claims for a and b are swapped") and b.slip.endswith("the claims for b and a are swapped")


def test_an_explanation_holds_where_the_claim_is_right():
    assert one("abs(x)", "x=1").slip is None
    assert one("max(x,y)", "x=1").slip is None


# -- bad input ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("claims", "message"), [
    ([], "a claim is missing"), ("", "a claim is missing"), ("# x=2", "a claim is missing"),
    ("2*x", "'2*x' is no claim"), ("x=", "'x=' is no claim"), ("f(x)=2*x", "'f(x)' is no name"), ("x=a=2", "gives 'a' a value"),
    ("z=2*x", "with respect to 'z', which the program does not have"), ("x=2*q", "uses 'q', which the program does not have"),
    ("x=2*", "the text ends"), ("x=sinn(x)", "'sinn' is not a function"), ("x=[2,3]", "has arrays")])
def test_bad_claims(claims, message):
    with pytest.raises(GradcalcError) as caught:
        checked("x^2", claims)
    assert message in caught.value.diagnostic.message
    assert caught.value.status == 2


def test_places_are_in_the_claim():
    with pytest.raises(GradcalcError) as caught:
        checked("alpha^2", ["alpha = 2*alpha", "# more\nalpha = 2*alpja"])
    found = caught.value.diagnostic
    assert found.source[slice(*found.span)] == "alpja" and found.hint == "did you mean 'alpha'?" and found.place() == (2, 11)


def test_arrays_need_a_point():
    with pytest.raises(GradcalcError, match="judged at a point"):
        checked("sum(x)", "x=1")
    with pytest.raises(GradcalcError, match=r"has the shape \[2\]"):
        checked("sum(x)", "x=[1,2]", {"x": [1, 2, 3]})
    with pytest.raises(GradcalcError, match="no single gradient"):
        checked("2*x", "x=2", {"x": [1, 2, 3]})
    with pytest.raises(GradcalcError, match="the logarithm needs"):
        checked("log(x)", "x=1/x", {"x": -1})


# -- by the hundred ----------------------------------------------------------------------------------------------------


def sample(made):
    return [next(made) for _ in range(300)]


@pytest.mark.skipif(not FORMULAS, reason=MISSING)
def test_300_right_claims():
    """None is called wrong, and hardly any is left undecided."""
    verdicts = [one(each.program, {each.name: each.claim}).verdict for each in sample(right(FORMULAS[::3] + FORMULAS[1::3]))]
    assert verdicts.count("wrong") == 0
    assert verdicts.count("correct") >= 298


@pytest.mark.skipif(not FORMULAS, reason=MISSING)
def test_300_wrong_claims():
    """None is called right, and hardly any is left undecided."""
    verdicts = [one(each.program, {each.name: each.claim}).verdict for each in sample(wrong(FORMULAS[::3] + FORMULAS[1::3]))]
    assert verdicts.count("correct") == 0
    assert verdicts.count("wrong") >= 298
