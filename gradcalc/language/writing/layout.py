"""What all printers share: which parts of a formula are written once under a name, and how pieces become one text.

A notation (text, LaTeX, Python) gives for each part its precedence and its pieces: strings, and other parts with the precedence
that these need to stand without brackets. This module decides everything else and must not know any notation. Nothing is
recursive, and the length of the text grows with the number of operations, not with the tree that shared parts expand to.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from gradcalc.graph.operations import TABLE
from gradcalc.graph.operations.operation import CALL, COMPARISON, OR, POWER, SUM, UNARY
from gradcalc.graph.tape import CONST, INPUT, Graph

#: What stands for an argument in a template of the table.
PLACEHOLDER = re.compile(r"\{(\d)\}")
#: A part among the pieces of another one: its index, and the precedence that it needs there to stand without brackets.
Slot = tuple[int, int]
Pieces = Sequence[str | Slot]
#: In place of a precedence: the arguments of a part alone, without the call around them.
ARGUMENTS = -1
#: A precedence that no part has: everything stands in brackets.
IN_BRACKETS = CALL + 1
#: A formula of at most so many characters is written in one line, even if it repeats parts.
LINE = 80
#: A part is written once under a name only if that saves so many characters.
GAIN = 10
#: Lengths are counted up to this: 60 squarings expand to 10^18 factors.
MANY = 10**9


class Part(NamedTuple):
    """One operation, input or constant of a formula. A negative number is the negative of a positive one, as it is written.

    ``payload`` is an input's name, a number's digits, the nested tuples of a constant array, or an operation's settings.
    """

    op: str
    args: tuple[int, ...] = ()
    payload: Any = None

    @property
    def binds(self) -> int:
        row = TABLE.get(self.op)
        return CALL if row is None else row.binds

    @property
    def leaf(self) -> bool:
        """Whether it is written in one word, its sign included."""
        return not self.args and not self.is_array

    @property
    def is_array(self) -> bool:
        """Whether it is a constant array."""
        return self.op == CONST and isinstance(self.payload, tuple)


class Notation(Protocol):
    """How the parts of a formula are written."""

    brackets: tuple[str, str]

    def layout(self, parts: Sequence[Part], part: int) -> tuple[int, Pieces]:
        """The precedence of this part, and its pieces."""


class Layout:
    """A formula in a notation: the pieces of each part, and which parts are written once, under a name."""

    def __init__(self, parts: Sequence[Part], style: Notation) -> None:
        self.parts = parts
        self.brackets = style.brackets
        laid = [style.layout(parts, part) for part in range(len(parts))]
        self.levels = [level for level, _ in laid]
        self.pieces = [own for _, own in laid]

    def write(self, part: int, names: Mapping[int, str]) -> str:
        """The text of one part, in which the parts of ``names`` stand by their names."""
        pieces, levels = self.pieces, self.levels
        opening, closing = self.brackets
        out: list[str] = []
        stack: list[str | Slot] = list(reversed(pieces[part]))
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
                stack.append(closing)
                stack.extend(reversed(pieces[child]))
                stack.append(opening)
            else:
                stack.extend(reversed(pieces[child]))
        return "".join(out)

    def shared(self, twice: Iterable[int] = ()) -> list[int]:
        """The parts that are written once, because the text would be much longer otherwise, and those of ``twice`` in any
        case."""
        once = {part for part in twice if not self.parts[part].leaf}
        if self._sizes(once)[-1] > LINE:
            uses = [0] * len(self.parts)
            for own in self.pieces:
                for piece in own:
                    if not isinstance(piece, str):
                        uses[piece[0]] += 1
            self._sizes(once, uses)
        return sorted(once - {len(self.parts) - 1})

    def _sizes(self, once: set[int], uses: Sequence[int] | None = None) -> list[int]:
        """The number of characters of each part, where those of ``once`` are read as a short name.

        With the number of their readers, ``once`` grows by those parts of which it is worth it.
        """
        sizes: list[int] = []
        for part, own in enumerate(self.pieces):
            size = 0
            for piece in own:
                size += len(piece) if isinstance(piece, str) else 3 if piece[0] in once else sizes[piece[0]]
            sizes.append(min(size, MANY))
            if (uses is not None and uses[part] > 1 and (uses[part] - 1) * (size - 3) - 9 >= GAIN
                    and not self.parts[part].leaf):
                once.add(part)
        return sizes


def parts_of(graph: Graph, root: int) -> list[Part]:
    """The parts of the formula, each once, before its readers; the last one is ``root`` itself."""
    parts: list[Part] = []
    index: dict[Any, int] = {}

    def add(part: Part) -> int:
        # Arrays by their digits: 0.0 == -0.0.
        place = index.setdefault(repr(part.payload) if part.is_array else part, len(parts))
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


def inputs_of(parts: Sequence[Part]) -> set[str]:
    """The names of the formula's inputs."""
    return {str(part.payload) for part in parts if part.op == INPUT}


def names_for(parts: Sequence[int], taken: Collection[str]) -> dict[int, str]:
    """A name for each of these parts: t1, t2, … as far as they are free."""
    names: dict[int, str] = {}
    number = 0
    for part in parts:
        number += 1
        while f"t{number}" in taken:
            number += 1
        names[part] = f"t{number}"
    return names


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


def listed(arguments: Sequence[int]) -> list[str | Slot]:
    """Arguments between commas."""
    return [piece for argument in arguments for piece in (", ", (argument, OR))][1:]


def call(parts: Sequence[Part], part: Part, opening: str, closing: str = ")") -> tuple[int, Pieces]:
    """An operation that is written as a call. One that takes any number of arguments takes those of its like."""
    row = TABLE.get(part.op)
    pieces: list[str | Slot] = [opening]
    for place, argument in enumerate(part.args):
        if place:
            pieces.append(", ")
        joins = place == 0 and row is not None and row.variadic and parts[argument].op == part.op
        pieces.append((argument, ARGUMENTS if joins else OR))
    return CALL, (*pieces, closing)


def filled(template: str, arguments: Sequence[int], level: int) -> Pieces:
    """The pieces of a template of the table, its ``{0}``, ``{1}`` replaced by arguments that bind at least so tightly."""
    words = PLACEHOLDER.split(template)
    return [words[k] if k % 2 == 0 else (arguments[int(words[k])], level) for k in range(len(words))]
