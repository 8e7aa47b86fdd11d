"""What is said where a run comes to an early end, what is left of it, and what a damaged journal does to the next one."""

import json
import os
import pty
import signal
import subprocess
import sys
import termios
import time

import numpy as np
import pytest

from gradcalc.commands import progress
from gradcalc.mapping import output_files as deliveries
from gradcalc.tables import numeric, parquet, sources
from tests.commands.conftest import environment

FORMULA = "log(x)*y"
WORDS = ("map", FORMULA, "--data", "t.csv", "--out", "o.csv")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a table, which is read in many blocks, and each is noted."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(deliveries, "EVERY", 0)
    monkeypatch.setattr(sources, "PIECE", 1 << 12)
    rng = np.random.default_rng(1)
    lines = [f"{x!r},{y!r}\n" for x, y in rng.uniform(0.5, 2, (2000, 2)).tolist()]
    (tmp_path / "t.csv").write_text("x,y\n-1,2\n" + "".join(lines))
    return tmp_path


@pytest.fixture
def interrupted(run, monkeypatch):
    """Run a command that is interrupted after some blocks."""

    def runs(*words, **more):
        seen = []

        def tell(self, rows, bad, done):
            seen.append(rows)
            if len(seen) == 5:
                raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(progress.Progress, "tell", tell)
            return run(*words, **more)

    return runs


def test_ctrl_c_says_how_to_go_on(run, folder, interrupted):
    done = interrupted(*WORDS)
    assert (done.status, done.out) == (130, "")
    assert done.err == "error: interrupted\n  nothing is lost: --resume goes on from there\n"
    assert sorted(os.listdir()) == ["o.csv.journal", "o.csv.part", "t.csv"]
    assert run(*WORDS, "--resume").status == 0
    assert sorted(os.listdir()) == ["o.csv", "t.csv"]


