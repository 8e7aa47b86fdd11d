"""``--quiet``: the numbers alone, with all their digits unless --precision says how many; an array as a nested list."""

from collections.abc import Iterator
from typing import Any

from gradcalc.render import Style, View
from gradcalc.render.numbers import in_full, number


def lines(view: View, style: Style) -> Iterator[str]:
    for items in view.bare():
        yield " ".join([_item(item, style.digits) for item in items])


def _item(item: Any, digits: int | None) -> str:
    if isinstance(item, str):
        return item
    if isinstance(item, float):
        return in_full(item) if digits is None else number(item, digits)
    from gradcalc.render.arrays import inline

    return inline(item, lambda entry: _item(entry, digits))
