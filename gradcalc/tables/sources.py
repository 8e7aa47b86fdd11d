"""Where a table's bytes come from: a file, which must not change while it is read, or a pipe. Texts come in whole lines.

This module decides what may be read, how much of it at once, and how a change of the file is noticed. It must not know any
format.
"""

import os
import stat
import sys
from hashlib import sha256
from io import BufferedReader
from typing import Any, Self

from gradcalc.diagnostics import GradcalcError, error

STANDARD_INPUT = "standard input"
#: A piece of text ends with the last line that ends within so many bytes.
PIECE = 1 << 20
#: The longest line, in bytes.
LONGEST = 1 << 24
#: So many bytes at a file's beginning and end identify it.
SAMPLE = 1 << 16
#: After so many seconds without new bytes from a pipe, the rows that have come are answered.
PAUSE = 0.2
#: First bytes that show that a file is not a text in UTF-8, with what it is and how to mend that.
UNPACK = "unpack it into a pipe: --data -"
RENAME = "say so with --data-format"
MARKS = {b"\xff\xfe": ("UTF-16", "save it as UTF-8"), b"\xfe\xff": ("UTF-16", "save it as UTF-8"),
         b"\x1f\x8b": ("packed with gzip", UNPACK), b"\x28\xb5\x2f\xfd": ("packed with zstd", UNPACK),
         b"\xfd7zXZ\0": ("packed with xz", UNPACK), b"PK\x03\x04": ("a zip archive", "unpack it, or name an .npz file so"),
         b"PAR1\x15": ("Parquet", RENAME), b"\x93NUMPY": ("an .npy array", RENAME)}


class Source:
    """The bytes of a file, or of a pipe where ``path`` is ``-``."""

    def __init__(self, path: str) -> None:
        self.is_pipe = path == "-"
        self.path = path
        self.name = STANDARD_INPUT if self.is_pipe else path
        try:
            self.stream = self._pipe() if self.is_pipe else open(path, "rb")  # noqa: SIM115
            self._state = None if self.is_pipe else self._now()
        except (OSError, ValueError) as problem:
            raise unreadable(self.name, problem) from problem
        #: Devices and named pipes are files that can be read once.
        self.is_pipe = self.is_pipe or not stat.S_ISREG(os.fstat(self.stream.fileno()).st_mode)
        self._peeked = b""
        self.size = None if self.is_pipe or self._state is None else self._state[0]

    def _pipe(self) -> BufferedReader:
        stream: BufferedReader | None = getattr(sys.stdin, "buffer", None)
        if stream is None:
            raise error("file", "standard input is closed", hint="give a file: --data FILE")
        return stream

    def _now(self) -> tuple[int, int]:
        found = os.fstat(self.stream.fileno())
        return found.st_size, found.st_mtime_ns

    def read(self, size: int) -> bytes:
        """So many bytes, fewer at the end. Raises GradcalcError where they cannot be read."""
        try:
            return self.stream.read(size)
        except (OSError, ValueError) as problem:
            raise unreadable(self.name, problem) from problem

    def seek(self, offset: int) -> None:
        self.stream.seek(offset)

    def waits(self) -> bool:
        """Whether the source is a pipe from which nothing has come for PAUSE seconds."""
        if not self.is_pipe:
            return False
        import select

        try:
            return not select.select([self.stream.fileno()], [], [], PAUSE)[0]
        except (OSError, ValueError):
            return False  # nothing that could be waited for

    def read_some(self, size: int) -> bytes:
        """At most so many of the bytes that have come; none only at the end."""
        if self._peeked:
            found, self._peeked = self._peeked[:size], self._peeked[size:]
            return found
        if not self.is_pipe:
            return self.read(size)
        try:
            return self.stream.read1(size)
        except (OSError, ValueError) as problem:
            raise unreadable(self.name, problem) from problem

    def close(self) -> None:
        if self.path != "-":
            self.stream.close()

    def peek(self) -> bytes:
        """The first bytes. They will be read again."""
        self._peeked = self.read_some(PIECE)
        return self._peeked

    def identity(self) -> dict[str, Any]:
        """The file's size, its time of change, and a digest of its beginning and end. Raises GradcalcError for a pipe."""
        if self._state is None or self.is_pipe:
            raise error("usage", f"{self.name} cannot be read again from where an earlier run ended",
                        hint="--resume needs a file: --data FILE")
        size, changed = self._state
        here = self.stream.tell()
        self.seek(0)
        sample = self.read(SAMPLE)
        self.seek(max(0, size - SAMPLE))
        sample += self.read(SAMPLE)
        self.seek(here)
        return {"size": size, "changed": changed, "sample": sha256(sample).hexdigest()}

    def demand_unchanged(self) -> None:
        """Raise GradcalcError where the file is no longer what it was when it was opened."""
        if not self.is_pipe and self._now() != self._state:
            raise error("changed", f"{self.name} has changed while it was read", hint="start again when nothing writes to it")


class FromSource:
    """A table that is read from a source, and closes it in the end."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.name = source.name

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        self.source.close()

    def identity(self) -> dict[str, Any]:
        return self.source.identity()

    def demand_unchanged(self) -> None:
        self.source.demand_unchanged()


class Lines:
    """A text in pieces of whole lines. ``offset``, in bytes, and ``line`` are where the next piece begins."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.offset = 0
        self.line = 1
        self._held = b""
        self._ended = False
        self._begin()

    def _begin(self) -> None:
        self._fill()
        for mark, (found, remedy) in MARKS.items():
            if self._held.startswith(mark):
                raise error("encoding", f"{self.source.name} is {found}", hint=remedy)
        if self._held.startswith(b"\xef\xbb\xbf"):
            self.offset, self._held = 3, self._held[3:]

    def seek(self, offset: int, line: int) -> None:
        self.source.seek(offset)
        self.offset, self.line, self._held, self._ended = offset, line, b"", False

    def piece(self) -> bytes:
        """The next whole lines, nothing at the end. They remain the next ones until ``take`` is called."""
        while not self._ended:
            end = line_end(self._held)
            if end and (len(self._held) >= PIECE or self.source.waits()):
                return self._held[:end]
            if len(self._held) > LONGEST:
                raise error("limit", f"{self.source.name} has a line of more than {LONGEST:,} bytes, line {self.line:,}",
                            hint="is it a table?")
            self._fill()
        return self._held

    @property
    def ended(self) -> bool:
        """Whether the next piece is the last one."""
        return self._ended

    def take(self, size: int, lines: int) -> None:
        """Mark so many bytes at the beginning of the piece, which are so many lines, as read."""
        self._held = self._held[size:]
        self.offset += size
        self.line += lines

    def _fill(self) -> None:
        # Not past the end of a piece: the boundaries of pieces must not depend on where reading began.
        room = PIECE - len(self._held)
        chunk = self.source.read_some(room if room > 0 else PIECE)
        self._ended = not chunk
        self._held += chunk


def line_end(text: bytes) -> int:
    """How many bytes of the text are whole lines. A carriage return ends one where there is nothing else."""
    return text.rfind(b"\n") + 1 or text.rfind(b"\r", 0, -1) + 1


def unreadable(name: str, problem: Exception) -> GradcalcError:
    reason = getattr(problem, "strerror", None) or str(problem)
    return error("file", f"cannot read {name}: {reason[:1].lower() + reason[1:]}")