def test_ctrl_c_where_there_is_nothing_to_go_on_from(folder, interrupted):
    assert interrupted(*WORDS[:-2])[::2] == (130, "")
    done = interrupted("map", FORMULA, "--data", "-", "--out", "o.csv", stdin=(folder / "t.csv").read_text())
    assert done.status == 130
    assert done.err == "error: interrupted\n  what was written until then is in o.csv.part\n"
    assert (folder / "o.csv.part").read_text().startswith("value,d_x,d_y\n")


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="the clock is the system's")
def test_time_is_up_and_nothing_is_lost(run, folder, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(progress.Progress, "tell", lambda *_: time.sleep(0.3))
        done = run(*WORDS, "--max-seconds", "1")
    assert (done.status, done.err) == (2, "error: the command takes longer than 1 seconds\n"
                                          "  raise --max-seconds; nothing is lost: --resume goes on from there\n")
    assert run(*WORDS, "--resume").status == 0


def test_any_damage_to_the_journal_is_seen(run, folder, interrupted):
    assert run(*WORDS).status == 0
    whole = (folder / "o.csv").read_bytes()
    assert interrupted(*WORDS).status == 130
    part, journal = (folder / "o.csv.part").read_bytes(), (folder / "o.csv.journal").read_bytes()
    lines = journal.splitlines(keepends=True)
    last = json.loads(lines[-1])
    changed = [json.dumps(last | {name: 7}).encode() + b"\n" for name in ("rows", "bad", "size", "after")]
    damaged = [b"".join(lines[:-1]) + line for line in changed]
    damaged += [b"5\n", b"null\n", b"[]\n", b'{"about": 5}\n', b'{"check": 1}\n', b"[" * 50_000 + b"\n", b"\xff\xfe\n",
                b"\n" + journal, journal + b"7\n", b"".join(lines[1:]), journal.replace(b"rows", b"wors")]
    for content in damaged:
        (folder / "o.csv.part").write_bytes(part)
        (folder / "o.csv.journal").write_bytes(content)
        done = run(*WORDS, "--resume")
        assert done.status == 0 and "1 of 2,001 rows has no answer" in done.err
        assert (folder / "o.csv").read_bytes() == whole


def test_complete_it_is_only_with_a_file(run, folder, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(os, "unlink", lambda path: (_ for _ in ()).throw(KeyboardInterrupt))
        assert run(*WORDS).status == 130
    (folder / "o.csv").unlink()
    assert run(*WORDS, "--resume").status == 0
    assert (folder / "o.csv").exists()


@pytest.mark.parametrize(("module", "out"), [(numeric, "o.npz"), (parquet, "o.parquet")])
def test_what_is_half_made_takes_no_room(run, folder, monkeypatch, module, out):
    if module is parquet:
        pytest.importorskip("pyarrow")
    words = (*WORDS[:-1], out)
    kind = module.NpzWriter if module is numeric else module.ParquetWriter
    real = kind.convert

    def full(self, part, made):
        real(self, part, made)
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(kind, "convert", full)
        done = run(*words)
    assert done.status == 2
    assert done.err == f"error: cannot write {out}: no space left on device\n  nothing is lost: --resume goes on from there\n"
    assert sorted(os.listdir()) == [f"{out}.journal", f"{out}.part", "t.csv"]
    assert run(*words, "--resume").status == 0
    assert sorted(os.listdir()) == [out, "t.csv"]


def test_no_room_at_all(run, folder, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", lambda number: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        assert run(*WORDS).err == "error: cannot write o.csv: no space left on device\n"
    assert os.listdir() == ["t.csv"]


def test_a_full_device_is_named(run, folder):
    if os.path.exists("/dev/full"):
        done = run(*WORDS[:-1], "/dev/full", "--format", "csv")
        assert (done.status, done.err) == (2, "error: cannot write /dev/full: no space left on device\n")


def test_the_table_is_not_written_over(run, folder):
    for ending in (".part", ".journal", ".made"):
        (folder / f"o.csv{ending}").write_text("x,y\n1,2\n")
        done = run("map", "x", "--data", f"o.csv{ending}", "--data-format", "csv", "--out", "o.csv")
        assert done.status == 2 and done.err.startswith(f"error: o.csv{ending} is where o.csv is written")
        assert (folder / f"o.csv{ending}").read_text() == "x,y\n1,2\n"


@pytest.mark.parametrize("name", ["t.npy", "t.npz", "t.parquet"])
def test_a_table_that_is_cut_off_under_the_run(run, folder, monkeypatch, name):
    columns = {each: np.random.default_rng(2).uniform(1, 2, 500_000) for each in "xy"}
    if name == "t.npy":
        np.save(name, np.rec.fromarrays(list(columns.values()), names="x,y"))
    elif name == "t.npz":
        np.savez(name, **columns)
    else:
        arrow = pytest.importorskip("pyarrow")
        pytest.importorskip("pyarrow.parquet").write_table(arrow.table(columns), name, row_group_size=1 << 15)
    (folder / "o.csv").write_text("from before")
    time.sleep(0.02)  # that the time of change is another one
    monkeypatch.setattr(progress.Progress, "tell", lambda *_: os.truncate(name, 100_000))
    done = run("map", FORMULA, "--data", name, "--out", "o.csv")
    assert (done.status, done.err) == (2, f"error: {name} has changed while it was read\n"
                                          "  start again when nothing writes to it\n")
    assert (folder / "o.csv").read_text() == "from before" and sorted(os.listdir()) == ["o.csv", "t.csv", name]


def test_progress_on_a_narrow_terminal(folder):
    """A line that is folded could not be taken away again."""
    master, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (20, 30))
    script = ("import gradcalc.commands.progress as p, gradcalc.tables.sources as s; p.EVERY = 0; s.PIECE = 1 << 12; "
              "from gradcalc.commands import main; main()")
    with subprocess.Popen([sys.executable, "-c", script, *WORDS], stderr=terminal, env=environment(NO_COLOR="1")) as running:
        os.close(terminal)
        shown = b""
        try:
            while chunk := os.read(master, 1 << 16):
                shown += chunk
        except OSError:
            pass
        assert running.wait(60) == 0
    os.close(master)
    lines = [line for line in shown.decode().split("\r\x1b[K") if " % · " in line]
    assert lines and max(map(len, lines)) == 29
