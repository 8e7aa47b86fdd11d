"""Graph to Python source that needs nothing but ``math``.

A row of the table says how it is written (its ``python`` column, its symbol, or its name where ``math`` has it); one that
does not is written out by its value, as its definition in terms of other rows. Where the formula chooses, only the branch
that is taken is evaluated, in Python as in gradcalc. Arrays are beyond ``math``.
"""

import builtins
import keyword
import re
from collections.abc import Collection, Sequence
from functools import partial

from gradcalc.diagnostics import error
from gradcalc.graph.namespaces.spelling import unsupported
from gradcalc.graph.namespaces.symbols import Symbol, Symbols
from gradcalc.graph.operations import TABLE
from gradcalc.graph.operations.operation import CALL, OR, POWER, PRODUCT, UNARY, Operation
from gradcalc.graph.sweeps import BROKEN, broken
from gradcalc.graph.tape import CONST, INPUT, Graph
from gradcalc.language.reading.names import quoted
from gradcalc.language.writing import layout
from gradcalc.language.writing.layout import Layout, Part, Pieces
from gradcalc.language.writing.notation import number

#: Up to this exponent a whole power is written with ``**``; beyond, whole numbers would grow without bound.
LARGEST_POWER = 100
#: What the names of functions begin with that give infinity where those of ``math`` raise OverflowError, and how one is
#: defined.
INFINITE = "ieee_"
DEFINITION = """def {ieee}{name}(x):
    try:
        return math.{name}(x)
    except OverflowError:
        return {limit}"""


class Python:
    """Python source; ``names`` are the inputs' names in it, ``infinite`` the parts whose infinity the formula may survive."""

    brackets = ("(", ")")

    def __init__(self, names: dict[str, str], infinite: Collection[int] = ()) -> None:
        self.names = names
        self.infinite = infinite

    def layout(self, parts: Sequence[Part], part: int) -> tuple[int, Pieces]:
        this = parts[part]
        if this.op == INPUT:
            return CALL, (self.names[str(this.payload)],)
        if this.op == CONST:
            return CALL, (number(float(this.payload)),)
        if this.op == "pow":
            return _power(parts, this)
        row = TABLE[this.op]
        template = _template(row)
        if this.op == "neg" and parts[this.args[0]].payload == "0.0":
            return UNARY, ("-0.0",)  # of a whole 0 the sign would be lost
        if part in self.infinite and template is not None:
            return _filled(template.replace("math.", INFINITE), this)
        if template is not None:
            return _filled(template, this)
        assert row.symbol is not None
        return layout.operator(this, row.symbol)


def _template(row: Operation) -> str | None:
    """How a row is written: as it says, or as the function of ``math`` that it is on numbers."""
    scalar = None if row.spelled is None else row.spelled.scalar
    if row.python is not None or row.symbol is not None or not isinstance(scalar, str) or not scalar.startswith("math."):
        return row.python
    return f"{scalar}({', '.join(f'{{{place}}}' for place in range(len(row.parameters)))})"


def _power(parts: Sequence[Part], this: Part) -> tuple[int, Pieces]:
    base, exponent = this.args
    size = parts[parts[exponent].args[0]] if parts[exponent].op == "neg" else parts[exponent]
    if parts[base].op != CONST and size.op == CONST:
        value = float(size.payload)
        if value.is_integer() and value <= LARGEST_POWER:
            return POWER, ((base, CALL), "**", (exponent, UNARY))
    # Not **, which makes a complex number of a negative one.
    return CALL, ("math.pow(", (base, OR), ", ", (exponent, OR), ")")


def _filled(template: str, this: Part) -> tuple[int, Pieces]:
    """The pieces of a template of the table. An argument that fills a place of a call stands there without brackets."""
    pieces: list[str | layout.Slot] = []
    words = layout.PLACEHOLDER.split(template)
    for k in range(1, len(words), 2):
        alone = words[k - 1].endswith(("(", ", ")) and words[k + 1].startswith((")", ","))
        pieces += [words[k - 1], (this.args[int(words[k])], OR if alone else CALL)]
    level = CALL if re.fullmatch(r"[\w.]+\([^()]*\)", template) else OR
    return level, (*pieces, words[-1])


