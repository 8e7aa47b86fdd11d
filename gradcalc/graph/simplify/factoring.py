"""Which factors the terms of a sum have in common, and when a person would write them once.

Polynomials in the inputs stay sums of terms (``x^2 + x``); a common function, sum, root or divisor is taken out:
``exp(x)*(x + 1)``, ``(a + b)/c``.
"""

import math
from fractions import Fraction

from gradcalc.graph.simplify.exact import Number, plus, settle, times
from gradcalc.graph.simplify.normal_form import ATOM, PRODUCT, NormalForms, Value
from gradcalc.graph.tape import INPUT

#: Sums of more terms are left as they are.
TERMS = 16


def factored(forms: NormalForms, terms: dict[int, Number], constant: Number) -> Value:
    """The value of a sum, its common factors in front where that reads better."""
    terms = {body: coefficient for body, coefficient in terms.items() if coefficient}
    if constant or not 1 < len(terms) <= TERMS:
        return forms.sum(terms, constant)
    common = _common(forms, terms)
    if not any(_heavy(forms, base) or exponent < 0 for base, exponent in common.items()):
        return forms.sum(terms, constant)
    content = _content(list(terms.values()))
    inner: dict[int, Number] = {}
    rest: Number = 0
    for body, coefficient in sorted(terms.items()):
        factors = dict(_powers(forms, body))
        for base, exponent in common.items():
            factors[base] = _minus(factors[base], exponent)
        rest = forms.add(inner, rest, 1, forms.product(factors, times(coefficient, settle(1 / content))))
    outer = dict(common)
    number = forms.multiply(outer, 1, forms.sum(inner, rest), 1)
    return forms.product(outer, times(number, settle(content)))


def _powers(forms: NormalForms, body: int) -> tuple[tuple[int, Number], ...]:
    return forms.parts[body] if forms.kinds[body] == PRODUCT else ((body, 1),)


def _common(forms: NormalForms, terms: dict[int, Number]) -> dict[int, Number]:
    """The powers that divide every term."""
    common: dict[int, Number] | None = None
    for body in terms:
        powers = _powers(forms, body)
        if common is None:
            common = dict(powers)
            continue
        shared: dict[int, Number] = {}
        for base, exponent in powers:
            known = common.get(base)
            if known is not None and (known > 0) == (exponent > 0):
                shared[base] = min(known, exponent) if exponent > 0 else max(known, exponent)
        if not shared:
            return {}
        common = shared
    return common or {}


def _heavy(forms: NormalForms, base: int) -> bool:
    """Whether a base is more than an input or a constant with a name."""
    return forms.kinds[base] != ATOM or (forms.parts[base][0] != INPUT and len(forms.parts[base]) > 1)


def _minus(a: Number, b: Number) -> Number:
    return plus(a, times(-1, b))


def _content(coefficients: list[Number]) -> Fraction:
    """The largest number by which all of these are whole; 1 where one of them is a decimal."""
    if any(isinstance(c, float) for c in coefficients):
        return Fraction(1)
    return Fraction(math.gcd(*[c.numerator for c in coefficients if not isinstance(c, float)]),
                    math.lcm(*[c.denominator for c in coefficients if not isinstance(c, float)]))
