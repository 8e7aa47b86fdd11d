"""What is linear in each of its arguments: products of matrices, and whatever moves entries without changing them.

Most come in pairs, each the derivative of the other. An argument ``like`` lends its shape alone.
"""

import math
from typing import Any

from gradcalc.graph.operations import shape_rules as shapes
from gradcalc.graph.operations.operation import ARRAY, CALL, PRODUCT, Facts, Setting, primitive

KEY = (Setting("key", "key"),)
PLACE = (Setting("axis", "whole", 0),)
PART = (Setting("place", "whole"), *PLACE)


def _whole(start: int | None = None, stop: int | None = None, step: int | None = None) -> tuple[int | None, ...]:
    return (start, stop, step)


def _inverse(axes: tuple[int, ...] | None) -> tuple[int, ...] | None:
    """The order of axes that undoes this one."""
    if axes is None:
        return None
    count = len(axes)
    return tuple(sorted(range(count), key=lambda k: axes[k] % count))


def _of_a_stack(xp: Any, place: int, g: Any, y: Any, *xs_and_axis: Any) -> Any:
    """The layer of the adjoint that belongs to one argument."""
    axis = xs_and_axis[-1]
    before = (_whole(),) * axis if axis >= 0 else ("...",)
    return xp.index(g, (*before, place, *(_whole(),) * max(-axis - 1, 0)))


def _of_a_join(xp: Any, place: int, g: Any, y: Any, *xs_and_axis: Any) -> Any:
    *xs, axis = xs_and_axis
    return xp.concat_part(g, *xs, place, axis)


def _of_a_part(xp: Any, argument: int, g: Any, y: Any, *rest: Any) -> Any:
    """The piece put back among zeros. The models of its neighbours lend their shapes alone."""
    _, *models, place, axis = rest
    if argument:
        return None
    return xp.concat(*(g if k == place else xp.spread_like(0.0, model, None) for k, model in enumerate(models)), axis)


