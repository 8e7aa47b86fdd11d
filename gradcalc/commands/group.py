"""The group of all commands. A command's module is imported only when the command is invoked.

This module decides what a command is called and turns what click finds wrong with the arguments into our own errors.
"""

import os
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from gradcalc.commands.command import Command, help_option, write_examples
from gradcalc.commands.output import CommandResult
from gradcalc.diagnostics import GradcalcError, error
from gradcalc.language.reading.names import near, quoted

#: Every command and what it does, in the order of the help. The module has the command's name.
COMMANDS = {
    "diff": "The value and the gradient; without a point, the derivatives' formulas.",
    "eval": "The value, node by node.",
    "compare": "Every mode side by side, with its error, its cost and a verdict.",
    "check": "Is a gradient that somebody derived by hand right?",
    "jacobian": "The derivatives of outputs, numbers or arrays, by inputs.",
    "hessian": "The second derivatives by each pair of inputs.",
    "jvp": "How outputs move when names do: the Jacobian times a vector.",
    "vjp": "What adjoints of outputs make those of inputs: a vector times the Jacobian.",
    "hvp": "How the gradient moves when names do: the Hessian times a vector.",
    "map": "The value and the gradient at every row of a table.",
    "functions": "The functions, with their derivatives and domains.",
    "modes": "The ways to a derivative.",
    "examples": "The built-in worked examples.",
    "help": "The chapters of the reference.",
}

EXAMPLES = (
    "gradcalc diff 'e = (a+b)*(b+1)' --at a=2,b=1",
    "gradcalc diff 'x^2*sin(x)'",
    "gradcalc compare 'exp(-x^2)' --at x=1/2",
    "gradcalc jacobian 'y = W@x' --at 'W=[[1,2],[3,4]],x=[1,-1]'",
)

EPILOG = """\b
Exit status:
  0    done
  1    the answer is no: the modes disagree, a claim is wrong
  2    bad input
  3    undefined at this point; with --strict also for a note
  70   a bug in gradcalc
  130  interrupted

GRADCALC_FORMAT sets the default of --format. 'gradcalc COMMAND --help' shows a command's options,
'gradcalc help' the chapters of the reference."""


class Commands(click.Group):
    """The group: knows the commands' names, and imports one when it is wanted."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings, add_help_option=False)
        self.params.append(help_option())

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: Command = import_module(f"gradcalc.commands.{cmd_name}").command
        return command

    def resolve_command(self, ctx: click.Context, args: list[str],
                        ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and not ctx.resilient_parsing:
            raise _no_such_command(args[0])
        return super().resolve_command(ctx, args)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_examples(formatter, EXAMPLES)
        formatter.write_paragraph()
        super().format_help(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _show_version(ctx: click.Context, param: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from gradcalc import __version__

        click.echo(f"gradcalc {__version__}")
        ctx.exit()


@click.group("gradcalc", cls=Commands, invoke_without_command=True, epilog=EPILOG)
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version,
              help="Show the version and exit.")
@click.pass_context
def group(ctx: click.Context) -> None:
    """Derivatives of formulas, with the numbers that they are made of."""
    if ctx.invoked_subcommand is None:
        formatter = ctx.make_formatter()
        write_examples(formatter, EXAMPLES)
        group.format_commands(ctx, formatter)
        formatter.write_paragraph()
        formatter.write_text("'gradcalc --help', 'gradcalc COMMAND --help' and 'gradcalc help' say more.")
        click.echo(formatter.getvalue().rstrip("\n"))


def invoke(arguments: Sequence[str]) -> CommandResult | None:
    """Run the command that the arguments name. None where it has written what it had to say, as ``--help`` does.

    Not click's own ``main``: that would turn a closed pipe into status 1. Raises GradcalcError for wrong arguments.
    """
    if "_GRADCALC_COMPLETE" in os.environ:
        group.main(list(arguments), prog_name="gradcalc")
    try:
        with group.make_context("gradcalc", list(arguments)) as context:
            outcome: CommandResult | None = group.invoke(context)
            return outcome
    except click.exceptions.Exit:
        return None
    except click.ClickException as problem:
        raise _usage_error(problem) from problem


def _no_such_command(name: str) -> GradcalcError:
    suggestion = near(name, COMMANDS)
    if suggestion:
        hint = f"did you mean '{suggestion}'?"
    elif name.isidentifier():
        hint = "'gradcalc --help' lists the commands"
    else:
        import shlex

        shown = shlex.quote(name if len(name) <= 60 else name[:57] + "...")
        hint = f"to differentiate an expression: gradcalc diff {shown}"
    return error("usage", f"no such command {quoted(name)}", hint=hint)


def _usage_error(problem: click.ClickException) -> GradcalcError:
    """click's complaint in our form: a sentence without its full stop, and the way out as the hint."""
    if isinstance(problem, click.NoSuchOption):
        known = problem.ctx.command.get_params(problem.ctx) if problem.ctx else []
        suggestion = near(problem.option_name, [name for option in known for name in option.opts if name.startswith("--")])
        hint = f"did you mean '{suggestion}'?" if suggestion else _help_hint(problem)
        if problem.ctx and problem.ctx.command is group and not suggestion:
            hint = "options stand after the command"
        return error("usage", f"no such option {quoted(problem.option_name)}", hint=hint)
    message = problem.format_message().strip().removesuffix(".")
    return error("usage", message[:1].lower() + message[1:], hint=_help_hint(problem))


def _help_hint(problem: Any) -> str:
    context = getattr(problem, "ctx", None)
    path = context.command_path if context else "gradcalc"
    return f"'{path} --help' shows what there is"
