"""The derivatives of the formulas of physics are no longer than sympy's, and right to the last digits."""

import json
import os
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

from gradcalc.graph.formulas import Formulas, derivatives
from gradcalc.graph.tape import CONST, INPUT
from gradcalc.language.limits import Limits
from gradcalc.language.parser import parse
from gradcalc.language.printer import text

#: How often a partial of a corpus may miss 1e-12: formulas whose terms cancel, or that are undefined at their point.
ALLOWED = {"feynman.tsv": 0, "symbolic_regression.tsv": 9, "antiderivatives.tsv": 6}


def corpus(name: str) -> Iterator[list[str]]:
    """The rows of a corpus: an id, an expression, a point, its value and gradient."""
    folder = Path(os.environ.get("GRADCALC_CORPORA", Path(__file__).parents[3] / "shared" / "corpora"))
    if not (folder / name).is_file():
        pytest.skip(f"no {name}: set GRADCALC_CORPORA to the folder that holds it")
    return (line.split("\t") for line in (folder / name).read_text(encoding="utf-8").splitlines())


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


def test_no_longer_than_sympy() -> None:
    sympy = pytest.importorskip("sympy")
    ratios = []
    for identifier, expression, _, _, gradient in corpus("feynman.tsv"):
        names = list(json.loads(gradient))
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


@pytest.mark.parametrize("name", ALLOWED)
def test_the_formulas_are_right(name: str) -> None:
    short = []
    for identifier, expression, point, _, gradient in corpus(name):
        expected = {key: float(number) for key, number in json.loads(gradient).items()}
        found = differentiated(expression, list(expected)).evaluate(json.loads(point))
        short += [(identifier, key, found[key], number) for key, number in expected.items()
                  if not abs(found[key] - number) <= 1e-12*abs(number)]
    assert len(short) <= ALLOWED[name], short
