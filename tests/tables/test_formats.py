"""Every format, read and written: the same table gives the same answers, with pyarrow and without."""

import csv
import json
import sys
import zipfile

import numpy as np
import pytest

from gradcalc.diagnostics import GradcalcError
from gradcalc.tables import ENDINGS, FORMATS, format_of, opened
from gradcalc.tables import csv as csv_format
from gradcalc.tables import numeric as numeric_format

COUNT = 3000
FORMULA = "log(x)*sin(y)/(1 + x)"
READ = ["csv", "tsv", "jsonl", "npy", "matrix.npy", "fortran.npy", "npz", "packed.npz", "parquet", "floats.parquet"]


@pytest.fixture(scope="module")
def numbers():
    rng = np.random.default_rng(3)
    return {"y": rng.normal(size=COUNT) * 10.0 ** rng.integers(-30, 30, COUNT), "x": rng.uniform(0.1, 5, COUNT)}


@pytest.fixture(params=["with pyarrow", "without pyarrow"])
def arrow(request, monkeypatch):
    """Whether pyarrow can be imported. Without, all that begins with its name cannot."""
    if request.param == "with pyarrow":
        pytest.importorskip("pyarrow")
        monkeypatch.setattr(csv_format, "SMALL", 0)
        return True
    for name in [name for name in sys.modules if name.partition(".")[0] == "pyarrow"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    return False


def write(path, kind, numbers):
    columns = list(numbers)
    rows = list(zip(*map(np.ndarray.tolist, numbers.values()), strict=True))
    if kind in ("csv", "tsv"):
        with path.open("w") as stream:
            writer = csv.writer(stream, delimiter="," if kind == "csv" else "\t")
            writer.writerows([[*columns, "note"], *([*row, "n"] for row in rows)])
    elif kind == "jsonl":
        path.write_text("".join(json.dumps(dict(zip(columns, row, strict=True))) + "\n" for row in rows))
    elif kind == "npy":
        structured = np.empty(COUNT, [(name, "f8") for name in columns] + [("k", "i4")])
        for name in columns:
            structured[name] = numbers[name]
        np.save(path, structured)
    elif kind.endswith(".npy"):
        matrix = np.column_stack(list(numbers.values()))
        np.save(path, np.asfortranarray(matrix) if kind.startswith("fortran") else matrix)
    elif kind.endswith("npz"):
        (np.savez_compressed if kind.startswith("packed") else np.savez)(path, other=np.zeros((2, 2)), **numbers)
    else:
        import pyarrow
        import pyarrow.parquet

        pyarrow.parquet.write_table(pyarrow.table({**numbers, "text": ["t"] * COUNT}), path, row_group_size=700)


@pytest.mark.parametrize("kind", READ)
def test_every_format_is_read(run, tmp_path, monkeypatch, numbers, arrow, kind):
    path = tmp_path / f"t.{kind}"
    monkeypatch.setattr(numeric_format, "ROWS", 1000)
    if kind.endswith("parquet") and not arrow:
        path.write_bytes(b"PAR1")
        done = run("map", "x", "--data", str(path))
        assert (done.status, done.out) == (2, "")
        assert done.err == ("error: Parquet files need pyarrow, which is not installed\n"
                            "  install it: pip install 'gradcalc[data]'\n")
        return
    write(path, kind, numbers)
    write(tmp_path / "plain.jsonl", "jsonl", numbers)
    words = ["--columns", "y,x"] if kind in ("matrix.npy", "fortran.npy") else []
    done = run("map", FORMULA, "--data", str(path), *words)
    assert (done.status, done.err) == (0, "")
    assert done.out == run("map", FORMULA, "--data", str(tmp_path / "plain.jsonl")).out
    assert len(done.out.splitlines()) == COUNT


WRITTEN = ["csv", "jsonl", "npy", "npz", "parquet"]


def found_in(path, form):
    """The columns that were written, NaN where a row has no answer."""
    if form == "csv":
        with path.open() as stream:
            rows = list(csv.DictReader(stream))
        return {name: np.array([float(row[name] or "nan") for row in rows]) for name in rows[0] if name != "error"}
    if form == "jsonl":
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        value = [row.get("value", np.nan) for row in rows]
        names = next(row["gradient"] for row in rows if "gradient" in row)
        slopes = {f"d_{name}": np.array([row.get("gradient", {}).get(name, np.nan) for row in rows]) for name in names}
        return {"value": np.array(value), **slopes}
    if form == "npy":
        found = np.load(path)
        return {name: found[name] for name in found.dtype.names}
    if form == "npz":
        with np.load(path) as found:
            return {name: found[name] for name in found.files if not name.startswith("error")}
    import pyarrow.parquet

    found = pyarrow.parquet.read_table(path)
    return {name: found[name].to_numpy() for name in found.column_names if name != "error"}


@pytest.mark.parametrize("form", WRITTEN)
@pytest.mark.parametrize("on_error", ["record", "skip"])
def test_every_format_is_written(run, tmp_path, numbers, form, on_error):
    if form == "parquet":
        pytest.importorskip("pyarrow")
    columns = {**numbers, "x": np.where(np.arange(COUNT) % 1000 == 7, -1.0, numbers["x"])}
    write(tmp_path / "t.csv", "csv", columns)
    done = run("map", FORMULA, "--data", str(tmp_path / "t.csv"), "--out", str(tmp_path / f"o.{form}"), "--on-error", on_error)
    assert (done.status, done.out) == (0, "")
    assert "3 of 3,000 rows have no answer" in done.err
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"o.{form}", "t.csv"]
    found = found_in(tmp_path / f"o.{form}", form)
    x, y = columns["x"], columns["y"]
    if on_error == "skip":
        x, y = x[x > 0], y[x > 0]
    with np.errstate(all="ignore"):
        wanted = {"value": np.log(x) * np.sin(y) / (1 + x), "d_y": np.log(x) * np.cos(y) / (1 + x),
                  "d_x": np.where(x > 0, np.sin(y) * (1 / x / (1 + x) - np.log(x) / (1 + x) ** 2), np.nan)}
    assert set(found) == set(wanted)
    for name in wanted:
        np.testing.assert_allclose(found[name], wanted[name], rtol=1e-9, atol=1e-12)
        assert np.isnan(found[name]).sum() == (3 if on_error == "record" else 0)


