"""The formats: the same blocks, drawn by each."""

import json
import math

import pytest

from gradcalc.render import Style, draw
from gradcalc.render.formats.json import line
from gradcalc.render.formats.latex import formula
from gradcalc.render.numbers import doubt, duration, in_full, number, visible, width
from gradcalc.render.page import Column, Derivative, Equation, Grid, Line, one_line


class Page:
    """A view of given blocks."""

    def __init__(self, *blocks):
        self.blocks = blocks

    def data(self, style):
        return {"value": math.nan}

    def page(self, style):
        return self.blocks

    def bare(self):
        return [[1.0, math.inf], ["x + 1"]]


GRID = Grid((Column("name"), Column("", "number", Derivative("x^2", "x"))), [("[b]", 1 / 3), ("日本", None), ("⋮", "⋮")])
VIEW = Page(GRID, Line("done", "good"), Equation(Derivative("e", "b"), 0.1, 1.234e-9), Equation("t1", "x^2"))


@pytest.mark.parametrize(("name", "expected"), [
    ("plain", ["name  ∂(x^2)/∂x", "[b]       0.333", "日本          —", "⋮             ⋮", "done",
               "∂e/∂b = 0.1  ± 1.2e-09", "t1 = x^2"]),
    ("table", ["╭──────┬───────────╮", "│ name │ ∂(x^2)/∂x │", "├──────┼───────────┤", "│ [b]  │     0.333 │",
               "│ 日本 │         — │", "│ ⋮    │         ⋮ │", "╰──────┴───────────╯", "done",
               "∂e/∂b = 0.1  ± 1.2e-09", "t1 = x^2"]),
    ("latex", [r"\begin{array}{lr}",
               r"\text{name} & \frac{\partial \left(x^{2}\right)}{\partial x} \\ \hline",
               r"\text{[b]} & 0.333 \\", r"\text{日本} & \text{---} \\", r"\vdots & \vdots \\", r"\end{array}", r"\text{done}",
               r"\frac{\partial e}{\partial b} = 0.1 \pm 1.2 \cdot 10^{-9}", "t_{1} = x^{2}"]),
    ("quiet", ["1 Infinity", "x + 1"]),
    ("json", ['{"value": "NaN"}']),
])
def test_each_format(name, expected):
    assert list(draw(VIEW, Style(name, 3))) == expected


def test_quiet_has_all_digits_by_default():
    assert list(draw(Page(), Style("quiet"))) == ["1.0 Infinity", "x + 1"]


def test_colour_changes_nothing_but_colour():
    import re

    colored = list(draw(VIEW, Style("table", 3, color=True)))
    assert any("\x1b[" in row for row in colored)
    assert [re.sub(r"\x1b\[[0-9;]*m", "", row).rstrip() for row in colored] == list(draw(VIEW, Style("table", 3)))


def test_json_spells_what_is_not_finite():
    data = {"a": [math.nan, (math.inf, -math.inf)], "b": {"c": 1.5}, "d": 0.1, "e": "∂", "f": None, "g": True}
    assert json.loads(line(data)) == {"a": ["NaN", ["Infinity", "-Infinity"]], "b": {"c": 1.5}, "d": 0.1, "e": "∂",
                                      "f": None, "g": True}
    assert "∂" in line(data)


@pytest.mark.parametrize(("value", "digits", "expected"), [
    (1 / 3, None, "0.3333333333"), (1 / 3, 3, "0.333"), (5.0, None, "5"), (-0.0, None, "0"), (1e-12, None, "1e-12"),
    (123456.0, 3, "1.23e+05"), (math.nan, 3, "NaN"), (math.inf, None, "Infinity"), (-math.inf, None, "-Infinity"),
    (0.1, 17, "0.10000000000000001"),
])
def test_numbers(value, digits, expected):
    assert number(value, digits) == expected


def test_numbers_in_full():
    assert [in_full(value) for value in (5.0, 0.1, 1e300, -0.0, math.inf)] == ["5.0", "0.1", "1e+300", "0.0", "Infinity"]


def test_durations_and_doubts():
    assert [duration(seconds) for seconds in (2.0, 0.0123, 1.5e-5, 0.0)] == ["2 s", "12.3 ms", "15 µs", "0 µs"]
    assert [doubt(value) for value in (1.26e-9, math.nan)] == ["± 1.3e-09", "± unknown"]


def test_widths():
    assert [width(text) for text in ("abc", "日本", "e\u0301", "")] == [3, 4, 1, 0]


def test_visible_keeps_tabs_and_letters():
    assert visible("\tüx\x00\n\ud800") == "\tüx␀␊\ufffd"


def test_a_program_on_one_line():
    assert one_line("a = 1  # one\r\n\n  b = a;\nc") == "a = 1; b = a; c"


@pytest.mark.parametrize(("written", "expected"), [
    ("x^2", "x^{2}"), ("c = a*b", "c = a b"), ("alpha_1", r"\alpha_{1}"), ("a = 1, b = 2", r"\text{a = 1, b = 2}"),
    ("max(a, …", r"\text{max(a, \ldots{}}"), ("50% & {x}_1\\", r"\text{50\% \& \{x\}\_1\textbackslash{}}"),
])
def test_latex_of_formulas_and_of_what_is_none(written, expected):
    assert formula(written) == expected


def test_latex_of_a_reference_to_another_node():
    assert "12" in formula("#12*x") and r"\text" not in formula("#12*x")


def test_latex_of_numbers_that_are_not_finite():
    assert list(draw(Page(Equation("x", -math.inf), Equation("y", math.nan)), Style("latex"))) == [
        r"x = -\infty", r"y = \mathrm{NaN}"]
