"""``gradcalc jvp``: how outputs move when names do, the Jacobian times a vector."""

from typing import TYPE_CHECKING, Any

import click

from gradcalc.commands import options
from gradcalc.commands.command import ExpressionCommand
from gradcalc.commands.output import CommandResult, Output
from gradcalc.diagnostics import error
from gradcalc.language.reading.names import canonical, quoted

if TYPE_CHECKING:
    from gradcalc.program.program import Program

LEAVE = "--wrt can be left out: the names are those of --tangent"


@click.command("jvp", cls=ExpressionCommand, examples=(
    "gradcalc jvp 'y = W@x' --at 'W=[[1,2],[3,4]],x=[1,-1]' --tangent 'x=[1,0]'",
    "gradcalc jvp 'x*y' --at x=2,y=3 --tangent x=1,y=1",
))
@options.question(required=True, direction="tangent")
@options.names_or("those of --tangent")
@options.outputs
@options.dtype
@options.strict
@options.output
@options.limits
def command(program: "Program", at: dict[str, Any] | None, tangent: dict[str, Any] | None, wrt: list[str] | None,
            of: list[str] | None, dtype: str, output: Output) -> CommandResult:
    """How outputs move when names do: the Jacobian times a vector, in one forward sweep.

    EXPR is the program's text, @FILE to read a file, or - for standard input. Without EXPR a pipe is read. Names without a
    tangent stand still.
    """
    from gradcalc.commands.tangents import missing
    from gradcalc.render.products import ProductsView

    if tangent is None:
        raise missing("tangent", program, at)
    wanted = {canonical(name.strip()) for name in wrt or tangent}
    if others := tangent.keys() - wanted:
        raise error("usage", f"--tangent has a value for {quoted(min(others))}, which --wrt does not name", hint=LEAVE)
    if others := wanted - tangent.keys() - program.graph.names.keys():
        raise error("name", f"the program has no name {quoted(min(others))}, which --wrt names", hint=LEAVE)
    found = program.jvp(tangent, at, of, dtype)
    return output.outcome(ProductsView(found), found.notes)
