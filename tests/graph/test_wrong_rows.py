"""Rows with a mistake in them: a clear error wherever they are used, and a failing check; never a crash and never a hang."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

import gradcalc
from gradcalc import GradcalcError
from gradcalc.graph import operations
from gradcalc.graph.namespaces import spelling
from gradcalc.graph.operations.operation import BY_HAND, Facts, Operation, Spelled, primitive
from gradcalc.testing import check_operation

COSINE = (lambda xp, y, x: xp.cos(x),)
RIGHT = Spelled("math.sin", "numpy.sin", "cmath.sin", "sin", "call sin")
#: Rows that can be used in part at least, and what the check says of them.
WRONG = {
    "misspelt": (primitive("odd", ("x",), COSINE, "", Spelled("math.sinn", "numpy.sinn", "cmath.sinn", "sinn", "call sinn")),
                 "math has nothing of that name"),
    "no back end": (primitive("odd", ("x",), COSINE, "", Spelled()), "back end 'scalar' has no function"),
    "one back end": (primitive("odd", ("x",), COSINE, "", Spelled("math.sin")), "back end 'array' has no function"),
    "by nobody's hand": (primitive("odd", ("x",), COSINE, "", Spelled(*[BY_HAND] * 5)), "back end 'scalar' has no function"),
    "wrong partial": (primitive("odd", ("x",), (lambda xp, y, x: 1.0001 * xp.cos(x),), "", RIGHT), "the complex step measures"),
    "wrong fact": (primitive("odd", ("x",), COSINE, "", RIGHT, Facts(exact=True)), "exact"),
    "kink not stated": (Operation("odd", ("x",), lambda xp, x: xp.abs(x), (lambda xp, y, x: xp.sign(x),), ""), "side"),
    "an operator that symbols lack": (Operation("odd", ("x",), lambda xp, x: x**2, (lambda xp, y, x: 2.0 * x,), ""), "**"),
    "unknown function": (Operation("odd", ("x",), lambda xp, x: xp.foo(x), (lambda xp, y, x: 2.0 * x,), ""), "'foo'"),
    "unknown function in a partial": (
        Operation("odd", ("x",), lambda xp, x: xp.sin(x), (lambda xp, y, x: xp.foo(x),), ""), "'foo'"),
}
NEW = {
    "no partial": (Operation("odd", ("x",), lambda xp, x: x, (), ""), "needs a partial"),
    "a kink without its sides": (Operation("odd", ("x",), lambda xp, x: x, COSINE, "", kink="x == 0"), "has a kink"),
    "commutes with nothing": (primitive("odd", ("x",), COSINE, "", RIGHT, Facts(commutes=True)), "commutes"),
    "compares with nothing": (primitive("odd", ("x",), COSINE, "", RIGHT, Facts(condition=True)), "compares"),
    "a name that is taken": (Operation("sin", ("x",), lambda xp, x: x, COSINE, ""), "exists already"),
}


@contextmanager
def registered(row: Operation) -> Iterator[None]:
    operations.register(row)
    try:
        yield
    finally:
        del operations.TABLE[row.name], operations._functions[row.name]
        spelling.forget()


def questions() -> list[Callable[[], object]]:
    at = {"x": 1.5}
    program = gradcalc.parse("odd(x)")
    of_arrays = gradcalc.parse("sum(odd(x))")
    return [*(lambda mode=mode: program.diff(at=at, mode=mode) for mode in
              ("reverse", "forward", "symbolic", "complex", "finite", "certified")),
            lambda: program.diff("x"), lambda: program.diff(at=at, order=2), lambda: program.write("python"),
            lambda: program.write("latex"), lambda: program.compile(engine="numpy")(x=[1.5, 2.5]),
            lambda: program.compile()(x=[1.5, 2.5]), lambda: of_arrays.diff(at={"x": [1.5, 2.0]}),
            lambda: of_arrays.hessian(at={"x": [1.5, 2.0]}), lambda: program.check("x = cos(x)"),
            lambda: gradcalc.compare(program, at=at)]


@pytest.mark.parametrize("name", WRONG)
def test_each_use_is_answered_or_an_error_in_words(name: str) -> None:
    with registered(WRONG[name][0]):
        for ask in questions():
            try:
                assert ask() is not None
            except GradcalcError as problem:
                assert "'odd'" in problem.diagnostic.message or "spelled" in problem.diagnostic.message
                assert problem.diagnostic.code in ("operation", "unsupported")


@pytest.mark.parametrize("name", WRONG)
def test_the_check_fails_with_the_reason(name: str) -> None:
    row, said = WRONG[name]
    with pytest.raises(AssertionError) as caught:
        check_operation(row)
    assert "odd" in str(caught.value) and said in str(caught.value)


@pytest.mark.parametrize("name", NEW)
def test_what_is_not_registered(name: str) -> None:
    row, said = NEW[name]
    with pytest.raises(GradcalcError, match=said) as caught:
        operations.register(row)
    assert caught.value.diagnostic.code == "plugin" and caught.value.diagnostic.hint


def test_a_right_row_passes() -> None:
    check_operation(primitive("odd", ("x",), COSINE, "", RIGHT, Facts(bounded=True)))
