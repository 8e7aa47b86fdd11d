"""Square matrices: trace, determinant, inverse, linear systems; each also for a stack of matrices along the axes before.

The derivatives are Jacobi's formula and those in Petersen and Pedersen, The Matrix Cookbook, sections 2.1 and 2.2, and in
Giles, An Extended Collection of Matrix Derivative Results for Forward and Reverse Mode AD, 2008.
"""

import math
from typing import Any

from gradcalc.graph.operations import shape_rules as shapes
from gradcalc.graph.operations.operation import ARRAY, Facts, Shape, primitive

SQUARE = ((((2, 2),), ()), (((1, 1),), ()), (((4, 3, 3),), ()), (((0, 0),), ()))
LAST = (-2, -1)


def _cubed(x: Shape, *_: Shape) -> int:
    """What it takes to eliminate."""
    return math.prod(x) * x[-1]


def _inverse_vjp(xp: Any, g: Any, y: Any, x: Any) -> Any:
    back = xp.matrix_transpose(y)
    return -xp.matmul(back, xp.matmul(g, back))


def _cofactors_vjp(xp: Any, g: Any, y: Any, x: Any) -> Any:
    """From y = det(x)*inv(x).T, which holds for a matrix that is not singular."""
    back = xp.matrix_transpose(xp.inv(x))
    along = xp.spread_like(xp.sum(g * y, LAST, False), x, LAST)
    return along * back - xp.matmul(y, xp.matmul(xp.matrix_transpose(g), back))


def _of_the_matrix(xp: Any, g: Any, y: Any, a: Any, b: Any) -> Any:
    """From a @ y = b: what a gets back is what it gets from the product, for the adjoint of b."""
    return xp.matmul_left(-xp.solve(xp.matrix_transpose(a), g), y, a)


ROWS = (
    primitive("trace", ("x",), (),
              "sum of the diagonal", ARRAY, aliases=("tr",), shape=shapes.of_a_square, cases=SQUARE,
              vjps=(lambda xp, g, y, x: xp.diagonal_like(g, x),), latex=r"\operatorname{tr}"),
    primitive("diagonal_like", ("g", "like"), (),
              "zeros in the shape of like, with g along the diagonal",
              ARRAY, Facts(exact=True), auxiliary=True, shape=shapes.diagonal,
              vjps=(lambda xp, z, y, g, like: xp.trace(z), None), cases=((((), (2, 2)), ()), (((4,), (4, 3, 3)), ()))),
    primitive("det", ("x",), (),
              "determinant", ARRAY,
              shape=shapes.of_a_square, work=_cubed, regular=0, cases=SQUARE, latex=r"\det",
              vjps=(lambda xp, g, y, x: xp.spread_like(g, x, LAST) * xp.cofactors(x),)),
    primitive("cofactors", ("x",), (),
              "the derivative of det: for each entry the determinant of what its row and column leave, with the sign of "
              "its place", ARRAY, auxiliary=True,
              shape=shapes.square, work=_cubed, regular=0, vjps=(_cofactors_vjp,), cases=SQUARE, latex=r"\operatorname{cof}"),
    primitive("logdet", ("x",), (),
              "log(abs(det(x))) without overflow", ARRAY,
              shape=shapes.of_a_square, work=_cubed, regular=0,
              vjps=(lambda xp, g, y, x: xp.spread_like(g, x, LAST) * xp.matrix_transpose(xp.inv(x)),), cases=SQUARE,
              needs="the matrix is singular, and its determinant 0", latex=r"\log\det"),
    primitive("inv", ("x",), (),
              "inverse of a matrix", ARRAY, shape=shapes.square, work=_cubed,
              vjps=(_inverse_vjp,), regular=0,
              cases=SQUARE, needs="the matrix is singular, and has no inverse"),
    primitive("solve", ("a", "b"), (),
              "the x with a @ x = b", ARRAY, shape=shapes.solve, work=_cubed,
              vjps=(_of_the_matrix, lambda xp, g, y, a, b: xp.sum_like(xp.solve(xp.matrix_transpose(a), g), b, None)),
              needs="the matrix is singular, and the system has no single solution", regular=0,
              cases=((((2, 2), (2,)), ()), (((3, 3), (3, 2)), ()), (((4, 2, 2), (2, 3)), ()), (((2, 2), (4, 2, 3)), ()),
                     (((1, 1), (1,)), ()), (((2, 2), (2, 0)), ()))),
)
