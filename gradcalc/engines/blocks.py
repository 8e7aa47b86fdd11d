"""The NumPy engine: the code run step by step on blocks of points that stay in the processor's cache."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradcalc.engines.code import Code
from gradcalc.engines.plans import Plan, Planner
from gradcalc.engines.steps import NOT_FINITE_INPUT, NOT_FINITE_RESULT
from gradcalc.engines.workers import share
from gradcalc.graph.namespaces import arrays

#: Fewer points are not worth a thread.
GRAIN = 2**14


class Blocks:
    """The engine for one code. It has a plan for each set of inputs that are one number for all points."""

    name = "numpy"

    def __init__(self, code: Code) -> None:
        self._code = code
        self._plans: dict[frozenset[int], Plan] = {}
        self._spare: dict[frozenset[int], list[list[Any]]] = {}

    def run(self, columns: Sequence[Any], results: Sequence[Any]) -> int:
        """Fill the results, one number a point, and say by flags whether some input or result is not finite.

        A column is an array of as many numbers, or of the one number of an input that all points share.
        """
        shared = frozenset(place for place, column in enumerate(columns) if len(column) == 1)
        if shared not in self._plans:
            self._spare[shared] = []
            self._plans[shared] = Planner(self._code, shared).plan()
        plan, spare = self._plans[shared], self._spare[shared]
        if not all(np.isfinite(columns[place][0]) for place in shared):
            return NOT_FINITE_INPUT

        def work(first: int, last: int) -> int:
            buffers = spare.pop() if spare else plan.buffers()
            with arrays.silent():
                flags = _run(plan, buffers, columns, results, first, last)
            spare.append(buffers)
            return flags

        return share(len(results[0]), GRAIN, work)


def _run(plan: Plan, buffers: list[Any], columns: Sequence[Any], results: Sequence[Any], first: int, last: int) -> int:
    """The points from ``first`` to before ``last``, block by block, in registers with these buffers."""
    registers, flags = list(buffers), 0
    own = [(place, column) for place, column in enumerate(columns) if len(column) > 1]
    for place, column in enumerate(columns):
        registers[place] = column
    for place, value in plan.constants.items():
        registers[place] = value
    for function, args, out in plan.once:
        registers[out] = np.empty(1, dtype=np.bool_ if out in plan.masks else np.float64)
        function(*[registers[place] for place in args], out=registers[out])
    for start in range(first, last, plan.block):
        end = min(start + plan.block, last)
        if end - start < plan.block:
            for place in plan.scratch:
                registers[place] = buffers[place][:end - start]
        for place, column in own:
            registers[place] = column[start:end]
            if not np.isfinite(registers[place]).all():
                return NOT_FINITE_INPUT
        for place, result in enumerate(results, len(columns)):
            registers[place] = result[start:end]
        for function, args, out in plan.each:
            function(*[registers[place] for place in args], out=registers[out])
        if not flags and not all(np.isfinite(result[start:end]).all() for result in results):
            flags = NOT_FINITE_RESULT
    return flags
