"""gradcalc: derivatives of formulas, with the numbers that they are made of.

>>> import gradcalc
>>> result = gradcalc.parse("e = (a + b)*(b + 1)").diff(wrt="b", at={"a": 2, "b": 1})
>>> result.value, result.gradient
(6.0, {'b': 5.0})

The names below are imported when they are first used, so that the command line starts quickly. Every function of the
language is here too, for nodes: ``gradcalc.tanh(x)``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradcalc.building.executor import Executor
    from gradcalc.building.nodes import Node, gradients, operation, variable
    from gradcalc.diagnostics import Diagnostic, ExitStatus, GradcalcError, Span
    from gradcalc.evaluators import Can, Evaluator
    from gradcalc.graph.operations.operation import Operation
    from gradcalc.language.reading.limits import Limits
    from gradcalc.program.comparison import compare
    from gradcalc.program.program import Program, parse
    from gradcalc.questions.answers import (
        Answer,
        Check,
        Checked,
        Comparison,
        Counterexample,
        ModeReport,
        Products,
        Request,
        Result,
        Row,
    )

__version__ = "0.1.0"

_HOMES = {
    "gradcalc.building.executor": ("Executor",),
    "gradcalc.building.nodes": ("Node", "gradients", "operation", "variable"),
    "gradcalc.diagnostics": ("Diagnostic", "ExitStatus", "GradcalcError", "Span"),
    "gradcalc.evaluators": ("Can", "Evaluator"),
    "gradcalc.graph.operations.operation": ("Operation",),
    "gradcalc.language.reading.limits": ("Limits",),
    "gradcalc.program.comparison": ("compare",),
    "gradcalc.program.program": ("Program", "parse"),
    "gradcalc.questions.answers": ("Answer", "Check", "Checked", "Comparison", "Counterexample", "ModeReport", "Products",
                                   "Request", "Result", "Row"),
}

__all__ = ["Answer", "Can", "Check", "Checked", "Comparison", "Counterexample", "Diagnostic", "Evaluator", "Executor",
           "ExitStatus", "GradcalcError", "Limits", "ModeReport", "Node", "Operation", "Products", "Program", "Request",
           "Result", "Row", "Span", "compare", "gradients", "operation", "parse", "variable"]


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)
    if not name.startswith("_"):
        from gradcalc.building.nodes import named

        return named(name)
    raise AttributeError(f"module 'gradcalc' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__all__]
