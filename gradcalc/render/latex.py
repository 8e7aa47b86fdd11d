"""LaTeX: equations a line each, tables as ``array`` environments, for a paper or a slide.

How a formula is written in LaTeX is the printer's business; here it is put together with symbols, numbers and sentences.
"""

import re
from collections.abc import Iterator

from gradcalc.diagnostics import GradcalcError
from gradcalc.language.limits import Limits
from gradcalc.render import Style, View
from gradcalc.render.page import Cell, Column, Derivative, Equation, Grid
from gradcalc.render.writing import number, visible

SPECIAL = {"\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "_": r"\_", "%": r"\%",
           "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "…": r"\ldots{}", "—": "---", "⋮": r"$\vdots$",
           "∂": r"$\partial$", "µ": r"$\mu$", "±": r"$\pm$"}
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
        else:
            yield _text(block.text) if block.text else ""


def formula(written: str) -> str:
    """A formula or a statement of gradcalc's language; what is none becomes text."""
    from gradcalc.language.latex import latex
    from gradcalc.language.parser import parse

    try:
        draft = parse(REFERENCE.sub(r"node_\1", written), Limits())
    except GradcalcError:
        return _text(written)
    right = latex(draft.graph, draft.output)
    return right if draft.name is None else f"{formula(draft.name)} = {right}"


def _equation(block: Equation, style: Style) -> str:
    left = formula(block.left) if isinstance(block.left, str) else _derivative(block.left)
    right = formula(block.right) if isinstance(block.right, str) else _number(block.right, style)
    if block.doubt is None:
        return f"{left} = {right}"
    return rf"{left} = {right} \pm {_number(block.doubt, style._replace(digits=2))}"


def _derivative(symbol: Derivative) -> str:
    of = formula(symbol.of)
    if not symbol.of.isidentifier():
        of = rf"\left({of}\right)"
    return rf"\frac{{\partial {of}}}{{\partial {formula(symbol.wrt)}}}"


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
    if isinstance(value, float):
        return _number(value, style)
    if not value:
        return ""
    if value == "⋮":
        return r"\vdots"
    if column.kind == "number" and NUMERAL.fullmatch(value):
        return _numeral(value)
    return formula(value) if column.kind == "formula" else _text(value)
