"""How a claim is written: ``name=formula``, several between ``;``, commas outside brackets or line ends. ``#`` is a comment.

This module decides where one claim ends, and which names its formula may use. It must not know the true derivative.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from gradcalc.diagnostics import GradcalcError, Span, error
from gradcalc.graph.tape import INPUT, Graph
from gradcalc.language.reading.builder import Draft
from gradcalc.language.reading.limits import Limits
from gradcalc.language.reading.names import canonical, is_name, near, quoted
from gradcalc.language.reading.parser import parse
from gradcalc.language.reading.scope import Function
from gradcalc.questions.question import listed

EXAMPLE = "write --claim 'x=2*x'"
#: A text that is a number alone; its groups are the digits before and behind the point, and the power of ten.
NUMBER = re.compile(r"[-+−]?\s*([0-9]*)\.?([0-9]*)(?:[eE]([-+]?[0-9]+))?")
#: A decimal number of at least so many digits is taken for a rounded result.
DIGITS = 3


class Statement(NamedTuple):
    """One claim: the name, the formula, the text that both stand in, and where in that text."""

    name: str
    formula: str
    source: str
    span: Span
    start: int

    def slack(self) -> float:
        """The error that rounding to the digits written may have, half a unit of the last one; 0 for anything but a decimal
        number."""
        found = NUMBER.fullmatch(self.formula)
        if not found or not found[2] or len((found[1] + found[2]).lstrip("0")) < DIGITS:
            return 0.0
        return 0.5 * 10.0 ** (int(found[3] or 0) - len(found[2]))

    def is_number(self) -> bool:
        """Whether the formula is a number and nothing else."""
        found = NUMBER.fullmatch(self.formula)
        return bool(found and (found[1] or found[2]))


def statements(claims: str | Iterable[str] | Mapping[str, str]) -> list[Statement]:
    """The claims in a text, in several texts, or in formulas by name. Raises GradcalcError for what is not a claim."""
    if isinstance(claims, Mapping):
        texts = [f"{name}={formula}" for name, formula in claims.items()]
    else:
        texts = [claims] if isinstance(claims, str) else listed(claims, "claims")
    if not all(isinstance(text, str) for text in texts):
        raise error("value", "a claim is a text, such as 'x = 2*x'", hint=EXAMPLE)
    found = [statement for text in texts for statement in _of_text(text)]
    if not found:
        raise error("usage", "a claim is missing", hint=f"{EXAMPLE}: the derivative with respect to x, as you have it")
    return found


def _of_text(text: str) -> Iterator[Statement]:
    # Comments become blanks, so that the positions of all characters stay.
    bare = re.sub(r"#[^\n]*", lambda comment: " " * len(comment[0]), text)
    for start, end in _parts(bare):
        written = bare[start:end]
        if not written.strip():
            continue
        begin = start + len(written) - len(written.lstrip())
        whole = Span(begin, begin + len(written.strip()))
        before, equals, after = written.partition("=")
        if not equals or not before.strip() or not after.strip():
            raise error("claim", f"{quoted(written.strip())} is no claim: that is name=formula", whole, EXAMPLE, text)
        name = canonical(before.strip())
        span = Span(begin, begin + len(before.strip()))
        if not is_name(name):
            raise error("claim", f"{quoted(before.strip())} is no name, so nothing is claimed", span, EXAMPLE, text)
        offset = start + len(before) + 1 + len(after) - len(after.lstrip())
        yield Statement(name, after.strip(), text, span, offset)


def _parts(text: str) -> Iterator[tuple[int, int]]:
    """Where the claims begin and end."""
    depth = start = 0
    for place, character in enumerate(text):
        if character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
        elif character in ";\n\r" or (character == "," and depth <= 0):
            yield start, place
            start, depth = place + 1, 0
    yield start, len(text)


def parsed(statement: Statement, graph: Graph, functions: Mapping[str, Function], limits: Limits) -> Draft:
    """The formula of a claim about a program with this graph and these functions, within the program's limits.

    Raises GradcalcError, placed in the claim, for a mistake in it and for a name that the program does not have.
    """
    try:
        draft = parse(statement.formula, limits, functions)
    except GradcalcError as problem:
        found = problem.diagnostic
        raise GradcalcError(found._replace(
            message=f"{found.message}, in the claim for {quoted(statement.name)}", source=statement.source,
            span=_moved(found.span, statement.start)), problem.status) from problem
    for name, node in draft.graph.names.items():
        span = _moved(draft.graph.span(node), statement.start)
        if name not in graph.names and draft.graph.instructions[node].op == INPUT:
            raise _unknown(name, f"the claim for {quoted(statement.name)} uses {quoted(name)}, which the program does not have",
                           span, statement, graph)
    if draft.name is not None:
        raise error("claim", f"the claim for {quoted(statement.name)} gives {quoted(draft.name)} a value",
                    _moved(draft.span, statement.start), "a claim is one formula; separate claims by ';'", statement.source)
    return draft


def demand_name(statement: Statement, graph: Graph) -> None:
    """Raise GradcalcError where something is claimed for a name that the program does not have."""
    if statement.name not in graph.names:
        raise _unknown(statement.name, f"a derivative is claimed with respect to {quoted(statement.name)}, which the program "
                       "does not have", statement.span, statement, graph)


def _unknown(name: str, message: str, span: Span | None, statement: Statement, graph: Graph) -> GradcalcError:
    suggestion = near(name, graph.names)
    known = ", ".join(list(graph.names)[:12])
    hint = f"did you mean '{suggestion}'?" if suggestion else f"its names are {known}" if known else "it has no names"
    return error("name", message, span, hint, statement.source)


def _moved(span: Span | None, offset: int) -> Span | None:
    return span and Span(span.start + offset, span.end + offset)
