"""How arrays are written, whole and in summary."""

import math

import numpy as np
import pytest

from gradcalc.render import Style, arrays, draw
from gradcalc.render.numbers import in_full
from gradcalc.render.page import Column, Derivative, Equation, Grid, Matrix, Share, Whole

MATRIX = np.array([[1.0, -2.5], [1 / 3, 4.0]])


class Page:
    """A view of given blocks."""

    def __init__(self, *blocks):
        self.blocks = blocks

    def data(self, style):
        return {}

    def page(self, style):
        return self.blocks

    def bare(self):
        return [[block.right] for block in self.blocks]


@pytest.mark.parametrize(("value", "shape", "flat"), [
    (2.0, (), [2.0]), (np.float32(0.5), (), [0.5]), (np.array([1.0, 2.0]), (2,), [1.0, 2.0]), ([1.0, 2.0], (2,), [1.0, 2.0]),
    (MATRIX, (2, 2), [1.0, -2.5, 1 / 3, 4.0]), ([[1.0], [2.0]], (2, 1), [1.0, 2.0]), (np.zeros((0, 3)), (0, 3), []),
    ([], (0,), []), (np.arange(8.0).reshape(2, 2, 2), (2, 2, 2), list(range(8))),
])
def test_shapes_and_entries(value, shape, flat):
    assert arrays.shape(value) == shape
    assert arrays.is_array(value) is (shape != ())
    assert arrays.size(value) == len(flat)
    assert arrays.flat(value) == flat


@pytest.mark.parametrize(("value", "digits", "expected"), [
    (np.array([1.0, 2.0, 3.0]), None, "[1, 2, 3]"),
    ([[1.0, 2.0], [3.0, 4.0]], None, "[[1, 2], [3, 4]]"),
    (MATRIX, None, "[[1, -2.5], [0.333333, 4]]"),
    (MATRIX, 3, "[[1, -2.5], [0.333, 4]]"),
    (np.array([-0.0, math.nan, math.inf]), None, "[0, NaN, Infinity]"),
    (np.full((2, 3), 1 / 3), None, "[[0.333333, 0.333333, 0.333333], [0.333333, 0.333333, 0.333333]]"),
    (np.full(7, 1 / 3), None, "[0.3333, 0.3333, 0.3333, 0.3333, 0.3333, 0.3333, 0.3333]"),
    (np.linspace(0.1, 0.9, 12) ** 5, None, "12 entries, 1e-05 … 0.5905, norm 0.768"),
    (np.array([]), None, "[]"), (np.zeros((0, 3)), None, "[] 0×3"), (np.zeros((2, 0)), None, "[] 2×0"),
    (np.zeros((4, 4)), None, "4×4, all 0"), (np.full(13, math.nan), None, "13 entries, all NaN"),
    (np.arange(-2.0, 18.0).reshape(4, 5), None, "4×5, -2 … 17, norm 42.31"),
    (np.arange(-2.0, 18.0).reshape(4, 5), 2, "4×5, -2 … 17, norm 42"),
    (np.array([math.nan] * 3 + [3.0, 4.0] + [0.0] * 8), None, "13 entries, 0 … 4, norm 5, 3 NaN"),
    ([math.nan] * 3 + [3.0, 4.0] + [0.0] * 8, None, "13 entries, 0 … 4, norm 5, 3 NaN"),
    ([math.nan] * 13, None, "13 entries, all NaN"),
    (np.array([-math.inf, 1.0] * 7), None, "14 entries, -Infinity … 1, norm Infinity"),
])
def test_cells(value, digits, expected):
    assert arrays.cell(value, digits) == expected


def test_all_the_digits_that_are_asked_for_stand_in_a_cell():
    assert arrays.cell(np.full(12, 1 / 3), 17).count("0.33333333333333331") == 12


@pytest.mark.parametrize(("dtype", "scale"), [
    ("float64", 1e-300), ("float64", 1e-160), ("float64", 1.0), ("float64", 1e160), ("float64", 1e300), ("float32", 1e-30),
    ("float32", 1.0), ("float32", 1e37)])
def test_norms_neither_overflow_nor_vanish_nor_warn(dtype, scale):
    found = arrays.extent(np.array([3.0 * scale, -4.0 * scale], dtype))
    assert math.isclose(found.norm, 5.0 * scale, rel_tol=1e-6)
    assert math.isclose(found.low, -4.0 * scale, rel_tol=1e-6) and math.isclose(found.high, 3.0 * scale, rel_tol=1e-6)
    assert found.strange == 0


@pytest.mark.parametrize(("value", "expected"), [
    (2.0, 2.0), (np.array([1.0, -3.0, 2.0]), -3.0), ([1.0, 3.0], 3.0), (np.array([]), 0.0)])
def test_the_largest_entry(value, expected):
    assert arrays.largest(value) == expected
    assert math.isnan(arrays.largest(np.array([1.0, math.nan])))


@pytest.mark.parametrize(("value", "expected"), [
    (np.array([1.0, 2.0, 1 / 3]), ["[1, 2, 0.3333333333]"]),
    (MATRIX, ["[[           1, -2.5],", " [0.3333333333,    4]]"]),
    (np.arange(8.0).reshape(2, 2, 2), ["[[[0, 1],", "  [2, 3]],", "", " [[4, 5],", "  [6, 7]]]"]),
    (np.zeros((2, 0)), ["[] 2×0"]), ([5.0], ["[5]"]),
    (np.arange(201.0), ["201 entries, 0 … 200, norm 1639"]),
])
def test_lines(value, expected):
    assert arrays.lines(value) == expected


