"""Printing arrays: every array operation reads back as itself, and what is long stays short in the node table."""

from collections.abc import Sequence
from typing import Any

import pytest

from gradcalc import GradcalcError, Limits
from gradcalc.graph.operations import TABLE
from gradcalc.graph.operations.operation import Operation
from gradcalc.graph.tape import Graph
from gradcalc.language.reading.parser import parse
from gradcalc.language.writing.latex import latex
from gradcalc.language.writing.python import python
from gradcalc.language.writing.text import expressions, text
from tests.language.test_writing import assert_well_formed

CASES = [pytest.param(row, shapes, settings, id=f"{row.name}-{place}")
         for row in TABLE.values() if row.shape is not None for place, (shapes, settings) in enumerate(row.cases)]


def of_inputs(row: Operation, count: int, settings: Sequence[Any]) -> tuple[Graph, int]:
    graph = Graph()
    return graph, graph.add(row.name, tuple([graph.input(f"x{k}") for k in range(count)]), settings=tuple(settings) or None)


def printed(program: str) -> str:
    draft = parse(program, Limits())
    return text(draft.graph, draft.output)


@pytest.mark.parametrize(("row", "shapes", "settings"), CASES)
def test_every_row_reads_back_as_itself(row: Operation, shapes: Sequence[Any], settings: Sequence[Any]) -> None:
    graph, node = of_inputs(row, len(shapes), settings)
    written = text(graph, node)
    again = parse(written, Limits())
    assert again.graph.instructions[again.output] == graph.instructions[node]
    assert text(again.graph, again.output) == written
    assert expressions(graph, range(len(graph)))[node] == written
    assert_well_formed(latex(graph, node))


@pytest.mark.parametrize("row", [row for row in TABLE.values() if row.shape is not None], ids=lambda row: row.name)
def test_every_row_has_a_case_to_print(row: Operation) -> None:
    assert row.cases


@pytest.mark.parametrize("formula", [
    "[1, 2.5, -3]", "[[1, 2], [3, 4]]", "[]", "[[], []]", "[-0, 0]", "[1e+300, 1e-07]", "[a, b, a*b]", "[[1, 2], [a, b]]",
    "[a, -1, -b]",
    "[a > 1, b or c]", "[a]", "[[a]]", "x[0]", "W[1, :]", "x[1:3]", "x[::-2]", "x[..., 0]", "W[0][1]", "(A@B)[0]", "(a + b)[0]",
    "(-x)[0]", "-x[0]", "x[0]^2", "(x^2)[0]", "sin(x)[1]", "[a, b][0]", "[1, 2][0]", "W.T", "(A@B).T", "W.T.T", "W.T[0]",
    "W.T^2", "(W^2).T",
    "(2).T", "[1, 2].T", "a@b@c", "a@(b@c)", "a@(b*c)", "a*b@c", "a*(b@c)", "-a@b", "-(a@b)", "a@-b", "a@b + c", "a@(b + c)",
    "a@b^2", "(a@b)^2",
    "sum(x)", "sum(x, axis=0)", "sum(x, axis=0, keepdims=True)", "mean(x, keepdims=True)", "sum(x, axis=[0, 1])",
    "sum(x, axis=[])",
    "logsumexp(x)", "logsumexp(x, axis=None)", "softmax(x, axis=0)", "max(x)", "max(x, axis=1)", "min(max(a, b))",
    "max(max(x), a)",
    "max(max(a, b), axis=0)", "norm(x)", "reshape(x, shape=[2, -1])", "reshape(x, shape=[])", "transpose(x, axes=[1, 0])",
    "concat(a, b)", "concat(a, b, axis=1)", "stack(a, b, axis=1)", "stack(a, axis=1)", "stack([[a, b]], axis=1)",
    "concat([[1, 2]])",
    "concat([[[a, b]]])", "concat(x)", "stack([a, b], [c, d], axis=1)", "scatter_like(g, x)[1, :]", "scatter_like(g, x)[0][1]",
    "concat_part(g, a, b, place=1)", "concat_part(g, a, b, place=0, axis=-1)", "trace(inv(A)@B)", "solve(A, b)[0]",
    "cross_entropy(x, y)", "eye(3)", "eye(2, 3)", "ones([2, 3])", "zeros([])", "range(3)", "range(1, 3)", "range(3, 0, -1)",
    "linspace(a, b)", "linspace(a, b, n=5)", "linspace(0, 1, n=5)", "x[[0, 2, 1]]", "x[:, [0, 0, -1]]", "x[[]]", "x[[1]][0]",
    'einsum("ij,j->i", A, x)', 'einsum("ij", A)', 'einsum("i->", [1, 2])', 'einsum("i->", [a, b])', "pad(x, width=1)",
    "pad(x, width=[1, 2])", "pad(x, width=[[1, 1], [0, 2]])", "tile(x, reps=[2])", "roll(x, shift=-1, axis=1)", "diag(x, k=1)",
    "std(x, ddof=1)", "scatter_like(g, x)[[0, 0]]", "cumsum(x)", "repeat(x, n=2)",
])
def test_prints_as_itself(formula: str) -> None:
    assert printed(formula) == formula


