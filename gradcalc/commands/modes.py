"""``gradcalc modes``: every way to a derivative that is installed."""

import click

from gradcalc.commands import options
from gradcalc.commands.command import Command
from gradcalc.commands.outcome import Outcome, Output


@click.command("modes", cls=Command, examples=("gradcalc modes", "gradcalc modes --json"))
@options.output
def command(output: Output) -> Outcome:
    """The modes that 'gradcalc diff --mode' takes, and what each is able to do."""
    from gradcalc.evaluators import evaluator, names
    from gradcalc.render.listings import ModesView

    return output.outcome(ModesView([evaluator(name) for name in names()]))
