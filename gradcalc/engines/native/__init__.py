"""The native engine: the code as machine code, made by LLVM when a program is compiled (llvmlite)."""

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np

from gradcalc.engines.native.instructions import unknown
from gradcalc.engines.native.target import host, machine_code
from gradcalc.engines.native.text import LONGEST, NAME, module
from gradcalc.engines.recording import Code
from gradcalc.engines.workers import share

#: A thread should have so many steps to do, counted for each of its points.
GRAIN = 2**19
LINE = 64
SIGNATURE = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p, ctypes.c_void_p)

__all__ = ["Native", "missing"]


def missing(code: Code) -> list[str]:
    """The operations of the code that machine code cannot be made of here."""
    return unknown(code, host())


class Native:
    """The engine for one code. Raises RuntimeError where LLVM cannot make it."""

    name = "native"

    def __init__(self, code: Code, longest: int = LONGEST) -> None:
        target = host()
        source, slots = module(code, target, longest)
        self._owner = machine_code(source, target)
        self._kernel = SIGNATURE(self._owner.get_function_address(NAME))
        self._lanes, self._slots = target.lanes, slots
        self._grain = max(GRAIN // max(code.operations(), 1), 8 * target.lanes)

    def run(self, columns: Sequence[Any], results: Sequence[Any]) -> bool:
        """Fill the results, one number a point. False where an input is not finite.

        A column is an array of as many numbers, or of the one number of an input that all points share.
        """
        count, lanes = len(results[0]), self._lanes
        if count < lanes:
            return self._few(columns, results)
        whole = [np.full(lanes, column[0]) if len(column) < count else column for column in columns]
        table = np.array([*(array.__array_interface__["data"][0] for array in (*whole, *results)),
                          *(-(len(column) == count) for column in columns)], dtype=np.int64)
        address = table.ctypes.data

        def work(first: int, last: int) -> bool:
            memory = np.empty((self._slots + 1) * lanes)
            # A vector that begins where a line of the cache does is not in two of them.
            aligned = -(-memory.ctypes.data // LINE) * LINE
            return not self._kernel(first, last, address, aligned)

        return share(count, self._grain, work)

    def _few(self, columns: Sequence[Any], results: Sequence[Any]) -> bool:
        """Fewer points than a vector has numbers: the last is there several times."""
        count, lanes = len(results[0]), self._lanes
        padded = [column if len(column) < count else np.concatenate([column, np.full(lanes - count, column[-1])])
                  for column in columns]
        found = list(np.empty((len(results), lanes)))
        finite = self.run(padded, found)
        for result, row in zip(results, found, strict=True):
            result[:] = row[:count]
        return finite
