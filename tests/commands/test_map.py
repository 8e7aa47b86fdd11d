"""``map``: a row in, a row out, whatever is wrong with others; what goes where, and which status it has."""

import csv
import io
import json
import math
import os
import subprocess
import sys

import pytest

from tests.commands.conftest import environment

GOOD = "x,y\n1,2\n3,4\n5,6\n"


@pytest.fixture
def table(tmp_path, monkeypatch):
    """Write a file into a folder of its own, which is the current one."""
    monkeypatch.chdir(tmp_path)

    def writes(text, name="t.csv"):
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return name

    return writes


def rows(out):
    return [json.loads(line) for line in out.splitlines()]


def test_a_row_in_and_a_row_out(run, table):
    done = run("map", "x^2*y", "--data", table(GOOD))
    assert (done.status, done.err) == (0, "")
    assert rows(done.out) == [
        {"row": 0, "value": 2.0, "gradient": {"x": 4.0, "y": 1.0}},
        {"row": 1, "value": 36.0, "gradient": {"x": 24.0, "y": 9.0}},
        {"row": 2, "value": 150.0, "gradient": {"x": 60.0, "y": 25.0}}]


@pytest.mark.parametrize("engine", ["auto", "numpy"])
def test_the_answers_are_those_of_diff(run, table, engine):
    done = run("map", "exp(-x)*sin(y) + z^x", "--data", table(GOOD), "--at", "z=2", "--engine", engine)
    for found, (x, y) in zip(rows(done.out), [(1, 2), (3, 4), (5, 6)], strict=True):
        wanted = json.loads(run("diff", "exp(-x)*sin(y) + z^x", "--at", f"x={x},y={y},z=2", "--json").out)
        assert found["value"] == pytest.approx(wanted["value"], rel=1e-14)
        assert found["gradient"] == pytest.approx(wanted["gradient"], rel=1e-13)
        assert list(found["gradient"]) == ["x", "y", "z"]


def test_wrt_and_of(run, table):
    name = table(GOOD)
    done = run("map", "c = x*y; d = c + 1; c^2", "--data", name, "--wrt", "c,x", "--format", "csv")
    assert done.out == "value,d_c,d_x\n4.0,4.0,8.0\n144.0,24.0,96.0\n900.0,60.0,360.0\n"
    assert run("map", "c = x*y; d = c + z", "--of", "c", "--wrt", "y", "--data", name, "--format", "csv").out == (
        "value,d_y\n2.0,1.0\n12.0,3.0\n30.0,5.0\n")
    assert run("map", "x", "--data", name, "--wrt", "q").status == 2


def test_csv_reads_back(run, table):
    done = run("map", "x/y", "--data", table(GOOD), "--format", "csv")
    found = list(csv.DictReader(io.StringIO(done.out)))
    assert list(found[0]) == ["value", "d_x", "d_y"]
    assert [float(row["value"]) for row in found] == [1 / 2, 3 / 4, 5 / 6]


BAD = ("x,y,note\n1,2,a\n-1,2,b\nabc,3,c\n,4,d\n2,3\n3,1e999,e\nNaN,1,f\n1_000,1,g\n7,8,\"two\nlines\"\n1,1,1,1\n5,6,\"open\n"
       "true,1,h\n8,9,i\n")
LINES = {1: 3, 2: 4, 3: 5, 4: 6, 5: 7, 6: 8, 7: 9, 9: 12, 10: 13, 11: 14}
CODES = {1: "undefined", 2: "value", 3: "missing", 4: "csv", 5: "value", 6: "value", 7: "value", 9: "csv", 10: "csv",
         11: "value"}


