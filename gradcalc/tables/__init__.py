"""Tables of data: which formats there are, and which one a file is in.

This module decides that by the file's ending, or for a pipe by its first bytes. It must not know how a format is read or
written: each format has a module of its own for both.
"""

from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from gradcalc.diagnostics import error
from gradcalc.language.reading.names import near, quoted

if TYPE_CHECKING:
    from gradcalc.tables.block import Table, Writer
    from gradcalc.tables.sources import Source

ENDINGS = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl",
           ".parquet": "parquet", ".pq": "parquet", ".npy": "npy", ".npz": "npz"}
FORMATS = ("csv", "jsonl", "parquet", "npy", "npz")
#: The formats that can be written to a stream.
TEXTS = ("csv", "jsonl")
#: The first bytes of the formats that cannot be read from a pipe.
MAGIC = {b"PAR1": "Parquet", b"\x93NUMPY": "an .npy array", b"PK\x03\x04": "an .npz archive"}


def format_of(path: str, option: str) -> str:
    """The format that a file's ending stands for. Raises GradcalcError, naming ``option``, for an ending that stands for
    none."""
    ending = PurePath(path).suffix.lower()
    if ending in ENDINGS:
        return ENDINGS[ending]
    suggestion = near(ending, ENDINGS) if ending else None
    raise error("usage", f"the name {quoted(path)} does not say which format it is in", hint="it ends in "
                f"{', '.join(sorted({*ENDINGS} - {'.txt', '.json'}))}, or {option} names one of {', '.join(FORMATS)}"
                + (f"; did you mean '{suggestion}'?" if suggestion else ""))


def opened(path: str, form: str | None = None, columns: Sequence[str] | None = None) -> "Table":
    """The table in a file or a named pipe, or where ``path`` is ``-`` on standard input.

    ``form`` is the format, by default the one of the file's ending. ``columns`` names the columns of a table that does not name
    them itself. Raises GradcalcError where there is no table that can be read.
    """
    from gradcalc.tables.sources import Source

    source = Source(path)
    try:
        if form is None and not (source.is_pipe and PurePath(path).suffix.lower() not in ENDINGS):
            form = format_of(path, "--data-format")
        if form is None:
            form = _sniffed(source)
        if columns is not None and form not in ("csv", "npy"):
            raise error("usage", "--columns names the columns of a CSV file or an .npy array", hint="leave it out")
        return _reader(form, source, columns)
    except BaseException:
        source.close()
        raise


def _sniffed(source: "Source") -> str:
    """The format of a pipe, by its first bytes: what begins with an object is JSON Lines, any other text is CSV."""
    begins = source.peek()
    for magic, name in MAGIC.items():
        if begins.startswith(magic):
            raise error("usage", f"{source.name} is {name}, which is read from a file alone", hint="give it as --data FILE")
    return "jsonl" if begins.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") else "csv"


def _reader(form: str, source: "Source", columns: Sequence[str] | None) -> "Table":
    if form == "csv":
        from gradcalc.tables.csv import Csv

        return Csv(source, columns)
    if form == "jsonl":
        from gradcalc.tables.jsonl import JsonLines

        return JsonLines(source)
    if form == "parquet":
        from gradcalc.tables.parquet import Parquet

        return Parquet(source)
    from gradcalc.tables.numeric import Npy, Npz

    return Npy(source, columns) if form == "npy" else Npz(source)


def writer(form: str, names: Sequence[str], explained: bool, path: str | None = None) -> "Writer":
    """The writer of a format, for answers with derivatives by these names. ``explained`` asks for a column of errors.

    The file's ``path`` tells whether cells are separated by tabs.
    """
    if form == "csv":
        from gradcalc.tables.csv import CsvWriter

        tabs = path is not None and PurePath(path).suffix.lower() == ".tsv"
        return CsvWriter(names, explained, "\t" if tabs else ",")
    if form == "jsonl":
        from gradcalc.tables.jsonl import JsonLinesWriter

        return JsonLinesWriter(names)
    if form == "parquet":
        from gradcalc.tables.parquet import ParquetWriter

        return ParquetWriter(names, explained)
    from gradcalc.tables.numeric import NpyWriter, NpzWriter

    return NpyWriter(names) if form == "npy" else NpzWriter(names)
