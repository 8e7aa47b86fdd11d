"""``gradcalc help``: the list of chapters, a chapter, the options of a command; in a pipe and on a terminal."""

import json
import os
import subprocess
import sys

import pytest

from gradcalc import help as reference
from gradcalc.commands.group import COMMANDS
from gradcalc.render.numbers import width
from tests.commands.conftest import environment


def test_the_list(run):
    done = run("help")
    assert (done.status, done.err) == (0, "")
    for topic, summary in reference.chapters().items():
        assert f"│ {topic} " in done.out and summary in done.out
    assert max(map(width, done.out.splitlines())) <= 80
    assert run("help", "--quiet").out.split() == list(reference.chapters())
    assert json.loads(run("help", "--json").out) == {"schema": "gradcalc/1", "command": "help", "topics": [
        {"topic": topic, "summary": summary} for topic, summary in reference.chapters().items()]}


def test_a_chapter_goes_into_a_pipe_as_it_is_written(run):
    written = reference.text("exit-statuses")
    for arguments in (["exit-statuses"], ["exit-statuses", "--format", "plain"], ["exit", "statuses", "--quiet"]):
        assert run("help", *arguments) == (0, written, "")
    assert json.loads(run("help", "exit-statuses", "--json").out) == {
        "schema": "gradcalc/1", "command": "help", "topic": "exit-statuses", "text": written}
    latex = run("help", "exit-statuses", "--format", "latex").out.splitlines()
    assert latex == [r"\begin{verbatim}", *written.splitlines(), r"\end{verbatim}"]


def test_color_draws_it(run):
    out = run("help", "Exit-Statuses", "--color", "always").out
    assert "\x1b[" in out and "```" not in out and "|---|" not in out
    assert "gradcalc help tables" in out


@pytest.mark.parametrize("command", COMMANDS)
def test_of_a_command_its_options(run, command):
    assert run("help", command) == (0, run(command, "--help").out, "")


@pytest.mark.parametrize(("words", "hint"), [
    (["langage"], "did you mean 'language'?"),
    (["dif"], "did you mean 'diff'?"),
    (["adding", "an", "operator"], "did you mean 'adding-an-operation'?"),
    (["zzzzzz"], "'gradcalc help' lists the topics"),
])
def test_an_unknown_topic(run, words, hint):
    done = run("help", *words, "--json")
    assert (done.status, done.out) == (2, "")
    assert json.loads(done.err)["error"]["hint"] == hint


@pytest.mark.skipif(sys.platform == "win32", reason="the system has no such terminals")
@pytest.mark.parametrize("columns", [50, 100])
def test_on_a_terminal_it_is_as_wide_as_the_terminal(columns):
    import pty
    import termios

    mine, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (40, columns))
    settings = environment(TERM="xterm", NO_COLOR="1")
    for name in ("COLUMNS", "LINES"):
        settings.pop(name, None)
    with subprocess.Popen([sys.executable, "-m", "gradcalc", "help", "glossary"], stdout=theirs, env=settings) as process:
        os.close(theirs)
        pieces = []
        try:
            while piece := os.read(mine, 1 << 16):
                pieces.append(piece)
        except OSError:  # what Linux says at the end
            pass
    os.close(mine)
    lines = b"".join(pieces).decode().splitlines()
    assert process.returncode == 0
    assert not any(line.startswith(("# ", "|---")) for line in lines)
    assert columns - 10 <= max(map(width, lines)) <= columns
