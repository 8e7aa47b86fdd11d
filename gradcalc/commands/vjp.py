"""``gradcalc vjp``: what adjoints of outputs make those of the inputs, a vector times the Jacobian."""

from typing import TYPE_CHECKING, Any

import click

from gradcalc.commands import options
from gradcalc.commands.command import ExpressionCommand
from gradcalc.commands.output import CommandResult, Output

if TYPE_CHECKING:
    from gradcalc.program.program import Program


@click.command("vjp", cls=ExpressionCommand, examples=(
    "gradcalc vjp 'y = W@x' --at 'W=[[1,2],[3,4]],x=[1,-1]' --cotangent 'y=[1,0]'",
    "gradcalc vjp 'x^2' --at 'x=[1,2]' --cotangent '[1,1]'",
    "gradcalc vjp 'sum(x^2)' --at 'x=[1,2]'",
))
@options.question(required=True, direction="cotangent")
@options.wrt
@options.outputs
@options.dtype
@options.strict
@options.output
@options.limits
def command(program: "Program", at: dict[str, Any] | None, cotangent: dict[str, Any] | None, wrt: list[str] | None,
            of: list[str] | None, dtype: str, output: Output) -> CommandResult:
    """What adjoints of outputs make those of the inputs: a vector times the Jacobian, in one reverse sweep.

    EXPR is the program's text, @FILE to read a file, or - for standard input. Without EXPR a pipe is read. An output that is
    a number has the adjoint 1 if none is given.
    """
    from gradcalc.commands.tangents import of_one_output
    from gradcalc.render.products import ProductsView

    if cotangent is not None:
        cotangent = of_one_output(cotangent, of or [program.output])
    found = program.vjp(cotangent, at, wrt, of, dtype)
    return output.outcome(ProductsView(found), found.notes)
