"""The language: what a text means, where its parts stand, and that no depth or length is too much."""

import math
import random

import pytest

import gradcalc
from gradcalc import GradcalcError, Limits, Span
from gradcalc.language.reading import parse_tables as tables
from gradcalc.language.reading.parser import parse as parse_graph


def value(text: str, **at: float) -> float:
    found = gradcalc.parse(text).eval(at=at).value
    assert found is not None and math.isfinite(found)
    return found


@pytest.mark.parametrize(("text", "expected"), [
    ("1 + 2*3", 7), ("(1 + 2)*3", 9), ("2^3^2", 512), ("2**3**2", 512), ("-2^2", -4), ("(-2)^2", 4), ("2^-3", 0.125),
    ("2*-3", -6), ("--3", 3), ("+3", 3), ("-+-3", 3), ("7 - 2 - 1", 4), ("8/4/2", 1), ("8/4*2", 4), ("-6/2", -3),
    ("1.5 + .5 + 1e-3 + 2.", 4.001), ("1E3", 1000), ("3.e2", 300),
    ("1 < 2", 1), ("2 <= 2", 1), ("1 > 2", 0), ("2 >= 3", 0), ("1 == 1", 1), ("1 != 1", 0), ("1 + 1 == 2", 1),
    ("not 1 > 2", 1), ("not 0 and 0", 0), ("not (0 and 0)", 1), ("1 or 0 and 0", 1), ("(1 or 0) and 0", 0), ("not not 5", 1),
    ("where(1 < 2, 3, 4)", 3), ("where(0, 3, 4)", 4), ("where(1 > 2 or not 0, 3, log(-1))", 3),
    ("2×3·4", 24), ("6÷3−1", 1), ("π", math.pi), ("tau - 2*pi", 0), ("3² + 2³", 17), ("-3²", -9), ("2^3²", 512),
    ("max(1, 5, 3)", 5), ("min(4)", 4), ("min(4, 2, 3)", 2), ("ln(1)", 0), ("arctan(0) + arcsin(0)", 0),
    ("mod(-1, 3)", 2), ("clip(5, 0, 2)", 2), ("round(2.5)", 2), ("sign(-3)", -1), ("floor(-1.5) + ceil(1.5)", 0),
    ("hypot(3, 4)", 5), ("cbrt(-8)", -2), ("# nothing\n\n  1 + 1 # two\n# end", 2), ("a = 2; b = a*3; b + 1", 7),
    ("a = 2\r\nb = a\r\n", 2), (";;1;;", 1), ("(1 +\n 2)*\t3", 9), ("max(1,\n    2)", 2),
    ("f(x) = x^2; f(3)", 9), ("f(x, y) = x - y\nf(5, 3)", 2), ("g() = 4; g()", 4), ("f(x)=x+1; g(x)=f(f(x)); g(g(0))", 4),
    ("k = 3; f(x) = k*x; f(2)", 6), ("f(x) = x == 1; f(1)", 1), ("sin = 4; sin + sin(0)", 4),
    ("e = 5; lambda = 2; e*lambda", 10), ("a = 1 ;\n ; # one\n\n; a", 1),
    ("pi = 3; pi", 3), ("x_1 = 2; θ = x_1; θ", 2), ("ﬁ = 2; fi", 2), ("orbit = 1; android = 2; nothing = 3; orbit", 1),
])
def test_meaning(text: str, expected: float) -> None:
    assert abs(value(text) - expected) <= 1e-15 * max(1, abs(expected))


def test_inputs_are_the_names_that_nothing_gives() -> None:
    program = gradcalc.parse("c = a + b; d = b + pi; f(x) = x*q; e = f(c)*d")
    assert program.inputs == ("a", "b", "q")
    assert program.output == "e"
    assert gradcalc.parse("1 + x").output == "1 + x"


def test_the_graph_repeats_nothing() -> None:
    graph = gradcalc.parse("x = sin(w); y = sin(w) + sin(w); y*y").graph
    assert [row.op for row in graph.instructions] == ["input", "sin", "add", "mul"]


def test_a_named_constant_is_a_node_of_its_own() -> None:
    result = gradcalc.parse("h = 2; y = h*x^2").diff(wrt="h,x", at={"x": 3.0})
    assert result.gradient == {"h": 9.0, "x": 12.0}
    assert gradcalc.parse("y = 2*x; h = 2; z = y*h").diff(wrt="h", at={"x": 3.0}).gradient == {"h": 6.0}


