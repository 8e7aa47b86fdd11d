"""What takes the entries of an array together, and what spreads a number over them again.

Each reduction is given by the partial derivative of its value by each entry: the tangent sums over it, the adjoint
spreads over it. ``spread_like`` and ``sum_like`` are the two directions of broadcasting, and each other's derivative.
"""

import math
from typing import Any

from gradcalc.graph.operations import shape_rules as shapes
from gradcalc.graph.operations.operation import ARRAY, Facts, Operation, Partial, Setting, Shape, Spelled, primitive

AXES = (Setting("axis", "axis"), Setting("keepdims", "flag", False))
OVER = (Setting("axis", "axis"),)
#: A variance's divisor is the number of entries less ``ddof``.
DEGREES = (*AXES, Setting("ddof", "whole", 0))
REDUCED = tuple(((shape,), settings) for shape, settings in (
    ((3,), (None, False)), ((), (None, False)), ((1,), ((0,), False)), ((2, 3), (None, False)), ((2, 3), ((0,), False)),
    ((2, 3), ((-1,), True)), ((2, 3), ((0, 1), True)), ((2, 1, 3), ((0, 2), False)), ((4, 0), ((0,), False))))
SPREAD = (*((shape, (*given, 0)) for shape, given in REDUCED[:-1]),
          (((3,),), (None, False, 1)), (((4, 2),), ((0,), True, 2)))
EMPTY = (((0,), ), (None, False)), (((2, 0),), ((1,), True))


