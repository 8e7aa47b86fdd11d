"""Every row of the table against witnesses that never read it, and the checker against wrong rows."""

import numpy as np
import pytest

from gradcalc.graph.namespaces.symbols import Symbol
from gradcalc.graph.operations import TABLE
from gradcalc.graph.operations.operation import Operation
from gradcalc.testing import check_operation

RULES = [(row, position) for row in TABLE.values() for position, rule in enumerate(row.partials)
         if rule is not None and not row.gates]


VJPS = [(row, position) for row in TABLE.values() for position, vjp in enumerate(row.vjps) if vjp is not None]


def with_vjp(row: Operation, position: int, vjp: object) -> Operation:
    return row._replace(vjps=(*row.vjps[:position], vjp, *row.vjps[position + 1:]))


def with_rule(row: Operation, position: int, rule: object) -> Operation:
    return row._replace(partials=(*row.partials[:position], rule, *row.partials[position + 1:]))


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE)
def test_row(row: Operation, seed: int) -> None:
    assert check_operation(row, seed) is None


@pytest.mark.parametrize(("row", "position"), RULES, ids=[f"{row.name}-{position}" for row, position in RULES])
@pytest.mark.parametrize("factor", [1.0001, -1.0])
def test_a_wrong_rule_is_caught(row: Operation, position: int, factor: float) -> None:
    right = row.partials[position]
    wrong = with_rule(row, position, lambda xp, y, *args: factor * right(xp, y, *args))
    with pytest.raises(AssertionError, match=f"{row.name}: the partial for {row.parameters[position]} at .* measure"):
        check_operation(wrong)


@pytest.mark.parametrize(("row", "position"), RULES, ids=[f"{row.name}-{position}" for row, position in RULES])
def test_a_missing_rule_is_caught(row: Operation, position: int) -> None:
    with pytest.raises(AssertionError, match=f"{row.name}: the partial for {row.parameters[position]} at .* measure"):
        check_operation(with_rule(row, position, None))


def test_a_gate_that_opens_the_wrong_way_is_caught() -> None:
    row = TABLE["where"]
    with pytest.raises(AssertionError, match="where: the partial for a"):
        check_operation(with_rule(row, 1, row.partials[2]))


def test_a_rule_that_is_not_finite_is_caught() -> None:
    with pytest.raises(AssertionError, match="no finite number"):
        check_operation(with_rule(TABLE["exp"], 0, lambda xp, y, x: float("nan")))


def test_a_domain_that_is_too_large_is_caught() -> None:
    with pytest.raises(AssertionError, match="is nan, though it is in the domain 'x > -9'"):
        check_operation(TABLE["log"]._replace(domain="x > -9"))


def test_a_domain_without_a_point_is_caught() -> None:
    with pytest.raises(AssertionError, match="no point was found"):
        check_operation(TABLE["log"]._replace(domain="x > 1e9"))


def test_a_value_of_its_own_for_arrays_is_caught() -> None:
    def two_faced(xp, x):
        return x * 1.001 if xp.ranked else x * 1.0

    row = Operation("two_faced", ("x",), two_faced, (lambda xp, y, x: 1.0,), "differs on arrays")
    with pytest.raises(AssertionError, match=r"two_faced.* on arrays"):
        check_operation(row)


# -- rows that are more than entry by entry ----------------------------------------------------------------------------


@pytest.mark.parametrize(("row", "position"), VJPS, ids=[f"{row.name}-{position}" for row, position in VJPS])
@pytest.mark.parametrize("factor", [1.0001, -1.0])
def test_a_wrong_vjp_is_caught(row: Operation, position: int, factor: float) -> None:
    right = row.vjps[position]

    def wrong(*args: object) -> object:
        share = right(*args)
        return None if share is None else factor * share

    with pytest.raises(AssertionError, match=f"{row.name} of .*: (the vjp for|its vjps recorded)"):
        check_operation(with_vjp(row, position, wrong))


@pytest.mark.parametrize(("row", "position"), VJPS, ids=[f"{row.name}-{position}" for row, position in VJPS])
def test_a_missing_vjp_is_caught(row: Operation, position: int) -> None:
    with pytest.raises(AssertionError, match=f"{row.name} of .*: (the vjp for|its vjps recorded)"):
        check_operation(with_vjp(row, position, None))


