"""Errors for a text that is not in the language: what was found, where, and the text that was probably meant.

This module decides how such an error is worded. It must not know how the text is parsed.
"""

import re
from collections.abc import Iterable, Sequence
from re import Match

from gradcalc.diagnostics import GradcalcError, Span, error
from gradcalc.graph.operations import function
from gradcalc.language.reading.limits import Limits
from gradcalc.language.reading.names import check, quoted, shown
from gradcalc.language.reading.spans import closing, parts_between

#: How users read the terminals of the grammar.
TERMINALS = {
    "NAME": "a name", "DEFINED": "a function's name", "NUMBER": "a number", "OR": "'or'", "AND": "'and'", "NOT": "'not'",
    "LESS": "'<'", "LESS_EQUAL": "'<='", "GREATER": "'>'", "GREATER_EQUAL": "'>='", "SAME": "'=='", "DIFFERENT": "'!='",
    "EQUALS": "'='", "PLUS": "'+'", "MINUS": "'-'", "TIMES": "'*'", "OVER": "'/'", "MATMUL": "'@'", "POWER": "'^'",
    "SQUARED": "'²'", "CUBED": "'³'", "TRANSPOSED": "'.T'", "COMMA": "','", "COLON": "':'", "ELLIPSIS": "'...'",
    "OPEN": "'('", "CLOSE": "')'", "OPEN_SQUARE": "'['", "CLOSE_SQUARE": "']'",
    "SEPARATOR": "the end of the statement", "TEXT": "a text in quotes",
    "$END": "the end of the text", "UNKNOWN": "an unknown character",
}
#: What other languages write, and what is written here.
ELSEWHERE = {"=<": "<=", "=>": ">=", "<>": "!="}
WORDS = {"if": "where(condition, a, b)", "def": "f(x) = …", "let": "name = …"}
CHARACTERS = {
    "{": "write ( )", "}": "write ( )",
    "!": "for 'is not equal' write !=", "%": "write mod(a, b)", "&": "write and", ":": "write name = expression",
    "|": "for the absolute value write abs(x); for a choice of conditions, or", "?": "write where(condition, a, b)",
    '"': "a name is written without quotation marks", "`": "a name is written without quotation marks",
    "'": "a name is written without quotation marks; for a derivative use --wrt",
}
COMPARISONS = ("LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL", "SAME", "DIFFERENT")
BEGINS_OPERAND = ("NAME", "DEFINED", "NUMBER", "OPEN", "OPEN_SQUARE")
#: The bracket that closes each.
CLOSED_BY = {"(": ")", "[": "]"}


def too_long(text: str, limits: Limits) -> GradcalcError:
    return error("limit", f"the text has {len(text):,} characters; the limit is {limits.text:,}",
                 hint="raise --max-text", source=text)


def too_deep(text: str, end: int, limits: Limits) -> GradcalcError:
    return error("limit", f"brackets, signs and powers are nested more than {limits.depth:,} deep", Span(end - 1, end),
                 "raise --max-depth", text)


