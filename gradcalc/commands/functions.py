"""``gradcalc functions``: every function that a program can call, with its derivative and its domain."""

import click

from gradcalc.commands import options
from gradcalc.commands.command import Command
from gradcalc.commands.outcome import Outcome, Output


@click.command("functions", cls=Command, examples=("gradcalc functions", "gradcalc functions --json"))
@options.output
def command(output: Output) -> Outcome:
    """The functions that a program can call, with their derivatives and domains."""
    from gradcalc.graph.formulas import partial_formulas
    from gradcalc.graph.operations import functions
    from gradcalc.render.listings import FunctionsView

    return output.outcome(FunctionsView([(row, partial_formulas(row)) for row in functions()]))