@pytest.mark.parametrize(("formula", "expected"), [
    ("transpose(x)", "x.T"), ("sum(x, [0], 1)", "sum(x, axis=0, keepdims=True)"),
    ("reshape(x, 2, 3)", "reshape(x, shape=[2, 3])"),
    ("dot(a, b)", "a@b"), ("concat([a, b], 0)", "concat(a, b)"), ("stack(a, b)", "[a, b]"), ("[(1), 2]", "[1, 2]"),
    ("x[ 1 :, ... ]", "x[1:, ...]"), ("[--1]", "[--1]"), ("softmax(x, axis=-1)", "softmax(x)"),
    ("eye(3, 3)", "eye(3, 3)"), ("eye(n=3)", "eye(3)"), ("range(0, 3, 1)", "range(0, 3)"), ("ones(2, 3)", "ones([2, 3])"),
    ("ones(3)", "ones([3])"), ("einsum('ij,j', A, x)", 'einsum("ij,j", A, x)'),
    ("tile(x, 2)", "tile(x, reps=[2])"), ("tr(A)", "trace(A)"),
])
def test_prints_the_shortest_form(formula: str, expected: str) -> None:
    assert printed(formula) == expected
    assert printed(expected) == expected


def test_an_array_of_many_axes_is_cut() -> None:
    literal = "1"
    for _ in range(8):
        literal = f"[{literal}, {literal}, {literal}]"
    draft = parse(literal, Limits())
    assert len(expressions(draft.graph, [draft.output])[draft.output]) <= 200


def test_settings_and_entries_keep_parts_apart() -> None:
    assert printed("sum(x, axis=0)@sum(x, axis=1)") == "sum(x, axis=0)@sum(x, axis=1)"
    assert printed("[0, 1]*[-0, 1]") == "[0, 1]*[-0, 1]"
    assert printed("x[0]*x[1]*x[0:1]") == "x[0]*x[1]*x[0:1]"


def test_a_long_array_that_is_used_twice_is_written_once() -> None:
    numbers = f"[{', '.join(map(str, range(60)))}]"
    assert printed(f"f(x) = x*{numbers}; f(a) + sin(f(b)) + {numbers}") == f"t1 = {numbers}\na*t1 + sin(b*t1) + t1"


@pytest.mark.parametrize(("formula", "expected"), [
    ("[[1, 2], [3, 4]]", r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}"),
    ("[1, -2.5]", r"\begin{pmatrix} 1 \\ -2.5 \end{pmatrix}"),
    ("[[a, b], [1, 2]]", r"\begin{pmatrix} a & b \\ 1 & 2 \end{pmatrix}"),
    ("[a, x[0]]", r"\begin{pmatrix} a \\ x_{0} \end{pmatrix}"),
    ("[[1, 2], x]", r"\begin{pmatrix} \begin{pmatrix} 1 \\ 2 \end{pmatrix} \\ x \end{pmatrix}"), ("[]", r"\left[\right]"),
    ("[[[1]], [[-2e20]]]", r"\left[\begin{pmatrix} 1 \end{pmatrix}, \begin{pmatrix} -2 \cdot 10^{20} \end{pmatrix}\right]"),
    ("W.T@x + b", r"W^{T} x + b"), ("(A@B).T", r"\left(A B\right)^{T}"), ("W.T^2", r"\left(W^{T}\right)^{2}"),
    ("(A + B)@x", r"\left(A + B\right) x"), ("a@2", r"a \cdot 2"), ("x[0]", "x_{0}"), ("W[1, :]", "W_{1,:}"),
    ("x_1[...]", r"{x_{1}}_{\ldots}"),
    ("(a + b)[0]", r"{\left(a + b\right)}_{0}"), ("x[0][1]", r"{x_{0}}_{1}"), ("sum(x)", r"\operatorname{sum}\left(x\right)"),
    ("max(x, axis=0)", r"\max_{\mathit{axis}=0}\left(x\right)"), ("det(A)", r"\det\left(A\right)"),
    ("transpose(x, [1, 0])", r"\operatorname{transpose}_{\mathit{axes}=[1, 0]}\left(x\right)"),
    ("scatter_like(g, x)[0]", r"\operatorname{scatter\_like}\left(g, x\right)_{0}"),
])
def test_latex(formula: str, expected: str) -> None:
    draft = parse(formula, Limits())
    assert latex(draft.graph, draft.output) == expected


