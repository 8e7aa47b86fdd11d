"""The built-in modes that take arrays."""

from gradcalc.evaluators import BUILT_IN, Can, evaluator

ARRAYS = [name for name in BUILT_IN if Can.ARRAYS in evaluator(name).can]
EXACT = [name for name in ARRAYS if Can.EXACT in evaluator(name).can]
