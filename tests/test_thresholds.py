"""Numbers that decide: each is met from either side, near enough to notice that it has moved."""

import math
import random
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradcalc
from gradcalc import GradcalcError
from gradcalc.claims.rounding import Probe
from gradcalc.diagnostics import ExitStatus
from gradcalc.engines.code import record
from gradcalc.graph import sweeps
from gradcalc.graph.namespaces import arrays
from gradcalc.graph.namespaces.symbols import Symbol, Symbols
from gradcalc.graph.operations import TABLE
from gradcalc.graph.tape import Graph
from gradcalc.tables import opened

# -- kinks ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("distance", "noted"), [(1e-9, True), (5e-6, True), (1e-5, False), (1e-3, False)])
@pytest.mark.parametrize("place", [1.0, 1000.0])
def test_how_near_a_kink_is_near(distance: float, noted: bool, place: float) -> None:
    notes = gradcalc.parse(f"max(x, {place})").diff(at={"x": place * (1.0 + distance)}).notes
    assert [note.code for note in notes] == ["near-kink"] * noted


@pytest.mark.parametrize(("count", "sided"), [(400, True), (401, False)])
def test_for_how_many_numbers_both_sides_are_computed(count: int, sided: bool) -> None:
    [note] = gradcalc.parse("sum(abs(x))").diff(at={"x": [0.0] + [1.0] * (count - 1)}).notes
    assert (note.left is not None) == sided
    if sided:
        assert (note.left["x"][0], note.right["x"][0]) == (-1.0, 1.0)


@pytest.mark.parametrize(("kinks", "notes"), [(19, 19), (20, 20), (25, 20)])
def test_how_many_kinks_are_told(kinks: int, notes: int) -> None:
    program = gradcalc.parse(" + ".join(f"abs({k + 1}*x)" for k in range(kinks)))
    assert len(program.diff(at={"x": 0.0}).notes) == notes


@pytest.mark.parametrize(("slope", "agree"), [("1.00000000000001", True), ("1.0000000001", False), ("1.0001", False)])
def test_when_both_sides_agree(slope: str, agree: bool) -> None:
    [note] = gradcalc.parse(f"where(x > 0, x, {slope}*x)").diff(at={"x": 0.0}).notes
    assert ("is differentiable there" in note.message) == agree


@pytest.mark.parametrize(("size", "sure"), [(1e-7, True), (1e-6, True), (1e-5, False), (1e-4, False), (1e-3, False)])
def test_how_sure_a_measured_slope_has_to_be(size: float, sure: bool) -> None:
    """Where one side's is infinite what was measured is given only if its own estimate of its error is a millionth of it."""
    program = gradcalc.parse(f"where(x < 0, {size}*sqrt(-x), x)")
    if sure:
        gradient = program.diff(at={"x": 0.0}, mode="finite").gradient
        assert gradient is not None and abs(gradient["x"] - 0.5) <= 2e-6
    else:
        with pytest.raises(GradcalcError, match="is at a jump"):
            program.diff(at={"x": 0.0}, mode="finite")


# -- certified -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kinks", "slope"), [("left", 0.5), ("right", 2.0), ("mean", 1.25)])
def test_both_sides_of_a_kink_are_proven(kinks: str, slope: float) -> None:
    """The one that is not given takes as many bits as if it were: here all digits of the first ones cancel."""
    pytest.importorskip("flint", reason="the mode 'certified' needs python-flint")
    hard = "((exp(y) - 1 - y)/(y*y) - y/6)*x"
    exact = gradcalc.parse(hard).diff("x", {"x": 0.0, "y": 1e-30}, "certified").gradient["x"]
    result = gradcalc.parse(f"where(x > 0, 2*x, {hard})").diff("x", {"x": 0.0, "y": 1e-30}, "certified", kinks=kinks)
    [note] = result.notes
    assert (note.left["x"], note.right["x"], exact) == (0.5, 2.0, 0.5)
    assert result.gradient["x"] == slope


# -- rounding ------------------------------------------------------------------------------------------------------------


