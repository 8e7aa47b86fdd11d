"""Text to graph: Lark's tables, driven so that each reduction goes straight to the builder and no tree is ever made.

Four things make this several times faster than Lark's own loop, with the same tables: one compiled expression finds the
tokens, a state is the dictionary of its actions, a chain of reductions that only pass a value on (sum -> product ->
unary -> ...) is walked once for each state and lookahead and then remembered, and so are the reductions of a whole statement
whose kinds of tokens return (``forms``). The stack is a list: depth is bounded by a limit, not by Python's.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple

from gradcalc.diagnostics import GradcalcError
from gradcalc.language.reading.builder import Builder, Draft
from gradcalc.language.reading.limits import Limits
from gradcalc.language.reading.parse_tables import Rule, load
from gradcalc.language.reading.scope import Function

if TYPE_CHECKING:
    from gradcalc.language.reading.statement_cache import StatementTemplate

#: A state: its action for each terminal's number, and its remembered gotos by a rule's name.
#: An action is a state to shift to, or a Rule to reduce by.
State = dict[Any, Any]
#: A statement of more tokens is parsed each time, and so is one after so many others that are all different.
LONGEST, MOST = 64, 2**12


class Driver(NamedTuple):
    """The tables in the form that the loop below reads fastest.

    ``between`` are the states on the stack where a statement begins: what is before it, and a separator, which stands in front
    of the first one too. ``nesting`` says for each terminal's number whether it opens a bracket (1), closes one (-1), or
    neither (0).
    """

    tokens: re.Pattern[str]
    terminals: list[str]
    between: list[State]
    nesting: list[int]
    separator: int
    ending: int


@cache
def _driver() -> Driver:
    tables = load()
    terminals = ["", *(name for name, _ in tables.terminals), "$END", "UNKNOWN"]
    numbers = {name: number for number, name in enumerate(terminals)}
    groups = "|".join(f"({pattern})" for _, pattern in tables.terminals)
    # The last two: the end of the text, and a character that begins no token.
    tokens = re.compile(rf"(?:{tables.ignored})*(?:{groups}|(\Z)|(.))", re.DOTALL)
    states: list[State] = [{} for _ in tables.states]
    for state, row in zip(states, tables.states, strict=True):
        for symbol, action in row.items():
            target = states[action] if action >= 0 else tables.rules[-1 - action]
            state[numbers.get(symbol, ("goto", symbol))] = target
            if symbol not in numbers:
                state[symbol] = {}
    nesting = [name.startswith("OPEN") - name.startswith("CLOSE") for name in terminals]
    separator, ending = numbers["SEPARATOR"], numbers["$END"]
    start, statements = states[tables.start], states[tables.end]
    # The end is shifted like any other token; what comes of it is read by nobody.
    statements[ending] = {}
    return Driver(tokens, terminals, [start, statements, statements[separator]], nesting, separator, ending)


def _settle(state: State, origin: str, kind: int) -> State:
    """Where the parser stands after ``origin`` was recognised in ``state`` and ``kind`` comes next."""
    target: State = state["goto", origin]
    while type(rule := target.get(kind)) is Rule and rule.length == 1 and rule.action is None:
        target = state["goto", rule.origin]
    state[origin][kind] = target
    return target


def _problem(kind: str, *details: Any) -> GradcalcError:
    """An error of the text. What to say of it is imported when there is something to say."""
    from gradcalc.language.reading import syntax_errors

    made: GradcalcError = getattr(syntax_errors, kind)(*details)
    return made


def parse(text: str, limits: Limits, functions: Mapping[str, Function] | None = None) -> Draft:
    """The graph that a program's text describes. It may call ``functions`` beside its own.

    Raises GradcalcError for text outside the language, with the place and, where one is known, the mended text.
    """
    if len(text) > limits.text:
        raise _problem("too_long", text, limits)
    driver = _driver()
    builder = Builder(text, limits, functions)
    parser = Parser(text, driver, limits)
    tokens = driver.tokens.finditer(text)
    # The statements' kinds of tokens so far: what is done with those that were there more than once.
    forms: dict[bytes, StatementTemplate | None] = {}
    kind, stops = driver.separator, (driver.separator, driver.ending)
    while kind != driver.ending:
        matches: list[re.Match[str]] = []
        kinds = bytearray()
        for match in islice(tokens, LONGEST):
            kind = match.lastindex or 0  # never 0: every alternative is a group
            matches.append(match)
            kinds.append(kind)
            if kind in stops:
                break
        known = bytes(kinds)
        form = forms.get(known)
        if form is not None:
            form.replay(matches, builder.actions)
        else:
            count, kind = parser.statement(chain(matches, tokens), builder.actions)
            if count == len(kinds) and len(forms) < MOST:
                forms[known] = parser.form(known) if known in forms else None
    return builder.finish()


class Parser:
    """The parser between two statements, and what takes it through one."""

    def __init__(self, text: str, driver: Driver, limits: Limits) -> None:
        self.text = text
        self.driver = driver
        self.limits = limits

    def statement(self, tokens: Iterable[Any], actions: Mapping[str | None, Callable[..., Any]]) -> tuple[int, int]:
        """Take one statement and what ends it; how many tokens that were, and the kind of the last."""
        driver = self.driver
        nesting, separator, stops = driver.nesting, driver.separator, (driver.separator, driver.ending)
        # Three stacks in step: states, what was recognised in each (a token's text or a reduction's value), where it starts.
        states: list[State] = list(driver.between)
        values: list[Any] = [None] * len(states)
        starts = [0] * len(states)
        state = states[-1]
        brackets: list[int] = []
        # What stands below and above the deepest nested value: the stack itself, the value, and what follows it.
        end, deepest, count = 0, self.limits.depth + len(states) + 2, 0
        for match in tokens:
            count += 1
            kind: Any = match.lastindex  # a number: every alternative is a group
            if kind == separator and brackets and ";" not in match[kind]:
                continue
            while type(action := state.get(kind)) is Rule:
                origin, length, name, picks, infix = action
                if infix:
                    if name is not None:
                        values[-3] = actions[name](starts[-3], end, values[-3], values[-1])
                    del states[-2:], values[-2:], starts[-2:]
                    state = states[-2]
                elif length == 1:
                    if name is not None:
                        values[-1] = actions[name](starts[-1], end, values[-1])
                    state = states[-2]
                else:
                    picked = [values[pick - length] for pick in picks]
                    first = len(states) - length
                    if length == 0:
                        starts.append(match.start(kind))
                    value = actions[name](starts[first], end, *picked)
                    states[first:], values[first:], starts[first + 1:] = [state], [value], []
                    state = states[first - 1]
                states[-1] = state = state[origin].get(kind) or _settle(state, origin, kind)
            if action is None:
                accepted = [key for key in state if isinstance(key, int)]
                raise _problem("syntax_error", self.text, driver.terminals, accepted, match, brackets)
            if kind in stops:
                return count, kind
            if nesting[kind]:
                if nesting[kind] > 0:
                    brackets.append(match.start(kind))
                else:
                    brackets.pop()
            state = action
            states.append(state)
            values.append(match[kind])
            starts.append(match.start(kind))
            end = match.end()
            if len(starts) > deepest:
                raise _problem("too_deep", self.text, end, self.limits)
        raise AssertionError("a text has an end")

    def form(self, kinds: bytes) -> "StatementTemplate":
        """What is done with a statement of these kinds of tokens, which the parser has accepted."""
        from gradcalc.language.reading.statement_cache import ReductionLog, TokenIndex

        trace = ReductionLog(kinds)
        self.statement(map(TokenIndex, range(len(kinds)), kinds), trace)
        return trace.form()
