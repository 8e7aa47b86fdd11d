"""The shape of every node, from the shapes of the inputs, before anything is computed.

A shape is a tuple of lengths. A shape that is not known yet is the name of the input that has it, or None. Equal shapes are
recognised as far as possible even then, so that formulas broadcast only where they must. This module must not know values.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from gradcalc.graph.operations import TABLE
from gradcalc.graph.operations.shape_rules import (
    OF_A_NUMBER,
    OF_THE_FIRST,
    Shape,
    ShapeError,
    broadcast,
    nonempty,
    reduced,
)
from gradcalc.graph.tape import CONST, INPUT, Graph

Known = Shape | str | None


class MisplacedError(Exception):
    """The arguments of ``node`` do not fit together; ``misfit`` says why."""

    def __init__(self, node: int, misfit: ShapeError) -> None:
        super().__init__(misfit.message)
        self.node = node
        self.misfit = misfit


def infer(graph: Graph, order: Sequence[int], given: Mapping[int, Known]) -> dict[int, Known]:
    """The shape of each node of ``order``; ``given`` has those of the inputs. Raises MisplacedError where one cannot be."""
    shapes: dict[int, Known] = {}
    for node in order:
        op, args, payload = graph.instructions[node]
        if node in given:
            shapes[node] = given[node]
        elif op == CONST:
            shapes[node] = of_entries(payload)
        elif op == INPUT:
            shapes[node] = str(payload)
        else:
            try:
                shapes[node] = shape_of(op, [shapes[argument] for argument in args], payload)
            except ShapeError as misfit:
                raise MisplacedError(node, misfit) from misfit
    return shapes


def shape_of(op: str, shapes: Sequence[Known], settings: tuple[Any, ...] | None) -> Known:
    """The shape of an operation's value. Raises ShapeError where the arguments do not fit."""
    row = TABLE[op]
    if all(isinstance(shape, tuple) for shape in shapes):
        found: Shape = broadcast(*shapes) if row.shape is None else row.shape(*shapes, *(settings or ()))  # type: ignore[arg-type]
        return found
    if row.shape is None:
        wide = {shape for shape in shapes if shape != ()}
        return wide.pop() if len(wide) == 1 else None
    if row.parameters[-1] == "like" and not row.many:
        return shapes[-1]
    if row.shape in OF_A_NUMBER or (row.shape in (reduced, nonempty) and settings == (None, False)):
        return ()
    return shapes[0] if row.shape in OF_THE_FIRST else None


def of_entries(value: Any) -> Shape:
    """The shape of a constant: of a number, or of nested tuples."""
    shape: list[int] = []
    while isinstance(value, tuple):
        shape.append(len(value))
        value = value[0] if value else 0.0
    return tuple(shape)


def has_arrays(graph: Graph, order: Sequence[int]) -> bool:
    """Whether some of these nodes is, or may be, an array even if all inputs are numbers."""
    return any(isinstance(payload, tuple) or (op in TABLE and TABLE[op].shape is not None)
               for op, _, payload in map(graph.instructions.__getitem__, order))
