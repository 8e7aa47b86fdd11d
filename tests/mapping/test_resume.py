"""What becomes of a file when something comes between: killed, full, changed, in use. Nothing incomplete ever has its name."""

import fcntl
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from gradcalc import mapping
from gradcalc.diagnostics import GradcalcError
from gradcalc.mapping import output_files as deliveries
from gradcalc.mapping.rows import Answering, Asked
from gradcalc.program.program import parse
from gradcalc.tables import numeric, opened, sources, writer
from tests.commands.conftest import environment

FORMULA = "log(x)*sin(y)/(1 + x^2)"
ROWS = 40_000
#: The command with every block noted, in blocks so small that there are many.
NOTED = ("import sys, gradcalc.mapping.output_files as d, gradcalc.tables.sources as s; d.EVERY = 0; s.PIECE = 1 << 14; "
         "from gradcalc.commands import main; main()")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a table in it, in which some rows are bad."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(1)
    lines = [f"{x!r},{y!r}\n" for x, y in rng.uniform(0.5, 2, (ROWS, 2)).tolist()]
    for place in range(100, ROWS, 5000):
        lines[place] = "-1,2\n"
        lines[place + 1000] = '"3",oops\n'
    (tmp_path / "t.csv").write_text("x,y\n" + "".join(lines))
    return tmp_path


def command(*words):
    return [sys.executable, "-c", NOTED, "map", FORMULA, "--data", "t.csv", *words]


@pytest.mark.parametrize("out", ["o.jsonl", "o.csv", "o.npz", "o.parquet"])
def test_killed_and_resumed_it_is_the_same_file(folder, out):
    if out.endswith("parquet"):
        pytest.importorskip("pyarrow")
    start = time.monotonic()
    subprocess.run(command("--out", f"whole-{out}"), check=True, env=environment(), capture_output=True)
    whole = time.monotonic() - start
    rng = random.Random(out)
    for attempt in range(30):
        with subprocess.Popen(command("--out", out, "--resume"), env=environment(), stderr=subprocess.PIPE) as running:
            try:
                # The first ones are killed early, the last one is let through.
                running.communicate(timeout=rng.uniform(0.3, 1.1) * whole if attempt < 6 else None)
                assert running.returncode == 0
                break
            except subprocess.TimeoutExpired:
                running.send_signal(signal.SIGKILL)
        if (folder / out).exists():  # killed on its way out
            assert (folder / out).read_bytes() == (folder / f"whole-{out}").read_bytes()
    assert (folder / out).read_bytes() == (folder / f"whole-{out}").read_bytes()
    assert sorted(path.name for path in folder.iterdir()) == sorted([out, "t.csv", f"whole-{out}"])


@pytest.fixture
def small(monkeypatch):
    """Every block noted, and many blocks."""
    monkeypatch.setattr(deliveries, "EVERY", 0)
    monkeypatch.setattr(sources, "PIECE", 1 << 14)
    monkeypatch.setattr(numeric, "ROWS", 1000)


def once(out, resume=False, about="this", tell=lambda state: None, data="t.csv", on_error="record"):
    with opened(data) as table:
        answering = Answering(Asked(parse(FORMULA), {}, on_error=on_error), table)
        return mapping.run(answering, table, writer(out.rpartition(".")[2], answering.wrt, True),
                           deliveries.delivery(out, {"about": about}, resume, True), tell)


class Interrupted(BaseException):
    """Ends a run at a place of one's own choice."""


def interrupted(out, after, **more):
    """A run that is interrupted after so many blocks."""
    seen = []

    def tell(state):
        seen.append(state)
        if len(seen) == after:
            raise Interrupted

    with pytest.raises(Interrupted):
        once(out, tell=tell, **more)
    return seen[-1]


@pytest.mark.parametrize("out", ["o.jsonl", "o.csv", "o.npy", "o.npz"])
def test_it_goes_on_where_it_was(folder, small, out):
    whole = once(f"whole-{out}")
    assert whole[:3] == (ROWS, 16, "row 100 (line 102): log of -1: the logarithm needs a positive number")
    assert whole.kinked == 0
    last = interrupted(out, 20)
    rest = []
    assert interrupted(out, 5, resume=True).rows > last.rows
    assert once(out, resume=True, tell=rest.append)[:3] == whole[:3]
    assert rest[0].rows > last.rows
    assert (folder / out).read_bytes() == (folder / f"whole-{out}").read_bytes()


