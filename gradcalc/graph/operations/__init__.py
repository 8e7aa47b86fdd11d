"""THE table: every operation of gradcalc, one row each. Everything that knows operations enumerates this table.

The built-in rows come from the files beside this one. Rows of other distributions come through entry points of the group
``gradcalc.operations.v1``, each of which names an Operation; they are looked for only when a name is not built in.
"""

from collections.abc import Iterator

from gradcalc.diagnostics import error
from gradcalc.graph.operations import (
    activations,
    arithmetic,
    classification,
    constructions,
    hyperbolic,
    matrices,
    multilinear,
    ordering,
    powers,
    products,
    rearrangements,
    reductions,
    scans,
    special,
    trigonometric,
)
from gradcalc.graph.operations.operation import Operation

GROUP = "gradcalc.operations.v1"

FILES = (arithmetic, powers, trigonometric, hyperbolic, special, ordering, activations, reductions, multilinear, matrices,
         classification, constructions, rearrangements, scans, products)
#: Every known row by its name. It grows when the rows of other distributions are loaded.
TABLE: dict[str, Operation] = {}
#: The rows that rules call by another name than their own, by that name.
_api: dict[str, str] = {}
#: The rows that a program calls by name, under their aliases too.
_functions: dict[str, Operation] = {}
#: The rows that take a name over from another row for their number of arguments.
_overloads: dict[tuple[str, int], Operation] = {}
_loaded = False


def _add(row: Operation) -> None:
    """Put a row into the table and make it callable by its name and aliases."""
    TABLE[row.name] = row
    if row.api is not None:
        _api[row.api] = row.name
    if row.called is not None:
        _overloads[row.called, len(row.parameters)] = row
    elif (row.parameters or row.settings) and row.symbol in (None, "@", ".T"):
        _functions.update(dict.fromkeys((row.name, *row.aliases), row))


for _rows in FILES:
    for _row in _rows.ROWS:
        _add(_row)


def register(row: Operation) -> None:
    """Add a row to the table.

    Raises GradcalcError where the table has one of its names already, where it has not a partial for each parameter, and where
    it has a kink and says nothing of its sides.
    """
    if len(row.vjps or row.partials) != len(row.parameters):
        raise error("plugin", f"the operation {row.name!r} needs a partial for each of its {len(row.parameters)} parameters",
                    hint="give one partial for each parameter, None where it is locally constant")
    if row.kink is not None and row.sided is None and row.limit is None:
        raise error("plugin", f"the operation {row.name!r} has a kink, and does not say what it does beside it",
                    hint="give 'sided', the value's tangent on either side of the kink, or 'limit', its value beside a jump")
    if (row.facts.commutes or row.facts.condition) and len(row.parameters) != 2:
        raise error("plugin", f"the facts of {row.name!r} say that it commutes or compares, and it does not have two "
                    "parameters", hint="only an operation of two arguments does")
    taken = [name for name in (row.name, *row.aliases) if name in TABLE or name in _functions]
    if taken:
        raise error("plugin", f"the operation {taken[0]!r} exists already", hint="give the new one another name")
    _add(row)


def load_plugins() -> None:
    """Add the rows of other distributions to the table, once.

    Raises GradcalcError, which names the distribution, where one cannot be loaded or takes a name that is taken.
    """
    global _loaded
    if _loaded:
        return
    _loaded = True
    from gradcalc.plugins import installed

    for plugin in installed(GROUP):
        row = plugin.load()
        if not isinstance(row, Operation):
            raise plugin.refused(f"it is a {type(row).__name__}, not an Operation")
        if TABLE.get(row.name) is not row:
            plugin.guard(register, row)


def function(name: str, count: int | None = None) -> Operation | None:
    """The row that a program calls by this name, with ``count`` arguments, or None."""
    if name not in _functions:
        load_plugins()
    return _overloads.get((name, count if count is not None else -1)) or _functions.get(name)


def named(name: str) -> Operation | None:
    """The row that a rule calls by this name on a namespace, or None."""
    return TABLE.get(_api.get(name, name))


def api_names() -> dict[str, str]:
    """The rows' names by those that rules call them by, where these are others."""
    return _api


def functions() -> Iterator[Operation]:
    """Every row that a program can call, each once, in the order of the table."""
    load_plugins()
    callable_rows = {row.name for row in (*_functions.values(), *_overloads.values())}
    return (row for name, row in TABLE.items() if name in callable_rows)


def function_names() -> list[str]:
    """Every name that a user may want to call."""
    load_plugins()
    return [name for name, row in _functions.items() if not row.auxiliary]
