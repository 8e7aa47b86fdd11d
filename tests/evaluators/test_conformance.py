"""Every mode does what it says; a mode that does not is caught by the suite that authors of plug-ins run."""

import math
from typing import Any

import pytest

from gradcalc.diagnostics import error
from gradcalc.evaluators import BUILT_IN, Can, evaluator
from gradcalc.evaluators.complex import ComplexStep
from gradcalc.evaluators.forward import Forward
from gradcalc.evaluators.reverse import Reverse
from gradcalc.graph.operations import TABLE
from gradcalc.questions.answers import Answer, Request
from gradcalc.testing import check_evaluator


@pytest.mark.parametrize("name", BUILT_IN)
def test_mode(name: str) -> None:
    assert check_evaluator(evaluator(name)) is None


class Altered:
    """Reverse mode with something wrong in its answer, or in what it says about itself."""

    name, summary, can = "altered", "reverse mode, altered", Reverse.can

    def __init__(self, can: Can = Reverse.can, **changes: Any) -> None:
        self.can = can
        self.changes = changes

    def differentiate(self, request: Request) -> Answer:
        answer = Reverse().differentiate(request)
        return answer._replace(**{name: change(getattr(answer, name)) for name, change in self.changes.items()})


def scaled(numbers: Any) -> dict[str, float]:
    return {name: 1.0001 * number for name, number in numbers.items()}


@pytest.mark.parametrize(("mode", "message"), [
    (Altered(value=lambda value: value * 1.0001), "the value is"),
    (Altered(value=lambda value: math.nan), "no finite number"),
    (Altered(gradient=scaled), "the derivative for"),
    (Altered(gradient=lambda slopes: dict.fromkeys(slopes, math.nan)), "no finite number"),
    (Altered(gradient=lambda slopes: dict(list(slopes.items())[1:])), "names are missing"),
    (Altered(adjoints=lambda adjoints: ()), "no adjoint of"),
    (Altered(adjoints=lambda adjoints: [x and 2.0 * x for x in adjoints]), "the adjoint of"),
    (Altered(operations=lambda count: -1), "-1 operations"),
    (Altered(can=Can.EXACT | Can.TANGENTS), "no tangents for"),
    (Altered(can=Can.EXACT | Can.FORMULA), "no formula"),
    (Altered(can=Can.FORMULA, formula=lambda none: dict.fromkeys("abcdetxyzfuvw", "1 +")), "has no value"),
    (Altered(can=Can.FORMULA, formula=lambda none: dict.fromkeys("abcdetxyzfuvw", "17")), "the formula '17'"),
    (Altered(can=Can.EXACT | Can.INDEPENDENT), "says that it is independent, and reads a partial"),
])
def test_a_wrong_mode_is_caught(mode: Altered, message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        check_evaluator(mode)


def test_the_table_is_whole_again_after_a_dishonest_mode() -> None:
    before = dict(TABLE)
    with pytest.raises(AssertionError):
        check_evaluator(Altered(can=Can.EXACT | Can.INDEPENDENT))
    assert before == TABLE


def test_less_is_asked_of_a_mode_that_measures() -> None:
    """The same error is none in a mode that does not say it is exact."""
    wrong = {"gradient": lambda slopes: {name: slope + 1e-8 for name, slope in slopes.items()}}
    check_evaluator(Altered(can=Can(0), **wrong))
    with pytest.raises(AssertionError, match="the derivative for"):
        check_evaluator(Altered(can=Can.EXACT, **wrong))


def test_a_mode_that_refuses_everything_is_caught() -> None:
    class Refusing(Forward):
        def differentiate(self, request: Request, /) -> Answer:
            raise error("unsupported", "not this one")

    with pytest.raises(AssertionError, match="supports none"):
        check_evaluator(Refusing())


def test_a_mode_may_refuse_some_programs_but_only_as_unsupported() -> None:
    class Choosy(ComplexStep):
        code = "unsupported"

        def differentiate(self, request: Request, /) -> Answer:
            if len(request.order) > 5:
                raise error(self.code, "too long for me")
            return super().differentiate(request)

    assert check_evaluator(Choosy()) is None
    Choosy.code = "value"
    with pytest.raises(AssertionError, match="refuses"):
        check_evaluator(Choosy())


def test_a_mode_that_takes_no_arrays_passes() -> None:
    class Scalar(Forward):
        can = Can.EXACT | Can.TANGENTS

        def differentiate(self, request: Request, /) -> Answer:
            assert not request.xp.ranked, "it is not asked about arrays"
            return super().differentiate(request)

    assert check_evaluator(Scalar()) is None


def of_arrays(change: Any) -> Any:
    """A change of those derivatives alone that are arrays."""
    return {"gradient": lambda slopes: {name: change(slope) if hasattr(slope, "ndim") and slope.ndim else slope
                                        for name, slope in slopes.items()}}


@pytest.mark.parametrize(("change", "message"), [
    (lambda slope: slope * 1.0001, "the derivative for"), (lambda slope: slope[:, None], "has the shape"),
    (lambda slope: slope.sum(), "has the shape"), (lambda slope: slope * math.nan, "no finite number")])
def test_a_mode_that_is_wrong_on_arrays_alone_is_caught(change: Any, message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        check_evaluator(Altered(can=Can.EXACT | Can.ARRAYS, **of_arrays(change)))
