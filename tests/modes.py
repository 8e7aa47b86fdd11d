"""What the built-in modes declare, for the tests that run in each."""

from gradcalc.evaluators import BUILT_IN, Can, evaluator, tolerance_of

ARRAYS = [name for name in BUILT_IN if Can.ARRAYS in evaluator(name).can]
EXACT = [name for name in ARRAYS if Can.EXACT in evaluator(name).can]


def tolerance(mode: str, exact: float, times: float = 1.0) -> float:
    """How far an answer may be from the truth: ``exact`` of a mode that is right to rounding, else what the mode declares."""
    return exact if Can.EXACT in evaluator(mode).can else times * tolerance_of(evaluator(mode)).usual
