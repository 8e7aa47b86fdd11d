"""What is more than entry by entry: reductions, products of matrices, whatever moves entries, and linear algebra.

Real and complex arrays alike, the latter with imaginary parts so small that their squares vanish (see ``complexes``). A
singular matrix gives NaN throughout, in the shape that a regular one would.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gradcalc.graph.namespaces.arrays.entrywise import entrywise

exp, log, sqrt = (entrywise(name, getattr(np, name)) for name in ("exp", "log", "sqrt"))
#: A matrix whose condition is worse, in the 1-norm, is singular as far as its digits can tell.
_SINGULAR = 4.0


# -- reductions --------------------------------------------------------------------------------------------------------


def sum(x: Any, axis: Any, keepdims: bool) -> Any:
    return np.sum(x, axis=axis, keepdims=keepdims)


def prod(x: Any, axis: Any, keepdims: bool) -> Any:
    return np.prod(x, axis=axis, keepdims=keepdims)


def amax(x: Any, axis: Any, keepdims: bool) -> Any:
    """The largest entry by its real part; of those that tie, the mean of the imaginary parts on either side."""
    if not np.iscomplexobj(x):
        return np.max(x, axis=axis, keepdims=keepdims)
    largest = np.max(x.real, axis=axis, keepdims=True)
    there = x.real == largest
    after = np.max(np.where(there, x.imag, -np.inf), axis=axis, keepdims=keepdims)
    before = np.min(np.where(there, x.imag, np.inf), axis=axis, keepdims=keepdims)
    value = largest if keepdims else np.squeeze(largest, axis)
    return np.where(np.isnan(value), np.nan, value + 1j * (0.5 * after + 0.5 * before))


def norm(x: Any, axis: Any, keepdims: bool) -> Any:
    """The square root of the sum of squares, without overflow and underflow."""
    if np.iscomplexobj(x):
        size = np.max(np.abs(x.real), axis=axis, keepdims=True, initial=0.0)
        size = np.where((size > 0.0) & np.isfinite(size), size, 1.0)
        found = size * sqrt(np.sum((x / size) ** 2, axis=axis, keepdims=True))
        return found if keepdims else np.squeeze(found, axis)
    plain = np.sum(x * x, axis=axis, keepdims=True)
    limits = np.finfo(plain.dtype)
    if np.all((plain > limits.tiny / limits.eps) & np.isfinite(plain)):
        return np.sqrt(plain if keepdims else np.squeeze(plain, axis))
    size = np.max(np.abs(x), axis=axis, keepdims=True, initial=0.0)
    size = np.where((size > 0.0) & np.isfinite(size), size, 1.0)
    return np.squeeze(size, axis) * norm_of(x / size, axis) if not keepdims else size * norm_of(x / size, axis, True)


def norm_of(x: Any, axis: Any, keepdims: bool = False) -> Any:
    """The same for entries of moderate size."""
    return np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims))


def logsumexp(x: Any, axis: Any, keepdims: bool) -> Any:
    high = _highest(x, axis)
    if not np.isfinite(high).all():
        high = np.where(np.isfinite(high), high, 0.0)
    found = log(np.add.reduce(exp(x - high), axis=axis, keepdims=True)) + high
    return found if keepdims else np.squeeze(found, axis)


def _highest(x: Any, axis: Any) -> Any:
    """The largest real part along the axes, which stay; of no entries the lowest number."""
    return np.maximum.reduce(np.real(x), axis=axis, keepdims=True, initial=-np.inf)


def size(x: Any, axis: Any) -> Any:
    lengths = np.shape(x) if axis is None else [np.shape(x)[k] for k in axis]
    return np.float64(math.prod(lengths))


def prod_others(x: Any, axis: Any) -> Any:
    """The products from either side up to each entry, so that no zero is divided by."""
    axes = tuple(range(np.ndim(x))) if axis is None else axis
    moved = np.moveaxis(x, axes, range(-len(axes), 0))
    flat = np.reshape(moved, (*moved.shape[:moved.ndim - len(axes)], math.prod(moved.shape[moved.ndim - len(axes):])))
    ones = np.ones_like(flat[..., :1])
    before = np.cumprod(np.concatenate([ones, flat[..., :-1]], -1), -1)[..., :flat.shape[-1]]
    after = np.cumprod(np.concatenate([ones, flat[..., :0:-1]], -1), -1)[..., :flat.shape[-1]]
    return np.moveaxis(np.reshape(before * after[..., ::-1], moved.shape), range(-len(axes), 0), axes)


# -- broadcasting and its reverse --------------------------------------------------------------------------------------


def spread_like(x: Any, like: Any, axis: Any) -> Any:
    shape = np.shape(like)
    if axis is not None:
        x = np.expand_dims(x, tuple(k % len(shape) for k in axis))
    return x if np.shape(x) == shape else np.broadcast_to(x, shape)


def sum_like(x: Any, like: Any, axis: Any) -> Any:
    shape = np.shape(like)
    if axis is not None:
        x = np.add.reduce(x, axis=axis)
    if np.shape(x) == shape:
        return x
    if not shape:
        return np.add.reduce(x, axis=None)
    extra = np.ndim(x) - len(shape)
    if extra:
        x = np.add.reduce(x, axis=tuple(range(extra)))
    short = tuple(k for k, length in enumerate(shape) if length == 1 and x.shape[k] != 1)
    return np.add.reduce(x, axis=short, keepdims=True) if short else x


# -- products of matrices ----------------------------------------------------------------------------------------------


def matmul(a: Any, b: Any) -> Any:
    return np.matmul(a, b)


def matrix_transpose(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)


def matmul_left(g: Any, b: Any, like: Any) -> Any:
    """What a gets back in a @ b; ``like`` is a."""
    if np.ndim(b) == 1:
        return sum_like(np.multiply(g[..., None], b) if np.ndim(like) > 1 else g * b, like, None)
    if np.ndim(like) == 1:
        return sum_like(np.matmul(b, g[..., None])[..., 0], like, None)
    return sum_like(np.matmul(g, matrix_transpose(b)), like, None)


def matmul_right(a: Any, g: Any, like: Any) -> Any:
    """What b gets back in a @ b; ``like`` is b."""
    if np.ndim(a) == 1:
        return sum_like(a[:, None] * g[..., None, :] if np.ndim(like) > 1 else a * g, like, None)
    if np.ndim(like) == 1:
        return sum_like(np.matmul(matrix_transpose(a), g[..., None])[..., 0], like, None)
    return sum_like(np.matmul(matrix_transpose(a), g), like, None)


# -- moving entries ----------------------------------------------------------------------------------------------------


def transpose(x: Any, axes: Any) -> Any:
    return np.transpose(x, axes)


def reshape(x: Any, shape: Any) -> Any:
    return np.reshape(x, shape)


def reshape_like(x: Any, like: Any) -> Any:
    return np.reshape(x, np.shape(like))


def _key(key: Any) -> Any:
    return tuple([... if one == "..." else one if isinstance(one, int) else slice(*one) if len(one) == 3 else
                  np.array(one[0], dtype=np.intp) for one in key])


def index(x: Any, key: Any) -> Any:
    return x[_key(key)]


def scatter_like(g: Any, like: Any, key: Any) -> Any:
    zeros = np.zeros(np.shape(like), np.result_type(g))
    if any(isinstance(one, tuple) and len(one) == 1 for one in key):
        np.add.at(zeros, _key(key), g)  # a place that a list names twice gets both
    else:
        zeros[_key(key)] = g
    return zeros


def stack(*arrays_and_axis: Any) -> Any:
    *arrays, axis = arrays_and_axis
    return np.stack(arrays, axis)


def concat(*arrays_and_axis: Any) -> Any:
    *arrays, axis = arrays_and_axis
    return np.concatenate(arrays, axis)


def concat_part(*arrays_and_settings: Any) -> Any:
    g, *models, place, axis = arrays_and_settings
    lengths = [np.shape(model)[axis] for model in models]
    start = int(np.sum(lengths[:place], dtype=int))
    return np.take(g, range(start, start + lengths[place]), axis)


# -- square matrices ---------------------------------------------------------------------------------------------------


def trace(x: Any) -> Any:
    return np.trace(x, axis1=-2, axis2=-1)


def diagonal_like(g: Any, like: Any) -> Any:
    zeros = np.zeros(np.shape(like), np.result_type(g))
    along = np.arange(zeros.shape[-1])
    zeros[..., along, along] = np.asarray(g)[..., None]
    return zeros


def det(x: Any) -> Any:
    return _of_numbers(x, np.linalg.det(x))


def _of_numbers(x: Any, found: Any) -> Any:
    """What was found for each matrix, NaN for one that holds a NaN or an infinity: elimination may lose them."""
    whole = np.isfinite(x).all(axis=(-2, -1))
    return found if whole.all() else np.where(whole, found, np.nan)


def logdet(x: Any) -> Any:
    """The logarithm of the modulus; of a complex determinant also its angle to the real axis."""
    sign, size = np.linalg.slogdet(x)
    return _of_numbers(x, size + 1j * (sign.imag * np.sign(sign.real)) if np.iscomplexobj(x) else size)


def cofactors(x: Any) -> Any:
    """The derivative of the determinant, of singular matrices too: from the singular values, of which one each is left out.

    Of complex matrices from the minors, because singular values do not keep an imaginary part.
    """
    if np.iscomplexobj(x):
        return _minors(x)
    whole = np.isfinite(x).all(axis=(-2, -1))
    if not whole.all():  # the singular values of a matrix with a NaN cannot be found
        found = cofactors(np.where(whole[..., None, None], x, 0.0))
        return np.where(whole[..., None, None], found, np.nan)
    u, values, v = np.linalg.svd(x)
    turn = np.linalg.det(u) * np.linalg.det(v)
    return turn[..., None, None] * np.matmul(u * prod_others(values, (-1,))[..., None, :], v)


def _minors(x: Any) -> Any:
    """The determinant of what each entry's row and column leave, with the sign of its place."""
    found = np.empty_like(x)
    for row, column in np.ndindex(x.shape[-2:]):
        found[..., row, column] = (-1) ** (row + column) * np.linalg.det(np.delete(np.delete(x, row, -2), column, -1))
    return found