@pytest.mark.parametrize(("formula", "what"), [
    ("sum(x)", "'sum'"), ("1 + max(x)", "'max'"), ("a@b", "'matmul'"), ("x[0]", "'index'"), ("2*[1, 2]", "array literals"),
    ("[a, b]", "'stack'"),
])
def test_python_has_no_arrays(formula: str, what: str) -> None:
    draft = parse(formula, Limits())
    with pytest.raises(GradcalcError, match=f"Python's math has no arrays, and so not {what}") as caught:
        python(draft.graph, draft.output)
    assert caught.value.diagnostic.code == "unsupported"
    assert caught.value.diagnostic.hint


# -- the node table --------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("program", "expected"), [
    ("[1, 2]", "[1, 2]"), ("W = [[1, 2], [3, 4]]; W@x", "W@x"), (f"[{', '.join(map(str, range(100)))}]", "[0, 1, 2, …, 99]"),
    (f"[{', '.join(['[1, 2]'] * 50)}]", "[[1, 2], [1, 2], [1, 2], …, [1, 2]]"),
    (f"2*[{', '.join(map(str, range(24)))}]", "2*#1"),
    (f"[{', '.join(f'x{k}' for k in range(50))}]", "[x0, x1, x2, x3, x4, …, x49]"),
    (f"concat({', '.join(f'x{k}' for k in range(50))}, axis=1)", "concat(x0, x1, x2, x3, x4, …, x49, axis=1)"),
    ("[" * 12 + "1, 2, 3, 4], [5, 6, 7, 8]" + "]" * 11, "[" * 12 + "1, 2, 3, 4], [5, 6, 7, 8]" + "]" * 11),
    ("sum([a + 1, -b].T[0], axis=0)", "sum([a + 1, -b].T[0], axis=0)"),
])
def test_expressions(program: str, expected: str) -> None:
    draft = parse(program, Limits())
    assert expressions(draft.graph, range(len(draft.graph)))[draft.output] == expected


@pytest.mark.parametrize("program", [
    "[" * 8_000 + "x" + "][0]" * 8_000, "x" + ".T" * 8_000, "[" + "1, " * 15_000 + "2]", "[" + "x, " * 15_000 + "-2]",
    "[" + "[1, -2], " * 8_000 + "[3, 4]]", "sum(" * 5_000 + "x" + ", axis=0)" * 5_000, "x@(" * 5_000 + "x" + ")" * 5_000,
    "[" * 31 + "[1], " * 1000 + "[2]" + "]" * 31,
    "f(x) = x*[" + "1, " * 1000 + "2];" + " + ".join(f"f(x{k})" for k in range(500)),
], ids=lambda program: program[:12])
def test_long_and_deep(program: str) -> None:
    draft = parse(program, Limits())
    written = text(draft.graph, draft.output)
    assert len(written) <= 2*len(program)
    again = parse(written, Limits())
    assert text(again.graph, again.output) == written
    assert_well_formed(latex(draft.graph, draft.output))
    assert max(map(len, expressions(draft.graph, range(len(draft.graph))).values())) <= 600


def test_latex_of_texts_and_places() -> None:
    draft = parse('einsum("ij,j->i", A, x)[[0, 1]]', Limits())
    assert latex(draft.graph, draft.output) == (
        r'{\operatorname{einsum}\left(\text{"ij,j->i"}, A, x\right)}_{[0,1]}')
    draft = parse("eye(2)@range(1, 3)", Limits())
    assert latex(draft.graph, draft.output) == r"\operatorname{eye}\left(2\right) \operatorname{range}\left(1, 3\right)"
