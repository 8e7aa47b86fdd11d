"""The same arrays in single precision: every result is one of 32 bits.

An operator on such arrays keeps the precision, and so does a number of Python's beside them; what a function makes of numbers
alone is rounded.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from gradcalc.graph.namespaces import arrays


class Single:
    """The namespace ``arrays`` in 32 bits."""

    nan = np.float32(arrays.nan)
    pi = np.float32(arrays.pi)
    ranked = True
    epsilon = float(np.finfo(np.float32).eps)
    silent = staticmethod(arrays.silent)
    gate = staticmethod(arrays.gate)
    same = staticmethod(arrays.same)
    reach = staticmethod(arrays.reach)
    finite = staticmethod(arrays.finite)
    plain = staticmethod(arrays.plain)
    places = staticmethod(arrays.places)
    no_class = staticmethod(arrays.no_class)
    first_not_finite = staticmethod(arrays.first_not_finite)
    entry = staticmethod(arrays.entry)

    def ready(self, value: Any) -> bool:
        return arrays.ready(value, np.float32)

    def units(self, shape: tuple[int, ...]) -> Iterator[Any]:
        return (np.asarray(unit, dtype=np.float32)[()] for unit in arrays.units(shape))

    def __getattr__(self, name: str) -> Any:
        function = getattr(arrays, name)

        def rounded(*args: Any) -> Any:
            found = function(*args)
            return np.asarray(found, dtype=np.float32)[()] if found.dtype != np.float32 else found

        setattr(self, name, rounded)
        return rounded


single = Single()
