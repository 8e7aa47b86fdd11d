"""What goes along an axis from entry to entry: running sums and products, and the linear recurrence that their derivatives are.

A product's derivative is never found by a division, so it is right where entries are 0.
"""

import math
from typing import Any

from gradcalc.graph.operations import shape_rules as shapes
from gradcalc.graph.operations.operation import Setting, Shape, Spelled, primitive

#: Along no axis the entries are taken in a row.
ALONG = (Setting("axis", "whole"),)
AXIS = (Setting("axis", "whole", 0),)
MOVED = (Setting("places", "whole", 1), *AXIS, Setting("fill", "whole", 0))
CASES = ((((3,),), (None,)), (((3,),), (0,)), (((2, 3),), (None,)), (((2, 3),), (-1,)), (((3, 2),), (0,)), (((),), (None,)),
         (((0,),), (0,)), (((2, 0),), (1,)), (((1,),), (0,)))


def _scanned(x: Shape, axis: int | None) -> Shape:
    return (math.prod(x),) if axis is None else shapes.along(x, (axis,))


def _both(a: Shape, b: Shape, axis: int) -> Shape:
    if a != b:
        raise shapes.ShapeError(f"the shapes {shapes.shown(a)} and {shapes.shown(b)} are not equal")
    return shapes.along(a, (axis,))


def _backwards(xp: Any, factors: Any, g: Any, axis: int) -> Any:
    """The adjoint of each value of a recurrence, from those that it has outside it: the same recurrence from the end."""
    back = xp.shift(xp.flip(factors, (axis,)), 1, axis, 0)
    return xp.flip(xp.recurrence(back, xp.flip(g, (axis,)), axis), (axis,))


def _cumsum_vjp(xp: Any, g: Any, y: Any, x: Any, axis: int | None) -> Any:
    along = 0 if axis is None else axis
    back = xp.flip(xp.cumsum(xp.flip(g, (along,)), along), (along,))
    return xp.reshape_like(back, x) if axis is None else back


def _cumprod_vjp(xp: Any, g: Any, y: Any, x: Any, axis: int | None) -> Any:
    if axis is None:
        return xp.reshape_like(_cumprod_vjp(xp, g, y, xp.reshape(x, (-1,)), 0), x)
    return _backwards(xp, x, g, axis) * xp.shift(y, 1, axis, 1)


def _recurrence(a: Any, b: Any, axis: int) -> Any:
    import numpy as np

    found = np.array(np.moveaxis(b, axis, 0), dtype=np.result_type(a, b))
    factors = np.moveaxis(a, axis, 0)
    for place in range(1, len(found)):
        found[place] += factors[place] * found[place - 1]
    return np.moveaxis(found, 0, axis)


def _shift(x: Any, places: int, axis: int, fill: int) -> Any:
    import numpy as np

    count = np.shape(x)[axis]
    moved = np.full(np.shape(x), fill, np.result_type(x))
    inside = min(abs(places), count)
    there, here = slice(inside, None), slice(0, count - inside)
    to, source = (there, here) if places >= 0 else (here, there)
    np.moveaxis(moved, axis, 0)[to] = np.moveaxis(x, axis, 0)[source]
    return moved


ROWS = (
    primitive("cumsum", ("x",), (), "running sums along an axis, or of all entries in a row", Spelled(array="numpy.cumsum"),
              settings=ALONG, shape=_scanned, vjps=(_cumsum_vjp,), cases=CASES),
    primitive("cumprod", ("x",), (), "running products along an axis, or of all entries in a row",
              Spelled(array="numpy.cumprod"),
              settings=ALONG, shape=_scanned, vjps=(_cumprod_vjp,), cases=CASES),
    primitive("recurrence", ("a", "b"), (), "the y with y[i] = b[i] + a[i]*y[i-1] along an axis, y[0] = b[0]",
              Spelled(array=_recurrence), auxiliary=True, settings=AXIS, shape=_both,
              vjps=(lambda xp, g, y, a, b, axis: _backwards(xp, a, g, axis) * xp.shift(y, 1, axis, 0),
                    lambda xp, g, y, a, b, axis: _backwards(xp, a, g, axis)),
              cases=((((4,), (4,)), (0,)), (((2, 3), (2, 3)), (1,)), (((3, 2), (3, 2)), (-2,)), (((0,), (0,)), (0,)),
                     (((1,), (1,)), (0,)))),
    primitive("shift", ("x",), (), "the entries moved along an axis by some places, with another number where they leave a gap",
              Spelled(array=_shift), auxiliary=True, settings=MOVED,
              shape=lambda x, places, axis, fill: shapes.along(x, (axis,)),
              vjps=(lambda xp, g, y, x, places, axis, fill: xp.shift(g, -places, axis, 0),),
              cases=((((4,),), (1, 0, 0)), (((4,),), (-2, 0, 1)), (((2, 3),), (1, -1, 1)), (((2,),), (5, 0, 0)), (((0,),), (1,
                     0, 1)))),
)
