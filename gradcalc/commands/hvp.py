"""``gradcalc hvp``: how the gradient moves when names do, the Hessian times a vector."""

from typing import TYPE_CHECKING, Any

import click

from gradcalc.commands import options
from gradcalc.commands.command import ExpressionCommand
from gradcalc.commands.output import CommandResult, Output

if TYPE_CHECKING:
    from gradcalc.program.program import Program


@click.command("hvp", cls=ExpressionCommand, examples=(
    "gradcalc hvp 'sum(x^3)' --at 'x=[1,2,3]' --vector 'x=[1,0,0]'",
    "gradcalc hvp 'x^2*y' --at x=1,y=2 --vector x=1 --wrt x,y",
))
@options.question(required=True, direction="vector")
@options.wrt
@options.of
@options.dtype
@options.strict
@options.output
@options.limits
def command(program: "Program", at: dict[str, Any] | None, vector: dict[str, Any] | None, wrt: list[str] | None,
            of: str | None, dtype: str, output: Output) -> CommandResult:
    """How the gradient moves when names do: the Hessian times a vector; no matrix is formed.

    EXPR is the program's text, @FILE to read a file, or - for standard input. Without EXPR a pipe is read. Names that the
    vector leaves out stand still.
    """
    from gradcalc.commands.tangents import missing
    from gradcalc.render.products import ProductsView

    if vector is None:
        raise missing("vector", program, at)
    found = program.hvp(vector, at, wrt, of, dtype)
    return output.outcome(ProductsView(found), found.notes)
