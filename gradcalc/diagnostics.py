"""What can be said to a user about a program: a place, a finding, the one exception, the exit statuses.

This module decides how an error is *represented*. It knows nothing of graphs, of the terminal or of colours: turning a
span into a line, a column and a row of carets is the renderer's business.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any, NamedTuple


class ExitStatus(IntEnum):
    """The process's exit status; the README's table says what a script may conclude from each."""

    DONE = 0
    NO = 1
    BAD_INPUT = 2
    UNDEFINED = 3
    BUG = 70
    INTERRUPTED = 130


class Span(NamedTuple):
    """Characters ``[start, end)`` of a source text, counted from 0."""

    start: int
    end: int


def place_in(source: str, start: int) -> tuple[int, int]:
    """Line and column of a character, counted from 1."""
    return source.count("\n", 0, start) + 1, start - source.rfind("\n", 0, start)


class Diagnostic(NamedTuple):
    """One finding, an error or a note: a stable code, a sentence, and where and how to mend it when that is known.

    ``source`` is the text that ``span`` counts in; it is the program for most findings, and the value typed after
    ``--at`` for one about that value. ``left`` and ``right`` are the one-sided derivatives by name, where the finding is a
    kink.
    """

    code: str
    message: str
    span: Span | None = None
    hint: str | None = None
    source: str | None = None
    left: Mapping[str, Any] | None = None
    right: Mapping[str, Any] | None = None

    def within(self, source: str) -> "Diagnostic":
        """This finding with its source text, unless it already has one."""
        return self if self.source is not None else self._replace(source=source)

    def place(self) -> tuple[int, int] | None:
        """Line and column of the span's start, counted from 1; None where no place is known."""
        if self.span is None or self.source is None:
            return None
        return place_in(self.source, self.span.start)

    def to_dict(self) -> dict[str, object]:
        """The finding as the JSON output shows it."""
        line, column = self.place() or (None, None)
        span = None if self.span is None else list(self.span)
        found: dict[str, object] = {"code": self.code, "message": self.message, "span": span, "line": line, "column": column,
                                    "hint": self.hint}
        if self.left is not None and self.right is not None:
            found["left"], found["right"] = _listed(self.left), _listed(self.right)
        return found


def _listed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers by name, arrays as nested lists."""
    return {name: value.tolist() if hasattr(value, "tolist") else value for name, value in values.items()}


class GradcalcError(Exception):
    """The only exception that bad input raises; ``diagnostic`` holds what is wrong, ``status`` the exit status."""

    def __init__(self, diagnostic: Diagnostic, status: ExitStatus = ExitStatus.BAD_INPUT) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic
        self.status = status

    def __str__(self) -> str:
        place = self.diagnostic.place()
        where = f" (line {place[0]}, column {place[1]})" if place else ""
        hint = f"; {self.diagnostic.hint}" if self.diagnostic.hint else ""
        return f"{self.diagnostic.message}{where}{hint}"


def error(code: str, message: str, span: Span | None = None, hint: str | None = None, source: str | None = None,
          status: ExitStatus = ExitStatus.BAD_INPUT) -> GradcalcError:
    """A GradcalcError from its parts, for ``raise error(...)``."""
    return GradcalcError(Diagnostic(code, message, span, hint, source), status)