def test_bad_rows_spoil_nothing_but_themselves(run, table):
    done = run("map", "log(x)*y", "--data", table(BAD))
    found = rows(done.out)
    assert [row["row"] for row in found] == list(range(13))
    assert {row["row"]: row["error"]["line"] for row in found if "error" in row} == LINES
    assert {row["row"]: row["error"]["code"] for row in found if "error" in row} == CODES
    assert {row["row"]: row["value"] for row in found if "value" in row} == {
        0: 0.0, 8: math.log(7) * 8, 12: math.log(8) * 9}
    assert found[1]["error"]["message"] == "log of -1: the logarithm needs a positive number"
    assert found[1]["error"]["span"] == [0, 6]
    assert "'abc'" in found[2]["error"]["message"] and "'x'" in found[2]["error"]["message"]
    assert done.status == 0
    assert done.err == ("note: 10 of 13 rows have no answer and are recorded; the first is row 1 (line 3): log of -1: the "
                        "logarithm needs a positive number\n")


def test_bad_rows_of_json_lines(run, table):
    text = ('{"x":1}\n{"x":null}\n{"y":2}\n{"x":"3"}\n{"x":NaN}\n{x}\n[1]\n{"x":true}\n{"x":1,"x":2}\n\n{"x":1e999}\n{"x":{}}\n'
            '{"x":[1]}\n' + '{"x":' + "9" * 400 + "}\n" + '{"x":' + "[" * 3000 + '\n\xff\n{"x":2, "z":"\u2028"}')
    done = run("map", "x^2", "--data", table(text, "t.jsonl"))
    found = rows(done.out)
    assert [row.get("value") for row in found] == [1.0, *[None] * 14, 4.0]
    assert [row["error"]["line"] for row in found if "error" in row] == [2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16]
    assert {row["error"]["code"] for row in found if "error" in row} == {"missing", "value", "json"}
    assert "14 of 16 rows have no answer" in done.err


def test_on_error_skip(run, table):
    done = run("map", "log(x)*y", "--data", table(BAD), "--on-error", "skip")
    assert [row["row"] for row in rows(done.out)] == [0, 8, 12]
    assert "10 of 13 rows have no answer and are left out" in done.err
    quiet = run("map", "log(x)*y", "--data", "t.csv", "--on-error", "skip", "--quiet", "--format", "csv")
    assert quiet.err == "" and len(quiet.out.splitlines()) == 4


def test_on_error_stop(run, table):
    done = run("map", "log(x)*y", "--data", table(BAD), "--on-error", "stop")
    assert (done.status, len(rows(done.out))) == (3, 1)
    assert done.err == ("error: t.csv, row 1 (line 3): log of -1: the logarithm needs a positive number\n  log(x)*y\n"
                        "  ^^^^^^\n")
    done = run("map", "x*y", "--data", "t.csv", "--on-error", "stop", "--out", "o.csv")
    assert done.status == 2 and done.err == "error: t.csv, row 2 (line 4): the value of 'x' is not a number: 'abc'\n"
    assert os.listdir() == ["t.csv"]


def test_errors_in_csv_have_a_column_where_they_are_asked_for(run, table):
    name = table("x\n1\n-1\n\"a\"\"b\"\n")
    assert run("map", "log(x)", "--data", name, "--format", "csv").out == "value,d_x\n0.0,1.0\n,\n,\n"
    found = list(csv.reader(io.StringIO(run("map", "log(x)", "--data", name, "--format", "csv", "--on-error", "record").out)))
    assert found == [["value", "d_x", "error"], ["0.0", "1.0", ""],
                     ["", "", "line 3: log of -1: the logarithm needs a positive number"],
                     ["", "", "line 4: the value of 'x' is not a number: 'a\"b'"]]


def test_strict(run, table):
    assert run("map", "log(x)", "--data", table("x\n1\n-1\n"), "--strict").status == 3
    assert run("map", "log(x)", "--data", table("x\n1\n"), "--strict").status == 0


def test_what_is_not_finite_is_an_error_record(run, table):
    done = run("map", "sqrt(x)*exp(y)", "--data", table("x,y\n0,0\n1,1000\n4,0\n"))
    first, second, third = rows(done.out)
    assert "vertical" in first["error"]["message"] and second["error"]["code"] == "undefined"
    assert third == {"row": 2, "value": 2.0, "gradient": {"x": 0.25, "y": 2.0}}


