"""Statements whose kinds of tokens return are not parsed again, and come to the same."""

import random
import re
from typing import Any

import pytest

from gradcalc import GradcalcError, Limits
from gradcalc.language.reading import parser
from gradcalc.language.reading.statement_cache import StatementTemplate

STATEMENTS = (
    "c = a + b", "d = a*b - c/2 ^ -a", "q = sin(a)*f(a, 1e-3)", "f(u, v) = u*v + a", "a", "", "2", "-3.5e2", "pi*a", "a²·b³",
    "A = [[1, a], [-2, 3]]", "B = A@A.T + A[0, ::2]", "s = sum(A, axis=[0, 1], keepdims=True)",
    "w = where(a < b and not b >= 1, a, b)", "g() = 4", "x = ((a))", "y = f(a)", "h(a, a) = 1",
    "i = a +", "j = (a + b", "k = a + b)", "l = [a", "m = 1 2", "c = a",
    "nosuch(a)", "n = max(a, b, 3)", "o = min()", "p = 9999999999999999999", "r = a[...]", "t = reshape(A, [2, 2]; 3)",
    "v = a # no", "z = (a +\n  b)*[1,\n 2]", "=", "a = = b", "sin", "e = 0.1 + 0.10", "α = ω*2",
)
NAME = re.compile(r"\b([a-zA-Zα-ω])\b")


def program(rng: random.Random) -> str:
    """Some statements, most of them several times, with names and numbers of their own."""
    chosen = [rng.choice(STATEMENTS) for _ in range(rng.randint(1, 4))]
    lines = []
    for k in range(rng.randint(1, 12)):
        line = rng.choice(chosen)
        line = line if rng.random() < 0.2 else NAME.sub(lambda found, k=k: f"{found[1]}{k}", line, count=rng.randint(0, 2))
        lines.append(" " * rng.randint(0, 2) + line.replace("2", rng.choice("259")) + rng.choice(("\n", "\n\n", "; ", " ;\n")))
    return "".join(lines)


def outcome(text: str, limits: Limits) -> tuple[Any, ...]:
    """What is recorded, with places, or the error."""
    try:
        draft = parser.parse(text, limits)
    except GradcalcError as problem:
        return str(problem), problem.diagnostic
    graphs = [draft.graph, *(function.graph for function in draft.functions.values())]
    return draft.output, draft.name, draft.span, [
        (graph.instructions, list(graph.starts), list(graph.ends), graph.names) for graph in graphs]


@pytest.mark.parametrize("seed", range(20))
def test_a_form_does_what_the_parser_does(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(seed)
    replayed, good = 0, 0
    replay = StatementTemplate.replay

    def counted(*args: Any) -> None:
        nonlocal replayed
        replayed += 1
        replay(*args)

    monkeypatch.setattr(StatementTemplate, "replay", counted)
    for _ in range(200):
        text = program(rng)
        limits = Limits(depth=rng.choice((3, 1000)))
        with monkeypatch.context() as patch:
            patch.setattr(parser, "LONGEST", 0)
            before, expected = replayed, outcome(text, limits)
            assert replayed == before
        assert outcome(text, limits) == expected, text
        good += len(expected) == 4
    assert replayed > 100 and 20 < good < 200