ROWS = (
    primitive("matmul", ("a", "b"), (),
              "matrix product", ARRAY, Facts(fresh=True), symbol="@", binds=PRODUCT,
              aliases=("dot",), shape=shapes.matmul, work=lambda a, b: 2 * math.prod(shapes.matmul(a, b)) * a[-1],
              vjps=(lambda xp, g, y, a, b: xp.matmul_left(g, b, a), lambda xp, g, y, a, b: xp.matmul_right(a, g, b)),
              cases=((((2, 3), (3, 4)), ()), (((3,), (3,)), ()), (((2, 3), (3,)), ()), (((3,), (3, 2)), ()),
                     (((5, 2, 3), (3, 4)), ()), (((2, 3), (5, 3, 4)), ()), (((5, 1, 2, 3), (4, 3, 2)), ()),
                     (((3,), (5, 3, 2)), ()), (((5, 2, 3), (3,)), ()), (((2, 0), (0, 3)), ()), (((0, 2), (2, 3)), ()),
                     (((1,), (1,)), ()), (((1, 1), (1, 1)), ()))),
    primitive("matmul_left", ("g", "b", "like"), (),
              "what a in a @ b gets back from an adjoint g of the product: g @ b.T, in a's shape",
              ARRAY, Facts(fresh=True), auxiliary=True, shape=shapes.left,
              vjps=(lambda xp, z, y, g, b, like: xp.matmul(z, b), lambda xp, z, y, g, b, like: xp.matmul_right(z, g, b), None),
              cases=((((2, 4), (3, 4), (2, 3)), ()), (((), (3,), (3,)), ()), (((2,), (3,), (2, 3)), ()),
                     (((5, 2, 4), (5, 3, 4), (2, 3)), ()))),
    primitive("matmul_right", ("a", "g", "like"), (),
              "what b in a @ b gets back from an adjoint g of the product: a.T @ g, in b's shape",
              ARRAY, Facts(fresh=True), auxiliary=True, shape=shapes.right,
              vjps=(lambda xp, z, y, a, g, like: xp.matmul_left(g, z, a), lambda xp, z, y, a, g, like: xp.matmul(a, z), None),
              cases=((((2, 3), (2, 4), (3, 4)), ()), (((3,), (), (3,)), ()), (((2, 3), (2,), (3,)), ()),
                     (((5, 2, 3), (5, 2, 4), (3, 4)), ()))),
    primitive("transpose", ("x",), (),
              "the axes in reverse order, or in the order given", ARRAY, Facts(exact=True), symbol=".T", binds=CALL,
              settings=(Setting("axes", "wholes"),), shape=shapes.transpose, latex="^{T}",
              vjps=(lambda xp, g, y, x, axes: xp.transpose(g, _inverse(axes)),),
              cases=((((2, 3),), (None,)), (((3,),), (None,)), (((),), (None,)), (((2, 3, 4),), ((1, 2, 0),)),
                     (((2, 3, 4),), ((-1, 0, 1),)), (((0, 2),), (None,)))),
    primitive("matrix_transpose", ("x",), (),
              "the last two axes swapped", ARRAY, Facts(exact=True),
              shape=shapes.matrix_transpose, vjps=(lambda xp, g, y, x: xp.matrix_transpose(g),),
              cases=((((2, 3),), ()), (((4, 2, 3),), ()))),
    primitive("reshape", ("x",), (),
              "the same entries in another shape; one length may be -1",
              ARRAY, Facts(exact=True), settings=(Setting("shape", "wholes"),),
              shape=shapes.reshape, vjps=(lambda xp, g, y, x, shape: xp.reshape_like(g, x),),
              cases=((((2, 3),), ((3, 2),)), (((6,),), ((2, -1),)), (((1,),), ((),)), (((0, 2),), ((2, 0),)))),
    primitive("reshape_like", ("x", "like"), (),
              "the same entries in the shape of like", ARRAY, Facts(exact=True), auxiliary=True,
              shape=shapes.reshaped, vjps=(lambda xp, g, y, x, like: xp.reshape_like(g, x), None),
              cases=((((2, 3), (6,)), ()), (((), (1, 1)), ()))),
    primitive("index", ("x",), (),
              "the entries at a key: x[0], W[1, :], x[1:3]", ARRAY, Facts(exact=True),
              symbol="[]", binds=CALL, settings=KEY, shape=shapes.index,
              vjps=(lambda xp, g, y, x, key: xp.scatter_like(g, x, key),),
              cases=((((3,),), ((0,),)), (((2, 3),), ((1, _whole()),)), (((2, 3),), ((_whole(), -1),)),
                     (((5,),), ((_whole(1, 3),),)), (((5,),), ((_whole(None, None, -2),),)), (((2, 3),), ((_whole(2),),)),
                     (((2, 3, 4),), (("...", 0),)), (((3,),), ((((0, 2, 1, 0),),),)), (((2, 3),), ((_whole(), ((0, 0, -1),)),)),
                     (((2, 3, 4),), ((1, _whole(), ((2, 0),)),)), (((3,),), ((((),),),)))),
    primitive("scatter_like", ("g", "like"), (),
              "zeros in the shape of like, with g at a key: scatter_like(g, x)[0]",
              ARRAY, Facts(exact=True), auxiliary=True, settings=KEY, shape=shapes.scatter,
              vjps=(lambda xp, z, y, g, like, key: xp.index(z, key), None),
              cases=((((), (3,)), ((0,),)), (((3,), (2, 3)), ((1,),)), (((2,), (5,)), ((_whole(1, 3),),)),
                     (((4,), (3,)), ((((0, 2, 1, 0),),),)))),
    primitive("stack", ("x",), (),
              "arrays of one shape as the layers of one", ARRAY, Facts(exact=True),
              settings=PLACE, shape=shapes.stack, many=True, vjps=(_of_a_stack,),
              cases=((((), (), ()), (0,)), (((2, 3), (2, 3)), (0,)), (((2, 3), (2, 3)), (1,)), (((3,), (3,)), (-1,)),
                     (((0,), (0,)), (0,)))),
    primitive("concat", ("x",), (),
              "arrays one behind the other", ARRAY, Facts(exact=True),
              settings=PLACE, shape=shapes.concat, many=True, vjps=(_of_a_join,),
              cases=((((2,), (3,)), (0,)), (((2, 3), (1, 3), (4, 3)), (0,)), (((2, 3), (2, 1)), (-1,)), (((0,), (2,)), (0,)))),
    primitive("concat_part", ("g", "like"), (),
              "what belongs to one of several arrays in what they make together: concat_part(g, a, b, place=1)",
              ARRAY, Facts(exact=True), auxiliary=True, settings=PART,
              shape=shapes.part, many=True, vjps=(_of_a_part,),
              cases=((((5,), (2,), (3,)), (1, 0)), (((3, 3), (1, 3), (2, 3)), (0, 0)))),
)
