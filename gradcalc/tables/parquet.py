"""Parquet, by pyarrow: each row group is read in blocks, and the answers are written from a spool in row groups of one size.

This module must not know what is computed.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from gradcalc.diagnostics import error
from gradcalc.language.reading.names import canonical, quoted
from gradcalc.tables.block import ROWS, Block, block_of
from gradcalc.tables.sources import FromSource, Source, unreadable
from gradcalc.tables.spool import Frame, Spool, SpoolWriter

#: The rows of a row group that is written.
GROUP = 1 << 18


class Parquet(FromSource):
    """A Parquet file. Its columns may hold any kind of real numbers; an empty cell makes its row a bad one."""

    def __init__(self, source: Source) -> None:
        pyarrow = arrow()
        if source.is_pipe:
            raise error("usage", f"{source.name} cannot be read as Parquet: that takes a file", hint="give a file: --data FILE")
        super().__init__(source)
        try:
            self._file = pyarrow.parquet.ParquetFile(source.path, pre_buffer=False, buffer_size=1 << 20)
        except (OSError, ValueError, pyarrow.ArrowException) as problem:
            raise error("format", f"{source.name} is no Parquet file that can be read: {problem}") from problem
        self._schema = self._file.schema_arrow
        self.names = tuple(canonical(name.strip()) for name in self._schema.names)
        self.extent = self._file.metadata.num_rows

    def blocks(self, wanted: Sequence[str], after: Sequence[int] | None = None, plain: bool = False) -> Iterator[Block]:
        pyarrow = arrow()
        done, group, seen = after or (0, 0, 0)
        stored = [self._schema.names[self.names.index(name)] for name in wanted]
        for name, column in zip(wanted, stored, strict=True):
            self._demand_numbers(name, self._schema.field(column).type)
        try:
            for number in range(group, self._file.num_row_groups):
                batches = self._file.iter_batches(ROWS, row_groups=[number], columns=stored)
                for place, batch in enumerate(batches):
                    if place < seen:
                        continue
                    done += batch.num_rows
                    yield _block(pyarrow, batch, wanted, (done, number, place + 1), plain)
                seen = 0
        except (OSError, ValueError, pyarrow.ArrowException) as problem:
            raise unreadable(self.name, problem) from problem

    def __exit__(self, *problem: object) -> None:
        self._file.close(force=True)
        super().__exit__()

    def _demand_numbers(self, name: str, kind: Any) -> None:
        types = arrow().types
        value = kind.value_type if types.is_dictionary(kind) else kind
        if not (types.is_integer(value) or types.is_floating(value) or types.is_decimal(value) or types.is_null(value)):
            raise error("format", f"the column {quoted(name)} of {self.name} holds no real numbers, but {kind}")


def _block(pyarrow: Any, batch: Any, wanted: Sequence[str], after: tuple[int, ...], plain: bool) -> Block:
    if not wanted:
        return Block(batch.num_rows, {}, {}, None, after)
    columns, empty = [], []
    for column in batch.columns:
        if pyarrow.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        empty.append(np.asarray(column.is_null().to_numpy(zero_copy_only=False)) if column.null_count else None)
        if column.type != pyarrow.float64():
            column = column.cast(pyarrow.float64(), safe=False)
        columns.append(column.to_numpy(zero_copy_only=False))
    return block_of(wanted, columns, empty, after, plain)


def arrow() -> Any:
    """pyarrow. Raises GradcalcError where it is not installed."""
    try:
        import pyarrow.parquet
    except ImportError as problem:
        raise error("missing", "Parquet files need pyarrow, which is not installed",
                    hint="install it: pip install 'gradcalc[data]'") from problem
    return pyarrow


class ParquetWriter(SpoolWriter):
    """Writes columns in double precision, empty in rows without an answer; with ``explained`` also the reasons as texts."""

    def __init__(self, names: Sequence[str], explained: bool) -> None:
        super().__init__(names)
        self._explained = explained
        arrow()

    def convert(self, part: str, made: str) -> None:
        pyarrow = arrow()
        fields = [(name, pyarrow.float64()) for name in ("value", *(f"d_{name}" for name in self.names))]
        schema = pyarrow.schema(fields + [("error", pyarrow.string())] * self._explained)
        options = {"use_dictionary": ["error"] if self._explained else False, "compression": "none"}
        with pyarrow.parquet.ParquetWriter(made, schema, **options) as writer:
            for frames in _groups(Spool(part).frames()):
                batches = [self._batch(pyarrow, frame, schema) for frame in frames]
                writer.write_table(pyarrow.Table.from_batches(batches, schema), row_group_size=2 * GROUP)

    def _batch(self, pyarrow: Any, frame: Frame, schema: Any) -> Any:
        failed = None
        if frame.failed:
            failed = np.zeros(frame.rows, dtype=bool)
            failed[list(frame.failed)] = True
        columns = [pyarrow.array(column, mask=failed) for column in frame.columns]
        if self._explained:
            reasons = dict(zip(frame.failed, frame.reasons, strict=True))
            columns.append(pyarrow.nulls(frame.rows, pyarrow.string()) if not reasons else
                           pyarrow.array([reasons.get(place) for place in range(frame.rows)], pyarrow.string()))
        return pyarrow.record_batch(columns, schema=schema)


def _groups(frames: Iterator[Frame]) -> Iterator[list[Frame]]:
    """The frames, grouped to as many as make a row group."""
    together: list[Frame] = []
    for frame in frames:
        together.append(frame)
        if sum(each.rows for each in together) >= GROUP:
            yield together
            together = []
    if together:
        yield together
