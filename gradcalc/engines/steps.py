"""The steps that an engine knows, and what can be said of one from its operands: its number, whether it may be NaN.

Steps yield numbers or masks. What the table has beyond them is composed of them (``recorder``).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from gradcalc.graph.namespaces import scalars

INPUT, CONST, MASK, ROW, SELECT = "input", "const", "mask", "row", "select"
#: The steps that yield masks.
MASKS = frozenset({MASK, "lt", "le", "eq", "and", "or", "not"})
#: Functions of one number that an engine has to know, by the array API's names.
FUNCTIONS = ("sqrt", "cbrt", "exp", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "asin", "acos", "atan",
             "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "erfc", "abs", "floor", "ceil", "round", "sign")
#: Functions of two, by the names of their steps.
PAIRS = {"atan2": "atan2", "hypot": "hypot", "remainder": "mod", "maximum": "max", "minimum": "min"}
#: Steps whose operands may stand in either order.
COMMUTE = frozenset({"add", "mul", "max", "min", "eq", "and", "or"})
#: What the steps make of numbers that are known when they are recorded.
FOLD: dict[str, Callable[..., float]] = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "div": scalars.divide, "neg": lambda a: -a,
    "pow": scalars.pow, **{name: getattr(scalars, name) for name in FUNCTIONS},
    **{step: getattr(scalars, name) for name, step in PAIRS.items()}}
COMPARE: dict[str, Callable[[float, float], bool]] = {
    "lt": lambda a, b: a < b, "le": lambda a, b: a <= b, "eq": lambda a, b: a == b}

#: What is known of a step's number: nothing, that it is not NaN, that it is finite too.
ANYTHING, ORDERED, FINITE = range(3)
#: Steps whose number is finite where the operands' are.
BOUNDED = frozenset({"neg", "abs", "sign", "floor", "ceil", "round", "max", "min", "sin", "cos", "atan", "tanh", "erf", "erfc",
                     "asinh", "cbrt", "atan2"})
#: Steps whose number is not NaN where the operands' are finite.
TOTAL = frozenset({"add", "sub", "mul", "exp", "expm1", "sinh", "cosh", "tan", "hypot"})
#: Steps whose number is not NaN where the operands' are not.
HARMLESS = frozenset({"neg", "abs", "sign", "floor", "ceil", "round", "max", "min", "exp", "expm1", "tanh", "erf", "erfc",
                      "atan", "asinh", "cbrt", "sinh", "cosh", "hypot", "atan2"})

class Step(NamedTuple):
    """One step: what is done with the numbers or masks of which earlier steps.

    ``payload`` is an input's place, a constant, or the row that is called as it is.
    """

    op: str
    args: tuple[int, ...] = ()
    payload: Any = None
