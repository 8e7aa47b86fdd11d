"""NumPy's arrays as a namespace: the values of a program that has shapes, or one value for each of many points.

Real results are those of ``scalars``, entry by entry (``entrywise``); what is more than entry by entry stands in ``shaped``.
A row also uses the arrays' own operators, so NumPy's warnings cannot be silenced in here: whoever sweeps over arrays
does so within ``with arrays.silent():``.
"""

import math
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from gradcalc.graph.namespaces.arrays import entrywise, shaped
from gradcalc.graph.namespaces.spelling import spelled

nan = np.float64(math.nan)
pi = np.float64(math.pi)
#: Values have shapes, and what flows back to an operand that was broadcast is summed.
ranked = True
epsilon = sys.float_info.epsilon


def silent() -> np.errstate:
    """The context in which rows are run on arrays: what is infinite or NaN says so itself."""
    return np.errstate(all="ignore")


def constant(value: Any) -> Any:
    """A number, or an array from its entries in nested sequences, in this namespace. No array is copied."""
    return np.float64(value) if isinstance(value, float) else np.asarray(value, dtype=np.float64)[()]


def owned(value: Any) -> Any:
    """An array of real numbers from nested sequences or from another array, 0-d arrays as numbers.

    Raises ValueError or TypeError for ragged rows, and for entries that are no real numbers.
    """
    found = np.asarray(value)
    if found.dtype.kind not in "biuf" and found.size:
        raise TypeError(f"entries of the type {found.dtype}")
    return np.asarray(found, dtype=np.float64)[()]


def ready(value: Any, dtype: Any = np.float64) -> bool:
    """Whether a value is an array of this namespace already."""
    return isinstance(value, np.ndarray) and value.dtype == dtype and value.ndim > 0


def zeros(shape: tuple[int, ...]) -> Any:
    """What has no derivative, in this shape."""
    return np.zeros(shape)[()]


def model(shape: tuple[int, ...]) -> Any:
    """Something of this shape whose entries do not matter and take no memory."""
    return np.broadcast_to(np.float64(0.0), shape)


def units(shape: tuple[int, ...]) -> Iterator[Any]:
    """The directions in which an array of this shape can move: one for each entry, in their order."""
    for place in np.ndindex(shape):
        unit = np.zeros(shape)
        unit[place] = 1.0
        yield unit[()]


def places(shape: tuple[int, ...]) -> Iterator[tuple[int, ...] | None]:
    """Where the numbers of a value stand, in their order; None for a value that is one number."""
    return iter(np.ndindex(shape)) if shape else iter((None,))


def replaced(value: Any, place: tuple[int, ...], number: Any) -> Any:
    """The array with another number in this place."""
    moved = np.array(value, dtype=np.result_type(value, number))
    moved[place] = number
    return moved


def gathered(slopes: Sequence[Any], shape: tuple[int, ...]) -> Any:
    """The derivatives in each of these directions as one array: their own shape, then this one."""
    own = np.shape(slopes[0]) if slopes else ()
    return np.reshape(np.stack(slopes, -1) if slopes else np.zeros((*own, 0)), (*own, *shape))[()]


def stacked(rows: Sequence[Any], shape: tuple[int, ...]) -> Any:
    """The derivatives of each of the numbers of an output of this shape as one array: its shape, then their own."""
    return np.reshape(np.stack(rows), (*shape, *np.shape(rows[0])))[()] if rows else np.zeros(shape)


def plain(value: Any) -> Any:
    """A value as it is handed out: a number as Python's, an array that nothing else writes to or reads from."""
    if np.ndim(value) == 0:
        return float(value)
    return value if value.base is None and value.flags.owndata and value.flags.writeable else np.array(value)


def times(factor: Any, other: Any) -> Any:
    """The product in which a factor of 0 wins over an infinity, as in ``scalars``."""
    return np.where(factor == 0.0, 0.0, factor * other)


def points(values: Sequence[float]) -> Any:
    """The array of these values."""
    return np.asarray(values, dtype=np.float64)


def entries(value: Any, count: int) -> list[Any]:
    """The values at ``count`` points, as Python numbers; a single one is that of every point."""
    listed: list[Any] = np.broadcast_to(value, count).tolist()
    return listed


def gate(condition: Any) -> Any:
    """Where a path is open under this condition: True or False if everywhere is alike, else an array of 1.0 and 0.0."""
    mask = np.not_equal(np.real(condition), 0.0) & ~np.isnan(condition)
    return True if mask.all() else np.where(mask, 1.0, 0.0) if mask.any() else False


def same(a: Any, b: Any) -> bool:
    """Whether two gates are one and the same."""
    return a is b or (not isinstance(a, bool) and not isinstance(b, bool) and np.array_equal(a, b))


def reach(opened: Any, value: Any, operand: Any, elementwise: bool) -> Any:
    """The gate of an operand of ``value``, which is needed where ``opened``: an entry is if any that it goes into is."""
    if isinstance(opened, bool):
        return opened
    if not elementwise:
        return bool(np.any(opened))
    return gate(shaped.sum_like(np.broadcast_to(opened, np.shape(value)), operand, None))


def finite(value: Any) -> bool:
    """Whether every entry is finite. The sum of squares tells it at once, unless it overflows."""
    return bool(np.isfinite(np.vdot(value, value)) or np.isfinite(value).all())


def no_class(labels: Any, count: int) -> float | None:
    """The first label that is no whole number from 0 to below ``count``."""
    wrong = np.ravel(labels)[np.ravel((labels != np.rint(labels)) | (labels < 0) | (labels >= count))]
    return float(wrong[0]) if wrong.size else None


def first_not_finite(value: Any) -> tuple[int, ...]:
    """The place of the first entry that is not finite."""
    return tuple(int(k) for k in np.argwhere(~np.isfinite(value))[0])


def entry(operand: Any, value: Any, place: tuple[int, ...]) -> float:
    """What stood in the place of an operand that an entry of ``value`` was computed from."""
    return float(np.broadcast_to(operand, np.shape(value))[place])


def __getattr__(name: str) -> Any:
    """The functions of both files, then what rows spell. The next time it is found without asking."""
    for home in (entrywise, shaped):
        if name in vars(home) and not name.startswith("_"):
            globals()[name] = found = getattr(home, name)
            return found
    return spelled(name, "array", sys.modules[__name__], entrywise.made)
