"""A program at every row of a table: the value and the gradient there, or why there is none.

This module decides when a run is complete, and what remains of one that ends with an error. It must not know any format of a
table, nor where the output goes.
"""

from collections.abc import Callable

from gradcalc.diagnostics import GradcalcError
from gradcalc.mapping.output_files import Delivery, State
from gradcalc.mapping.rows import Answering, Mapped
from gradcalc.tables.block import Answers, Table, Writer


class Taking:
    """A writer without a format: it hands the answers to a function, which shows them in another way."""

    direct = True

    def __init__(self, take: Callable[[Answers], None]) -> None:
        self._take = take

    def head(self) -> bytes:
        return b""

    def encode(self, answers: Answers) -> bytes:
        self._take(answers)
        return b""

    def convert(self, part: str, made: str) -> None:
        return


#: Codes of errors after which a later run can continue from what has been written.
RESUMABLE = ("file", "output", "resume")
#: Codes of errors of a table that cannot be read.
READING = ("file", "format")


def run(answering: Answering, table: Table, writer: Writer, delivery: Delivery,
        tell: Callable[[State], None] = lambda state: None) -> State:
    """Answer every row of the table, and write the answers to the output. ``tell`` is called with the state after each block.

    Raises GradcalcError where the table cannot be read to its end or has changed, at a row without an answer if that is to
    end it, and where the output cannot be written.
    """
    with delivery:
        try:
            state = delivery.begin(writer.head())
            if not delivery.is_complete:
                for block in table.blocks(answering.wanted, state.after, answering.by_row):
                    mapped = answering.answers(block, state.rows)
                    delivery.write(writer.encode(mapped.answers))
                    if mapped.stopped is not None:
                        raise mapped.stopped
                    state = _behind(state, mapped, block.after)
                    delivery.mark(state)
                    tell(state)
                table.demand_unchanged()
                delivery.finish(state, writer)
        except GradcalcError as problem:
            reason = _reason(problem, table)
            if reason.diagnostic.code not in RESUMABLE:
                delivery.abandon()
            raise reason from problem
    return state


def _reason(problem: GradcalcError, table: Table) -> GradcalcError:
    """The error to report: where a table could not be read, that it has changed meanwhile, if it has."""
    if problem.diagnostic.code in READING:
        try:
            table.demand_unchanged()
        except GradcalcError as change:
            return change
    return problem


def _behind(state: State, mapped: Mapped, after: tuple[int, ...]) -> State:
    return State(state.rows + mapped.rows, state.bad + mapped.bad, state.first or mapped.first, state.kinked + mapped.kinked,
                 state.first_kinked or mapped.first_kinked, after)
