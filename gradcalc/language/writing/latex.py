"""Graph to LaTeX, for a paper: fractions, roots, Greek letters, indices, matrices, and a choice as cases.

This module decides how each part of a formula looks. It must not know which parts are written once under a name.
"""

import re
from collections.abc import Sequence
from typing import Any

from gradcalc.graph.operations import TABLE
from gradcalc.graph.operations.operation import CALL, OR, POWER, PRODUCT, Operation
from gradcalc.graph.tape import CONST, INPUT, Graph
from gradcalc.language.writing import layout, notation
from gradcalc.language.writing.layout import Layout, Part, Pieces, Slot
from gradcalc.language.writing.notation import number
from gradcalc.language.writing.text import is_literal, is_transposed

#: The LaTeX commands of letters, by the letters' names.
GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ", "eta": "η", "theta": "θ", "iota": "ι",
    "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ",
    "upsilon": "υ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ",
    "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω"}
LETTERS = {letter: name for name, letter in GREEK.items()}
#: How the characters that have a meaning in LaTeX are escaped.
ESCAPES = {"_": r"\_"}
MATRIX = (r"\begin{pmatrix} ", r" \end{pmatrix}")


class Latex:
    """LaTeX's mathematics."""

    brackets = (r"\left(", r"\right)")

    def layout(self, parts: Sequence[Part], part: int) -> tuple[int, Pieces]:
        this = parts[part]
        op, args = this.op, this.args
        if op == INPUT:
            return CALL, (symbol(str(this.payload)),)
        if op == CONST:
            return (CALL, (_entries(this.payload),)) if this.is_array else _number(float(this.payload))
        if op == "div":
            return POWER, (r"\frac{", (args[0], OR), "}{", (args[1], OR), "}")
        if op == "pow":
            return POWER, ((args[0], CALL), "^{", (args[1], OR), "}")
        if op in ("mul", "matmul"):
            dot = r" \cdot " if _begins_with_a_digit(parts, args[1]) else " "
            return PRODUCT, ((args[0], PRODUCT), dot, (args[1], POWER))
        if op == "where":
            return OR, (r"\begin{cases} ", (args[1], OR), r" & \text{if } ", (args[0], OR), r" \\ ", (args[2], OR),
                        r" & \text{otherwise} \end{cases}")
        row = TABLE.get(op)
        if row is not None and row.latex is not None and "{0}" in row.latex:
            return CALL, layout.filled(row.latex, this.args, OR)
        if is_transposed(this):
            return POWER, ((args[0], CALL), "^{T}")
        if is_literal(this):
            return CALL, _literal(parts, this)
        if op == "index":
            return CALL, _index(parts, this)
        return self._by_row(parts, this)

    def _by_row(self, parts: Sequence[Part], this: Part) -> tuple[int, Pieces]:
        row = TABLE.get(this.op)
        written = row.latex if row is not None else None
        if row is not None and row.settings:
            return CALL, _call_with_settings(this, row, _command(row.function, None if row.symbol else written))
        if row is not None and row.symbol is not None:
            level, pieces = layout.operator(this, written or row.symbol)
            if row.symbol.isalpha() and len(this.args) == 1:
                pieces = (f"{written} ", *pieces[1:])
            # A sign after an operator stands in brackets.
            return level, [piece if isinstance(piece, str) or k == 0 or parts[piece[0]].op != "neg" else (piece[0], CALL)
                           for k, piece in enumerate(pieces)]
        command = _command(this.op if row is None else row.function, written)
        if not this.args:
            return CALL, (command,)
        return layout.call(parts, this, command + r"\left(", r"\right)")


def _command(name: str, written: str | None) -> str:
    return written or rf"\operatorname{{{_escaped(name)}}}"


def _call_with_settings(this: Part, row: Operation, command: str) -> Pieces:
    given = [rf"\mathit{{{_escaped(name)}}}={value}" for name, value in notation.settings(row, this.payload)]
    key = notation.own_key(row, this.payload)
    below = f"_{{{', '.join(given)}}}" if given else ""
    leading = ", ".join([rf"\text{{{value}}}" if value.startswith('"') else value
                         for value in notation.leading(row, this.payload)])
    opening = rf"\left({leading}{', ' * bool(leading and this.args)}"
    return (command + below + opening, *layout.listed(this.args), r"\right)" + ("" if key is None else _subscript(key)))


