"""Names: which spellings are the same name, which texts are not a name, and which name a misspelt one may stand for.

This module must not know what a name refers to.
"""

from collections.abc import Iterable

from gradcalc.diagnostics import Span, error

#: Characters that are common in papers and not in the language, and what to write for each.
WRITTEN = {**dict.fromkeys("‐‑–—", "-"), **dict.fromkeys("∗⋅•", "*"), "∕": "/",
           "≤": "<=", "≥": ">=", "≠": "!=", "√": "sqrt(…)", "∂": "gradcalc diff … --wrt",
           "∑": "a sum written out", "∏": "a product written out"}
#: At most so many names of about the right length are compared for a suggestion, at some microseconds each.
CONSIDERED = 2000
SUPERSCRIPTS = dict(zip("⁰¹⁴⁵⁶⁷⁸⁹", "01456789", strict=True))
SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))


def canonical(name: str) -> str:
    """The form under which a name is known: Unicode's NFKC, as in Python, and ``pi`` for π."""
    if name.isascii():
        return name
    import unicodedata

    name = unicodedata.normalize("NFKC", name)
    return "pi" if name == "π" else name


def is_name(text: str) -> bool:
    """Whether the text is a name, alone."""
    return text.isidentifier() and text not in ("or", "and", "not")


def check(name: str, start: int, source: str) -> str:
    """The name, if it is one. Raises GradcalcError at the first character that no name has."""
    if name.isidentifier():
        return name
    wrong = next(k for k in range(len(name)) if not f"a{name[1:k + 1]}".isidentifier() or (k == 0 and not _begins(name)))
    character = name[wrong]
    hint = None
    if character in WRITTEN:
        hint = f"write {WRITTEN[character]}"
    elif character in SUPERSCRIPTS:
        hint = f"write {name[:wrong]}^{SUPERSCRIPTS[character]}"
    elif character in SUBSCRIPTS:
        hint = f"write {name[:wrong]}_{SUBSCRIPTS[character]}"
    raise error("character", f"unexpected character {shown(character)}", Span(start + wrong, start + wrong + 1), hint, source)


def _begins(name: str) -> bool:
    return name[0].isidentifier()


def shown(character: str) -> str:
    """A character as a message can show it: itself, or its code point where it cannot be seen."""
    code = f"U+{ord(character):04X}"
    if not character.isprintable():
        return code
    marked = f'"{character}"' if character == "'" else f"'{character}'"
    return marked if character.isascii() else f"{marked} ({code})"


def quoted(name: str) -> str:
    """A name in quotation marks, shortened where it is longer than a message should be."""
    return f"'{name}'" if len(name) <= 60 else f"'{name[:57]}...'"


def near(name: str, known: Iterable[str]) -> str | None:
    """The known name that a misspelt one most likely means, or None."""
    import difflib

    if len(name) > 60:
        return None
    known = [other for other in known if abs(len(other) - len(name)) <= 3][:CONSIDERED]
    for same in known:
        if same.lower() == name.lower() and same != name:
            return same
    return next(iter(difflib.get_close_matches(name, known, n=1, cutoff=0.7 if len(name) > 3 else 0.6)), None)
