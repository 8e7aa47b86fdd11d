"""Recording: every row can be recorded and differentiated to any order, and only the obvious is folded."""

import math
from collections.abc import Sequence
from typing import Any

import pytest

from gradcalc.graph import sweeps
from gradcalc.graph.formulas import record_adjoints
from gradcalc.graph.namespaces import scalars
from gradcalc.graph.namespaces.symbols import Symbol, Symbols
from gradcalc.graph.operations import TABLE, api_names
from gradcalc.graph.operations.operation import Operation
from gradcalc.graph.shape_inference import infer, of_entries
from gradcalc.graph.tape import CONST, Graph

ELEMENTWISE = [row for row in TABLE.values() if row.shape is None]
CASES = [(row, *case) for row in TABLE.values() for case in row.cases]


def recorded(row: Operation, shapes: Sequence[tuple[int, ...]] | None = None, settings: tuple[Any, ...] = (),
             known: bool = False) -> tuple[Graph, list[Symbol], Symbol]:
    """The row on inputs; with ``shapes`` on arrays, whose shapes the graph may know."""
    graph = Graph()
    names = row.parameters if shapes is None else [f"x{place}" for place in range(len(shapes))]
    operands = [Symbol(graph, graph.input(name)) for name in names]
    if shapes is not None:
        graph.shapes = dict(enumerate(shapes)) if known else {}
    value = graph.add(row.name, tuple(operand.node for operand in operands), settings=settings or None)
    if shapes is not None and known:
        graph.shapes[value] = row.shape(*shapes, *settings)
    return graph, operands, Symbol(graph, value)


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
@pytest.mark.parametrize(("row", "shapes", "settings"), CASES, ids=[f"{row.name}-{shapes}-{s}" for row, shapes, s in CASES])
def test_every_row_of_arrays_has_derivatives_of_every_order(row: Operation, shapes: Any, settings: Any, known: bool) -> None:
    graph, operands, value = recorded(row, shapes, settings, known)
    roots = [value.node]
    for _ in range(3):
        found = [node for root in roots for node in record_adjoints(graph, root, [o.node for o in operands]).values()]
        assert all(op in TABLE or op in ("input", "const") for op, _, _ in graph.instructions)
        roots = found[:3]
    if known:
        order = graph.ancestors([*roots, value.node])
        assert infer(graph, order, dict(enumerate(shapes))).items() <= {**graph.shapes, **constants(graph)}.items()


def constants(graph: Graph) -> dict[int, tuple[int, ...]]:
    """The shapes of constants, which the graph need not note."""
    return {node: of_entries(payload) for node, (op, _, payload) in enumerate(graph.instructions) if op == CONST}


@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
def test_every_row_has_derivatives_of_every_order(row: Operation) -> None:
    graph, operands, value = recorded(row)
    roots = [value.node]
    for _ in range(3):
        found = [node for root in roots for node in record_adjoints(graph, root, [o.node for o in operands]).values()]
        assert all(op in TABLE or op in ("input", "const") for op, _, _ in graph.instructions)
        roots = found[:3]


@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
def test_every_partial_agrees_with_its_numbers(row: Operation) -> None:
    graph, operands, value = recorded(row)
    point = dict(zip([operand.node for operand in operands], (0.3, 0.7, 0.9), strict=False))
    y = row.value(scalars, *point.values())
    for partial in row.partials:
        if partial is None:
            continue
        expected = partial(scalars, y, *point.values())
        factor = partial(Symbols(graph), value, *operands)
        if isinstance(factor, Symbol):
            factor = sweeps.values(graph, graph.ancestors([factor.node]), point, scalars)[factor.node]
        if math.isnan(expected):
            assert math.isnan(factor)
        else:
            assert factor == expected


@pytest.mark.parametrize("row", TABLE.values(), ids=lambda row: row.name)
def test_every_value_can_be_recorded(row: Operation) -> None:
    shapes, settings = row.cases[0] if row.cases else (None, ())
    graph, operands, _ = recorded(row, shapes, settings)
    found = row.value(Symbols(graph), *operands, *settings)
    assert isinstance(found, Symbol) and found.graph is graph


def test_the_array_names_are_rows() -> None:
    assert set(api_names().values()) <= set(TABLE)
    with pytest.raises(AttributeError):
        Symbols(Graph()).nothing  # noqa: B018


def test_what_is_folded() -> None:
    graph = Graph()
    xp = Symbols(graph)
    x = Symbol(graph, graph.input("x"))
    assert (x + 0.0).node == (0.0 + x).node == (x*1.0).node == (1.0*x).node == (x/1.0).node == x.node
    minus = -x
    assert (-minus).node == (0.0 - (0.0 - x)).node == (x*-1.0*-1.0).node == x.node
    assert xp.pow(x, 1.0).node == x.node
    zero = graph.constant(0.0)
    assert (0.0*x).node == (x*0.0).node == (0.0/x).node == zero
    assert (xp.constant(2.0)*3.0).node == graph.constant(6.0)
    assert xp.where(xp.constant(1.0), x, 0.0).node == x.node
    assert xp.where(x, x, x).node == x.node
    assert xp.gate(x).node == x.node and xp.gate(2.0) is True and xp.gate(xp.constant(0.0)) is False
    assert xp.same(x, Symbol(graph, x.node)) and not xp.same(x, True)


def test_nothing_is_evaluated_to_an_infinity() -> None:
    graph = Graph()
    xp = Symbols(graph)
    big = xp.constant(1e300)
    xp.exp(big*big) + xp.log(0.0) + xp.nan + 1.0/xp.constant(0.0) + xp.constant(0.1)*0.2
    assert all(math.isfinite(payload) for op, _, payload in graph.instructions if op == CONST)
    assert (xp.constant(0.1)*0.2).node != graph.constant(0.1*0.2), "decimals are left to the simplifier"