def test_the_doubt_covers_the_error_of_every_sum() -> None:
    """Sums that cancel, against fractions: what rounding did is never more than the doubt that was measured."""
    dice, worst = random.Random(5), 0.0
    for seed in range(300):
        count = dice.choice([2, 3, 5])
        factors = [dice.uniform(-1.0, 1.0) * 10.0**dice.randint(-2, 2) for _ in range(count)]
        program = gradcalc.parse(" + ".join(f"a{k}*b{k}" for k in range(count)))
        graph, root = program.graph, len(program.graph) - 1
        point = {graph.names[f"{name}{k}"]: factor * scale for k, factor in enumerate(factors) for name, scale in
                 (("a", 1.0), ("b", dice.uniform(0.5, 2.0)))}
        found = Probe(graph, [root], seed).estimate(point)
        exact = sum(Fraction(point[graph.names[f"a{k}"]]) * Fraction(point[graph.names[f"b{k}"]]) for k in range(count))
        error = abs(Fraction(found.values[root]) - exact)
        assert math.isfinite(found.doubts[root])
        assert error <= Fraction(found.doubts[root])
        worst = max(worst, float(error / Fraction(found.doubts[root])))
    assert worst <= 0.15, "the doubt is measured with a margin"


def test_a_number_that_is_read_is_doubted_by_some_units_of_its_last_place() -> None:
    graph = Graph()
    found = Probe(graph, [graph.input("x")], 0).estimate({0: 3.0})
    assert 8.0 <= found.doubts[0] / (3.0 * 2.0**-52) <= 32.0


# -- what is undefined ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "x", "y", "blamed", "free"), [
    ("where(x < 0, sqrt(-x), log(y))", 1.0, -2.0, "log(y)", "sqrt"),
    ("where(x > 0, log(y), sqrt(-x))", 1.0, -2.0, "log(y)", "sqrt"),
    ("where(x > 0, acosh(y), log(-x))", 1.0, -2.0, "acosh(y)", "log"),
    ("where(x < 0, acosh(y), log(-x))", 1.0, -2.0, "log(-x)", "acosh"),
    ("1 + where(x > 0, where(y > 0, sqrt(-x), log(y)), 2)", 1.0, -2.0, "log(y)", "sqrt"),
    ("where(x < 0, 1/(x - 1), where(y > 0, log(y), asin(y)))", 1.0, -2.0, "asin(y)", "the divisor"),
    ("where(log(y) > 0, sqrt(-x), x)", 1.0, -2.0, "log(y)", "sqrt")])
def test_a_branch_that_is_not_taken_is_not_blamed(text: str, x: float, y: float, blamed: str, free: str) -> None:
    for ask in ("eval", "diff"):
        with pytest.raises(GradcalcError) as caught:
            getattr(gradcalc.parse(text), ask)(at={"x": x, "y": y})
        problem = caught.value
        assert problem.status is ExitStatus.UNDEFINED
        assert problem.diagnostic.code == "undefined"
        span = problem.diagnostic.span
        assert span is not None and text[span.start:span.end] == blamed
        assert free not in problem.diagnostic.message


@pytest.mark.parametrize(("text", "x", "blamed"), [
    ("where(x > 1, sqrt(x - 2), sqrt(x - 1))", 1.0, "sqrt(x - 1)"),
    ("where(x > -1, cbrt(x), sqrt(x)*sqrt(x))", 0.0, "cbrt(x)")])
def test_a_derivative_is_blamed_on_the_branch_that_is_taken(text: str, x: float, blamed: str) -> None:
    with pytest.raises(GradcalcError) as caught:
        gradcalc.parse(text).diff(at={"x": x})
    span = caught.value.diagnostic.span
    assert span is not None and text[span.start:span.end] == blamed


# -- formulas over arrays ------------------------------------------------------------------------------------------------

SHAPES: list[tuple[int, ...]] = [(), (1,), (3,), (2, 3), (2, 1)]
FOLDED = ["add", "sub", "mul", "div", "pow"]


