"""A compiled program as a function of many points: what may be given to it, and how its results are handed out.

An engine sees columns of double precision only. All inputs single numbers give single numbers; arrays have one shape, which is
that of the results, and beside them a single number is that of every point.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from numbers import Real
from typing import Any, NamedTuple, Protocol

import numpy as np

from gradcalc.diagnostics import Diagnostic, GradcalcError, error
from gradcalc.engines.memory import array
from gradcalc.engines.steps import NOT_FINITE_INPUT, NOT_FINITE_RESULT
from gradcalc.language.reading.names import canonical, near, quoted

Results = tuple[Any, dict[str, Any]]
#: At so many different points of a call, where several kinks meet, the derivatives are those of ``diff``.
SETTLED = 10_000


class Engine(Protocol):
    """Computes a code on columns of points."""

    name: str

    def run(self, columns: Sequence[Any], results: Sequence[Any], /) -> int:
        """Fill the results, arrays of one length, from columns of that length or of length 1. The answer has the flags
        NOT_FINITE_INPUT and NOT_FINITE_RESULT."""
        ...


class Rare(NamedTuple):
    """What a compiled function does at points where the engine's results need not be those of ``diff``.

    ``exact`` makes an engine whose arithmetic is that of the sweeps, for results that are not finite. ``kinks`` is an engine
    that counts the operations at a kink, None where there can be none, and ``settle`` finds the value and the derivatives
    at one point as ``diff`` does; None where they are undefined.
    """

    exact: Callable[[], Engine]
    kinks: Engine | None
    settle: Callable[[dict[str, float]], Sequence[float] | None]


class Compiled:
    """The value of a program and its derivatives, at many points at once: ``f(x=..., m=...)`` or ``f({"x": ..., "m": ...})``.

    It returns ``(value, {name: derivative})``. ``inputs`` are the names that it takes, ``wrt`` those of the derivatives,
    ``engine`` is the name of the engine that it runs on, and ``notes`` say what is to be known about the choice.
    """

    def __init__(self, inputs: Sequence[str], wrt: Sequence[str], engine: Engine, notes: Sequence[Diagnostic],
                 rare: Rare | None = None) -> None:
        self.inputs = tuple(inputs)
        self.wrt = tuple(wrt)
        self.engine = engine.name
        self.notes = tuple(notes)
        self._run = engine.run
        self._rare = rare

    def __repr__(self) -> str:
        return f"<compiled function of {', '.join(self.inputs) or 'nothing'} ({self.engine})>"

    def __call__(self, at: Mapping[str, Any] | None = None, /, *, out: Results | None = None, **more: Any) -> Results:
        """The value and the derivatives at these points.

        ``out``, the result of an earlier call with as many points, is filled and returned instead of new arrays. Where the
        program is undefined there is a NaN or an infinity. Raises GradcalcError for names that are missing or unknown, arrays
        whose shapes differ, and values that are no finite numbers.
        """
        columns, shape = self._columns(more if at is None else _merged(at, more))
        size = 1 if shape is None else math.prod(shape)
        results = self._fresh(shape or (1,)) if out is None else self._reused(out, shape, columns)
        if size:
            self._fill(columns, [column.reshape(-1) for column in columns], [result.reshape(-1) for result in results])
        if out is not None:
            return out
        found = [float(result[0]) for result in results] if shape is None else results
        return found[0], dict(zip(self.wrt, found[1:], strict=True))

    def _fill(self, given: Sequence[Any], columns: Sequence[Any], results: Sequence[Any]) -> None:
        """Compute the results. Raises GradcalcError where an input is not finite."""
        flags = self._run(columns, results)
        if flags & NOT_FINITE_INPUT:
            raise self._not_finite(given)
        if self._rare is None:
            return
        undefined = _not_finite_at(results) if flags & NOT_FINITE_RESULT else np.empty(0, dtype=np.intp)
        if len(undefined):
            self._recompute(self._rare, undefined, columns, results)
        if self._rare.kinks is not None:
            counts = np.zeros(len(results[0]))
            self._rare.kinks.run(columns, [counts])
            single = np.intersect1d(np.flatnonzero(counts == 1.0), undefined)
            self._settle(self._rare, np.union1d(np.flatnonzero(counts > 1.0), single), columns, results)

    def _recompute(self, rare: Rare, places: Any, columns: Sequence[Any], results: Sequence[Any]) -> None:
        """Put exact results in these places, where those of shared reciprocals are not finite."""
        found = [np.empty(len(places)) for _ in results]
        rare.exact().run([column if len(column) == 1 else column[places] for column in columns], found)
        for result, exact in zip(results, found, strict=True):
            result[places] = exact

    def _settle(self, rare: Rare, places: Any, columns: Sequence[Any], results: Sequence[Any]) -> None:
        """Put what ``diff`` says in these places: where several kinks meet, the product of means is not the mean."""
        if not len(places):
            return
        there = [column if len(column) == 1 else column[places] for column in columns]
        points = np.stack([np.broadcast_to(column, len(places)) for column in there], 1)
        different, which = np.unique(points, axis=0, return_inverse=True)
        for number, point in enumerate(different[:SETTLED]):
            found = rare.settle(dict(zip(self.inputs, map(float, point), strict=True)))
            if found is not None:
                alike = places[which.reshape(-1) == number]
                for result, exact in zip(results, found, strict=True):
                    result[alike] = exact

    def kink_counts(self, at: Mapping[str, Any]) -> Any:
        """How many operations are at a kink or a jump at each of these points, or at the one; None where there can be none."""
        if self._rare is None or self._rare.kinks is None:
            return None
        columns, shape = self._columns(at)
        counts = np.zeros(math.prod(shape or (1,)))
        self._rare.kinks.run([column.reshape(-1) for column in columns], [counts])
        return counts

    def packed(self, at: Any) -> tuple[Any, Any]:
        """The value and the gradient as one array, where the inputs are one too: along its first axis, in the order of
        ``inputs`` as the gradient in that of ``wrt``. This is what ``scipy.optimize.minimize(f.packed, start, jac=True)``
        asks for."""
        if len(at) != len(self.inputs):
            raise error("value", f"{len(at)} values are given for the {len(self.inputs)} inputs {', '.join(self.inputs)}")
        value, gradient = self(dict(zip(self.inputs, at, strict=True)))
        return value, np.array(list(gradient.values()))

    def _columns(self, given: Mapping[str, Any]) -> tuple[list[Any], tuple[int, ...] | None]:
        """The inputs' values in their order, and the shape that the arrays among them have; None where there are none."""
        if len(given) != len(self.inputs) or not all(name in given for name in self.inputs):
            given = self._named(given)
        columns, shape, first = [], None, ""
        for name in self.inputs:
            column = _column(name, given[name])
            if column.ndim:
                if shape is None:
                    shape, first = column.shape, name
                elif column.shape != shape:
                    own, other = _points(shape), _points(column.shape)
                    raise error("shape", f"{quoted(first)} has {own}, and {quoted(name)} has {other}",
                                hint="give arrays of one length, or a single number for all points")
            columns.append(column)
        return columns, shape

    def _named(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The values by the inputs' own names. Raises GradcalcError where there are others, or not enough."""
        found = {canonical(str(name).strip()): value for name, value in given.items()}
        for name in found:
            if name not in self.inputs:
                suggestion = near(name, [known for known in self.inputs if known not in found])
                raise error("name", f"there is no input {quoted(name)}", hint=f"did you mean '{suggestion}'?" if suggestion
                            else f"the inputs are {', '.join(self.inputs)}" if self.inputs else "there are no inputs")
        missing = [name for name in self.inputs if name not in found]
        if missing:
            raise error("missing", f"no value for {', '.join(map(quoted, missing))}",
                        hint="give it in a dict, for out= is where results go" if missing == ["out"] else
                        f"give one: {', '.join(f'{name}=…' for name in missing)}")
        return found

    def _fresh(self, shape: tuple[int, ...]) -> list[Any]:
        return [array(shape) for _ in range(1 + len(self.wrt))]

    def _reused(self, out: Results, shape: tuple[int, ...] | None, columns: Sequence[Any]) -> list[Any]:
        """The arrays of an earlier result. Raises GradcalcError where they cannot take this one."""
        hint = "give the result of an earlier call with as many points, or nothing"
        if shape is None:
            raise error("value", "out= is for arrays of points, and all values are single numbers", hint=hint)
        try:
            value, gradient = out
            found = [value, *(gradient[name] for name in self.wrt)]
            fits = len(gradient) == len(self.wrt) and all(
                each.shape == shape and each.dtype == np.float64 and each.flags.c_contiguous and each.flags.writeable
                for each in found)
        except (AttributeError, KeyError, TypeError, ValueError):
            fits = False
        if not fits:
            raise error("value", f"out= is no result that {_points(shape)} could be written to", hint=hint)
        if any(np.may_share_memory(each, other) for k, each in enumerate(found) for other in (*columns, *found[:k])):
            raise error("value", "the arrays of out= share memory with each other or with the inputs", hint=hint)
        return [np.asarray(each) for each in found]

    def _not_finite(self, columns: Sequence[Any]) -> GradcalcError:
        for name, column in zip(self.inputs, columns, strict=True):
            wrong = np.argwhere(~np.isfinite(column))
            if len(wrong):
                place = tuple(int(k) for k in wrong[0])
                where = "" if not place else f" at point {place[0] if len(place) == 1 else place}"
                return error("value", f"the value of {quoted(name)} is not a finite number{where}: {column[place]}",
                             hint="give finite real numbers")
        return error("value", "an input has changed while it was read")


def _not_finite_at(results: Sequence[Any]) -> Any:
    """The places where one of the results is not finite."""
    found = ~np.isfinite(results[0])
    for result in results[1:]:
        found |= ~np.isfinite(result)
    return np.flatnonzero(found)


def _column(name: str, value: Any) -> Any:
    """The values of an input in double precision, side by side in memory. Raises GradcalcError for what is no number."""
    try:
        found = np.asarray(value)
        if found.dtype.kind not in "biuf" and not all(isinstance(each, Real) for each in found.flat):
            raise TypeError
        return np.asarray(found, dtype=np.float64, order="C")
    except (TypeError, ValueError, OverflowError):
        shown = " ".join(repr(value).split())
        raise error("value", f"the value of {quoted(name)} is no number or array of numbers: {shown[:60]}",
                    hint="give finite real numbers") from None


def _merged(at: Mapping[str, Any], more: Mapping[str, Any]) -> Mapping[str, Any]:
    """All values that are given. Raises GradcalcError where the first are no mapping."""
    try:
        return {**at, **more}
    except TypeError:
        raise error("value", "what is given has no names", hint="give x=… for each input x or a dict; an array of all of them "
                    "is for packed") from None


def _points(shape: tuple[int, ...]) -> str:
    if len(shape) == 1:
        return f"{shape[0]:,} point{'' if shape[0] == 1 else 's'}"
    return f"points of shape {list(shape)}"
