"""The activation functions of neural networks."""

from collections.abc import Callable
from typing import Any

from gradcalc.graph.operations.operation import Facts, Operation

LEAK = 0.01


def _sided(slope: float) -> Callable[..., Any]:
    """The tangent of a function that has this slope below 0 and 1 above it, on the side to which x moves."""

    def sided(xp: Any, y: Any, x: Any, t: Any) -> Any:
        above = xp.where(xp.equal(x, 0.0), xp.greater(t, 0.0), xp.greater(x, 0.0))
        return xp.where(above, t, slope * t)

    return sided


ROWS = (
    # y * sigmoid(-x) and not y * (1 - y), whose second factor has lost its digits where y is near 1.
    Operation("sigmoid", ("x",), lambda xp, x: xp.divide(1.0, 1.0 + xp.exp(-x)),
              (lambda xp, y, x: y * xp.sigmoid(-x),),
              "1/(1 + exp(-x))", latex=r"\sigma", facts=Facts(vanishes=True, fresh=True)),
    Operation("relu", ("x",), lambda xp, x: xp.maximum(x, 0.0),
              (lambda xp, y, x: xp.heaviside(x),),
              "max(x, 0)", kink="x == 0", sided=_sided(0.0), facts=Facts(exact=True, fresh=True)),
    Operation("leaky_relu", ("x",), lambda xp, x: xp.maximum(x, LEAK * x),
              (lambda xp, y, x: LEAK + (1.0 - LEAK) * xp.heaviside(x),),
              f"x where x > 0, else {LEAK}*x", kink="x == 0", sided=_sided(LEAK), facts=Facts(fresh=True)),
    Operation("elu", ("x",), lambda xp, x: xp.maximum(x, 0.0) + xp.expm1(xp.minimum(x, 0.0)),
              (lambda xp, y, x: xp.exp(xp.minimum(x, 0.0)),),
              "x where x > 0, else exp(x) - 1", facts=Facts(fresh=True)),
    Operation("softplus", ("x",), lambda xp, x: xp.logaddexp(x, 0.0),
              (lambda xp, y, x: xp.sigmoid(x),),
              "log(1 + exp(x)) without overflow", facts=Facts(vanishes=True, fresh=True)),
    # Hendrycks and Gimpel 2016, the exact form: x times the normal distribution function.
    Operation("gelu", ("x",), lambda xp, x: 0.5 * x * xp.erfc(-x / xp.sqrt(2.0)),
              (lambda xp, y, x: xp.erfc(-x / xp.sqrt(2.0)) / 2.0 + x * xp.exp(-x * x / 2.0) / xp.sqrt(2.0 * xp.pi),),
              "x times the normal distribution function at x", facts=Facts(fresh=True)),
    Operation("silu", ("x",), lambda xp, x: xp.divide(x, 1.0 + xp.exp(-x)),
              (lambda xp, y, x: xp.sigmoid(x) + y * xp.sigmoid(-x),),
              "x*sigmoid(x)", facts=Facts(fresh=True)),
)