def _regular(solve: Callable[..., Any], a: Any, shape: tuple[int, ...], *args: Any) -> Any:
    """What ``solve`` finds for each matrix, NaN where it is singular to working precision."""
    if 0 in shape:
        return np.zeros(shape, np.result_type(a, *args))
    try:
        inverse = np.linalg.inv(a)
        found = inverse if solve is np.linalg.inv else solve(a, *args)
    except np.linalg.LinAlgError:
        if a.ndim > 2:
            return _one_by_one(solve, a, shape, *args)
        return np.full(shape, np.nan, np.result_type(a, *args))
    condition = _condition(a, inverse)
    limit = 1.0 / (_SINGULAR * np.finfo(inverse.dtype).eps)
    return found if np.all(condition < limit) else np.where((condition < limit)[..., None, None], found, np.nan)


def _one_by_one(solve: Callable[..., Any], a: Any, shape: tuple[int, ...], *args: Any) -> Any:
    """A stack of matrices, of which some are singular."""
    batch = shape[:-2]
    flat = [np.broadcast_to(each, (*batch, *each.shape[-2:])).reshape(-1, *each.shape[-2:]) for each in (a, *args)]
    return np.reshape([_regular(solve, *each[:1], shape[-2:], *each[1:]) for each in zip(*flat, strict=True)], shape)