def test_negative_zero_is_not_zero() -> None:
    graph = parse_graph("a = 0.0; b = -0.0; 1", Limits()).graph
    assert math.copysign(1, graph.instructions[graph.names["a"]].payload) == 1  # type: ignore[arg-type]


def test_spans() -> None:
    text = "c = (a + b)*2\nlog( c - 1 )"
    graph = gradcalc.parse(text).graph
    written = {row.op: text[slice(*span)] for node, row in enumerate(graph.instructions) if (span := graph.span(node))}
    assert written["mul"] == "(a + b)*2"
    assert written["add"] == "a + b"
    assert written["log"] == "log( c - 1 )"
    assert written["sub"] == "c - 1"


def test_an_error_in_a_function_is_placed_in_its_body() -> None:
    with pytest.raises(GradcalcError) as caught:
        gradcalc.parse("f(x) = 1 + log(x)\nf(-3)").eval()
    assert caught.value.diagnostic.span == Span(11, 17)


@pytest.mark.parametrize("text", [
    "(" * 8_000 + "x" + ")" * 8_000,
    "sin(" * 8_000 + "x" + ")" * 8_000,
    "x" + " + x*2" * 15_000,
    "-" * 8_000 + "x",
    "x" + "^1" * 8_000,
    "y0 = x\n" + "".join(f"y{k + 1} = y{k} + 1\n" for k in range(8_000)),
    "f0(x) = x + 1\n" + "".join(f"f{k + 1}(x) = f{k}(x) + 1\n" for k in range(8_000)) + "f8000(x)",
], ids=["brackets", "calls", "sum", "signs", "powers", "statements", "functions"])
def test_no_depth_is_too_much(text: str) -> None:
    result = gradcalc.parse(text).diff(at={"x": 0.5})
    assert result.value is not None and math.isfinite(result.value)
    assert result.gradient is not None and math.isfinite(result.gradient["x"])


def test_a_doubling_function_is_refused() -> None:
    text = "f0(x) = x + 1\n" + "".join(f"f{k + 1}(x) = f{k}(f{k}(x))\n" for k in range(40)) + "f40(x)"
    with pytest.raises(GradcalcError, match="expands to more than 4,000,000 operations") as caught:
        gradcalc.parse(text)
    assert caught.value.diagnostic.hint == "raise --max-nodes"


@pytest.mark.parametrize(("text", "limits", "option"), [
    ("x + 1", Limits(text=4), "--max-text"), ("((x))", Limits(depth=1), "--max-depth"),
    ("----x", Limits(depth=2), "--max-depth"),
    ("x + y + z", Limits(nodes=4), "--max-nodes"), ("f(x) = x + 1; f(f(f(x)))", Limits(nodes=8), "--max-nodes")])
def test_limits_name_their_option(text: str, limits: Limits, option: str) -> None:
    with pytest.raises(GradcalcError) as caught:
        gradcalc.parse(text, limits)
    assert caught.value.diagnostic.code == "limit"
    assert option in str(caught.value)


def test_the_driver_accepts_what_lark_accepts() -> None:
    """Lark's own parser reads the same grammar: the two must agree on which token sequences are programs."""
    from lark import Lark, UnexpectedInput

    lark = Lark(tables.grammar_text(), parser="lalr", lexer="basic")
    rng = random.Random(0)
    tokens = ["x", "y", "2", "+", "-", "*", "/", "^", "**", "(", ")", ",", "=", "==", "<", "and", "or", "not", ";", "²",
              "sin(", "max(", "f(a) = ", "[", "]", ":", "...", ".T", "@", "x[", "[1,", "axis =", "-"]
    agreed = {True: 0, False: 0}
    for _ in range(6000):
        text = " ".join(rng.choice(tokens) for _ in range(rng.randint(1, 7)))
        try:
            lark.parse(text)
            accepted = True
        except UnexpectedInput:
            accepted = False
        try:
            parse_graph(text, Limits())
            found = True
        except GradcalcError as problem:
            if problem.diagnostic.code not in ("syntax", "bracket", "character"):
                continue  # stopped earlier, at a name or a number of arguments
            found = False
        assert found == accepted, text
        agreed[accepted] += 1
    assert min(agreed.values()) > 100
