"""CSV: lines of cells, of which the first has the columns' names; the first line also shows which delimiter is used.

A block is read in bulk, with pyarrow where it is installed. Where that fails it is read cell by cell; only that slow way
decides what a cell means, and the fast ways either give the same numbers or give up. This module must not know what is
computed.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from gradcalc.diagnostics import Diagnostic, error
from gradcalc.language.reading.names import canonical, quoted
from gradcalc.tables.block import Answers, Block, BlockBuilder, no_number, no_value, not_finite
from gradcalc.tables.sources import FromSource, Lines, Source

DELIMITERS = ",;\t"
#: A line appended to every piece; it does not come back as a row of its own where a quotation mark is still open.
END = "\0end"
#: A piece of fewer bytes is read faster than pyarrow is imported.
SMALL = 1 << 17
OPEN = "a quotation mark is opened, and not closed again"
LARGE = "a cell is too long, or a quotation mark is opened and not closed again"
QUOTED = re.compile(r'"[^"]*("|$)')


class Csv(FromSource):
    """A CSV file or pipe. ``names`` are given where the file has no line with the names of its columns."""

    def __init__(self, source: Source, names: Sequence[str] | None) -> None:
        super().__init__(source)
        self._lines = Lines(source)
        self.extent = source.size
        text = self._skip_blank()
        if not text:
            raise error("empty", f"{self.name} is empty", hint="the first line of a CSV file names its columns")
        lines = _decoded(text)
        self._delimiter = _delimiter(lines[0], source.path)
        start, behind, cells = next(iter(self._records(lines)))
        if isinstance(cells, str):
            raise error("csv", f"{self.name}, line {self._lines.line + start}: {cells}")
        if names is None:
            self._take(text, lines[:behind])
        elif len(names) != len(cells):
            raise error("usage", f"--columns has {_counted(len(names), 'name')}, and {self.name} has "
                        f"{_counted(len(cells), 'column')}")
        self.names = tuple(canonical(cell.strip()) for cell in (cells if names is None else names))

    def _skip_blank(self) -> bytes:
        """The first piece that is not blank, from its first line that is not."""
        while text := self._lines.piece():
            rest = text.lstrip()
            if rest:
                blank = text[:text.rfind(b"\n", 0, len(text) - len(rest)) + 1]
                self._lines.take(len(blank), len(blank.splitlines()))
                return text[len(blank):]
            self._lines.take(len(text), len(text.splitlines()))
        return b""

    def _take(self, text: bytes, lines: Sequence[str]) -> None:
        """Mark these lines at the beginning of the text as read."""
        size = len(text) if len(lines) == len(text.splitlines()) else sum(
            map(len, text.splitlines(keepends=True)[:len(lines)]))
        self._lines.take(size, len(lines))

    # -- rows ----------------------------------------------------------------------------------------------------------

    def blocks(self, wanted: Sequence[str], after: Sequence[int] | None = None, plain: bool = False) -> Iterator[Block]:
        if after is not None:
            self._lines.seek(*after)
        places = [self.names.index(name) for name in wanted]
        while text := self._lines.piece():
            found = self._in_bulk(text, places)
            if found is None:
                yield self._cell_by_cell(text, wanted, places, plain)
                continue
            size, columns = found
            first = self._lines.line
            self._lines.take(len(text), size)
            yield Block(size, dict(zip(wanted, [column.tolist() for column in columns] if plain else columns, strict=True)), {},
                        range(first, first + size), (self._lines.offset, self._lines.line))

    def _in_bulk(self, text: bytes, places: Sequence[int]) -> tuple[int, list[Any]] | None:
        """The number of rows, and the numbers in these columns; None where some line is not a row of finite numbers."""
        size = text.count(b"\n") + (not text.endswith(b"\n"))
        columns = None
        if places and len(text) >= SMALL and _is_simple(text):
            columns = _with_pyarrow(text, len(self.names), places, self._delimiter, size)
        if columns is None:
            columns = self._with_csv(text, places, size)
        if columns is None or not all(np.isfinite(column).all() for column in columns):
            return None
        return size, columns

    def _with_csv(self, text: bytes, places: Sequence[int], size: int) -> list[Any] | None:
        try:
            lines = text.decode("utf-8", "surrogateescape").split("\n")[:size]
            rows = list(csv.reader([*lines, END], delimiter=self._delimiter))
        except csv.Error:
            return None
        width = len(self.names)
        if len(rows) != size + 1 or rows.pop() != [END] or any(len(row) != width for row in rows):
            return None
        if b"_" in text and any("_" in row[place] for row in rows for place in places):
            return None  # Python alone takes 1_000 for a number
        try:
            return [np.fromiter([float(row[place]) for row in rows], np.float64, size) for place in places]
        except ValueError:
            return None

    def _cell_by_cell(self, text: bytes, wanted: Sequence[str], places: Sequence[int], plain: bool) -> Block:
        lines, rows = _decoded(text), BlockBuilder(wanted, plain)
        first, behind = self._lines.line, 0
        for start, behind, cells in self._records(lines):  # noqa: B007 the last one is read below
            if isinstance(cells, str):
                rows.add(first + start, Diagnostic("csv", cells))
            elif len(cells) > 1 or (cells and cells[0].strip()):
                rows.add(first + start, self._numbers(cells, wanted, places))
        self._take(text, lines[:behind])
        return rows.block((self._lines.offset, self._lines.line))

    def _records(self, lines: Sequence[str]) -> Iterator[tuple[int, int, list[str] | str]]:
        """For each row: its first line, the line after its last, and its cells or the reason why it has none.

        A quotation mark that is not closed, or not within the longest cell, makes its own line a bad row and no other. A row
        whose quotation mark may be closed in the next piece is left for then, with all that follows it.
        """
        start = 0
        while start < len(lines):
            reader = csv.reader([*(lines[start:] if start else lines), END], delimiter=self._delimiter)
            wrong: list[str] | str = OPEN
            begin = start
            try:
                for cells in reader:
                    behind = start + reader.line_num
                    if behind <= len(lines):
                        yield begin, behind, cells
                        begin = behind
            except csv.Error as problem:
                wrong = f"no line of cells: {problem}"
                if "field larger" in str(problem):
                    wrong = _cells_of_line(lines[begin], self._delimiter)
            else:
                if begin == len(lines) or (begin and not self._lines.ended):
                    return
            start = begin + 1
            yield begin, start, wrong

    def _numbers(self, cells: Sequence[str], wanted: Sequence[str], places: Sequence[int]) -> list[float] | Diagnostic:
        if len(cells) != len(self.names):
            verb = "is" if len(self.names) == 1 else "are"
            return Diagnostic("csv", f"the row has {_counted(len(cells), 'cell')}, and there {verb} "
                              f"{_counted(len(self.names), 'column')}")
        found = []
        for name, place in zip(wanted, places, strict=True):
            cell = cells[place].strip()
            if not cell:
                return no_value(name)
            try:
                number = float(cell)
            except ValueError:
                return no_number(name, quoted(cell))
            if "_" in cell:
                return no_number(name, quoted(cell))
            if not -np.inf < number < np.inf:
                return not_finite(name, number)
            found.append(number)
        return found


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" + "s" * (count != 1)


def _delimiter(header: str, path: str) -> str:
    """The delimiter: a tab where the file's ending promises it and the first line has one, else the most frequent one there."""
    bare = QUOTED.sub("", header)
    if path.lower().endswith(".tsv") and "\t" in bare:
        return "\t"
    return max(DELIMITERS, key=bare.count)


