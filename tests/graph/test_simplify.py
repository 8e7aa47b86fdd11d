"""Simplification: what becomes what, that no value changes, and that it takes linear time at any depth."""

import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcalc.graph import sweeps
from gradcalc.graph.formulas import derivatives, extract, record_adjoints
from gradcalc.graph.namespaces import scalars
from gradcalc.graph.simplify import simplify
from gradcalc.graph.simplify.exact import power
from gradcalc.graph.tape import CONST, INPUT, Graph
from gradcalc.language.reading.limits import Limits
from gradcalc.language.reading.parser import parse
from gradcalc.language.writing.text import text

FIXTURES = Path(__file__).parent.parent / "fixtures"


def lines(name: str) -> list[str]:
    written = (FIXTURES / name).read_text(encoding="utf-8").splitlines()
    return [line for line in written if line.strip() and not line.startswith("#")]


def simplified(program: str) -> str:
    draft = parse(program, Limits())
    return text(*simplify(draft.graph, draft.output))


def value(graph: Graph, root: int, point: dict[str, float]) -> float:
    order = graph.ancestors([root])
    given = {node: point[str(graph.instructions[node].payload)] for node in order if graph.instructions[node].op == INPUT}
    return sweeps.values(graph, order, given, scalars)[root]


@pytest.mark.parametrize("line", lines("simplify.txt"))
def test_fixture(line: str) -> None:
    formula, expected = (part.strip() for part in line.split("=>"))
    assert simplified(formula) == expected


@pytest.mark.parametrize("line", lines("simplify.txt"))
def test_what_is_simple_stays(line: str) -> None:
    expected = line.split("=>")[1].strip()
    assert simplified(expected) == expected


@pytest.mark.parametrize("line", lines("derivatives.txt"))
def test_derivative(line: str) -> None:
    program, name, expected = (part.strip() for part in line.split("|"))
    draft = parse(program, Limits())
    graph, size = draft.graph, len(draft.graph)
    found = derivatives(graph, draft.output, {name: graph.names[name]}, graph.ancestors([draft.output]))
    assert text(found.graph, found.roots[name]) == expected
    assert len(graph) == size, "the program's graph must not grow"


def test_several_names_share_one_graph() -> None:
    draft = parse("x*y*exp(x*y)", Limits())
    graph = draft.graph
    found = derivatives(graph, draft.output, {name: graph.names[name] for name in "xy"}, graph.ancestors([draft.output]))
    alone = [derivatives(graph, draft.output, {name: graph.names[name]}, graph.ancestors([draft.output])) for name in "xy"]
    assert found.operations() < sum(formulas.operations() for formulas in alone)
    at, _ = found.evaluate({"x": 0.5, "y": 2.0}, scalars)
    assert abs(at["x"] - 4*math.e) < 1e-13 and abs(at["y"] - math.e) < 1e-13


def test_a_name_that_the_output_does_not_use() -> None:
    draft = parse("a = x^2; b = y*2; a", Limits())
    graph = draft.graph
    found = derivatives(graph, draft.graph.names["a"], {"y": graph.names["y"]}, graph.ancestors([graph.names["a"]]))
    assert text(found.graph, found.roots["y"]) == "0"


def test_a_constant_that_the_point_gives_a_value() -> None:
    draft = parse("pi*r^2", Limits())
    graph = draft.graph
    found = derivatives(graph, draft.output, {"r": graph.names["r"]}, graph.ancestors([draft.output]),
                        inputs=[graph.names["pi"]])
    assert found.evaluate({"pi": 3.0, "r": 1.0}, scalars) == ({"r": 6.0}, False)


# -- no value changes ------------------------------------------------------------------------------------------------------

LEAVES = st.sampled_from(["x", "y", "z", "1", "2", "3", "0", "0.5", "1.7", "pi"])


