"""Spans in a program's text that the parser does not keep: they are found again when an error message needs them.

This module must not know the graph.
"""

import re
from typing import NamedTuple

from gradcalc.diagnostics import Span

#: Brackets and commas, and the comments and the texts in quotes, in which they do not count.
MARKS = re.compile(r"#[^\n]*|\"[^\"\n]*\"|'[^'\n]*'|[()\[\],]")
#: The tokens of an expression; comments, texts and blanks are skipped.
TOKENS = re.compile(r"#[^\n]*|\"[^\"\n]*\"|'[^'\n]*'"
                    r"|(?P<operand>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[^\W\d²³][^\W²³]*)"
                    r"|(?P<mark>\.T(?![0-9A-Za-z_])|\*\*|<=|>=|==|!=|[-+*/^@<>×·÷−²³()\[\]])")
#: How each operator may be typed.
SPELLINGS = {"-": ("-", "−"), "*": ("*", "×", "·"), "/": ("/", "÷"), "^": ("^", "**"), "[]": ("[",)}
WORDS = ("or", "and", "not")
#: Operators that group from the right; the outermost one comes first.
FROM_THE_RIGHT = ("^", "not")


class Token(NamedTuple):
    """A token that stands outside all brackets; ``binary`` where an operand stands before it."""

    written: str
    span: Span
    binary: bool


def parts_between(text: str, bracket: int) -> list[Span]:
    """The parts between the commas inside the bracket that opens at this place."""
    spans: list[Span] = []
    depth, start = 0, bracket + 1
    for mark in MARKS.finditer(text, bracket):
        if mark[0] in "([":
            depth += 1
        elif mark[0] in ")]":
            depth -= 1
        if depth == 0 or (depth == 1 and mark[0] == ","):
            spans.append(trimmed(text, start, mark.start()))
            start = mark.end()
        if depth == 0:
            break
    return spans


def closing(text: str, bracket: int) -> int | None:
    """Where the bracket that opens at this place has been closed, or None where it never is."""
    depth = 0
    for mark in MARKS.finditer(text, bracket):
        depth += (mark[0] in "([") - (mark[0] in ")]")
        if depth == 0 and mark[0] in ")]":
            return mark.end()
    return None


def trimmed(text: str, start: int, end: int) -> Span:
    """The span without the blanks and comments around what it holds."""
    written = re.compile(r"(?:\s|#[^\n]*)*").match(text, start, end)
    start = written.end() if written else start
    while start < end and text[end - 1].isspace():
        end -= 1
    return Span(start, end)


def operator_span(text: str, span: Span, symbol: str) -> Span:
    """The outermost operator of the expression at ``span``, of which ``symbol`` is the table's spelling.

    The whole span where that cannot be told.
    """
    tokens = _outside_brackets(text, span)
    spellings = SPELLINGS.get(symbol, (symbol,))
    found = [token for token in tokens if token.written in spellings and (token.binary or symbol == "not")]
    if not found and symbol == "^":
        found = [token for token in tokens if token.written in ("²", "³")][-1:]
    if not found and symbol == "-":
        found = [token for token in tokens if token.written in spellings][:1]
    return span if not found else found[0].span if symbol in FROM_THE_RIGHT else found[-1].span


def _outside_brackets(text: str, span: Span) -> list[Token]:
    """The tokens of an expression that stand in no bracket, where brackets around all of it count as none."""
    marks = [match for match in TOKENS.finditer(text, *span) if match.lastgroup]
    partner: dict[int, int] = {}
    open_ones: list[int] = []
    for place, match in enumerate(marks):
        if match[0] in ("(", "["):
            open_ones.append(place)
        elif match[0] in (")", "]") and open_ones:
            partner[open_ones.pop()] = place
    first, last = 0, len(marks) - 1
    while first < last and marks[first][0] == "(" and partner.get(first) == last:
        first, last = first + 1, last - 1
    tokens: list[Token] = []
    behind_operand = False
    while first <= last:
        match = marks[first]
        if first in partner:
            # Of what stands in brackets only that it is an operand matters, and its key an index.
            first = partner[first]
            tokens.append(Token(match[0], Span(match.start(), marks[first].end()), behind_operand))
            behind_operand = True
        else:
            operand = match.lastgroup == "operand" and match[0] not in WORDS
            if not operand:
                tokens.append(Token(match[0], Span(*match.span()), behind_operand))
            behind_operand = operand or match[0] in ("²", "³", ".T")
        first += 1
    return tokens