def test_reasons_are_written_too(run, tmp_path):
    (tmp_path / "t.csv").write_text("x\n1\n-1\nb\n4\n")
    words = ["map", "log(x)", "--data", str(tmp_path / "t.csv"), "--out"]
    assert run(*words, str(tmp_path / "o.npz")).status == 0
    with np.load(tmp_path / "o.npz") as found:
        assert found["error_row"].tolist() == [1, 2]
        assert found["error"].tolist() == ["line 3: log of -1: the logarithm needs a positive number",
                                           "line 4: the value of 'x' is not a number: 'b'"]
    parquet = pytest.importorskip("pyarrow.parquet")
    assert run(*words, str(tmp_path / "o.parquet")).status == 0
    found = parquet.read_table(tmp_path / "o.parquet").to_pydict()
    assert found["value"] == [0.0, None, None, pytest.approx(1.3862943611198906)]
    assert found["error"][1].endswith("a positive number") and found["error"][0] is None
    assert run(*words, str(tmp_path / "s.parquet"), "--on-error", "skip").status == 0
    assert parquet.read_table(tmp_path / "s.parquet").column_names == ["value", "d_x"]


def test_files_are_the_same_whenever_they_are_made(run, tmp_path, monkeypatch):
    (tmp_path / "t.csv").write_text("x\n1\n2\n")
    made = []
    for now in (1e9, 2e9):
        monkeypatch.setattr("time.time", lambda now=now: now)
        assert run("map", "x", "--data", str(tmp_path / "t.csv"), "--out", str(tmp_path / "o.npz")).status == 0
        made.append((tmp_path / "o.npz").read_bytes())
    assert made[0] == made[1]


def test_the_ways_through_a_csv_file_give_the_same(arrow, tmp_path):
    rng = np.random.default_rng(5)
    texts = [repr(float(number)) for number in rng.integers(0, 2**63, 4000).view(float) if np.isfinite(number)]
    texts += ["1e-400", "4.9e-324", "2.2250738585072011e-308", "9007199254740993", "0.1e-6", "-0.0", "1E5", "00012", ".5", "5."]
    (tmp_path / "t.csv").write_text("x,y\n" + "".join(f"{text}, {text} \n" for text in texts))
    with opened(str(tmp_path / "t.csv")) as table:
        found = np.concatenate([block.columns["x"] for block in table.blocks(["x"])])
    assert found.tobytes() == np.array([float(text) for text in texts]).tobytes()


@pytest.mark.parametrize("bad", ["abc", "", "nan", "inf", "1_0", "0x10", "1e999", "1 2", "1,5", "٣x", "NULL", "NA", "true"])
def test_a_bad_cell_is_bad_in_every_way(arrow, tmp_path, bad):
    cells = ["1"] * 50 + [f'"{bad}"' if "," in bad else bad] + ["2"] * 50
    (tmp_path / "t.csv").write_text("x,y\n" + "".join(f"{cell},1\n" for cell in cells))
    with opened(str(tmp_path / "t.csv")) as table:
        (found,) = table.blocks(["x"])
    assert list(found.bad) == [50] and found.lines[50] == 52
    assert found.columns["x"].tolist() == [1.0] * 51 + [2.0] * 50


