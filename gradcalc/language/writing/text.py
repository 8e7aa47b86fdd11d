"""Graph to text in gradcalc's own language.

What is printed reads back as the same function, and prints as the same text again. The graph alone decides: nothing is
simplified here, and an input is the only thing that has a name.
"""

from collections.abc import Sequence

from gradcalc.graph.operations import TABLE
from gradcalc.graph.operations.operation import CALL, Operation
from gradcalc.graph.tape import CONST, INPUT, Graph
from gradcalc.language.writing import layout, notation
from gradcalc.language.writing.layout import IN_BRACKETS, Layout, Part, Pieces
from gradcalc.language.writing.notation import number

#: A part whose text is longer is referred to by its number in the node table.
WIDTH = 60
#: In the node table an operation of more arguments is written with the first ones and the last.
ARGUMENTS = 8


class Text:
    """gradcalc's own language."""

    brackets = ("(", ")")

    def layout(self, parts: Sequence[Part], part: int) -> tuple[int, Pieces]:
        this = parts[part]
        if this.op == INPUT:
            return CALL, (str(this.payload),)
        if this.op == CONST:
            return CALL, (notation.entries(this.payload) if this.is_array else number(float(this.payload)),)
        row = TABLE.get(this.op)
        if row is not None and row.settings:
            return _array_operation(parts, this, row)
        if row is not None and row.symbol is not None:
            return layout.operator(this, row.symbol)
        name = this.op if row is None else row.function
        return (CALL, (name,)) if not this.args else layout.call(parts, this, name + "(")


def _array_operation(parts: Sequence[Part], this: Part, row: Operation) -> tuple[int, Pieces]:
    """An operation with settings: as a literal, behind its argument, or as a call."""
    key = notation.own_key(row, this.payload)
    behind = "" if key is None else f"[{notation.key(key)}]"
    if row.name == "index":
        return CALL, ((this.args[0], CALL), behind)
    if is_transposed(this):
        # Behind a number the point would be read as a decimal point.
        operand = parts[this.args[0]]
        return CALL, ((this.args[0], IN_BRACKETS if operand.leaf and operand.op == CONST else CALL), ".T")
    if is_literal(this):
        return CALL, ("[", *layout.listed(this.args), "]")
    given = "".join([f", {name}={value}" for name, value in notation.settings(row, this.payload)])
    leading = ", ".join(notation.leading(row, this.payload))
    opening = f"{row.function}({leading}{', ' * bool(leading and this.args)}"
    closing = f"{given}){behind}"
    if len(this.args) == 1 and row.listed and (parts[this.args[0]].is_array or is_literal(parts[this.args[0]])):
        opening, closing = opening + "[", "]" + closing  # a literal alone would stand for its elements
    return CALL, (opening, *layout.listed(this.args), closing)


def is_transposed(part: Part) -> bool:
    """Whether it is written ``.T``: all axes in reverse order."""
    return part.op == "transpose" and part.payload == (None,)


def is_literal(part: Part) -> bool:
    """Whether it is written as an array literal of its arguments."""
    return part.op == "stack" and part.payload == (0,)


def text(graph: Graph, root: int) -> str:
    """The formula of a node. Parts that it would repeat at length come first, as lines ``t1 = …``; the result is last."""
    parts = layout.parts_of(graph, root)
    drawn = Layout(parts, Text())
    once = drawn.shared()
    given = layout.names_for(once, layout.inputs_of(parts))
    lines = [f"{given[part]} = {drawn.write(part, given)}" for part in once]
    return "\n".join([*lines, drawn.write(len(parts) - 1, given)])


def expressions(graph: Graph, order: Sequence[int]) -> dict[int, str]:
    """Each node's text in terms of names: a node that has a name is written by it in the nodes that read it.

    A part of more than WIDTH characters stands as ``#12``, the number of its node, so that all texts together grow with the
    number of nodes only.
    """
    labels = graph.labels()
    style, parts = Text(), [Part(*instruction) for instruction in graph.instructions]
    this: dict[int, str] = {}
    read: dict[int, tuple[int, str]] = {}
    for node in order:
        payload = parts[node].payload
        if isinstance(payload, float):
            level, written = TABLE["neg"].binds if payload < 0 else CALL, number(payload)
        elif parts[node].is_array:
            level, written = CALL, notation.shortened(payload)
        else:
            level, pieces = style.layout(parts, node)
            if len(parts[node].args) > ARGUMENTS:
                pieces = _shortened(pieces)
            written = "".join([piece if isinstance(piece, str) else _read(read[piece[0]], piece[1]) for piece in pieces])
        this[node] = written
        read[node] = ((CALL, labels[node]) if node in labels else
                      (level, written) if len(written) <= WIDTH else (CALL, f"#{node}"))
    return this


def _shortened(pieces: Pieces) -> Pieces:
    """The pieces without the arguments between the first ones and the last."""
    places = [place for place, piece in enumerate(pieces) if not isinstance(piece, str)]
    return (*pieces[:places[ARGUMENTS // 2] + 1], ", …, ", *pieces[places[-1]:])


def _read(part: tuple[int, str], level: int) -> str:
    return f"({part[1]})" if part[0] < level else part[1]


def partial_formulas(row: Operation) -> list[str | None]:
    """The derivative of a row of the table with respect to each parameter; None where it is locally constant in one."""
    from gradcalc.graph.formulas import partials

    return [None if partial is None else text(partial.graph, partial.root) for partial in partials(row)]