def syntax_error(text: str, terminals: Sequence[str], accepted: Iterable[int], match: Match[str],
                 brackets: list[int]) -> GradcalcError:
    """The error for a token that cannot stand where it does.

    ``terminals`` are the names of the kinds of tokens, ``accepted`` the kinds that could stand here, and ``brackets`` the
    places of the brackets that are still open.
    """
    kind = match.lastindex or 0
    terminal = terminals[kind]
    token, start = match[kind], match.start(kind)
    span = Span(start, match.end())
    accepts = {terminals[each] for each in accepted}
    operand_stands_before = "PLUS" in accepts and "NUMBER" not in accepts

    if terminal in ("NAME", "DEFINED"):
        check(token, start, text)  # a character that no name has is what is wrong
    if token == "." and operand_stands_before:
        return _unknown_attribute(text, start)
    if terminal == "TEXT":  # outside the arguments of a call
        token, span = token[0], Span(start, start + 1)
    if terminal in ("UNKNOWN", "TEXT") or (terminal == "COLON" and not brackets):
        return error("character", f"unexpected character {shown(token)}", span, CHARACTERS.get(token), text)
    ends = terminal in ("$END", "SEPARATOR")
    if brackets and (ends or "\n" in text[brackets[-1]:start]) and not closing(text, brackets[-1]):
        bracket = text[brackets[-1]]
        return error("bracket", f"this '{bracket}' is never closed", Span(brackets[-1], brackets[-1] + 1),
                     f"add a '{CLOSED_BY[bracket]}'", text)
    if terminal == "SEPARATOR" and brackets and text[brackets[-1]] == "[" and ";" in token:
        place = start + token.index(";")
        return error("syntax", "unexpected ';' inside square brackets", Span(place, place + 1),
                     "put each row in brackets of its own: [[1, 2], [3, 4]]", text)
    if terminal in ("CLOSE", "CLOSE_SQUARE"):
        found = _misplaced_closing(text, token, span, brackets, "COLON" in accepts)
        if found:
            return found
    for place in (start - 1, start):
        if (written := text[place:place + 2]) in ELSEWHERE:
            return error("syntax", f"unexpected {quoted(written)}", Span(place, place + 2), f"write {ELSEWHERE[written]}", text)
    if operand_stands_before and terminal in BEGINS_OPERAND:
        return _missing_operator(text, token, span, brackets)
    if terminal in ("EQUALS", "DEFINED"):
        return _misplaced_equals(text, terminal, token, span, bool(brackets))
    if terminal in COMPARISONS and operand_stands_before:
        return error("syntax", f"a comparison cannot follow a comparison: unexpected {TERMINALS[terminal]}", span,
                     "write a < b and b < c", text)
    if terminal == "COLON":
        return error("syntax", "unexpected ':'", span, "a slice stands in the index of an array, as in x[1:3]", text)
    if terminal == "COMMA" and not brackets:
        return error("syntax", "unexpected ','", span, "put statements on lines of their own, or a ';' between them", text)
    if terminal == "COMMA" and accepts == {"CLOSE"}:
        return error("syntax", "unexpected ','", span, "a list of values stands in square brackets: [a, b]", text)
    wanted = _wanted(accepts)
    if ends:
        what = "the text" if terminal == "$END" else "the statement"
        return error("syntax", f"{what} ends where {wanted} was expected", Span(start, start), None, text)
    return error("syntax", f"unexpected {_as_written(terminal, token)}: {wanted} was expected", span, None, text)


def call_of_a_variable(text: str, name: str, start: int, end: int) -> GradcalcError:
    """The error for ``x(3)``, where x is not a function."""
    written = text[start:end]
    hint = f"write {name}*{written[len(name):].lstrip()}" if len(written) <= 60 else f"write {name}*(…)"
    return error("function", f"{quoted(name)} is not a function", Span(start, start + len(name)), hint, text)


def _as_written(terminal: str, token: str) -> str:
    return quoted(token) if terminal in ("NAME", "NUMBER", "DEFINED") else TERMINALS[terminal]


def _wanted(accepts: set[str]) -> str:
    """What could stand here, in words."""
    if "PLUS" in accepts and "NUMBER" not in accepts:
        return "an operator"
    if "NUMBER" in accepts:
        return "a number, a name or '('"
    return " or ".join(sorted(TERMINALS[terminal] for terminal in accepts))


def _misplaced_closing(text: str, token: str, span: Span, brackets: list[int], indexes: bool) -> GradcalcError | None:
    """The error for a closing bracket that closes nothing, or not the bracket that is open, or an index without a key."""
    opening = "(" if token == ")" else "["
    if not brackets:
        return error("bracket", f"this '{token}' closes nothing", span, f"remove it, or add a '{opening}' before it", text)
    bracket = text[brackets[-1]]
    if bracket != opening:
        return error("bracket", f"this '{token}' does not close the '{bracket}' before it", span,
                     f"close that one first: add a '{CLOSED_BY[bracket]}'", text)
    if indexes and parts_between(text, brackets[-1])[0] == (span.start, span.start):
        return error("index", "an index is missing between the brackets", Span(brackets[-1], span.end),
                     "write for instance x[0], x[1:3] or x[:]", text)
    return None


