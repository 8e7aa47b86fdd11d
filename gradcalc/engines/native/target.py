"""The machine that code is made for: how many numbers it computes at once, and which mathematics the platform has for so many.

On Linux with glibc that is libmvec, whose functions are at most 4 units in the last place off; their names say for which
instructions and how many numbers they are made (``_ZGVeN8v_exp``). What is not in it is called number by number.
"""

import platform
from functools import cache
from typing import Any, NamedTuple

import llvmlite.binding as llvm

#: For each processor the instructions that it takes, best first: the feature, the prefix of such functions, the width.
WIDTHS = {"x86_64": (("avx512f", "_ZGVeN8", 8), ("avx2", "_ZGVdN4", 4), ("sse2", "_ZGVbN2", 2)),
          "aarch64": (("neon", "_ZGVnN2", 2),)}
#: Where the mathematics is, if it is not in the process already.
SCALAR, VECTOR = ("libm.so.6", "ucrtbase.dll"), "libmvec.so.1"


class Target(NamedTuple):
    """``lanes`` is how many numbers there are in a vector, ``convention`` how functions that take vectors are called."""

    lanes: int
    prefix: str
    convention: str
    triple: str
    features: str

    def vectorised(self, function: str, arity: int) -> str | None:
        """The function for vectors; None where the platform has none."""
        name = f"{self.prefix}{'v' * arity}_{function}"
        return name if self.prefix and llvm.address_of_symbol(name) else None

    def has(self, function: str) -> bool:
        """Whether the platform has the function for single numbers."""
        return bool(llvm.address_of_symbol(function))


@cache
def host() -> Target:
    """The machine that this runs on."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    for library in (VECTOR, *SCALAR):
        try:
            llvm.load_library_permanently(library)
        except RuntimeError:
            continue
    triple = llvm.get_process_triple()
    processor = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    known = llvm.get_host_cpu_features()
    features = known.flatten()
    for feature, prefix, lanes in WIDTHS.get(processor, ()):
        if known.get(feature) or lanes == 2:
            wide = ",-prefer-256-bit" if lanes == 8 else ""
            return Target(lanes, prefix, "aarch64_vector_pcs " if processor == "aarch64" else "", triple, features + wide)
    return Target(2, "", "", triple, features)


def machine_code(source: str, target: Target) -> Any:
    """The execution engine that holds a module's machine code. Raises RuntimeError where LLVM refuses it."""
    module = llvm.parse_assembly(source)
    # The text is made in its final form, so that only instructions are left to be chosen.
    machine = llvm.Target.from_triple(target.triple).create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=target.features, opt=2, jit=True)
    module.triple, module.data_layout = target.triple, str(machine.target_data)
    engine = llvm.create_mcjit_compiler(module, machine)
    engine.finalize_object()
    return engine