@pytest.mark.parametrize("text", [
    b"\xef\xbb\xbfx,y\n1,2\n3,4\n", b"x,y\r\n1,2\r\n3,4\r\n", b"x,y\n1,2\n3,4", b'"x","y"\n"1","2"\n"3","4"\n',
    b" x , y \n 1 , 2 \n 3,\t4\n", b"\n\nx,y\n\n1,2\n   \n3,4\n\n\n", b"y,other,x\n2,\xff\xfe,1\n4,\"a\nb\",3\n",
    b"x;y\n1;2\n3;4\n", b"x\ty\n1\t2\n3\t4\n", b"x,y\r1,2\r3,4\r", b"y,,x,\n2,,1,\n4,,3,\n", b"x,y,n,n\n1,2,,\n3,4,,\n",
    b"x,y\n+1,2.\n3e0,0004\n"])
def test_what_a_csv_file_may_look_like(run, table, text):
    done = run("map", "x*y", "--data", table(text))
    assert [row.get("value") for row in rows(done.out)] == [2.0, 12.0]
    assert (done.status, done.err) == (0, "")
    piped = run("map", "x*y", "--data", "-", stdin=text)
    assert piped == done


def test_names_are_compared_in_their_canonical_form(run, table):
    assert rows(run("map", "ϑ*ﬁ", "--data", table("θ,fi\n2,3\n")).out)[0]["value"] == 6.0


def test_columns_are_named_for_a_table_without_names(run, table):
    name = table("1,2\n3,4\n")
    done = run("map", "a*b", "--data", name, "--columns", "a,b", "--format", "csv", "--wrt", "a")
    assert done.out == "value,d_a\n2.0,2.0\n12.0,4.0\n"
    assert run("map", "a*b", "--data", name, "--columns", "a").status == 2
    assert run("map", "a", "--data", table('{"a":1}', "t.jsonl"), "--columns", "a").status == 2


@pytest.mark.parametrize(("text", "name"), [("", "t.csv"), ("\n \r\n\n", "t.csv"), ("\ufeff", "t.csv"), ("", "t.jsonl"),
                                            ("\n\n", "t.jsonl"), ("", "t.npy"), ("", "t.npz")])
def test_an_empty_file(run, table, text, name):
    done = run("map", "x", "--data", table(text, name))
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(f"error: {name} is ")
    if name.endswith(("csv", "jsonl")):
        assert run("map", "x", "--data", "-", stdin=text).err == ("error: standard input is empty\n"
                                                                  "  the first line of a CSV file names its columns\n")


def test_a_table_without_rows(run, table):
    done = run("map", "x", "--data", table("x\n"), "--format", "csv")
    assert done == (0, "value,d_x\n", "note: the table has no rows\n")


@pytest.mark.parametrize(("text", "name"), [("a,b\n1,2\n", "t.csv"), ('{"a":1,"b":2}\n', "t.jsonl")])
def test_a_missing_column_is_named(run, table, text, name):
    done = run("map", "a*B*c", "--data", table(text, name))
    assert (done.status, done.out) == (2, "")
    assert done.err == (f"error: {name} has no column 'B', 'c'\n  did you mean 'b'? its columns are a, b; what all rows share "
                        "is given by --at B=…,c=…\n")
    assert json.loads(run("map", "c", "--data", name, "--json").err)["error"]["code"] == "missing"


def test_a_column_that_stands_twice(run, table):
    done = run("map", "x", "--data", table("x,y,x\n1,2,3\n"))
    assert (done.status, done.err.splitlines()[0]) == (2, "error: t.csv has 2 columns 'x'")
    assert run("map", "y", "--data", "t.csv").status == 0


