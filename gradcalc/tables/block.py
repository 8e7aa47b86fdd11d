"""What readers and writers of tables exchange: blocks of rows of numbers, and the reasons why some rows have none.

A reader yields blocks of rows and a writer takes blocks of answers, one at a time. This module must not know any format.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, Self

import numpy as np

from gradcalc.diagnostics import Diagnostic, GradcalcError, error
from gradcalc.language.reading.names import near, quoted

#: The rows of a block of a binary file. A block of a text is bounded in bytes instead, to about as many rows.
ROWS = 1 << 15
#: The number that stands in a bad row. It is finite, so that the whole block can be computed at once.
FILLER = 1.0


class Block(NamedTuple):
    """Some rows of a table.

    ``columns`` maps each name to an array of ``size`` numbers, or to a list of what the rows hold where that may be arrays.
    ``bad`` maps the index of a row in this block to the reason why the row has no numbers; FILLER stands there. ``lines`` are
    the rows' lines in the file, counted from 1, None where the file has no lines. ``after`` is the position of the next block;
    its first number is in the units of the table's ``extent``.
    """

    size: int
    columns: Mapping[str, Any]
    bad: Mapping[int, Diagnostic]
    lines: Sequence[int] | None
    after: tuple[int, ...]


class Table(Protocol):
    """A table that is open for reading.

    ``names`` are its columns, None where each row has its own. ``extent`` is its size in bytes or rows, None where not known.
    """

    @property
    def name(self) -> str: ...

    @property
    def names(self) -> tuple[str, ...] | None: ...

    @property
    def extent(self) -> int | None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *problem: object) -> None: ...

    def blocks(self, wanted: Sequence[str], after: Sequence[int] | None = None, plain: bool = False, /) -> Iterator[Block]:
        """Blocks of the columns ``wanted``, from the beginning or from the position ``after`` of an earlier block.

        The boundaries of the blocks do not depend on where reading began. With ``plain`` the columns are lists of what the rows
        hold, and a row is bad only where it cannot be read.
        """
        ...

    def identity(self) -> dict[str, Any]:
        """What identifies the table in a later run. Raises GradcalcError for a pipe."""
        ...

    def demand_unchanged(self) -> None:
        """Raise GradcalcError where the file is no longer what it was when it was opened."""
        ...


class Failure(NamedTuple):
    """Why a row has no answer, and its line in the file where it has one."""

    diagnostic: Diagnostic
    line: int | None

    def to_dict(self) -> dict[str, Any]:
        """The error of the row as JSON. Its ``span`` refers to the program, its ``line`` to the table."""
        return self.diagnostic.to_dict() | {"line": self.line, "column": None}


class Answers(NamedTuple):
    """The values and gradients at some rows.

    ``rows`` are the rows' numbers, counted from 0. ``value`` and the columns of ``gradient`` are arrays of numbers, or lists of
    what may be arrays. ``failures`` maps the index of a row in this block to the reason why it has no answer.
    """

    rows: Sequence[int]
    value: Any
    gradient: Mapping[str, Any]
    failures: Mapping[int, Failure]


class Writer(Protocol):
    """Writes answers in one format. What ``head`` and ``encode`` return is appended to a file."""

    #: Whether what was appended is the finished file; otherwise ``convert`` makes the finished file from it.
    direct: bool

    def head(self) -> bytes:
        """What precedes all answers."""
        ...

    def encode(self, answers: Answers, /) -> bytes:
        """These answers in the form in which they are appended."""
        ...

    def convert(self, part: str, made: str, /) -> None:
        """Make the finished file ``made`` from the file ``part``, which holds everything that was appended."""
        ...


class BlockBuilder:
    """Makes a block of rows that are read one by one, some of which may be bad."""

    def __init__(self, wanted: Sequence[str], plain: bool = False) -> None:
        self._wanted = wanted
        self._plain = plain
        self._found: list[Sequence[Any]] = []
        self._bad: dict[int, Diagnostic] = {}
        self._lines: list[int] = []

    def add(self, line: int, values: Sequence[Any] | Diagnostic) -> None:
        """Append a row, or the reason why it has no values."""
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
    """A block of columns of numbers, whose rows with a number that is not finite, or missing, are bad.

    ``empty`` has for each column a mask of its missing numbers, or None.
    """
    size = len(columns[0])
    bad: dict[int, Diagnostic] = {}
    for name, column, missing in zip(wanted, columns, empty, strict=True):
        wrong = ~np.isfinite(column)
        if missing is not None:
            wrong |= missing
        for index in np.flatnonzero(wrong).tolist():
            absent = missing is not None and bool(missing[index])
            bad.setdefault(index, no_value(name) if absent else not_finite(name, float(column[index])))
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


def columns_to_read(table: Table, needed: Sequence[str], given: Iterable[str]) -> list[str]:
    """The columns that are needed and not given otherwise. Raises GradcalcError for one that is not there, or is there
    twice."""
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
