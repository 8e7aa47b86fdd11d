"""Symbolic mode: the reverse sweep on symbols gives each derivative as a formula, which is simplified and then evaluated."""

from collections.abc import Mapping
from typing import Any

from gradcalc.diagnostics import error
from gradcalc.evaluators import Can, Evaluator
from gradcalc.evaluators.cost import of_values
from gradcalc.evaluators.reverse import gradient_of
from gradcalc.graph import sweeps
from gradcalc.graph.formulas import derivatives
from gradcalc.graph.operations.shape_rules import ShapeError
from gradcalc.language.writing.text import text
from gradcalc.questions.answers import Answer, Request


class Symbolic(Evaluator):
    """Formulas, simplified; with a point also their values. Costs what the formulas' operations cost."""

    name = "symbolic"
    summary = "the derivative as a simplified formula, evaluated where a point is given"
    can = Can.EXACT | Can.FORMULA | Can.NO_POINT | Can.ARRAYS

    def differentiate(self, request: Request, /) -> Answer:
        graph, order, point, xp = request.graph, request.order, request.point, request.xp
        try:
            formulas = derivatives(graph, request.root, request.wrt, order, inputs=point or (), shapes=request.shapes)
        except ShapeError as misfit:  # of shapes that are known in part, as they are without a point
            raise error("shape", misfit.message, graph.span(request.root), misfit.hint) from misfit
        written = {name: text(formulas.graph, root) for name, root in formulas.roots.items()}
        if point is None:
            return Answer(formula=written)
        primal = sweeps.values(graph, order, point, xp)
        labels = graph.labels()
        gradient, strained = formulas.evaluate({labels[node]: value for node, value in point.items()}, xp)
        if strained or not all(map(xp.finite, gradient.values())):
            gradient = _mended(request, primal, gradient)
        operations = of_values(graph, order, primal) + formulas.operations() if request.counted else None
        return Answer(primal[request.root], gradient, operations, written, primal)


def _mended(request: Request, primal: list[Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """What the rules say where they have a value: n*x^(n - 1) at x = n = 0 is 0 times an infinity, and -c/b^2 overflows."""
    graph, order, xp = request.graph, request.order, request.xp
    adjoints = sweeps.reverse(graph, order, primal, graph.descendants(request.wrt.values(), order), xp)
    return {name: slope if xp.finite(slope) else found[name] for name, slope in gradient_of(request, adjoints).items()}
