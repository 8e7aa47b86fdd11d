"""Files beside the output are made anew: nobody's file is written through a link, and two runs do not write one file."""

import os
import subprocess
import sys
import time

import pytest

from tests.commands.conftest import environment

WORDS = ("map", "x^2", "--data", "t.csv", "--out", "o.csv")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text("x\n1\n2\n")
    (tmp_path / "precious").write_text("keep me")
    return tmp_path


@pytest.mark.parametrize("resume", [(), ("--resume",)])
@pytest.mark.parametrize("link", [os.symlink, os.link])
@pytest.mark.parametrize("ending", [".part", ".journal"])
def test_a_link_is_not_written_through(run, folder, ending, link, resume):
    if resume and ending == ".part":
        (folder / "o.csv.journal").write_text("")
    link("precious", f"o.csv{ending}")
    done = run(*WORDS, *resume)
    if done.status == 0:  # a link without a journal was replaced, not followed
        assert (folder / "o.csv").read_text() == "value,d_x\n1.0,2.0\n4.0,4.0\n"
    else:
        assert (done.status, done.out) == (2, "")
        assert f"o.csv{ending} lies in the way" in done.err
        assert not (folder / "o.csv").exists()
    assert (folder / "precious").read_text() == "keep me"
    assert not (folder / "o.csv").is_symlink()


@pytest.mark.parametrize("target", ["nowhere", "precious"])
def test_a_link_in_place_of_the_journal_is_named(run, folder, target):
    os.symlink(target, "o.csv.journal")
    done = run(*WORDS)
    assert done.status == 2 and "o.csv.journal lies in the way: it is a symbolic link" in done.err
    assert not (folder / "nowhere").exists()


@pytest.mark.parametrize("resume", [(), ("--resume",)])
@pytest.mark.parametrize("ending", [".part", ".journal"])
def test_somebody_elses_file_is_left(run, folder, ending, resume):
    (folder / f"o.csv{ending}").write_text("mine")
    done = run(*WORDS, *resume)
    assert (done.status, done.out) == (2, "")
    assert f"o.csv{ending} lies in the way" in done.err
    assert (folder / f"o.csv{ending}").read_text() == "mine"
    assert sorted(path.name for path in folder.iterdir()) == sorted(["t.csv", "precious", f"o.csv{ending}"])


@pytest.mark.parametrize("ending", [".part", ".journal"])
def test_a_folder_is_named(run, folder, ending):
    (folder / f"o.csv{ending}").mkdir()
    done = run(*WORDS)
    assert done.status == 2 and f"o.csv{ending}" in done.err


def test_an_earlier_run_is_written_over(run, folder):
    assert run(*WORDS).status == 0
    assert run(*WORDS).status == 0
    assert (folder / "o.csv").read_text() == "value,d_x\n1.0,2.0\n4.0,4.0\n"


def test_permissions_are_those_of_a_new_file(run, folder):
    before = os.umask(0o027)
    try:
        assert run(*WORDS).status == 0
    finally:
        os.umask(before)
    assert (folder / "o.csv").stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(sys.platform == "win32", reason="files are locked with fcntl")
def test_the_second_run_says_who_writes(run, folder):
    with subprocess.Popen([sys.executable, "-m", "gradcalc", "map", "x^2", "--data", "-", "--out", "o.csv"],
                          stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(), cwd=folder) as first:
        first.stdin.write(b"x\n1\n")
        first.stdin.flush()
        for _ in range(200):
            if (folder / "o.csv.journal").exists() and (folder / "o.csv.journal").stat().st_size:
                break
            time.sleep(0.05)
        done = run(*WORDS)
        assert (done.status, done.out) == (2, "")
        assert f"another run, process {first.pid}, is writing o.csv" in done.err
        first.stdin.write(b"3\n")
        first.stdin.close()
        assert first.wait(timeout=30) == 0
    assert (folder / "o.csv").read_text() == "value,d_x\n1.0,2.0\n9.0,6.0\n"
