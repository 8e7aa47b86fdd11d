"""How gradcalc's own language writes what is not an operation: numbers, the entries of arrays, indices, settings.

What is written here is what the parser reads as the same constant, key or setting.
"""

import math
from collections.abc import Sequence
from typing import Any

from gradcalc.graph.operations.operation import Operation, Setting

#: An array with more entries than this is shortened where it need not read back.
ENTRIES = 24
#: How many entries of each axis of a shortened array are written, and what stands for the others.
SHOWN, OTHERS = 3, "…"
#: The most characters of a shortened array.
LONGEST = 200


def number(value: float) -> str:
    """A number as the language writes it: whole without a point, else with the fewest digits that read back as it."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e16 else repr(value)


def entry(value: float) -> str:
    """A number in an array, where a negative zero has its sign too."""
    return "-" + number(-value) if math.copysign(1.0, value) < 0 else number(value)


def entries(value: Any) -> str:
    """The entries of a constant array. An array has few axes, so that the depth is not a program's."""
    return entry(value) if isinstance(value, float) else f"[{', '.join(map(entries, value))}]"


def shortened(value: Any) -> str:
    """The entries of a constant array, or the first and the last ones of a large one."""
    if _count(value) <= ENTRIES:
        return entries(value)
    written = _shortened(value)
    return written if len(written) <= LONGEST else written[:LONGEST - 1] + OTHERS


def _shortened(value: Any) -> str:
    if isinstance(value, float):
        return entry(value)
    layers = list(map(_shortened, value if len(value) <= 2 * SHOWN else value[:SHOWN]))
    return f"[{', '.join([*layers, OTHERS, _shortened(value[-1])] if len(value) > len(layers) else layers)}]"


def _count(value: Any) -> int:
    """The number of entries of an array, whose layers are alike."""
    count = 1
    while not isinstance(value, float):
        count *= len(value)
        value = value[0] if value else 0.0
    return count


def key(value: Sequence[Any]) -> str:
    """The text between the brackets of an index."""
    return ", ".join(map(_part_of_a_key, value))


def _part_of_a_key(part: Any) -> str:
    if isinstance(part, tuple):
        return str(list(part[0])) if len(part) == 1 else _slice(*part)
    return str(part)


def _slice(start: int | None, stop: int | None, step: int | None) -> str:
    words = ["" if bound is None else str(bound) for bound in (start, stop, step)]
    return ":".join(words if step is not None else words[:2])


def settings(row: Operation, payload: Sequence[Any] | None) -> list[tuple[str, str]]:
    """The settings of a call that differ from their defaults, by name; an index is none of them.

    Those of a call without arguments stand where these would.
    """
    if not row.parameters:
        return []
    return [(setting.name, _setting(setting, value)) for setting, value in zip(row.settings, payload or (), strict=False)
            if setting.kind != "key" and not setting.first and value != setting.default]


def leading(row: Operation, payload: Sequence[Any] | None) -> list[str]:
    """The settings of a call that stand before its arguments; where it has none, all up to the last that is not the default."""
    given = [(setting, value) for setting, value in zip(row.settings, payload or (), strict=False)]
    if row.parameters:
        return [_setting(setting, value) for setting, value in given if setting.first]
    while given and given[-1][1] == given[-1][0].default:
        given.pop()
    return [_setting(setting, value) for setting, value in given]


def _setting(setting: Setting, value: Any) -> str:
    if setting.kind == "text":
        return f'"{value}"'
    if isinstance(value, tuple):
        return str(value[0]) if len(value) == 1 and setting.kind == "axis" else _nested(value)
    return str(value)


def _nested(value: Any) -> str:
    return f"[{', '.join(map(_nested, value))}]" if isinstance(value, tuple) else str(value)


def own_key(row: Operation, payload: Sequence[Any] | None) -> Sequence[Any] | None:
    """The key of a call that is completed by one; None where there is none."""
    return next((value for setting, value in zip(row.settings, payload or (), strict=False) if setting.kind == "key"), None)
