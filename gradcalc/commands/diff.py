"""``gradcalc diff``: the value and the gradient, or without a point the derivatives' formulas."""

from typing import TYPE_CHECKING, Any

import click

from gradcalc.commands import options
from gradcalc.commands.mode_options import ModeCommand, settings
from gradcalc.commands.output import CommandResult, Output

if TYPE_CHECKING:
    from gradcalc.program.program import Program


@click.command("diff", cls=ModeCommand, examples=(
    "gradcalc diff 'e = (a+b)*(b+1)' --at a=2,b=1 --wrt b",
    "gradcalc diff 'x^2*sin(x)'",
    "gradcalc diff '-x^2' --at x=pi/2 --mode forward",
    "gradcalc diff 'sum(x^2)' --at 'x=[1,2,3]'",
    "gradcalc diff 'x^3' --order 2",
    "gradcalc diff @loss.txt --at @point.json --json",
))
@options.question(required=True)
@options.wrt
@options.of
@click.option("--mode", type=options.Modes(), default=options.DEFAULT_MODE, metavar="MODE",
              help="forward, reverse (default), symbolic, finite, complex, certified, or another one that 'gradcalc modes' "
              "lists.")
@settings
@click.option("--order", type=click.IntRange(min=1), default=1, metavar="N",
              help="How often to differentiate with respect to each name. Default: 1.")
@click.option("--kinks", type=options.OneOf("mean", "left", "right", "error"), default="mean", metavar="CHOICE",
              help="At a kink, where two one-sided derivatives differ: their mean (default), left, right, or an error.")
@click.option("--checkpoint", is_flag=True,
              help="Keep only some values and compute the others again, for programs that memory does not hold. There is no "
              "table of nodes then.")
@options.dtype
@options.no_trace
@options.strict
@options.output
@options.limits
def command(program: "Program", at: dict[str, Any] | None, wrt: list[str] | None, of: str | None, mode: str,
            settings: dict[str, Any], order: int, kinks: str, checkpoint: bool, dtype: str, output: Output) -> CommandResult:
    """The value and the gradient; without a point, the derivatives' formulas.

    EXPR is the program's text, @FILE to read a file, or - for standard input. Without EXPR a pipe is read.
    """
    from gradcalc.render.result import ResultView

    result = program.diff(wrt, at, mode, of, order=order, kinks=kinks, dtype=dtype, trace=output.style.shows_nodes,
                          checkpoint=checkpoint, **settings)
    return output.outcome(ResultView(result), result.notes)
