"""``gradcalc help``: the chapters of the reference, and the help of each command."""

import shutil
import sys
from typing import TYPE_CHECKING

import click

from gradcalc import help as reference
from gradcalc.commands import options
from gradcalc.commands.command import Command
from gradcalc.commands.group import COMMANDS, group
from gradcalc.commands.output import CommandResult, Output
from gradcalc.diagnostics import error
from gradcalc.language.reading.names import near, quoted

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class Topic(click.types.StringParamType):
    """The name of a chapter or a command."""

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        from click.shell_completion import CompletionItem

        return [CompletionItem(name) for name in (*reference.chapters(), *COMMANDS) if name.startswith(incomplete)]


@click.command("help", cls=Command, examples=("gradcalc help", "gradcalc help language", "gradcalc help diff"))
@click.argument("topic", type=Topic(), nargs=-1)
@options.output
@click.pass_context
def command(context: click.Context, topic: tuple[str, ...], output: Output) -> CommandResult:
    """The chapters of the reference; with TOPIC one of them, or what 'gradcalc COMMAND --help' says."""
    from gradcalc.render.help import ChapterView, ContentsView, OptionsView

    chapters, name = reference.chapters(), "-".join(topic).lower()
    if sys.stdout is not None and sys.stdout.isatty():
        output = output._replace(style=output.style._replace(width=shutil.get_terminal_size().columns))
    if not topic:
        return output.outcome(ContentsView(chapters))
    if name in chapters:
        return output.outcome(ChapterView(name, reference.text(name)))
    if name in COMMANDS:
        return output.outcome(OptionsView(name, _options(name, context)))
    suggestion = near(name, [*chapters, *COMMANDS])
    raise error("usage", f"there is no topic {quoted(name)}",
                hint=f"did you mean '{suggestion}'?" if suggestion else "'gradcalc help' lists the topics")


def _options(name: str, context: click.Context) -> str:
    """What ``gradcalc NAME --help`` says."""
    described = group.get_command(context, name)
    assert described is not None
    return described.get_help(click.Context(described, info_name=name, parent=context.parent))
