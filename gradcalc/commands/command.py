"""How the arguments of a command are parsed, and how its help looks.

The commands that take an expression need a parser of their own: an expression may begin with ``-``, and click would take
``-x^2`` for options and ``-h*2`` for a request for help. This module must not know any single option.
"""

import re
from collections.abc import Iterable
from typing import Any

import click

from gradcalc.diagnostics import GradcalcError, error
from gradcalc.language.reading.names import near, quoted

#: What can only be meant as an option; ``--x`` is an expression, twice the negative.
LONG_OPTION = r"(?s)--[A-Za-z][A-Za-z-]+(=.*)?"


def write_examples(formatter: click.HelpFormatter, examples: Iterable[str]) -> None:
    """Begin a help text with examples."""
    with formatter.section("Examples"):
        formatter.write("".join(f"{'':{formatter.current_indent}}{line}\n" for line in examples))


def _show_help(ctx: click.Context, param: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        click.echo(ctx.get_help())
        ctx.exit()


def help_option() -> click.Option:
    """-h and --help. Not click's own, which looks for a translation of its text first: two milliseconds of every run."""
    return click.Option(["-h", "--help"], is_flag=True, is_eager=True, expose_value=False, callback=_show_help,
                        help="Show this message and exit.")


class Command(click.Command):
    """A command whose help begins with examples."""

    def __init__(self, *, examples: tuple[str, ...] = (), **settings: Any) -> None:
        super().__init__(**settings, add_help_option=False)
        self.params.append(help_option())
        self.examples = examples

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_examples(formatter, self.examples)
        formatter.write_paragraph()
        super().format_help(ctx, formatter)


class ExpressionCommand(Command):
    """A command that takes an expression, which may begin with ``-``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        options = {name: option for option in self.get_params(ctx) for name in option.opts if name.startswith("-")}
        given, expressions = _told_apart(args, options, ctx)
        if len(expressions) > 1 and not ctx.resilient_parsing:
            raise _one_too_many(expressions, options)
        return super().parse_args(ctx, [*given, "--", *expressions])


def _told_apart(args: Iterable[str], options: dict[str, click.Parameter], ctx: click.Context,
                ) -> tuple[list[str], list[str]]:
    """The options, each in one piece with its value, and the rest."""
    given: list[str] = []
    rest: list[str] = []
    tokens = iter(args)
    for token in tokens:
        name = token.partition("=")[0]
        if token == "--":
            rest.extend(tokens)
        elif token in options:
            option = options[token]
            takes_value = isinstance(option, click.Option) and not option.is_flag
            value = next(tokens, None) if takes_value else None
            if takes_value and value is None and not ctx.resilient_parsing:
                raise error("usage", f"the option {token} needs a value", hint=f"'{ctx.command_path} --help' says which")
            given.append(token if value is None else f"{token}={value}")
        elif token.startswith("--") and name in options:
            given.append(token)
        elif token.startswith("--") and re.fullmatch(LONG_OPTION, token) and not ctx.resilient_parsing:
            raise click.NoSuchOption(name, ctx=ctx)
        else:
            rest.append(token)
    return given, rest


def _one_too_many(expressions: list[str], options: Iterable[str]) -> GradcalcError:
    for token in expressions:
        if re.fullmatch("-[a-z]{2,}", token) and (suggestion := near("-" + token, options)):
            return error("usage", f"no such option {quoted(token)}", hint=f"did you mean '{suggestion}'?")
    return error("usage", f"one expression is expected; {quoted(expressions[1])} is another",
                 hint="put the whole expression in quotes: 'x^2 + y'")
