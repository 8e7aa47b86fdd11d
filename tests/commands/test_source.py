"""Where a program comes from: the command line, files, standard input; and texts that are none."""

import pytest


def test_a_file(run, tmp_path):
    path = tmp_path / "program.txt"
    path.write_text("c = a^2\nd = 3*c\n", encoding="utf-8")
    assert run("diff", f"@{path}", "--quiet").out == "6*a\n"


def test_standard_input(run):
    assert run("diff", "-", "--quiet", stdin="x^2").out == "2*x\n"
    assert run("diff", "--quiet", stdin="x^2\n").out == "2*x\n"


def test_an_expression_leaves_the_pipe_alone(run):
    assert run("diff", "x^3", "--quiet", stdin="x^2").out == "3*x^2\n"


@pytest.mark.parametrize("text", [b"\xef\xbb\xbfx^2", b"x^2\r\n", "\ufeff# Größe\nx²".encode()])
def test_byte_order_marks_and_carriage_returns(run, text):
    assert run("diff", "--quiet", stdin=text) == (0, "2*x\n", "")


def test_a_byte_order_mark_in_an_argument(run):
    assert run("diff", "\ufeffx^2", "--quiet").out == "2*x\n"


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n"])
def test_an_empty_pipe_is_an_empty_program(run, text):
    done = run("diff", stdin=text)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("error: the program is empty, in standard input")


def test_an_error_in_a_file_names_it_and_the_line(run, tmp_path, monkeypatch):
    (tmp_path / "program.txt").write_bytes(b"a = 1\r\nb = sinn(a)\r\n")
    monkeypatch.chdir(tmp_path)
    assert run("eval", "@program.txt").err == (
        "error: 'sinn' is not a function, in program.txt (line 2, column 5)\n  b = sinn(a)\n      ^^^^\n"
        "  did you mean 'sin'?\n")


def test_a_runtime_error_in_a_file_names_it(run):
    assert run("eval", stdin="log(-1)").err.startswith("error: log of -1: the logarithm needs a positive number, "
                                                       "in standard input\n  log(-1)\n  ^^^^^^^\n")


def test_a_missing_file(run, tmp_path):
    assert run("diff", f"@{tmp_path}/none") == (2, "", f"error: cannot read {tmp_path}/none: no such file or directory\n")


def test_a_directory(run, tmp_path):
    assert run("diff", f"@{tmp_path}") == (2, "", f"error: cannot read {tmp_path}: is a directory\n")


def test_bytes_that_are_no_utf8(run, tmp_path):
    (tmp_path / "bad").write_bytes(b"x^\xff2")
    for done in (run("diff", f"@{tmp_path}/bad"), run("diff", stdin=b"x^\xff2"), run("diff", stdin=b"x\xc3")):
        assert (done.status, done.out) == (2, "")
        assert "is not valid UTF-8" in done.err


def test_an_argument_that_is_no_utf8(run):
    done = run("diff", "x\udcff")
    assert (done.status, done.err.splitlines()[:3]) == (
        2, ["error: the argument is not valid UTF-8", "  x\ufffd", "   ^"])
    assert run("diff", "x\udcff", "--json").err.startswith('{"schema": "gradcalc/1", "error": {"code": "encoding"')


def test_nul_characters(run, tmp_path):
    (tmp_path / "nul").write_bytes(b"x\0y")
    assert run("diff", f"@{tmp_path}/nul").err.splitlines()[1:3] == ["  x␀y", "   ^"]


def test_reading_is_bounded(run):
    done = run("diff", "@/dev/zero")
    assert (done.status, done.out) == (2, "")
    long = run("diff", "--max-text", "100", stdin="x+" * 100)
    assert long.err == "error: standard input has more than 100 characters\n  raise --max-text\n"


def test_standard_input_cannot_be_read_twice(run):
    done = run("diff", "-", "--at", "-", stdin="x")
    assert (done.status, done.err.splitlines()[0]) == (2, "error: '-' stands twice, and standard input can be read only once")


def test_a_pipe_with_the_point_is_not_the_program_too(run):
    assert run("diff", "--at", "-", stdin='{"x": 1}').err.startswith("error: an expression is missing\n")
