"""What a row's answer is: computed for a whole block at once, and explained one by one where there is none.

A program that takes numbers is compiled. One that works with arrays, or to which the point gives another ``pi``, is
differentiated row by row.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from gradcalc.diagnostics import Diagnostic, ExitStatus, GradcalcError
from gradcalc.engines.point_function import Compiled
from gradcalc.graph.shape_inference import has_arrays
from gradcalc.graph.tape import INPUT
from gradcalc.language.reading.names import canonical, quoted
from gradcalc.program.program import Program
from gradcalc.questions.answers import Result
from gradcalc.questions.question import Question
from gradcalc.tables.block import Answers, Block, Failure, Table, columns_to_read

OnError = Literal["record", "skip", "stop"]
Engine = Literal["auto", "numpy", "native"]


class Asked(NamedTuple):
    """What is asked at every row. ``given`` are the values that all rows share."""

    program: Program
    given: Mapping[str, Any]
    wrt: Sequence[str] | None = None
    of: str | None = None
    engine: Engine = "auto"
    on_error: OnError = "record"


class Mapped(NamedTuple):
    """The answers for a block. It had so many ``rows``, of which ``bad`` have none and ``kinked`` are at a kink or a jump;
    ``first`` and ``first_kinked`` tell the first of those. ``stopped`` is the error that ends all behind these answers."""

    answers: Answers
    rows: int
    bad: int
    first: str | None
    kinked: int
    first_kinked: str | None
    stopped: GradcalcError | None


class Answering:
    """A program bound to a table: columns are inputs by their names, unless a value is given.

    ``wanted`` are the columns that are read, ``wrt`` the names of the derivatives, ``notes`` what is to be said of all rows.
    With ``by_row`` it takes columns of what stands in the rows, which may be arrays.
    """

    def __init__(self, asked: Asked, table: Table) -> None:
        given = {canonical(name.strip()): value for name, value in asked.given.items()}
        self._asked = asked = asked._replace(given=given)
        self._name = table.name
        program = asked.program
        formula = program.request(asked.wrt, None, asked.of).request
        graph, order = program.graph, formula.order
        needed = [str(graph.instructions[node].payload) for node in order if graph.instructions[node].op == INPUT]
        self.wanted = columns_to_read(table, needed, given)
        question = self._question(table)
        arrays = has_arrays(graph, order) or any(np.ndim(value) for value in given.values())
        self.by_row = arrays or question is None or not set(question.used or ()) <= set(needed)
        notes = question.notes if question else ()
        self._function: Compiled | None = None
        if question is None or self.by_row:
            self.engine = "rows"
        else:
            self._function = compiled = program.compile(asked.wrt, asked.engine, asked.of)
            self.engine = compiled.engine
            # Which engine it is, is news only to those who asked for another one.
            notes += tuple(note for note in compiled.notes if note not in notes
                           and (note.code != "engine" or asked.engine != "auto"))
        self.wrt = tuple(question.request.wrt if question else formula.wrt)
        self._fixed = {name: value for name, value in given.items() if name in needed}
        self.notes = tuple(note.within(program.text) for note in notes) + tuple(
            Diagnostic("unused", f"the column {quoted(name)} is not read: --at gives its value") for name in self._fixed
            if name in (table.names or ()))

    def _question(self, table: Table) -> Question | None:
        """What is asked at a row, to see whether it makes sense; None where that depends on what stands in the row."""
        asked = self._asked
        try:
            return asked.program.request(asked.wrt, {**dict.fromkeys(self.wanted, 0.0), **asked.given}, asked.of)
        except GradcalcError as problem:
            if problem.diagnostic.code != "shape" or table.names is not None:
                raise
            return None

    # -- answers -------------------------------------------------------------------------------------------------------

    def answers(self, block: Block, before: int) -> Mapped:
        """The answers for a block that has so many rows before it."""
        failures: dict[int, Failure] = {}
        value, slopes, places = self._computed(block)
        kinked = self._at_kinks(block)
        for place in sorted({*places, *block.bad}):
            reason = block.bad.get(place)
            if reason is None:
                found = self._at(block, place)
                if isinstance(found, Result):
                    for column, number in zip((value, *slopes), (found.value, *(found.gradient or {}).values()), strict=True):
                        column[place] = number
                    if _kink_note(found) is not None:
                        kinked.add(place)
                    continue
                reason = found.diagnostic
            failures[place] = Failure(reason, None if block.lines is None else block.lines[place])
            if self._asked.on_error == "stop":
                break
        return self._mapped(block, before, value, slopes, failures, kinked - failures.keys())

    def _computed(self, block: Block) -> tuple[Any, list[Any], Sequence[int]]:
        """The values, the derivatives by each name, and the places of rows that are to be looked at one by one."""
        if self._function is None:
            return [0.0] * block.size, [[0.0] * block.size for _ in self.wrt], range(block.size)
        value, gradient = self._function({**block.columns, **self._fixed})
        columns = [each if np.ndim(each) else np.full(block.size, each) for each in (value, *gradient.values())]
        undefined = ~np.isfinite(columns[0])
        for column in columns[1:]:
            undefined |= ~np.isfinite(column)
        return columns[0], columns[1:], np.flatnonzero(undefined).tolist()

    def _at_kinks(self, block: Block) -> set[int]:
        """The places of rows at a kink or a jump, as far as that is not found row by row."""
        counts = None if self._function is None else self._function.kink_counts({**block.columns, **self._fixed})
        return set() if counts is None else set(np.flatnonzero(np.broadcast_to(counts, block.size) > 0.0).tolist())

    def _at(self, block: Block, place: int, kinks: Literal["mean", "error"] = "mean") -> Result | GradcalcError:
        """The value and the derivatives in one row, or why there are none. At a kink that is an error if it is to be one."""
        asked = self._asked
        row = {name: column[place] for name, column in block.columns.items()}
        try:
            return asked.program.diff(asked.wrt, {**row, **asked.given}, of=asked.of, trace=False, kinks=kinks)
        except GradcalcError as problem:
            return problem

    def _mapped(self, block: Block, before: int, value: Any, slopes: Sequence[Any], failures: dict[int, Failure],
                kinked: set[int]) -> Mapped:
        rows: Sequence[int] = range(before, before + block.size)
        first, stopped, bad = None, None, len(failures)
        if failures:
            place, failure = next(iter(failures.items()))
            first = f"{_row(block, before, place)}: {failure.diagnostic.message}"
        if failures and self._asked.on_error == "stop":
            status = ExitStatus.UNDEFINED if place not in block.bad else ExitStatus.BAD_INPUT
            stopped = GradcalcError(failure.diagnostic._replace(message=f"{self._name}, {first}"), status)
            rows, value, slopes, failures = rows[:place], value[:place], [column[:place] for column in slopes], {}
        elif failures and self._asked.on_error == "skip":
            kept = [place for place in range(block.size) if place not in failures]
            rows = [rows[place] for place in kept]
            value, *slopes = [_chosen(column, kept) for column in (value, *slopes)]
            failures = {}
        answers = Answers(rows, value, dict(zip(self.wrt, slopes, strict=True)), failures)
        return Mapped(answers, block.size, bad, first, len(kinked), self._first_kinked(block, before, kinked), stopped)

    def _first_kinked(self, block: Block, before: int, kinked: set[int]) -> str | None:
        """What is to be said of the first of these rows, without what ``diff`` would give there."""
        if not kinked:
            return None
        found = self._at(block, min(kinked), "error")
        reason = _kink_note(found) if isinstance(found, Result) else found.diagnostic
        return _row(block, before, min(kinked)) + ("" if reason is None else f": {reason.message}")


def _row(block: Block, before: int, place: int) -> str:
    """A row by its number, and the line that it stands on."""
    return f"row {before + place:,}" + ("" if block.lines is None else f" (line {block.lines[place]:,})")


def _kink_note(found: Result) -> Diagnostic | None:
    """The note that a point is at a kink or a jump."""
    return next((note for note in found.notes if note.code in ("kink", "jump")), None)


def _chosen(column: Any, places: Sequence[int]) -> Any:
    return column[places] if isinstance(column, np.ndarray) else [column[place] for place in places]
