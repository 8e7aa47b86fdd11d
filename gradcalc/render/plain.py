"""Plain text: aligned columns, neither boxes nor colours. What ``table`` shows too is worded here."""

from collections.abc import Iterator, Sequence

from gradcalc.render import Style, View
from gradcalc.render.page import Cell, Equation, Grid, Line
from gradcalc.render.writing import doubt, number, visible, width


def lines(view: View, style: Style) -> Iterator[str]:
    for block in view.page(style):
        if isinstance(block, Grid):
            yield from _grid(block, style)
        else:
            yield sentence(block, style)


def cell(value: Cell, style: Style) -> str:
    """What stands in a table for this value."""
    if value is None:
        return "—"
    return visible(value) if isinstance(value, str) else number(value, style.digits)


def sentence(block: Equation | Line, style: Style) -> str:
    """An equation or a line as text."""
    if isinstance(block, Line):
        return visible(block.text)
    left = block.left if isinstance(block.left, str) else block.left.text()
    text = f"{visible(left)} = {cell(block.right, style)}"
    return text if block.doubt is None else f"{text}  {doubt(block.doubt)}"


def _grid(grid: Grid, style: Style) -> Iterator[str]:
    rows = [[column.text() for column in grid.columns], *([cell(value, style) for value in row] for row in grid.rows)]
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield _row(row, widths, grid)


def _row(row: Sequence[str], widths: Sequence[int], grid: Grid) -> str:
    pieces = []
    for text, size, column in zip(row, widths, grid.columns, strict=True):
        blanks = " " * (size - width(text))
        pieces.append(blanks + text if column.kind == "number" else text + blanks)
    return "  ".join(pieces).rstrip()
