"""``gradcalc compare``: every mode side by side, on a program or on the built-in worked examples."""

from typing import TYPE_CHECKING, Any

import click

from gradcalc.commands import options
from gradcalc.commands.mode_options import ModeCommand, settings
from gradcalc.commands.output import CommandResult, Output
from gradcalc.diagnostics import ExitStatus, error

if TYPE_CHECKING:
    from gradcalc.program.program import Program
    from gradcalc.questions.answers import Comparison


@click.command("compare", cls=ModeCommand, examples=(
    "gradcalc compare 'exp(-x^2)' --at x=1/2",
    "gradcalc compare 'x^3' --at x=2 --modes reverse,finite --scheme central --step 1e-3",
    "gradcalc compare",
))
@options.question(required=False)
@options.wrt
@options.of
@click.option("--modes", type=options.Modes(many=True), default="all", metavar="all|a,b",
              help="Which modes: all, or a list such as forward,finite.")
@settings
@options.dtype
@options.strict
@options.output
@options.limits
def command(program: "Program | None", at: dict[str, Any] | None, wrt: list[str] | None, of: str | None, modes: str,
            settings: dict[str, Any], dtype: str, output: Output) -> CommandResult:
    """Every mode side by side, with its error, its cost and a verdict.

    EXPR is the program's text, @FILE to read a file, or - for standard input. With neither EXPR nor a pipe, the built-in
    worked examples are compared. The errors are measured against a mode that does not use the rules of differentiation.
    """
    from gradcalc.program.comparison import compare
    from gradcalc.render.comparisons import ComparisonsView

    if program is not None:
        compared = [compare(program, wrt, at, modes, of, dtype, **settings)]
    elif at or wrt or of:
        raise error("usage", "an expression is missing", hint="--at, --wrt and --of need one; the worked examples do not")
    else:
        compared = _examples(modes, dtype, settings)
    notes = [note.within(each.program) for each in compared for note in each.notes]
    return output.outcome(ComparisonsView(compared), notes, _status(compared))


def _examples(modes: str, dtype: str, settings: dict[str, Any]) -> "list[Comparison]":
    from gradcalc.program.comparison import compare
    from gradcalc.program.examples import EXAMPLES

    return [compare(each.program, each.wrt, each.at, modes, each.of, dtype, **settings)._replace(title=each.title)
            for each in EXAMPLES]


def _status(compared: "list[Comparison]") -> ExitStatus:
    """1 where the modes disagree about a program, 3 where no mode has a finite answer for one."""
    if any(each.verdict == "disagree" for each in compared):
        return ExitStatus.NO
    for each in compared:
        found = {report.status for report in each.modes}
        if "undefined" in found and "ok" not in found:
            return ExitStatus.UNDEFINED
    return ExitStatus.DONE