def _unknown_attribute(text: str, start: int) -> GradcalcError:
    """The error for ``x.S`` and ``x.sum()``."""
    written = re.compile(r"\.\s*(\w*)").match(text, start)
    name = written[1] if written else ""
    span = Span(start, written.end() if written and name else start + 1)
    operand = text[_operand_start(text, len(text[:start].rstrip())):start].rstrip()
    if operand.startswith("(") and closing(operand, 0) == len(operand):
        operand = operand[1:-1]
    if function(name) and len(operand) <= 60:
        return error("syntax", f"unexpected '.{name}'", span, f"write {name}({operand})", text)
    return error("syntax", f"unexpected '.{name}'" if name else "unexpected character '.'", span,
                 "only .T, the transpose, stands behind a point", text)


def _missing_operator(text: str, token: str, span: Span, brackets: list[int]) -> GradcalcError:
    """The error for ``2x``, ``3(x+1)``, ``(a)(b)``: the hint is the text with the ``*`` put in; for ``[1 2]`` with a comma."""
    before = len(text[: span.start].rstrip())
    left = text[_operand_start(text, before):before]
    right = text[span.start:_operand_end(text, span.end)]
    in_array = bool(brackets) and text[brackets[-1]] == "[" and before < span.start and not function(left)
    grouped = left[-1:].isdigit() and token.startswith("_") and token[1:].isdigit()
    mended = left + token[1:] if grouped else f"{left}({right})" if function(left) else f"{left}*{right}"
    if left in WORDS:
        return error("syntax", f"unexpected {quoted(token)}", span, f"write {WORDS[left]}", text)
    if token == "[":  # anything but a power may have an index
        return error("syntax", "an index cannot follow a power", span, "put the power in brackets, as in (x^2)[0]", text)
    if in_array:
        mended = f"{left}, {right}"
    short = len(mended) <= 60 and "\n" not in mended and left[:1] not in ("", "²", "³")
    hint = f"write {mended}" if short else f"write {',' if in_array else '*'} between them"
    what = "a ','" if in_array else "an operator"
    return error("syntax", f"{what} is missing before {quoted(token)}", span, hint, text)


def _operand_start(text: str, end: int) -> int:
    """Where the operand that ends at ``end`` begins: with its name or number, or at its first bracket."""
    while end > 0 and (text[end - 1].isalnum() or text[end - 1] in "_.)]"):
        if text[end - 1] in ")]":
            depth, place = 0, end
            while place > 0:
                place -= 1
                depth += (text[place] in ")]") - (text[place] in "([")
                if depth == 0:
                    break
            end = place
        else:
            end -= 1
    return end


def _operand_end(text: str, end: int) -> int:
    """Where the operand whose first token ends at ``end`` ends: behind the brackets that it opens, if it opens any."""
    if text[end - 1] in "([":
        end = closing(text, end - 1) or len(text)
    while text[end:end + 1] in ("(", "["):
        end = closing(text, end) or len(text)
    return end


def _misplaced_equals(text: str, terminal: str, token: str, span: Span, inside: bool) -> GradcalcError:
    if terminal == "DEFINED":
        place = text.index("=", span.end)
        return error("syntax", f"{quoted(token)} cannot be defined inside an expression", Span(place, place + 1),
                     "to compare, write ==; to define a function, begin a statement with it", text)
    first = re.search(r"(\w+)\s*\(\s*(\w+)\s*$", text[max(span.start - 200, 0):span.start])
    row = function(first[1]) if first else None
    if first and row and any(setting.name == first[2] for setting in row.settings):
        return error("syntax", f"{quoted(first[1])} needs an argument before the setting {quoted(first[2])}", span,
                     f"write {first[1]}({row.parameters[0]}, {first[2]}=…)", text)
    if not text[: span.start].strip():
        return error("syntax", "a name is missing before '='", span, "write name = expression", text)
    why = "unexpected '=' inside brackets" if inside else "unexpected '=': only a name can be given a value"
    return error("syntax", why, span, "to compare, write ==", text)