def test_the_point_gives_the_rest(run, table):
    done = run("map", "x*y", "--data", table(GOOD), "--at", "y=10,q=1", "--format", "csv", "--wrt", "x")
    assert done.out == "value,d_x\n10.0,10.0\n30.0,10.0\n50.0,10.0\n"
    assert done.err == "note: the value of 'q' is not needed\nnote: the column 'y' is not read: --at gives its value\n"
    assert run("map", "c = 2*x; c*y", "--data", "t.csv", "--at", "c=1").status == 2
    assert rows(run("map", "pi*x", "--data", "t.csv", "--at", "pi=3").out)[2] == {
        "row": 2, "value": 15.0, "gradient": {"pi": 5.0, "x": 3.0}}
    assert [row["value"] for row in rows(run("map", "1 + 2", "--data", "t.csv").out)] == [3.0] * 3


def test_arrays(run, table):
    done = run("map", "sum(W*x)", "--data", table(GOOD), "--at", "W=[1,2]", "--wrt", "W,x")
    assert rows(done.out)[1] == {"row": 1, "value": 9.0, "gradient": {"W": [3.0, 3.0], "x": 3.0}}
    text = '{"x":[1,2],"y":1}\n{"x":[1,"a"],"y":1}\n{"x":3,"y":2}\n{"x":[],"y":[1]}\n{"x":[[1],[2,3]],"y":1}'
    found = rows(run("map", "sum(x)^2*y", "--data", table(text, "t.jsonl")).out)
    assert found[0] == {"row": 0, "value": 9.0, "gradient": {"x": [6.0, 6.0], "y": 9.0}}
    assert found[2] == {"row": 2, "value": 18.0, "gradient": {"x": 12.0, "y": 9.0}}
    assert all("error" in found[place] for place in (1, 3, 4))
    done = run("map", "sum(W*x)", "--data", "t.csv", "--at", "W=[1,2]", "--format", "csv")
    assert done.status == 2 and "is an array" in done.err
    assert run("map", "W*x", "--data", "t.csv", "--at", "W=[1,2]").status == 2


def test_standard_input_serves_once(run, table):
    name = table(GOOD)
    assert run("map", "--data", name, "--format", "csv", "--wrt", "x", stdin="x*y").out.startswith("value,d_x\n2.0,2.0\n")
    assert run("map", "-", "--data", "-", stdin="x").status == 2
    assert run("map", "x*y", "--data", "-", "--at", "-", stdin="x").status == 2
    assert run("map", "--data", "-", stdin=GOOD).err.startswith("error: an expression is missing\n")
    done = run("map", "x*y", "--data", "-", stdin=' {"x":1,"y":2}\n{"x":3,"y":4}')
    assert [row["value"] for row in rows(done.out)] == [2.0, 12.0]


@pytest.mark.parametrize("words", [
    ["--data", "nope.csv"], ["--data", "t.xyz"], ["--data", "."], [], ["--data", "t.csv", "--out", "o.xyz"],
    ["--data", "t.csv", "--out", "nope/o.csv"], ["--data", "t.csv", "--resume"], ["--data", "t.csv", "--on-error", "ignore"],
    ["--data", "t.csv", "--engine", "gpu"], ["--data", "t.csv", "--format", "parquet"],
    ["--data", "t.csv", "--format", "latex"],
    ["--data", "t.csv", "--out", "o.csv", "--format", "table"], ["--data", "t.csv", "--data-format", "npz"],
    ["--data", "t.csv", "--data-format", "npy"], ["--data", "t.csv", "--at", "x=[1,2]"], ["--data", "t.csv", "--of", "q"]])
def test_what_makes_no_sense(run, table, words):
    table(GOOD)
    done = run("map", "x", *words)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("error: ")
    assert os.listdir() == ["t.csv"]


