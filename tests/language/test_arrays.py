"""Arrays in the language: which instructions literals, indices, products and settings become, and how the operators bind."""

from typing import Any

import pytest

from gradcalc import GradcalcError, Limits
from gradcalc.graph.tape import Graph
from gradcalc.language.reading.literals import AXES
from gradcalc.language.reading.parser import parse

ALL = (None, None, None)


def nested(text: str) -> Any:
    """The output of a program with every node written out: a name, a constant's value, or (op, *arguments, settings)."""
    draft = parse(text, Limits())
    built: list[Any] = []
    for op, args, payload in draft.graph.instructions:
        built.append(payload if op in ("input", "const") else (op, *(built[a] for a in args), *([payload] if payload else [])))
    return built[draft.output]


def reached(text: str) -> list[tuple[str, Any]]:
    """The operations and settings that the output is made of, in their order."""
    draft = parse(text, Limits())
    rows = [draft.graph.instructions[node] for node in draft.graph.ancestors([draft.output])]
    return [(row.op, row.payload) for row in rows]


@pytest.mark.parametrize(("text", "expected"), [
    ("[1, 2, 3]", (1.0, 2.0, 3.0)), ("[[1, 2], [3, 4]]", ((1.0, 2.0), (3.0, 4.0))), ("[]", ()), ("[[]]", ((),)),
    ("[[], []]", ((), ())), ("[-1, +2.5, −3e2]", (-1.0, 2.5, -300.0)), ("[5]", (5.0,)), ("[[[1]]]", (((1.0,),),)),
    ("[1,\n 2 # two\n ,\n 3\n]", (1.0, 2.0, 3.0)), ("[1, a]", ("stack", 1.0, "a", (0,))),
    ("[a, b, a*b]", ("stack", "a", "b", ("mul", "a", "b"), (0,))), ("[(1), 2]", ("stack", 1.0, 2.0, (0,))),
    ("[[1, 2], [a, b]]", ("stack", (1.0, 2.0), ("stack", "a", "b", (0,)), (0,))),
    ("[[1, 2], x]", ("stack", (1.0, 2.0), "x", (0,))),
    ("[--1]", ("stack", ("neg", ("neg", 1.0)), (0,))), ("[1, 2] + 3", ("add", (1.0, 2.0), 3.0)),
    ("[2 - 1]", ("stack", ("sub", 2.0, 1.0), (0,))), ("[a > 1, not a]", ("stack", ("gt", "a", 1.0), ("not", "a"), (0,))),
])
def test_literals(text: str, expected: Any) -> None:
    assert nested(text) == expected


def test_a_literal_of_numbers_is_one_node() -> None:
    graph = parse("W = [[1, -2], [3, 4]]; W", Limits()).graph
    assert len(graph) == 1
    graph = parse("[1, 2] + [1, 2]*[1, 2.5]", Limits()).graph
    assert [row.op for row in graph.instructions] == ["const", "const", "mul", "add"]


def test_a_named_array_is_a_node_of_its_own() -> None:
    graph = parse("w = [1, 2]; [1, 2]*x + w; v = [1, 2]", Limits()).graph
    assert len([row for row in graph.instructions if row.op == "const"]) == 3
    assert graph.names["w"] != graph.names["v"]


def test_zeros_of_both_signs_are_different_arrays() -> None:
    assert len([row for row in parse("[0.0] + [-0.0]", Limits()).graph.instructions if row.op == "const"]) == 2


@pytest.mark.parametrize(("text", "key"), [
    ("x[0]", (0,)), ("x[-1]", (-1,)), ("x[− 1]", (-1,)), ("x[+1]", (1,)), ("x[1.0]", (1,)), ("x[1, :]", (1, ALL)),
    ("x[:, 0]", (ALL, 0)),
    ("x[1:3]", ((1, 3, None),)), ("x[::-2]", ((None, None, -2),)), ("x[1:]", ((1, None, None),)),
    ("x[:-1]", ((None, -1, None),)), ("x[1:6:2]", ((1, 6, 2),)), ("x[::]", (ALL,)), ("x[..., 0]", ("...", 0)),
    ("x[0, ..., ::2]", (0, "...", (None, None, 2))), ("x[...]", ("...",)), ("x [ 0\n ,\n 1 ]", (0, 1)),
])
def test_indices(text: str, key: tuple[Any, ...]) -> None:
    assert nested(text) == ("index", "x", (key,))


def test_an_index_adds_no_constants_to_the_graph() -> None:
    assert len(parse("x[0, 1:2]", Limits()).graph) == 2


