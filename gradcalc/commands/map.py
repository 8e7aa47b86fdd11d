"""``gradcalc map``: the value and the gradient at every row of a table."""

import os
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from gradcalc.commands import options
from gradcalc.commands import resource_limits as guard
from gradcalc.commands.command import ExpressionCommand
from gradcalc.commands.error_format import colored
from gradcalc.commands.output import CommandResult
from gradcalc.commands.progress import Progress
from gradcalc.diagnostics import Diagnostic, ExitStatus, GradcalcError, error
from gradcalc.render import Style
from gradcalc.tables import FORMATS, TEXTS, format_of

if TYPE_CHECKING:
    from gradcalc.mapping.output_files import State
    from gradcalc.mapping.rows import Answering
    from gradcalc.program.program import Program
    from gradcalc.render.map_rows import PointsView
    from gradcalc.tables.block import Answers, Table

#: What --format may say. ``json`` is what a row is in JSON Lines.
SHOWN = ("table", "json", *FORMATS)


class Given(NamedTuple):
    """The options of the command, under their names."""

    program: "Program"
    at: dict[str, Any] | None
    data: str
    data_format: str | None
    columns: str | None
    wrt: list[str] | None
    of: str | None
    engine: Any
    on_error: Any
    out: str | None
    resume: bool
    form: str | None
    as_json: bool
    quiet: bool
    strict: bool
    precision: int | None
    color: str


@click.command("map", cls=ExpressionCommand, examples=(
    "gradcalc map 'y = a*exp(-b*x)' --data points.csv --at a=2,b=0.5",
    "gradcalc map @loss.txt --data points.csv --at w=1 --wrt w --out gradients.csv --resume",
    """echo '{"x": 2}' | gradcalc map 'x^2' --data - --format csv""",
))
@options.question(required=True)
@click.option("--data", required=True, metavar="FILE",
              help="The table: .csv, .tsv, .jsonl, .parquet, .npy or .npz; - is a pipe of CSV or JSON Lines. Its columns are "
              "the inputs of their names; --at gives the others.")
@click.option("--data-format", type=options.OneOf(*FORMATS), metavar="FORMAT",
              help="The table's format, whatever its name: csv, jsonl, parquet, npy or npz.")
@click.option("--columns", metavar="a,b", help="The names of the columns of a table that does not name them.")
@options.wrt
@options.of
@click.option("--engine", type=options.OneOf("auto", "numpy", "native"), default="auto", metavar="ENGINE",
              help="What computes: native (machine code), numpy, or auto (default), the first of these that can.")
@click.option("--on-error", type=options.OneOf("record", "skip", "stop"), default="record", metavar="CHOICE",
              help="A row that cannot be read or has no answer is recorded (default), left out, or the end.")
@click.option("--out", metavar="FILE",
              help="Write to a file, in the format of its ending. It has its name when it is complete.")
@click.option("--resume", is_flag=True, help="Go on where an interrupted run with the same --out came to.")
@click.option("--format", "form", type=options.OneOf(*SHOWN), metavar="FORMAT",
              help="json (JSON Lines) or csv; table on a terminal. With --out also parquet, npy or npz.")
@options.as_json
@options.quiet("Without progress, notes and counts.")
@options.strict
@options.precision("in a table. Default: 10.")
@options.color
@options.debug
@options.limits
def command(**typed: Any) -> CommandResult:
    """The value and the gradient at every row of a table, in their order, a block of rows at a time.

    EXPR is the program's text, @FILE to read a file, or - for standard input. A row that cannot be read, or where the value or
    a derivative is undefined, gives an error of its own, with its number (from 0) and its line in the file; the exit status
    is 0 all the same, unless --strict makes it 3. With --on-error stop it is 2 or 3, as diff would say.
    """
    given = Given(**typed)
    form = _form("json" if given.as_json else given.form, given.out)
    if given.resume and given.out is None:
        raise error("usage", "--resume continues a file", hint="add --out FILE, as in the interrupted run")
    from gradcalc.mapping.output_files import demand_apart
    from gradcalc.mapping.rows import Answering, Asked
    from gradcalc.render.map_rows import PointsView
    from gradcalc.tables import opened

    if given.out is not None:
        demand_apart(given.out, given.data)
    with opened(given.data, given.data_format, given.columns.split(",") if given.columns else None) as table:
        asked = Asked(given.program, given.at or {}, given.wrt, given.of, given.engine, given.on_error)
        answering = Answering(asked, table)
        view = PointsView(given.of or given.program.output, answering.wrt)
        state = _run(given, form, table, answering, view)
    notes = (*answering.notes, *_counts(state, given.on_error))
    status = ExitStatus.UNDEFINED if given.strict and notes else ExitStatus.DONE
    style = Style("table", given.precision, colored(given.color, sys.stdout)) if form == "table" else Style("quiet")
    return CommandResult(view, style, () if given.quiet and not status else notes, status)