def _condition(a: Any, inverse: Any) -> Any:
    """The condition of each matrix in the 1-norm, after its rows and columns were scaled by powers of two.

    The units in which rows and columns are measured say nothing of a matrix being singular (Golub and Van Loan, Matrix
    Computations, section 3.5.2).
    """
    rows = _scales(np.abs(a), -1)
    columns = _scales(np.abs(a) * rows, -2)
    return _norm(a * rows * columns) * _norm(inverse / np.swapaxes(rows * np.ones_like(columns), -1, -2) /
                                             np.swapaxes(columns * np.ones_like(rows), -1, -2))


def _scales(sizes: Any, axis: int) -> Any:
    """The power of two that brings the largest entry along the axis near 1."""
    largest = np.max(sizes, axis=axis, keepdims=True, initial=0.0)
    return np.exp2(-np.frexp(np.where((largest > 0.0) & np.isfinite(largest), largest, 1.0))[1].astype(float))


def _norm(a: Any) -> Any:
    """The 1-norm of each matrix."""
    return np.max(np.sum(np.abs(a), axis=-2), axis=-1, initial=0.0)


def inv(x: Any) -> Any:
    return _regular(np.linalg.inv, x, np.shape(x))


def solve(a: Any, b: Any) -> Any:
    if np.ndim(b) == 1:
        return solve(a, b[:, None])[..., 0]
    return _regular(np.linalg.solve, a, (*np.broadcast_shapes(a.shape[:-2], b.shape[:-2]), *b.shape[-2:]), b)


# -- classification ----------------------------------------------------------------------------------------------------


def softmax(x: Any, axis: Any) -> Any:
    powers = exp(x - _highest(x, axis))
    return powers / np.add.reduce(powers, axis=axis, keepdims=True)


def log_softmax(x: Any, axis: Any) -> Any:
    return x - logsumexp(x, axis, True)


def _classes(labels: Any, count: int) -> tuple[Any, Any]:
    """The labels in a row as whole numbers, and which of them are the numbers of classes: None for all.

    A label is rounded, because whoever measures a slope moves it by a little.
    """
    numbers = np.rint(np.ravel(np.real(labels))).astype(np.intp)
    known = numbers.view(np.uintp) < count  # a negative number, or what NaN becomes, is a very large one
    return (numbers, None) if known.all() else (np.where(known, numbers, 0), known)


def cross_entropy(logits: Any, labels: Any) -> Any:
    """The mean over the rows."""
    logits = np.asarray(logits)
    every = logsumexp(logits, (-1,), True)
    if np.shape(labels) == logits.shape:
        losses = np.add.reduce(labels * (every - logits), axis=-1)
    else:
        rows = logits.reshape(-1, logits.shape[-1])
        numbers, known = _classes(labels, rows.shape[-1])
        losses = every.ravel() - rows[np.arange(len(rows)), numbers]
        losses = losses if known is None else np.where(known, losses, np.nan)
    return np.add.reduce(losses, axis=None) / (losses.size or np.nan)


def one_hot_like(labels: Any, like: Any) -> Any:
    if np.shape(labels) == np.shape(like):
        return labels
    numbers, known = _classes(labels, np.shape(like)[-1])
    rows = np.zeros((len(numbers), np.shape(like)[-1]))
    if rows.size:
        rows[np.arange(len(rows)), numbers] = 1.0
    if known is not None:
        rows[~known] = np.nan
    return rows.reshape(np.shape(like))


def match_like(x: Any, like: Any) -> Any:
    return x if np.shape(x) == np.shape(like) else np.zeros(np.shape(like), np.result_type(x))
