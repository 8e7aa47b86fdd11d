"""``gradcalc functions``: every function that a program can call, with its derivative and its domain."""

from typing import TYPE_CHECKING, Any

import click

from gradcalc.commands import options
from gradcalc.commands.command import Command
from gradcalc.commands.output import CommandResult, Output

if TYPE_CHECKING:
    from gradcalc.graph.operations.operation import Operation


@click.command("functions", cls=Command, examples=("gradcalc functions", "gradcalc functions --json"))
@options.output
def command(output: Output) -> CommandResult:
    """The functions that a program can call, with their derivatives and domains.

    The derivative of an array operation is a formula in g, the adjoint of its value: what each argument gets back.
    """
    from gradcalc.graph.operations import functions
    from gradcalc.render.listings import FunctionsView

    rows = sorted(functions(), key=lambda row: row.auxiliary)
    return output.outcome(FunctionsView([_described(row) for row in rows]))


def _described(row: "Operation") -> dict[str, Any]:
    from gradcalc.language.writing.text import partial_formulas

    # One rule serves all arguments of a row that takes any number, and the models behind them lend their shapes alone.
    formulas = dict.fromkeys(row.parameters, "0") | {
        name: formula for name, formula in zip(row.parameters, partial_formulas(row), strict=False) if formula is not None}
    return {"name": row.name, "aliases": list(row.aliases), "parameters": list(row.parameters),
            "variadic": row.variadic or row.many, "derivatives": formulas,
            "domain": row.domain, "kink": row.kink, "summary": row.doc, "call": _call(row), "also": _also(row),
            "adjoint": ("z" if "g" in row.parameters else "g") if row.vjps else None,
            "settings": {setting.name: setting.default for setting in row.settings}}


def _call(row: "Operation") -> str:
    """How the function is called, with what a call may fix beside its arguments."""
    leading = [setting.name for setting in row.settings if setting.first]
    settings = [setting.name for setting in row.settings if setting.kind != "key" and not setting.first]
    key = next((f"[{setting.name}]" for setting in row.settings if setting.kind == "key"), "")
    more = ["…"] * (row.variadic or row.many)
    return f"{row.function}({', '.join([*leading, *row.parameters, *more, *settings])}){key}"


def _also(row: "Operation") -> list[str]:
    """What else the function is called, and how it is written without a call."""
    names = list(row.aliases)
    if row.symbol is not None:
        names.append(row.symbol.join(row.parameters) if len(row.parameters) > 1 else row.parameters[0] + row.symbol)
    return names