def test_every_place_to_be_interrupted_at(folder, small):
    (folder / "t.csv").write_text("".join((folder / "t.csv").read_text().splitlines(keepends=True)[:6000]))
    blocks = []
    once("whole.csv", tell=blocks.append)
    for after in range(1, len(blocks) + 1):
        interrupted("o.csv", after)
        once("o.csv", resume=True)
        assert (folder / "o.csv").read_bytes() == (folder / "whole.csv").read_bytes()


def test_the_journal_may_be_cut_off_anywhere(folder, small):
    (folder / "t.csv").write_text("".join((folder / "t.csv").read_text().splitlines(keepends=True)[:3000]))
    once("whole.csv")
    interrupted("o.csv", 3)
    part, journal = (folder / "o.csv.part").read_bytes(), (folder / "o.csv.journal").read_bytes()
    for size in {*range(0, len(journal), 7), len(journal) - 1}:
        (folder / "o.csv.part").write_bytes(part + b"what was not noted")
        (folder / "o.csv.journal").write_bytes(journal[:size])
        once("o.csv", resume=True)
        assert (folder / "o.csv").read_bytes() == (folder / "whole.csv").read_bytes()
    # Lost with the power: the part is shorter than what the journal knows of.
    (folder / "o.csv.part").write_bytes(part[:len(part) // 2])
    (folder / "o.csv.journal").write_bytes(journal)
    once("o.csv", resume=True)
    assert (folder / "o.csv").read_bytes() == (folder / "whole.csv").read_bytes()


def test_killed_between_the_last_steps(folder, small, monkeypatch):
    once("whole.npz")
    once("whole.csv")
    for out in ("o.csv", "o.npz"):
        for step in ("replace", "unlink"):
            real = getattr(os, step)

            def dies(*args, real=real, step=step):
                if step == "unlink":
                    raise Interrupted
                raise Interrupted if args else real

            monkeypatch.setattr(os, step, dies)
            with pytest.raises(Interrupted):
                once(out)
            monkeypatch.setattr(os, step, real)
            once(out, resume=True)
            assert (folder / out).read_bytes() == (folder / f"whole{out[1:]}").read_bytes()
            assert not list(folder.glob(f"{out}.*"))


def test_resume_from_the_beginning(folder, small):
    once("whole.csv")
    once("o.csv", resume=True)
    assert (folder / "o.csv").read_bytes() == (folder / "whole.csv").read_bytes()
    interrupted("o.csv", 3)
    assert (folder / "o.csv").read_bytes() == (folder / "whole.csv").read_bytes()
    once("o.csv")  # without resuming, it starts again
    assert (folder / "o.csv").read_bytes() == (folder / "whole.csv").read_bytes()


def test_another_question_is_not_continued(run, folder, small, monkeypatch):
    words = ("map", FORMULA, "--data", "t.csv", "--out", "o.csv")
    with monkeypatch.context() as patched:
        patched.setattr("gradcalc.mapping.output_files.ToFile.finish", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        assert run(*words).status == 130
    before = (folder / "o.csv.journal").read_bytes()
    for other, what in ((("map", "x*y", *words[2:]), "the program"), ((*words, "--wrt", "x"), "the options"),
                        ((*words, "--on-error", "skip"), "the options"), ((*words, "--at", "y=2"), "the point")):
        done = run(*other, "--resume")
        assert (done.status, done.out) == (2, "")
        assert f"o.csv cannot be continued: not the same as in the interrupted run is {what}" in done.err
        assert (folder / "o.csv.journal").read_bytes() == before
    os.utime("t.csv", ns=(1, 1))
    assert "the data" in run(*words, "--resume").err
    assert run(*words).status == 0
    assert sorted(os.listdir()) == ["o.csv", "t.csv"]


def test_a_pipe_is_not_continued(run, folder):
    done = run("map", "x", "--data", "-", "--out", "o.csv", "--resume", stdin="x\n1\n")
    assert done.status == 2 and "cannot be read again" in done.err
    assert run("map", "x", "--data", "-", "--out", "o.csv", stdin="x\n1\n").status == 0
    assert (folder / "o.csv").read_text() == "value,d_x\n1.0,1.0\n"


@pytest.mark.parametrize("how", ["longer", "shorter", "other"])
def test_a_table_that_changes_under_the_run(folder, small, how):
    (folder / "o.csv").write_text("from before")
    text = (folder / "t.csv").read_text()

    def tell(state):
        if state.rows < 5000:
            with (folder / "t.csv").open("r+") as stream:
                if how == "longer":
                    stream.seek(0, 2)
                    stream.write("1,2\n")
                elif how == "shorter":
                    stream.truncate(len(text) // 2)
                else:
                    stream.write("X,Y")

    time.sleep(0.02)  # that the time of change is another one
    with pytest.raises(GradcalcError, match=r"t\.csv has changed while it was read"):
        once("o.csv", tell=tell)
    assert (folder / "o.csv").read_text() == "from before"
    assert sorted(os.listdir()) == ["o.csv", "t.csv"]


def limited():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 19, 1 << 19))


@pytest.mark.parametrize("out", ["o.jsonl", "o.npz"])
def test_no_room(folder, out):
    subprocess.run(command("--out", f"whole-{out}"), check=True, env=environment(), capture_output=True)
    done = subprocess.run(command("--out", out), env=environment(), capture_output=True, preexec_fn=limited, check=False)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode().splitlines() == [f"error: cannot write {out}: file too large",
                                                 "  nothing is lost: --resume goes on from there"]
    assert not (folder / out).exists()
    notes = [json.loads(line) for line in (folder / f"{out}.journal").read_text().splitlines()]
    assert notes[-1]["size"] > 1 << 18
    subprocess.run(command("--out", out, "--resume"), check=True, env=environment(), capture_output=True)
    assert (folder / out).read_bytes() == (folder / f"whole-{out}").read_bytes()


def test_only_one_run_at_a_time(run, folder):
    with (folder / "o.csv.journal").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        done = run("map", FORMULA, "--data", "t.csv", "--out", "o.csv")
    assert done.status == 2
    assert done.err.startswith("error: another run is writing o.csv")


def test_links_modes_and_devices(run, folder):
    (folder / "real.csv").write_text("old")
    (folder / "real.csv").chmod(0o640)
    (folder / "o.csv").symlink_to("real.csv")
    assert run("map", FORMULA, "--data", "t.csv", "--out", "o.csv", "--quiet").status == 0
    assert (folder / "o.csv").is_symlink() and (folder / "real.csv").stat().st_mode & 0o777 == 0o640
    assert (folder / "real.csv").read_text().startswith("value,d_x,d_y\n")
    assert run("map", FORMULA, "--data", "t.csv", "--out", "/dev/null", "--format", "csv", "--quiet").status == 0
    assert run("map", FORMULA, "--data", "t.csv", "--out", "/dev/null", "--format", "npz").status == 2
    assert not os.path.isfile("/dev/null")


def test_the_table_may_be_replaced_by_its_own_answers(run, folder):
    (folder / "s.csv").write_text("value\n1\n2\n")
    assert run("map", "value^2", "--data", "s.csv", "--out", "s.csv").status == 0
    assert (folder / "s.csv").read_text() == "value,d_value\n1.0,2.0\n4.0,4.0\n"


def test_progress_on_a_terminal(folder):
    import pty

    master, terminal = pty.openpty()
    script = NOTED.replace("d.EVERY = 0;", "import gradcalc.commands.progress as p; p.EVERY = 0;")
    with subprocess.Popen([sys.executable, "-c", script, "map", FORMULA, "--data", "t.csv", "--out", "o.csv"], stderr=terminal,
                          env=environment(NO_COLOR="1")) as running:
        os.close(terminal)
        shown = b""
        while True:
            try:
                chunk = os.read(master, 1 << 16)
            except OSError:
                break
            if not chunk:
                break
            shown += chunk
        assert running.wait(60) == 0
    os.close(master)
    text = shown.decode()
    assert " % · " in text and "million rows a minute" in text and "without an answer" in text
    assert "\r\x1b[Knote: 16 of 40,000 rows have no answer" in text
