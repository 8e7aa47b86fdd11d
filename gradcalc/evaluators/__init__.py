"""The modes: what one is, which there are, and how they are found.

A mode is an object with a name, a sentence, a set of capabilities and one method; it is imported when it is asked for. The
built-in ones are listed here, written as an entry point is. Those of other distributions are named by entry points of the group
``gradcalc.evaluators.v1``; no answer of a built-in one waits for a search through all that is installed.
"""

from enum import Flag, auto
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from gradcalc.diagnostics import GradcalcError, error
from gradcalc.language.reading.names import near, quoted
from gradcalc.questions.answers import Answer, Request

if TYPE_CHECKING:
    from gradcalc.plugins import Plugin

GROUP = "gradcalc.evaluators.v1"
BUILT_IN = {
    "forward": "gradcalc.evaluators.forward:Forward",
    "reverse": "gradcalc.evaluators.reverse:Reverse",
    "symbolic": "gradcalc.evaluators.symbolic:Symbolic",
    "complex": "gradcalc.evaluators.complex:ComplexStep",
    "finite": "gradcalc.evaluators.finite:FiniteDifference",
    "certified": "gradcalc.evaluators.certified:Certified",
}


class Can(Flag):
    """What a mode is able to do."""

    EXACT = auto()        # no truncation error: right to rounding
    INDEPENDENT = auto()  # never reads the table's partials, so it can witness that they are right
    ADJOINTS = auto()     # gives the adjoint of every node
    TANGENTS = auto()     # gives the tangent of every node
    FORMULA = auto()      # gives the derivative's formula, also beside numbers
    NO_POINT = auto()     # can answer without a point, by a formula
    ARRAYS = auto()       # takes programs whose values have shapes
    CHECKPOINTS = auto()  # can compute values again rather than keep them
    PROVES = auto()       # gives the double nearest to each number, with a proof, and settles kinks itself


class Evaluator(Protocol):
    """A mode. ``differentiate`` returns what it found, not-finite numbers included, and raises GradcalcError only for a
    request that it cannot take, with the code ``unsupported``, or an option that makes no sense."""

    name: str
    summary: str
    can: Can

    def differentiate(self, request: Request, /) -> Answer: ...


def evaluator(name: str) -> Evaluator:
    """The mode of this name. Raises GradcalcError, with a suggestion, where there is none."""
    if name in BUILT_IN:
        module, _, attribute = BUILT_IN[name].partition(":")
        return _made(getattr(import_module(module), attribute))
    others = _others()
    if name in others:
        return _from_plugin(others[name])
    suggestion = near(name, [*BUILT_IN, *others])
    raise error("mode", f"there is no mode {quoted(name)}",
                hint=f"did you mean '{suggestion}'?" if suggestion else "'gradcalc modes' lists the modes that there are")


def ask(mode: Evaluator, request: Request) -> Answer:
    """The mode's answer. Raises GradcalcError with the code ``unsupported`` where the program has arrays and it takes none."""
    if request.shapes is not None and Can.ARRAYS not in mode.can:
        raise error("unsupported", f"the mode {quoted(mode.name)} takes no arrays", hint="'gradcalc modes' lists what each can")
    if request.checkpoint and Can.CHECKPOINTS not in mode.can:
        raise error("option", f"the mode {quoted(mode.name)} keeps no checkpoints", hint="the mode 'reverse' does")
    with request.xp.silent():
        return mode.differentiate(request)


def names() -> list[str]:
    """The names of all modes, the built-in ones first."""
    return [*BUILT_IN, *_others()]


def _others() -> "dict[str, Plugin]":
    """The modes of other distributions. Raises GradcalcError where a name is taken twice."""
    from gradcalc.plugins import installed

    found: dict[str, Plugin] = {}
    for plugin in installed(GROUP):
        if plugin.name in BUILT_IN or plugin.name in found:
            raise plugin.refused("a mode of this name exists already")
        found[plugin.name] = plugin
    return found


def _from_plugin(plugin: "Plugin") -> Evaluator:
    mode: Any = plugin.guard(_made, plugin.load())
    missing = [name for name in ("name", "summary", "can", "differentiate") if not hasattr(mode, name)]
    if missing:
        raise plugin.refused(f"it has no {', '.join(missing)}")
    return _Foreign(plugin, mode)


class _Foreign:
    """A mode of another distribution, at whose door its exceptions are laid."""

    def __init__(self, plugin: "Plugin", mode: Evaluator) -> None:
        self.name, self.summary, self.can = mode.name, mode.summary, mode.can
        self._plugin, self._mode = plugin, mode

    def differentiate(self, request: Request, /) -> Answer:
        try:
            return self._mode.differentiate(request)
        except GradcalcError:
            raise
        except Exception as problem:
            raise self._plugin.refused(f"{type(problem).__name__}: {problem}") from problem


def _made(named: Any) -> Evaluator:
    """The mode that an entry point names: a class is called, anything else is the mode itself."""
    mode: Evaluator = named() if isinstance(named, type) else named
    return mode
