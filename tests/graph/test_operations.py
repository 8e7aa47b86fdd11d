"""Every row of the table against two witnesses that never read it, and the checker against wrong rows."""

import pytest

from gradcalc.graph.operations import TABLE
from gradcalc.graph.operations.row import Operation
from gradcalc.testing import check_operation

RULES = [(row, position) for row in TABLE.values() for position, rule in enumerate(row.partials)
         if rule is not None and not row.gates]


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
        return x * 1.001 if hasattr(xp, "silent") else x * 1.0

    row = Operation("two_faced", ("x",), two_faced, (lambda xp, y, x: 1.0,), "differs on arrays")
    with pytest.raises(AssertionError, match=r"two_faced.* on arrays"):
        check_operation(row)


def test_a_row_that_the_table_does_not_have() -> None:
    row = Operation("swish2", ("x",), lambda xp, x: x * xp.sigmoid(2.0 * x),
                    (lambda xp, y, x: xp.sigmoid(2.0 * x) + 2.0 * y * xp.sigmoid(-2.0 * x),), "x*sigmoid(2x)")
    check_operation(row)
    assert "swish2" not in TABLE