def test_the_table_is_whole_again_after_a_wrong_row() -> None:
    before = dict(TABLE)
    wrong = with_vjp(TABLE["sum_like"], 0, lambda xp, g, y, x, like, axis: 2.0 * xp.spread_like(g, x, axis))
    with pytest.raises(AssertionError, match="measure"):
        check_operation(wrong)
    assert before == TABLE
    assert check_operation(TABLE["spread_like"]) is None, "its tangent rule was not recorded with the wrong row"


@pytest.mark.parametrize(("vjp", "message"), [
    (lambda xp, g, y, x, axis, keepdims: xp.spread_like(g * g, x, None if keepdims else axis), "the vjp for x gives"),
    (lambda xp, g, y, x, axis, keepdims: g + 0.0 * xp.sum(x, None, False), "the vjp for x"),
    (lambda xp, g, y, x, axis, keepdims: np.broadcast_to(g, np.shape(x)), "recorded .* fail, as they use"),
    (lambda xp, g, y, x, axis, keepdims: xp.spread_like(g, x, None if keepdims else axis) + 0.0 / xp.sum(x - x, None, False),
     "not finite")], ids=["not-linear", "of-another-shape", "not-closed", "not-finite"])
def test_a_vjp_that_breaks_the_rules_is_caught(vjp: object, message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        check_operation(with_vjp(TABLE["sum"], 0, vjp))


def test_a_wrong_shape_is_caught() -> None:
    with pytest.raises(AssertionError, match=r"has the shape \(2,\), not \(3,\)"):
        check_operation(TABLE["stack"]._replace(shape=lambda *shapes_and_axis: (3,), cases=((((), ()), (0,)),)))


def test_a_case_that_the_row_does_not_take_is_caught() -> None:
    with pytest.raises(AssertionError, match="inv does not take the shapes"):
        check_operation(TABLE["inv"]._replace(cases=((((2, 3),), ()),)))


def test_a_second_derivative_that_is_wrong_is_caught() -> None:
    """The rule's numbers are right, and what it is recorded as is not their derivative."""
    def vjp(xp, g, y, x):
        slope = 3.0 * x * x
        return g * (3.0 * x if isinstance(x, Symbol) else slope)

    row = Operation("cube", ("x",), lambda xp, x: x * x * x, (), "x^3", vjps=(vjp,), shape=lambda x: x, cases=((((3,),), ()),))
    with pytest.raises(AssertionError, match="recorded"):
        check_operation(row)


def test_a_row_of_ones_own_without_cases() -> None:
    row = Operation("cube", ("x",), lambda xp, x: x * x * x, (), "x^3", vjps=(lambda xp, g, y, x: 3.0 * x * x * g,),
                    shape=lambda x: x)
    assert check_operation(row) is None
    with pytest.raises(AssertionError, match="measure"):
        check_operation(row._replace(vjps=(lambda xp, g, y, x: 2.0 * x * x * g,)))
    with pytest.raises(AssertionError, match="takes none of the shapes"):
        check_operation(row._replace(shape=TABLE["cross_entropy"].shape))


def test_an_elementwise_rule_that_is_wrong_on_arrays_is_caught() -> None:
    row = Operation("lopsided", ("a", "b"), lambda xp, a, b: a * b,
                    (lambda xp, y, a, b: b, lambda xp, y, a, b: a * (1.0 if np.shape(a) == np.shape(b) else 1.001)), "a*b")
    with pytest.raises(AssertionError, match=r"lopsided of .*: its vjps recorded"):
        check_operation(row)


def test_an_operation_that_arrays_do_not_broadcast_is_caught() -> None:
    def value(xp, a, b):
        return a + b if not xp.ranked or a.shape == b.shape else a * 1.0

    row = Operation("narrow", ("a", "b"), value, (lambda xp, y, a, b: 1.0, lambda xp, y, a, b: 1.0), "a + b")
    with pytest.raises(AssertionError, match="narrow of"):
        check_operation(row)


def test_a_row_that_the_table_does_not_have() -> None:
    row = Operation("swish2", ("x",), lambda xp, x: x * xp.sigmoid(2.0 * x),
                    (lambda xp, y, x: xp.sigmoid(2.0 * x) + 2.0 * y * xp.sigmoid(-2.0 * x),), "x*sigmoid(2x)")
    check_operation(row)
    assert "swish2" not in TABLE
