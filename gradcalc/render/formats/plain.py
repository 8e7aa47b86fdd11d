"""Plain text: aligned columns, neither boxes nor colours. What ``table`` shows too is worded here."""

from collections.abc import Iterator, Sequence

from gradcalc.questions.answers import Value
from gradcalc.render import Style, View, arrays
from gradcalc.render.numbers import doubt, visible, width
from gradcalc.render.page import Cell, Equation, Grid, Line, Markdown, Matrix

#: An array of several lines stands beside what it equals if that is no wider.
BESIDE = 24


def lines(view: View, style: Style) -> Iterator[str]:
    for block in view.page(style):
        if isinstance(block, Matrix):
            yield from sentences(block.heading(), style)
            yield from _grid(block.grid(), style)
        elif isinstance(block, Grid):
            yield from _grid(block, style)
        elif isinstance(block, Markdown):
            yield from block.text.split("\n")
        else:
            yield from sentences(block, style)


def cell(value: Cell, style: Style) -> str:
    """What stands in a table for this value."""
    if value is None:
        return "—"
    if isinstance(value, str):
        return visible(value)
    return arrays.text(value, style.digits)


def sentences(block: Equation | Line, style: Style) -> list[str]:
    """An equation or a line as text: a line, or for an array several."""
    if isinstance(block, Line):
        return [visible(block.text)]
    left = visible(block.left if isinstance(block.left, str) else block.left.text())
    right = arrays.lines(block.right, style.digits) if arrays.is_array(block.right) else [cell(block.right, style)]
    if block.doubt is not None:
        right[-1] += f"  {_doubt(block.doubt)}"
    if len(right) > 1 and width(left) > BESIDE:
        return [f"{left} =", *("  " * bool(line) + line for line in right)]
    indent = " " * (width(left) + 3)
    return [f"{left} = {right[0]}", *((indent + line).rstrip() for line in right[1:])]


def _doubt(expected: Value) -> str:
    """The error that is expected; of an array's entries the largest."""
    most = doubt(arrays.largest(expected))
    return f"{most} at most" if arrays.is_array(expected) else most


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
