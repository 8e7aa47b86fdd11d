"""``--quiet``: the numbers alone, with all their digits unless --precision says how many."""

from collections.abc import Iterator

from gradcalc.render import Style, View
from gradcalc.render.writing import in_full, number


def lines(view: View, style: Style) -> Iterator[str]:
    for items in view.bare():
        yield " ".join(item if isinstance(item, str) else in_full(item) if style.digits is None
                       else number(item, style.digits) for item in items)
