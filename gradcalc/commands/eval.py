"""``gradcalc eval``: the forward values, node by node."""

from typing import TYPE_CHECKING, Any

import click

from gradcalc.commands import options
from gradcalc.commands.command import ExpressionCommand
from gradcalc.commands.output import CommandResult, Output

if TYPE_CHECKING:
    from gradcalc.program.program import Program


@click.command("eval", cls=ExpressionCommand, examples=(
    "gradcalc eval 'e = (a+b)*(b+1)' --at a=2,b=1",
    "gradcalc eval 'hypot(3, 4)' --quiet",
    "gradcalc eval 'A@B' --at 'A=[[1,2]],B=[[3],[4]]'",
    "echo 'x^2; y = x + 1' | gradcalc eval --at x=pi/2",
))
@options.question(required=True)
@options.of
@options.dtype
@options.no_trace
@options.strict
@options.output
@options.limits
def command(program: "Program", at: dict[str, Any] | None, of: str | None, dtype: str, output: Output) -> CommandResult:
    """The value of an expression, and of every node before it.

    EXPR is the program's text, @FILE to read a file, or - for standard input. Without EXPR a pipe is read.
    """
    from gradcalc.render.result import ResultView

    result = program.eval(at, of, dtype)
    return output.outcome(ResultView(result), result.notes)
