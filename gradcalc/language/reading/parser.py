"""Text to graph: an LALR parser with Lark's tables that calls the builder at each reduction, without making a syntax tree.

Four things make it several times faster than Lark's own loop: one regular expression finds the tokens; a state is the
dictionary of its actions; a chain of reductions that only pass a value on (sum -> product -> unary -> ...) is walked once for
each state and lookahead and then cached; and so are the reductions of a whole statement, by the kinds of its tokens
(``templates``). The stack is a list, so that depth is bounded by a limit of the program and not by Python's. This module must
not know any operation.
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
#: No template is kept of a statement of more tokens, nor more templates than this.
LONGEST, MOST = 64, 2**12


class Driver(NamedTuple):
    """The parse tables, prepared for the loop below.

    ``between`` are the states on the stack where a statement begins: those of the statements before it and of a separator,
    which is assumed before the first statement too. ``nesting`` says for each terminal's number whether it opens a bracket (1),
    closes one (-1), or neither (0).
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
    # The end is shifted like any other token; nothing reads the state after it.
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
    """An error of the text. The module that words it is imported only when there is one."""
    from gradcalc.language.reading import syntax_errors

    made: GradcalcError = getattr(syntax_errors, kind)(*details)
    return made


def parse(text: str, limits: Limits, functions: Mapping[str, Function] | None = None) -> Draft:
    """The graph that a program's text describes. The text may call ``functions`` besides those that it defines.

    Raises GradcalcError for text outside the language, with the place and, where one is known, the mended text.
    """
    if len(text) > limits.text:
        raise _problem("too_long", text, limits)
    driver = _driver()
    builder = Builder(text, limits, functions)
    parser = Parser(text, driver, limits)
    tokens = driver.tokens.finditer(text)
    # By the kinds of the tokens of each statement so far: its template, made when the same kinds occur for the second time.
    templates: dict[bytes, StatementTemplate | None] = {}
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
        template = templates.get(known)
        if template is not None:
            template.replay(matches, builder.actions)
        else:
            count, kind = parser.statement(chain(matches, tokens), builder.actions)
            if count == len(kinds) and len(templates) < MOST:
                templates[known] = parser.template(known) if known in templates else None
    return builder.finish()


class Parser:
    """Parses one statement at a time."""

    def __init__(self, text: str, driver: Driver, limits: Limits) -> None:
        self.text = text
        self.driver = driver
        self.limits = limits

    def statement(self, tokens: Iterable[Any], actions: Mapping[str | None, Callable[..., Any]]) -> tuple[int, int]:
        """Parse one statement and the token that ends it. Returns the number of tokens, and the kind of the last one."""
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

    def template(self, kinds: bytes) -> "StatementTemplate":
        """The template of statements with these kinds of tokens, which the parser has accepted before."""
        from gradcalc.language.reading.statement_cache import ReductionLog, TokenIndex

        trace = ReductionLog(kinds)
        self.statement(map(TokenIndex, range(len(kinds)), kinds), trace)
        return trace.template()
