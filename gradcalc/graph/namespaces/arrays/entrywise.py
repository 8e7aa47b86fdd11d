"""The functions that act on each entry of an array by itself, operands broadcast as NumPy's are.

Complex arrays go through ``complexes``, entry by entry: the complex step is a check, not a workhorse, and its rules should
stand in one place. A condition is an array of 1.0, 0.0 and NaN.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gradcalc.graph.namespaces import complexes

nan = np.float64(math.nan)


def _entrywise(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
    """``real`` for real arrays; for complex ones, the function ``name`` of ``complexes`` on each entry."""
    continued = np.vectorize(getattr(complexes, name), otypes=[np.complex128])

    def apply(*args: Any) -> Any:
        for argument in args:
            if np.iscomplexobj(argument):
                return continued(*args)
        return real(*args)

    return apply


def _pow(a: Any, b: Any) -> Any:
    return np.power(a, b)


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


sqrt = _entrywise("sqrt", np.sqrt)
cbrt = _entrywise("cbrt", np.cbrt)
exp = _entrywise("exp", np.exp)
expm1 = _entrywise("expm1", np.expm1)
log = _entrywise("log", np.log)
log2 = _entrywise("log2", np.log2)
log10 = _entrywise("log10", np.log10)
log1p = _entrywise("log1p", np.log1p)
sin = _entrywise("sin", np.sin)
cos = _entrywise("cos", np.cos)
tan = _entrywise("tan", np.tan)
asin = _entrywise("asin", np.arcsin)
acos = _entrywise("acos", np.arccos)
atan = _entrywise("atan", np.arctan)
atan2 = _entrywise("atan2", np.arctan2)
sinh = _entrywise("sinh", np.sinh)
cosh = _entrywise("cosh", np.cosh)
tanh = _entrywise("tanh", np.tanh)
asinh = _entrywise("asinh", np.arcsinh)
acosh = _entrywise("acosh", np.arccosh)
atanh = _entrywise("atanh", np.arctanh)
hypot = _entrywise("hypot", np.hypot)
erf = _entrywise("erf", np.vectorize(math.erf, otypes=[np.float64]))
erfc = _entrywise("erfc", np.vectorize(math.erfc, otypes=[np.float64]))
divide = _entrywise("divide", np.divide)
pow = _entrywise("pow", _pow)
remainder = _entrywise("remainder", np.remainder)
logaddexp = _entrywise("logaddexp", np.logaddexp)
abs = _entrywise("abs", np.abs)
sign = _entrywise("sign", np.sign)
heaviside = _entrywise("heaviside", _heaviside)
floor = _entrywise("floor", np.floor)
ceil = _entrywise("ceil", np.ceil)
round = _entrywise("round", np.round)
maximum = _entrywise("maximum", np.maximum)
minimum = _entrywise("minimum", np.minimum)
less = _entrywise("less", _condition(np.less))
less_equal = _entrywise("less_equal", _condition(np.less_equal))
greater = _entrywise("greater", _condition(np.greater))
greater_equal = _entrywise("greater_equal", _condition(np.greater_equal))
equal = _entrywise("equal", _condition(np.equal))
not_equal = _entrywise("not_equal", _condition(np.not_equal))
logical_and = _entrywise("logical_and", _and)
logical_or = _entrywise("logical_or", _or)
logical_not = _entrywise("logical_not", _not)
where = _entrywise("where", _where)