def _run(given: Given, form: str, table: "Table", answering: "Answering", view: "PointsView") -> "State":
    """Answer every row, and write the answers in this form to where they go: the view, the output or a file."""
    from gradcalc import mapping
    from gradcalc.mapping.output_files import delivery
    from gradcalc.tables import writer

    out = given.out
    explained = given.on_error == "record" and (form != "csv" or _typed("on_error"))
    writing = mapping.Taking(_taker(view)) if form == "table" else writer(form, answering.wrt, explained, out)
    about = _about(given, table, answering) if out is not None and (given.resume or os.path.isfile(given.data)) else {}
    if not _typed("max_seconds"):
        guard.begin_output()  # a table takes as long as it is
    progress = Progress(table.extent, not given.quiet and (out is not None or form == "table" or not _to_terminal()))
    way = delivery(out, about, given.resume, writing.direct)
    try:
        return mapping.run(answering, table, writing, way,
                           lambda state: progress.tell(state.rows, state.bad, (state.after or (0,))[0]))
    except KeyboardInterrupt:
        remedy = way.remedy()
        if remedy is None:
            raise
        raise _interrupted(remedy) from None
    finally:
        progress.clear()


def _interrupted(remedy: str) -> GradcalcError:
    """What to say to Ctrl-C, or when time is up, where there is something to go on from."""
    late = guard.out_of_time()
    guard.begin_output()
    if late is not None:
        return GradcalcError(late._replace(hint=f"{late.hint}; {remedy}"))
    return error("interrupted", "interrupted", hint=remedy, status=ExitStatus.INTERRUPTED)


def _form(form: str | None, out: str | None) -> str:
    """The format of the output. Raises GradcalcError for one that cannot go where the output goes."""
    if form is None and out is not None:
        return format_of(out, "--format")
    if form is None:
        form = os.environ.get("GRADCALC_FORMAT")
        form = form if form in ("table", *TEXTS, "json") else "table" if _to_terminal() else "json"
    if out is None and form in FORMATS and form not in TEXTS:
        raise error("usage", f"--format {form} is for a file", hint="add --out FILE")
    if out is not None and form == "table":
        raise error("usage", "a table is not written to a file", hint="leave --out or --format out")
    return "jsonl" if form == "json" else form


def _to_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


def _typed(option: str) -> bool:
    return click.get_current_context().get_parameter_source(option) is click.core.ParameterSource.COMMANDLINE


def _taker(view: "PointsView") -> Any:
    def take(answers: "Answers") -> None:
        columns = [column.tolist() if hasattr(column, "tolist") else column
                   for column in (answers.value, *answers.gradient.values())]
        reasons = {place: failure.diagnostic.message for place, failure in answers.failures.items()}
        view.take(((row, found, reasons.get(place)) for place, (row, *found) in enumerate(
            zip(answers.rows, *columns, strict=True))), len(answers.rows))

    return take


def _about(given: Given, table: "Table", answering: "Answering") -> dict[str, Any]:
    """What a run is about, to be compared with another run's: whatever its output depends on."""
    from gradcalc import __version__
    from gradcalc.questions.answers import plain

    typed = click.get_current_context().params
    asked = {name: typed[name] for name in ("data_format", "columns", "wrt", "of", "on_error", "form", "as_json")}
    return {"the version of gradcalc": __version__, "the program": given.program.text, "the point": plain(given.at or {}),
            "the options": asked | {"recorded": _typed("on_error")}, "the engine": answering.engine,
            "the data": table.identity()}


def _counts(state: "State", on_error: str) -> tuple[Diagnostic, ...]:
    """What is to be said of rows that have no answer, or a derivative with two sides, and of a table that has no rows."""
    if not state.rows:
        return (Diagnostic("empty", "the table has no rows"),)
    notes = []
    rows = f"of {state.rows:,} rows"
    if state.bad:
        done = "left out" if on_error == "skip" else "recorded"
        have, are = ("has", "is") if state.bad == 1 else ("have", "are")
        notes.append(Diagnostic("rows", f"{state.bad:,} {rows} {have} no answer and {are} {done}; the first is {state.first}"))
    if state.kinked:
        are = "is" if state.kinked == 1 else "are"
        notes.append(Diagnostic("kink", f"{state.kinked:,} {rows} {are} at a kink or a jump; "
                                f"the first is {state.first_kinked}"))
    return tuple(notes)
