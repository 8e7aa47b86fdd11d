"""How arrays are written, the same in every format for people: whole if they are small, otherwise as a summary.

This module decides what counts as small. An array is a nested list or an object with ``shape`` and ``tolist``, so that NumPy is
not imported for an answer without arrays.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from gradcalc.render.numbers import number

#: Up to so many entries stand whole in a cell of a table, if they take no more than so many characters.
CELL, CELL_WIDTH = 12, 64
#: Up to so many entries stand whole below a table.
WHOLE = 200
#: Longer rows of numbers are folded.
LINE = 100
#: The default significant digits of the entries in a cell, fewer where these would be too wide, and of a summary.
CELL_DIGITS, SUMMARY_DIGITS = (6, 4), 4


def is_array(value: Any) -> bool:
    """Whether a value is an array rather than one number."""
    return isinstance(value, list | tuple) or getattr(value, "shape", ()) != ()


def shape(value: Any) -> tuple[int, ...]:
    """The lengths of an array's axes, () for a number."""
    if not isinstance(value, list | tuple):
        return tuple(getattr(value, "shape", ()))
    return (len(value), *(shape(value[0]) if value else ()))


def size(value: Any) -> int:
    """How many numbers a value consists of."""
    return math.prod(shape(value))


def by(lengths: Sequence[int]) -> str:
    """A shape in words: ``2×3``, ``3 entries``."""
    if len(lengths) == 1:
        return f"{lengths[0]} entr{'y' if lengths[0] == 1 else 'ies'}"
    return "×".join(map(str, lengths))


def flat(value: Any) -> list[float]:
    """The numbers of a value in their order."""
    listed = value.tolist() if hasattr(value, "tolist") else value
    for _ in shape(value)[1:]:
        listed = [entry for layer in listed for entry in layer]
    return list(listed) if isinstance(listed, list | tuple) else [float(listed)]


def inline(value: Any, write: Callable[[float], str]) -> str:
    """The array on one line, as nested lists; ``write`` says how a number is written."""
    listed = value.tolist() if hasattr(value, "tolist") else value
    if isinstance(listed, list | tuple):
        return f"[{', '.join([inline(entry, write) for entry in listed])}]"
    return write(float(listed))


def text(value: Any, digits: int | None = None) -> str:
    """A number, or an array as it stands in a table or within a sentence."""
    return cell(value, digits) if is_array(value) else number(value, digits)


def cell(value: Any, digits: int | None = None) -> str:
    """What stands in a table for an array."""
    if 0 < size(value) <= CELL:
        for tried in CELL_DIGITS if digits is None else (digits,):
            whole = _inline(value, tried)
            if digits is not None or len(whole) <= CELL_WIDTH:
                return whole
    return summary(value, digits)


def _inline(value: Any, digits: int) -> str:
    return inline(value, lambda entry: number(entry, digits))


def lines(value: Any, digits: int | None = None) -> list[str]:
    """What stands below a table for an array: a line for each row, its columns aligned."""
    return list(_rows(value, digits)) if 0 < size(value) <= WHOLE else [summary(value, digits)]


def summary(value: Any, digits: int | None = None) -> str:
    """An array's shape, range and norm."""
    lengths = shape(value)
    if not size(value):
        return "[]" if len(lengths) == 1 else f"[] {by(lengths)}"
    low, high, norm, strange = extent(value)
    if strange == size(value):
        return f"{by(lengths)}, all NaN"
    digits = digits or SUMMARY_DIGITS
    if low == high:
        parts = [by(lengths), f"all {number(low, digits)}"]
    else:
        parts = [by(lengths), f"{number(low, digits)} … {number(high, digits)}", f"norm {number(norm, digits)}"]
    return ", ".join(parts + [f"{strange} NaN"] * bool(strange))


class Extent(NamedTuple):
    """The least and the greatest entry of an array, its norm, and how many entries are NaN, which the others leave out."""

    low: float
    high: float
    norm: float
    strange: int


def extent(value: Any) -> Extent:
    """The extent of an array that has entries, or of a number. No list is made of a large array."""
    if not hasattr(value, "ravel"):
        known = [entry for entry in flat(value) if not math.isnan(entry)]
        if not known:
            return Extent(math.nan, math.nan, math.nan, size(value))
        return Extent(min(known), max(known), math.hypot(*known), size(value) - len(known))
    entries = value.ravel()
    if math.isnan(entries.min()):
        entries = entries[entries == entries]
        if not entries.size:
            return Extent(math.nan, math.nan, math.nan, size(value))
    low, high = float(entries.min()), float(entries.max())
    return Extent(low, high, _norm(entries, max(-low, high)), size(value) - int(entries.size))


def _norm(entries: Any, largest: float) -> float:
    """The root of the sum of squares, of which none may overflow: NumPy would warn of it."""
    if largest == 0.0 or math.isinf(largest):
        return largest
    scale = 1.0 if 1e-15 < largest < 1e15 else largest
    scaled = entries if scale == 1.0 else entries / scale
    return scale * math.sqrt(float(scaled @ scaled))


def largest(value: Any) -> float:
    """The number of a value that is furthest from 0, with its sign; NaN where one is."""
    if not size(value):
        return 0.0
    found = extent(value)
    if found.strange:
        return math.nan
    return found.low if -found.low > found.high else found.high


def _rows(value: Any, digits: int | None) -> Iterator[str]:
    """The innermost lists, a line each, within the brackets of the others. A row that is too long is folded."""
    *outer, count = shape(value)
    words = [number(entry, digits) for entry in flat(value)]
    rows = [words[start:start + count] for start in range(0, len(words), count)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    per_line = count
    if sum(widths) + 2 * count > LINE:
        widths = [max(widths)] * count
        per_line = max(1, LINE // (widths[0] + 2))
    blocks = [math.prod(outer[axis:]) for axis in range(len(outer))]
    for place, row in enumerate(rows):
        opened = 1 + sum(place % block == 0 for block in blocks)
        closed = 1 + sum((place + 1) % block == 0 for block in blocks)
        padded = [word.rjust(width) for word, width in zip(row, widths, strict=True)]
        parts = [", ".join(padded[start:start + per_line]) for start in range(0, count, per_line)]
        before = " " * (1 + len(outer) - opened) + "[" * opened
        for number_of_part, part in enumerate(parts):
            last = number_of_part == len(parts) - 1
            after = "," if not last else "]" * closed + "," * (place < len(rows) - 1)
            yield (before if number_of_part == 0 else " " * (1 + len(outer))) + part + after
        if closed > 1 and place < len(rows) - 1:
            yield ""
