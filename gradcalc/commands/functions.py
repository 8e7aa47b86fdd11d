"""``gradcalc functions``: every function that a program can call, with its derivative and its domain."""

from typing import TYPE_CHECKING, Any

import click

from gradcalc.commands import options
from gradcalc.commands.command import Command
from gradcalc.commands.outcome import Outcome, Output

if TYPE_CHECKING:
    from gradcalc.graph.operations.row import Operation


@click.command("functions", cls=Command, examples=("gradcalc functions", "gradcalc functions --json"))
@options.output
def command(output: Output) -> Outcome:
    """The functions that a program can call, with their derivatives and domains."""
    from gradcalc.graph.operations import functions
    from gradcalc.render.listings import FunctionsView

    return output.outcome(FunctionsView([_described(row) for row in functions()]))


def _described(row: "Operation") -> dict[str, Any]:
    from gradcalc.language.printer import partial_formulas

    formulas = ("0" if formula is None else formula for formula in partial_formulas(row))
    return {"name": row.name, "aliases": list(row.aliases), "parameters": list(row.parameters), "variadic": row.variadic,
            "derivatives": dict(zip(row.parameters, formulas, strict=True)), "domain": row.domain, "kink": row.kink,
            "summary": row.doc}
