"""The parse tables of the grammar: made by Lark, kept beside this file, and made anew where they do not fit the grammar.

Lark reads the grammar and computes its LALR(1) tables. That takes longer than answering a question, so the result is
stored in ``parse_tables.json``, which holds the checksum of the grammar it was made from. This command writes it:
``python -m gradcalc.language.reading.parse_tables``. A missing or outdated file costs start-up time and nothing else.
"""

import json
import os.path
import zlib
from operator import itemgetter
from typing import Any, NamedTuple

# Paths are texts here, because pathlib takes longer to import than the tables to read.
PACKAGE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
STORED = os.path.join(PACKAGE, "language", "reading", "parse_tables.json")
#: An installed package holds the grammar; in a checkout it stands beside the package.
GRAMMARS = tuple(os.path.join(folder, "grammars", "expression.lark") for folder in (PACKAGE, os.path.dirname(PACKAGE)))


#: The terminals whose texts matter.
TOLD = ("NAME", "NUMBER", "DEFINED", "TEXT")


class Rule(NamedTuple):
    """A production: what it reduces to, how many symbols it takes, what to call, and which of the symbols to hand over.
    ``infix`` says that those are the first and the third of three, as they are for every binary operator.

    ``action`` is None for a production without an alias, which passes its first child on.
    """

    origin: str
    length: int
    action: str | None
    picks: tuple[int, ...]
    infix: bool


class Tables(NamedTuple):
    """The grammar as the driver reads it.

    ``terminals`` are (name, pattern) in the order in which the lexer tries them; ``ignored`` is the pattern of blanks and
    comments. ``states`` are rows of {symbol: action}: for a terminal, a state's number to shift to or -1 - r to reduce by
    rule r; for a rule's name, the state to go to.
    """

    terminals: list[tuple[str, str]]
    ignored: str
    rules: list[Rule]
    states: list[dict[str, int]]
    start: int
    end: int


def load() -> Tables:
    """The tables of the grammar that this copy of gradcalc has. Raises FileNotFoundError where there is no grammar."""
    grammar = grammar_text()
    try:
        with open(STORED, encoding="utf-8") as file:
            stored = json.load(file)
    except (OSError, ValueError):
        stored = None
    if stored is None or stored["grammar"] != checksum(grammar):
        stored = json.loads(json.dumps(build(grammar)))
    rules = [Rule(origin, length, action, tuple(picks), length == 3 and picks == [0, 2])
             for origin, length, action, picks in stored["rules"]]
    return Tables(stored["terminals"], stored["ignored"], rules, stored["states"], stored["start"], stored["end"])


def grammar_text() -> str:
    """The grammar, from inside an installed package or from beside the package in a checkout.

    Raises FileNotFoundError where it is in neither place.
    """
    path = next((path for path in GRAMMARS if os.path.isfile(path)), GRAMMARS[0])
    with open(path, encoding="utf-8") as file:
        return file.read()


def checksum(grammar: str) -> int:
    """Tells one version of the grammar from another."""
    return zlib.crc32(grammar.encode())


def build(grammar: str) -> dict[str, Any]:
    """The stored form of the tables, from the grammar's text by Lark."""
    from lark import Lark
    from lark.grammar import Rule as LarkRule
    from lark.lexer import TerminalDef

    data, memo = Lark(grammar, parser="lalr", lexer="basic").memo_serialize([TerminalDef, LarkRule])
    lexer, parser = data["parser"]["lexer_conf"], data["parser"]["parser"]
    terminals = [memo[reference["@"]] for reference in lexer["terminals"]]
    patterns = {terminal["name"]: _pattern(terminal["pattern"]) for terminal in terminals}
    # Lark's own order: by priority, then the longer pattern, then the name.
    terminals.sort(key=lambda t: (-t["priority"], -len(t["pattern"]["value"]), t["name"]))
    names = [terminal["name"] for terminal in terminals if terminal["name"] not in lexer["ignore"]]
    rules = {key: _rule(value) for key, value in memo.items() if value["__type__"] == "Rule"}
    order = sorted(rules, key=lambda key: (rules[key][0], memo[key]["order"]))
    tokens, start = parser["tokens"], parser["start_states"]["start"]
    rows = {state: {tokens[token]: action for token, action in row.items()} for state, row in parser["states"].items()}
    states = _reached(rows, start)
    return {
        "grammar": checksum(grammar),
        "terminals": [[name, patterns[name]] for name in names],
        "ignored": "|".join(sorted(patterns[name] for name in lexer["ignore"])),
        "rules": [rules[key] for key in order],
        "states": [{symbol: -1 - order.index(target["@"]) if reduces else states.index(target)
                    for symbol, (reduces, target) in sorted(rows[state].items(), key=itemgetter(0))} for state in states],
        "start": states.index(start),
        "end": states.index(parser["end_states"]["start"]),
    }


def _reached(rows: dict[int, dict[str, Any]], start: int) -> list[int]:
    """The states in an order that only the grammar decides: Lark numbers them differently in every process."""
    states = [start]
    for state in states:
        for _, (reduces, target) in sorted(rows[state].items(), key=itemgetter(0)):
            if not reduces and target not in states:
                states.append(target)
    return states


def _pattern(pattern: dict[str, Any]) -> str:
    import re

    value: str = pattern["value"]
    return re.escape(value) if pattern["__type__"] == "PatternStr" else value


def _rule(rule: dict[str, Any]) -> list[Any]:
    """A rule of Lark's as it is stored. Rules and the terminals of TOLD are handed over, marks are not."""
    symbols = [symbol["name"] for symbol in rule["expansion"]]
    picks = [k for k, symbol in enumerate(symbols) if symbol.islower() or symbol in TOLD]
    return [rule["origin"]["name"], len(symbols), rule["alias"], picks]


def write() -> None:
    """Write the stored tables anew."""
    tables = build(grammar_text())
    with open(STORED, "w", encoding="utf-8") as file:
        file.write(json.dumps(tables, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    write()
