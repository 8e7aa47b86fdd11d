"""What other distributions offer through entry points. A broken one becomes a diagnostic that names its distribution."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from gradcalc.diagnostics import GradcalcError, error

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


class Plugin:
    """One entry point of another distribution."""

    def __init__(self, entry: "EntryPoint") -> None:
        self.name = entry.name
        self.distribution = entry.dist.name if entry.dist else "an unknown distribution"
        self._entry = entry

    def load(self) -> Any:
        """The object that the entry point names. Raises GradcalcError where it cannot be imported."""
        return self.guard(self._entry.load)

    def guard(self, call: Callable[..., Any], *args: Any) -> Any:
        """The result of a call into the plug-in, with whatever goes wrong in it laid at its distribution's door."""
        try:
            return call(*args)
        except GradcalcError as problem:
            raise self.refused(problem.diagnostic.message) from problem
        except Exception as problem:
            raise self.refused(f"{type(problem).__name__}: {problem}") from problem

    def refused(self, why: str) -> GradcalcError:
        """The error that says that this plug-in is of no use, and why."""
        return error("plugin", f"the plug-in {self.name!r} of {self.distribution} cannot be used: {why}",
                     hint=f"update or uninstall {self.distribution}")


def installed(group: str) -> Iterator[Plugin]:
    """The entry points of a group that stand in distributions other than gradcalc itself, in the order of their names."""
    from importlib.metadata import entry_points

    for entry in sorted(entry_points(group=group), key=lambda entry: entry.name):
        if entry.dist is None or entry.dist.name != "gradcalc":
            yield Plugin(entry)
