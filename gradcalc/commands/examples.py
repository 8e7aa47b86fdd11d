"""``gradcalc examples``: the built-in worked examples."""

import click

from gradcalc.commands import options
from gradcalc.commands.command import Command
from gradcalc.commands.output import CommandResult, Output


@click.command("examples", cls=Command, examples=("gradcalc examples", "gradcalc examples --json", "gradcalc compare"))
@options.output
def command(output: Output) -> CommandResult:
    """The built-in worked examples, with their points, values and gradients. 'gradcalc compare' runs them."""
    from gradcalc.program.examples import EXAMPLES
    from gradcalc.render.listings import ExamplesView

    return output.outcome(ExamplesView([
        {"name": each.name, "title": each.title, "program": each.program, "of": each.of, "at": dict(each.at),
         "wrt": list(each.wrt), "value": each.value, "gradient": dict(each.gradient)} for each in EXAMPLES]))
