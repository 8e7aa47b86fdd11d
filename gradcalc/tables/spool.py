"""Answers that wait to be converted to a format that can only be written at once: a file of frames, one after another.

A frame is a line of JSON, with the number of rows and why some of them have no answer, followed by the columns in double
precision. An interrupted run can cut the file after any frame and continue. This module must not know the format.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from gradcalc.diagnostics import error
from gradcalc.tables.block import Answers


class Frame(NamedTuple):
    """The columns of some rows. ``failed`` are the indices in the frame of rows without an answer, in which the columns are
    NaN."""

    rows: int
    columns: Sequence[Any]
    failed: Sequence[int]
    failed_rows: Sequence[int]
    reasons: Sequence[str]


class SpoolWriter(ABC):
    """Writes frames; each format overrides ``convert``."""

    direct = False

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)

    def head(self) -> bytes:
        return b""

    def encode(self, answers: Answers) -> bytes:
        columns = [answers.value, *answers.gradient.values()]
        if any(not isinstance(column, np.ndarray) and any(np.ndim(each) for each in column) for column in columns):
            raise error("shape", "a derivative is an array, and a column has one number a row",
                        hint="write JSON Lines: --format json")
        failed = sorted(answers.failures)
        columns = [np.array(column, dtype="<f8") for column in columns]
        for column in columns:
            column[failed] = np.nan
        found = [(answers.failures[place].line, answers.failures[place].diagnostic.message) for place in failed]
        head = {"rows": len(answers.rows), "width": len(columns), "failed": failed,
                "failed_rows": [answers.rows[place] for place in failed],
                "reasons": [message if line is None else f"line {line}: {message}" for line, message in found]}
        return json.dumps(head).encode() + b"\n" + b"".join(column.tobytes() for column in columns)

    @abstractmethod
    def convert(self, part: str, made: str) -> None:
        """Make the finished file ``made`` from the frames in ``part``."""


class Spool:
    """A file of frames, which can be read several times."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.rows = sum(frame.rows for frame in self.frames(-1))

    def frames(self, only: int | None = None) -> Iterator[Frame]:
        """All frames: with all columns, with the column ``only``, or with none where that is -1."""
        with open(self._path, "rb") as stream:
            size = stream.seek(0, 2)
            stream.seek(0)
            while stream.tell() < size:
                head = json.loads(stream.readline())
                rows, width, begin = head["rows"], head["width"], stream.tell()
                places = range(width) if only is None else [only] if only >= 0 else []
                columns = []
                for place in places:
                    stream.seek(begin + 8 * rows * place)
                    columns.append(np.frombuffer(stream.read(8 * rows), "<f8"))
                stream.seek(begin + 8 * rows * width)
                yield Frame(rows, columns, head["failed"], head["failed_rows"], head["reasons"])
