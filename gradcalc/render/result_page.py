"""What people read of an answer to ``eval`` or ``diff``: the table of nodes, the value, the gradient, the formulas."""

from collections.abc import Iterable, Iterator, Sequence

from gradcalc.questions.answers import Result, Row
from gradcalc.render import Style, arrays
from gradcalc.render.page import GAP, Block, Cell, Column, Derivative, Equation, Grid, Line

#: How many rows a table shows at either end when it has more than twice as many.
SHOWN = 100
#: What is said below values of which at least one does not stand there whole.
SUMMARISED = Line(f"of an array of more than {arrays.WHOLE} entries only the shape, the range and the norm stand here; "
                  "--json has them all")


def page(result: Result, style: Style) -> Iterator[Block]:
    """The blocks, in the order in which they are read."""
    if result.trace and style.trace:
        yield from _nodes(result, result.trace)
        yield GAP
    if result.value is not None:
        yield Equation(result.output, result.value)
    for name, slope in (result.gradient or {}).items():
        doubt = None if result.estimate is None else result.estimate[name]
        yield Equation(Derivative(result.output, name, result.order), slope, doubt)
    if any(arrays.size(value) > arrays.WHOLE for value in (result.value, *(result.gradient or {}).values())):
        yield SUMMARISED
    if result.proof is not None:
        yield GAP
        yield Line(f"proven, with {result.proof.bits} bits:")
        yield Equation(result.output, result.proof.value)
        for name, enclosure in result.proof.gradient.items():
            yield Equation(Derivative(result.output, name, result.order), enclosure)
    if result.gradient is not None and result.formula:
        yield GAP
    formulas = result.formula or {}
    shared = any("\n" in formula for formula in formulas.values())
    for place, (name, formula) in enumerate(formulas.items()):
        if place and shared:
            yield GAP  # each formula has shared parts of its own
        yield from _formula(Derivative(result.output, name, result.order), formula)


def _formula(symbol: Derivative, formula: str) -> Iterator[Equation]:
    """The formula's shared parts on lines of their own, then the formula."""
    *shared, last = formula.split("\n")
    for line in shared:
        name, _, value = line.partition(" = ")
        yield Equation(name, value)
    yield Equation(symbol, last)


def _nodes(result: Result, trace: Sequence[Row]) -> Iterator[Block]:
    """The table of nodes; of a long one the beginning and the end."""
    cut = len(trace) > 2 * SHOWN
    rows = [*trace[:SHOWN], *trace[-SHOWN:]] if cut else list(trace)
    named = result.output.isidentifier()
    columns = [Column("#", "number"), Column("name", "formula"), Column("operation"),
               Column("expression", "formula"), Column("value", "number")]
    adjoints = any(row.adjoint is not None for row in rows)
    tangents = list(next((row.tangent for row in rows if row.tangent), {}))
    if adjoints:
        columns.append(Column("adjoint", "number", Derivative(result.output, "node") if named else None))
    columns += [Column("tangent", "number", Derivative("node", name)) for name in tangents]
    cells = [_cells(row, adjoints, tangents) for row in rows]
    if cut:
        cells.insert(SHOWN, ["⋮"] * len(columns))
    yield Grid(columns, cells)
    if cut:
        yield Line(f"{len(trace) - 2 * SHOWN:,} of {len(trace):,} rows are left out; --json has them all")


def _cells(row: Row, adjoints: bool, tangents: Iterable[str]) -> list[Cell]:
    operation = " ".join([row.op, *(f"#{argument}" for argument in row.args)])
    cells: list[Cell] = [str(row.node), row.name, operation, row.expression, row.value]
    if adjoints:
        cells.append(row.adjoint)
    return cells + [(row.tangent or {}).get(name) for name in tangents]
