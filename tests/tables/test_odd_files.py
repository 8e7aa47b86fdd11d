"""Tables as people have them: damaged, packed, in other dialects, with names in other scripts. Never a bug, always a reason."""

import csv
import gzip
import io
import json
import struct
import sys
import zipfile

import numpy as np
import pytest

from gradcalc.tables import csv as csv_format
from gradcalc.tables import opened


@pytest.fixture
def asked(run, tmp_path):
    """Ask the program at a file with this content."""

    def asks(program, name, content, *words):
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return run("map", program, "--data", str(tmp_path / name), *words)

    return asks


def values(done):
    return [json.loads(line).get("value") for line in done.out.splitlines()]


# -- CSV ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "text"), [
    ("t.csv", '"a,b";x;y\n1;2;3\n'), ("t.tsv", "x (a,b)\tx\ty\nq\t2\t3\n"), ("t.csv", "x;y\r2;3\r"),
    ("t.tsv", "n,o,p\tx\ty\nq\t2\t3\n"), ("t.csv", 'n\tx\ty\n"a,b,c"\t2\t3\n')])
def test_the_delimiter_is_the_one_between_the_names(asked, name, text):
    done = asked("x*y", name, text)
    assert (done.status, done.err, values(done)) == (0, "", [6.0])


def test_tabs_are_written_where_the_ending_promises_them(run, tmp_path):
    (tmp_path / "t.csv").write_text("x,y\n3,2\n-1,2\n")
    words = ("map", "log(x)*0 + y", "--wrt", "y", "--on-error", "record", "--data")
    assert run(*words, str(tmp_path / "t.csv"), "--out", str(tmp_path / "o.tsv")).status == 0
    assert (tmp_path / "o.tsv").read_text() == (
        'value\td_y\terror\n2.0\t1.0\t\n\t\t"line 3: log of -1: the logarithm needs a positive number"\n')
    assert values(run("map", "value*d_y", "--data", str(tmp_path / "o.tsv"))) == [2.0, None]


@pytest.mark.parametrize("arrow", [True, False])
@pytest.mark.parametrize("cell", ["b" * 200_000, '"' + "b,\\" * 70_000 + '"'])
def test_long_cells_that_nobody_needs(asked, monkeypatch, arrow, cell):
    if not arrow:
        monkeypatch.setitem(sys.modules, "pyarrow", None)
    limit = csv.field_size_limit()
    done = asked("x*y", "t.csv", f"x,blob,y\n1,{cell},2\nbad,{cell},2\n3,a,4\n")
    assert (done.status, values(done)) == (0, [2.0, None, 12.0])
    assert "line 3" in done.err and "'bad'" in done.err
    assert csv.field_size_limit() == limit


def test_a_long_cell_that_stays_open(asked):
    done = asked("x", "t.csv", 'x,y\n1,"' + "b" * 200_000 + "\n" + "2,3\n" * 50_000)
    assert values(done) == [None] + [2.0] * 50_000
    assert "a quotation mark is opened and not closed again" in done.err


def test_lines_are_counted_as_without_pyarrow(tmp_path, monkeypatch):
    """pyarrow leaves out blank lines, and ends one at a carriage return, so that their number may be right by accident."""
    (tmp_path / "t.csv").write_bytes(b"x,y\n1,2\r3,4\n\n5,6\n")
    monkeypatch.setattr(csv_format, "SMALL", 0)
    with opened(str(tmp_path / "t.csv")) as table:
        (found,) = table.blocks(["x"])
    assert list(found.lines) == [2, 3, 5] and found.columns["x"].tolist() == [1.0, 3.0, 5.0]


def test_a_byte_order_mark_stands_at_the_beginning_alone(tmp_path, monkeypatch):
    (tmp_path / "t.csv").write_bytes("\ufeffx\n\ufeff1\n2\n".encode())
    monkeypatch.setattr(csv_format, "SMALL", 0)
    with opened(str(tmp_path / "t.csv")) as table:
        (found,) = table.blocks(["x"])
    assert list(found.bad) == [0]


