"""LaTeX: equations a line each, tables as ``array`` environments, for a paper or a slide.

How a formula is written in LaTeX is the printer's business; here it is put together with symbols, numbers and sentences.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from gradcalc.diagnostics import GradcalcError
from gradcalc.language.reading.limits import Limits
from gradcalc.render import Style, View, arrays
from gradcalc.render.numbers import number, visible
from gradcalc.render.page import Cell, Column, Derivative, Equation, Grid, Markdown, Matrix, Symbol, Whole

SPECIAL = {"\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "_": r"\_", "%": r"\%",
           "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "…": r"\ldots{}", "—": "---", "⋮": r"$\vdots$",
           "∂": r"$\partial$", "µ": r"$\mu$", "±": r"$\pm$", "×": r"$\times$", "·": r"$\cdot$"}
NOT_FINITE = {"NaN": r"\mathrm{NaN}", "Infinity": r"\infty", "-Infinity": r"-\infty"}
NUMERAL = re.compile(r"-?[0-9.]+(e[+-]?[0-9]+)?")
#: Another node's number, which stands for a part that is too long to repeat.
REFERENCE = re.compile(r"#(\d+)")


def lines(view: View, style: Style) -> Iterator[str]:
    for block in view.page(style):
        if isinstance(block, Grid):
            yield from _grid(block, style)
        elif isinstance(block, Equation):
            yield _equation(block, style)
        elif isinstance(block, Matrix):
            yield f"{_symbol(block.title)} = {_matrix(block.entries, style)}"
        elif isinstance(block, Markdown):
            yield from (r"\begin{verbatim}", *block.text.split("\n"), r"\end{verbatim}")
        else:
            yield _text(block.text) if block.text else ""


def formula(written: str) -> str:
    """A formula or a statement of gradcalc's language; what is none becomes text."""
    from gradcalc.language.reading.parser import parse
    from gradcalc.language.writing.latex import latex

    try:
        draft = parse(REFERENCE.sub(r"node_\1", written), Limits())
    except GradcalcError:
        return _text(written)
    right = latex(draft.graph, draft.output)
    return right if draft.name is None else f"{formula(draft.name)} = {right}"


def _equation(block: Equation, style: Style) -> str:
    left = formula(block.left) if isinstance(block.left, str) else _symbol(block.left)
    right = formula(block.right) if isinstance(block.right, str) else _value(block.right, style, arrays.WHOLE)
    if block.doubt is None:
        return f"{left} = {right}"
    return rf"{left} = {right} \pm {_value(block.doubt, style._replace(digits=2), arrays.WHOLE)}"


def _symbol(symbol: Symbol) -> str:
    if isinstance(symbol, Derivative):
        return _derivative(symbol)
    if isinstance(symbol, Whole):
        return symbol.letter
    return rf"\left({' '.join(symbol.factors)}\right)_{{{formula(symbol.name)}}}"


def _derivative(symbol: Derivative) -> str:
    of = formula(symbol.of)
    if not symbol.of.isidentifier():
        of = rf"\left({of}\right)"
    wrt = formula(symbol.wrt)
    if symbol.then is not None:
        return rf"\frac{{\partial^{{2}} {of}}}{{\partial {wrt}\,\partial {formula(symbol.then)}}}"
    power = "" if symbol.order == 1 else f"^{{{symbol.order}}}"
    base = f"{{{wrt}}}" if power and ("^" in wrt or "_" in wrt) else wrt
    return rf"\frac{{\partial{power} {of}}}{{\partial {base}{power}}}"


def _value(value: Any, style: Style, whole: int) -> str:
    """A number, or an array of up to so many entries as a column, a matrix, or a list of those."""
    if not arrays.is_array(value):
        return _number(value, style)
    lengths = arrays.shape(value)
    if not 0 < arrays.size(value) <= whole:
        return _text(arrays.summary(value, style.digits))
    listed = value.tolist() if hasattr(value, "tolist") else value
    return _matrix([[entry] for entry in listed] if len(lengths) == 1 else listed, style)


def _matrix(entries: Sequence[Any], style: Style) -> str:
    """Numbers in two axes as a matrix; in more as a list of matrices."""
    if entries and isinstance(entries[0][0], list | tuple):
        return r"\left[" + ", ".join([_matrix(layer, style) for layer in entries]) + r"\right]"
    rows = [" & ".join([_number(entry, style) for entry in row]) for row in entries]
    return r"\begin{pmatrix} " + r" \\ ".join(rows) + r" \end{pmatrix}"


def _number(value: float, style: Style) -> str:
    return _numeral(number(value, style.digits))


def _numeral(text: str) -> str:
    mantissa, exponent, power = text.partition("e")
    return rf"{mantissa} \cdot 10^{{{int(power)}}}" if exponent else NOT_FINITE.get(text, text)


def _text(text: str) -> str:
    return r"\text{" + "".join(SPECIAL.get(character, character) for character in visible(text)) + "}"


def _grid(grid: Grid, style: Style) -> Iterator[str]:
    layout = "".join("r" if column.kind == "number" else "l" for column in grid.columns)
    yield rf"\begin{{array}}{{{layout}}}"
    yield " & ".join(_heading(column) for column in grid.columns) + r" \\ \hline"
    for row in grid.rows:
        yield " & ".join(_cell(value, column, style) for value, column in zip(row, grid.columns, strict=True)) + r" \\"
    yield r"\end{array}"


def _heading(column: Column) -> str:
    pieces = [_text(column.heading)] if column.heading else []
    if column.symbol:
        pieces.append(_derivative(column.symbol))
    return r"\ ".join(pieces)


def _cell(value: Cell, column: Column, style: Style) -> str:
    if value is None:
        return _text("—")
    if not isinstance(value, str):
        return _value(value, style, arrays.CELL)
    if not value:
        return ""
    if value == "⋮":
        return r"\vdots"
    if column.kind == "number" and NUMERAL.fullmatch(value):
        return _numeral(value)
    return formula(value) if column.kind == "formula" else _text(value)
