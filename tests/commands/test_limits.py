"""Every limit ends with an error that names it and the option that raises it, soon, and with nothing written."""

import json
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

import gradcalc
from gradcalc.commands import resource_limits as guard
from gradcalc.diagnostics import ExitStatus
from gradcalc.language.reading.limits import Limits

resource = pytest.importorskip("resource", reason="the system bounds no memory")

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts the memory that a process uses for data")


def doubled(first: str, each: str, times: int) -> str:
    """A program in which each statement makes two of the one before."""
    lines = [f"x0 = {first}", *(f"x{k + 1} = {each.format(f'x{k}')}" for k in range(times))]
    return "; ".join([*lines, f"sum(x{times})"])


NAMES = ",".join(f"x{k}=1" for k in range(200))
SUM = "+".join(f"x{k}" for k in range(200))
#: The arguments, a part of the message, and the option that the hint names.
CASES: dict[str, tuple[list[str], str, str]] = {
    "text": (["eval", "x + 1", "--at", "x=1", "--max-text", "4"], "5 characters", "--max-text"),
    "depth": (["eval", "((1))", "--max-depth", "1"], "more than 1 deep", "--max-depth"),
    "nodes": (["eval", "1+2+3+4", "--max-nodes", "3"], "more than 3 operations", "--max-nodes"),
    "digits": (["eval", "x + " + "1" * 1001, "--at", "x=1"], "more than 1,000 digits", "--max-digits"),
    "digits of a fraction": (["eval", "0.125", "--max-digits", "4"], "more than 4 digits", "--max-digits"),
    "digits of an index": (["eval", "x[00001]", "--at", "x=[1,2]", "--max-digits", "4"], "than 4 digits", "--max-digits"),
    "digits of a point": (["eval", "x", "--at", "x=0.125", "--max-digits", "4"], "more than 4 digits", "--max-digits"),
    "stacks": (["eval", doubled("[a, a]", "[{0}, {0}]", 29), "--at", "a=1"], "134,217,728 entries", "--max-entries"),
    "joins": (["diff", doubled("[a, a]", "concat({0}, {0})", 60), "--at", "a=1"], "134,217,728 entries", "--max-entries"),
    "constants": (["diff", doubled("[1, 2]", "concat({0}, {0})", 400) + "*a"], "134,217,728 entries", "--max-entries"),
    "broadcast": (["eval", "sum(reshape(x, [3, 1])*x)", "--at", "x=[1,2,3]", "--max-entries", "8"], "9 entries",
                  "--max-entries"),
    "axes": (["eval", f"reshape(x, [{','.join('1' * 40)}])", "--at", "x=[1]"], "32", "fewer"),
    "jacobian": (["jacobian", "x*2", "--at", "x=[1,2,3]", "--max-entries", "8"], "Jacobian has 9 entries", "--max-entries"),
    "hessian": (["hessian", SUM, "--at", NAMES, "--max-entries", "39999"], "Hessian has 40,000 entries", "--max-entries"),
    "order": (["diff", "sum(x^9)", "--at", "x=[1,2,3,4]", "--order", "8", "--max-entries", "9999"], "4^8 entries",
              "--max-entries"),
    "order of a number": (["diff", "exp(sin(x))", "--order", "40", "--max-nodes", "40000"], "1,000 operations", "--max-nodes"),
    "order of an entry": (["diff", "sum(exp(sin(x)))", "--at", "x=[1]", "--order", "30", "--max-nodes", "40000"],
                          "1,000 operations", "--max-nodes"),
    "seconds": (["eval", "x^2", "--at", "x=1", "--max-seconds", "1e-6"], "longer than 1e-06 seconds", "--max-seconds"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_limit(case: tuple[list[str], str, str], run: Callable[..., Any]) -> None:
    given, said, option = case
    start = time.monotonic()
    done = run(*given)
    assert time.monotonic() - start < 5.0
    assert done.status == ExitStatus.BAD_INPUT
    assert done.out == ""
    assert said in done.err.replace("\n", " ")
    assert option in done.err
    machine = run(*given, "--json")
    assert machine.out == ""
    found = json.loads(machine.err)["error"]
    assert found["code"] == "limit"
    assert option in found["hint"]


def test_what_is_below_the_limits_has_an_answer(run: Callable[..., Any]) -> None:
    for given in (["eval", "1" * 300], ["eval", "0." + "1" * 5000, "--max-digits", "5002"],
                  ["jacobian", "x*2", "--at", "x=[1,2,3]", "--max-entries", "9", "--quiet"],
                  ["diff", "x^3", "--at", "x=2", "--max-seconds", "60", "--max-memory", "2GB", "--order", "3"]):
        assert run(*given).status == ExitStatus.DONE, given


def test_the_library_has_limits_too() -> None:
    with pytest.raises(gradcalc.GradcalcError) as caught:
        gradcalc.parse("x + 0.125", Limits(digits=4))
    assert caught.value.diagnostic.code == "limit"
    with pytest.raises(gradcalc.GradcalcError) as caught:
        gradcalc.parse("sum([x, x, x])", Limits(entries=2)).eval({"x": 1})
    assert caught.value.diagnostic.span is not None
    assert gradcalc.parse("sum([x, x, x])", Limits(entries=3)).eval({"x": 1}).value == 3.0


@pytest.mark.parametrize(("written", "size"), [
    ("1GB", 1 << 30), ("1.5 gb", 3 << 29), ("512MB", 1 << 29), ("512", 1 << 29), ("1048576kB", 1 << 30), ("2TB", 2 << 40)])
def test_amounts_of_memory(written: str, size: int) -> None:
    assert guard.in_bytes(written) == size


@pytest.mark.parametrize("written", ["", "GB", "lots", "-1GB", "nan", "inf", "1e30GB", "1MB", "4GiBs"])
def test_what_is_no_amount(written: str, run: Callable[..., Any]) -> None:
    assert guard.in_bytes(written) is None
    done = run("eval", "1", f"--max-memory={written}")
    assert done.status == ExitStatus.BAD_INPUT
    assert "--max-memory 4GB" in done.err


def test_a_long_computation_is_interrupted(run: Callable[..., Any]) -> None:
    start = time.monotonic()
    done = run("diff", "exp(sin(x))", "--order", "40", "--max-nodes", "99999999", "--max-seconds", "0.5")
    assert 0.4 < time.monotonic() - start < 10.0
    assert (done.status, done.out) == (ExitStatus.BAD_INPUT, "")
    assert done.err == "error: the command takes longer than 0.5 seconds\n  raise --max-seconds\n"


def test_no_mode_takes_the_interruption_for_its_own_trouble(run: Callable[..., Any]) -> None:
    done = run("compare", "sum(x^2)", "--at", f"x=[{','.join('1' * 3000)}]", "--max-seconds", "0.3")
    assert (done.status, done.out) == (ExitStatus.BAD_INPUT, "")
    assert "--max-seconds" in done.err


def test_the_clock_stops_with_the_command(run: Callable[..., Any]) -> None:
    before = signal.getsignal(signal.SIGALRM)
    for text in ("1", "1/0", "("):
        run("eval", text, "--max-seconds", "0.5")
        assert signal.getitimer(signal.ITIMER_REAL)[0] == 0.0
        assert signal.getsignal(signal.SIGALRM) == before
    time.sleep(0.6)


def test_where_there_is_no_timer(monkeypatch: pytest.MonkeyPatch, run: Callable[..., Any]) -> None:
    monkeypatch.delattr(signal, "setitimer")
    done = run("diff", "exp(sin(x))", "--order", "40", "--max-nodes", "99999999", "--max-seconds", "0.5")
    assert (done.status, done.out) == (ExitStatus.BAD_INPUT, "")
    assert "--max-seconds" in done.err
    assert run("eval", "1", "--max-seconds", "0.2").status == ExitStatus.DONE
    time.sleep(0.3)


def test_in_another_thread_there_is_no_clock(run: Callable[..., Any]) -> None:
    statuses: list[int] = []
    thread = threading.Thread(target=lambda: statuses.append(run("eval", "1", "--max-seconds", "0.2").status))
    thread.start()
    thread.join()
    assert statuses == [ExitStatus.DONE]


@LINUX
def test_memory_is_bounded(process: Callable[..., Any]) -> None:
    given = ["eval", "s = reshape(x, [10000, 1])*x; sum(s)", "--at", "-"]
    point = json.dumps({"x": [1.0] * 10_000}).encode()
    done = process(*given, "--max-memory", "300MB", stdin=point)
    assert (done.status, done.out) == (ExitStatus.BAD_INPUT, "")
    assert done.err == "error: the command needs more than 300 MB of memory\n  raise --max-memory\n"
    assert process(*given, "--max-memory", "4GB", "--quiet", stdin=point).out == "100000000.0\n"


@LINUX
def test_the_bound_ends_with_the_command(run: Callable[..., Any]) -> None:
    before = resource.getrlimit(resource.RLIMIT_DATA)
    assert run("eval", "1", "--max-memory", "2GB").status == ExitStatus.DONE
    assert resource.getrlimit(resource.RLIMIT_DATA) == before


@LINUX
def test_by_default_most_of_the_memory_may_be_used() -> None:
    total = guard._most()
    assert total is not None
    assert 1 << 28 < total < 1 << 50
