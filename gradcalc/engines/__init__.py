"""Engines: what runs a program's value and derivatives at many points at once, and which of them does.

This module decides what can be compiled and chooses the engine. ``code`` records what engines run;
``blocks`` runs it with NumPy, ``native`` as machine code; ``point_function`` is what the user calls.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Literal, get_args

from gradcalc.diagnostics import Diagnostic, error
from gradcalc.engines.code import Code, record, record_kinks
from gradcalc.graph.shape_inference import has_arrays
from gradcalc.graph.tape import Graph
from gradcalc.language.reading.names import quoted
from gradcalc.questions.question import Subject

if TYPE_CHECKING:
    from gradcalc.engines.point_function import Compiled, Engine

Choice = Literal["auto", "numpy", "native"]
#: Beyond so many operations machine code takes long to make, and is made only where it is asked for.
LARGE = 30_000
INSTALL = "pip install 'gradcalc[native]'"


def compiled(subject: Subject, wrt: str | Iterable[str] | None, engine: Choice, of: str | None,
             settle: Callable[[dict[str, float]], Sequence[float] | None]) -> "Compiled":
    """The function of many points that a program is. Raises GradcalcError for names that make no sense and for arrays.

    ``settle`` gives the value and the derivatives at a point where several kinks meet; None where they are undefined.
    """
    from gradcalc.engines.point_function import Compiled, Rare

    if engine not in get_args(Choice):
        raise error("option", f"there is no engine {quoted(str(engine))}", hint=f"there are {', '.join(get_args(Choice))}")
    request, outputs, _, notes = subject.question(wrt, None, None if of is None else [of])
    graph = request.graph
    if has_arrays(graph, request.order):
        name = next(iter(outputs))
        raise error("shape", f"{quoted(name)} is computed with arrays, and a compiled function takes numbers",
                    hint="for arrays there are nodes and the Executor", source=subject.text)
    code = record(graph, request.root, request.wrt)
    chosen, remarks = _engine(code, engine)
    counted = record_kinks(graph, request.root, request.wrt)
    rare = Rare(partial(exact, graph, request.root, request.wrt), counted and _engine(counted, engine)[0], settle)
    return Compiled(code.inputs, tuple(request.wrt), chosen, notes + remarks, rare)


def exact(graph: Graph, root: int, wrt: Mapping[str, int]) -> "Engine":
    """An engine whose results are those of the sweeps to the bit, slower than others."""
    from gradcalc.engines.blocks import Blocks

    return Blocks(record(graph, root, wrt, inexact=False))


def _engine(code: Code, choice: Choice) -> tuple["Engine", tuple[Diagnostic, ...]]:
    """The engine that was chosen, or NumPy's with a note that says why."""
    from gradcalc.engines.blocks import Blocks

    if choice == "numpy" or (choice == "auto" and code.operations() > LARGE):
        return Blocks(code), () if choice == "numpy" else (_note(f"the program has more than {LARGE:,} operations"),)
    try:
        from gradcalc.engines.native import Native, missing
    except ImportError:
        if choice == "native":
            raise error("missing", "the native engine needs llvmlite, which is not installed", hint=INSTALL) from None
        return Blocks(code), (_note("llvmlite is not installed", INSTALL),)
    lacking = missing(code)
    if lacking:
        return Blocks(code), (_note(f"there is no machine code for {', '.join(map(quoted, lacking))}"),)
    try:
        return Native(code), ()
    except RuntimeError as problem:
        return Blocks(code), (_note(f"LLVM cannot compile it here: {' '.join(str(problem).split())[:200]}"),)


def _note(reason: str, hint: str | None = None) -> Diagnostic:
    return Diagnostic("engine", f"the engine is NumPy: {reason}", hint=hint)
