"""Each step as LLVM instructions on vectors, or as a call of the platform's mathematics.

A choice between two values is a selection. No arithmetic is contracted or reordered: it is NumPy's to the last bit.
"""

import math
import struct
from collections.abc import Sequence

from gradcalc.diagnostics import GradcalcError
from gradcalc.engines.code import Code
from gradcalc.engines.native.target import Target
from gradcalc.engines.steps import MASK, SELECT, Step
from gradcalc.graph.namespaces.spelling import demanded
from gradcalc.graph.operations import TABLE

#: How the steps on masks are written, and the choice between two numbers.
MASKED = {"lt": "compare olt", "le": "compare ole", "eq": "compare oeq", "and": "combine and", "or": "combine or",
          "not": "opposite", SELECT: "choice"}
#: The forms that call a function of the C library.
CALLING = ("call", "remainder")


def form(step: Step) -> tuple[str, str]:
    """How a step is written: the form and what it is of. Raises GradcalcError where the row has no machine code."""
    written = MASKED.get(step.op) or demanded(TABLE[step.op], "native")
    kind, _, name = str(written).partition(" ")
    return kind, name


def calls(step: Step) -> bool:
    """Whether a step calls a function of the C library."""
    return bool(step.args) and form(step)[0] in CALLING


def unknown(code: Code, target: Target) -> list[str]:
    """The operations that there is no machine code for, or no function on this platform."""
    found = set()
    for step in {step.op: step for step in code.steps if step.args}.values():
        try:
            kind, name = form(step)
        except GradcalcError:
            found.add(TABLE[step.op].function)
            continue
        if not hasattr(Emitter, kind) or (kind in CALLING and not target.has(name)):
            found.add(TABLE[step.op].function)
    return sorted(found)


