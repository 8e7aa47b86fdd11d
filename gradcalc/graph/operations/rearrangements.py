"""What puts the entries of an array in other places, or in several: diagonals, shifts, borders and copies.

All of it is linear, and most rows come in pairs, each the derivative of the other. An argument ``like`` lends its shape alone.
"""

import math
from typing import Any

from gradcalc.graph.operations import shape_rules as shapes
from gradcalc.graph.operations.operation import Facts, Operation, Setting, Shape, Spelled, primitive
from gradcalc.graph.operations.shape_rules import ShapeError, shown

EXACT = Facts(exact=True)
ALONG = (Setting("axis", "whole"),)


def _flat_or_along(x: Shape, axis: int | None) -> Shape:
    return x if axis is None else shapes.along(x, (axis,))


# -- diagonals ---------------------------------------------------------------------------------------------------------


def _diagonal(x: Shape, k: int) -> Shape:
    if len(x) == 1:
        return (x[0] + abs(k),) * 2
    if len(x) != 2:
        raise ShapeError(f"diag takes a vector or a matrix, and this is {_described(x)}")
    rows, columns = x
    return (max(0, min(rows + min(k, 0), columns - max(k, 0))),)


def _described(x: Shape) -> str:
    return f"an array of shape {shown(x)}" if x else "a number"


def _same_diagonal(g: Shape, like: Shape, k: int) -> Shape:
    if g != _diagonal(like, k):
        raise ShapeError(f"{_described(g)} is not what diag makes of {_described(like)}")
    return like


def _diag_like(g: Any, like: Any, k: int) -> Any:
    import numpy as np

    if np.ndim(like) == 1:
        return np.diagonal(g, k)
    zeros = np.zeros(np.shape(like), np.result_type(g))
    along = np.arange(len(g))
    zeros[along + max(-k, 0), along + max(k, 0)] = g
    return zeros


# -- along an axis -----------------------------------------------------------------------------------------------------


def _roll(x: Any, shift: int, axis: int | None) -> Any:
    import numpy as np

    return np.roll(x, shift % max(np.size(x) if axis is None else np.shape(x)[axis], 1), axis)


def _repeated(x: Shape, n: int, axis: int | None) -> Shape:
    if n < 0:
        raise ShapeError(f"nothing can be repeated {n} times")
    if axis is None:
        return (math.prod(x) * n,)
    place = shapes.axes_of(x, (axis,))[0]
    return (*x[:place], x[place] * n, *x[place + 1:])


def _of_repeated(g: Shape, like: Shape, n: int, axis: int | None) -> Shape:
    return _fits(g, _repeated(like, n, axis), like)


def _fits(g: Shape, made: Shape, like: Shape) -> Shape:
    if g != made:
        raise ShapeError(f"{_described(g)} is not what is made of {_described(like)}")
    return like


def _unrepeat(g: Any, like: Any, n: int, axis: int | None) -> Any:
    import numpy as np

    shape = np.shape(like)
    place = 0 if axis is None else axis % len(shape)
    wide = (math.prod(shape),) if axis is None else shape
    parts = np.reshape(g, (*wide[:place + 1], n, *wide[place + 1:]))
    return np.reshape(np.sum(parts, place + 1), shape)[()]


# -- borders -----------------------------------------------------------------------------------------------------------


def _widths(rank: int, width: Any) -> tuple[tuple[int, int], ...]:
    """The numbers of entries before and after, for each axis: given once for all, as a pair for all, or as a pair for each."""
    if isinstance(width, int):
        width = (width, width)
    pairs = width if width and isinstance(width[0], tuple) else (width if len(width) != 1 else width * 2,) * rank
    if len(pairs) == 1:
        pairs = pairs * rank
    if len(pairs) != rank or any(len(pair) != 2 for pair in pairs):
        raise ShapeError(f"the width {_listed(width)} does not fit an array of {rank} {'axis' if rank == 1 else 'axes'}",
                         "write the width, [before, after], or one such pair for each axis")
    if any(one < 0 for pair in pairs for one in pair):
        raise ShapeError("a border cannot be less than 0 wide")
    return tuple(pairs)


def _listed(width: Any) -> str:
    return f"[{', '.join(map(_listed, width))}]" if isinstance(width, tuple) else str(width)


