"""Complex step: the derivative from the values alone, without a difference and so without its error.

For a function that is analytic and real on the real axis, f(x + ih) = f(x) + ih f'(x) + O(h^2), so f'(x) is the imaginary
part over h. Nothing is subtracted, so h may be as small as numbers go (Martins, Sturdza and Alonso, The Complex-Step
Derivative Approximation, ACM TOMS 29, 2003). This mode never reads the table's partials.
"""

import math

from gradcalc.evaluators import Can
from gradcalc.evaluators.cost import of_values
from gradcalc.evaluators.perturbation import Perturbation
from gradcalc.graph import sweeps
from gradcalc.graph.namespaces import complexes, scalars
from gradcalc.results import Answer, Request


class ComplexStep:
    """One evaluation in complex numbers for each name."""

    name = "complex"
    summary = "a tiny imaginary step for each input; exact, and independent of the derivative rules"
    can = Can.EXACT | Can.INDEPENDENT

    def differentiate(self, request: Request, /) -> Answer:
        assert request.point is not None
        primal = sweeps.values(request.graph, request.order, request.point, scalars)
        gradient, rows = {}, 0
        for name, node in request.wrt.items():
            output = Perturbation(request, primal, node)
            gradient[name] = 0.0
            if output.arrives:
                step = _step(primal[node])
                gradient[name] = output(complex(primal[node], step), complexes).imag / step
                rows += output.rows
        operations = of_values(request.graph, request.order) + rows if request.counted else None
        return Answer(primal[request.root], gradient, operations, primal=primal)


def _step(x: float) -> float:
    """A power of two about 1e-181 times x.

    So small that its square underflows: x*x at 0 then has the real part 0 and not -h^2, and no choice falls otherwise
    than it does at x. Not so small that a derivative of 1e-100 underflows beside it; and below 1 in any case, for the sine of
    a huge number.
    """
    _, exponent = math.frexp(x)
    return math.ldexp(1.0, min(-100, exponent - 40, max(exponent - 600, -950)))
