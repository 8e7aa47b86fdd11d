"""How an error looks."""

import json

import pytest

from gradcalc.diagnostics import Diagnostic, Span
from gradcalc.render import errors


def shown(source: str, start: int, end: int) -> list[str]:
    return errors.text(Diagnostic("syntax", "wrong", Span(start, end), None, source), "error").split("\n")


def test_the_layout():
    found = Diagnostic("function", "'sinn' is not a function", Span(4, 8), "did you mean 'sin'?", "y = sinn(x) + 1")
    assert errors.text(found, "error") == (
        "error: 'sinn' is not a function\n  y = sinn(x) + 1\n      ^^^^\n  did you mean 'sin'?")


def test_without_a_place():
    assert errors.text(Diagnostic("mode", "no", hint="try"), "note") == "note: no\n  try"


def test_a_line_of_several_is_named():
    assert shown("a = 1\nb = c d\n", 12, 13) == ["error: wrong (line 2, column 7)", "  b = c d", "        ^"]


def test_one_line_with_its_end_is_one_line():
    assert shown("c d\n", 2, 3)[0] == "error: wrong"


def test_a_span_over_lines_is_underlined_on_the_first():
    assert shown("f(a,\n  b)", 0, 9)[1:] == ["  f(a,", "  ^^^^"]


@pytest.mark.parametrize(("start", "end"), [(3, 3), (3, 9), (40, 41)])
def test_the_end_of_the_text_has_one_caret_behind_it(start, end):
    assert shown("x +", start, end)[1:] == ["  x +", "     ^"]


def test_an_empty_text_is_not_shown():
    assert shown(" \n", 0, 0) == ["error: wrong"]


def test_tabs_and_wide_characters_keep_the_carets_in_place():
    assert shown("\tx + y", 5, 6)[1:] == ["  \tx + y", "  \t    ^"]
    assert shown("日 + y", 4, 5)[1:] == ["  日 + y", "       ^"]
    assert shown("é + y", 4, 5)[1:] == ["  é + y", "      ^"]


def test_controls_are_made_visible():
    assert shown("x\x1b[31m\x00\x7f\x85\u202e", 1, 2)[1:] == ["  x␛[31m␀␡\ufffd\ufffd", "   ^"]
    assert errors.text(Diagnostic("x", "a\x1bb", hint="c\x07d"), "error") == "error: a␛b\n  c␇d"


def test_a_carriage_return_at_the_end_of_a_line_is_no_part_of_it():
    assert shown("a\r\nb c\r\n", 5, 6)[1:] == ["  b c", "    ^"]


@pytest.mark.parametrize(("start", "end"), [(0, 1), (400, 404), (996, 1000), (1000, 1000), (100, 900), (0, 1000)])
def test_a_long_line_is_cropped_around_the_place(start, end):
    source = "".join(chr(97 + place % 26) for place in range(1000))
    _, line, carets = shown(source, start, end)
    assert len(line) <= 204
    assert set(carets.strip()) == {"^"}
    first = len(carets) - len(carets.lstrip())
    under = line[first:len(carets)]
    assert source[start:end].startswith(under.rstrip("…")) or start == 1000
    assert len(carets.strip()) == min(max(end - start, 1), len(carets.strip()))
    if end - start < 100:
        assert len(carets.strip()) == max(end - start, 1)
    assert line.strip().strip("…") in source


def test_colour_surrounds_words_only():
    found = Diagnostic("syntax", "wrong", Span(0, 1), "hint", "x y")
    plain, colored = errors.text(found, "error"), errors.text(found, "error", color=True)
    for code in (*errors.COLORS.values(), errors.PLAIN):
        colored = colored.replace(code, "")
    assert colored == plain


def test_json():
    line = errors.json_line(Diagnostic("syntax", "falsch: 'ß'", Span(7, 8), None, "a = 1\nb c"))
    assert "\n" not in line and "ß" in line
    assert json.loads(line) == {"schema": "gradcalc/1", "error": {
        "code": "syntax", "message": "falsch: 'ß'", "span": [7, 8], "line": 2, "column": 2, "hint": None}}
