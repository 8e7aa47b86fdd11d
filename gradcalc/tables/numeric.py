"""NumPy's files: ``.npy`` with an array of rows, ``.npz`` with an array for each column.

They are read in blocks from the file itself, never memory-mapped or loaded whole, and nothing in them is unpickled. This module
must not know what is computed.
"""

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, BinaryIO

import numpy as np

from gradcalc.diagnostics import GradcalcError, error
from gradcalc.language.reading.names import canonical, quoted
from gradcalc.tables import numpy_headers as headers
from gradcalc.tables.block import ROWS, Block, block_of
from gradcalc.tables.sources import FromSource, Source, unreadable
from gradcalc.tables.spool import Spool, SpoolWriter

#: The time that members of an archive get, so that the same answers give the same file whenever it is made.
FIXED_TIME = (1980, 1, 1, 0, 0, 0)
#: What reading a damaged file raises; each kind of compression has an error of its own.
DAMAGED: tuple[type[Exception], ...] = (OSError, ValueError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)
with suppress(ImportError):
    import lzma

    DAMAGED += (lzma.LZMAError,)


class Array:
    """An array in a file: its header, and its entries, which are read as they are asked for."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self.stream = stream
        self.name = name
        try:
            self.shape, self.by_columns, self.dtype = headers.read(stream)
        except DAMAGED as problem:
            raise error("format", f"{name} is not a NumPy array that can be read: {problem}") from problem
        if self.dtype.hasobject:
            raise error("format", f"{name} holds Python objects, which are not read", hint="store an array of numbers")

    def demand_numbers(self, dtype: Any, name: str) -> None:
        if dtype.kind not in "iuf" or dtype.shape:
            raise error("format", f"{name} holds no real numbers, but {dtype}")

    def read(self, count: int, dtype: Any = None) -> Any:
        """The next ``count`` entries. Raises GradcalcError where the file ends before, or cannot be read."""
        dtype = dtype or self.dtype
        try:
            found = self.stream.read(count * dtype.itemsize)
        except DAMAGED as problem:
            raise unreadable(self.name, problem) from problem
        if len(found) < count * dtype.itemsize:
            raise error("format", f"{self.name} ends too early")
        return np.frombuffer(found, dtype)


class Npy(FromSource):
    """An ``.npy`` file: a structured array, or a matrix with a column for each name."""

    def __init__(self, source: Source, names: Sequence[str] | None) -> None:
        super().__init__(_of_file(source))
        self._array = Array(source.stream, source.name)
        self._begin = source.stream.tell()
        fields = self._array.dtype.names
        if fields is not None:
            names = fields
        elif names is None:
            raise error("usage", f"{self.name} does not name its columns", hint="name them: --columns a,b,c")
        shape = self._array.shape
        wanted = () if fields is not None else (len(names),)
        if not shape or (shape[1:] != wanted and not (len(names) == 1 and len(shape) == 1)):
            raise error("shape", f"{self.name} has the shape {list(shape)}, and a table has a row of numbers for its columns "
                        f"{', '.join(names[:20])}")
        self.names = tuple(canonical(name.strip()) for name in names)
        self.extent = int(shape[0])

    def blocks(self, wanted: Sequence[str], after: Sequence[int] | None = None, plain: bool = False) -> Iterator[Block]:
        fields = self._array.dtype.names
        if fields is None:
            self._array.demand_numbers(self._array.dtype, self.name)
        for name in wanted if fields is not None else ():
            self._array.demand_numbers(self._array.dtype[self.names.index(name)], f"the column {quoted(name)} of {self.name}")
        for first in range(after[0] if after else 0, self.extent, ROWS):
            size = min(ROWS, self.extent - first)
            columns = [np.asarray(column, dtype=np.float64) for column in self._read(first, size, wanted)]
            yield _block(size, wanted, columns, (first + size,), plain)

    def _read(self, first: int, size: int, wanted: Sequence[str]) -> list[Any]:
        array, places = self._array, [self.names.index(name) for name in wanted]
        item, width = array.dtype.itemsize, len(self.names)
        if array.dtype.names is not None:
            self.source.seek(self._begin + first * item)
            rows = array.read(size)
            return [np.ascontiguousarray(rows[array.dtype.names[place]]) for place in places]
        if not array.by_columns:
            self.source.seek(self._begin + first * item * width)
            matrix = array.read(size * width).reshape(size, width)
            return [np.ascontiguousarray(matrix[:, place]) for place in places]
        found = []
        for place in places:
            self.source.seek(self._begin + (place * self.extent + first) * item)
            found.append(array.read(size))
        return found


class Npz(FromSource):
    """An ``.npz`` file: an array of numbers for each column."""

    names: tuple[str, ...]
    extent: int | None

    def __init__(self, source: Source) -> None:
        super().__init__(_of_file(source))
        try:
            self._archive = zipfile.ZipFile(source.stream)
        except DAMAGED as problem:
            raise error("format", f"{source.name} is no .npz file: {problem}") from problem
        self._members = {canonical(name.removesuffix(".npy").strip()): name for name in self._archive.namelist()}
        self.names, self.extent = tuple(self._members), None

    def _column(self, name: str) -> Array:
        what = f"the column {quoted(name)} of {self.name}"
        try:
            array = Array(self._archive.open(self._members[name]), what)  # type: ignore[arg-type]
        except DAMAGED as problem:
            raise unreadable(self.name, problem) from problem
        array.demand_numbers(array.dtype, what)
        if len(array.shape) != 1:
            raise error("shape", f"{what} has the shape {list(array.shape)}, and a column has one number a row")
        return array

    def blocks(self, wanted: Sequence[str], after: Sequence[int] | None = None, plain: bool = False) -> Iterator[Block]:
        arrays = [self._column(name) for name in wanted or self.names[:1]]
        self.extent = total = int(arrays[0].shape[0]) if arrays else 0
        for name, array in zip(wanted, arrays, strict=False):
            if array.shape[0] != total:
                raise error("shape", f"{self.name} has {total:,} numbers for {quoted(wanted[0])} and {array.shape[0]:,} for "
                            f"{quoted(name)}", hint="give all columns one length")
        done = 0
        while done < total:
            size = min(ROWS, total - done)
            columns = [np.asarray(array.read(size), dtype=np.float64) for array in arrays][:len(wanted)]
            done += size
            if after is None or done > after[0]:
                yield _block(size, wanted, columns, (done,), plain)


def _block(size: int, wanted: Sequence[str], columns: Sequence[Any], after: tuple[int, ...], plain: bool) -> Block:
    if not wanted:
        return Block(size, {}, {}, None, after)
    return block_of(wanted, columns, [None] * len(columns), after, plain)


def _of_file(source: Source) -> Source:
    if source.is_pipe:
        raise _no_pipe(source)
    return source


def _no_pipe(source: Source) -> GradcalcError:
    return error("usage", f"{source.name} cannot be read as NumPy's format: that takes a file", hint="give a file: --data FILE")


class NpyWriter(SpoolWriter):
    """A structured array. Rows without an answer are NaN."""

    def convert(self, part: str, made: str) -> None:
        spool = Spool(part)
        names = ["value", *(f"d_{name}" for name in self.names)]
        dtype = np.dtype([(name, np.float64) for name in names])
        with open(made, "wb") as stream:
            headers.write(stream, dtype, spool.rows)
            for frame in spool.frames():
                rows = np.empty(frame.rows, dtype)
                for name, column in zip(names, frame.columns, strict=True):
                    rows[name] = column
                stream.write(rows.tobytes())


class NpzWriter(SpoolWriter):
    """An array for the value and each derivative, in which rows without an answer are NaN; beside them the numbers of these
    rows, as ``error_row``, and why they have none, as ``error``."""

    def convert(self, part: str, made: str) -> None:
        spool = Spool(part)
        with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
            for place, name in enumerate(["value", *(f"d_{name}" for name in self.names)]):
                _member(archive, name, np.dtype("<f8"), spool.rows, (frame.columns[0] for frame in spool.frames(place)))
            failed = sum(len(frame.failed) for frame in spool.frames(-1))
            longest = max((len(reason) for frame in spool.frames(-1) for reason in frame.reasons), default=1)
            _member(archive, "error_row", np.dtype("<i8"), failed, (frame.failed_rows for frame in spool.frames(-1)))
            _member(archive, "error", np.dtype(f"<U{longest}"), failed, (frame.reasons for frame in spool.frames(-1)))


def _member(archive: zipfile.ZipFile, name: str, dtype: np.dtype[Any], size: int, parts: Iterator[Any]) -> None:
    """An array in the archive, made of parts, of which no more than one is held."""
    with archive.open(zipfile.ZipInfo(f"{name}.npy", FIXED_TIME), "w", force_zip64=True) as member:
        headers.write(member, dtype, size)
        for part in parts:
            member.write(np.asarray(part, dtype=dtype).tobytes())

