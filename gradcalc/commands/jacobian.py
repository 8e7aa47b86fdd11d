"""``gradcalc jacobian``: the derivatives of outputs, numbers or arrays, by inputs."""

from typing import TYPE_CHECKING, Any, Literal

import click

from gradcalc.commands import options
from gradcalc.commands.command import ExpressionCommand
from gradcalc.commands.output import CommandResult, Output

if TYPE_CHECKING:
    from gradcalc.program.program import Program


@click.command("jacobian", cls=ExpressionCommand, examples=(
    "gradcalc jacobian 'y = W@x' --at 'W=[[1,2],[3,4]],x=[1,-1]' --wrt x",
    "gradcalc jacobian 'u = x*y; v = x + y' --at x=2,y=3 --of u,v",
    "gradcalc jacobian 'x^2' --at 'x=[1,2,3]' --mode forward --json",
))
@options.question(required=True)
@options.wrt
@options.outputs
@click.option("--mode", type=options.OneOf("forward", "reverse"), metavar="MODE",
              help="forward, a sweep for each entry of the inputs, or reverse, one for each of the outputs. Default: what is "
              "cheaper.")
@options.dtype
@options.strict
@options.output
@options.limits
def command(program: "Program", at: dict[str, Any] | None, wrt: list[str] | None, of: list[str] | None,
            mode: Literal["forward", "reverse"] | None, dtype: str, output: Output) -> CommandResult:
    """The derivatives of outputs, numbers or arrays, by inputs.

    EXPR is the program's text, @FILE to read a file, or - for standard input. Without EXPR a pipe is read. Each derivative
    has the output's shape followed by the input's.
    """
    from gradcalc.render.products import ProductsView

    found = program.jacobian(wrt, at, of, mode, dtype)
    return output.outcome(ProductsView(found, chosen=mode is not None), found.notes)
