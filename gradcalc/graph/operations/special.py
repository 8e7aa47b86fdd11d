"""Special functions: the error function and its complement (Abramowitz and Stegun 7.1.1, 7.1.2)."""

from gradcalc.graph.operations.operation import EACH, Facts, Spelled, primitive

CONTINUED = "gradcalc.graph.namespaces.error_function"

ROWS = (
    primitive("erf", ("x",), (lambda xp, y, x: 2.0 * xp.exp(-(x * x)) / xp.sqrt(xp.pi),), "error function",
              Spelled("math.erf", EACH, f"{CONTINUED}.erf", "erf", "call erf"), Facts(bounded=True, ordered=True)),
    primitive("erfc", ("x",), (lambda xp, y, x: -2.0 * xp.exp(-(x * x)) / xp.sqrt(xp.pi),), "1 - erf(x), exact for large x",
              Spelled("math.erfc", EACH, f"{CONTINUED}.erfc", "erfc", "call erfc"),
              Facts(bounded=True, ordered=True, vanishes=True)),
)
