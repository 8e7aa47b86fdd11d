"""The code as the text of an LLVM module: one loop over points, which computes as many at once as a vector has numbers.

Nothing is left to a vectoriser, so that a point's results do not depend on where in an array it stands. Long code becomes
several functions, because a compiler's time grows faster than a function's length; what one leaves for another passes through
memory that the loop uses again for every vector.
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from gradcalc.engines.code import Code
from gradcalc.engines.native.instructions import Emitter, calls
from gradcalc.engines.native.target import Target
from gradcalc.engines.steps import CONST, INPUT, MASK, MASKS, NOT_FINITE_INPUT, NOT_FINITE_RESULT

#: So many steps are in a function.
LONGEST = 400
NAME = "points"


class Module(NamedTuple):
    """The text, and how many vectors are left in memory between its functions."""

    source: str
    slots: int


def module(code: Code, target: Target, longest: int) -> Module:
    """The code's module, with the function ``NAME`` (first, last, table, memory), which says by flags whether some input or
    result is not finite.

    The table holds the addresses of the inputs and of the results, then for each input -1, or 0 where one number is there for
    all points. There must be at least as many points as a vector has numbers: the last vector ends at the last point.
    """
    text = _Text(code, target, longest)
    if len(text.parts) == 1:
        text.loop(None)
    else:
        for number in range(len(text.parts)):
            text.section(number)
        text.loop([f"  call void @part{number}(i64 %i, ptr %table, ptr %memory)" for number in range(len(text.parts))])
    width = 64 * target.lanes
    # A vector that is kept on the stack during a call should not be in two lines of the cache.
    attributes = (f'attributes #0 = {{ nounwind alignstack={width // 8} '
                  f'"min-legal-vector-width"="{width}" "prefer-vector-width"="{width}" }}')
    lines = [*text.lines, *(line for lines in text.called.values() for line in lines), attributes]
    return Module("\n".join(lines) + "\n", text.slots)


class _Text(Emitter):
    def __init__(self, code: Code, target: Target, longest: int) -> None:
        super().__init__(target)
        self.code = code
        steps = len(code.steps)
        self.parts = [range(first, last) for first, last in pairwise([*range(0, max(steps, 1), longest), steps])]
        self.results: dict[int, list[int]] = {}
        for number, place in enumerate(code.results):
            self.results.setdefault(place, []).append(number)
        #: The results in registers, of which the loop looks whether they are finite.
        self.finite: list[str] = []
        self.slot: dict[int, int] = {}
        self.slots = self._allot() if len(self.parts) > 1 else 0

    def _allot(self) -> int:
        """Give what one function leaves for another a slot until its last reader; how many that takes."""
        home = [part for part, steps in enumerate(self.parts) for _ in steps]
        last: dict[int, int] = {}
        for place, step in enumerate(self.code.steps):
            for argument in step.args:
                if home[argument] < home[place] and self.code.steps[argument].op not in (INPUT, CONST, MASK):
                    last[argument] = home[place]
        ending: list[list[int]] = [[] for _ in self.parts]
        for place, part in last.items():
            ending[part].append(place)
        free: list[int] = []
        size = 0
        for part, steps in enumerate(self.parts):
            for place in steps:
                if place in last:
                    if not free:
                        free.append(size)
                        size += 1
                    self.slot[place] = free.pop()
            free += [self.slot[place] for place in ending[part]]
        return size

    # -- functions -----------------------------------------------------------------------------------------------------

    def loop(self, calls: list[str] | None) -> None:
        """The function that goes through the points; a vector's work is the calls, or without any all of the code."""
        code, numbers, lanes = self.code, self.numbers, self.target.lanes
        self.lines += [f"define i64 @{NAME}(i64 %first, i64 %last, ptr %table, ptr %memory) #0 {{", "entry:"]
        self._addresses(range(len(code.inputs)), range(len(code.results)) if calls is None else ())
        self.put(f"sub i64 %last, {lanes}", "%stop")
        self.lines += ["  br label %loop", "loop:"]
        self.put("phi i64 [ %first, %entry ], [ %next, %loop ]", "%i")
        self.put(f"phi {numbers} [ zeroinitializer, %entry ], [ %seen, %loop ]", "%before")
        self.put(f"phi {numbers} [ zeroinitializer, %entry ], [ %made, %loop ]", "%found")
        self._check()
        if calls is None:
            self._part(self.parts[0])
        else:
            self.lines += calls
        self._sum("%found", self.finite, "%made")
        self.put(f"add i64 %i, {lanes}", "%ahead")
        self.put("icmp slt i64 %ahead, %stop", "%room")
        self.put("select i1 %room, i64 %ahead, i64 %stop", "%next")
        self.put("icmp slt i64 %i, %stop", "%more")
        self.lines += ["  br i1 %more, label %loop, label %end", "end:"]
        inputs, results = self._flag("%seen", NOT_FINITE_INPUT), self._flag("%made", NOT_FINITE_RESULT)
        if calls is not None:  # the functions keep their results to themselves
            results = str(NOT_FINITE_RESULT)
        self.lines += [f"  ret i64 {self.put(f'or i64 {inputs}, {results}')}", "}"]

    def _flag(self, total: str, flag: int) -> str:
        """The flag where one number of the vector is NaN, else 0."""
        nan = self.put(f"fcmp uno {self.numbers} {total}, zeroinitializer")
        bits = self.put(f"bitcast {self.masks} {nan} to i{self.target.lanes}")
        any_is = self.put(f"icmp ne i{self.target.lanes} {bits}, 0")
        return self.put(f"select i1 {any_is}, i64 {flag}, i64 0")

    def _sum(self, total: str, values: Iterable[str], name: str) -> None:
        """The total with a 0 added for each finite number; a number less itself is NaN if it is not finite."""
        for value in values:
            total = self.put(f"fadd {self.numbers} {total}, {self.put(f'fsub {self.numbers} {value}, {value}')}")
        self.put(f"fadd {self.numbers} {total}, zeroinitializer", name)

    def section(self, number: int) -> None:
        """One of several functions that share the code."""
        steps = self.parts[number]
        inputs = {self.code.steps[argument].payload for place in steps for argument in (place, *self.code.steps[place].args)
                  if self.code.steps[argument].op == INPUT}
        results = [result for place in steps for result in self.results.get(place, ())]
        self.lines.append(f"define internal void @part{number}(i64 %i, ptr %table, ptr %memory) noinline #0 {{")
        self._addresses(sorted(inputs), results)
        for place in sorted(inputs):
            self._load(place)
        self._part(steps)
        self.lines += ["  ret void", "}"]

    def _addresses(self, inputs: Iterable[int], results: Iterable[int]) -> None:
        """Where inputs and results begin, and which inputs move on from point to point."""
        first, size = len(self.code.inputs), len(self.code.inputs) + len(self.code.results)
        for place in inputs:
            self.put(f"load ptr, ptr {self.put(f'getelementptr i64, ptr %table, i64 {place}')}", f"%in{place}")
            self.put(f"load i64, ptr {self.put(f'getelementptr i64, ptr %table, i64 {size + place}')}", f"%moves{place}")
        for number in results:
            self.put(f"load ptr, ptr {self.put(f'getelementptr i64, ptr %table, i64 {first + number}')}", f"%out{number}")

    def _check(self) -> None:
        """Read the inputs."""
        for place in range(len(self.code.inputs)):
            self._load(place)
        self._sum("%before", [f"%x{place}" for place in range(len(self.code.inputs))], "%seen")

    def _load(self, place: int) -> None:
        index = self.put(f"and i64 %i, %moves{place}")
        self.put(f"load {self.numbers}, ptr {self.put(f'getelementptr double, ptr %in{place}, i64 {index}')}, align 8",
                 f"%x{place}")

    # -- the code ------------------------------------------------------------------------------------------------------

    def _part(self, steps: range) -> None:
        """These steps, what they read of others before them, and what they leave behind."""
        there: dict[int, str] = {}
        for place in self._calls_first(steps):
            step = self.code.steps[place]
            if step.args:
                operands = [there.get(argument) or self._read(argument, there) for argument in step.args]
                there[place] = f"%v{place}"
                self.step(step, operands, there[place])
            elif place in self.results:
                self._read(place, there)
            for number in self.results.get(place, ()):
                address = self.put(f"getelementptr double, ptr %out{number}, i64 %i")
                self.lines.append(f"  store {self.numbers} {there[place]}, ptr {address}, align 8")
            if step.args and place in self.results and len(self.parts) == 1:
                self.finite.append(there[place])
            if place in self.slot:
                kept = there[place] if step.op not in MASKS else self.select(there[place], self.number(1.0), self.number(0.0))
                self.lines.append(f"  store {self.numbers} {kept}, ptr {self._memory(place)}, align 8")

    def _calls_first(self, steps: range) -> list[int]:
        """The steps in an order in which little lives across a call, which saves every register: calls with what they need,
        then the rest."""
        early = bytearray(len(steps))
        for place in reversed(steps):
            step = self.code.steps[place]
            if early[place - steps.start] or calls(step):
                early[place - steps.start] = 1
                for argument in step.args:
                    if argument >= steps.start:
                        early[argument - steps.start] = 1
        return sorted(steps, key=lambda place: not early[place - steps.start])

    def _read(self, place: int, there: dict[int, str]) -> str:
        """The name of what another function, an input or a constant provides."""
        step = self.code.steps[place]
        if step.op == INPUT:
            there[place] = f"%x{step.payload}"
        elif not step.args:
            there[place] = self.constant(step)
        else:
            there[place] = self.put(f"load {self.numbers}, ptr {self._memory(place)}, align 8")
            if step.op in MASKS:
                there[place] = self.mask("one", there[place], "zeroinitializer")
        return there[place]

    def _memory(self, place: int) -> str:
        return self.put(f"getelementptr {self.numbers}, ptr %memory, i64 {self.slot[place]}")
