"""What is said of arrays, indices and settings that are not in the language, and which characters are underlined for it."""

import pytest

from gradcalc import GradcalcError, Limits
from gradcalc.language.reading import parse_tables as tables
from gradcalc.language.reading.parser import parse
from gradcalc.language.reading.syntax_errors import TERMINALS

INDEX = "write the number itself, as in x[0], x[-1], x[1:3] or x[0, :]; an index cannot be computed"
AXIS = "write axis=0, axis=-1 or axis=[0, 1]; it cannot be computed"


@pytest.mark.parametrize(("text", "message", "place", "hint"), [
    # Brackets
    ("f = [1, 2", "this '[' is never closed", "[", "add a ']'"), ("x[", "this '[' is never closed", "[", "add a ']'"),
    ("y = [1, (2]", "this ']' does not close the '(' before it", "]", "close that one first: add a ')'"),
    ("sin([1, 2)", "this ')' does not close the '[' before it", ")", "close that one first: add a ']'"),
    ("(1]", "this ']' does not close the '(' before it", "]", "close that one first: add a ')'"),
    ("x]", "this ']' closes nothing", "]", "remove it, or add a '[' before it"),
    ("sum([1, 2\ny = 3", "this '[' is never closed", "[", "add a ']'"),
    # Literals
    ("[1,,2]", "unexpected ',': a number, a name or '(' was expected", ",", None),
    ("[1, 2,]", "unexpected ']': a number, a name or '(' was expected", "]", None),
    ("[1 2]", "a ',' is missing before '2'", "2", "write 1, 2"),
    ("[a b[0]]", "a ',' is missing before 'b'", "b", "write a, b[0]"),
    ("[2x]", "an operator is missing before 'x'", "x", "write 2*x"),
    ("[sin x]", "an operator is missing before 'x'", "x", "write sin(x)"),
    ("[[1, 2], [3]]", "the rows of an array must be equally long: the first has 2 entries, this one has 1 entry", "[3]",
     "make them alike, or give each a name of its own"),
    ("a*[[1], 2] + b", "the rows of an array must be equally long: the first has 1 entry, this one is a number", "2",
     "make them alike, or give each a name of its own"),
    ("[1, [2, 3]]", "the rows of an array must be equally long: the first is a number, this one has 2 entries", "[2, 3]",
     "make them alike, or give each a name of its own"),
    ("[[[1, 2]],\n [[1], # [\n [2]]]",
    "the rows of an array must be equally long: the first has the shape 1×2, this one has the shape "
     "2×1", "[[1], # [\n [2]]", "make them alike, or give each a name of its own"),
    ("[[[1], [2, 3]], x]", "the rows of an array must be equally long: the first has 1 entry, this one has 2 entries", "[2, 3]",
     "make them alike, or give each a name of its own"),
    ("[1, 2; 3, 4]", "unexpected ';' inside square brackets", ";", "put each row in brackets of its own: [[1, 2], [3, 4]]"),
    ("[1:2]", "unexpected ':'", ":", "a slice stands in the index of an array, as in x[1:3]"),
    ("[1, 1e999]", "this number is larger than the largest that can be held, about 1.8e308", "1e999", None),
    ("reshape(x, (2, 3))", "unexpected ','", ",", "a list of values stands in square brackets: [a, b]"),
    # Indices
    ("x[]", "an index is missing between the brackets", "[]", "write for instance x[0], x[1:3] or x[:]"),
    ("x[1.5]", "an index is a whole number, and '1.5' is not", "1.5", INDEX),
    ("x[i]", "an index is a whole number, and 'i' is not", "i", INDEX),
    ("i = 1; x[i]", "an index is a whole number, and 'i' is not", "i", INDEX),
    ("x[1:n + 1]", "an index is a whole number, and 'n + 1' is not", "n + 1", INDEX),
    ("x[[0, 1]:2]", "an index is a whole number, and '[0, 1]' is not", "[0, 1]", INDEX),
    ("x[[0, 1.5]]", "an index array is a list of whole numbers, and '[0, 1.5]' is not", "[0, 1.5]",
     "write the numbers themselves, as in x[[0, 2, 1]]; they cannot be computed"),
    ("x[[a, 1]]", "an index array is a list of whole numbers, and '[a, 1]' is not", "[a, 1]",
     "write the numbers themselves, as in x[[0, 2, 1]]; they cannot be computed"),
    ("x[..., 0, ...]", "'...' can stand only once in an index", "...", "write : for each axis that is taken whole"),
    ("x[::0]", "the step of a slice cannot be 0", "::0", "write 1 or leave it out"),
    ("x[1:2:3:4]", "unexpected ':'", ":", "a slice stands in the index of an array, as in x[1:3]"),
    # What stands behind a point
    ("x.S", "unexpected '.S'", ".S", "only .T, the transpose, stands behind a point"),
    ("x.T.", "unexpected character '.'", ".", "only .T, the transpose, stands behind a point"),
    ("x.Tx", "unexpected '.Tx'", ".Tx", "only .T, the transpose, stands behind a point"),
    ("(a + b).sum()", "unexpected '.sum'", ".sum", "write sum(a + b)"),
    ("W[0].mean()", "unexpected '.mean'", ".mean", "write mean(W[0])"),
    ("x.T y", "an operator is missing before 'y'", "y", "write x.T*y"),
    ("x[0](y)", "an operator is missing before '('", "(", "write x[0]*(y)"),
    ("x²[0]", "an index cannot follow a power", "[", "put the power in brackets, as in (x^2)[0]"),
    # Settings
    ("sum(X, axes=0)", "'sum' has no setting 'axes'", "axes=0", "did you mean 'axis'?"),
    ("sum(X, to=0)", "'sum' has no setting 'to'", "to=0", "it has axis and keepdims"),
    ("sum(X, axis=a)", "'axis' is a whole number or a list of them, and 'a' is not", "a", AXIS),
    ("sum(X, axis=1 + 1)", "'axis' is a whole number or a list of them, and '1 + 1' is not", "1 + 1", AXIS),
    ("sum(X, axis = 0.5)", "'axis' is a whole number or a list of them, and '0.5' is not", "0.5", AXIS),
    ("sum(X, axis=[0,\n 0.5])", "'axis' is a whole number or a list of them, and '[0, 0.5]' is not", "[0,\n 0.5]", AXIS),
    ("sum(X, axis=True)", "'axis' is a whole number or a list of them, and 'True' is not", "True", AXIS),
    ("sum(X, a)", "'axis' is a whole number or a list of them, and 'a' is not", "a", AXIS),
    ("n = 1; sum(n, n)", "'axis' is a whole number or a list of them, and 'n' is not", "n", AXIS),
    ("sum(X, axis=0, axis=1)", "'axis' is given twice", "axis=1", "give it one value"),
    ("sum(X, 0, axis=1)", "'axis' is given twice", "axis=1", "give it one value"),
    ("sum(X, keepdims=maybe)", "'keepdims' is True or False, and 'maybe' is not", "maybe",
    "write keepdims=True; it cannot be computed"),
    ("sum(X, keepdims=2)", "'keepdims' is True or False, and '2' is not", "2", "write keepdims=True; it cannot be computed"),
    ("sum(X, 0, True)", "'True' is read as a name here", "True", "write keepdims=True"),
    ("sum(X, axis=0, 1)", "an argument cannot follow a setting that is given by name", "axis=0",
     "write the arguments first: sum(x, axis=…, keepdims=…)"),
    ("sum(axis=0)", "'sum' needs an argument before the setting 'axis'", "=", "write sum(x, axis=…)"),
    ("reshape(x, 2, n)", "'shape' is a list of whole numbers, and 'n' is not", "n",
    "write shape=[1, 2]; it cannot be computed"),
    ("reshape(x, [[2]])", "'shape' is a list of whole numbers, and '[[2]]' is not", "[[2]]",
    "write shape=[1, 2]; it cannot be computed"),
    ("reshape(x)", "'reshape' needs 'shape'", "reshape(x)", "write reshape(x, shape=…)"),
    ("concat_part(g, a, b)", "'concat_part' needs 'place'", "concat_part(g, a, b)",
    "write concat_part(g, like, …, place=…, axis=…)"),
    ("stack(a, axis=[0])", "'axis' is a whole number, and '[0]' is not", "[0]", "write axis=0; it cannot be computed"),
    ("scatter_like(g, x, key=0)", "'scatter_like' has no settings", "key=0",
     "leave it out; the values of a function are given by position"),
    ("sin(x, axis=0)", "'sin' has no settings", "axis=0", "leave it out; the values of a function are given by position"),
    ("f(x) = x; f(1, axis=0)", "'f' has no settings", "axis=0", "leave it out; the values of a function are given by position"),
    ("max(a, b, axis=0)", "'max' of several arguments has no settings", "axis=0",
     "of one array, max(x, axis=…) works; of several it goes entry by entry"),
    ("where(x > 0, y = 1, 2)", "unexpected '=' inside brackets", "=", "to compare, write =="),
    ("where(x > 0, y = a*b, 2)", "unexpected '=' inside brackets", "=", "to compare, write =="),
    # Numbers of arguments
    ("sum()", "'sum' takes 1 argument, not 0", "sum()", "write sum(x, axis=…, keepdims=…)"),
    ("sum(a, 0, 1, 2)", "'sum' takes 1 argument and 2 settings, not 4 values", "sum(a, 0, 1, 2)",
    "write sum(x, axis=…, keepdims=…)"),
    ("stack()", "'stack' takes at least 1 argument", "stack()", "write stack(x, …, axis=…)"),
    ("concat([])", "'concat' takes at least 1 argument", "concat([])", "write concat(x, …, axis=…)"),
    ("scatter_like(g)", "'scatter_like' takes 2 arguments, not 1", "scatter_like(g)", "write scatter_like(g, like)[…]"),
    ("max()", "'max' takes at least 1 argument", "max()", "write max(a, b) or more of them"),
    ("matmul([1])", "'matmul' takes 2 arguments, not 1", "matmul([1])", "write matmul(a, b)"),
])
def test_errors(text: str, message: str, place: str, hint: str | None) -> None:
    with pytest.raises(GradcalcError) as caught:
        parse(text, Limits())
    found = caught.value.diagnostic
    assert found.span is not None
    assert (found.message, text[slice(*found.span)], found.hint) == (message, place, hint)


def test_every_terminal_has_a_name_for_users() -> None:
    assert set(TERMINALS) == {name for name, _ in tables.load().terminals} | {"$END", "UNKNOWN"}


@pytest.mark.parametrize("text", ["norm(x, 1)", "norm(x, 1, True)", "norm(x, [0, 1])", "norm([1, 2], 2)"])
def test_a_setting_that_means_something_else_to_numpy_is_given_by_name(text: str) -> None:
    with pytest.raises(GradcalcError) as caught:
        parse(text, Limits())
    assert "'ord'" in caught.value.diagnostic.message
    assert "axis=" in str(caught.value.diagnostic.hint)
    assert caught.value.diagnostic.span is not None
