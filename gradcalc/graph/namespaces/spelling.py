"""How a namespace gets its functions: a primitive's from the spelling in its row, a composite's from the row's value.

This module finds rows and what their spellings name. What a back end makes of a function, such as IEEE results where Python's
raises, is the namespace's own business.
"""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

from gradcalc.diagnostics import GradcalcError, error
from gradcalc.graph import operations
from gradcalc.graph.operations.operation import BY_HAND, Operation

#: The back ends by the names of their spellings, in words.
BACK_ENDS = {"scalar": "on single numbers", "array": "on arrays", "complex": "by the complex step",
             "ball": "with proven digits", "native": "in machine code", "python": "in Python with math alone"}
#: The namespaces' functions that were made from spellings, as (namespace, name): a row that takes another's place for a while
#: needs them made anew.
_made: list[tuple[dict[str, Any], str]] = []


def spelled(name: str, back_end: str, xp: Any, make: Callable[[Any, Operation], Callable[..., Any]]) -> Callable[..., Any]:
    """The function that rules call ``name`` on the namespace ``xp``.

    ``make(spelling, row)`` turns the spelling of a primitive into the namespace's function, which is kept in the namespace.
    Raises AttributeError where no row has the name, and GradcalcError where the row has no spelling for the back end.
    """
    row = operations.named(name)
    if row is None:
        raise AttributeError(f"{name!r} is no operation of the table")
    if row.spelled is None:
        return partial(row.value, xp)
    found = make(demanded(row, back_end), row)
    vars(xp)[name] = found
    _made.append((vars(xp), name))
    return found


def demanded(row: Operation, back_end: str) -> Any:
    """The row's spelling for a back end. Raises GradcalcError where it has none."""
    spelling = None if row.spelled is None else getattr(row.spelled, back_end)
    if spelling is None or spelling == BY_HAND:  # a function by hand would have been found before it was asked for
        raise unsupported(row, back_end)
    return spelling


def unsupported(row: Operation, back_end: str) -> GradcalcError:
    """The error for an operation that a back end does not have."""
    return error("unsupported", f"'{row.function}' cannot be computed {BACK_ENDS[back_end]}: the back end {back_end!r} has no "
                 "function for it", hint="leave the operation out, or choose another way to compute")


def imported(path: str) -> Any:
    """What a dotted name such as ``"math.log"`` stands for.

    Raises GradcalcError where the module has no such name, and ImportError where it is not installed.
    """
    module, _, name = path.rpartition(".")
    return member(import_module(module), name)


def member(home: Any, name: str) -> Any:
    """What a module or a class has under a name. Raises GradcalcError where it has nothing."""
    try:
        return getattr(home, name)
    except AttributeError as problem:
        raise error("operation", f"a row is spelled {name!r}, and {home.__name__} has nothing of that name",
                    hint="correct the spelling in the row") from problem


def forget() -> None:
    """Let the functions that were made from spellings be made anew."""
    for namespace, name in _made:
        namespace.pop(name, None)
    _made.clear()