def _padded(x: Shape, width: Any) -> Shape:
    return tuple(before + n + after for n, (before, after) in zip(x, _widths(len(x), width), strict=True))


def _cut(x: Shape, width: Any) -> Shape:
    left = tuple(n - before - after for n, (before, after) in zip(x, _widths(len(x), width), strict=True))
    if any(n < 0 for n in left):
        raise ShapeError(f"{_described(x)} is less wide than its border")
    return left


def _pad(x: Any, width: Any) -> Any:
    import numpy as np

    wide = np.zeros(_padded(np.shape(x), width), np.result_type(x))
    wide[tuple(slice(before, before + n) for n, (before, _) in zip(np.shape(x), _widths(np.ndim(x), width), strict=True))] = x
    return wide[()]


def _unpad(x: Any, width: Any) -> Any:
    import numpy as np

    return x[tuple(slice(before, n - after) for n, (before, after) in
                   zip(np.shape(x), _widths(np.ndim(x), width), strict=True))]


# -- copies ------------------------------------------------------------------------------------------------------------


def _aligned(x: Shape, reps: tuple[int, ...]) -> tuple[Shape, tuple[int, ...]]:
    """Lengths and counts for as many axes as the longer of the two has."""
    rank = max(len(x), len(reps))
    return (1,) * (rank - len(x)) + x, (1,) * (rank - len(reps)) + reps


def _tiled(x: Shape, reps: tuple[int, ...]) -> Shape:
    if any(count < 0 for count in reps):
        raise ShapeError("an array cannot be repeated less than 0 times")
    return tuple(n * count for n, count in zip(*_aligned(x, reps), strict=True))


def _untile(g: Any, like: Any, reps: tuple[int, ...]) -> Any:
    import numpy as np

    lengths, counts = _aligned(np.shape(like), reps)
    parts = np.reshape(g, [each for pair in zip(counts, lengths, strict=True) for each in pair])
    return np.reshape(np.sum(parts, tuple(range(0, 2 * len(lengths), 2))), np.shape(like))[()]


#: How a pad's width is given.
WIDTH = (Setting("width", "widths"),)
DIAGONAL = (Setting("k", "whole", 0),)
TIMES = (Setting("n", "whole"), *ALONG)
REPS = (Setting("reps", "wholes"),)

