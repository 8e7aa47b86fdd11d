"""The derivatives of the formulas of physics are no longer than sympy's."""

import statistics

import pytest
import sympy

from gradcalc.graph.formulas import Formulas, derivatives
from gradcalc.graph.tape import CONST, INPUT
from gradcalc.language.reading.limits import Limits
from gradcalc.language.reading.parser import parse
from gradcalc.language.writing.text import text
from tests.corpora import MISSING, formulas

FORMULAS = formulas("feynman")

def differentiated(expression: str, names: list[str]) -> Formulas:
    draft = parse(expression, Limits())
    graph = draft.graph
    return derivatives(graph, draft.output, {name: graph.names[name] for name in names}, graph.ancestors([draft.output]))


def printed_operations(written: str) -> int:
    """Operators and calls as they are printed; a shared part's line counts once."""
    total = 0
    for line in written.splitlines():
        draft = parse(line.partition(" = ")[2] or line, Limits())
        counts: dict[int, int] = {}
        for node in draft.graph.ancestors([draft.output]):
            op, args, _ = draft.graph.instructions[node]
            counts[node] = (op not in (INPUT, CONST, "pi", "tau")) + sum(counts[argument] for argument in args)
        total += counts[draft.output]
    return total


def test_counting() -> None:
    assert printed_operations("t1 = x^2\nt1*t1 + sin(pi)") == 4
    assert printed_operations("x**2*x**2") == 3


@pytest.mark.skipif(not FORMULAS, reason=MISSING)
def test_no_longer_than_sympy() -> None:
    ratios = []
    for identifier, expression, _, _, gradient in FORMULAS:
        names = list(gradient)
        ours = differentiated(expression, names)
        symbols = {name: sympy.Symbol(name) for name in parse(expression, Limits()).graph.names if name != "pi"}
        theirs = sympy.sympify(expression, locals={**symbols, "arcsin": sympy.asin})
        for name in names:
            counts = [printed_operations(text(ours.graph, ours.roots[name])),
                      printed_operations(str(sympy.diff(theirs, symbols[name])))]
            assert counts[0] <= counts[1] + 1, (identifier, name)
            ratios.append((counts[0] + 1e-9)/(counts[1] + 1e-9))
    assert len(ratios) == 234
    assert statistics.median(ratios) <= 1
    assert statistics.mean(ratios) <= 0.97
