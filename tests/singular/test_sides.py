"""What every row says of its kinks and jumps against its own values beside them, and the checker against wrong rows."""

from typing import Any

import pytest

from gradcalc.graph.operations import TABLE
from gradcalc.graph.operations.operation import Operation
from gradcalc.testing import check_operation
from gradcalc.testing.kinks import check_kinks

SIDED = [row for row in TABLE.values() if row.sided is not None]
LIMITED = [row for row in TABLE.values() if row.limit is not None]
KINKED = [row for row in TABLE.values() if row.kink is not None]


def caught(row: Operation, monkeypatch: pytest.MonkeyPatch, message: str) -> None:
    monkeypatch.setitem(TABLE, row.name, row)
    with pytest.raises(AssertionError, match=f"^{row.name}.*{message}"):
        check_kinks(row)


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE)
def test_every_row(row: Operation) -> None:
    assert check_kinks(row) is None


@pytest.mark.parametrize("row", KINKED, ids=lambda row: row.name)
def test_a_kink_that_is_not_stated_is_caught(row: Operation, monkeypatch: pytest.MonkeyPatch) -> None:
    if row.shape is None:
        caught(row._replace(kink=None, sided=None, limit=None), monkeypatch, "on that side")


@pytest.mark.parametrize("row", KINKED, ids=lambda row: row.name)
def test_a_kink_without_its_sides_is_caught(row: Operation, monkeypatch: pytest.MonkeyPatch) -> None:
    caught(row._replace(sided=None, limit=None), monkeypatch, "neither 'sided' nor 'limit'")


@pytest.mark.parametrize("row", SIDED, ids=lambda row: row.name)
@pytest.mark.parametrize("place", ["at", "away"])
def test_a_wrong_side_is_caught(row: Operation, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the wrong sign at the kink alone, and away from it alone."""
    right = row.sided
    assert right is not None

    def wrong(xp: Any, y: Any, *given: Any) -> Any:
        with xp.silent():
            slope, operands = right(xp, y, *given), given[:len(row.parameters)]
        at = _kinked(row, xp, y, operands, given)
        return xp.where(at if place == "at" else xp.equal(at, 0.0), -slope, slope)

    caught(row._replace(sided=wrong), monkeypatch, "the derivative on that side")


def _kinked(row: Operation, xp: Any, y: Any, operands: Any, given: Any) -> Any:
    from gradcalc.singular.conditions import condition

    if row.kinked is None:
        return condition(row.kink or "0", row.parameters).values(operands, xp)[-1]
    at = row.kinked(xp, y, *operands, *given[2 * len(row.parameters):])
    return at if getattr(at, "shape", ()) else xp.any(at) if hasattr(xp, "any") else at


@pytest.mark.parametrize("row", LIMITED, ids=lambda row: row.name)
def test_a_wrong_limit_is_caught(row: Operation, monkeypatch: pytest.MonkeyPatch) -> None:
    right = row.limit
    assert right is not None
    caught(row._replace(limit=lambda xp, y, *given: y), monkeypatch, "on that side")
    caught(row._replace(limit=lambda xp, y, *given: right(xp, y, *given) + 0.001), monkeypatch, "the value on that side")


@pytest.mark.parametrize("row", SIDED, ids=lambda row: row.name)
def test_a_wrong_side_is_caught_in_every_argument(row: Operation, monkeypatch: pytest.MonkeyPatch) -> None:
    """One tangent at a time is taken for nothing."""
    right, count = row.sided, len(row.parameters)
    assert right is not None
    for place in range(count):
        def wrong(xp: Any, y: Any, *given: Any, place: int = place) -> Any:
            return right(xp, y, *given[:count + place], 0.0 * given[count + place], *given[count + place + 1:])

        caught(row._replace(sided=wrong), monkeypatch, "the derivative on that side")


def test_a_kink_that_its_author_forgot() -> None:
    row = Operation("triangle", ("x",), lambda xp, x: 2.0 * xp.abs(x), (lambda xp, y, x: 2.0 * xp.sign(x),), "2*abs(x)")
    with pytest.raises(AssertionError, match=r"triangle at {'x': 0.0} along .* the derivative on that side"):
        check_operation(row)
    with pytest.raises(AssertionError, match="triangle has a kink, and neither 'sided' nor 'limit'"):
        check_operation(row._replace(kink="x == 0"))
    with pytest.raises(AssertionError, match="where it states no kink"):
        check_operation(row._replace(kink="x == 77", sided=lambda xp, y, x, t: 2.0 * xp.where(xp.equal(x, 0.0), xp.abs(t),
                                                                                            xp.sign(x) * t)))
    assert check_operation(row._replace(kink="x == 0", sided=lambda xp, y, x, t: 2.0 * xp.where(
        xp.equal(x, 0.0), xp.abs(t), xp.sign(x) * t))) is None


@pytest.mark.parametrize(("name", "change"), [
    ("sqrt", {"vertical": None}), ("cbrt", {"vertical": None}), ("asin", {"vertical": "x == 1"}), ("pow", {"vertical": None}),
    ("acos", {"vertical": "x == -1"}), ("acosh", {"vertical": None}), ("clip", {"kink": "x == low"}),
    ("clip", {"kink": "x == high"}), ("round", {"kink": "x == 1/2"}), ("atan2", {"kink": "y == 0 and x < -1"}),
    ("hypot", {"kink": "a == 0 and b == 1"}), ("mod", {"kink": "a == 0"}), ("floor", {"kink": "x == 0"})])
def test_a_condition_that_holds_too_rarely(name: str, change: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    caught(TABLE[name]._replace(**change), monkeypatch, "on that side|where it states no kink")