@pytest.mark.parametrize(("text", "same"), [
    ("a@b@c", "(a@b)@c"), ("a*b@c/d", "((a*b)@c)/d"), ("a + b@c", "a + (b@c)"), ("a@b + c", "(a@b) + c"), ("-a@b", "(-a)@b"),
    ("a@-b", "a@(-b)"), ("a@b^2", "a@(b^2)"), ("W.T@x", "(W.T)@x"), ("a@W.T", "a@(W.T)"), ("-W.T", "-(W.T)"),
    ("W.T^2", "(W.T)^2"), ("2^W.T", "2^(W.T)"), ("W.T²", "(W.T)^2"), ("W.T.T", "(W.T).T"), ("W.T[0]", "(W.T)[0]"),
    ("W[0].T", "(W[0]).T"),
    ("-x[0]", "-(x[0])"), ("x[0]^2", "(x[0])^2"), ("2^x[0]", "2^(x[0])"), ("a*x[0]", "a*(x[0])"), ("W[0][1]", "(W[0])[1]"),
    ("a == b@c", "a == (b@c)"), ("x .T", "x.T"), ("matmul(a, b)", "a@b"), ("dot(a, b)", "a@b"), ("transpose(W)", "W.T"),
    ("stack(a, b)", "[a, b]"), ("a @ b − c", "(a@b) - c"), ("x[0]²", "x[0]^2"),
])
def test_precedence(text: str, same: str) -> None:
    assert nested(text) == nested(same)


@pytest.mark.parametrize(("text", "expected"), [
    ("(A@B)[0]", ("index", ("matmul", "A", "B"), ((0,),))), ("sin(x)[1]", ("index", ("sin", "x"), ((1,),))),
    ("[a, b][0]", ("index", ("stack", "a", "b", (0,)), ((0,),))), ("[1, 2][0]", ("index", (1.0, 2.0), ((0,),))),
    ("(A@B).T", ("transpose", ("matmul", "A", "B"), (None,))), ("f(x) = 2*x; f(a)[1]", ("index", ("mul", 2.0, "a"), ((1,),))),
])
def test_any_operand_has_entries(text: str, expected: Any) -> None:
    assert nested(text) == expected


@pytest.mark.parametrize(("text", "op", "payload"), [
    ("sum(x)", "sum", (None, False)), ("sum(x, axis=0)", "sum", ((0,), False)), ("sum(x, 0)", "sum", ((0,), False)),
    ("sum(x, -1, 1)", "sum", ((-1,), True)), ("sum(x, axis=-1)", "sum", ((-1,), False)),
    ("sum(x, keepdims=True, axis=[0, 1])", "sum", ((0, 1), True)), ("sum(x, [0, -1])", "sum", ((0, -1), False)),
    ("sum(x, keepdims=true)", "sum", (None, True)), ("sum(x, keepdims=false)", "sum", (None, False)),
    ("sum(x, keepdims=1)", "sum", (None, True)), ("sum(x, 0, keepdims=0)", "sum", ((0,), False)),
    ("sum(x, axis=None)", "sum", (None, False)),
    ("sum(x, axis=[])", "sum", ((), False)), ("mean(x,\n axis\n = 0)", "mean", ((0,), False)),
    ("logsumexp(x)", "logsumexp", ((-1,), False)), ("logsumexp(x, axis=None)", "logsumexp", (None, False)),
    ("softmax(x)", "softmax", ((-1,),)), ("softmax(x, 0)", "softmax", ((0,),)), ("norm(x, axis=1)", "norm", ((1,), False)),
    ("max(x)", "amax", (None, False)), ("max(x, axis=0)", "amax", ((0,), False)),
    ("min(x, keepdims=True)", "amin", (None, True)),
    ("max(x, 0)", "max", None), ("max(x, y)", "max", None), ("max([1, 2], x)", "max", None),
    ("max([x, 2])", "amax", (None, False)),
    ("reshape(x, [2, 3])", "reshape", ((2, 3),)), ("reshape(x, 2, 3)", "reshape", ((2, 3),)),
    ("reshape(x, 6)", "reshape", ((6,),)),
    ("reshape(x, shape=[2, -1])", "reshape", ((2, -1),)), ("reshape(x, -1)", "reshape", ((-1,),)),
    ("reshape(x, [])", "reshape", ((),)),
    ("transpose(x, [1, 0])", "transpose", ((1, 0),)), ("transpose(x, axes=[1, 0])", "transpose", ((1, 0),)),
    ("transpose(x, 1, 0)", "transpose", ((1, 0),)), ("concat(a, b)", "concat", (0,)), ("concat(a, b, axis=1)", "concat", (1,)),
    ("concat([a, b], axis=-1)", "concat", (-1,)), ("concat([a, b], 1)", "concat", (1,)),
    ("stack([a, b], axis=1)", "stack", (1,)),
    ("stack(a, b, c, axis=-1)", "stack", (-1,)), ("concat_part(g, a, b, place=1)", "concat_part", (1, 0)),
    ("scatter_like(g, x)", "scatter_like", (None,)), ("scatter_like(g, x)[1, :]", "scatter_like", ((1, ALL),)),
    ("(scatter_like(g, x))[0]", "scatter_like", ((0,),)), ("scatter_like(g, x)[0][1]", "index", ((1,),)),
])
def test_settings(text: str, op: str, payload: Any) -> None:
    assert reached(text)[-1] == (op, payload)


