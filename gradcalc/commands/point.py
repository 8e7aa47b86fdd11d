"""The point: ``--at a=2,W=[[1,2],[3,4]]``, ``--at @point.json`` and ``--at -``, to numbers and arrays by name.

This module decides how a point is written. Which names a program needs is the program's business.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from gradcalc.commands.source import ProgramSource, from_file, from_standard_input, typed
from gradcalc.diagnostics import ExitStatus, GradcalcError, Span, error
from gradcalc.graph.operations.shape_rules import AXES
from gradcalc.language.reading.limits import Limits
from gradcalc.language.reading.names import canonical, is_name, quoted
from gradcalc.program.program import parse

JSON_TYPES = {bool: "true or false", str: "a string", dict: "an object", type(None): "null"}
#: A number that is read without the parser.
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
#: A number, an array, or the nested lists of one.
Value = float | Any


def point(texts: Iterable[str], limits: Limits) -> dict[str, Value] | None:
    """The values of all ``--at`` options together; a later option wins over an earlier one. None where there is none.

    Raises GradcalcError for a text that is no point, with its place in that text.
    """
    texts = list(texts)
    if not texts:
        return None
    values: dict[str, Value] = {}
    for text in texts:
        if text == "-":
            values |= _from_json(from_standard_input(limits.text))
        elif text.startswith("@"):
            values |= _from_json(from_file(text[1:], limits.text))
        else:
            values |= _from_text(typed(text).text, limits)
    return values


def _from_text(text: str, limits: Limits) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for start, end in _parts(text):
        written = text[start:end]
        before, equals, after = written.partition("=")
        name = canonical(before.strip())
        place = Span(start + len(written) - len(written.lstrip()), start + max(len(written.rstrip()), 1))
        if not equals or not name or not after.strip():
            hint = "write --at a=2,b=1" if equals or not values else "write --at a=2,b=1, and an array in brackets: a=[1,2]"
            raise error("value", f"{quoted(written.strip())} after --at is not of the form name=value", place, hint, text)
        if not is_name(name):
            raise error("value", f"{quoted(name)} after --at is not a name", place, "write --at a=2,b=1", text)
        if name in values:
            raise error("value", f"{quoted(name)} has two values after --at", place, "give it one", text)
        values[name] = _constant(name, after, text, start + len(before) + 1, limits)
    return values


def _parts(text: str) -> Iterator[tuple[int, int]]:
    """Where the parts between the commas outside brackets begin and end."""
    depth = start = 0
    for place, character in enumerate(text):
        if character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character == "," and depth <= 0:
            yield start, place
            start = place + 1
    yield start, len(text)


def _constant(name: str, written: str, text: str, offset: int, limits: Limits) -> Value:
    """The number or array that a constant expression stands for. Its errors point into the whole text."""
    plain = written.strip()
    if len(plain) <= min(sys.float_info.dig, limits.digits, limits.text) and NUMBER.fullmatch(plain):
        return float(plain)
    try:
        program = parse(written, limits)
        if program.inputs:
            raise error("value", f"the value of {quoted(name)} after --at uses the name {quoted(program.inputs[0])}",
                        program.graph.span(program.graph.names[program.inputs[0]]),
                        "give a number, a formula of numbers, or an array of them")
        if program.functions or any(program.graph.instructions[node].op != known
                                    for known, node in program.graph.names.items()):
            raise error("value", f"the value of {quoted(name)} after --at is a program", Span(0, len(written)),
                        "give one expression; values are separated by commas")
        value = program.eval().value
    except GradcalcError as problem:
        found = problem.diagnostic
        span = found.span and Span(found.span.start + offset, found.span.end + offset)
        about = "" if "after --at" in found.message else f", in the value of {quoted(name)} after --at"
        raise GradcalcError(found._replace(message=found.message + about, span=span, source=text),
                            ExitStatus.BAD_INPUT) from problem
    assert value is not None
    return value


def _from_json(source: ProgramSource) -> dict[str, Value]:
    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for written, value in pairs:
            name = canonical(written.strip())
            if name in found:
                raise error("value", f"{quoted(name)} has two values in {source.origin}", hint="give it one")
            found[name] = value
        return found

    try:
        values = json.loads(source.text, object_pairs_hook=members)
    except json.JSONDecodeError as problem:
        place = min(problem.pos, len(source.text.rstrip()))
        raise error("json", f"{source.origin} is not JSON: {problem.msg[:1].lower() + problem.msg[1:]}",
                    Span(place, place + 1), "write an object of numbers: {\"a\": 2, \"b\": 1}",
                    source.text) from problem
    except (ValueError, RecursionError) as problem:
        raise error("json", f"{source.origin} holds JSON that cannot be read: {problem}",
                    hint="write an object of numbers: {\"a\": 2, \"b\": 1}") from problem
    if not isinstance(values, dict):
        raise error("json", f"{source.origin} holds no JSON object", hint="write an object: {\"a\": 2, \"b\": 1}")
    for name, value in values.items():
        if isinstance(value, list):
            _demand_array(f"the value of {quoted(name)} in {source.origin}", value)
        elif not _is_number(value):
            raise error("value", f"the value of {quoted(name)} in {source.origin} is {JSON_TYPES[type(value)]}, not a number",
                        hint="give a finite real number, or a list of them")
    return values


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _demand_array(what: str, value: list[Any]) -> None:
    """Raise GradcalcError where nested lists are not the rows of an array of numbers."""
    layer, axes = value, 1
    while layer and all(isinstance(one, list) for one in layer):
        longest, shortest = max(map(len, layer)), min(map(len, layer))
        if longest != shortest:
            raise error("value", f"{what} has rows of different lengths, {len(layer[0])} and "
                        f"{shortest if len(layer[0]) != shortest else longest}", hint="make all rows equally long")
        layer, axes = [one for row in layer for one in row], axes + 1
    if axes > AXES:
        raise error("limit", f"{what} has more than {AXES} axes", hint="write fewer brackets around each other")
    for one in layer:
        if isinstance(one, list):
            raise error("value", f"{what} has numbers beside lists", hint="an array's rows are all lists, or all numbers")
        if not _is_number(one):
            raise error("value", f"{what} holds {JSON_TYPES[type(one)]}, not a number", hint="give finite real numbers")
        if not abs(one) <= sys.float_info.max:
            raise error("value", f"{what} holds a number that is not finite", hint="give finite real numbers")
