"""What is no point, no name and no node is an error in words, whichever method it is given to; what has names is a point."""

import numpy as np
import pytest

import gradcalc
from gradcalc import Executor, GradcalcError, gradients, variable

PROGRAM = gradcalc.parse("F/A")
AT = {"F": 1.0, "A": 2.0}


class Series:
    """A row of a table as pandas has it: going through it gives its values, and it is neither true nor false."""

    def __init__(self, values):
        self.values = values

    def keys(self):
        return self.values.keys()

    def items(self):
        return self.values.items()

    def __getitem__(self, name):
        return self.values[name]

    def __iter__(self):
        return iter(self.values.values())

    def __len__(self):
        return len(self.values)

    def __bool__(self):
        raise ValueError("the truth value of a Series is ambiguous")


def questions(at):
    return [lambda: PROGRAM.eval(at), lambda: PROGRAM.diff(at=at), lambda: PROGRAM.jacobian(at=at),
            lambda: PROGRAM.hessian(at=at), lambda: PROGRAM.jvp({"F": 1.0}, at=at), lambda: PROGRAM.vjp(at=at),
            lambda: PROGRAM.hvp({"F": 1.0}, at=at), lambda: PROGRAM.check("F = 1/A", at=at),
            lambda: gradcalc.compare(PROGRAM, at=at), lambda: PROGRAM.compile()(at)]


@pytest.mark.parametrize("at", [3, [1, 2], "F=1,A=2", np.array([1.0, 2.0]), {1, 2}, [("F", 1)], len])
def test_what_is_no_point(at):
    for ask in questions(at):
        with pytest.raises(GradcalcError) as caught:
            ask()
        assert caught.value.diagnostic.code in ("value", "missing")
        assert caught.value.diagnostic.hint


@pytest.mark.parametrize("at", [AT, Series(AT), Series({"F": np.float64(1.0), "A": np.int64(2)})])
def test_whatever_has_names_is_a_point(at):
    assert PROGRAM.diff(at=at).gradient == {"F": 0.5, "A": -0.25}
    assert PROGRAM.eval(at).value == 0.5
    for ask in questions(at):
        assert ask() is not None
    assert PROGRAM.jvp(Series({"F": 2.0}), at=at).found == {"F/A": 1.0}


@pytest.mark.parametrize("ask", [
    lambda: PROGRAM.diff(3), lambda: PROGRAM.diff(wrt=3.5, at=AT), lambda: PROGRAM.diff(wrt=[3], at=AT),
    lambda: PROGRAM.diff(of=3, at=AT), lambda: PROGRAM.jacobian(of=3, at=AT), lambda: PROGRAM.diff(at=AT, mode=3),
    lambda: PROGRAM.diff(at=AT, mode=None), lambda: PROGRAM.diff(at=AT, kinks=3), lambda: PROGRAM.diff(at=AT, order="x"),
    lambda: PROGRAM.diff(at=AT, order=1.5), lambda: PROGRAM.diff(at=AT, dtype=3), lambda: PROGRAM.jvp([1], at=AT),
    lambda: PROGRAM.jvp("F=1", at=AT), lambda: PROGRAM.vjp(3, at=AT), lambda: PROGRAM.hvp(3, at=AT), lambda: PROGRAM.check(3),
    lambda: PROGRAM.check([3]), lambda: PROGRAM.compile(wrt=3), lambda: PROGRAM.compile(engine=3),
    lambda: gradcalc.compare(PROGRAM, modes=3, at=AT), lambda: PROGRAM.hessian(at=AT, eigenvalues="x"),
    lambda: PROGRAM.write(3), lambda: gradcalc.parse(3),
    lambda: PROGRAM.diff(at={1: 2}), lambda: PROGRAM.diff(at={"F": None, "A": 1}),
    lambda: Executor([variable("x")]).run(0), lambda: Executor([variable("x")]).run("x=1"), lambda: gradcalc.compare(3),
    lambda: PROGRAM.diff(at=AT, mode=[]), lambda: PROGRAM.write([]), lambda: PROGRAM.check("F=1/A", seed=[]),
    lambda: PROGRAM.jacobian(at=AT, of=[]), lambda: PROGRAM.vjp({}, at=AT), lambda: PROGRAM.write(of=[]),
    lambda: gradients(3, [variable("x")]), lambda: gradients(variable("x"), [3]),
    lambda: Executor([variable("x")], dtype=3), lambda: Executor([variable("x")]).run([1]),
])
def test_what_is_of_another_kind(ask):
    with pytest.raises(GradcalcError) as caught:
        ask()
    assert caught.value.diagnostic.message


@pytest.mark.parametrize("value", [np.inf, [np.inf], np.array([np.inf]), np.array(np.inf)])
def test_an_executor_computes_with_infinities_in_any_form(value):
    x = variable("x")
    [found, product] = Executor([x + 1.0, x*0.0]).run({x: value})
    assert np.all(np.isposinf(found))
    assert np.all(np.isnan(product))
