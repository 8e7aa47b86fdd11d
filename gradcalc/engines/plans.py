"""The NumPy engine's plan for a code: which function makes each step, and where its result is kept.

What depends on nothing but inputs that all points share is done once. Every other step has a register of its own or one that
nobody reads any more, often that of an operand; results are computed in their place.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from gradcalc.engines.code import Code
from gradcalc.engines.steps import INPUT, MASKS, SELECT, Step
from gradcalc.graph.namespaces import arrays
from gradcalc.graph.namespaces.arrays.entrywise import ufunc
from gradcalc.graph.operations import TABLE

#: A block is no longer than this, nor than its buffers fit into the cache, in numbers; but if that would make it too short to
#: be worth a step, the buffers may be as large as memory allows.
LONGEST, CACHED, WORTH, ROOM = 2**14, 2**18, 2**12, 2**23
#: NumPy's functions for the steps on masks that are no row's.
MASKED = {"and": np.logical_and, "or": np.logical_or, "not": np.logical_not}


class Action(NamedTuple):
    """A function of registers, and the register that it fills."""

    function: Callable[..., Any]
    args: tuple[int, ...]
    out: int


class Plan(NamedTuple):
    """What is done, on numbered registers: first the inputs, then the results, then what is constant or a buffer.

    ``once`` is done before the first block, ``each`` on every block. ``masks`` are the registers that hold masks, ``scratch``
    those that are buffers.
    """

    size: int
    constants: dict[int, Any]
    once: list[Action]
    each: list[Action]
    scratch: list[int]
    masks: frozenset[int]
    block: int

    def buffers(self) -> list[Any]:
        """Registers whose buffers are there."""
        registers: list[Any] = [None] * self.size
        for place in self.scratch:
            registers[place] = np.empty(self.block, dtype=np.bool_ if place in self.masks else np.float64)
        return registers


class Planner:
    """Gives every step of a code its register; ``shared`` are the inputs that are one number for all points."""

    def __init__(self, code: Code, shared: frozenset[int]) -> None:
        self.code = code
        self.fixed = self.size = len(code.inputs) + len(code.results)
        self.registers: list[int] = []
        self.constants: dict[int, Any] = {}
        self.masks: set[int] = set()
        self.scratch: set[int] = set()
        self.free: dict[bool, list[int]] = {False: [], True: []}
        self.varies = bytearray(len(code.steps))
        for place, (op, args, payload) in enumerate(code.steps):
            self.varies[place] = (op == INPUT and payload not in shared) or any(self.varies[argument] for argument in args)

    def plan(self) -> Plan:
        code, last = self.code, self._last_readers()
        results = {place: len(code.inputs) + k for k, place in reversed(list(enumerate(code.results)))}
        once: list[Action] = []
        each: list[Action] = []
        for place, step in enumerate(code.steps):
            if step.op == INPUT:
                self.registers.append(step.payload)
                continue
            args = tuple([self.registers[argument] for argument in step.args])
            if not self.varies[place]:
                self.registers.append(self._new(step.op in MASKS))
                if step.args:
                    once.append(Action(_function(step), args, self.registers[-1]))
                else:
                    self.constants[self.registers[-1]] = np.array(step.payload)
                continue
            dying = {self.registers[argument] for argument in step.args if last[argument] == place} & self.scratch
            out = results[place] if place in results else self._buffer(step, dying)
            for register in dying - {out}:
                self.free[register in self.masks].append(register)
            self.registers.append(out)
            each.append(Action(_function(step), args, out))
        each += [Action(np.positive, (self.registers[place],), len(code.inputs) + k) for k, place in enumerate(code.results)
                 if self.registers[place] != len(code.inputs) + k]
        width = self.fixed + len(self.scratch)
        block = max(min(LONGEST, CACHED // width), min(WORTH, ROOM // width), 1)
        return Plan(self.size, self.constants, once, each, sorted(self.scratch), frozenset(self.masks), block)

    def _last_readers(self) -> list[int]:
        last = [-1] * len(self.code.steps)
        for place, step in enumerate(self.code.steps):
            for argument in step.args:
                last[argument] = place
        return last

    def _new(self, masked: bool) -> int:
        self.size += 1
        if masked:
            self.masks.add(self.size - 1)
        return self.size - 1

    def _buffer(self, step: Step, dying: set[int]) -> int:
        """A register for the step: an operand's that dies with it, one that is free, or a new one."""
        masked = step.op in MASKS
        for register in dying if step.op == SELECT or step.op in MASKED or ufunc(TABLE[step.op]) else ():
            if (register in self.masks) == masked:
                return register
        if self.free[masked]:
            return self.free[masked].pop()
        self.scratch.add(self._new(masked))
        return self.size - 1


def _function(step: Step) -> Callable[..., Any]:
    """What computes a step: called with the operands, and the array to fill."""
    if step.op == SELECT:
        return _select
    if step.op in MASKED:
        return MASKED[step.op]
    row = TABLE[step.op]
    found: Callable[..., Any] | None = ufunc(row)
    return found or partial(_copied, row.value, step.payload or ())


def _select(mask: Any, a: Any, b: Any, out: Any) -> None:
    out[...] = np.where(mask, a, b)


def _copied(value: Callable[..., Any], settings: tuple[Any, ...], *operands: Any, out: Any) -> None:
    out[...] = value(arrays, *operands, *settings)
