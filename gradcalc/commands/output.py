"""What a command returns: a view, how to show it, notes, and the exit status.

This module must not know any command.
"""

from collections.abc import Iterable
from typing import NamedTuple

from gradcalc.diagnostics import Diagnostic, ExitStatus
from gradcalc.render import Style, View


class CommandResult(NamedTuple):
    """The end of a command that found an answer. ``notes`` are those that go to standard error."""

    view: View
    style: Style
    notes: tuple[Diagnostic, ...] = ()
    status: ExitStatus = ExitStatus.DONE


class Output(NamedTuple):
    """The options that say how to show an answer."""

    style: Style
    strict: bool = False

    def outcome(self, view: View, notes: Iterable[Diagnostic] = (), status: ExitStatus = ExitStatus.DONE) -> CommandResult:
        """The answer, with its notes where they are wanted and the status that they make.

        JSON carries the notes itself. ``--quiet`` leaves them out, unless they are the reason for the status.
        """
        notes = tuple(notes)
        refused = self.strict and bool(notes)
        if self.style.format == "json" or (self.style.format == "quiet" and not refused):
            shown: tuple[Diagnostic, ...] = ()
        else:
            shown = notes
        if refused and status is ExitStatus.DONE:
            status = ExitStatus.UNDEFINED
        return CommandResult(view, self.style, shown, status)
