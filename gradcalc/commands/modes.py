"""``gradcalc modes``: every way to a derivative that is installed."""

from typing import Any

import click

from gradcalc.commands import options
from gradcalc.commands.command import Command
from gradcalc.commands.output import CommandResult, Output
from gradcalc.diagnostics import GradcalcError


@click.command("modes", cls=Command, examples=("gradcalc modes", "gradcalc modes --json"))
@options.output
def command(output: Output) -> CommandResult:
    """The modes that 'gradcalc diff --mode' takes, and what each is able to do."""
    from gradcalc.evaluators import names
    from gradcalc.render.listings import ModesView

    return output.outcome(ModesView([_described(name) for name in names()]))


def _described(name: str) -> dict[str, Any]:
    from gradcalc.evaluators import Can, evaluator

    try:
        mode = evaluator(name)
    except GradcalcError as problem:  # one that cannot be loaded takes nothing from the others
        return {"name": name, "summary": problem.diagnostic.message, "can": [], "default": False}
    can = [str(flag.name).lower().replace("_", "-") for flag in Can if flag in mode.can]
    return {"name": mode.name, "summary": mode.summary, "can": can, "default": name == options.DEFAULT_MODE}
