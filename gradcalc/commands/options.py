"""The options that commands share, each a decorator that hands the command what the options come to.

This module decides how an option is spelt and which values it takes, and gathers several into the one thing that a command
works with: the program, the output style. Options of one command alone stand with that command.
"""

import re
import sys
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from gradcalc.commands import resource_limits as guard
from gradcalc.commands.error_format import colored
from gradcalc.commands.output import Output
from gradcalc.commands.source import ProgramSource, from_file, from_standard_input, is_piped, typed
from gradcalc.diagnostics import error
from gradcalc.language.reading.limits import Limits
from gradcalc.language.reading.names import near, quoted
from gradcalc.render import Style, format_names

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

#: The mode that answers when none is named.
DEFAULT_MODE = "reverse"
#: A comma between names; one that has a closing bracket behind it belongs to an output that is named by its text.
BETWEEN = r",(?![^(\[]*[)\]])"
#: The significant digits of float32; the others that a table could show are not known.
SINGLE_DIGITS = 7

Function = Callable[..., Any]


class Modes(click.types.StringParamType):
    """The name of a mode, or with ``many`` a list of them. The library checks it; here it is only completed."""

    def __init__(self, many: bool = False) -> None:
        self.many = many

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        from click.shell_completion import CompletionItem

        from gradcalc.evaluators import names

        before, comma, begun = incomplete.rpartition(",") if self.many else ("", "", incomplete)
        known = ["all", *names()] if self.many and not comma else names()
        return [CompletionItem(before + comma + name) for name in known if name.startswith(begun)]


class OneOf(click.types.StringParamType):
    """One of a few words. Not click's Choice, which does not say which of them may have been meant."""

    def __init__(self, *words: str) -> None:
        self.words = words

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value in self.words:
            return str(value)
        option = param.opts[0] if param else "the option"
        if param and ctx and ctx.get_parameter_source(param.name or "") is click.core.ParameterSource.ENVIRONMENT:
            option = f"${getattr(param, 'envvar', option)}"
        suggestion = near(str(value), self.words)
        raise error("usage", f"{quoted(str(value))} is no value of {option}",
                    hint=f"did you mean '{suggestion}'?" if suggestion else f"it takes {', '.join(self.words)}")

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        from click.shell_completion import CompletionItem

        return [CompletionItem(word) for word in self.words if word.startswith(incomplete)]


def _with(function: Function, *options: Function) -> Function:
    """The function with these options, which the help lists in this order."""
    for option in reversed(options):
        function = option(function)
    return function


def question(required: bool, direction: str | None = None) -> Callable[[Function], Function]:
    """EXPR, --at and the limits, handed on as ``program`` and ``at``.

    Where an expression is not ``required``, ``program`` is None when neither EXPR nor a pipe with something in it is there.
    With ``direction`` there is an option of that name, handed on under it, which is written as --at is.
    """

    def decorate(function: Function) -> Function:
        @wraps(function)
        def gathered(*, expression: str | None, at: tuple[str, ...], max_text: int, max_depth: int, max_nodes: int,
                     max_digits: int, max_entries: int, **given: Any) -> Any:
            from gradcalc.commands.point import point
            from gradcalc.program.program import parse

            read = (*at, *(given[direction] if direction else ()), given.get("data"), *given.get("claim", ()))
            taken = sum(each in ("-", "@-") for each in read)
            if taken + (expression in ("-", "@-")) > 1:
                raise error("usage", "'-' stands twice, and standard input can be read only once",
                            hint="put the expression or the point into a file: @FILE")
            limits = Limits(max_text, max_depth, max_nodes, max_digits, max_entries)
            values = point(at, limits)
            if direction:
                from gradcalc.commands.tangents import vector

                given[direction] = vector(given[direction], direction, limits)
            source = _source(expression, max_text, may_pipe=not taken)
            if source is None and required:
                path = click.get_current_context().command_path
                raise error("usage", "an expression is missing",
                            hint=f"write one, {path} 'x^2 + 1', or @FILE, or pipe it in")
            if source is None or (not required and expression is None and not source.text.strip()):
                return function(program=None, at=values, **given)
            with source.named():
                return function(program=parse(source.text, limits), at=values, **given)

        directed = [] if direction is None else [_direction(direction)]
        return _with(
            gathered,
            click.argument("expression", metavar="EXPR" if required else "[EXPR]", required=False),
            click.option("--at", multiple=True, metavar="a=2,b=[1,2]",
                         help="The point. A value is a formula of numbers (pi/2) or an array ([[1,2],[3,4]]). @FILE and - "
                         "read a JSON object. Repeatable."), *directed)

    return decorate


def _direction(name: str) -> Function:
    whose = {"tangent": "How names move: a value for each, in its shape.",
             "cotangent": "The adjoints of the outputs, each in its shape. Of a single output just the value. Default: 1.",
             "vector": "What the Hessian is multiplied with: a value for each name, in its shape."}[name]
    example = "y=[1,0]" if name == "cotangent" else "x=[1,0]"
    return click.option(f"--{name}", multiple=True, metavar=example, help=f"{whose} Written as --at is. Repeatable.")


def _source(expression: str | None, limit: int, may_pipe: bool) -> ProgramSource | None:
    """What EXPR stands for, or the pipe where there is no EXPR."""
    if expression in ("-", "@-") or (expression is None and may_pipe and is_piped()):
        return from_standard_input(limit)
    if expression is None:
        return None
    return from_file(expression[1:], limit) if expression.startswith("@") else typed(expression)


