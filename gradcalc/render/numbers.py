"""How numbers and unprintable characters are written, the same in every format for people.

This module must not know what a number stands for.
"""

import math
import re

#: The significant digits of a table.
DIGITS = 10
#: Characters that would control a terminal or change the direction of writing.
UNSEEN = "[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"


def number(value: float, digits: int | None = None) -> str:
    """A number with so many significant digits; ``-0`` as ``0``."""
    if math.isfinite(value):
        return f"{value + 0.0:.{digits or DIGITS}g}"
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def in_full(value: float) -> str:
    """A number with all its digits, the shortest text that reads back as it; ``-0`` as ``0.0``."""
    return repr(value + 0.0) if math.isfinite(value) else number(value)


def doubt(value: float) -> str:
    """The expected error of a number, with two digits, since more would not be significant."""
    return f"± {value:.2g}" if math.isfinite(value) else "± unknown"


def duration(seconds: float) -> str:
    """A time in the unit that fits."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e6:.3g} µs"


def visible(text: str) -> str:
    """The text with every control character replaced by a printable one. A tab stays."""
    return re.sub(UNSEEN, lambda match: _picture(ord(match[0])), text)


def _picture(code: int) -> str:
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else "\ufffd"


def width(text: str) -> int:
    """How many columns of a terminal the text takes."""
    if text.isascii():
        return len(text)
    import unicodedata

    return sum(0 if unicodedata.combining(character) else 1 + (unicodedata.east_asian_width(character) in "WF")
               for character in text)
