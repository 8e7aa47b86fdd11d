"""JSON Lines: an object on each line, whose members are the row's values by name.

Each line is parsed alone, so that a bad one cannot change the meaning of another. This module must not know what is computed.
"""

import json
from collections.abc import Iterator, Sequence
from itertools import compress
from operator import itemgetter
from typing import Any

import numpy as np

from gradcalc.diagnostics import Diagnostic, error
from gradcalc.language.reading.names import canonical
from gradcalc.questions.answers import plain as listed
from gradcalc.render.formats.json import line as json_line
from gradcalc.tables.block import Answers, Block, BlockBuilder, missing_columns, no_number, no_value, not_finite
from gradcalc.tables.sources import FromSource, Lines, Source

HINT = 'JSON Lines have an object on each line: {"x": 1.5}'
#: An object becomes a tuple of its members, which differs from a list and shows a name that is there twice. A whole number
#: becomes a float at once, however many digits it has.
DECODER = json.JSONDecoder(object_pairs_hook=tuple, parse_int=float)
TYPES = {bool: "true or false", str: "a string", dict: "an object", list: "a list"}


class JsonLines(FromSource):
    """A file or pipe of JSON Lines. Each row has its own names."""

    names = None

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self._lines = Lines(source)
        self.extent = source.size
        if not self._lines.piece().strip() and self._lines.ended:
            raise error("empty", f"{self.name} is empty", hint=HINT)

    def blocks(self, wanted: Sequence[str], after: Sequence[int] | None = None, plain: bool = False) -> Iterator[Block]:
        if after is not None:
            self._lines.seek(*after)
        beginning = after is None
        while text := self._lines.piece():
            lines = text.splitlines()
            first = self._lines.line
            self._lines.take(len(text), len(lines))
            after = (self._lines.offset, self._lines.line)
            block = None if plain else _in_bulk(text, first, wanted, after)
            if block is None:
                block = self._line_by_line(lines, first, wanted, after, plain, beginning)
            beginning = False
            yield block

    def _line_by_line(self, lines: Sequence[bytes], first: int, wanted: Sequence[str], after: tuple[int, ...], plain: bool,
                   beginning: bool) -> Block:
        rows = BlockBuilder(wanted, plain)
        absent = dict.fromkeys(wanted, True)
        seen: dict[str, None] = {}
        for number, line in enumerate(lines, first):
            if not line.strip():
                continue
            try:
                found = {canonical(name.strip()): value for name, value in _object(line.decode()).items()}
            except (ValueError, RecursionError) as problem:
                rows.add(number, Diagnostic("json", _reason(problem), hint=HINT))
                continue
            absent = {name: missing and name not in found for name, missing in absent.items()}
            if len(seen) < 100:
                seen |= dict.fromkeys(found)
            rows.add(number, _values(found, wanted, plain))
        if beginning and not seen:
            self._demand_lines(lines)
        if beginning and seen and any(absent.values()):
            raise missing_columns(self.name, list(compress(absent, absent.values())), list(seen))
        return rows.block(after)

    def _demand_lines(self, lines: Sequence[bytes]) -> None:
        """Raise GradcalcError where this is JSON, but an array of rows or an object over several lines."""
        begin = next((line.strip() for line in lines if line.strip()), b"")
        if begin.startswith(b"["):
            raise error("format", f"{self.name} is a JSON array, not JSON Lines", hint=f"{HINT}; jq -c '.[]' makes them")
        if begin == b"{":
            raise error("format", f"{self.name} has an object on several lines", hint=f"{HINT}; jq -c . makes them")


def _in_bulk(text: bytes, first: int, wanted: Sequence[str], after: tuple[int, ...]) -> Block | None:
    """The block where every line is an object with finite numbers under exactly these names, else None."""
    if not wanted:
        return None
    pick = itemgetter(*wanted)
    try:
        lines = text.decode().removesuffix("\n").split("\n")
        found = [pick(_object(line)) for line in lines]
    except (ValueError, KeyError, RecursionError):
        return None
    columns = list(zip(*found, strict=True)) if len(wanted) > 1 else [tuple(found)]
    if any(set(map(type, column)) != {float} for column in columns):
        return None
    arrays = [np.array(column, dtype=np.float64) for column in columns]
    if not all(np.isfinite(column).all() for column in arrays):
        return None
    return Block(len(lines), dict(zip(wanted, arrays, strict=True)), {}, range(first, first + len(lines)), after)


def _object(line: str) -> dict[str, Any]:
    """The object of a line. Raises ValueError where there is none, or where a name stands in it twice."""
    try:
        found, end = DECODER.raw_decode(line)
    except json.JSONDecodeError:
        end = -1
    if end != len(line):
        found = DECODER.decode(line)  # slower, but blanks may stand around the object
    if type(found) is not tuple:
        raise ValueError("it is no object")
    members = dict(found)
    if len(members) != len(found):
        raise ValueError("a name stands in it twice")
    return members


def _reason(problem: Exception) -> str:
    if isinstance(problem, json.JSONDecodeError):
        return f"the line is not JSON: {problem.msg[:1].lower() + problem.msg[1:]}, at character {problem.pos + 1}"
    if isinstance(problem, UnicodeDecodeError):
        return "the line is not valid UTF-8"
    if isinstance(problem, RecursionError):
        return "the line cannot be read: it is nested too deeply"
    return f"the line cannot be read: {problem}"


def _values(found: dict[str, Any], wanted: Sequence[str], plain: bool) -> list[Any] | Diagnostic:
    """The row's values by their order in ``wanted``, or why there are none."""
    values: list[Any] = []
    for name in wanted:
        value = found.get(name)
        if value is None:
            return no_value(name)
        if type(value) is float:
            if not -np.inf < value < np.inf:
                return not_finite(name, value)
            values.append(value)
        elif plain and type(value) is list:
            values.append(value)
        else:
            return no_number(name, "an object" if type(value) is tuple else TYPES[type(value)])
    return values


class JsonLinesWriter:
    """An object for each row: its number, and its value and gradient or the error."""

    direct = True

    def __init__(self, names: Sequence[str]) -> None:
        slots = ", ".join(f'"{name}": %r' for name in names)
        self._line = '{"row": %d, "value": %r, "gradient": {' + slots + "}}\n"

    def head(self) -> bytes:
        return b""

    def encode(self, answers: Answers) -> bytes:
        columns = [answers.value, *answers.gradient.values()]
        if all(isinstance(column, np.ndarray) for column in columns):
            form = self._line
            lines = [form % row for row in zip(answers.rows, *[column.tolist() for column in columns], strict=True)]
        else:
            lines = []
            for row, value, *slopes in zip(answers.rows, *columns, strict=True):
                gradient = listed(dict(zip(answers.gradient, slopes, strict=True)))
                lines.append(json_line({"row": row, "value": value, "gradient": gradient}) + "\n")
        for place, failure in answers.failures.items():
            lines[place] = json_line({"row": answers.rows[place], "error": failure.to_dict()}) + "\n"
        return "".join(lines).encode("utf-8", "replace")

    def convert(self, part: str, made: str) -> None:
        """Nothing to do: what was written is the file already."""
