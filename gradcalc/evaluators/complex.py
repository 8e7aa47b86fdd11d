"""Complex step: the derivative from the values alone, without a difference and so without its error.

For a function that is analytic and real on the real axis, f(x + ih) = f(x) + ih f'(x) + O(h^2), so f'(x) is the
imaginary part over h. Nothing is subtracted, so h may be as small as numbers go (Martins, Sturdza and Alonso, The
Complex-Step Derivative Approximation, ACM TOMS 29, 2003). This mode never reads the table's partials.
"""

import math
from collections.abc import Callable
from typing import Any

from gradcalc.evaluators import Can, Evaluator
from gradcalc.evaluators.cost import of_values
from gradcalc.evaluators.univariate import Univariate
from gradcalc.graph import sweeps
from gradcalc.graph.namespaces import complexes
from gradcalc.questions.answers import Answer, Request

#: An imaginary part below this may have lost digits on its way to underflow.
_UNDERFLOW = math.ldexp(1.0, -960)
#: Beside a number below this there is none that is much smaller.
_SMALLEST = math.ldexp(1.0, -1040)


class ComplexStep(Evaluator):
    """One evaluation in complex numbers for each name, or for each entry of an array."""

    name = "complex"
    summary = "a tiny imaginary step for each input; exact, and independent of the derivative rules"
    can = Can.EXACT | Can.INDEPENDENT | Can.ARRAYS

    def differentiate(self, request: Request, /) -> Answer:
        point = request.point
        assert point is not None
        xp: Any = complexes
        if request.xp.ranked:
            from gradcalc.graph.namespaces import arrays

            xp = arrays  # which are real or complex, in double precision
            request = request._replace(xp=arrays)
        primal = sweeps.values(request.graph, request.order, point, request.xp)
        operations = of_values(request.graph, request.order, primal) if request.counted else None
        gradient = {}
        for name, node in request.wrt.items():
            slopes, shape = [], (request.shapes or {}).get(node, ())
            for output, x in Univariate(request, primal, node).numbers(shape):
                found, evaluations = slope(output, x, xp) if output.arrives else (0.0, 0)
                slopes.append(found)
                operations = None if operations is None else operations + output.rows * evaluations
            gradient[name] = request.xp.gathered(slopes, shape)
        return Answer(primal[request.root], gradient, operations, primal=primal)


def slope(output: Callable[[complex, Any], complex], x: float, xp: Any = complexes) -> tuple[float, int]:
    """The derivative of ``output(value, xp)`` at x, and how many evaluations it took.

    The first step is so small that its square vanishes: x*x at 0 then has the real part 0 and not -h^2, and no choice
    falls otherwise than it does at x. A derivative of 1e-173, that of exp(-x^2) at 20, has no room beside it, and is
    measured again with larger steps, of which two must agree: x*x*x at 0 gives -h^2 with each, and its derivative is 0.
    """
    found, part = _quotient(output, x, 600, xp)
    evaluations = 1
    for bits in (100, 30):
        if math.fabs(part) >= _UNDERFLOW or math.isnan(part):
            break
        larger, part = _quotient(output, x, bits, xp)
        smaller, _ = _quotient(output, x, bits + 10, xp)
        evaluations += 2
        if math.fabs(larger - smaller) <= 1e-6 * math.fabs(larger):
            found = larger
    return found, evaluations


def _quotient(output: Callable[[complex, Any], complex], x: float, bits: int, xp: Any) -> tuple[float, float]:
    """The imaginary part over the step, and by itself."""
    step = _step(x, bits)
    part = output(complex(x, step), xp).imag
    return part / step, part


def _step(x: float, bits: int) -> float:
    """A power of two: 2^-bits, times x where x is small, and small beside x unless nothing is."""
    exponent = math.frexp(x)[1] if math.fabs(x) > _SMALLEST else 0
    return math.ldexp(1.0, min(exponent - 30, max(min(exponent, 0) - bits, -950)))