def recorded(op: str, operands: list[Any], xp: Any) -> Any:
    a, b = operands
    return {"add": lambda: a + b, "sub": lambda: a - b, "mul": lambda: a * b, "div": lambda: xp.divide(a, b),
            "pow": lambda: xp.pow(a, b)}[op]()


def checked(graph: Graph, node: int, point: dict[int, Any], expected: Any) -> None:
    found = sweeps.values(graph, graph.ancestors([node]), point, arrays)[node]
    assert np.shape(found) == np.shape(expected)
    assert np.array_equal(found, expected, equal_nan=True)


@pytest.mark.parametrize("shapes", list(product(SHAPES, SHAPES)), ids=str)
def test_a_choice_between_arrays_keeps_its_shape(shapes: tuple[tuple[int, ...], ...]) -> None:
    graph = Graph()
    graph.shapes = {}
    symbols, point = [], {}
    for k, shape in enumerate(shapes):
        node = graph.input(f"x{k}")
        graph.shapes[node] = shape
        point[node] = np.arange(math.prod(shape), dtype=float).reshape(shape) + 10.0 * k + 1.0
        symbols.append(Symbol(graph, node))
    xp = Symbols(graph)
    for known in (0.0, 1.0):
        checked(graph, xp.where(known, *symbols).node, point, np.where(known, *point.values()))


@pytest.mark.parametrize("op", FOLDED)
@pytest.mark.parametrize("number", [0.0, 1.0, -1.0, 2.0])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_what_is_folded_over_arrays_keeps_its_shape(op: str, number: float, shape: tuple[int, ...]) -> None:
    for first in (True, False):
        graph = Graph()
        node = graph.input("x")
        graph.shapes = {node: shape}
        value = np.arange(math.prod(shape), dtype=float).reshape(shape) + 1.0
        given: list[Any] = [number, Symbol(graph, node)] if first else [Symbol(graph, node), number]
        plain: list[Any] = [np.float64(number), value] if first else [value, np.float64(number)]
        with np.errstate(all="ignore"):
            checked(graph, recorded(op, given, Symbols(graph)).node, {node: value}, recorded(op, plain, arrays))


# -- singular matrices ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("exponent", "regular"), [(-30, True), (-44, True), (-47, True), (-51, False), (-52, False)])
@pytest.mark.parametrize("stacked", [False, True])
def test_when_a_matrix_is_singular(exponent: int, regular: bool, stacked: bool) -> None:
    """In the 1-norm its condition is about 4 over the power of two; a quarter over the precision is the limit."""
    a = np.array([[1.0, 1.0], [1.0, 1.0 + 2.0**exponent]])
    a = np.stack([np.eye(2), a]) if stacked else a
    for found in (arrays.inv(a), arrays.solve(a, np.ones(a.shape))):
        last = found[-1] if stacked else found
        assert np.isfinite(last).all() == regular
        assert np.isnan(last).all() != regular
        assert not stacked or np.isfinite(found[0]).all()


# -- comparison ----------------------------------------------------------------------------------------------------------


def disagreeing(monkeypatch: pytest.MonkeyPatch, error: float, program: str, modes: str, at: dict[str, float]) -> str:
    """The verdict where the rule of exp is off by this much."""
    row = TABLE["exp"]
    monkeypatch.setitem(TABLE, "exp", row._replace(partials=(lambda xp, y, x: (1.0 + error) * y,)))
    return gradcalc.compare(program, None, at, modes).verdict


