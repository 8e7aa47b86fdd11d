"""What all printers share: which parts of a formula are written once under a name, and how pieces become one text.

A style (text, LaTeX, Python) says of each part how tightly it binds and of what pieces it is written: strings, and other parts
with how tightly those must bind. Everything else is decided here. Nothing is recursive, and the text of a formula
that shares its parts grows with the number of its operations, not with the tree that they unfold to.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple, Protocol

from gradcalc.graph.operations import TABLE
from gradcalc.graph.operations.row import CALL, COMPARISON, OR, POWER, SUM, UNARY
from gradcalc.graph.tape import CONST, INPUT, Graph

#: A part in its place: which, and how tightly it must bind there to stand without brackets.
Place = tuple[int, int]
Pieces = Sequence[str | Place]
#: In place of a level: the arguments of a part alone, without the call around them.
ARGUMENTS = -1
#: A formula of at most so many characters is written in one line, whatever it repeats.
LINE = 80
#: How many characters a part written once must save.
GAIN = 10
#: Where counting stops: 60 squarings unfold to 10^18 factors.
MANY = 10**9


class Part(NamedTuple):
    """One operation, input or number of a formula. A negative number is the negative of a positive one, as it is written."""

    op: str
    args: tuple[int, ...] = ()
    payload: str | float | None = None

    @property
    def binds(self) -> int:
        row = TABLE.get(self.op)
        return CALL if row is None else row.binds

    @property
    def leaf(self) -> bool:
        """Whether it is written in one word, its sign included."""
        return not self.args


class Style(Protocol):
    """How the parts of a formula are written."""

    def layout(self, parts: Sequence[Part], part: int) -> tuple[int, Pieces]:
        """How tightly this part binds, and its pieces."""

    def name(self, name: str) -> str:
        """An input, or a part that was given a name."""


def parts_of(graph: Graph, root: int) -> list[Part]:
    """The parts of the formula, each once, before its readers; the last one is ``root`` itself."""
    parts: list[Part] = []
    index: dict[Part, int] = {}

    def add(part: Part) -> int:
        place = index.setdefault(part, len(parts))
        if place == len(parts):
            parts.append(part)
        return place

    places: dict[int, int] = {}
    for node in graph.ancestors([root]):
        op, args, payload = graph.instructions[node]
        if isinstance(payload, float):
            negative = str(payload).startswith("-")
            places[node] = add(Part(CONST, (), repr(abs(payload))))
            if negative:
                places[node] = add(Part("neg", (places[node],)))
        else:
            places[node] = add(Part(op, tuple([places[argument] for argument in args]), payload))
    # The root comes last: without its negative, say, where both are there.
    last = places[root]
    return parts[:last + 1]


def sizes_of(pieces: Sequence[Pieces], once: Collection[int] = ()) -> list[int]:
    """The number of characters of each part, those of ``once`` counted as a short name where they are read."""
    sizes: list[int] = []
    for own in pieces:
        size = 0
        for piece in own:
            size += len(piece) if isinstance(piece, str) else 3 if piece[0] in once else sizes[piece[0]]
        sizes.append(min(size, MANY))
    return sizes


def shared(parts: Sequence[Part], pieces: Sequence[Pieces], forced: Collection[int] = ()) -> list[int]:
    """The parts that are written once, under a name, because the text would swell; ``forced`` are, in any case."""
    sizes = sizes_of(pieces, forced)
    if sizes[-1] <= LINE:
        return sorted(forced)
    uses = [0] * len(parts)
    for own in pieces:
        for piece in own:
            if not isinstance(piece, str):
                uses[piece[0]] += 1
    once = set(forced)
    lengths: list[int] = []
    for part, own in enumerate(pieces):
        size = 0
        for piece in own:
            size += len(piece) if isinstance(piece, str) else 3 if piece[0] in once else lengths[piece[0]]
        lengths.append(size)
        saved = (uses[part] - 1) * (size - 3) - 9
        if uses[part] > 1 and saved >= GAIN and not parts[part].leaf:
            once.add(part)
    return sorted(once)


def names_for(count: int, taken: Collection[str]) -> list[str]:
    """The names t1, t2, … that are free."""
    names: list[str] = []
    number = 0
    while len(names) < count:
        number += 1
        if f"t{number}" not in taken:
            names.append(f"t{number}")
    return names


def taken_names(parts: Sequence[Part]) -> set[str]:
    """The names that the formula uses already."""
    return {str(part.payload) for part in parts if part.op == INPUT}


def write(part: int, pieces: Sequence[Pieces], levels: Sequence[int], names: dict[int, str]) -> str:
    """The text of one part, those of ``names`` by name wherever they stand below it."""
    out: list[str] = []
    stack: list[str | Place] = list(reversed(pieces[part]))
    while stack:
        piece = stack.pop()
        if isinstance(piece, str):
            out.append(piece)
            continue
        child, level = piece
        name = names.get(child)
        if name is not None:
            out.append(name)
        elif level == ARGUMENTS:
            stack.extend(reversed(pieces[child][1:-1]))
        elif levels[child] < level:
            stack.append(")")
            stack.extend(reversed(pieces[child]))
            stack.append("(")
        else:
            stack.extend(reversed(pieces[child]))
    return "".join(out)


def operands(binds: int, count: int) -> tuple[int, ...]:
    """How tightly the operands of an operator must bind: the levels of the grammar."""
    if count == 1:
        return (binds,)
    if binds == POWER:
        return (CALL, UNARY)
    return (binds + 1, binds + 1) if binds == COMPARISON else (binds, binds + 1)


def operator(part: Part, symbol: str) -> tuple[int, Pieces]:
    """An operation that is written before or between its operands."""
    binds = part.binds
    levels = operands(binds, len(part.args))
    if len(part.args) == 1:
        return binds, (symbol + " " * symbol.isalpha(), (part.args[0], levels[0]))
    if binds <= SUM:
        symbol = f" {symbol} "
    return binds, ((part.args[0], levels[0]), symbol, (part.args[1], levels[1]))


def call(parts: Sequence[Part], part: Part, opening: str, closing: str = ")") -> tuple[int, Pieces]:
    """An operation that is written as a call. One that takes any number of arguments takes those of its like."""
    row = TABLE.get(part.op)
    pieces: list[str | Place] = [opening]
    for place, argument in enumerate(part.args):
        if place:
            pieces.append(", ")
        joins = place == 0 and row is not None and row.variadic and parts[argument].op == part.op
        pieces.append((argument, ARGUMENTS if joins else OR))
    return CALL, (*pieces, closing)
