"""``gradcalc hessian``: the second derivatives of an output by each pair of inputs."""

from typing import TYPE_CHECKING, Any

import click

from gradcalc.commands import options
from gradcalc.commands.command import ExpressionCommand
from gradcalc.commands.output import CommandResult, Output

if TYPE_CHECKING:
    from gradcalc.program.program import Program


@click.command("hessian", cls=ExpressionCommand, examples=(
    "gradcalc hessian 'x^2*y' --at x=1,y=2",
    "gradcalc hessian 'sum(x^3)' --at 'x=[1,2,3]'",
    "gradcalc hessian 'sum(x^4)' --at 'x=[1,2,3,4]' --eigenvalues 4",
))
@options.question(required=True)
@options.wrt
@options.of
@click.option("--eigenvalues", type=click.IntRange(min=1), metavar="K",
              help="Instead, K of the matrix's extreme eigenvalues, from both ends; no matrix is formed. Needs SciPy unless "
              "all are asked for.")
@options.dtype
@options.strict
@options.output
@options.limits
def command(program: "Program", at: dict[str, Any] | None, wrt: list[str] | None, of: str | None, eigenvalues: int | None,
            dtype: str, output: Output) -> CommandResult:
    """The second derivatives of an output by each pair of inputs.

    EXPR is the program's text, @FILE to read a file, or - for standard input. Without EXPR a pipe is read. Each derivative
    has the output's shape followed by the two inputs'.
    """
    from gradcalc.render.products import ProductsView

    found = program.hessian(wrt, at, of, eigenvalues, dtype)
    return output.outcome(ProductsView(found), found.notes)