def test_a_long_row_is_folded_and_nothing_is_lost():
    value = np.arange(200.0)
    lines = arrays.lines(value)
    assert len(lines) == 10
    assert max(map(len, lines)) <= arrays.LINE + 2
    assert [float(word) for word in "".join(lines).strip("[]").split(",")] == value.tolist()
    assert len({len(line.rstrip(",]")) for line in lines}) == 1
    folded = arrays.lines(np.arange(200.0).reshape(2, 100))
    assert folded[0].startswith("[[") and folded[-1].endswith("]]")
    assert all(line.startswith("  ") for line in folded[1:5])


def test_inline_in_full():
    assert arrays.inline(MATRIX, in_full) == "[[1.0, -2.5], [0.3333333333333333, 4.0]]"


BLOCKS = (Equation("y", np.array([1.0, 0.5])), Equation(Derivative("y", "W", 2), MATRIX), Equation(Share(("J", "v"), "y"), 2.0),
          Equation(Derivative("f", "x", then="y"), np.array([1.0, 2.0]), np.array([1e-9, 2e-9])))


def test_equations_in_plain_text():
    assert list(draw(Page(*BLOCKS), Style("plain", 3))) == [
        "y = [1, 0.5]", "∂²y/∂W² = [[    1, -2.5],", "           [0.333,    4]]", "J·v for y = 2",
        "∂²f/∂x∂y = [1, 2]  ± 2e-09 at most"]
    assert list(draw(Page(*BLOCKS), Style("table", 3))) == list(draw(Page(*BLOCKS), Style("plain", 3)))


def test_an_array_beside_a_long_output_begins_on_the_next_line():
    assert list(draw(Page(Equation("a_name_that_is_rather_long", MATRIX)), Style("plain", 3))) == [
        "a_name_that_is_rather_long =", "  [[    1, -2.5],", "   [0.333,    4]]"]


def test_equations_in_latex():
    assert list(draw(Page(*BLOCKS), Style("latex", 3))) == [
        r"y = \begin{pmatrix} 1 \\ 0.5 \end{pmatrix}",
        r"\frac{\partial^{2} y}{\partial W^{2}} = \begin{pmatrix} 1 & -2.5 \\ 0.333 & 4 \end{pmatrix}",
        r"\left(J v\right)_{y} = 2",
        r"\frac{\partial^{2} f}{\partial x\,\partial y} = \begin{pmatrix} 1 \\ 2 \end{pmatrix} \pm "
        r"\begin{pmatrix} 1 \cdot 10^{-9} \\ 2 \cdot 10^{-9} \end{pmatrix}"]


def test_latex_of_indices_of_many_axes_and_of_large_arrays():
    cube = np.arange(8.0).reshape(2, 2, 2)
    assert list(draw(Page(Equation(Derivative("y", "x_1", 3), cube), Equation("y", np.ones(201))), Style("latex"))) == [
        r"\frac{\partial^{3} y}{\partial {x_{1}}^{3}} = \left[\begin{pmatrix} 0 & 1 \\ 2 & 3 \end{pmatrix}, "
        r"\begin{pmatrix} 4 & 5 \\ 6 & 7 \end{pmatrix}\right]", r"y = \text{201 entries, all 1}"]


def test_quiet():
    assert list(draw(Page(*BLOCKS[:3]), Style("quiet"))) == ["[1.0, 0.5]", "[[1.0, -2.5], [0.3333333333333333, 4.0]]", "2.0"]
    assert list(draw(Page(*BLOCKS[:2]), Style("quiet", 2))) == ["[1, 0.5]", "[[1, -2.5], [0.33, 4]]"]


def test_cells_of_a_table():
    rows = [("x", np.array([1.0, 2.0])), ("W", np.zeros((28, 28))), ("c", 1.5)]
    grid = Page(Grid((Column("name"), Column("value", "number")), rows))
    assert list(draw(grid, Style("plain"))) == [
        "name         value", "x           [1, 2]", "W     28×28, all 0", "c              1.5"]
    latex = list(draw(grid, Style("latex")))
    assert r"\text{x} & \begin{pmatrix} 1 \\ 2 \end{pmatrix} \\" in latex
    assert r"\text{W} & \text{28$\times$28, all 0} \\" in latex


@pytest.mark.parametrize(("title", "plain", "latex"), [
    (Derivative("y", "x"), "∂y/∂x", r"\frac{\partial y}{\partial x}"), (Whole("Hessian of f", "H"), "Hessian of f", "H")])
def test_matrices(title, plain, latex):
    page = Page(Matrix(title, "2×2", ["y[0]", "y[1]"], ["x[0]", "x[1]"], MATRIX.tolist()))
    assert list(draw(page, Style("plain", 3))) == [
        f"{plain}, 2×2", "       x[0]  x[1]", "y[0]      1  -2.5", "y[1]  0.333     4"]
    assert list(draw(page, Style("table", 3)))[:3] == [f"{plain}, 2×2", "╭──────┬───────┬──────╮", "│      │  x[0] │ x[1] │"]
    assert list(draw(page, Style("latex", 3))) == [latex + r" = \begin{pmatrix} 1 & -2.5 \\ 0.333 & 4 \end{pmatrix}"]


def test_orders():
    assert [Derivative("y", "x", order).text() for order in (1, 2, 12)] == ["∂y/∂x", "∂²y/∂x²", "∂¹²y/∂x¹²"]
    assert Derivative("x^2", "x", 2).text() == "∂²(x^2)/∂x²"
    assert Share(("v", "J"), "W@x").text() == "v·J for (W@x)"
