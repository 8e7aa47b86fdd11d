"""Whatever is put in, what comes out is an answer or a GradcalcError: a small run of the fuzzer, and hypothesis's inputs."""

import contextlib
import io
import json
import math
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import gradcalc
from gradcalc.commands import run

sys.path.insert(0, str(Path(__file__).parent))
import fuzz

EAGER = settings(deadline=None, derandomize=True, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
#: Characters of the language, and any other.
TEXTS = st.one_of(st.text(max_size=40), st.text("xyab01.^*/+-()[],;= \n<>!@#²³πeE", max_size=40),
                  st.lists(st.sampled_from(fuzz.TOKENS), max_size=20).map(" ".join))
NUMBERS = st.one_of(st.floats(), st.sampled_from(fuzz.NUMBERS), st.integers())
VALUES = st.one_of(NUMBERS, st.recursive(NUMBERS, lambda inner: st.lists(inner, max_size=3), max_leaves=8),
                   st.none(), st.text(max_size=3), st.booleans())


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """NumPy's warnings are errors here, as everywhere in these tests; nobody reads standard input."""
    stdin = sys.stdin
    sys.stdin = io.StringIO("")
    yield
    sys.stdin = stdin


@pytest.mark.parametrize(("kind", "runs"), [
    ("bytes", 3000), ("tokens", 3000), ("mutants", 2000), ("grown", 1500), ("commands", 250)])
def test_a_run_of_the_fuzzer(kind: str, runs: int) -> None:
    count, failures = fuzz.fuzz(runs, 1, kind)
    assert count == runs
    assert failures == []


def test_the_fuzzer_sees_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Any, *_: Any, **__: Any) -> Any:
        raise KeyError("planted")

    monkeypatch.setattr(gradcalc.Program, "eval", broken)
    with contextlib.redirect_stderr(io.StringIO()):
        failures = fuzz.fuzz(3000, 1, "mutants", shown=1)[1]
    assert len(failures) == 1
    assert "KeyError" in failures[0] and "planted" in failures[0]


def test_most_grown_programs_have_answers() -> None:
    """A fuzzer whose inputs are all refused by the parser would test the parser alone."""
    answered = 0
    for seed in range(200):
        source = random.Random(seed)
        with contextlib.suppress(gradcalc.GradcalcError):
            fuzz.ask(fuzz.statements(source), "diff", "reverse", "mean", fuzz.mood(source))
            answered += 1
    assert answered >= 30


@EAGER
@given(text=TEXTS)
def test_any_text(text: str) -> None:
    try:
        program = gradcalc.parse(text)
        program.write("latex")
        program.diff()
    except gradcalc.GradcalcError as problem:
        assert problem.diagnostic.message
        span = problem.diagnostic.span
        assert span is None or 0 <= span.start <= span.end <= len(text)


@EAGER
@given(x=VALUES, y=VALUES, mode=st.sampled_from(fuzz.MODES), text=st.sampled_from(fuzz.seeds()))
def test_any_point(x: Any, y: Any, mode: str, text: str) -> None:
    program = gradcalc.parse(text)
    at = {name: x if place % 2 else y for place, name in enumerate(program.inputs)}
    try:
        result = program.diff(None, at, mode)
    except gradcalc.GradcalcError:
        return
    numbers = [number for value in (result.value, *result.gradient.values()) for number in listed(value)]
    assert all(map(math.isfinite, numbers))


def listed(value: Any) -> list[float]:
    return value.ravel().tolist() if hasattr(value, "ravel") else [value]


@EAGER
@given(command=st.sampled_from(fuzz.COMMANDS), words=st.lists(st.one_of(st.sampled_from(fuzz.OPTIONS), TEXTS), max_size=4))
def test_any_command_line(command: str, words: list[str]) -> None:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = run([command, *words])
    assert status in fuzz.STATUSES
    assert "Traceback" not in err.getvalue() and "bug in gradcalc" not in err.getvalue()
    if status in (2, 3) and "--json" in words and not out.getvalue():
        assert json.loads(err.getvalue().splitlines()[-1])["error"]["message"]
