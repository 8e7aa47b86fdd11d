"""Memory for large results, used again once nobody holds an array of it any more.

A fresh array of millions of numbers costs more than what is written to it: the system hands out its pages one by one, zeroed.
Nobody can tell such an array from another; what is sliced from it keeps it alive.
"""

import math
from typing import Any

import numpy as np

#: Arrays of fewer numbers are not worth it, and no more bytes than that are kept for later.
WORTH, KEPT = 2**15, 2**28
_spare: dict[int, Any] = {}


class _Lease:
    """Holds memory for the arrays that are made of it, and gives it back with the last of them."""

    __slots__ = ("__array_interface__", "_memory")

    def __init__(self, memory: Any) -> None:
        self._memory = memory
        self.__array_interface__ = memory.__array_interface__

    def __del__(self, spare: dict[int, Any] = _spare) -> None:
        spare[id(self._memory)] = self._memory
        while sum(memory.nbytes for memory in tuple(spare.values())) > KEPT:
            spare.pop(next(iter(spare)), None)


def array(shape: tuple[int, ...]) -> Any:
    """An array of this shape, whose entries are anything."""
    count = math.prod(shape)
    if count < WORTH:
        return np.empty(shape)
    for memory in tuple(_spare.values()):
        # Another thread may have taken it meanwhile.
        if memory.size == count and _spare.pop(id(memory), None) is not None:
            return np.asarray(_Lease(memory)).reshape(shape)
    return np.asarray(_Lease(np.empty(count))).reshape(shape)
