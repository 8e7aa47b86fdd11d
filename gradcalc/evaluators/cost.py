"""What a sweep costs, in operations of the table: the figure that makes the modes' prices visible side by side.

A row's value counts one. A partial counts the operations that it calls, and the product with the tangent or adjoint one
more, unless the partial is the number 1; each further share that arrives at a node costs an addition.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from gradcalc.graph.operations import TABLE
from gradcalc.graph.tape import Graph


def of_values(graph: Graph, order: Sequence[int]) -> int:
    """The operations that the value takes: the rows of the program that have arguments."""
    return sum(1 for node in order if graph.instructions[node].args)


def of_reverse(graph: Graph, order: Sequence[int], active: Sequence[int]) -> int:
    """The operations of the reverse sweep, without those of the value."""
    total, reached = 0, set()
    for node in order:
        op, args, _ = graph.instructions[node]
        for position, argument in enumerate(args):
            if active[argument] and TABLE[op].partials[position] is not None:
                total += _share(op, position) + (argument in reached)
                reached.add(argument)
    return total


def of_forward(graph: Graph, order: Sequence[int], tangents: Sequence[float | None]) -> int:
    """The operations of a forward sweep, without those of the value."""
    total = 0
    for node in order:
        op, args, _ = graph.instructions[node]
        shares = [_share(op, position) for position, argument in enumerate(args)
                  if tangents[argument] is not None and TABLE[op].partials[position] is not None]
        total += sum(shares) + max(len(shares) - 1, 0)
    return total


@cache
def _share(op: str, position: int) -> int:
    """The operations of one partial of a row, and of the product with what it is multiplied by."""
    row = TABLE[op]
    tally = _Tally()
    operands = [_Operand(tally) for _ in row.parameters]
    partial = row.partials[position]
    assert partial is not None
    factor = partial(tally, _Operand(tally), *operands)
    return 0 if factor == 1.0 else tally.count + 1


class _Tally:
    """A namespace that counts what is called on it, and computes nothing."""

    def __init__(self) -> None:
        self.count = 0
        self.pi = _Operand(self)

    def __getattr__(self, name: str) -> Any:
        return self.counted

    def counted(self, *args: object) -> "_Operand":
        self.count += 1
        return _Operand(self)


class _Operand:
    """Any number, to that namespace."""

    def __init__(self, tally: _Tally) -> None:
        self.tally = tally

    def _counted(self, other: object = None) -> "_Operand":
        return self.tally.counted()

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __neg__ = _counted