def compound(part: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    unary = st.sampled_from(["(-{})", "sqrt({})", "exp({})", "log({})", "sin({})", "sigmoid({})", "abs({})", "cbrt({})",
                             "({})^2", "({})^3", "({})^-1", "({})^-2", "({})^(1/2)", "({})^(1/3)", "({})^(3/2)", "({})^0.5",
                             "2*({})", "({})/3", "tanh({})", "relu({})", "floor({})", "({})^(2/3)"])
    binary = st.sampled_from(["({} + {})", "({} - {})", "({}*{})", "({}/{})", "({})^({})", "max({}, {})", "hypot({}, {})",
                              "where({} > {}, x*y, sin(x))", "where({} > 1, {}, 0)", "where(not {} > 1, {}, 0)"])
    return st.one_of(st.builds(str.format, unary, part), st.builds(str.format, binary, part, part))


FORMULAS = st.recursive(LEAVES, compound, max_leaves=12)
NUMBERS = st.floats(-3, 3).map(lambda x: round(x, 3)).filter(lambda x: abs(x) > 0.01)


def assert_same(graph: Graph, root: int, point: dict[str, float], other: Graph, image: int) -> None:
    """The values agree as far as the rounding of the original allows, which a shifted point measures."""
    expected = value(graph, root, point)
    if not math.isfinite(expected) or not all_finite(graph, root, point):
        return
    found = value(other, image, point)
    spread = max(abs(value(graph, root, {name: x*(1 + e) for name, x in point.items()}) - expected)
                 for e in (2e-15, -2e-15))
    if not math.isfinite(spread):
        return
    assert math.isfinite(found)
    assert abs(found - expected) <= 1e-11*max(1.0, abs(expected), largest(graph, root, point)) + 100*spread


def intermediate(graph: Graph, root: int, point: dict[str, float]) -> list[float]:
    order = graph.ancestors([root])
    given = {node: point[str(graph.instructions[node].payload)] for node in order if graph.instructions[node].op == INPUT}
    values = sweeps.values(graph, order, given, scalars)
    return [values[node] for node in order]


def all_finite(graph: Graph, root: int, point: dict[str, float]) -> bool:
    return all(math.isfinite(x) and abs(x) < 1e100 for x in intermediate(graph, root, point))


def largest(graph: Graph, root: int, point: dict[str, float]) -> float:
    return max(abs(x) for x in intermediate(graph, root, point))


@settings(max_examples=600, deadline=None)
@given(FORMULAS, NUMBERS, NUMBERS, NUMBERS)
def test_simplifying_keeps_the_value(formula: str, x: float, y: float, z: float) -> None:
    draft = parse(formula, Limits())
    graph, root = simplify(draft.graph, draft.output)
    assert_same(draft.graph, draft.output, {"x": x, "y": y, "z": z}, graph, root)
    assert len(graph.ancestors([root])) <= 3*len(draft.graph) + 3


@settings(max_examples=300, deadline=None)
@given(FORMULAS, NUMBERS, NUMBERS, NUMBERS)
def test_simplifying_keeps_the_derivative(formula: str, x: float, y: float, z: float) -> None:
    draft = parse(formula, Limits())
    copy, place = extract(draft.graph, draft.graph.ancestors([draft.output]))
    wrt = [place[node] for name, node in draft.graph.names.items() if node in place and name in "xyz"]
    for node in record_adjoints(copy, place[draft.output], wrt).values():
        assert_same(copy, node, {"x": x, "y": y, "z": z}, *simplify(copy, node))


@settings(max_examples=300, deadline=None)
@given(FORMULAS)
def test_numbers_stay_finite(formula: str) -> None:
    draft = parse(formula, Limits())
    graph, _ = simplify(draft.graph, draft.output)
    numbers = [payload for op, _, payload in graph.instructions if op == CONST]
    assert all(isinstance(x, float) and math.isfinite(x) for x in numbers)


def test_a_wrong_rule_is_caught() -> None:
    draft = parse("sqrt(x^2)", Limits())
    wrong = Graph()
    with pytest.raises(AssertionError):
        assert_same(draft.graph, draft.output, {"x": -1.0}, wrong, wrong.input("x"))


def test_powers_of_numbers_stay_small() -> None:
    assert power(9, 387420489) is None
    assert power(2, 10) == 1024
    assert power(0.3, 2) == 0.09
    assert power(0, -1) is None


# -- size and time ---------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("program", [
    "sin(" * 8_000 + "x" + ")" * 8_000,
    "sqrt(1 + " * 5_000 + "x" + ")" * 5_000,
    "-" * 8_000 + "x",
    "+".join(f"x{k % 100}*{k}" for k in range(15_000)),
    "*".join(f"x{k}" for k in range(8_000)),
    "x" + "".join(f"/y{k % 9}" for k in range(8_000)),
    "1/(1 + " * 5_000 + "x" + ")" * 5_000,
    "y0 = x\n" + "\n".join(f"y{k + 1} = y{k}*y{k} + c" for k in range(5_000)),
    "y0 = x\n" + "\n".join(f"y{k + 1} = (y{k}*z{k})^2" for k in range(5_000)),
    "y0 = x\n" + "\n".join(f"y{k + 1} = where(y{k} > {k}, y{k}*2, y{k} - 1)" for k in range(5_000)),
    "x^" * 3000 + "n",
], ids=["calls", "roots", "signs", "sum", "product", "quotients", "fractions", "shared", "powers", "choices", "tower"])
def test_long_and_deep(program: str) -> None:
    """What is written stays of the size of what was read. (Quadratic work on these would take minutes.)"""
    draft = parse(program, Limits())
    graph, root = simplify(draft.graph, draft.output)
    assert len(graph.ancestors([root])) <= 4*len(draft.graph)


def test_sixty_squarings_stay_small() -> None:
    program = "y0 = x\n" + "\n".join(f"y{k + 1} = y{k}*y{k} + 1" for k in range(60))
    draft = parse(program, Limits())
    graph = draft.graph
    found = derivatives(graph, draft.output, {"x": graph.names["x"]}, graph.ancestors([draft.output]))
    assert len(text(found.graph, found.roots["x"])) < 4000
