"""Right and wrong claims from formulas: derivatives found by gradcalc and by SymPy, written in other ways, and spoilt ones.

That a spoilt claim is another function is known from 30 digits at the formula's point, not from gradcalc.
"""

import random
import re
from collections.abc import Iterator
from typing import NamedTuple

import sympy
from sympy.printing.str import StrPrinter

import gradcalc
from tests.corpora import Formula

#: Functions that SymPy takes for complex ones with another branch, or does not have.
OTHERWISE = ("cbrt", "floor", "ceil", "round", "mod", "max", "min", "clip", "sign", "log2", "log10", "atan2", "hypot")
NAMES = {"log": sympy.log, "ln": sympy.log, "exp": sympy.exp, "sqrt": sympy.sqrt, "abs": sympy.Abs, "pi": sympy.pi,
         **{name: getattr(sympy, name) for name in "sin cos tan sec csc cot asin acos atan sinh cosh tanh asinh acosh atanh "
            "erf erfc".split()}, "arcsin": sympy.asin, "arccos": sympy.acos, "arctan": sympy.atan}
#: A longer claim is no hand's work.
LONGEST = 600
SWAPS = {"sin": "cos", "cos": "sin", "exp": "cosh", "log": "sqrt", "sqrt": "log", "tan": "sin", "atan": "tanh", "asin": "atan",
         "sinh": "cosh", "cosh": "sinh", "tanh": "atan", "sec": "csc", "cot": "tan"}


class Exercise(NamedTuple):
    """A program, and a claim about its derivative with respect to ``name``."""

    program: str
    name: str
    claim: str
    how: str


class Printer(StrPrinter):
    """SymPy's formulas in gradcalc's language."""

    def _print_Exp1(self, _: object) -> str:  # noqa: N802
        return "exp(1)"

    def _print_Abs(self, each: sympy.Abs) -> str:  # noqa: N802
        return f"abs({self._print(each.args[0])})"


def read(formula: Formula) -> sympy.Expr | None:
    """The formula as SymPy has it, in real variables."""
    if any(re.search(rf"\b{name}\(", formula.expression) for name in OTHERWISE):
        return None
    known = {name: sympy.Symbol(name, real=True) for name in formula.at}
    found = sympy.sympify(formula.expression.replace("^", "**"), locals=NAMES | known, rational=False)
    return found if found.free_symbols <= set(known.values()) and sympy.count_ops(found) <= 60 else None


def written(formula: sympy.Expr) -> str | None:
    """The formula as a claim, if gradcalc has all that it needs."""
    text = Printer().doprint(formula)
    if len(text) > LONGEST or formula.has(sympy.I, sympy.nan, sympy.zoo, sympy.oo):
        return None
    try:
        gradcalc.parse(text)
    except gradcalc.GradcalcError:
        return None
    return text


def in_sines(formula: sympy.Expr) -> sympy.Expr:
    """Tangents and their like as sines and cosines, exponentials of sums as products."""
    formula = formula.replace(sympy.tan, lambda x: sympy.sin(x) / sympy.cos(x)).replace(
        sympy.cot, lambda x: sympy.cos(x) / sympy.sin(x)).replace(sympy.tanh, lambda x: sympy.sinh(x) / sympy.cosh(x))
    return sympy.expand(formula, power_exp=True, mul=False, power_base=False, log=False, multinomial=False)


REWRITINGS = {
    "as it is": lambda formula: formula,
    "expanded": lambda formula: sympy.expand(formula, power_base=False, log=False),
    "factored": sympy.factor,
    "over one denominator": sympy.together,
    "in sines": in_sines,
    "angles multiplied out": sympy.expand_trig,
    "doubled and halved": lambda formula: sympy.Mul(sympy.Rational(1, 2), formula * 2 + formula - formula, evaluate=False),
    "powers in front": sympy.powsimp,
}


def right(formulas: list[Formula], seed: int = 0) -> Iterator[Exercise]:
    """Right claims: a derivative of each formula, by SymPy or by gradcalc, in one of the ways to write it."""
    source = random.Random(seed)
    for formula in formulas:
        name, how = source.choice(sorted(formula.at)), source.choice(["gradcalc", *REWRITINGS])
        if how == "gradcalc":
            text = gradcalc.parse(formula.expression).diff(name).formula[name]
            claim = text if len(text) <= LONGEST and "\n" not in text else None
        else:
            expression = read(formula)
            if expression is None:
                continue
            claim = written(REWRITINGS[how](sympy.diff(expression, sympy.Symbol(name, real=True))))
        if claim is not None:
            yield Exercise(formula.expression, name, claim, how)


def wrong(formulas: list[Formula], seed: int = 0) -> Iterator[Exercise]:
    """Wrong claims: the derivative of each formula with one thing changed."""
    source = random.Random(seed)
    for formula in formulas:
        name, expression = source.choice(sorted(formula.at)), read(formula)
        if expression is None:
            continue
        claim = written(sympy.diff(expression, sympy.Symbol(name, real=True)))
        if claim is None:
            continue
        spoilt = list(_spoilt(claim, source))
        for how, changed in [*source.sample(spoilt, len(spoilt)), ("sign of all", f"-({claim})")]:
            if differs(changed, claim, formula):
                yield Exercise(formula.expression, name, changed, how)
                break


def _spoilt(claim: str, source: random.Random) -> Iterator[tuple[str, str]]:
    """The claim with one number, sign, function, term or exponent changed."""
    def at(match: re.Match[str], text: str) -> str:
        return claim[:match.start()] + text + claim[match.end():]

    for pattern, how, make in (
            (r"(?<![\w.*])\d+\.?\d*(?![\w.])", "coefficient", lambda m: str(float(m[0]) + source.choice((1.0, 0.5, 0.01)))),
            (r"(?<=\*\*)\d+", "exponent", lambda m: str(int(m[0]) + 1)),
            (r"(?<=\*\*\()-?\d+", "exponent", lambda m: str(int(m[0]) + 1)),
            (r" \+ ", "sign", lambda m: " - "), (r" - ", "sign", lambda m: " + "),
            (r"\b[a-z]+(?=\()", "function", lambda m: SWAPS.get(m[0], "sin")),
            (r" [+-] [^()+-]+(?= [+-]|$)", "term", lambda m: "")):
        matches = list(re.finditer(pattern, claim))
        if matches:
            match = source.choice(matches)
            yield how, at(match, make(match))
    if source.random() < 0.1:
        yield "factor", f"({claim})*2"


def differs(one: str, other: str, formula: Formula) -> bool:
    """Whether the two are different numbers at the formula's point, to 30 digits."""
    known = {name: sympy.Symbol(name, real=True) for name in formula.at}
    values = {known[name]: sympy.Rational(str(value)) for name, value in formula.at.items()}
    try:
        numbers = [sympy.sympify(text, locals=NAMES | known).subs(values).evalf(30) for text in (one, other)]
    except (TypeError, ValueError, sympy.SympifyError):
        return False
    if not all(number.is_Float or number.is_Integer or number.is_Rational for number in numbers):
        return False
    return bool(abs(numbers[0] - numbers[1]) > sympy.Float("1e-12", 30) * (abs(numbers[0]) + abs(numbers[1])))
