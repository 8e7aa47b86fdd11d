"""What is read from a table and written to one: rows of numbers in blocks, and why some rows have none.

Nothing here knows a format. A reader gives blocks of rows, a writer takes blocks of answers, and neither holds more than one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, Self

import numpy as np

from gradcalc.diagnostics import Diagnostic, GradcalcError, error
from gradcalc.language.reading.names import near, quoted

#: How many rows of a binary file make a block. A block of a text is about as many rows, counted in bytes.
ROWS = 1 << 15
#: What stands in a row without numbers: something finite, so that the others can be computed beside it.
FILLER = 1.0


class Block(NamedTuple):
    """Some rows of a table.

    ``columns`` has numbers by name, arrays of one length, or lists of whatever stood in a row where that may be more than
    numbers. ``bad`` says by a row's place in the block why it has none; a filler stands there. ``lines`` are the rows' lines in
    the file, counted from 1, where it has lines. ``after`` is where the next block begins, and its first number how far that
    is on the way to the table's ``extent``.
    """

    size: int
    columns: Mapping[str, Any]
    bad: Mapping[int, Diagnostic]
    lines: Sequence[int] | None
    after: tuple[int, ...]


class Table(Protocol):
    """A table that is open for reading. ``names`` are its columns, None where each row has its own."""

    @property
    def name(self) -> str: ...

    @property
    def names(self) -> tuple[str, ...] | None: ...

    @property
    def extent(self) -> int | None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *problem: object) -> None: ...

    def blocks(self, wanted: Sequence[str], after: Sequence[int] | None = None, plain: bool = False, /) -> Iterator[Block]:
        """The rows, with the columns ``wanted``, from the beginning or from where a block ended. Each block ends where it
        would end in any other run.

        With ``plain`` the columns are lists of what stands in the rows, and rows are bad only where they cannot be read.
        """
        ...

    def identity(self) -> dict[str, Any]:
        """What tells whether the table is still the same one in another run. Raises GradcalcError for a pipe."""
        ...

    def demand_unchanged(self) -> None:
        """Raise GradcalcError where the file is no longer what it was when it was opened."""
        ...


class Failure(NamedTuple):
    """Why a row has no answer, and its line in the file where it has one."""

    diagnostic: Diagnostic
    line: int | None

    def to_dict(self) -> dict[str, Any]:
        """The error of the row. Its ``span`` counts in the program, its ``line`` in the table."""
        return self.diagnostic.to_dict() | {"line": self.line, "column": None}


class Answers(NamedTuple):
    """The values and gradients of some rows: the rows' numbers, counted from 0, arrays of numbers or lists of what may be
    arrays themselves, and by place the rows that have no answer."""

    rows: Sequence[int]
    value: Any
    gradient: Mapping[str, Any]
    failures: Mapping[int, Failure]


class Writer(Protocol):
    """A format that answers are written in. What ``head`` and ``encode`` give is appended to a file."""

    #: Whether what was appended is the file itself; else ``convert`` makes it of that.
    direct: bool

    def head(self) -> bytes:
        """What stands before all answers."""
        ...

    def encode(self, answers: Answers, /) -> bytes:
        """The answers as they are appended."""
        ...

    def convert(self, part: str, made: str, /) -> None:
        """Make the file ``made`` of everything that was appended to ``part``."""
        ...


class Rows:
    """Gathers rows one by one, where they are read with care."""

    def __init__(self, wanted: Sequence[str], plain: bool = False) -> None:
        self._wanted = wanted
        self._plain = plain
        self._found: list[Sequence[Any]] = []
        self._bad: dict[int, Diagnostic] = {}
        self._lines: list[int] = []

    def add(self, line: int, values: Sequence[Any] | Diagnostic) -> None:
        """A row, or why it is none."""
        if isinstance(values, Diagnostic):
            self._bad[len(self._found)] = values
            values = (FILLER,) * len(self._wanted)
        self._found.append(values)
        self._lines.append(line)

    def block(self, after: tuple[int, ...]) -> Block:
        columns: list[Any] = list(map(list, zip(*self._found, strict=True))) if self._found else [[] for _ in self._wanted]
        if not self._plain:
            columns = [np.array(column, dtype=np.float64) for column in columns]
        return Block(len(self._found), dict(zip(self._wanted, columns, strict=False)), self._bad, self._lines, after)


def block_of(wanted: Sequence[str], columns: Sequence[Any], empty: Any, after: tuple[int, ...], plain: bool) -> Block:
    """A block of columns of numbers, some of which may be no finite ones, or where ``empty`` says so nothing at all."""
    size = len(columns[0])
    bad: dict[int, Diagnostic] = {}
    for name, column, missing in zip(wanted, columns, empty, strict=True):
        wrong = ~np.isfinite(column)
        if missing is not None:
            wrong |= missing
        for place in np.flatnonzero(wrong).tolist():
            absent = missing is not None and bool(missing[place])
            bad.setdefault(place, no_value(name) if absent else not_finite(name, float(column[place])))
    if bad:
        columns = [np.array(column) for column in columns]
        for column in columns:
            column[list(bad)] = FILLER
    found = [column.tolist() for column in columns] if plain else columns
    return Block(size, dict(zip(wanted, found, strict=True)), bad, None, after)


def no_value(name: str) -> Diagnostic:
    return Diagnostic("missing", f"no value for '{name}'")


def not_finite(name: str, value: float) -> Diagnostic:
    return Diagnostic("value", f"the value of '{name}' is not a finite number: {value}")


def no_number(name: str, shown: str) -> Diagnostic:
    return Diagnostic("value", f"the value of '{name}' is not a number: {_short(shown)}")


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def bound(table: Table, needed: Sequence[str], given: Iterable[str]) -> list[str]:
    """The columns to read: what is needed and not given otherwise. Raises GradcalcError for one that is not there, or twice."""
    given = set(given)
    wanted = [name for name in needed if name not in given]
    if table.names is not None:
        missing = [name for name in wanted if name not in table.names]
        if missing:
            raise missing_columns(table.name, missing, table.names)
        for name in wanted:
            if table.names.count(name) > 1:
                raise error("value", f"{table.name} has {table.names.count(name)} columns {quoted(name)}",
                            hint="give each column a name of its own")
    return wanted


def missing_columns(table: str, names: Sequence[str], known: Sequence[str]) -> GradcalcError:
    """The error that names the columns that a table does not have."""
    shown = ", ".join(map(quoted, names[:20])) + (f" and {len(names) - 20:,} more" if len(names) > 20 else "")
    suggestion = near(names[0], [name for name in known if name not in names])
    columns = ", ".join(map(_short, known[:20])) + ("…" if len(known) > 20 else "")
    hint = f"did you mean '{suggestion}'? " if suggestion else ""
    hint += f"its columns are {columns}" if known else "it has no columns"
    hint += "; what all rows share is given by --at " + ",".join(f"{name}=…" for name in names[:20])
    return error("missing", f"{table} has no column {shown}", hint=hint)
