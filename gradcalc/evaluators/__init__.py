"""The modes: what one is, which there are, and how they are found.

A mode is an object with a name, a sentence, a set of capabilities and one method; it is imported when it is asked for. The
built-in ones are listed here, written as an entry point is. Those of other distributions are named by entry points of the group
``gradcalc.evaluators.v1``; no answer of a built-in one waits for a search through all that is installed.
"""

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from gradcalc.diagnostics import GradcalcError, error
from gradcalc.language.reading.names import near, quoted
from gradcalc.questions.abilities import Can as Can
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


class Option(NamedTuple):
    """A setting of a mode: a keyword in Python, ``--name`` on the command line, where underscores are hyphens.

    ``check`` returns a value as the mode takes it, and raises GradcalcError with the code ``option`` for one that makes no
    sense. ``kind`` is what the command line makes of the text, ``words`` are the texts that it takes where these are few.
    """

    name: str
    kind: type[str] | type[float] | type[int]
    help: str
    check: Callable[[Any], Any]
    metavar: str
    words: tuple[str, ...] = ()


class Tolerance(NamedTuple):
    """How far a mode's derivatives may be from the truth.

    ``usual`` is what a well-conditioned program in double precision leaves, relative to derivatives above 1 and absolute below:
    the conformance suite demands it. What ``compare`` allows depends on the numbers' precision: ``relative`` to the derivative,
    and where it cancels to nothing, for ``rounding``, relative to the largest value over the input's size.
    """

    usual: float
    relative: Callable[[float], float]
    rounding: Callable[[float], float]


#: Of a mode that is right to rounding. A wrong rule is off by a factor; rounding, in an ill-conditioned formula, by a few
#: digits of sixteen.
ROUNDED = Tolerance(1e-10, lambda precision: 0.67 * precision**0.5, lambda precision: 4500.0 * precision)
#: Of one that takes difference quotients.
MEASURED = Tolerance(1e-7, lambda precision: 1.65 * precision ** (1.0 / 3.0), lambda precision: precision**0.575)


class Evaluator(Protocol):
    """A mode. ``differentiate`` returns what it found, not-finite numbers included, and raises GradcalcError only for a
    request that it cannot take, with the code ``unsupported``. The request's options are among those that the mode declares,
    and have passed their checks.

    A class that derives from this one declares of ``options`` and ``tolerance`` only what is special about it.
    """

    name: str
    summary: str
    can: Can
    options: tuple[Option, ...] = ()
    tolerance: Tolerance = ROUNDED

    def differentiate(self, request: Request, /) -> Answer: ...


def evaluator(name: str) -> Evaluator:
    """The mode of this name. Raises GradcalcError, with a suggestion, where there is none."""
    name = name if isinstance(name, str) else repr(name)
    if name in BUILT_IN:
        module, _, attribute = BUILT_IN[name].partition(":")
        return _made(getattr(import_module(module), attribute))
    others = _others()
    if name in others:
        return _from_plugin(others[name])
    suggestion = near(str(name), [*BUILT_IN, *others])
    raise error("mode", f"there is no mode {quoted(str(name))}",
                hint=f"did you mean '{suggestion}'?" if suggestion else "'gradcalc modes' lists the modes that there are")


def ask(mode: Evaluator, request: Request) -> Answer:
    """The mode's answer. Raises GradcalcError with the code ``unsupported`` where the program has arrays and it takes none."""
    if request.shapes is not None and Can.ARRAYS not in mode.can:
        raise error("unsupported", f"the mode {quoted(mode.name)} takes no arrays", hint="'gradcalc modes' lists what each can")
    if request.checkpoint and Can.CHECKPOINTS not in mode.can:
        raise error("option", f"the mode {quoted(mode.name)} keeps no checkpoints", hint="the mode 'reverse' does")
    if request.options:
        request = request._replace(options=_checked(mode, request.options))
    with request.xp.silent():
        return mode.differentiate(request)


def _checked(mode: Evaluator, given: Mapping[str, Any]) -> dict[str, Any]:
    """The options, as the mode takes them. Raises GradcalcError for one that it does not declare, and for its value."""
    declared = {option.name: option for option in options_of(mode)}
    for name in given:
        if name not in declared:
            suggestion = near(str(name), declared)
            raise error("option", f"the mode {quoted(mode.name)} has no option {quoted(str(name))}",
                        hint=f"did you mean '{suggestion}'?" if suggestion else
                        f"it has {', '.join(declared)}" if declared else "it has no options")
    return {name: declared[name].check(value) for name, value in given.items()}


def options_of(mode: Evaluator) -> tuple[Option, ...]:
    """The options that a mode declares; it need not declare any."""
    return getattr(mode, "options", ())


def tolerance_of(mode: Evaluator) -> Tolerance:
    """The tolerance that a mode declares, or that of others with its abilities."""
    return getattr(mode, "tolerance", None) or (ROUNDED if Can.EXACT in mode.can else MEASURED)


def declared_options(modes: Iterable[str]) -> dict[str, dict[str, Option]]:
    """The options of these modes by name, each by the mode that declares it. A mode that cannot be loaded has none."""
    found: dict[str, dict[str, Option]] = {}
    for name in modes:
        try:
            mode = evaluator(name)
        except GradcalcError:
            continue
        for option in options_of(mode):
            found.setdefault(option.name, {})[name] = option
    return found


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
        self.options, self.tolerance = options_of(mode), tolerance_of(mode)
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
