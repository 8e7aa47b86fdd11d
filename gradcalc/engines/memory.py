"""Memory for large results, used again once nobody holds an array of it any more.

A fresh array of millions of numbers costs more than what is written to it: the system hands out its pages one by one, zeroed.
Nobody can tell such an array from another; what is sliced from it keeps it alive.
"""

import math
from typing import Any

import numpy as np

#: Arrays of fewer numbers are not worth it, and no more bytes than that are kept for later.
WORTH, KEPT = 2**15, 2**28
#: The bytes of a line of the cache.
LINE = 64
_spare: dict[int, Any] = {}


class _Lease:
    """Holds memory for the arrays that are made of it, and gives it back with the last of them."""

    __slots__ = ("__array_interface__", "_memory")

    def __init__(self, memory: Any) -> None:
        self._memory = memory
        self.__array_interface__ = memory.__array_interface__

    def __del__(self, spare: dict[int, Any] = _spare) -> None:
        spare[id(self._memory)] = self._memory
        # Other threads give back and take away meanwhile.
        while sum(memory.nbytes for memory in tuple(spare.values())) > KEPT:
            for oldest in tuple(spare)[:1]:
                spare.pop(oldest, None)


def aligned(count: int) -> Any:
    """An array of so many numbers that begins with a line of the cache, so that no vector of it is in two of them."""
    memory = np.empty(count + LINE // 8)
    first = -memory.__array_interface__["data"][0] % LINE // 8
    return memory[first:first + count]


def array(shape: tuple[int, ...]) -> Any:
    """An array of this shape, whose entries are anything."""
    count = math.prod(shape)
    if count < WORTH:
        return aligned(count).reshape(shape)
    for memory in tuple(_spare.values()):
        # Another thread may have taken it meanwhile.
        if memory.size == count and _spare.pop(id(memory), None) is not None:
            return np.asarray(_Lease(memory)).reshape(shape)
    return np.asarray(_Lease(aligned(count))).reshape(shape)