@pytest.mark.parametrize(("error", "verdict"), [(1e-9, "agree"), (5e-9, "agree"), (5e-8, "disagree"), (1e-6, "disagree")])
def test_how_far_exact_modes_may_be_apart(error: float, verdict: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert disagreeing(monkeypatch, error, "exp(x)", "forward,reverse,complex", {"x": 1.0}) == verdict


@pytest.mark.parametrize(("error", "verdict"), [(1e-6, "agree"), (5e-6, "agree"), (1e-4, "disagree"), (1e-3, "disagree")])
def test_how_far_a_difference_may_be(error: float, verdict: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from gradcalc.evaluators import evaluator
    from gradcalc.program import comparison

    monkeypatch.setattr(comparison, "evaluator", lambda name: evaluator("finite" if name == "complex" else name))
    assert disagreeing(monkeypatch, error, "exp(x)", "forward,finite", {"x": 1.0}) == verdict


@pytest.mark.parametrize(("large", "verdict"), [(1.0, "disagree"), (100.0, "disagree"), (1e7, "agree")])
def test_what_cancels_may_be_rounding(large: float, verdict: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A derivative of which rounding in numbers as large as these leaves nothing is not held against a mode."""
    assert disagreeing(monkeypatch, 1e-6, "(exp(x) - 1)*1e-3 + c - c", "forward,complex", {"x": 0.5, "c": large}) == verdict


# -- other limits --------------------------------------------------------------------------------------------------------


def test_a_derivative_that_grows_is_refused_in_time() -> None:
    """The limit is for the derivative of the next order, which is many times as long as this one."""
    program = "exp(sin(x*exp(x)))*tanh(x^3 + cos(x))"
    with pytest.raises(GradcalcError, match="a derivative of lower order has more than 50 operations already"):
        gradcalc.parse(program, limits=gradcalc.Limits(nodes=2000)).diff("x", {"x": 0.5}, order=4)
    found = gradcalc.parse(program).diff("x", {"x": 0.5}, order=4).gradient
    assert found is not None and math.isfinite(found["x"])


@pytest.mark.parametrize(("name", "header", "names"), [
    ("t.csv", "a,b", ("a", "b")), ("t.csv", "a;b", ("a", "b")), ("t.csv", "a\tb", ("a", "b")),
    ("t.tsv", "a,b\tc", ("a,b", "c")),
    ("t.csv", "a,b,c\td", ("a", "b", "c\td")), ("t.csv", '"a;b;c;d",e', ("a;b;c;d", "e")), ("t.tsv", "a,b", ("a", "b")),
    ("t.csv", "a;b;c,d", ("a", "b", "c,d"))])
def test_which_delimiter_a_header_shows(name: str, header: str, names: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(header + "\n" + "1" + "\n", encoding="utf-8")
    with opened(str(path)) as table:
        assert tuple(table.names) == names


@pytest.mark.parametrize(("exponent", "multiplied"), [("4", True), ("-4", True), ("3.5", True), ("4.5", False), ("5", False)])
def test_which_powers_an_engine_multiplies_out(exponent: str, multiplied: bool) -> None:
    program = gradcalc.parse(f"x^({exponent})")
    steps = record(program.graph, program.graph.ancestors([len(program.graph) - 1])[-1], {}).steps
    assert any(step.op == "pow" for step in steps) != multiplied


@pytest.mark.parametrize("base", ["log2", "log10"])
def test_a_logarithm_is_written_with_its_base(base: str) -> None:
    assert rf"\log_{{{base.removeprefix('log')}}}" in gradcalc.parse(f"{base}(x)").write("latex")


@pytest.mark.parametrize(("text", "value", "slope"), [
    ("leaky_relu(x)", -0.02, 0.01), ("elu(x)", math.expm1(-2.0), math.exp(-2.0)), ("relu(x)", 0.0, 0.0)])
def test_what_an_activation_lets_through(text: str, value: float, slope: float) -> None:
    result = gradcalc.parse(text).diff(at={"x": -2.0})
    assert (result.value, result.gradient) == (value, {"x": slope})


def test_what_numbers_of_a_formula_are_exact() -> None:
    from gradcalc.graph.simplify.exact import LIMIT, number, times

    assert number(float(LIMIT - 1)) == LIMIT - 1 and isinstance(number(float(LIMIT - 1)), int)
    assert isinstance(number(float(LIMIT)), float)
    assert isinstance(times(LIMIT - 1, 1), int)
    assert isinstance(times(LIMIT // 3, 4), float)
