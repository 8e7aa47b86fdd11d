"""JSON: one object on one line, in which every number that is not finite is a string."""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from gradcalc.render import Style, View


def lines(view: View, style: Style) -> Iterator[str]:
    yield line(view.data(style))


def line(data: Mapping[str, Any]) -> str:
    """The object as a line of JSON. A bare NaN would be no JSON, and jq turns Infinity into 1.8e308."""
    try:
        return json.dumps(data, ensure_ascii=False, allow_nan=False)
    except ValueError:
        return json.dumps(_spelt(data), ensure_ascii=False, allow_nan=False)


def _spelt(data: Any) -> Any:
    """The same data with strings for the numbers that are not finite. It is as deep as an answer is, a few levels."""
    if isinstance(data, float):
        from gradcalc.render.numbers import number

        return data if math.isfinite(data) else number(data)
    if isinstance(data, Mapping):
        return {key: _spelt(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_spelt(value) for value in data]
    return data
