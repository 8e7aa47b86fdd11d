"""Templates of statements: the reductions of a statement are recorded once, and replayed for others with the same kinds of
tokens.

An LALR parser looks at the kinds of tokens only, never at their texts. So two statements with the same kinds, ``v7 = v5*v2``
and ``a = b*c``, have the same reductions. A program of a million lines has few different ones. This module must not know the
grammar.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple


class Reduction(NamedTuple):
    """A reduction: the action, the first token and its kind, the last token, and what is handed over.

    ``picks`` are indices into the texts of the template's tokens, followed by the results of its steps.
    """

    action: str
    first: int
    kind: int
    last: int
    picks: tuple[int, ...]


class StatementTemplate(NamedTuple):
    """The tokens whose texts are read, each with its kind, and the reductions in their order."""

    texts: tuple[tuple[int, int], ...]
    steps: tuple[Reduction, ...]

    def replay(self, matches: Sequence[Any], actions: Mapping[str | None, Callable[..., Any]]) -> None:
        """Reduce a statement of these tokens."""
        found = [matches[token][kind] for token, kind in self.texts]
        append = found.append
        for action, first, kind, last, picks in self.steps:
            start, end = matches[first].start(kind), matches[last].end()
            if len(picks) == 1:
                append(actions[action](start, end, found[picks[0]]))
            elif len(picks) == 2:
                append(actions[action](start, end, found[picks[0]], found[picks[1]]))
            else:
                append(actions[action](start, end, *[found[pick] for pick in picks]))


class TokenIndex:
    """Stands for a token while a template is recorded: in place of its text it gives its index, as -1, -2, …"""

    __slots__ = ("lastindex", "place")

    def __init__(self, place: int, kind: int) -> None:
        self.place = place
        self.lastindex = kind

    def __getitem__(self, kind: int) -> int:
        return -1 - self.place

    def start(self, kind: int) -> int:
        return self.place

    def end(self) -> int:
        return self.place


class ReductionLog(dict[str | None, Callable[..., Any]]):
    """Actions that only record that they were called. The result of a step is its index."""

    def __init__(self, kinds: Sequence[int]) -> None:
        self.kinds = kinds
        self.steps: list[Reduction] = []

    def __missing__(self, action: str) -> Callable[..., int]:
        def note(start: int, end: int, *values: int) -> int:
            self.steps.append(Reduction(action, start, self.kinds[start], end, values))
            return len(self.steps) - 1

        self[action] = note
        return note

    def template(self) -> StatementTemplate:
        """The recorded steps, with the texts that they read numbered before the results."""
        texts = sorted({-1 - value for step in self.steps for value in step.picks if value < 0})
        place = {-1 - token: number for number, token in enumerate(texts)}
        steps = (step._replace(picks=tuple([place[value] if value < 0 else len(texts) + value for value in step.picks]))
                 for step in self.steps)
        return StatementTemplate(tuple((token, self.kinds[token]) for token in texts), tuple(steps))
