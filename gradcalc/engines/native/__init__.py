"""The native engine: the code as machine code, made by LLVM when a program is compiled (llvmlite)."""

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np

from gradcalc.engines.code import Code
from gradcalc.engines.memory import aligned
from gradcalc.engines.native.instructions import unknown
from gradcalc.engines.native.module import LONGEST, NAME, module
from gradcalc.engines.native.target import host, machine_code
from gradcalc.engines.workers import share

#: A thread should have so many steps to do, counted for each of its points.
GRAIN = 2**18
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
        self._made_of = code, longest
        source, slots = module(code, target, longest)
        self._owner = machine_code(source, target)
        self._kernel = SIGNATURE(self._owner.get_function_address(NAME))
        self._lanes, self._slots = target.lanes, slots
        self._table = ctypes.c_int64 * (2 * len(code.inputs) + len(code.results))
        self._grain = max(GRAIN // max(code.operations(), 1), 8 * target.lanes)

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process, and a copy, compile the code again."""
        return Native, self._made_of

    def run(self, columns: Sequence[Any], results: Sequence[Any]) -> int:
        """Fill the results, one number a point, and say by flags whether some input or result is not finite.

        A column is an array of as many numbers, or of the one number of an input that all points share.
        """
        count, lanes = len(results[0]), self._lanes
        if count < lanes:
            return self._few(columns, results, count)
        whole = [np.full(lanes, column[0]) if len(column) < count else column for column in columns]
        table = self._table(*(array.__array_interface__["data"][0] for array in (*whole, *results)),
                            *(-(len(column) == count) for column in columns))
        return share(count, self._grain, lambda first, last: self._call(first, last, table, whole, results))

    def _few(self, columns: Sequence[Any], results: Sequence[Any], count: int) -> int:
        """Fewer points than a vector has numbers: the last is there several times."""
        padded = np.empty((len(columns) + len(results), self._lanes))
        for row, column in zip(padded, columns, strict=False):
            row[:len(column)] = column
            row[len(column):] = column[-1]
        first, line = padded.__array_interface__["data"][0], 8 * self._lanes
        table = self._table(*range(first, first + len(padded) * line, line), *[0] * len(columns))
        flags = self._call(0, self._lanes, table, padded)
        for row, result in zip(padded[len(columns):], results, strict=True):
            result[:] = row[:count]
        return flags

    def _call(self, first: int, last: int, table: Any, *_: Any) -> int:
        """The kernel on a range of points. What the table points to is named too: it is there as long as a thread reads it."""
        if not self._slots:
            return int(self._kernel(first, last, table, None))
        memory = aligned(self._slots * self._lanes)
        return int(self._kernel(first, last, table, memory.__array_interface__["data"][0]))
