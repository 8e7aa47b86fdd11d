"""The table that people see, against the same table drawn by Rich, to the byte and with its colours."""

import io
from itertools import product

import pytest
from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from gradcalc.render import Style
from gradcalc.render.formats import table
from gradcalc.render.page import Column, Derivative, Grid, Line, Matrix, Whole

GRIDS = {
    "nodes": Grid([Column("#", "number"), Column("name", "formula"), Column("", "number", Derivative("e", "node"))],
                  [["0", "a", 2.0], ["1", None, -0.125], ["10", "(a + b)*(b + 1)", None]]),
    "no rows": Grid([Column("mode"), Column("value", "number")], []),
    "wide and combined characters": Grid([Column("名前"), Column("x²", "number")], [["한", 1e30], ["e\u0301", 3.0]]),
    "what looks like markup": Grid([Column("[bold]x[/]", "formula")], [[":smile:"], ["[red]"]]),
}


class Page:
    """A view of these blocks alone."""

    def __init__(self, *blocks):
        self.blocks = blocks

    def page(self, style):
        return self.blocks


def by_rich(grid, color):
    console = Console(file=io.StringIO(), force_terminal=color, color_system="standard" if color else None, no_color=not color,
                      highlight=False, markup=False, emoji=False, legacy_windows=False, width=10**9, _environ={})
    drawn = Table(box=box.ROUNDED, safe_box=False, border_style="dim", header_style="bold")
    for column in grid.columns:
        drawn.add_column(Text(column.text()), justify="right" if column.kind == "number" else "left", no_wrap=True,
                         style="cyan" if column.kind == "formula" else "")
    for row in grid.rows:
        drawn.add_row(*(Text("—" if value is None else value if isinstance(value, str) else f"{value:.10g}") for value in row))
    drawn.width = Measurement.get(console, console.options, drawn).maximum
    console.print(drawn)
    return console.file.getvalue().splitlines()


@pytest.mark.parametrize(("name", "color"), [*product(GRIDS, (False, True))])
def test_a_table_is_what_rich_draws(name, color):
    drawn = list(table.lines(Page(GRIDS[name]), Style("table", None, color)))
    assert len(drawn) == 4 + len(GRIDS[name].rows)
    assert drawn == by_rich(GRIDS[name], color)


def test_nothing_is_cut_off_where_a_cell_has_a_tab():
    drawn = list(table.lines(Page(Grid([Column("a\tb")], [["c\td e"]])), Style()))
    assert drawn[1] == "│ a       b   │"
    assert drawn[3] == "│ c       d e │"


def test_a_matrix_has_its_heading_above_and_colours_are_written_on_demand():
    matrix = Matrix(Whole("Hessian", "H"), "2 by 2", ["a", "b"], ["a", "b"], [[1.0, 2.0], [2.0, 4.0]])
    assert next(iter(table.lines(Page(matrix), Style("table", None, True)))) == "\x1b[1mHessian, 2 by 2\x1b[0m"
    assert list(table.lines(Page(matrix), Style()))[-2:] == ["│ b │ 2 │ 4 │", "╰───┴───┴───╯"]
    assert list(table.lines(Page(Line("wrong", "bad"), Line("")), Style("table", None, True))) == ["\x1b[1;31mwrong\x1b[0m", ""]
