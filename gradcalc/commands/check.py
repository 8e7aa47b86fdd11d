"""``gradcalc check``: is a gradient that somebody derived by hand right?"""

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from gradcalc.commands import options
from gradcalc.commands.command import ExpressionCommand
from gradcalc.commands.output import CommandResult, Output
from gradcalc.commands.source import from_file, typed
from gradcalc.diagnostics import ExitStatus

if TYPE_CHECKING:
    from gradcalc.program.program import Program

#: A claim about which nothing could be decided is no "no": like a value that is undefined, it says nothing.
STATUS = {"correct": ExitStatus.DONE, "wrong": ExitStatus.NO, "undecided": ExitStatus.UNDEFINED}


@click.command("check", cls=ExpressionCommand, examples=(
    "gradcalc check 'e = (a+b)*(b+1)' --claim 'b = a+2*b+1'",
    "gradcalc check '1+2*x+3*x^2' --claim 'x = 2+6*x'",
    "gradcalc check 'z = w*x; C = (sigmoid(z)-y)^2' --claim 'w = 0.3699' --at w=1,x=2,y=0",
    "gradcalc check @loss.txt --claim @gradient.txt --json",
))
@options.question(required=True)
@click.option("--claim", multiple=True, metavar="x=2*x",
              help="The derivative with respect to a name, as you have it: a formula of the program's names. @FILE reads a "
              "file, a line a claim. Repeatable, or several in one, separated by ';'.")
@options.of
@click.option("--seed", type=int, default=0, metavar="N", help="What the random points are drawn with. Default: 0.")
@options.strict
@options.output
@options.limits
def command(program: "Program", at: dict[str, Any] | None, claim: tuple[str, ...], of: str | None, seed: int,
            output: Output) -> CommandResult:
    """Is a gradient that somebody derived by hand right? A wrong one gets a counter-example.

    EXPR is the program's text, @FILE to read a file, or - for standard input. Without EXPR a pipe is read. With --at a claim
    is judged at that point; without, it is proved, or tried at points of the domain. The exit status is 1 if a claim is wrong
    and 3 if one is undecided.
    """
    from gradcalc.render.claims import CheckView

    sources = [from_file(written[1:], program.limits.text) if written.startswith("@") else typed(written) for written in claim]
    with ExitStack() as reading:
        for source in sources:
            reading.enter_context(source.named())
        found = program.check([source.text for source in sources], at, of, seed)
    return output.outcome(CheckView(found), found.notes, STATUS[found.verdict])
