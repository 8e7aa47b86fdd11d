"""What a sweep costs, in operations on numbers: the figure that makes the modes' prices visible side by side.

A row's value counts one, for each entry of an array. A partial counts the operations that it calls, and the product with the
tangent or adjoint one more, unless the partial is the number 1; a vjp counts what the value does. Each further share that
arrives at a node costs an addition.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from gradcalc.graph.operations import TABLE
from gradcalc.graph.operations.operation import Partial
from gradcalc.graph.tape import Graph


def of_values(graph: Graph, order: Sequence[int], primal: Sequence[Any]) -> int:
    """The operations that the value takes: those of the rows of the program that have arguments."""
    return sum(_work(graph, node, primal) for node in order if graph.instructions[node].args)


def of_reverse(graph: Graph, order: Sequence[int], active: Sequence[int], primal: Sequence[Any]) -> int:
    """The operations of the reverse sweep, without those of the value."""
    total, reached = 0, set()
    for node in order:
        op, args, _ = graph.instructions[node]
        for position, argument in enumerate(args):
            if active[argument] and _carries(op, position):
                total += _share(op, position) * _work(graph, node, primal) + (argument in reached) * _size(primal[argument])
                reached.add(argument)
    return total


def of_forward(graph: Graph, order: Sequence[int], tangents: Sequence[Any], primal: Sequence[Any]) -> int:
    """The operations of a forward sweep, without those of the value."""
    total = 0
    for node in order:
        op, args, _ = graph.instructions[node]
        shares = [_share(op, position) for position, argument in enumerate(args)
                  if tangents[argument] is not None and _carries(op, position)]
        if shares:
            total += sum(shares) * _work(graph, node, primal) + (len(shares) - 1) * _size(primal[node])
    return total


def _size(value: Any) -> int:
    """How many numbers a value is."""
    return int(getattr(value, "size", 1))


def _work(graph: Graph, node: int, primal: Sequence[Any]) -> int:
    """The operations on numbers that a node's value takes."""
    op, args, _ = graph.instructions[node]
    row, operands = TABLE[op], [primal[argument] for argument in args]
    if row.shape is None:
        return _size(primal[node])
    if row.work is not None:
        return row.work(*(operand.shape for operand in operands))
    return max(map(_size, (primal[node], *operands)))


def _carries(op: str, position: int) -> bool:
    """Whether the row has a rule for this argument."""
    row = TABLE[op]
    return (row.vjps or row.partials)[0 if row.many else position] is not None


def _share(op: str, position: int) -> int:
    """The operations of one rule of a row, and of the product with what it is multiplied by, in terms of the value's."""
    row = TABLE[op]
    partial = None if row.vjps else row.partials[position]
    return 1 if partial is None else _operations(partial, len(row.parameters) + len(row.settings))


@cache
def _operations(partial: Partial, count: int) -> int:
    """The same for a partial of so many arguments. Kept by the partial, not by its row's name, which another row may get."""
    tally = _Tally()
    factor = partial(tally, _Operand(tally), *(_Operand(tally) for _ in range(count)))
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