class Emitter:
    """The lines of a module, and the functions that they call."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.numbers, self.masks = f"<{target.lanes} x double>", f"<{target.lanes} x i1>"
        self.lines: list[str] = []
        self.called: dict[str, list[str]] = {}
        self._count = 0

    def put(self, text: str, name: str | None = None) -> str:
        """An instruction; the name of its result, a new one where none is given."""
        if name is None:
            self._count += 1
            name = f"%t{self._count}"
        self.lines.append(f"  {name} = {text}")
        return name

    def number(self, value: float) -> str:
        """The vector of this number; every NaN is the same."""
        bits = struct.pack("<d", math.nan if math.isnan(value) else value)
        return self._splat(f"double 0x{struct.unpack('<Q', bits)[0]:016X}")

    def constant(self, step: Step) -> str:
        return self._splat(f"i1 {int(step.payload)}") if step.op == MASK else self.number(step.payload)

    def _splat(self, one: str) -> str:
        return f"<{', '.join([one] * self.target.lanes)}>"

    def step(self, step: Step, args: Sequence[str], name: str) -> None:
        """A step, from the names of its operands: by the method of its form."""
        kind, of = form(step)
        getattr(self, kind)(of, args, name)

    # -- forms ---------------------------------------------------------------------------------------------------------

    def instruction(self, of: str, args: Sequence[str], name: str) -> None:
        self.put(f"{of} {self.numbers} {args[0]}, {args[1]}", name)

    def intrinsic(self, of: str, args: Sequence[str], name: str) -> None:
        self.put(self._called(f"llvm.{of}.v{self.target.lanes}f64", args), name)

    def call(self, of: str, args: Sequence[str], name: str) -> None:
        self.put(self.function(of, args), name)

    def compare(self, of: str, args: Sequence[str], name: str) -> None:
        self.put(f"fcmp {of} {self.numbers} {args[0]}, {args[1]}", name)

    def combine(self, of: str, args: Sequence[str], name: str) -> None:
        self.put(f"{of} {self.masks} {args[0]}, {args[1]}", name)

    def opposite(self, of: str, args: Sequence[str], name: str) -> None:
        self.put(f"xor {self.masks} {args[0]}, {self._splat('i1 1')}", name)

    def choice(self, of: str, args: Sequence[str], name: str) -> None:
        self.select(args[0], args[1], args[2], name)

    def negation(self, of: str, args: Sequence[str], name: str) -> None:
        self.put(f"fneg {self.numbers} {args[0]}", name)

    def sign(self, of: str, args: Sequence[str], name: str) -> None:
        x, zero = args[0], "zeroinitializer"
        below = self.select(self.mask("olt", x, zero), self.number(-1.0), x)
        self.select(self.mask("ogt", x, zero), self.number(1.0), below, name)

    def extreme(self, of: str, args: Sequence[str], name: str) -> None:
        """b where the relation holds or b is NaN, else a."""
        a, b = args
        mask = self.mask(of, a, b)
        # Of a constant it is known whether it is NaN.
        if not b.startswith("<") or b == self.number(math.nan):
            mask = self.put(f"or {self.masks} {mask}, {self.mask('uno', b, b)}")
        self.select(mask, b, a, name)

    def remainder(self, of: str, args: Sequence[str], name: str) -> None:
        """The remainder with the sign of the divisor, that of 0 too, from the one with the sign of the dividend."""
        (a, b), zero = args, "zeroinitializer"
        rest = self.put(self.function(of, (a, b)))
        apart = self.put(f"xor {self.masks} {self.mask('olt', rest, zero)}, {self.mask('olt', b, zero)}")
        moved = self.put(f"and {self.masks} {apart}, {self.mask('one', rest, zero)}")
        found = self.select(moved, self.put(f"fadd {self.numbers} {rest}, {b}"), rest)
        self.put(self._called(f"llvm.copysign.v{self.target.lanes}f64", (found, b)), name)

    # -- parts of them -------------------------------------------------------------------------------------------------

    def mask(self, relation: str, a: str, b: str) -> str:
        return self.put(f"fcmp {relation} {self.numbers} {a}, {b}")

    def select(self, mask: str, a: str, b: str, name: str | None = None) -> str:
        return self.put(f"select {self.masks} {mask}, {self.numbers} {a}, {self.numbers} {b}", name)

    # -- functions -----------------------------------------------------------------------------------------------------

    def function(self, name: str, args: Sequence[str]) -> str:
        """The call of a function: the platform's for vectors, or of its function for single numbers, one after the other."""
        wide = self.target.vectorised(name, len(args))
        if wide:
            return self._called(wide, args, self.target.convention)
        helper = f"each_{name}"
        if helper not in self.called:
            self.called[helper] = self._one_by_one(helper, name, len(args))
        return self._call(helper, args)

    def _called(self, name: str, args: Sequence[str], convention: str = "") -> str:
        self.called[name] = [f"declare {convention}{self.numbers} @{name}({', '.join([self.numbers] * len(args))})"]
        return self._call(name, args, convention)

    def _call(self, name: str, args: Sequence[str], convention: str = "") -> str:
        return f"call {convention}{self.numbers} @{name}({', '.join(f'{self.numbers} {argument}' for argument in args)})"

    def _one_by_one(self, helper: str, name: str, count: int) -> list[str]:
        """A function on vectors that calls the one on numbers for each."""
        parameters = ", ".join(f"{self.numbers} %x{k}" for k in range(count))
        lines = [f"declare double @{name}({', '.join(['double'] * count)})",
                 f"define internal {self.numbers} @{helper}({parameters}) noinline #0 {{"]
        last = "undef"
        for lane in range(self.target.lanes):
            for k in range(count):
                lines.append(f"  %e{lane}_{k} = extractelement {self.numbers} %x{k}, i64 {lane}")
            operands = ", ".join(f"double %e{lane}_{k}" for k in range(count))
            lines.append(f"  %y{lane} = call double @{name}({operands})")
            lines.append(f"  %z{lane} = insertelement {self.numbers} {last}, double %y{lane}, i64 {lane}")
            last = f"%z{lane}"
        return [*lines, f"  ret {self.numbers} {last}", "}"]