def test_utf_16_and_lines_without_end(run, table):
    assert "UTF-16" in run("map", "x", "--data", table("x\n1\n".encode("utf-16"))).err
    done = run("map", "x", "--data", table(b"x,y\n" + b"1" * (1 << 24) + b"1" * (1 << 20)))
    assert done.status == 2 and "more than 16,777,216 bytes, line 2" in done.err


def test_a_table_for_people(run, table):
    done = run("map", "y = x^2", "--data", table("x\n1\nb\n"), "--format", "table")
    assert done.out.splitlines()[1] == "│ row │ y │ ∂y/∂x │ error                                 │"
    done = run("map", "x", "--data", table("x\n" + "1\n" * 1000), "--format", "table")
    assert len(done.out.splitlines()) == 206
    assert "│ 900 │" in done.out and "│ 100 │" not in done.out
    assert done.out.endswith("1,000 rows, of which the first and the last 100 are shown\n")
    assert len(run("map", "x", "--data", table("x\n" + "1\n" * 200), "--format", "table").out.splitlines()) == 204


def test_blocks_join(run, table):
    text = "x,note\n" + "".join(f'{k}.5,"{"q" * (k % 90)}"\n' for k in range(1, 60_001))
    assert len(text) > 3 << 20
    lines = text.splitlines(keepends=True)
    lines[30_000] = "oops,1\n"
    lines[45_000] = '7,"broken\nin two"\n'
    done = run("map", "2*x", "--data", table("".join(lines)))
    found = rows(done.out)
    assert [row["row"] for row in found] == list(range(60_000))
    assert found[29_999]["error"]["line"] == 30_001
    assert all(row["value"] == 2 * row["row"] + 3 for row in found if row["row"] not in (29_999, 44_999))
    assert found[44_999]["value"] == 14.0


def test_help_begins_with_examples(run):
    assert run("map", "--help").out.startswith("Examples:\n  gradcalc map ")


def test_head_ends_quietly(table):
    table("x\n" + "1\n" * 300_000)
    with subprocess.Popen([sys.executable, "-m", "gradcalc", "map", "x^2", "--data", "t.csv"], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env=environment()) as running:
        assert running.stdout.readline() == b'{"row": 0, "value": 1.0, "gradient": {"x": 2.0}}\n'
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(60) == 0


def test_a_slow_pipe_is_answered_as_it_comes():
    with subprocess.Popen([sys.executable, "-m", "gradcalc", "map", "x^2", "--data", "-"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, env=environment()) as running:
        running.stdin.write(b"x\n1\n2\n3")
        running.stdin.flush()
        assert [json.loads(running.stdout.readline())["value"] for _ in range(2)] == [1.0, 4.0]
        running.stdin.close()
        assert json.loads(running.stdout.readline())["value"] == 9.0
        assert running.wait(60) == 0


def test_nothing_heavy_is_imported_for_the_help(process):
    loaded = "import sys; from gradcalc.commands import run; status = run(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    done = process("map", "--help", python=("-c", loaded))
    assert set(done.err.split()).isdisjoint({"rich", "numpy", "pyarrow", "lark"})


def test_a_named_pipe_is_read_whatever_its_name(table):
    table(GOOD)
    done = subprocess.run(["bash", "-c", f"{sys.executable} -m gradcalc map x*y --data <(cat t.csv) --format csv --wrt x"],
                          capture_output=True, text=True, env=environment(), check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "value,d_x\n2.0,2.0\n12.0,4.0\n30.0,6.0\n", "")


def test_the_engine_is_told_to_those_who_chose_another(run, table, monkeypatch):
    from gradcalc import engines

    monkeypatch.setattr(engines, "LARGE", 0)
    assert run("map", "x*y", "--data", table(GOOD), "--strict")[::2] == (0, "")
    monkeypatch.setattr("gradcalc.engines.native.missing", lambda code: ["mul"], raising=False)
    done = run("map", "x*y", "--data", "t.csv", "--engine", "native")
    assert done.status == 0 and done.err.startswith("note: the engine is NumPy")