def python(graph: Graph, root: int) -> str:
    """The formula of a node as Python source: an expression, after definitions and assignments where it needs some.

    Where ``math`` raises OverflowError and the formula has a value all the same, as 1/(1 + exp(-x)) has at -1000, a
    definition of the function stands first that gives infinity.

    Raises GradcalcError for a formula with an array operation.
    """
    _demand_scalars(graph, root)
    parts = layout.parts_of(*_written_out(graph, root))
    names = _names(sorted(layout.inputs_of(parts)))
    infinite = _infinite(parts)
    drawn = Layout(parts, Python(names, infinite))
    twice = [piece[0] for this in drawn.pieces for k, piece in enumerate(this)
             if not isinstance(piece, str) and any(piece[0] == other[0] for other in this[:k] if not isinstance(other, str))]
    once = drawn.shared(twice)
    given = layout.names_for(once, {*names.values(), *keyword.kwlist})
    always = _always(parts)
    read = {part: name if always[part] else f"{name}()" for part, name in given.items()}
    lines = [_definition(op) for op in sorted({parts[part].op for part in infinite})]
    for part in once:
        text = drawn.write(part, read)
        # A part that only one branch needs may be undefined where that is not taken: it is evaluated on demand, and cached.
        lines.append(f"{given[part]} = {text}" if always[part] else
                     f"{given[part]} = lambda known=[]: (known or known.append({text}) or known)[0]")
    return "\n".join([*lines, drawn.write(len(parts) - 1, read)])


def _infinite(parts: Sequence[Part]) -> frozenset[int]:
    """The calls of functions of ``math`` that overflow below an operation that makes finite numbers of infinite ones too."""
    survives = bytearray(len(parts))
    found = []
    for part in range(len(parts) - 1, -1, -1):
        row = TABLE.get(parts[part].op)
        if row is None:
            continue
        spelled, facts = row.spelled, row.facts
        if survives[part] and spelled is not None and facts.ordered and not facts.bounded and len(parts[part].args) == 1:
            found.append(part)
        quotient = row.binds in (PRODUCT, POWER) and not facts.total
        for argument in parts[part].args:
            survives[argument] |= (survives[part] or facts.bounded or facts.condition or row.gates or
                                   (quotient and (row.binds == POWER or argument == parts[part].args[-1])))
    return frozenset(found)


def _definition(op: str) -> str:
    """The function of this name with infinity in place of OverflowError."""
    spelled = TABLE[op].spelled
    signed = spelled is not None and spelled.signed
    return DEFINITION.format(ieee=INFINITE, name=op, limit="math.copysign(math.inf, x)" if signed else "math.inf")


def _demand_scalars(graph: Graph, root: int) -> None:
    for node in graph.ancestors([root]):
        op, _, payload = graph.instructions[node]
        if (op == CONST and isinstance(payload, tuple)) or (op in TABLE and TABLE[op].shape is not None):
            what = "array literals" if op == CONST else quoted(TABLE[op].function)
            raise error("unsupported", f"Python's math has no arrays, and so not {what}", graph.span(node),
                        "write it in gradcalc's own language, or in LaTeX")


def _names(inputs: Sequence[str]) -> dict[str, str]:
    """Each input's name in Python: a keyword, or a name that the source uses itself, gets an underscore."""
    reserved = {*keyword.kwlist, *dir(builtins), "math", "known", *(INFINITE + name for name in TABLE)}
    names: dict[str, str] = {}
    taken = set(inputs)
    for name in inputs:
        free = name
        while free in reserved or (free != name and free in taken):
            free += "_"
        taken.add(free)
        names[name] = free
    return names


def _always(parts: Sequence[Part]) -> bytearray:
    """A flag for each part: is it needed whichever branches are taken?"""
    flags = bytearray(len(parts))
    flags[-1] = 1
    for part in range(len(parts) - 1, -1, -1):
        if flags[part]:
            this = parts[part]
            for argument in this.args[:1] if this.op in TABLE and TABLE[this.op].facts.lazy else this.args:
                flags[argument] = 1
    return flags


def _known(op: str) -> bool:
    """Whether Python has a way to write the operation. Raises GradcalcError for a primitive that it cannot."""
    row = TABLE.get(op)
    if row is None or row.symbol is not None or _template(row) is not None:
        return True
    if row.spelled is not None:
        raise unsupported(row, "python")
    return False


def _written_out(graph: Graph, root: int) -> tuple[Graph, int]:
    """The formula with each row that Python does not know replaced by its definition."""
    while not all(_known(graph.instructions[node].op) for node in graph.ancestors([root])):
        copy = Graph()
        copies = graph.copy(graph.ancestors([root]), copy, partial(_by_its_value, graph, copy))
        graph, root = copy, copies[root]
    return graph, root


def _by_its_value(graph: Graph, copy: Graph, node: int, copies: dict[int, int]) -> int | None:
    """What a row that Python does not know is in terms of other rows, recorded in the copy; None of one that it knows."""
    op, args, payload = graph.instructions[node]
    if _known(op):
        return None
    try:
        value = TABLE[op].value(Symbols(copy), *[Symbol(copy, copies[argument]) for argument in args], *(payload or ()))
    except BROKEN as problem:
        raise broken(TABLE[op], problem) from problem
    return value.node if isinstance(value, Symbol) else copy.constant(float(value))