def _index(parts: Sequence[Part], this: Part) -> Pieces:
    """The array with its index as a subscript; in braces where the array may have a subscript already."""
    array = parts[this.args[0]]
    bare = array.op == INPUT and "_" not in symbol(str(array.payload))
    opening, closing = ("", "") if bare else ("{", "}")
    return (opening, (this.args[0], CALL), closing + _subscript(this.payload[0]))


def _subscript(key: Sequence[Any]) -> str:
    return "_{" + notation.key(key).replace("...", r"\ldots").replace(" ", "") + "}"


def _entries(value: Any) -> str:
    """A constant array: a matrix, or a column; one of more axes as a list of its layers."""
    if isinstance(value, float):
        return notation.entry(value) if "e" not in notation.entry(value) else "".join(map(str, _number(value)[1]))
    if not value:
        return r"\left[\right]"
    rows = list(map(_entries, value))
    if isinstance(value[0], float):
        return r" \\ ".join(rows).join(MATRIX)
    if value[0] and isinstance(value[0][0], float):
        return r" \\ ".join([" & ".join(map(_entries, row)) for row in value]).join(MATRIX)
    return r"\left[" + ", ".join(rows) + r"\right]"


def _literal(parts: Sequence[Part], this: Part) -> Pieces:
    """An array of expressions: a column, or a matrix where each element is a row of as many."""
    rows = [_row(parts[argument]) for argument in this.args]
    if not all(rows) or len({len(row) for row in rows}) > 1:
        rows = [[(argument, OR)] for argument in this.args]
    pieces: list[str | Slot] = []
    for row in rows:
        pieces.append(r" \\ " if pieces else MATRIX[0])
        pieces += [piece for cell in row for piece in (" & ", cell)][1:]
    return (*pieces, MATRIX[1])


def _row(part: Part) -> list[str | Slot]:
    """The cells of an element of an array that is a row of numbers or of expressions; else none."""
    if is_literal(part):
        return [(argument, OR) for argument in part.args]
    if part.is_array and part.payload and isinstance(part.payload[0], float):
        return [_entries(value) for value in part.payload]
    return []


def _begins_with_a_digit(parts: Sequence[Part], part: int) -> bool:
    """Whether a factor would run into the number before it."""
    this = parts[part]
    return (this.op in (CONST, "div") and not this.is_array) or (this.op == "pow" and parts[this.args[0]].op == CONST)


def _number(value: float) -> tuple[int, Pieces]:
    digits, _, exponent = number(value).partition("e")
    if not exponent:
        return CALL, (digits,)
    power = f"10^{{{int(exponent)}}}"
    return (POWER, (power,)) if digits == "1" else (PRODUCT, (rf"{digits} \cdot {power}",))


def symbol(name: str) -> str:
    r"""A name as a symbol with indices: ``x_1`` and ``x1`` are both x_{1}, ``theta`` is \theta."""
    head, *indices = name.split("_")
    match = re.fullmatch(r"(\D+?)(\d+)", head)
    if match:
        head, indices = match[1], [match[2], *indices]
    if not head or "" in indices:
        return rf"\mathit{{{_escaped(name)}}}"
    base = _letter(head)
    return base + "_{" + ",".join(_letter(index) for index in indices) + "}" if indices else base


def _letter(word: str) -> str:
    if word in GREEK or word in LETTERS:
        return "\\" + LETTERS.get(word, word)
    return word if len(word) == 1 or word.isdigit() else rf"\mathit{{{_escaped(word)}}}"


def _escaped(name: str) -> str:
    return "".join([ESCAPES.get(character, character) for character in name])


def latex(graph: Graph, root: int) -> str:
    """The formula of a node in LaTeX. Parts that it would repeat at length come first, as lines of an ``aligned`` block."""
    parts = layout.parts_of(graph, root)
    drawn = Layout(parts, Latex())
    once = drawn.shared()
    given = {part: symbol(name) for part, name in layout.names_for(once, layout.inputs_of(parts)).items()}
    result = drawn.write(len(parts) - 1, given)
    if not given:
        return result
    lines = [f"{given[part]} &= {drawn.write(part, given)}" for part in once]
    return r"\begin{aligned} " + r" \\ ".join([*lines, f"& {result}"]) + r" \end{aligned}"