def names_or(default: str) -> Callable[[Function], Function]:
    """--wrt, as a list of names or None, which stands for ``default``."""

    def decorate(function: Function) -> Function:
        @wraps(function)
        def gathered(*, wrt: tuple[str, ...], **given: Any) -> Any:
            return function(wrt=[name for text in wrt for name in text.split(",")] if wrt else None, **given)

        return _with(gathered, click.option(
            "--wrt", multiple=True, metavar="a,b",
            help=f"With respect to which names, inputs or others. Default: {default}. Repeatable."))

    return decorate


wrt = names_or("every input of the output")


of = click.option("--of", metavar="NAME", help="The node that is the output. Default: the last statement.")


def outputs(function: Function) -> Function:
    """--of where there may be several, as a list of names or None."""

    @wraps(function)
    def gathered(*, of: tuple[str, ...], **given: Any) -> Any:
        return function(of=[name for text in of for name in re.split(BETWEEN, text)] if of else None, **given)

    return _with(gathered, click.option(
        "--of", multiple=True, metavar="a,b", help="The nodes that are the outputs. Default: the last statement. Repeatable."))


dtype = click.option("--dtype", type=OneOf("float64", "float32"), default="float64", metavar="DTYPE",
                     help="The numbers to compute with: float64 (default) or float32.")


as_json = click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
color = click.option("--color", type=OneOf("auto", "always", "never"), default="auto", metavar="WHEN",
                     help="auto, always or never. NO_COLOR, FORCE_COLOR and TERM=dumb are honoured.")
debug = click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback of a bug in gradcalc.")


def quiet(meaning: str) -> Callable[[Function], Function]:
    """--quiet, with what is then shown or not."""
    return click.option("--quiet", is_flag=True, help=meaning)


def precision(where: str) -> Callable[[Function], Function]:
    """--precision, with where the digits count."""
    return click.option("--precision", type=click.IntRange(1, 17), metavar="N", help=f"Significant digits {where}")


def output(function: Function) -> Function:
    """Everything about how an answer is shown, as an Output."""

    @wraps(function)
    def gathered(*, form: str, as_json: bool, quiet: bool, precision: int | None, color: str, no_trace: bool = False,
                 strict: bool = False, **given: Any) -> Any:
        chosen = click.get_current_context().get_parameter_source("form") is click.core.ParameterSource.COMMANDLINE
        if as_json or (form == "json" and (chosen or not quiet)):
            form = "json"
        elif quiet:
            form = "quiet"
        if precision is None and form != "quiet" and given.get("dtype") == "float32":
            precision = SINGLE_DIGITS
        style = Style(form, precision, colored(color, sys.stdout), not no_trace)
        return function(output=Output(style, strict), **given)

    known = format_names()
    return _with(
        gathered,
        click.option("--format", "form", type=OneOf(*known), default="table",
                     envvar="GRADCALC_FORMAT", metavar="FORMAT",
                     help=f"{', '.join(known)}. Default: table, or $GRADCALC_FORMAT."),
        as_json, quiet("Only the numbers."),
        precision("in tables, 1 to 17. Default: 10, of float32 7. JSON always has all."), color, debug)


class Size(click.types.StringParamType):
    """An amount of memory."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        found = guard.in_bytes(str(value))
        if found is None:
            raise error("usage", f"{quoted(str(value))} is no amount of memory from {guard.LEAST >> 20} MB on",
                        hint="for instance --max-memory 4GB, or 500MB")
        return found


def _watched(ctx: click.Context, param: click.Parameter, seconds: float) -> None:
    if not ctx.resilient_parsing:
        guard.watch(seconds)


def _bounded(ctx: click.Context, param: click.Parameter, memory: int | None) -> None:
    if not ctx.resilient_parsing:
        guard.bound(memory)


def limits(function: Function) -> Function:
    """The limits on a program's size, which ``question`` gathers, and those on the command, which hold from here on."""
    return _with(
        function,
        click.option("--max-text", type=click.IntRange(min=1), default=Limits().text, metavar="N",
                     help="The most characters that a program may have."),
        click.option("--max-depth", type=click.IntRange(min=1), default=Limits().depth, metavar="N",
                     help="The most brackets that may be open at once."),
        click.option("--max-nodes", type=click.IntRange(min=1), default=Limits().nodes, metavar="N",
                     help="The most operations that a program may have."),
        click.option("--max-digits", type=click.IntRange(min=1), default=Limits().digits, metavar="N",
                     help="The most digits that a number may have."),
        click.option("--max-entries", type=click.IntRange(min=1), default=Limits().entries, metavar="N",
                     help="The most numbers that an array or a matrix of derivatives may have."),
        click.option("--max-seconds", type=click.FloatRange(min=0.0, min_open=True, max=1e8), default=guard.SECONDS,
                     metavar="N", is_eager=True, expose_value=False, callback=_watched,
                     help=f"The most seconds that the command may take. Default: {guard.SECONDS:g}."),
        click.option("--max-memory", type=Size(), metavar="4GB", is_eager=True, expose_value=False, callback=_bounded,
                     help="The most memory that the command may take. Default: most of the machine's."))


strict = click.option("--strict", is_flag=True, help="End with status 3 when there is a note, for example at a kink.")
no_trace = click.option("--no-trace", is_flag=True, help="Leave the table of nodes out.")