def test_counts_are_said_as_people_do(asked):
    assert "--columns has 1 name, and" in asked("x", "t.csv", "1,2\n", "--columns", "x").err
    assert "the row has 2 cells, and there is 1 column" in asked("x", "t.csv", "x\n1,2\n").err


def test_the_columns_in_an_error_are_few_and_short(asked):
    done = asked("x", "t.csv", b"\x01" * 5000 + b",y\n1,2\n")
    assert done.status == 2 and len(done.err) < 300


# -- what is no text ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl"])
@pytest.mark.parametrize(("content", "what"), [
    (gzip.compress(b"x\n1\n", mtime=0), "packed with gzip"), (b"\x28\xb5\x2f\xfd" + bytes(9), "packed with zstd"),
    (b"PK\x03\x04" + bytes(9), "a zip archive"), (b"PAR1\x15\x04" + bytes(9), "Parquet"),
    (b"\x93NUMPY\1\0" + bytes(9), "an .npy array"), ("x\n1\n".encode("utf-16"), "UTF-16")])
def test_a_file_that_is_no_text(asked, name, content, what):
    done = asked("x", name, content)
    assert (done.status, done.out) == (2, "")
    assert f"{name} is {what}\n  " in done.err


def test_a_file_that_is_not_there(run, tmp_path):
    assert "no such file" in run("map", "x", "--data", str(tmp_path / "nothing")).err
    assert "is a directory" in run("map", "x", "--data", str(tmp_path)).err


# -- JSON Lines --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "what"), [
    ('[{"x": 1}, {"x": 2}]\n', "is a JSON array, not JSON Lines"),
    ('[\n {\n "x": 1\n }\n]\n', "is a JSON array, not JSON Lines"),
    ('\n{\n "x": 1\n}\n', "has an object on several lines")])
def test_json_that_is_not_in_lines(asked, text, what):
    done = asked("x", "t.json", text)
    assert (done.status, done.out) == (2, "") and f"t.json {what}\n" in done.err and "jq -c" in done.err


def test_a_bad_first_line_is_a_bad_row(asked):
    assert values(asked("x", "t.jsonl", '[1]\n{"x": 2}\n')) == [None, 2.0]
    assert values(asked("x", "t.jsonl", '{\n{"x": 2}\n')) == [None, 2.0]
    assert values(asked("x", "t.jsonl", '5\n{"x": 1\n')) == [None, None]


def test_whole_numbers_of_any_length(asked):
    digits = "9" * 5000
    done = asked("x", "t.jsonl", f'{{"x": {digits}}}\n{{"x": 9007199254740993}}\n{{"x": 1, "y": {digits}}}\n')
    assert values(done) == [None, 9007199254740992.0, 1.0]
    assert "the value of 'x' is not a finite number: inf" in done.err


def test_lines_that_are_nested_too_deeply(asked):
    done = asked("x", "t.jsonl", '{"x": ' + "[" * 100_000 + "]" * 100_000 + '}\n{"x": 1}\n')
    assert values(done) == [None, 1.0] and "it is nested too deeply" in done.err


# -- NumPy -------------------------------------------------------------------------------------------------------------


def headed(text, version=b"\1\0"):
    size = struct.pack("<H" if version == b"\1\0" else "<I", len(text))
    return b"\x93NUMPY" + version + size + text + bytes(64)


