"""Rows at a kink or a jump are counted, whatever computes them, and the first is told."""

import numpy as np
import pytest

from gradcalc import mapping, parse
from gradcalc.mapping import output_files as deliveries
from gradcalc.mapping.rows import Answering, Asked
from gradcalc.tables import numeric, opened, writer

TABLE = "x,y\n1,2\n0,2\n3,\n-2,0.5\n0,1\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text(TABLE)
    return tmp_path


@pytest.mark.parametrize("engine", ["numpy", "native", "auto"])
@pytest.mark.parametrize("formula", ["abs(x)*y", "norm([x, 0])*y"], ids=["compiled", "row by row"])
def test_they_are_counted(run, folder, formula, engine):
    done = run("map", formula, "--data", "t.csv", "--engine", engine)
    assert done.status == 0 and len(done.out.splitlines()) == 5
    bad, kinked = done.err.splitlines()[-2:]
    assert bad.startswith("note: 1 of 5 rows has no answer")
    assert kinked.startswith("note: 2 of 5 rows are at a kink or a jump; the first is row 1 (line 3): ")
    assert kinked.endswith("is at a kink: the derivative with respect to x is -2 on the left and 2 on the right")


def test_one_row(run, folder):
    done = run("map", "floor(x/2)", "--data", "t.csv", "--at", "y=1", "--on-error", "skip")
    assert "note: 3 of 5 rows are at a kink or a jump; the first is row 1 (line 3): floor(0) is at a jump" in done.err
    done = run("map", "relu(x - 3)*1", "--data", "t.csv")
    assert "note: 1 of 5 rows is at a kink or a jump; the first is row 2 (line 4): relu(0) is at a kink" in done.err


def test_what_is_wrong_anyway_is_not_at_a_kink(run, folder):
    done = run("map", "log(x) + abs(x)", "--data", "t.csv")
    assert "3 of 5 rows have no answer" in done.err and "kink" not in done.err


def test_with_strict_it_is_the_status(run, folder):
    assert run("map", "abs(x)", "--data", "t.csv", "--strict").status == 3
    assert run("map", "abs(x)", "--data", "t.csv", "--strict", "--quiet").status == 3
    assert run("map", "abs(x - 0.5)", "--data", "t.csv", "--strict")[::2] == (0, "")
    assert run("map", "abs(x)", "--data", "t.csv", "--quiet").err == ""


def test_an_interrupted_run_goes_on_counting(folder, monkeypatch):
    monkeypatch.setattr(deliveries, "EVERY", 0)
    monkeypatch.setattr(numeric, "ROWS", 10)
    np.save("t.npy", np.array([(k % 7,) for k in range(100)], dtype=[("x", float)]))

    def once(tell=lambda state: None, resume=False):
        with opened("t.npy") as table:
            answering = Answering(Asked(parse("abs(x - 3)"), {}), table)
            return mapping.run(answering, table, writer("csv", answering.wrt, True),
                               deliveries.delivery("o.csv", {"about": "this"}, resume, True), tell)

    def stop(state):
        if state.rows == 50:
            raise KeyboardInterrupt

    whole = once()
    with pytest.raises(KeyboardInterrupt):
        once(stop)
    assert once(resume=True) == whole
    assert (whole.rows, whole.bad, whole.kinked) == (100, 0, 14) and whole.first_kinked.startswith("row 3: abs(0) is at a kink")