def test_quotation_marks_that_stay_open(tmp_path):
    lines = ["x,y"] + [f"{k},a" for k in range(20_000)]
    lines[5000] = '4999,"open'
    (tmp_path / "t.csv").write_text("\n".join(lines))
    with opened(str(tmp_path / "t.csv")) as table:
        (found,) = table.blocks(["x"])
    assert list(found.bad) == [4999] and found.size == 20_000
    assert found.columns["x"][5000:].tolist() == list(range(5000, 20_000))


def test_parquet_columns_of_other_kinds(run, tmp_path):
    arrow = pytest.importorskip("pyarrow")
    import datetime
    import decimal

    import pyarrow.parquet

    columns = {"i": arrow.array([1, None, 2**62]), "f": arrow.array([0.5, 1.5, float("nan")], arrow.float32()),
               "d": arrow.array([decimal.Decimal("1.5")] * 3), "c": arrow.array([1.0, 2.0, 1.0]).dictionary_encode(),
               "t": arrow.array(["1"] * 3), "b": arrow.array([True] * 3), "w": arrow.array([datetime.date(2020, 1, 1)] * 3)}
    pyarrow.parquet.write_table(arrow.table(columns), tmp_path / "t.parquet")
    done = run("map", "i + f + d + c", "--data", str(tmp_path / "t.parquet"))
    first, second, third = map(json.loads, done.out.splitlines())
    assert first["value"] == 4.0
    assert second == {"row": 1, "error": {"code": "missing", "message": "no value for 'i'", "span": None, "line": None,
                                          "column": None, "hint": None}}
    assert third["error"]["message"] == "the value of 'f' is not a finite number: nan"
    for name in "tbw":
        done = run("map", name, "--data", str(tmp_path / "t.parquet"))
        assert done.status == 2 and f"the column '{name}' of" in done.err
    assert json.loads(run("map", "1", "--data", str(tmp_path / "t.parquet")).out.splitlines()[2])["value"] == 1.0
    (tmp_path / "n.parquet").write_text("no")
    assert run("map", "x", "--data", str(tmp_path / "n.parquet")).status == 2


@pytest.mark.parametrize("array", [np.zeros((2, 3)), np.zeros((2, 2, 2)), np.zeros(4), np.array(["a", "b"]),
                                   np.array([None, 1]), np.zeros((2, 2), complex), np.zeros(2, [("a", "U3"), ("b", "f8")])])
def test_arrays_that_are_no_tables(run, tmp_path, array):
    np.save(tmp_path / "t.npy", array)
    done = run("map", "a*b", "--data", str(tmp_path / "t.npy"), "--columns", "a,b")
    assert (done.status, done.out) == (2, "") and done.err.startswith("error: ")
    assert "bug" not in done.err


def test_archives_that_are_no_tables(run, tmp_path):
    path = tmp_path / "t.npz"
    for columns in ({"a": np.zeros(2), "b": np.zeros(3)}, {"a": np.zeros((2, 2)), "b": np.zeros(2)}, {"a": np.zeros(2)},
                    {"a": np.array(["x"]), "b": np.zeros(1)}, {"a": np.array([None]), "b": np.zeros(1)}):
        np.savez(path, **columns)
        done = run("map", "a*b", "--data", str(path))
        assert (done.status, done.out) == (2, "") and done.err.startswith("error: ")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.npy", b"nothing")
    assert run("map", "a", "--data", str(path)).status == 2
    np.savez(path, a=np.arange(9.0))
    path.write_bytes(path.read_bytes()[:-30])
    assert run("map", "a", "--data", str(path)).status == 2


def test_a_short_array(run, tmp_path):
    np.save(tmp_path / "t.npy", np.arange(1000.0))
    (tmp_path / "t.npy").write_bytes((tmp_path / "t.npy").read_bytes()[:4000])
    done = run("map", "a", "--data", str(tmp_path / "t.npy"), "--columns", "a")
    assert done.status == 2 and "ends too early" in done.err


def test_formats_by_their_endings():
    assert set(ENDINGS.values()) == set(FORMATS)
    assert format_of("a/B.CSV", "--format") == "csv"
    with pytest.raises(GradcalcError, match=r"did you mean '.parquet'"):
        format_of("a.parqet", "--format")


def test_the_blocks_are_small(numbers, tmp_path, monkeypatch):
    monkeypatch.setattr(numeric_format, "ROWS", 100)
    write(tmp_path / "t.npz", "npz", numbers)
    with opened(str(tmp_path / "t.npz")) as table:
        found = list(table.blocks(["x"]))
    assert len(found) == COUNT / 100
    with opened(str(tmp_path / "t.npz")) as table:
        again = list(table.blocks(["x"], found[11].after))
    assert [block.after for block in again] == [block.after for block in found[12:]]
