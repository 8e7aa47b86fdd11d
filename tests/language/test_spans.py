"""Places that are found again in a text: the operator of an expression, and the parts inside brackets."""

import pytest

from gradcalc import Limits, Span
from gradcalc.graph.operations import TABLE
from gradcalc.language.reading.parser import parse
from gradcalc.language.reading.spans import closing, operator_span, parts_between


@pytest.mark.parametrize(("text", "symbol", "place"), [
    ("a + b@c", "+", 2), ("a@b@c", "@", 3), ("a + b + c", "+", 6), ("a - b + c", "+", 6), ("a-b-c", "-", 3),
    ("a*(b*c)", "*", 1),
    ("(a*b)*c", "*", 5), ("((a - -b))", "-", 4), ("a*-b", "*", 1), ("-a", "-", 0), ("a − b", "-", 2), ("a×b·c", "*", 3),
    ("a÷b", "/", 1),
    ("a^b^c", "^", 1), ("a**b**c", "^", 1), ("a^-b", "^", 1), ("x²", "^", 1), ("x³^2", "^", 2), ("not not a", "not", 0),
    ("a and b and c", "and", 8), ("a or b and c", "or", 2), ("a <= b", "<=", 2), ("a != b", "!=", 2), ("1e-3 - 2E-5", "-", 5),
    ("a # + here\n + (b # )\n)", "+", 12), ("[a + b, c] + d", "+", 11), ("f(a + b) + c[1]", "+", 9), ("W.T + x.T", "+", 4),
    ("W.T.T", ".T", 3), ("θ@φ", "@", 1), ("(" * 50_000 + "a@b" + ")" * 50_000, "@", 50_001),
], ids=lambda value: value[:20] if isinstance(value, str) else "")
def test_operator(text: str, symbol: str, place: int) -> None:
    padded = f"  {text}; 1 + 2"
    start, end = operator_span(padded, Span(2, 2 + len(text)), symbol)
    assert start == place + 2
    assert padded[start:end] in (symbol, "−", "×", "·", "÷", "**", "²")


@pytest.mark.parametrize(("text", "symbol"), [("f(a + b)", "+"), ("a + b", "@"), ("x", "*"), ("", "+"), ("((a", "+"),
("a]]", "*")])
def test_an_operator_that_is_not_there(text: str, symbol: str) -> None:
    assert operator_span(text, Span(0, len(text)), symbol) == Span(0, len(text))


def test_the_key_of_an_index() -> None:
    assert operator_span("f(x)[0][1, :]", Span(0, 13), "[]") == Span(7, 13)


def test_the_operator_of_every_node_of_a_program() -> None:
    text = "y = ((a@b.T + 2*c[0]^2) # first +\n − d/(e - f))@[g, 1]\nz = -y·3 < 2 or not y²"
    graph = parse(text, Limits()).graph
    found = {}
    for node, row in enumerate(graph.instructions):
        span, symbol = graph.span(node), TABLE[row.op].symbol if row.op in TABLE else None
        if span is not None and symbol is not None:
            start, end = operator_span(text, span, symbol)
            found.setdefault(row.op, []).append(text[start:end])
    assert found == {"transpose": [".T"], "matmul": ["@", "@"], "index": ["[0]"], "pow": ["^", "²"], "mul": ["*",
    "·"], "add": ["+"],
                     "sub": ["-", "−"], "div": ["/"], "neg": ["-"], "lt": ["<"], "not": ["not"], "or": ["or"]}


def test_parts_between_brackets() -> None:
    text = "f( a , [b, c] # , (\n, (d, e)) + 1"
    assert [text[slice(*span)] for span in parts_between(text, 1)] == ["a", "[b, c] # , (", "(d, e)"]
    assert closing(text, 1) == text.index(")) +") + 2
    assert closing("(1, [2", 0) is None