def _cells_of_line(line: str, delimiter: str) -> list[str] | str:
    """The cells of a line, however long they are, or what is wrong with it.

    Everywhere else the length of a cell is limited, so that a quotation mark that is never closed spoils few rows.
    """
    before = csv.field_size_limit(len(line) + 1)
    try:
        rows = list(csv.reader([line, END], delimiter=delimiter))
    except csv.Error as problem:
        return f"no line of cells: {problem}"
    finally:
        csv.field_size_limit(before)
    return rows[0] if rows[1:] == [[END]] else LARGE


def _decoded(text: bytes) -> list[str]:
    """The lines with their line ends. Bytes that are not UTF-8 are kept as surrogates: cells that are not read may hold
    anything."""
    return [line.decode("utf-8", "surrogateescape") for line in text.splitlines(keepends=True)]


def _is_simple(text: bytes) -> bool:
    """Whether pyarrow finds the same lines: it would end one at any carriage return, and skip a byte-order mark."""
    return b'"' not in text and text.count(b"\r") == text.count(b"\r\n") and not text.startswith(b"\xef\xbb\xbf")


def _with_pyarrow(text: bytes, width: int, places: Sequence[int], delimiter: str, size: int) -> list[Any] | None:
    try:
        import pyarrow
        import pyarrow.csv as reader
    except ImportError:
        return None
    needed = [str(place) for place in places]
    try:
        table = reader.read_csv(
            pyarrow.py_buffer(text),
            reader.ReadOptions(use_threads=False, block_size=len(text) + 1, column_names=list(map(str, range(width)))),
            reader.ParseOptions(delimiter=delimiter, quote_char=False),
            reader.ConvertOptions(column_types=dict.fromkeys(needed, pyarrow.float64()), include_columns=needed,
                                  null_values=[]))
    except pyarrow.ArrowInvalid:
        return None
    if table.num_rows != size:
        return None
    return [table.column(name).to_numpy() for name in needed]


class CsvWriter:
    """Writes a line of names, then a line a row. A row without an answer has empty cells, and with ``explained`` the reason."""

    direct = True

    def __init__(self, names: Sequence[str], explained: bool, delimiter: str = ",") -> None:
        self._names = names
        self._explained = explained
        self._delimiter = delimiter
        self._line = delimiter.join(["%r"] * (1 + len(names))) + delimiter * explained + "\n"

    def head(self) -> bytes:
        names = ["value", *(f"d_{name}" for name in self._names)] + ["error"] * self._explained
        return (self._delimiter.join(names) + "\n").encode()

    def encode(self, answers: Answers) -> bytes:
        columns = [answers.value, *answers.gradient.values()]
        if any(not isinstance(column, np.ndarray) for column in columns):
            if any(np.ndim(each) for column in columns for each in column):
                raise error("shape", "a derivative is an array, and a CSV cell is not", hint="write JSON Lines: --format json")
            columns = [np.array(column, dtype=np.float64) for column in columns]
        line = self._line
        lines = [line % row for row in zip(*[column.tolist() for column in columns], strict=True)]
        for place, failure in answers.failures.items():
            where = "" if failure.line is None else f"line {failure.line}: "
            reason = (where + failure.diagnostic.message).replace('"', '""')
            lines[place] = self._delimiter * len(self._names) + f'{self._delimiter}"{reason}"' * self._explained + "\n"
        return "".join(lines).encode("utf-8", "replace")

    def convert(self, part: str, made: str) -> None:
        """Nothing to do: what was written is the file already."""
