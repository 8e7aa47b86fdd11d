"""Each step as LLVM instructions on vectors, or as a call of the platform's mathematics.

A choice between two values is a selection. No arithmetic is contracted or reordered: it is NumPy's to the last bit.
"""

import math
import struct
from collections.abc import Sequence

from gradcalc.engines.code import Code
from gradcalc.engines.native.target import Target
from gradcalc.engines.steps import MASK, ROW, SELECT, Step

ARITHMETIC = {"add": "fadd", "sub": "fsub", "mul": "fmul", "div": "fdiv"}
INTRINSICS = {"sqrt": "sqrt", "abs": "fabs", "floor": "floor", "ceil": "ceil", "round": "rint"}
COMPARISONS = {"lt": "olt", "le": "ole", "eq": "oeq"}
#: Functions that a platform has.
FUNCTIONS = frozenset({"cbrt", "exp", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "asin", "acos", "atan",
                       "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "erfc", "pow", "atan2", "hypot", "fmod"})
#: The function that a step calls where it is not named after it.
CALLS = {"mod": "fmod"}


def unknown(code: Code, target: Target) -> list[str]:
    """The operations that there are no instructions for, and no function on this platform."""
    found = set()
    for op, _, payload in code.steps:
        function = CALLS.get(op, op)
        if op == ROW:
            found.add(str(payload))
        elif function in FUNCTIONS and not target.has(function):
            found.add(op)
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

    def step(self, op: str, args: Sequence[str], name: str) -> None:
        """A step, from the names of its operands."""
        numbers, masks, x = self.numbers, self.masks, args[0]
        if op in ARITHMETIC:
            self.put(f"{ARITHMETIC[op]} {numbers} {x}, {args[1]}", name)
        elif op in INTRINSICS:
            self.put(self._called(f"llvm.{INTRINSICS[op]}.v{self.target.lanes}f64", args), name)
        elif op in COMPARISONS:
            self.put(f"fcmp {COMPARISONS[op]} {numbers} {x}, {args[1]}", name)
        elif op == "neg":
            self.put(f"fneg {numbers} {x}", name)
        elif op in ("and", "or"):
            self.put(f"{op} {masks} {x}, {args[1]}", name)
        elif op == "not":
            self.put(f"xor {masks} {x}, {self._splat('i1 1')}", name)
        elif op == SELECT:
            self.select(x, args[1], args[2], name)
        elif op in ("max", "min"):
            self._extreme("olt" if op == "max" else "ogt", x, args[1], name)
        elif op == "sign":
            below = self.select(self.compare("olt", x, "zeroinitializer"), self.number(-1.0), x)
            self.select(self.compare("ogt", x, "zeroinitializer"), self.number(1.0), below, name)
        elif op == "mod":
            self._remainder(x, args[1], name)
        else:
            self.put(self.function(op, args), name)

    def compare(self, relation: str, a: str, b: str) -> str:
        return self.put(f"fcmp {relation} {self.numbers} {a}, {b}")

    def select(self, mask: str, a: str, b: str, name: str | None = None) -> str:
        return self.put(f"select {self.masks} {mask}, {self.numbers} {a}, {self.numbers} {b}", name)

    def _extreme(self, relation: str, a: str, b: str, name: str) -> None:
        """b where the relation holds or b is NaN, else a."""
        mask = self.compare(relation, a, b)
        # Of a constant it is known whether it is NaN.
        if not b.startswith("<") or b == self.number(math.nan):
            mask = self.put(f"or {self.masks} {mask}, {self.compare('uno', b, b)}")
        self.select(mask, b, a, name)

    def _remainder(self, a: str, b: str, name: str) -> None:
        """The remainder with the sign of the divisor, that of 0 too, from the one with the sign of the dividend."""
        rest = self.put(self.function("fmod", (a, b)))
        zero = "zeroinitializer"
        apart = self.put(f"xor {self.masks} {self.compare('olt', rest, zero)}, {self.compare('olt', b, zero)}")
        moved = self.put(f"and {self.masks} {apart}, {self.compare('one', rest, zero)}")
        found = self.select(moved, self.put(f"fadd {self.numbers} {rest}, {b}"), rest)
        self.put(self._called(f"llvm.copysign.v{self.target.lanes}f64", (found, b)), name)

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