@pytest.mark.parametrize(("text", "count"), [
    ("concat([a, b])", 2), ("concat([a])", 1), ("concat(a)", 1), ("concat([[1, 2], [3]])", 2), ("stack([[1, 2], [3, 4]])", 2),
    ("stack([1, a])", 2), ("stack([a, b], c)", 2), ("v = [a, b]; concat(v)", 1), ("concat([[a, 2], [3]], axis=0)", 2),
])
def test_a_literal_alone_stands_for_its_elements(text: str, count: int) -> None:
    draft = parse(text, Limits())
    row = draft.graph.instructions[draft.output]
    assert (row.op, len(row.args)) == (text.split("; ")[-1].split("(")[0], count)


def test_any_name_can_still_be_a_variable() -> None:
    assert nested("True = a; axis = True + 1; axis*T") == ("mul", ("add", "a", 1.0), "T")
    assert nested("keepdims + false + shape + key") == nested("((keepdims + false) + shape) + key")
    assert parse("sum(axis, axis=0)", Limits()).graph.names == {"axis": 0}
    assert parse("sum(T, keepdims=True)", Limits()).graph.names == {"T": 0}


def test_functions_of_arrays() -> None:
    assert nested("f(x) = sum(x[0:2]*x, axis=0); f(a@b)") == nested("sum((a@b)[0:2]*(a@b), axis=0)")
    assert nested("f(x) = [1, 2]@x.T; f([3, 4])") == nested("[1, 2]@[3, 4].T")
    assert nested("f(x) = scatter_like(x, y)[1]; f(a)") == nested("scatter_like(a, y)[1]")
    assert nested("g(x) = max(x, axis=1); f(x) = g([x, x]) + concat(x, x, axis=1); f(a)") == nested(
        "max([a, a], axis=1) + concat(a, a, axis=1)")


def test_settings_tell_instructions_apart() -> None:
    graph = parse("sum(x, axis=0)*sum(x, axis=1)*sum(x, axis=[0])*sum(x, 1)", Limits()).graph
    assert len([row for row in graph.instructions if row.op == "sum"]) == 2


def test_spans() -> None:
    text = "y = W.T[ 0 ]@[a, 2]  # end"
    graph = parse(text, Limits()).graph
    written = {row.op: text[slice(*span)] for node, row in enumerate(graph.instructions) if (span := graph.span(node))}
    assert written == {"input": "a", "transpose": "W.T", "index": "W.T[ 0 ]", "const": "[a, 2]", "stack": "[a, 2]",
                       "matmul": "W.T[ 0 ]@[a, 2]"}


# -- size ------------------------------------------------------------------------------------------------------------------

def operations(text: str) -> Graph:
    return parse(text, Limits()).graph


@pytest.mark.parametrize(("text", "count"), [
    ("[" * 8_000 + "x" + "][0]" * 8_000, 16_001), ("x" + ".T" * 8_000, 8_001), ("x" + "[0]" * 8_000, 8_001),
    ("sum(" * 8_000 + "x" + ", axis=0, keepdims=True)" * 8_000, 8_001), ("x@" * 8_000 + "x", 8_001),
    ("sin(" * 8_000 + "x" + "[0])" * 8_000, 16_001), ("[" + "1, " * 15_000 + "2]", 1), ("[" + "x, " * 15_000 + "2]", 3),
    ("[" + "[1, -2], " * 8_000 + "[3, 4]]", 1), ("[" + "[1, y], " * 8_000 + "[3, x]]", 7),
    ("[sum(" * 5_000 + "x" + ")]" * 5_000, 10_001),
    ("max(" * 6_000 + "[x]" + ")" * 6_000, 6_002), ("x[" + "0, " * 15_000 + "0]", 2),
    ("concat(" + "[x], " * 8_000 + "x)", 3),
], ids=lambda value: value[:12] if isinstance(value, str) else "")
def test_no_length_or_nesting_is_too_much(text: str, count: int) -> None:
    assert len(operations(text)) == count


@pytest.mark.parametrize("text", ["[" * 100_000 + "1" + "]" * 100_000, "[" * 100_000 + "x" + "]" * 100_000,
                                  "[" * (AXES + 1) + "]" * (AXES + 1)])
def test_more_axes_than_arrays_have(text: str) -> None:
    with pytest.raises(GradcalcError, match=f"at most {AXES} axes") as caught:
        parse(text, Limits())
    assert caught.value.diagnostic.code == "limit"


@pytest.mark.parametrize("text", ["[" * 100_000, "[" * 100_000 + "1", "x" + "[0" * 100_000, "(" * 50_000 + "[" * 50_000])
def test_open_brackets_without_end(text: str) -> None:
    with pytest.raises(GradcalcError, match=r"this '\[' is never closed"):
        parse(text, Limits())


def test_a_large_array_is_refused_like_a_large_program() -> None:
    with pytest.raises(GradcalcError, match="more than 10 entries") as caught:
        parse("[1, 2, 3, 4, 5, 6]*[1, 2, 3, 4, 5, 7]", Limits(nodes=10))
    assert caught.value.diagnostic.hint == "raise --max-nodes"