ROWS = (
    primitive("diag", ("x",), (), "the diagonal of a matrix; of a vector, the matrix with it on its diagonal",
              Spelled(array="numpy.diag"), EXACT, settings=DIAGONAL, shape=_diagonal, latex=r"\operatorname{diag}",
              vjps=(lambda xp, g, y, x, k: xp.diag_like(g, x, k),),
              cases=((((3,),), (0,)), (((2, 3),), (0,)), (((3, 3),), (1,)), (((3,),), (-1,)), (((3, 2),), (-1,)),
                     (((0,),), (0,)), (((2, 2),), (5,)))),
    primitive("diag_like", ("g", "like"), (), "zeros in the shape of like with g on the diagonal, or its diagonal",
              Spelled(array=_diag_like), EXACT, auxiliary=True, settings=DIAGONAL, shape=_same_diagonal,
              vjps=(lambda xp, z, y, g, like, k: xp.diag(z, k), None),
              cases=((((2,), (2, 3)), (0,)), (((3, 3), (3,)), (0,)), (((1,), (3, 2)), (-2,)), (((4, 4), (3,)), (1,)))),
    Operation("vec", ("x",), lambda xp, x: xp.reshape(xp.transpose(x, None), (-1,)), (),
              "the columns of a matrix below each other, as a vector", shape=lambda x: (math.prod(x),),
              vjps=(lambda xp, g, y, x: xp.transpose(xp.reshape_like(g, xp.transpose(x, None)), None),),
              cases=((((2, 3),), ()), (((3,),), ()), (((),), ()), (((0, 2),), ()), (((2, 3, 4),), ()))),
    Operation("ravel", ("x",), lambda xp, x: xp.reshape(x, (-1,)), (), "the entries in a row, the last axis first",
              aliases=("flatten",), shape=lambda x: (math.prod(x),), vjps=(lambda xp, g, y, x: xp.reshape_like(g, x),),
              cases=((((2, 3),), ()), (((),), ()), (((0, 2),), ()), (((2, 3, 4),), ()))),
    primitive("roll", ("x",), (), "the entries moved by shift places; what leaves at the end returns at the beginning",
              Spelled(array=_roll), EXACT, settings=(Setting("shift", "whole"), *ALONG),
              shape=lambda x, shift, axis: _flat_or_along(x, axis),
              vjps=(lambda xp, g, y, x, shift, axis: xp.roll(g, -shift, axis),),
              cases=((((3,),), (1, None)), (((2, 3),), (-2, 1)), (((2, 3),), (1, None)), (((2, 3),), (7, -2)),
                     (((0,),), (1, 0)))),
    primitive("flip", ("x",), (), "the entries in reverse order along the axes", Spelled(array="numpy.flip"), EXACT,
              settings=(Setting("axis", "axis"),), shape=lambda x, axis: x if axis is None else shapes.along(x, axis),
              vjps=(lambda xp, g, y, x, axis: xp.flip(g, axis),),
              cases=((((3,),), (None,)), (((2, 3),), (None,)), (((2, 3),), ((1,),)), (((2, 3, 4),), ((0, -1),)), (((0,),),
                     (None,)))),
    primitive("pad", ("x",), (), "zeros around an array: pad(x, 1), pad(x, [before, after]), pad(X, [[1, 1], [0, 2]])",
              Spelled(array=_pad), EXACT, settings=WIDTH, shape=_padded,
              vjps=(lambda xp, g, y, x, width: xp.unpad(g, width),),
              cases=((((3,),), (1,)), (((2, 3),), ((1, 2),)), (((2, 3),), (((1, 1), (0, 2)),)), (((0,),), (2,)))),
    primitive("unpad", ("x",), (), "an array without its border", Spelled(array=_unpad), EXACT, auxiliary=True, settings=WIDTH,
              shape=_cut, vjps=(lambda xp, g, y, x, width: xp.pad(g, width),),
              cases=((((5,),), (1,)), (((5, 6),), ((1, 2),)), (((4, 4),), (((1, 1), (0, 2)),)))),
    primitive("tile", ("x",), (), "an array repeated side by side: tile(x, 2), tile(X, [2, 3])", Spelled(array="numpy.tile"),
              EXACT,
              settings=REPS, shape=_tiled, vjps=(lambda xp, g, y, x, reps: xp.untile(g, x, reps),),
              cases=((((3,),), ((2,),)), (((2, 3),), ((2,),)), (((3,),), ((2, 3),)), (((2, 3),), ((2, 1, 2),)), (((),),
                     ((2,),)),
                     (((3,),), ((0,),)), (((0,),), ((2,),)))),
    primitive("untile", ("g", "like"), (), "the tiles of an array, added up", Spelled(array=_untile), auxiliary=True,
              settings=REPS,
              shape=lambda g, like, reps: _fits(g, _tiled(like, reps), like),
              vjps=(lambda xp, z, y, g, like, reps: xp.tile(z, reps), None),
              cases=((((6,), (3,)), ((2,),)), (((2, 9), (3,)), ((2, 3),)), (((2,), ()), ((2,),)))),
    primitive("repeat", ("x",), (), "each entry n times, along an axis or of all entries in a row",
              Spelled(array="numpy.repeat"), EXACT,
              settings=TIMES, shape=_repeated, vjps=(lambda xp, g, y, x, n, axis: xp.unrepeat(g, x, n, axis),),
              cases=((((3,),), (2, None)), (((2, 3),), (2, 0)), (((2, 3),), (3, -1)), (((2, 3),), (2, None)), (((3,),), (0, 0)),
                     (((),), (2, None)), (((0,),), (2, 0)))),
    primitive("unrepeat", ("g", "like"), (), "the n repetitions of each entry, added up", Spelled(array=_unrepeat),
              auxiliary=True,
              settings=TIMES, shape=_of_repeated, vjps=(lambda xp, z, y, g, like, n, axis: xp.repeat(z, n, axis), None),
              cases=((((6,), (3,)), (2, None)), (((2, 9), (2, 3)), (3, 1)), (((12,), (2, 3)), (2, None)))),
)
