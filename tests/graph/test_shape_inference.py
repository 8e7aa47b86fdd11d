"""Shapes are known before anything is computed: those of NumPy, and where it refuses a sentence that says why."""

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gradcalc
from gradcalc.graph.operations import TABLE
from gradcalc.graph.operations import shape_rules as shapes
from gradcalc.graph.operations.shape_rules import ShapeError
from gradcalc.graph.shape_inference import infer, shape_of
from gradcalc.graph.tape import Graph

SHAPES = st.lists(st.integers(0, 3), max_size=3).map(tuple)
NUMPY: dict[str, Any] = {
    "matmul": np.matmul, "transpose": np.transpose, "trace": lambda x: np.trace(x, axis1=-2, axis2=-1), "inv": np.linalg.inv,
    "det": np.linalg.det, "reshape": np.reshape, "concat": lambda *args: np.concatenate(args[:-1], args[-1]),
    "stack": lambda *args: np.stack(args[:-1], args[-1]), "sum": lambda x, axis, keep: np.sum(x, axis=axis, keepdims=keep),
    "amax": lambda x, axis, keep: np.max(x, axis=axis, keepdims=keep),
}


def numpy_shape(op: str, given: tuple[tuple[int, ...], ...], chosen: tuple[Any, ...]) -> tuple[int, ...] | None:
    """The shape of NumPy's result, None where it refuses."""
    try:
        square = op == "inv" and len(given[0]) > 1 and given[0][-1] == given[0][-2]
        arrays = [np.zeros(shape) + (np.eye(shape[-1]) if square else 0.0) for shape in given]
        return tuple(np.shape(NUMPY[op](*arrays, *chosen)))
    except (ValueError, IndexError, TypeError, np.linalg.LinAlgError):
        return None


def own_shape(op: str, given: tuple[tuple[int, ...], ...], chosen: tuple[Any, ...]) -> tuple[int, ...] | None:
    """The same by the table, whose refusals say something."""
    try:
        return TABLE[op].shape(*given, *chosen)
    except ShapeError as problem:
        assert problem.message
        return None


@settings(deadline=None, derandomize=True, max_examples=300)
@given(SHAPES, SHAPES, SHAPES)
def test_broadcasting(a: tuple[int, ...], b: tuple[int, ...], c: tuple[int, ...]) -> None:
    try:
        expected = np.broadcast_shapes(a, b, c)
    except ValueError:
        with pytest.raises(ShapeError, match="do not fit"):
            shapes.broadcast(a, b, c)
    else:
        assert shapes.broadcast(a, b, c) == expected


