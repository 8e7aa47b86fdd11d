"""Graph to LaTeX, for a paper: fractions, roots, Greek letters, indices, and a choice as cases."""

import re
from collections.abc import Sequence

from gradcalc.graph.operations import TABLE
from gradcalc.graph.operations.row import CALL, OR, POWER, PRODUCT
from gradcalc.graph.tape import CONST, INPUT, Graph
from gradcalc.language import outline
from gradcalc.language.outline import Outline, Part, Pieces, number

#: The letters that have a command, by their names.
GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ", "eta": "η", "theta": "θ", "iota": "ι",
    "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ",
    "upsilon": "υ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ",
    "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω"}
LETTERS = {letter: name for name, letter in GREEK.items()}
#: The functions that LaTeX has a command for, by our names.
COMMANDS = {"asin": r"\arcsin", "acos": r"\arccos", "atan": r"\arctan"} | {
    name: "\\" + name
    for name in ("sin", "cos", "tan", "sec", "csc", "cot", "sinh", "cosh", "tanh", "exp", "log", "max", "min")}
#: Operations that are written around their one argument.
AROUND = {"sqrt": (r"\sqrt{", "}"), "cbrt": (r"\sqrt[3]{", "}"), "abs": (r"\left|", r"\right|"),
          "floor": (r"\left\lfloor ", r"\right\rfloor"), "ceil": (r"\left\lceil ", r"\right\rceil")}
#: What stands for a character that means something to LaTeX.
ESCAPES = {"_": r"\_"}


class Latex:
    """LaTeX's mathematics."""

    brackets = (r"\left(", r"\right)")

    def layout(self, parts: Sequence[Part], part: int) -> tuple[int, Pieces]:
        own = parts[part]
        op, args = own.op, own.args
        if op == INPUT:
            return CALL, (symbol(str(own.payload)),)
        if op == CONST:
            return _number(float(str(own.payload)))
        if op == "div":
            return POWER, (r"\frac{", (args[0], OR), "}{", (args[1], OR), "}")
        if op == "pow":
            return POWER, ((args[0], CALL), "^{", (args[1], OR), "}")
        if op == "mul":
            dot = r" \cdot " if _begins_with_a_digit(parts, args[1]) else " "
            return PRODUCT, ((args[0], PRODUCT), dot, (args[1], POWER))
        if op == "where":
            return OR, (r"\begin{cases} ", (args[1], OR), r" & \text{if } ", (args[0], OR), r" \\ ", (args[2], OR),
                        r" & \text{otherwise} \end{cases}")
        if op in AROUND:
            opening, closing = AROUND[op]
            return CALL, (opening, (args[0], OR), closing)
        return self._by_row(parts, own)

    def _by_row(self, parts: Sequence[Part], own: Part) -> tuple[int, Pieces]:
        row = TABLE.get(own.op)
        written = row.latex if row is not None else None
        if row is not None and row.symbol is not None:
            level, pieces = outline.operator(own, written or row.symbol)
            if row.symbol.isalpha() and len(own.args) == 1:
                pieces = (f"{written} ", *pieces[1:])
            # A sign after an operator stands in brackets.
            return level, [piece if isinstance(piece, str) or k == 0 or parts[piece[0]].op != "neg" else (piece[0], CALL)
                           for k, piece in enumerate(pieces)]
        command = written or COMMANDS.get(own.op) or rf"\operatorname{{{_escaped(own.op)}}}"
        if not own.args:
            return CALL, (command,)
        return outline.call(parts, own, command + r"\left(", r"\right)")


def _begins_with_a_digit(parts: Sequence[Part], part: int) -> bool:
    """Whether a factor would run into the number before it."""
    own = parts[part]
    return own.op in (CONST, "div") or (own.op == "pow" and parts[own.args[0]].op == CONST)


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
    parts = outline.parts_of(graph, root)
    drawn = Outline(parts, Latex())
    once = drawn.shared()
    given = {part: symbol(name) for part, name in outline.names_for(once, outline.inputs_of(parts)).items()}
    result = drawn.write(len(parts) - 1, given)
    if not given:
        return result
    lines = [f"{given[part]} &= {drawn.write(part, given)}" for part in once]
    return r"\begin{aligned} " + r" \\ ".join([*lines, f"& {result}"]) + r" \end{aligned}"
