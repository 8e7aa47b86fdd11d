"""The conformance suite: what every mode and every operation must do, the built-in ones and those of others.

>>> from gradcalc.testing import check_evaluator, check_operation
>>> check_evaluator(MyMode())     # doctest: +SKIP
>>> check_operation(my_row)       # doctest: +SKIP

Both return nothing where all is well, and raise AssertionError with the place and both numbers where it is not. They
need no test framework. Nothing is compared before it is known to be finite: a comparison with NaN proves nothing.
"""

from gradcalc.testing.modes import check_evaluator
from gradcalc.testing.operations import check_operation

__all__ = ["check_evaluator", "check_operation"]