@pytest.mark.parametrize("content", [
    headed(b"{'descr': '<f8', " + b"(" * 500), headed(b"\n  \0 '''"), headed(b"   x = 1\n y"),
    headed(b"{'descr': '<f8', 'fortran_order': False, 'shape': (-3, 2)}"),
    headed(b"{'descr': '<f8', 'fortran_order': False, 'shape': (10**9, 2)}"),
    headed(b"5", b"\3\0"), headed(b"{'descr': 5}", b"\3\0"), headed(b"\xff", b"\3\0"), headed(b"(" * 9000, b"\3\0"),
    b"\x93NUMPY\3\0\xff\xff\xff\xff", b"\x93NUMPY\3\0\1", b"\x93NUMPY\4\0" + bytes(99)], ids=range(12))
def test_headers_that_make_no_sense(asked, content):
    done = asked("x*y", "t.npy", content, "--columns", "x,y")
    assert (done.status, done.out) == (2, "") and "is not a NumPy array that can be read: " in done.err
    assert "0x" not in done.err and "bug" not in done.err


def test_one_row_is_no_table(run, tmp_path):
    np.save(tmp_path / "t.npy", np.array((1.0, 2.0), [("x", "f8"), ("y", "f8")]))
    done = run("map", "x*y", "--data", str(tmp_path / "t.npy"))
    assert done.status == 2 and "has the shape []" in done.err


@pytest.mark.filterwarnings("ignore:Stored array in format 3.0")
def test_names_in_other_scripts(run, tmp_path):
    np.save(tmp_path / "t.npy", np.array([(2.0, 3)], [("θ", "f8"), ("y", "u1")]))
    done = run("map", "θ*y", "--data", str(tmp_path / "t.npy"))
    assert (done.status, values(done)) == (0, [6.0])
    for name in ("θ", "x" * 50 + "θ", "é"):
        (tmp_path / "t.csv").write_text(f"{name}\n3\n4\n")
        assert run("map", f"{name}^2", "--data", str(tmp_path / "t.csv"), "--out", str(tmp_path / "o.npy")).status == 0
        assert np.load(tmp_path / "o.npy")[f"d_{name}"].tolist() == [6.0, 8.0]
        assert sorted(path.name for path in tmp_path.iterdir()) == ["o.npy", "t.csv", "t.npy"]


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_damaged_archives(asked, packing):
    array, archive = io.BytesIO(), io.BytesIO()
    np.save(array, np.random.default_rng(1).normal(size=1000))
    with zipfile.ZipFile(archive, "w", packing) as writing:
        writing.writestr("x.npy", array.getvalue())
    rng = np.random.default_rng(2)
    for _ in range(40):
        damaged = bytearray(archive.getvalue())
        begin = int(rng.integers(30, len(damaged) - 30))
        damaged[begin:begin + 20] = rng.bytes(20)
        done = asked("x", "t.npz", bytes(damaged))
        assert done.status in (0, 2) and "bug" not in done.err


def test_the_errors_in_an_archive_are_of_one_length(run, tmp_path):
    (tmp_path / "t.csv").write_text("x\n" + "".join(f"{'b' * (k % 7 + 1)}\n" for k in range(100)) + "1\n")
    assert run("map", "x", "--data", str(tmp_path / "t.csv"), "--out", str(tmp_path / "o.npz")).status == 0
    with np.load(tmp_path / "o.npz") as found:
        assert found["error_row"].tolist() == list(range(100))
        assert found["error"][99] == "line 101: the value of 'x' is not a number: 'bb'"
        assert found["value"].shape == (101,)


# -- Parquet -----------------------------------------------------------------------------------------------------------


def test_a_name_that_is_no_text(run, tmp_path):
    arrow = pytest.importorskip("pyarrow")
    pytest.importorskip("pyarrow.parquet").write_table(arrow.table({"xyzt": [1.0]}), tmp_path / "t.parquet", store_schema=False)
    text = (tmp_path / "t.parquet").read_bytes()
    (tmp_path / "t.parquet").write_bytes(text.replace(b"xyzt", b"x\x8ezt"))
    done = run("map", "x", "--data", str(tmp_path / "t.parquet"))
    assert done.status == 2 and "is no Parquet file that can be read" in done.err
