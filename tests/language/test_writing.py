"""Printing: what is printed reads back as itself, in LaTeX braces match, and Python computes the same number."""

import math
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcalc.graph import sweeps
from gradcalc.graph.namespaces import scalars
from gradcalc.graph.operations import TABLE
from gradcalc.graph.operations.operation import Operation
from gradcalc.graph.tape import INPUT, Graph
from gradcalc.language.reading.limits import Limits
from gradcalc.language.reading.parser import parse
from gradcalc.language.writing.latex import latex, symbol
from gradcalc.language.writing.python import python
from gradcalc.language.writing.text import expressions, partial_formulas, text

FIXTURES = Path(__file__).parent.parent / "fixtures"
ITSELF = (FIXTURES / "prints_as_itself.txt").read_text(encoding="utf-8").splitlines()


def printed(program: str) -> str:
    draft = parse(program, Limits())
    return text(draft.graph, draft.output)


def value(graph: Graph, root: int, point: dict[str, float]) -> float:
    order = graph.ancestors([root])
    given = {node: point[str(graph.instructions[node].payload)] for node in order if graph.instructions[node].op == INPUT}
    return sweeps.values(graph, order, given, scalars)[root]


def run(source: str, point: dict[str, float]) -> float:
    """The value of printed Python source."""
    scope: dict[str, object] = {"math": math, **point}
    *lines, last = source.splitlines()
    exec("\n".join(lines), scope)
    return float(eval(last, scope))


def assert_well_formed(written: str) -> None:
    depth = 0
    for token in re.findall(r"\\.|[{}]", written):
        depth += (token == "{") - (token == "}")
        assert depth >= 0
    assert depth == 0
    for opening, closing in ((r"\left", r"\right"), (r"\begin", r"\end")):
        assert (len(re.findall(re.escape(opening) + r"(?![a-z])", written))
                == len(re.findall(re.escape(closing) + r"(?![a-z])", written)))


@pytest.mark.parametrize("formula", ITSELF)
def test_prints_as_itself(formula: str) -> None:
    assert printed(formula) == formula


@pytest.mark.parametrize("row", [row for row in TABLE.values() if row.shape is None], ids=lambda row: row.name)
def test_every_elementwise_row(row: Operation) -> None:
    graph = Graph()
    node = graph.add(row.name, tuple(graph.input(name) for name in row.parameters))
    point = dict(zip(row.parameters, (0.3, 0.7, 0.9), strict=False))
    expected = value(graph, node, point)
    assert_well_formed(latex(graph, node))
    again = parse(text(graph, node), Limits())
    assert text(again.graph, again.output) == text(graph, node)
    if row.name == "acosh":
        point, expected = {"x": 1.5}, math.acosh(1.5)
    assert math.isfinite(expected)
    assert value(again.graph, again.output, point) == expected
    assert abs(run(python(graph, node), point) - expected) <= 1e-15*max(1, abs(expected))


@pytest.mark.parametrize("row", TABLE.values(), ids=lambda row: row.name)
def test_every_row_shows_its_derivatives(row: Operation) -> None:
    formulas = partial_formulas(row)
    assert len(formulas) == len(row.parameters)
    assert all(formula is None or printed(formula) == formula for formula in formulas)


def test_the_names_in_math_are_there() -> None:
    spelled = [row.spelled.scalar for row in TABLE.values() if row.spelled and str(row.spelled.scalar).startswith("math.")]
    assert spelled
    assert all(hasattr(math, name.removeprefix("math.")) for name in spelled)


def test_derivative_column() -> None:
    assert partial_formulas(TABLE["tan"]) == ["tan(x)^2 + 1"]
    assert partial_formulas(TABLE["sigmoid"]) == ["sigmoid(x)*sigmoid(-x)"]
    assert partial_formulas(TABLE["sqrt"]) == ["1/(2*sqrt(x))"]
    assert partial_formulas(TABLE["pow"]) == ["b*a^(b - 1)", "a^b*log(a)"]
    assert partial_formulas(TABLE["where"]) == [None, "where(condition, 1, 0)", "where(condition, 0, 1)"]


# -- shared parts ----------------------------------------------------------------------------------------------------------

def test_a_small_formula_is_one_line() -> None:
    assert printed("u = x^2 + 1; u*sin(u)") == "(x^2 + 1)*sin(x^2 + 1)"


def test_shared_parts_come_first() -> None:
    program = "u = exp(x*y) + log(x + y)^2; v = u*sin(u) + cos(u)*u^2; v*cos(v) + v*t1"
    assert printed(program) == "t2 = exp(x*y) + log(x + y)^2\nt3 = t2*sin(t2) + cos(t2)*t2^2\nt3*cos(t3) + t3*t1"


