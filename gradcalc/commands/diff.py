"""``gradcalc diff``: the value and the gradient, or without a point the derivatives' formulas."""

from typing import TYPE_CHECKING, Any

import click

from gradcalc.commands import options
from gradcalc.commands.command import ExpressionCommand
from gradcalc.commands.outcome import Outcome, Output

if TYPE_CHECKING:
    from gradcalc.program import Program


@click.command("diff", cls=ExpressionCommand, examples=(
    "gradcalc diff 'e = (a+b)*(b+1)' --at a=2,b=1 --wrt b",
    "gradcalc diff 'x^2*sin(x)'",
    "gradcalc diff '-x^2' --at x=pi/2 --mode forward",
    "gradcalc diff @loss.txt --at @point.json --json",
))
@options.question(required=True)
@options.wrt
@options.of
@click.option("--mode", type=options.Modes(), default=options.DEFAULT_MODE, metavar="MODE",
              help="forward, reverse (default), symbolic, finite, complex, or another one that 'gradcalc modes' lists.")
@options.difference
@options.no_trace
@options.strict
@options.output
@options.limits
def command(program: "Program", at: dict[str, float] | None, wrt: list[str] | None, of: str | None, mode: str,
            difference: dict[str, Any], output: Output) -> Outcome:
    """The value and the gradient; without a point, the derivatives' formulas.

    EXPR is the program's text, @FILE to read a file, or - for standard input. Without EXPR a pipe is read.
    """
    from gradcalc.render.result import ResultView

    result = program.diff(wrt, at, mode, of, **difference)
    return output.outcome(ResultView(result), result.notes)
