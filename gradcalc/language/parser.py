"""Text to graph: Lark's tables, driven so that each reduction goes straight to the builder and no tree is ever made.

Three things make this several times faster than Lark's own loop, with the same tables: one compiled expression finds the
tokens, a state is the dictionary of its actions, and a chain of reductions that only pass a value on (sum -> product ->
unary -> ...) is walked once for each state and lookahead and then remembered. The stack is a list: depth is bounded
by a limit, not by Python's.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from gradcalc.diagnostics import GradcalcError
from gradcalc.language.builder import Builder, Draft, Function
from gradcalc.language.limits import Limits
from gradcalc.language.tables import Rule, load

#: A state: its action for each terminal's number, and its remembered gotos by a rule's name.
#: An action is a state to shift to, or a Rule to reduce by.
State = dict[Any, Any]


class Driver(NamedTuple):
    """The tables in the form that the loop below reads fastest.

    ``nesting`` says for each terminal's number whether it opens a bracket (1), closes one (-1), or neither (0).
    """

    tokens: re.Pattern[str]
    terminals: list[str]
    start: State
    nesting: list[int]
    separator: int


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
    # Behind the end nothing changes: blanks there make the expression find the end twice.
    final: State = {}
    final[numbers["$END"]] = states[tables.end][numbers["$END"]] = final
    nesting = [name.startswith("OPEN") - name.startswith("CLOSE") for name in terminals]
    return Driver(tokens, terminals, states[tables.start], nesting, numbers["SEPARATOR"])


def _settle(state: State, origin: str, kind: int) -> State:
    """Where the parser stands after ``origin`` was recognised in ``state`` and ``kind`` comes next."""
    target: State = state["goto", origin]
    while type(rule := target.get(kind)) is Rule and rule.length == 1 and rule.action is None:
        target = state["goto", rule.origin]
    state[origin][kind] = target
    return target


def _problem(kind: str, *details: Any) -> GradcalcError:
    """An error of the text. What to say of it is imported when there is something to say."""
    from gradcalc.language import syntax_errors

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
    actions = builder.actions
    nesting, separator = driver.nesting, driver.separator
    state = driver.start
    # Three stacks in step: states, what was recognised in each (a token's text, or a reduction's value), and where it starts.
    states: list[State] = [state]
    values: list[Any] = [None]
    starts = [0]
    brackets: list[int] = []
    # What stands below and above the deepest nested value: the start, the value itself, and what follows it.
    end, deepest = 0, limits.depth + 3
    for match in driver.tokens.finditer(text):
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
            raise _problem("syntax_error", text, driver, state, match, brackets)
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
            raise _problem("too_deep", text, end, limits)
    return builder.finish()
