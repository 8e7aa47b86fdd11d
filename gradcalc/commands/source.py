"""Where a text comes from: the command line, a file, or standard input. All reading is bounded, and every failure is an error.

This module decides which bytes are a text. It must not know what the text means.
"""

import codecs
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, NamedTuple

from gradcalc.diagnostics import GradcalcError, Span, error

STANDARD_INPUT = "standard input"
CHUNK = 1 << 16


class ProgramSource(NamedTuple):
    """A text, and what it was read from; None for one that stood on the command line itself."""

    text: str
    origin: str | None = None

    @contextmanager
    def named(self) -> Iterator[None]:
        """Let every error about this text say where the text comes from."""
        try:
            yield
        except GradcalcError as problem:
            found = problem.diagnostic
            if self.origin is None or found.source != self.text or found.span is None:
                raise
            raise GradcalcError(found._replace(message=f"{found.message}, in {self.origin}"), problem.status) from problem


def typed(text: str) -> ProgramSource:
    """A text of the command line. Raises GradcalcError where its bytes are no UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError as problem:
        raise error("encoding", "the argument is not valid UTF-8", Span(problem.start, problem.end),
                    "set the terminal and the shell to UTF-8", text) from problem
    return ProgramSource(text.removeprefix("\ufeff"))


def from_file(name: str, limit: int) -> ProgramSource:
    """The text of a file, at most ``limit`` characters; ``-`` is standard input.

    Raises GradcalcError where it cannot be read.
    """
    if name == "-":
        return from_standard_input(limit)
    if not name:
        raise error("file", "there is no file name after '@'", hint="write @FILE, for example @program.txt")
    from pathlib import Path

    try:
        with Path(name).open("rb") as stream:
            return ProgramSource(_decoded(stream, name, limit), name)
    except (OSError, ValueError) as problem:
        raise _unreadable(name, problem) from problem


def from_standard_input(limit: int) -> ProgramSource:
    """The text on standard input, at most ``limit`` characters. Raises GradcalcError where it cannot be read."""
    stream = getattr(sys.stdin, "buffer", None)
    if stream is None:
        raise error("file", "standard input is closed", hint="give an expression, or @FILE")
    try:
        return ProgramSource(_decoded(stream, STANDARD_INPUT, limit), STANDARD_INPUT)
    except (OSError, ValueError) as problem:
        raise _unreadable(STANDARD_INPUT, problem) from problem


def is_piped() -> bool:
    """Whether something was put on standard input: a pipe or a file, and no terminal or other device."""
    if sys.stdin is None or sys.stdin.closed:
        return False
    try:
        return not stat.S_ISCHR(os.fstat(sys.stdin.fileno()).st_mode)
    except (OSError, ValueError):
        # No file at all: an embedding program has put a stream of its own there.
        return not sys.stdin.isatty()


def _decoded(stream: BinaryIO, name: str, limit: int) -> str:
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    parts: list[str] = []
    length = 0
    while True:
        chunk = stream.read(CHUNK)
        ended = len(chunk) < CHUNK  # and no further read: a terminal would ask for a second end
        try:
            part = decoder.decode(chunk, final=ended)
        except UnicodeDecodeError as problem:
            raise error("encoding", f"{name} is not valid UTF-8: {problem.reason}", hint="save it as UTF-8") from problem
        parts.append(part)
        nul = part.find("\0")
        if nul >= 0:
            # Not left to the parser: a binary file or a device need not be read to its end.
            raise error("character", f"unexpected character U+0000, in {name}", Span(length + nul, length + nul + 1),
                        "is it a text file?", "".join(parts))
        length += len(part)
        if length > limit:
            raise error("limit", f"{name} has more than {limit:,} characters", hint="raise --max-text")
        if ended:
            return "".join(parts)


def _unreadable(name: str, problem: Exception) -> GradcalcError:
    reason = getattr(problem, "strerror", None) or str(problem)
    return error("file", f"cannot read {name}: {reason[:1].lower() + reason[1:]}")
