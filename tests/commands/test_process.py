"""What only a whole process shows: streams, pipes, signals, statuses, and what is imported."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gradcalc import commands
from gradcalc.commands.group import COMMANDS

SETTINGS = ("NO_COLOR", "FORCE_COLOR", "GRADCALC_FORMAT", "_GRADCALC_COMPLETE")
environment = {name: value for name, value in os.environ.items() if name not in SETTINGS} | {
    "PYTHONPATH": str(Path(commands.__file__).parents[2])}
LOADED = "import sys; from gradcalc.commands import run; status = run(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"


@pytest.mark.parametrize("arguments", [
    ["eval", "x^2", "--at", "x=3", "--json"],
    *(["diff", "x^2*sin(x)", "--at", "x=3", "--mode", mode, "--json"]
      for mode in ("forward", "reverse", "symbolic", "complex", "finite")),
    ["diff", "x^2", "--json"],
    ["diff", "x^2", "--at", "x=3", "--format", "plain"],
    ["compare", "x^2*sin(x)", "--at", "x=3", "--json"],
    ["diff", "x^3", "--order", "2", "--json"],
    ["diff", "x^3", "--at", "x=3", "--no-trace", "--json"],
    ["jacobian", "x^2*y", "--at", "x=3,y=2", "--json"], ["hessian", "x^2*y", "--at", "x=3,y=2", "--json"],
    ["jvp", "x^2*y", "--at", "x=3,y=2", "--tangent", "x=1", "--format", "plain"],
    ["vjp", "x^2*y", "--at", "x=3,y=2", "--quiet"], ["hvp", "x^2*y", "--at", "x=3,y=2", "--vector", "x=1", "--json"],
    ["functions", "--json"], ["modes", "--json"], ["examples", "--json"], ["--help"], ["diff", "--help"], [],
    ["diff", "sinn(x)"],
])
def test_heavy_packages_are_not_imported(process, arguments):
    done = process(*arguments, python=("-c", LOADED))
    loaded = set(done.err.split())
    assert "gradcalc.commands" in loaded
    assert loaded.isdisjoint({"rich", "numpy", "lark"})


def test_the_short_way_to_an_answer_imports_little(process):
    loaded = set(process("diff", "x^2*sin(x)", "--at", "x=3", "--json", python=("-c", LOADED)).err.split())
    assert loaded.isdisjoint({"importlib.metadata", "pathlib", "difflib", "traceback", "click.shell_completion",
                              "gradcalc.render.formats.table", "gradcalc.render.formats.latex"})


def test_one_command_does_not_import_the_others(process):
    loaded = set(process("diff", "x", "--json", python=("-c", LOADED)).err.split())
    assert "gradcalc.commands.diff" in loaded
    assert loaded.isdisjoint(f"gradcalc.commands.{name}" for name in COMMANDS if name != "diff")


def test_arrays_do_import_numpy_and_plain_text_of_them_no_rich(process):
    loaded = set(process("jacobian", "x^2", "--at", "x=[1,2]", "--format", "plain", python=("-c", LOADED)).err.split())
    assert "numpy" in loaded and "rich" not in loaded


def test_a_table_imports_no_rich_and_a_chapter_in_colour_does(process):
    assert "rich" not in process("eval", "1", "--color", "always", python=("-c", LOADED)).err.split()
    assert "rich" in process("help", "glossary", "--color", "always", python=("-c", LOADED)).err.split()


def test_the_module_runs_and_the_process_ends_with_the_status(process):
    assert process("diff", "x^2", "--at", "x=3", "--quiet") == (0, "6.0\n", "")
    assert process("diff", "x+")[:2] == (2, "")
    assert process("eval", "log(-1)")[:2] == (3, "")


def test_a_table_in_a_pipe_is_neither_folded_nor_coloured(process):
    program = "a_very_long_name_indeed_it_is + " * 2 + "another_long_name * a_third_long_name_for_this_table"
    out = process("diff", program, "--at", "a_very_long_name_indeed_it_is=1,another_long_name=2,"
                  "a_third_long_name_for_this_table=3", COLUMNS="40").out
    rows = out.split("\n\n")[0].splitlines()
    assert len({len(row) for row in rows}) == 1
    assert len(rows[0]) > 120
    assert len(rows) == 4 + 6
    assert "\x1b" not in out


@pytest.mark.parametrize(("arguments", "settings", "colored"), [
    (["--color", "always"], {}, True), ([], {"FORCE_COLOR": "1"}, True), ([], {}, False), (["--color", "never"],
     {"FORCE_COLOR": "1"}, False), ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    (["--color", "always"], {"NO_COLOR": "1"}, True), ([], {"FORCE_COLOR": "1", "TERM": "dumb"}, True),
])
def test_colour(process, arguments, settings, colored):
    assert ("\x1b[" in process("eval", "1 + 2", *arguments, **settings).out) is colored
    assert ("\x1b[" in process("eval", "1 +", *arguments, **settings).err) is colored


@pytest.mark.parametrize(("term", "colored"), [("xterm", True), ("dumb", False)])
def test_colour_on_a_terminal(term, colored):
    pty = pytest.importorskip("pty", reason="only Unix has terminals that a test can open")
    ours, theirs = pty.openpty()
    subprocess.run([sys.executable, "-m", "gradcalc", "eval", "1"], stdin=theirs, stdout=theirs, stderr=theirs, check=True,
                   env=environment | {"TERM": term}, timeout=60)
    os.close(theirs)
    assert (b"\x1b[" in os.read(ours, 100_000)) is colored
    os.close(ours)


def test_markup_in_a_program_is_data(process):
    out = process("eval", "1 # [bold]x[/bold] :smile:", "--color", "always").out
    assert "[bold]" not in out
    error = process("eval", "1 + [/b]", "--color", "always").err
    assert "1 + [/b]" in error


def test_head_ends_it_quietly():
    program = "*".join(["x"] * 20_000)
    with subprocess.Popen([sys.executable, "-m", "gradcalc", "diff", "-", "--at", "x=1", "--json"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as running:
        assert running.stdin and running.stdout and running.stderr
        running.stdin.write(program.encode())
        running.stdin.close()
        assert running.stdout.read(10) == b'{"schema":'
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(60) == 0


def test_a_reader_that_has_gone_already(process):
    for arguments in ("--help", "eval 1", "examples"):
        line = f"{sys.executable} -m gradcalc {arguments} 2>err | true; echo ${{PIPESTATUS[0]}}; cat err; rm err"
        done = subprocess.run(["bash", "-c", f"cd $(mktemp -d); {line}"], capture_output=True, env=environment, check=True)
        assert done.stdout == b"0\n"


def test_an_error_that_nobody_reads_keeps_its_status():
    line = f"{sys.executable} -m gradcalc diff x+ 2>&1 | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, env=environment, check=True)
    assert (done.stdout, done.stderr) == (b"2\n", b"")


def test_a_full_device():
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full, a device that is always full")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([sys.executable, "-m", "gradcalc", "eval", "1"], stdout=full, stderr=subprocess.PIPE,
                              env=environment, check=False)
    assert (done.returncode, done.stderr) == (2, b"error: cannot write the output: No space left on device\n")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_output_is_utf8_whatever_the_locale(process, encoding):
    assert process("diff", "x^2", PYTHONIOENCODING=encoding).out == "∂(x^2)/∂x = 2*x\n"


@pytest.mark.parametrize("descriptor", ["<&-", ">&-", "2>&-"])
def test_closed_streams(descriptor):
    done = subprocess.run(["bash", "-c", f"{sys.executable} -m gradcalc eval 1+2 --quiet {descriptor}"], capture_output=True,
                          env=environment, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == (b"" if descriptor == ">&-" else b"3.0\n")


def test_nothing_waits_for_a_device_or_a_closed_input():
    for stdin in (subprocess.DEVNULL, None):
        line = [sys.executable, "-m", "gradcalc", "diff"]
        done = subprocess.run(line if stdin else ["bash", "-c", " ".join(line) + " <&-"], stdin=stdin, capture_output=True,
                              env=environment, check=False, timeout=60)
        assert (done.returncode, done.stdout) == (2, b"")
        assert done.stderr.startswith(b"error: an expression is missing\n")


def test_an_interruption():
    with subprocess.Popen([sys.executable, "-m", "gradcalc", "diff", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env=environment) as running:
        time.sleep(0.7)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)
    assert (running.returncode, out, err) == (130, b"", b"")


BUG = ("import gradcalc.program.program as home; home.parse = lambda *_: 1 // 0; "
       "from gradcalc.commands import main; main()")


def test_a_bug_is_one_line_and_status_70(process):
    done = process("eval", "1", python=("-c", BUG))
    assert (done.status, done.out) == (70, "")
    assert done.err == ("bug in gradcalc: ZeroDivisionError: integer division or modulo by zero; "
                        "--debug shows the traceback\n")
    assert json.loads(process("eval", "1", "--json", python=("-c", BUG)).err)["error"]["code"] == "bug"


def test_debug_shows_the_traceback(process):
    done = process("eval", "1", "--debug", python=("-c", BUG))
    assert done.status == 70
    assert done.err.startswith("Traceback (most recent call last):\n")
    assert "bug in gradcalc: ZeroDivisionError" in done.err.splitlines()[-1]
