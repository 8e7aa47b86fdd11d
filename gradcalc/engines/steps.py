"""The steps that engines run: primitives of the table on numbers, and the engines' own steps on masks.

A step on numbers is named after the row that it computes, and what is true of it the row's facts say. A comparison gives a mask
here, not a number: the masks, what combines them, and the choice between two numbers are the engines' own.
"""

import operator
from collections.abc import Callable
from typing import Any, NamedTuple

INPUT, CONST, MASK, SELECT = "input", "const", "mask", "select"
#: The comparisons that give masks, on numbers that are known when they are recorded.
COMPARE: dict[str, Callable[[float, float], bool]] = {"lt": operator.lt, "le": operator.le, "eq": operator.eq}
#: The steps that yield masks.
MASKS = frozenset({MASK, *COMPARE, "and", "or", "not"})

#: What is known of a step's number: nothing, that it is not NaN, that it is finite too.
ANYTHING, ORDERED, FINITE = range(3)
#: What an engine says of a run: that an input is not finite, and then the results are nothing to go by; that a result is not.
NOT_FINITE_INPUT, NOT_FINITE_RESULT = 1, 2


class Step(NamedTuple):
    """One step: what is done with the numbers or masks of which earlier steps.

    ``payload`` is an input's place, a constant, or the settings of a row.
    """

    op: str
    args: tuple[int, ...] = ()
    payload: Any = None
