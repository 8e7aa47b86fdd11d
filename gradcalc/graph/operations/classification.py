"""From scores to probabilities and losses: softmax, its logarithm, the cross-entropy."""

from typing import Any

from gradcalc.graph.operations import shape_rules as shapes
from gradcalc.graph.operations.operation import ARRAY, Facts, Setting, primitive

AXIS = (Setting("axis", "axis", (-1,)),)
SCORES = ((((3,),), ((-1,),)), (((2, 3),), ((-1,),)), (((2, 3),), ((0,),)), (((1,),), ((-1,),)), (((0, 3),), ((-1,),)))


def _softmax_vjp(xp: Any, g: Any, y: Any, x: Any, axis: Any) -> Any:
    return y * (g - xp.sum(y * g, axis, True))


def _log_softmax_vjp(xp: Any, g: Any, y: Any, x: Any, axis: Any) -> Any:
    return g - xp.exp(y) * xp.sum(g, axis, True)


def _rows(xp: Any, logits: Any) -> Any:
    """How many rows of scores there are."""
    return xp.divide(xp.size(logits, None), xp.size(logits, (-1,)))


def _scores_vjp(xp: Any, g: Any, y: Any, logits: Any, labels: Any) -> Any:
    target = xp.one_hot_like(labels, logits)
    apart = xp.softmax(logits, (-1,)) * xp.sum(target, (-1,), True) - target
    return xp.divide(g, _rows(xp, logits)) * apart


def _labels_vjp(xp: Any, g: Any, y: Any, logits: Any, labels: Any) -> Any:
    """A distribution carries a derivative, a class's number does not."""
    return xp.match_like(-xp.divide(g, _rows(xp, logits)) * xp.log_softmax(logits, (-1,)), labels)


ROWS = (
    primitive("softmax", ("x",), (),
              "exp(x)/sum(exp(x)) along an axis, the last one if none is named",
              ARRAY, settings=AXIS, shape=shapes.along, vjps=(_softmax_vjp,), cases=SCORES),
    primitive("log_softmax", ("x",), (),
              "log(softmax(x)) without underflow", ARRAY,
              settings=AXIS, shape=shapes.along, vjps=(_log_softmax_vjp,), cases=SCORES),
    primitive("cross_entropy", ("logits", "labels"), (),
              "mean over the rows of -log(softmax(logits)) at the labels: a class's number a row, counted from 0, or a "
              "distribution a row", ARRAY, shape=shapes.cross_entropy, vjps=(_scores_vjp, _labels_vjp),
              needs="a label is the whole number of a class, counted from 0", classes=1,
              cases=((((2, 3), (2, 3)), ()), (((3,), (3,)), ()), (((1, 4), (1, 4)), ()), (((2, 2, 3), (2, 2, 3)), ()),
                     (((2, 3), (2,)), ()), (((3,), ()), ()), (((2, 2, 3), (2, 2)), ()))),
    primitive("one_hot_like", ("labels", "like"), (),
              "labels as a distribution: 1 at the number of the class, or the distribution as it is",
              ARRAY, Facts(exact=True), auxiliary=True, shape=shapes.targets,
              vjps=(lambda xp, g, y, labels, like: xp.match_like(g, labels), None), cases=((((2, 3), (2, 3)), ()),)),
    primitive("match_like", ("x", "like"), (),
              "x where it has the shape of like, else zeros in that shape",
              ARRAY, Facts(exact=True), auxiliary=True, shape=shapes.like,
              vjps=(lambda xp, g, y, x, like: xp.match_like(g, x), None), cases=((((2, 3), (2, 3)), ()), (((2, 3), (2,)), ()))),
)
