"""THE table: every operation of gradcalc, one row each. Everything that knows operations enumerates this table.

The built-in rows come from the files beside this one. Rows of other distributions come through entry points of the group
``gradcalc.operations.v1``, each of which names an Operation; they are looked for only when a name is not built in.
"""

from collections.abc import Iterator

from gradcalc.diagnostics import error
from gradcalc.graph.operations import activations, arithmetic, classification, elementary, matrices, multilinear, reductions
from gradcalc.graph.operations.operation import Operation

GROUP = "gradcalc.operations.v1"

FILES = (arithmetic, elementary, activations, reductions, multilinear, matrices, classification)
#: Every known row by its name. It grows when the rows of other distributions are loaded.
TABLE: dict[str, Operation] = {row.name: row for rows in FILES for row in rows.ROWS}
#: The rows that a program calls by name, under their aliases too.
_functions: dict[str, Operation] = {}
_loaded = False


def _publish(row: Operation) -> None:
    """Make a row callable by its name and aliases."""
    if row.parameters and row.symbol in (None, "@", ".T"):
        _functions.update(dict.fromkeys((row.name, *row.aliases), row))


for _row in TABLE.values():
    _publish(_row)


def register(row: Operation) -> None:
    """Add a row to the table.

    Raises GradcalcError where the table has one of its names already, and where it has not a partial for each parameter.
    """
    if len(row.vjps or row.partials) != len(row.parameters):
        raise error("plugin", f"the operation {row.name!r} needs a partial for each of its {len(row.parameters)} parameters",
                    hint="give one partial for each parameter, None where it is locally constant")
    taken = [name for name in (row.name, *row.aliases) if name in TABLE or name in _functions]
    if taken:
        raise error("plugin", f"the operation {taken[0]!r} exists already", hint="give the new one another name")
    TABLE[row.name] = row
    _publish(row)


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


def function(name: str) -> Operation | None:
    """The row that a program calls by this name, or None."""
    if name not in _functions:
        load_plugins()
    return _functions.get(name)


def functions() -> Iterator[Operation]:
    """Every row that a program can call, each once, in the order of the table."""
    load_plugins()
    return iter(dict.fromkeys(_functions.values()))


def function_names() -> list[str]:
    """Every name that a program can call."""
    load_plugins()
    return list(_functions)