def test_squarings_stay_small() -> None:
    program = "y0 = x\n" + "\n".join(f"y{k + 1} = y{k}*y{k}" for k in range(60))
    draft = parse(program, Limits())
    assert len(text(draft.graph, draft.output)) < 1500
    assert len(latex(draft.graph, draft.output)) < 3000
    assert run(python(draft.graph, draft.output), {"x": 1.0}) == 1.0


@pytest.mark.parametrize("program", ["sin(" * 8_000 + "x" + ")" * 8_000, "+".join(f"x{k}*2" for k in range(6_000)),
                                     "x^" * 5_000 + "2", "-" * 8_000 + "x", "max(" * 5_000 + "x" + ", y)" * 5_000])
def test_long_and_deep(program: str) -> None:
    draft = parse(program, Limits())
    assert len(text(draft.graph, draft.output)) <= 2*len(program)
    assert_well_formed(latex(draft.graph, draft.output))
    assert len(python(draft.graph, draft.output)) <= 8*len(program)
    assert sum(map(len, expressions(draft.graph, range(len(draft.graph))).values())) <= 200*len(draft.graph)


# -- properties ------------------------------------------------------------------------------------------------------------

LEAVES = st.sampled_from(["x", "y", "lambda", "1", "2", "0.1", "1e300", "3", "pi"])


