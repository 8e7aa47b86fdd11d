"""Errors and notes: what is wrong, the source line with the place underlined, and how to mend it.

This module decides how a diagnostic looks: it turns a span into the source line and a row of carets. It must not import
anything that would delay an error.
"""

from typing import NamedTuple

from gradcalc.diagnostics import Diagnostic, Span
from gradcalc.render.numbers import visible, width

#: The longest part of a source line that is shown.
WINDOW = 200
#: How much of a line stands before the place, where the line has to be cropped.
BEFORE = 60
COLORS = {"error": "\x1b[1;31m", "note": "\x1b[1;33m", "caret": "\x1b[31m", "hint": "\x1b[36m"}
PLAIN = "\x1b[0m"


def text(diagnostic: Diagnostic, word: str, color: bool = False) -> str:
    """The diagnostic for people, several lines. ``word`` says what it is, ``error`` or ``note``."""
    place = diagnostic.place()
    where = ""
    if place and diagnostic.source is not None and "\n" in diagnostic.source.strip():
        where = f" (line {place[0]}, column {place[1]})"
    lines = [_colored(word + ":", word, color) + " " + _message(diagnostic.message) + where]
    if diagnostic.source is not None and diagnostic.span is not None and diagnostic.source.strip():
        shown = excerpt(diagnostic.source, diagnostic.span)
        lines += ["  " + shown.line, "  " + shown.indent + _colored(shown.carets, "caret", color)]
    if diagnostic.hint:
        lines += ["  " + _colored(line, "hint", color) for line in _message(diagnostic.hint).split("\n")]
    return "\n".join(lines)


def json_line(diagnostic: Diagnostic) -> str:
    """The diagnostic as a line of JSON."""
    from gradcalc.questions.answers import SCHEMA
    from gradcalc.render.formats.json import line

    found = diagnostic.to_dict()
    # A lone surrogate, a byte of the command line that was no UTF-8, cannot be written.
    found |= {key: _message(str(found[key])) for key in ("message", "hint") if found[key] is not None}
    return line({"schema": SCHEMA, "error": found})


class Excerpt(NamedTuple):
    """A source line as it is shown, and what stands below it."""

    line: str
    indent: str
    carets: str


def excerpt(source: str, span: Span) -> Excerpt:
    """The line that the span begins on, cropped around the span where it is long, and a caret for each of its characters."""
    start = min(span.start, len(source))
    first = source.rfind("\n", 0, start) + 1
    last = source.find("\n", start)
    line = source[first:len(source) if last < 0 else last].rstrip("\r")
    begin = min(start - first, len(line))
    end = max(min(span.end - first, len(line)), begin + 1)
    crop = max(0, min(begin - BEFORE, len(line) - WINDOW)) if len(line) > WINDOW else 0
    shown = line[crop:crop + WINDOW]
    ahead, behind = "…" if crop else "", "…" if crop + WINDOW < len(line) else ""
    before = visible(shown[:begin - crop])
    # Blanks as wide as what stands above them; a tab stays a tab, whatever the terminal makes of it.
    indent = " " * len(ahead) + "".join("\t" if character == "\t" else " " * width(character) for character in before)
    carets = "^" * (min(end, crop + WINDOW) - begin if behind else end - begin)
    return Excerpt(ahead + visible(shown) + behind, indent, carets)


def _message(message: str) -> str:
    return "\n".join(visible(line) for line in message.split("\n"))


def _colored(text: str, what: str, color: bool) -> str:
    return f"{COLORS[what]}{text}{PLAIN}" if color else text
