"""How to report an error: in words or as JSON, with or without colour, with or without a traceback.

This is read from the arguments as they stand, because an error may come up before, or while, the options are parsed.
"""

import os
import sys
from collections.abc import Sequence
from typing import NamedTuple, TextIO

from gradcalc.diagnostics import Diagnostic


class Reporting(NamedTuple):
    """How this run reports errors and notes."""

    as_json: bool
    color: str
    debug: bool

    @classmethod
    def of(cls, arguments: Sequence[str]) -> "Reporting":
        """The format that the arguments and the environment ask for."""
        form = _value(arguments, "--format") or os.environ.get("GRADCALC_FORMAT", "")
        return cls("--json" in arguments or form == "json", _value(arguments, "--color") or "auto", "--debug" in arguments)

    def error(self, diagnostic: Diagnostic) -> str:
        """The text for an error, several lines or one of JSON."""
        from gradcalc.render import errors

        if self.as_json:
            return errors.json_line(diagnostic)
        return errors.text(diagnostic, "error", colored(self.color, sys.stderr))

    def note(self, diagnostic: Diagnostic) -> str:
        """The text for a note that accompanies an answer."""
        from gradcalc.render import errors

        return errors.text(diagnostic, "note", colored(self.color, sys.stderr))

    def bug(self, problem: Exception) -> str:
        """The text for an unexpected exception."""
        summary = " ".join(f"{type(problem).__name__}: {problem}".split())
        hint = "--debug shows the traceback"
        text = f"bug in gradcalc: {summary}; {hint}"
        if self.as_json:
            text = self.error(Diagnostic("bug", f"bug in gradcalc: {summary}", hint=hint))
        if self.debug:
            import traceback

            text = "".join(traceback.format_exception(problem)) + text
        return text


def colored(choice: str, stream: TextIO | None) -> bool:
    """Whether to write colours to a stream: the option first, then NO_COLOR, FORCE_COLOR, TERM, and what the stream is."""
    if choice in ("always", "never"):
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return os.environ.get("TERM") != "dumb" and stream is not None and stream.isatty()


def _value(arguments: Sequence[str], option: str) -> str | None:
    """The last value that an option is given in the arguments, or None."""
    found = None
    for position, argument in enumerate(arguments):
        if argument.startswith(option + "="):
            found = argument[len(option) + 1:]
        elif argument == option and position + 1 < len(arguments):
            found = arguments[position + 1]
    return found
