"""Graph to text in gradcalc's own language. LaTeX and Python have files of their own beside this one.

What is printed reads back as the same function, and prints as the same text again. The graph alone decides: nothing is
simplified here, and an input is the only thing that has a name.
"""

from collections.abc import Sequence

from gradcalc.graph.operations import TABLE
from gradcalc.graph.operations.row import CALL, Operation
from gradcalc.graph.tape import CONST, INPUT, Graph
from gradcalc.language import outline
from gradcalc.language.outline import Outline, Part, Pieces, number

#: A part whose text is longer is referred to by its number in the node table.
WIDTH = 60


class Text:
    """gradcalc's own language."""

    brackets = ("(", ")")

    def layout(self, parts: Sequence[Part], part: int) -> tuple[int, Pieces]:
        own = parts[part]
        if own.op == INPUT:
            return CALL, (str(own.payload),)
        if own.op == CONST:
            return CALL, (number(float(str(own.payload))),)
        row = TABLE.get(own.op)
        if row is not None and row.symbol is not None:
            return outline.operator(own, row.symbol)
        return (CALL, (own.op,)) if not own.args else outline.call(parts, own, own.op + "(")


def text(graph: Graph, root: int) -> str:
    """The formula of a node. Parts that it would repeat at length come first, as lines ``t1 = …``; the result is last."""
    parts = outline.parts_of(graph, root)
    drawn = Outline(parts, Text())
    once = drawn.shared()
    given = outline.names_for(once, outline.inputs_of(parts))
    lines = [f"{given[part]} = {drawn.write(part, given)}" for part in once]
    return "\n".join([*lines, drawn.write(len(parts) - 1, given)])


def expressions(graph: Graph, order: Sequence[int]) -> dict[int, str]:
    """Each node's text in terms of names: what has a name stands by it in what reads it, the rest is written out.

    A part of more than WIDTH characters stands as ``#12``, the number of its node, so that all texts together grow with the
    number of nodes only.
    """
    labels = graph.labels()
    style, parts = Text(), [Part(*instruction) for instruction in graph.instructions]
    own: dict[int, str] = {}
    read: dict[int, tuple[int, str]] = {}
    for node in order:
        payload = parts[node].payload
        if isinstance(payload, float):
            level, written = TABLE["neg"].binds if payload < 0 else CALL, number(payload)
        else:
            level, pieces = style.layout(parts, node)
            written = "".join([piece if isinstance(piece, str) else _read(read[piece[0]], piece[1]) for piece in pieces])
        own[node] = written
        read[node] = ((CALL, labels[node]) if node in labels else
                      (level, written) if len(written) <= WIDTH else (CALL, f"#{node}"))
    return own


def _read(part: tuple[int, str], level: int) -> str:
    return f"({part[1]})" if part[0] < level else part[1]


def partial_formulas(row: Operation) -> list[str | None]:
    """The derivative of a row of the table with respect to each parameter; None where it is locally constant in one."""
    from gradcalc.graph.formulas import partials

    return [None if partial is None else text(partial.graph, partial.root) for partial in partials(row)]
