"""Tables in boxes, and colours: what people read on a terminal.

A table is as wide as it needs to be, on a narrow terminal and in a pipe too: a row that is cut or folded cannot be read.
It is drawn here and not by Rich, whose import takes longer than the answer.
"""

from collections.abc import Iterable, Iterator, Sequence

from gradcalc.render import Style, View
from gradcalc.render.formats.plain import cell, sentences
from gradcalc.render.numbers import width
from gradcalc.render.page import Equation, Grid, Line, Markdown, Matrix

#: What makes a terminal write in a tone, or in the one of a column (ANSI's numbers: 1 bold, 2 dim, 31 red, 32 green, 36 cyan).
TONES: dict[str, str] = {"plain": "", "heading": "1", "good": "32", "bad": "1;31"}
KINDS: dict[str, str] = {"text": "", "formula": "36", "number": ""}
BORDER = "2"


def lines(view: View, style: Style) -> Iterator[str]:
    for block in view.page(style):
        if isinstance(block, Markdown):
            yield from _markdown(block, style)
        elif isinstance(block, Grid):
            yield from _grid(block, style)
        elif isinstance(block, Matrix):
            yield from _sentences(block.heading(), style)
            yield from _grid(block.grid(), style)
        else:
            yield from _sentences(block, style)


def _markdown(block: Markdown, style: Style) -> Iterable[str]:
    """Drawn for people who look at it; into a pipe it goes as it is written."""
    if style.width is None and not style.color:
        return block.text.split("\n")
    from gradcalc.render import markdown

    return markdown.lines(block.text, style)


def _sentences(block: Equation | Line, style: Style) -> Iterator[str]:
    tone = block.tone if isinstance(block, Line) else "plain" if isinstance(block.right, str) else "heading"
    for line in sentences(block, style):
        yield _painted(line.expandtabs(), TONES[tone], style).rstrip()


def _grid(grid: Grid, style: Style) -> Iterator[str]:
    heading = [cell(column.text(), style).expandtabs() for column in grid.columns]
    rows = [[cell(value, style).expandtabs() for value in row] for row in grid.rows]
    widths = [max(map(width, column)) for column in zip(heading, *rows, strict=True)]
    yield _border(("╭", "┬", "╮"), widths, style)
    yield _row(heading, ["1"] * len(widths), widths, grid, style)
    yield _border(("├", "┼", "┤"), widths, style)
    for row in rows:
        yield _row(row, [KINDS[column.kind] for column in grid.columns], widths, grid, style)
    yield _border(("╰", "┴", "╯"), widths, style)


def _border(corners: tuple[str, str, str], widths: Sequence[int], style: Style) -> str:
    left, between, right = corners
    return _painted(left + between.join("─" * (size + 2) for size in widths) + right, BORDER, style)


def _row(texts: Sequence[str], tones: Sequence[str], widths: Sequence[int], grid: Grid, style: Style) -> str:
    bar, pieces = _painted("│", BORDER, style), []
    for text, tone, size, column in zip(texts, tones, widths, grid.columns, strict=True):
        blanks = " " * (size - width(text))
        edge = _painted(" ", tone, style)
        pieces.append(edge + _painted(blanks + text if column.kind == "number" else text + blanks, tone, style) + edge)
    return bar + bar.join(pieces) + bar


def _painted(text: str, tone: str, style: Style) -> str:
    return f"\x1b[{tone}m{text}\x1b[0m" if tone and text and style.color else text
