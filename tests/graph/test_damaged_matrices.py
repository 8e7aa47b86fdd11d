"""Matrices with entries that are not finite, singular ones, and those whose rows and columns have units of their own."""

import numpy as np
import pytest

import gradcalc
from gradcalc import ExitStatus, GradcalcError

FUNCTIONS = ["det", "logdet", "inv", "cofactors"]


def error(ask) -> GradcalcError:
    with pytest.raises(GradcalcError) as caught:
        ask()
    return caught.value


@pytest.mark.parametrize("function", [*FUNCTIONS, "solve"])
def test_the_operation_that_made_the_nan_is_blamed(function: str) -> None:
    call = "solve([sqrt(b), b], b)" if function == "solve" else f"{function}([sqrt(b), b])"
    program = gradcalc.parse(f"sum({call})")
    at = {"b": [-1.0, 2.0]}
    for ask in (lambda: program.eval(at), lambda: program.diff(at=at), lambda: program.diff(at=at, mode="forward"),
                lambda: program.jacobian(at=at), lambda: program.hessian(at=at), lambda: program.hvp({"b": [1, 1]}, at=at),
                lambda: program.jvp({"b": [1, 1]}, at=at), lambda: program.vjp(at=at)):
        found = error(ask)
        assert (found.status, found.diagnostic.code) == (ExitStatus.UNDEFINED, "undefined")
        assert found.diagnostic.message.startswith("sqrt of -1")


@pytest.mark.parametrize("outer", FUNCTIONS)
def test_a_singular_matrix_inside_is_blamed(outer: str) -> None:
    found = error(lambda: gradcalc.parse(f"sum({outer}(inv([a, a])))").diff(at={"a": [0.548, 0.308]}))
    assert found.status is ExitStatus.UNDEFINED
    assert found.diagnostic.message.startswith("inv: the matrix is singular")


@pytest.mark.parametrize("scales", [(1e10, 1e-10), (1e100, 1e-100), (3.0, 1e-40)])
def test_units_do_not_make_a_matrix_singular(scales: tuple[float, float]) -> None:
    left, right = np.diag(scales), np.diag(scales[::-1])
    core = np.array([[2.0, 1.0], [1.0, 3.0]])
    inverse = np.array([[0.6, -0.2], [-0.2, 0.4]])
    for matrix, expected in ((left @ np.eye(2), np.diag([1.0 / scale for scale in scales])),
                             (left @ core @ right, np.diag([1.0 / scale for scale in scales[::-1]]) @ inverse
                              @ np.diag([1.0 / scale for scale in scales]))):
        found = gradcalc.parse("inv(X)").eval({"X": matrix}).value
        assert np.isfinite(found).all()
        assert found == pytest.approx(expected, rel=1e-12)
        solved = gradcalc.parse("solve(X, [1, 1])").eval({"X": matrix}).value
        assert solved == pytest.approx(expected.sum(axis=1), rel=1e-12)
        slope = gradcalc.parse("logdet(X)").diff(at={"X": matrix}).gradient["X"]
        assert slope == pytest.approx(expected.T, rel=1e-12)


@pytest.mark.parametrize("matrix", [[[1, 2], [2, 4]], [[1e10, 1], [1, 1e-10]], [[0, 0], [0, 0]],
                                    [[1, 2, 3], [4, 5, 6], [7, 8, 9]]])
def test_a_singular_matrix_is_singular_in_any_units(matrix: list[list[float]]) -> None:
    for scale in (1.0, 1e-100, 1e100):
        found = error(lambda scale=scale: gradcalc.parse("inv(X)").eval({"X": scale * np.array(matrix)}))
        assert found.status is ExitStatus.UNDEFINED


def test_of_a_stack_only_the_damaged_matrix_is_undefined() -> None:
    from gradcalc.graph.namespaces import arrays

    stack = np.array([np.eye(2), np.full((2, 2), np.nan), [[2.0, 0.0], [0.0, 4.0]]])
    with arrays.silent():
        for function, expected in ((arrays.det, [1.0, np.nan, 8.0]), (arrays.logdet, [0.0, np.nan, np.log(8.0)])):
            assert np.allclose(function(stack), expected, equal_nan=True)
        assert np.isnan(arrays.cofactors(stack)).all(axis=(-2, -1)).tolist() == [False, True, False]
        assert np.allclose(arrays.cofactors(stack)[2], [[4.0, 0.0], [0.0, 2.0]])