@settings(deadline=None, derandomize=True, max_examples=400)
@given(SHAPES, SHAPES)
def test_matrix_products(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    assert own_shape("matmul", (a, b), ()) == numpy_shape("matmul", (a, b), ())


@settings(deadline=None, derandomize=True, max_examples=300)
@given(SHAPES, st.one_of(st.none(), st.lists(st.integers(-4, 3), min_size=1, max_size=3).map(tuple)), st.booleans())
@pytest.mark.parametrize("op", ["sum", "amax"])
def test_reductions(op: str, x: tuple[int, ...], axis: Any, keepdims: bool) -> None:
    assert own_shape(op, (x,), (axis, keepdims)) == numpy_shape(op, (x,), (axis, keepdims))


@settings(deadline=None, derandomize=True, max_examples=300)
@given(SHAPES, st.lists(st.integers(-1, 6), max_size=3).map(tuple))
def test_reshaping(x: tuple[int, ...], shape: tuple[int, ...]) -> None:
    assert own_shape("reshape", (x,), (shape,)) == numpy_shape("reshape", (x,), (shape,))


@settings(deadline=None, derandomize=True, max_examples=300)
@given(st.lists(SHAPES, min_size=1, max_size=3), st.integers(-4, 4))
@pytest.mark.parametrize("op", ["stack", "concat"])
def test_joining(op: str, parts: list[tuple[int, ...]], axis: int) -> None:
    assert own_shape(op, tuple(parts), (axis,)) == numpy_shape(op, tuple(parts), (axis,))


@settings(deadline=None, derandomize=True, max_examples=300)
@given(SHAPES, st.one_of(st.none(), st.permutations([0, 1, 2]).map(tuple), st.lists(st.integers(-3, 2), max_size=3).map(tuple)))
def test_transposing(x: tuple[int, ...], axes: Any) -> None:
    assert own_shape("transpose", (x,), (axes,)) == numpy_shape("transpose", (x,), (axes,))


SLICES = st.tuples(st.one_of(st.none(), st.integers(-4, 4)), st.one_of(st.none(), st.integers(-4, 4)),
                   st.sampled_from([None, 1, 2, -1, -2]))
KEYS = st.lists(st.one_of(st.integers(-4, 3), SLICES, st.just("...")), min_size=1, max_size=4).map(tuple)


@settings(deadline=None, derandomize=True, max_examples=500)
@given(SHAPES, KEYS.filter(lambda key: key.count("...") < 2))
def test_indexing(x: tuple[int, ...], key: tuple[Any, ...]) -> None:
    numpy_key = tuple(... if one == "..." else slice(*one) if isinstance(one, tuple) else one for one in key)
    try:
        expected = np.zeros(x)[numpy_key].shape
    except IndexError:
        with pytest.raises(ShapeError):
            shapes.index(x, key)
    else:
        assert shapes.index(x, key) == expected


@settings(deadline=None, derandomize=True, max_examples=100)
@given(SHAPES)
@pytest.mark.parametrize("op", ["trace", "det", "inv"])
def test_square_matrices(op: str, x: tuple[int, ...]) -> None:
    expected = None if op == "trace" and (len(x) < 2 or x[-1] != x[-2]) else numpy_shape(op, (x,), ())
    assert own_shape(op, (x,), ()) == expected, "NumPy takes the trace of what is not square"


# -- shapes that are not known yet -------------------------------------------------------------------------------------


def test_what_can_be_said_without_a_point() -> None:
    assert shape_of("add", ["x", ()], None) == "x"
    assert shape_of("mul", ["x", "x"], None) == "x"
    assert shape_of("mul", ["x", "y"], None) is None
    assert shape_of("softmax", ["x"], ((-1,),)) == "x"
    assert shape_of("sum_like", [None, "x"], (None,)) == "x"
    assert shape_of("matmul", ["x", (3,)], None) is None
    assert shape_of("sum", [None], (None, False)) == ()
    assert shape_of("sum", [None], ((0,), False)) is None
    assert shape_of("cross_entropy", ["x", "y"], None) == ()


@pytest.mark.parametrize("row", [row for row in TABLE.values() if row.cases], ids=lambda row: row.name)
def test_what_is_said_early_is_true(row: Any) -> None:
    """With some shapes unknown, whatever is said holds for the known ones."""
    for given_shapes, chosen in row.cases:
        names = [f"x{k}" for k in range(len(given_shapes))]
        whole = row.shape(*given_shapes, *chosen)
        for hidden in itertools.product([False, True], repeat=len(names)):
            known = [name if unknown else shape for name, shape, unknown in zip(names, given_shapes, hidden, strict=True)]
            found = shape_of(row.name, known, chosen or None)
            assert found is None or (dict(zip(names, given_shapes, strict=True)).get(found, found) == whole)


def test_every_node_of_a_program() -> None:
    graph = gradcalc.parse("H = relu(X@W + b); y = sum(H, axis=0)[1:]; z = softmax(y)*2 + [[1], [2]]").graph
    found = infer(graph, range(len(graph)), {graph.names["X"]: (5, 3), graph.names["W"]: (3, 4), graph.names["b"]: (4,)})
    assert {name: found[node] for name, node in graph.names.items()} == {
        "X": (5, 3), "W": (3, 4), "b": (4,), "H": (5, 4), "y": (3,), "z": (2, 3)}


def test_the_first_that_does_not_fit_is_named() -> None:
    graph = Graph()
    a, b = graph.input("a"), graph.input("b")
    graph.add("exp", (graph.add("add", (a, b)),))
    with pytest.raises(Exception, match="do not fit") as caught:
        infer(graph, range(len(graph)), {a: (2,), b: (3,)})
    assert caught.value.node == 2
    assert caught.value.misfit.hint


@pytest.mark.parametrize(("text", "at", "said"), [
    ("X@W", {"X": np.ones((2, 3)), "W": np.ones((4, 5))},
     "2×3 @ 4×5; the last axis of the left side is 3 long, and the rows of the right side are 4"),
    ("a + b", {"a": [1.0, 2.0], "b": [1.0, 2.0, 3.0]},
     "length 2 and length 3; the last axis is 2 long in one and 3 in the other"),
    ("X + Y", {"X": np.ones((2, 3)), "Y": np.ones((4, 3))}, "2×3 and 4×3; axis -2"),
    ("inv(X)", {"X": np.ones((2, 3))}, "a square matrix is needed, and this is an array of shape 2×3"),
    ("x[7]", {"x": [1.0, 2.0]}, "index 7 is out of range: axis 0 is 2 long"),
    ("x[0, 1]", {"x": [1.0, 2.0]}, "too many indices: 2"), ("sum(x, axis=2)", {"x": [1.0, 2.0]}, "there is no axis 2"),
    ("max(x)", {"x": []}, "no entries to choose from"),
    ("cross_entropy(z, y)", {"z": np.ones((2, 3)), "y": [1.0]}, "labels of shape"),
    ("s@x", {"s": 2.0, "x": [1.0]}, "its left side is a number")])
def test_errors_name_both_shapes(text: str, at: dict[str, Any], said: str) -> None:
    with pytest.raises(gradcalc.GradcalcError) as caught:
        gradcalc.parse(text).eval(at)
    assert said in caught.value.diagnostic.message
    assert caught.value.diagnostic.span is not None
    assert caught.value.status == 2
