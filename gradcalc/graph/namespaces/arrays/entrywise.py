"""The functions that act on each entry of an array by itself, operands broadcast as NumPy's are.

Complex arrays go through ``complexes``, entry by entry: the complex step is a check, not a workhorse, and its rules should
stand in one place. A condition is an array of 1.0, 0.0 and NaN.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gradcalc.graph.namespaces import complexes, scalars
from gradcalc.graph.namespaces.spelling import imported
from gradcalc.graph.operations.operation import EACH, Operation

nan = np.float64(math.nan)


def entrywise(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
    """``real`` for real arrays; for complex ones, the function ``name`` of ``complexes`` on each entry."""

    def apply(*args: Any) -> Any:
        for argument in args:
            if np.iscomplexobj(argument):
                return np.vectorize(getattr(complexes, name), otypes=[np.complex128])(*args)
        return real(*args)

    return apply


def made(spelling: Any, row: Operation) -> Callable[..., Any]:
    """A primitive on arrays, from the row's spelling."""
    name = row.api or row.name
    if spelling == EACH:
        real = _each(name)
    elif isinstance(spelling, str):
        real = _of_library(spelling, name)
    else:
        real = spelling
    if row.facts.condition:
        real = _condition(real)
    return entrywise(name, real) if row.shape is None else real


def ufunc(row: Operation) -> Any:
    """NumPy's own function that a row is, called with an array to fill as ``out``; None where it is none."""
    spelling = None if row.spelled is None else row.spelled.array
    return imported(spelling) if isinstance(spelling, str) and spelling.startswith("numpy.") else None


def _of_library(path: str, name: str) -> Callable[..., Any]:
    """A function of NumPy's, or of SciPy's; where SciPy is not installed, of scalars for each entry."""
    try:
        found: Callable[..., Any] = imported(path)
    except ImportError:
        return _each(name)
    return found


def _each(name: str) -> Callable[..., Any]:
    return np.vectorize(getattr(scalars, name), otypes=[np.float64])


def _condition(relation: Callable[..., Any]) -> Callable[..., Any]:
    """A comparison whose answer is NaN where an operand is."""

    def compare(a: Any, b: Any) -> Any:
        return np.where(np.isnan(a) | np.isnan(b), nan, relation(a, b))

    return compare


def _and(a: Any, b: Any) -> Any:
    """Kleene's: an operand that is 0 decides, whatever the other is."""
    return np.where(np.equal(a, 0.0) | np.equal(b, 0.0), 0.0, np.where(np.isnan(a) | np.isnan(b), nan, 1.0))


def _or(a: Any, b: Any) -> Any:
    return _not(_and(_not(a), _not(b)))


def _not(a: Any) -> Any:
    return np.where(np.isnan(a), nan, np.equal(a, 0.0))


def _where(condition: Any, a: Any, b: Any) -> Any:
    return np.where(np.isnan(condition), nan, np.where(np.equal(condition, 0.0), b, a))


def _heaviside(x: Any) -> Any:
    """Three passes over bytes and one over numbers, unless an entry is 0 or NaN; numpy.heaviside takes four times as long."""
    above = np.greater(x, 0.0)
    known = above | np.less(x, 0.0)
    step = above.astype(np.result_type(x))
    return step if known.all() else np.where(known, step, np.where(np.isnan(x), nan, 0.5))


heaviside = entrywise("heaviside", _heaviside)
logaddexp = entrywise("logaddexp", np.logaddexp)
logical_and = entrywise("logical_and", _and)
logical_or = entrywise("logical_or", _or)
logical_not = entrywise("logical_not", _not)
where = entrywise("where", _where)
