"""The view of ``map``: rows with their values and gradients; where there are many, the first and the last ones.

This module decides which rows are kept. It must not know any format.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from gradcalc.questions.answers import SCHEMA
from gradcalc.render import Style
from gradcalc.render.page import Block, Cell, Column, Derivative, Grid, Line, short

#: How many rows are shown in full, half of them from the beginning where there are more.
SHOWN = 200

MapRow = tuple[int, Sequence[Any], str | None]


class PointsView:
    """The rows, taken one after another; of many only those that will be shown are kept. A row is its number, its value and
    derivatives, and in place of these the reason where it has none."""

    def __init__(self, output: str, wrt: Sequence[str]) -> None:
        self._output, self._wrt = output, wrt
        self._first: list[MapRow] = []
        self._last: deque[MapRow] = deque(maxlen=SHOWN // 2)
        self._rows = 0

    def take(self, rows: Iterable[MapRow], count: int) -> None:
        """Look at so many further rows."""
        self._rows += count
        rows = iter(rows)
        self._first += islice(rows, SHOWN - len(self._first))
        self._last.extend(rows)

    def data(self, style: Style) -> Mapping[str, Any]:
        return {"schema": SCHEMA, "command": "map"}

    def page(self, style: Style) -> Iterator[Block]:
        rows = [*self._first, *self._last]
        shortened = self._rows > SHOWN
        if shortened:
            rows = rows[:SHOWN // 2] + rows[-(SHOWN // 2):]
        failed = any(reason is not None for _, _, reason in rows)
        columns = [Column("row", "number"), Column(short(self._output), "number"),
                   *(Column("", "number", Derivative(self._output, name)) for name in self._wrt)]
        cells: list[tuple[Cell, ...]] = [self._cells(row, failed) for row in rows]
        if shortened:
            cells.insert(SHOWN // 2, ("⋮",) * (len(columns) + failed))
        yield Grid([*columns, *([Column("error")] if failed else [])], cells)
        if shortened:
            yield Line(f"{self._rows:,} rows, of which the first and the last {SHOWN // 2} are shown")

    def _cells(self, row: MapRow, failed: bool) -> tuple[Cell, ...]:
        number, found, reason = row
        numbers: Sequence[Cell] = (None,) * (1 + len(self._wrt)) if reason is not None else found
        return (str(number), *numbers, *([reason or ""] if failed else []))

    def bare(self) -> Iterable[Iterable[Any]]:
        return [found for _, found, reason in (*self._first, *self._last) if reason is None]