def _back(xp: Any, y: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """A reduction's value, or its adjoint, for each entry that it was taken over."""
    return xp.spread_like(y, x, None if keepdims else axis)


def _by(partial: Partial) -> tuple[Partial]:
    """The vjp of a reduction, from the partial of its value by each entry: ``partial(xp, y, x, axis)``, ``y`` spread."""

    def vjp(xp: Any, g: Any, y: Any, x: Any, axis: Any, keepdims: bool) -> Any:
        factor = partial(xp, _back(xp, y, x, axis, keepdims), x, axis)
        return _back(xp, g, x, axis, keepdims) * factor

    return (vjp,)


def _reduction(name: str, vjps: tuple[Partial | None, ...], doc: str, value: Any = None, empty: bool = True, **more: Any,
               ) -> Operation:
    """A row with the settings of a reduction: a composite where its value is given."""
    common: dict[str, Any] = {"vjps": vjps, "settings": AXES, "shape": shapes.reduced if empty else shapes.nonempty,
              "cases": REDUCED[:-1] + EMPTY * empty} | more
    if value is None:
        return primitive(name, ("x",), (), doc, ARRAY, **common)
    return Operation(name, ("x",), value, (), doc, **common)


def _extreme_partial(xp: Any, y: Any, x: Any, axis: Any) -> Any:
    """The extreme entries share the derivative."""
    there = xp.equal(x, y)
    return xp.divide(there, xp.spread_like(xp.sum(there, axis, True), x, None))


def _of_count(xp: Any, g: Any, y: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    return _back(xp, xp.divide(g, xp.size(x, axis)), x, axis, keepdims)


def _others_vjp(xp: Any, g: Any, y: Any, x: Any, axis: Any) -> Any:
    """∂(product of all but i)/∂x_j is the product of all but i and j."""
    ratio = xp.divide(g, x)
    return y * (xp.spread_like(xp.sum(ratio, axis, True), x, None) - ratio)


def _tied(xp: Any, y: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """Where an extreme entry is not the only one."""
    return xp.greater(xp.sum(xp.equal(x, _back(xp, y, x, axis, keepdims)), axis, keepdims), 1.0)


def _sided_amax(xp: Any, y: Any, x: Any, t: Any, axis: Any, keepdims: bool) -> Any:
    """Of the entries that tie the one that moves up fastest."""
    there = xp.equal(x, _back(xp, y, x, axis, keepdims))
    return xp.amax(xp.where(there, t, -math.inf), axis, keepdims)


def _sided_amin(xp: Any, y: Any, x: Any, t: Any, axis: Any, keepdims: bool) -> Any:
    return -_sided_amax(xp, -y, -x, -t, axis, keepdims)


def _sided_norm(xp: Any, y: Any, x: Any, t: Any, axis: Any, keepdims: bool) -> Any:
    along = xp.divide(xp.sum(x * t, axis, keepdims), y)
    return xp.where(xp.equal(y, 0.0), xp.norm(t, axis, keepdims), along)


def _degrees(x: Shape, axis: Any, keepdims: bool, ddof: int) -> Shape:
    """A variance's shape. So many entries as ``ddof`` say nothing about it."""
    found = shapes.nonempty(x, axis, keepdims)
    count = math.prod(x[k] for k in shapes.axes_of(x, axis))
    if count <= ddof:
        raise shapes.ShapeError(f"a variance of {count} {'entry' if count == 1 else 'entries'} with ddof={ddof} is not defined",
                                "ddof must be less than the number of entries")
    return found


def _freedom(xp: Any, x: Any, axis: Any, ddof: int) -> Any:
    return xp.size(x, axis) - float(ddof)


def _var(xp: Any, x: Any, axis: Any, keepdims: bool, ddof: int) -> Any:
    centered = xp.centered(x, axis)
    return xp.divide(xp.sum(centered * centered, axis, keepdims), _freedom(xp, x, axis, ddof))


def _std(xp: Any, x: Any, axis: Any, keepdims: bool, ddof: int) -> Any:
    return xp.divide(xp.norm(xp.centered(x, axis), axis, keepdims), xp.sqrt(_freedom(xp, x, axis, ddof)))


def _var_vjp(xp: Any, g: Any, y: Any, x: Any, axis: Any, keepdims: bool, ddof: int) -> Any:
    return _back(xp, xp.divide(2.0 * g, _freedom(xp, x, axis, ddof)), x, axis, keepdims) * xp.centered(x, axis)


def _std_vjp(xp: Any, g: Any, y: Any, x: Any, axis: Any, keepdims: bool, ddof: int) -> Any:
    """Where all entries are equal the two one-sided derivatives are opposite, as the norm's are at 0."""
    back = _back(xp, y * _freedom(xp, x, axis, ddof), x, axis, keepdims)
    slope = xp.where(xp.equal(back, 0.0), 0.0, xp.divide(xp.centered(x, axis), back))
    return _back(xp, g, x, axis, keepdims) * slope


def _sided_std(xp: Any, y: Any, x: Any, t: Any, axis: Any, keepdims: bool, ddof: int) -> Any:
    along = xp.divide(xp.sum(xp.centered(x, axis) * t, axis, keepdims), y * _freedom(xp, x, axis, ddof))
    return xp.where(xp.equal(y, 0.0), _std(xp, t, axis, keepdims, ddof), along)


def _centered(x: Any, axis: Any) -> Any:
    """Differences to the first entry before the mean is taken, so that of equal entries nothing is left."""
    import numpy as np

    axes = range(np.ndim(x)) if axis is None else [k % np.ndim(x) for k in axis]
    apart = x - x[tuple(slice(0, 1) if k in axes else slice(None) for k in range(np.ndim(x)))] if np.ndim(x) else x - x
    return apart - np.mean(apart, axis=axis, keepdims=True)


ROWS = (
    _reduction("sum", (lambda xp, g, y, x, axis, keepdims: _back(xp, g, x, axis, keepdims),), "sum of the entries"),
    _reduction("mean", (_of_count,), "mean of the entries", empty=False,
               value=lambda xp, x, axis, keepdims: xp.divide(xp.sum(x, axis, keepdims), xp.size(x, axis))),
    _reduction("prod", _by(lambda xp, y, x, axis: xp.prod_others(x, axis)), "product of the entries"),
    _reduction("amax", _by(_extreme_partial), "the largest entry; ties share the derivative", empty=False, called="max",
               latex=r"\max",
               kink="sum(x == max(x)) > 1", kinked=_tied, sided=_sided_amax, facts=Facts(exact=True)),
    _reduction("amin", _by(_extreme_partial), "the smallest entry; ties share the derivative", empty=False, called="min",
               latex=r"\min",
               value=lambda xp, x, axis, keepdims: -xp.amax(-x, axis, keepdims),
               kink="sum(x == min(x)) > 1", kinked=_tied, sided=_sided_amin, facts=Facts(exact=True)),
    # At 0 the two one-sided derivatives in any direction are opposite, so their mean is 0.
    _reduction("norm", _by(lambda xp, y, x, axis: xp.where(xp.equal(y, 0.0), 0.0, xp.divide(x, y))),
               "square root of the sum of squares", kink="norm(x) == 0", settings=(AXES[0]._replace(instead="ord"), AXES[1]),
               kinked=lambda xp, y, x, axis, keepdims: xp.equal(y, 0.0), sided=_sided_norm),
    _reduction("var", (_var_vjp,), "variance: the mean of the squares of what is left without the mean",
               value=_var, settings=DEGREES, shape=_degrees, cases=SPREAD),
    _reduction("std", (_std_vjp,), "standard deviation, the square root of the variance", value=_std, settings=DEGREES,
               shape=_degrees, cases=SPREAD, kink="std(x) == 0",
               kinked=lambda xp, y, x, axis, keepdims, ddof: xp.equal(y, 0.0), sided=_sided_std),
    primitive("centered", ("x",), (), "x without its mean along the axes", Spelled(array=_centered), auxiliary=True,
              settings=OVER,
              shape=lambda x, axis: shapes.nonempty(x, axis, True) and x,
              vjps=(lambda xp, g, y, x, axis: xp.centered(g, axis),),
              cases=((((3,),), (None,)), (((2, 3),), (None,)), (((2, 3),), ((0,),)), (((2, 3, 4),), ((0, -1),)), (((),),
                     (None,)))),
    _reduction("logsumexp", _by(lambda xp, y, x, axis: xp.exp(x - y)), "log(sum(exp(x))) without overflow", empty=False,
               settings=(Setting("axis", "axis", (-1,)), AXES[1]), cases=tuple(c for c in REDUCED[:-1] if c[0] != ((),))),

    # The two directions of broadcasting. The shape is that of ``like``, whose entries do not matter.
    primitive("spread_like", ("x", "like"), (),
              "x repeated to the shape of like; axis names the axes that x has lost",
              ARRAY, Facts(exact=True), auxiliary=True, settings=OVER, shape=shapes.spread,
              vjps=(lambda xp, g, y, x, like, axis: xp.sum_like(g, x, axis), None),
              cases=((((), (2, 3)), (None,)), (((3,), (2, 3)), (None,)), (((2, 1), (2, 3)), (None,)),
                     (((2,), (2, 3)), ((1,),)), (((3,), (3,)), (None,)), (((1,), (0,)), (None,)))),
    primitive("sum_like", ("x", "like"), (),
              "x summed to the shape of like; axis names the axes that like does not have",
              ARRAY, auxiliary=True, settings=OVER, shape=shapes.fit,
              vjps=(lambda xp, g, y, x, like, axis: xp.spread_like(g, x, axis), None),
              cases=((((2, 3), ()), (None,)), (((2, 3), (3,)), (None,)), (((2, 3), (2, 1)), (None,)),
                     (((2, 3), (2,)), ((1,),)), (((0,), (1,)), (None,)))),
    primitive("size", ("x",), (),
              "the number of entries along the axes", ARRAY, Facts(exact=True),
              settings=OVER, shape=shapes.counted, vjps=(None,), cases=((((2, 3),), (None,)), (((2, 3),), ((0,),)))),
    Operation("len", ("x",), lambda xp, x: xp.size(x, (0,)), (), "the length of the first axis",
              shape=lambda x: shapes.counted(shapes.along(x, (0,)), None), vjps=(None,), cases=((((3,),), ()), (((2, 3),),
              ()))),
    primitive("prod_others", ("x",), (),
              "for each entry the product of all others along the axes", ARRAY, auxiliary=True, settings=OVER,
              shape=lambda x, axis: x if axis is None else shapes.along(x, axis), vjps=(_others_vjp,),
              cases=((((3,),), (None,)), (((2, 3),), (None,)), (((2, 3),), ((0,),)))),
)

