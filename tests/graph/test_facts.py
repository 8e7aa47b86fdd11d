"""What every row states as a fact, and the checker against rows that state what is not so."""

import pytest

from gradcalc.graph.operations import TABLE
from gradcalc.graph.operations.operation import Facts, Operation
from gradcalc.testing import check_operation
from gradcalc.testing.facts import check_facts

#: Facts that are not so, and that somebody may think are.
WRONG = [
    ("exp", "bounded"), ("expm1", "bounded"), ("sinh", "bounded"), ("cosh", "bounded"), ("add", "bounded"), ("mul", "bounded"),
    ("div", "bounded"), ("pow", "bounded"), ("hypot", "bounded"), ("sqrt", "bounded"), ("log", "bounded"), ("mod", "bounded"),
    ("asin", "bounded"), ("div", "total"), ("pow", "total"), ("sqrt", "total"), ("log", "total"), ("mod", "total"),
    ("acosh", "total"), ("atanh", "total"), ("add", "ordered"), ("sub", "ordered"), ("mul", "ordered"), ("div", "ordered"),
    ("sin", "ordered"), ("cos", "ordered"), ("tan", "ordered"), ("gelu", "ordered"), ("silu", "ordered"),
    ("sub", "commutes"), ("div", "commutes"), ("pow", "commutes"), ("atan2", "commutes"), ("mod", "commutes"),
    ("lt", "commutes"), ("le", "commutes"),
    ("abs", "commutes"), ("add", "exact"), ("mul", "exact"), ("sqrt", "exact"), ("exp", "exact"),
    ("cbrt", "exact"), ("leaky_relu", "exact"), ("hypot", "exact"), ("sin", "exact"), ("tanh", "whole"), ("erf", "whole"),
    ("erfc", "whole"), ("sigmoid", "whole"), ("add", "vanishes"), ("sub", "vanishes"), ("floor", "vanishes"),
    ("relu", "vanishes"), ("round", "vanishes"), ("log", "vanishes"), ("heaviside", "vanishes"), ("acos", "vanishes"),
    ("abs", "condition"), ("sign", "condition"), ("heaviside", "condition"), ("where", "condition"), ("round", "condition")]
BALLS = {"exact", "whole", "vanishes"}


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE)
def test_every_row(row: Operation) -> None:
    assert check_facts(row) is None


@pytest.mark.parametrize(("name", "fact"), WRONG, ids=[f"{name}-{fact}" for name, fact in WRONG])
def test_a_wrong_fact_is_caught(name: str, fact: str) -> None:
    if fact in BALLS:
        pytest.importorskip("flint", reason="what is exact balls know, and they need python-flint")
    row = TABLE[name]
    wrong = row._replace(facts=row.facts._replace(**{fact: True}))
    assert wrong != row
    with pytest.raises(AssertionError, match=rf"^{name} (is said to be '{fact}', but|commutes, but has not)"):
        check_facts(wrong)


@pytest.mark.parametrize("name", ["reshape", "transpose", "matrix_transpose", "index"])
def test_a_view_is_not_fresh(name: str) -> None:
    row = TABLE[name]
    with pytest.raises(AssertionError, match=f"{name} is said to be 'fresh', but what it makes of .* shares memory"):
        check_facts(row._replace(facts=row.facts._replace(fresh=True)))


def test_the_suite_of_a_rows_author_samples_them_too() -> None:
    row = Operation("swell", ("x",), lambda xp, x: 2.0 * xp.exp(x), (lambda xp, y, x: y,), "2*exp(x)")
    assert check_operation(row._replace(facts=Facts(total=True, ordered=True))) is None
    with pytest.raises(AssertionError, match="swell is said to be 'bounded'"):
        check_operation(row._replace(facts=Facts(bounded=True)))
