"""The command line: from a process's arguments to its streams and its exit status.

This module decides what becomes of whatever ends a command: an answer, bad input, a bug, a closed pipe, an interruption. It
imports nothing that takes time before the guard below stands, so that an interruption at any moment ends quietly.
"""

import gc
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn, TextIO

from gradcalc.commands import resource_limits as guard
from gradcalc.diagnostics import Diagnostic, ExitStatus, GradcalcError

if TYPE_CHECKING:
    from gradcalc.commands.error_format import Reporting
    from gradcalc.commands.output import CommandResult


#: So many objects more than before are made before the garbage collector looks for circles among them. Python's own 700 has
#: it look thirty times at modules that stay, a seventh of the time that a small question takes.
COLLECTED_AFTER = 50_000


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and leave the process with its exit status.

    What was to be written has been, files are closed, and the system takes the memory back at once: Python would first take
    its modules apart, which is a tenth of the time that a small question takes.
    """
    gc.set_threshold(COLLECTED_AFTER, *gc.get_threshold()[1:])
    status = run(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        # A plug-in may have written something of its own; where nobody reads it any more, there is nothing to be said.
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(status)


def run(arguments: Sequence[str]) -> int:
    """Run one command, write what it has to say, and return the exit status."""
    try:
        from gradcalc.commands.error_format import Reporting

        _use_utf8()
        reporting = Reporting.of(arguments)
        try:
            from gradcalc.commands.group import invoke

            outcome = invoke(arguments)
            return ExitStatus.DONE if outcome is None else _deliver(outcome, reporting)
        except GradcalcError as problem:
            _say(reporting.error(problem.diagnostic))
            return problem.status
        except BrokenPipeError:
            raise
        except OSError as problem:
            _discard(sys.stdout)
            _say(reporting.error(Diagnostic("output", f"cannot write the output: {problem.strerror or problem}")))
            return ExitStatus.BAD_INPUT
        except MemoryError:
            what = guard.out_of_memory()
            guard.release()
            _say(reporting.error(what))
            return ExitStatus.BAD_INPUT
        except KeyboardInterrupt:
            late = guard.out_of_time()
            if late is None:
                raise
            guard.release()
            _say(reporting.error(late))
            return ExitStatus.BAD_INPUT
        except Exception as problem:  # told to the user, with a status of its own
            _say(reporting.bug(problem))
            return ExitStatus.BUG
        finally:
            guard.release()
    except KeyboardInterrupt:
        _discard(sys.stdout)
        return ExitStatus.INTERRUPTED
    except BrokenPipeError:
        _discard(sys.stdout)
        return ExitStatus.DONE


def _deliver(outcome: "CommandResult", reporting: "Reporting") -> int:
    """Write the results to standard output, then the notes to standard error."""
    from gradcalc.render import draw

    for line in draw(outcome.view, outcome.style):
        guard.begin_output()
        if sys.stdout is not None:
            sys.stdout.write(line + "\n")
    if sys.stdout is not None:
        sys.stdout.flush()
    for note in outcome.notes:
        _say(reporting.note(note))
    return outcome.status


def _say(text: str) -> None:
    """Write to standard error, where there is one and somebody reads it; the exit status does not depend on that."""
    if sys.stderr is not None:
        try:
            sys.stderr.write(text + "\n")
            sys.stderr.flush()
        except OSError:
            _discard(sys.stderr)


def _use_utf8() -> None:
    """Write UTF-8 whatever the locale: formulas have a ∂, JSON is UTF-8, and neither may end in a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


def _discard(stream: TextIO) -> None:
    """Let what Python flushes on its way out go nowhere: nobody reads it any more."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except (OSError, ValueError, AttributeError):
        return