def compound(part: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    unary = st.sampled_from(["(-{})", "sqrt({})", "exp({})", "sin({})", "leaky_relu({})", "sign({})", "({})^2", "({})^-1",
                             "(not {})", "elu({})", "gelu({})", "cot({})", "2^({})", "round({})"])
    binary = st.sampled_from(["({} + {})", "({} - {})", "({}*{})", "({}/{})", "({})^({})", "max({}, {})", "mod({}, {})",
                              "({} < {})", "({} and {})", "({} or {})", "({} == {})", "where({}, {}, log(x))"])
    return st.one_of(st.builds(str.format, unary, part), st.builds(str.format, binary, part, part),
                     st.builds(lambda a: f"({a})*sin({a}) + ({a})/cos({a})", part))


FORMULAS = st.recursive(LEAVES, compound, max_leaves=14)
NUMBERS = st.floats(-3, 3).map(lambda x: round(x, 3)).filter(lambda x: abs(x) > 0.01)


@settings(max_examples=500, deadline=None)
@given(FORMULAS)
def test_printing_is_reading(formula: str) -> None:
    draft = parse(formula, Limits())
    written = text(draft.graph, draft.output)
    again = parse(written, Limits())
    assert text(again.graph, again.output) == written
    point = {"x": 0.3, "y": -0.7, "lambda": 1.3}
    expected, found = value(draft.graph, draft.output, point), value(again.graph, again.output, point)
    assert found == expected or (math.isnan(found) and math.isnan(expected))
    assert_well_formed(latex(draft.graph, draft.output))


@settings(max_examples=500, deadline=None)
@given(FORMULAS, NUMBERS, NUMBERS)
def test_python_computes_the_same(formula: str, x: float, y: float) -> None:
    draft = parse(formula, Limits())
    expected = value(draft.graph, draft.output, {"x": x, "y": y, "lambda": 1.3})
    try:
        found = run(python(draft.graph, draft.output), {"x": x, "y": y, "lambda_": 1.3})
    except (ValueError, ZeroDivisionError, OverflowError):
        return  # Python raises where a float is not finite, and some part of the formula is not
    assert found == expected or abs(found - expected) <= 1e-9*abs(expected) or not math.isfinite(expected)


def test_python_evaluates_only_the_branch_that_is_taken() -> None:
    program = "where(x > 0, log(x*y + 1)*sin(log(x*y + 1)) + cos(log(x*y + 1))*exp(log(x*y + 1)) + log(x*y + 1), 2)"
    draft = parse(program, Limits())
    source = python(draft.graph, draft.output)
    assert "t1" in source
    assert run(source, {"x": -1.0, "y": 2.0}) == 2.0
    assert abs(run(source, {"x": 1.0, "y": 2.0}) - (math.log(3)*math.sin(math.log(3)) + 3*math.cos(math.log(3))
                                                     + math.log(3))) < 1e-14


@pytest.mark.parametrize(("formula", "expected"), [
    ("lambda*if", "lambda_*if_"), ("x^2 + x^-3", "x**2 + x**-3"), ("x^0.5", "math.pow(x, 0.5)"), ("2^x", "math.pow(2, x)"),
    ("max*abs(math)", "max_*abs(math_)"), ("exp(-x)", "math.exp(-x)"), ("where(x > 0, x, 0)", "x if (x > 0) else 0"),
    ("9^9^9^9", "math.pow(9, math.pow(9, math.pow(9, 9)))"), ("mod(a, b)*2", "(a % b)*2"),
])
def test_python(formula: str, expected: str) -> None:
    draft = parse(formula, Limits())
    assert python(draft.graph, draft.output) == expected


@pytest.mark.parametrize(("formula", "at"), [
    ("clip(b, 0, 2)", 1.0), ("atan2(-0.0, b)", -1.0), ("sigmoid(b)", -800.0), ("silu(b)", -800.0), ("1/sinh(b)", -800.0),
    ("1/cosh(b)", 800.0), ("atan(exp(b))", 1000.0), ("tanh(exp(b))", 1000.0), ("exp(b) > 1", 1000.0), ("softplus(b)", 1e4),
    ("gelu(b)", -1e4), ("elu(b)", -1e4), ("where(exp(b) > 2, 1, 0)", 1000.0), ("ieee_exp + 1/(1 + exp(b))", 800.0),
])
def test_python_has_the_value_at_the_edges_too(formula: str, at: float) -> None:
    draft = parse(formula, Limits())
    point = {"b": at, "ieee_exp": 0.5}
    named = {name: point[name] for name in draft.graph.names if name in point}
    expected = value(draft.graph, draft.output, named)
    assert math.isfinite(expected)
    given = {name.replace("ieee_exp", "ieee_exp_"): each for name, each in named.items()}
    found = run(python(draft.graph, draft.output), given)
    assert (float(found), math.copysign(1.0, found)) == (expected, math.copysign(1.0, expected))


def test_python_has_no_value_where_there_is_none() -> None:
    draft = parse("clip(b, 0, b)", Limits())
    assert math.isnan(run(python(draft.graph, draft.output), {"b": -1.0}))


@pytest.mark.parametrize(("formula", "expected"), [
    ("(a + b)/(2*c)", r"\frac{a + b}{2 c}"), ("sqrt(x)^2", r"\sqrt{x}^{2}"), ("x_1 + w11*theta", r"x_{1} + w_{11} \theta"),
    ("(a + b)*c", r"\left(a + b\right) c"), ("2*3^x", r"2 \cdot 3^{x}"), ("sin(x)", r"\sin\left(x\right)"),
    ("asin(x)*erf(y)", r"\arcsin\left(x\right) \operatorname{erf}\left(y\right)"), ("1.5e-7*x", r"1.5 \cdot 10^{-7} x"),
    ("where(x > 0, 1, 2)", r"\begin{cases} 1 & \text{if } x > 0 \\ 2 & \text{otherwise} \end{cases}"),
    ("leaky_relu(x)", r"\operatorname{leaky\_relu}\left(x\right)"), ("a - -b", r"a - \left(-b\right)"),
])
def test_latex(formula: str, expected: str) -> None:
    draft = parse(formula, Limits())
    assert latex(draft.graph, draft.output) == expected


@pytest.mark.parametrize(("name", "expected"), [
    ("x", "x"), ("x1", "x_{1}"), ("x_1", "x_{1}"), ("theta", r"\theta"), ("θ", r"\theta"), ("rho_c_0", r"\rho_{c,0}"),
    ("theta12", r"\theta_{12}"), ("loss", r"\mathit{loss}"), ("g_", r"\mathit{g\_}"), ("_", r"\mathit{\_}"),
])
def test_symbols(name: str, expected: str) -> None:
    assert symbol(name) == expected


# -- the node table --------------------------------------------------------------------------------------------------------

def test_expressions() -> None:
    draft = parse("c = a + b; d = c*(b + 1); -2*d^-3", Limits())
    found = expressions(draft.graph, range(len(draft.graph)))
    assert list(found.values()) == ["a", "b", "a + b", "1", "b + 1", "c*(b + 1)", "2", "-2", "3", "-3", "d^-3", "-2*d^-3"]


def test_long_parts_stand_by_number() -> None:
    draft = parse("+".join(f"sin(x{k})" for k in range(20)), Limits())
    found = expressions(draft.graph, range(len(draft.graph)))
    assert re.fullmatch(r"#\d+ \+ sin\(x\d+\)", found[draft.output]) or len(found[draft.output]) <= 140
    assert max(map(len, found.values())) <= 140
