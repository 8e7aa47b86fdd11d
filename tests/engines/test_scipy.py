"""Compiled functions where SciPy takes functions: minimising, least squares, fitting a curve."""

import numpy as np
import pytest

import gradcalc

optimize = pytest.importorskip("scipy.optimize", reason="SciPy is not installed")
ENGINES = pytest.mark.parametrize("engine", ["numpy", "native"])


@ENGINES
def test_minimize(engine: str) -> None:
    f = gradcalc.parse("(1 - x)^2 + 100*(y - x^2)^2").compile(engine=engine)
    found = optimize.minimize(f.packed, [-1.2, 1.0], jac=True, method="BFGS")
    np.testing.assert_allclose(found.x, [1.0, 1.0], atol=1e-6)
    with pytest.raises(gradcalc.GradcalcError, match="3 values are given for the 2 inputs x, y"):
        f.packed([1.0, 2.0, 3.0])


@ENGINES
def test_least_squares(engine: str) -> None:
    f = gradcalc.parse("a*exp(-b*t) - y").compile(wrt="a,b", engine=engine)
    t = np.linspace(0.0, 4.0, 50)
    y = 2.5 * np.exp(-1.3 * t)

    def residuals(p: np.ndarray) -> np.ndarray:
        return f(a=p[0], b=p[1], t=t, y=y)[0]

    def jacobian(p: np.ndarray) -> np.ndarray:
        return np.column_stack(list(f(a=p[0], b=p[1], t=t, y=y)[1].values()))

    found = optimize.least_squares(residuals, [1.0, 1.0], jac=jacobian)
    np.testing.assert_allclose(found.x, [2.5, 1.3], rtol=1e-8)


@ENGINES
def test_curve_fit(engine: str) -> None:
    f = gradcalc.parse("a*exp(-b*t) + c").compile(wrt="a,b,c", engine=engine)
    t = np.linspace(0.0, 4.0, 50)
    found, _ = optimize.curve_fit(
        lambda t, a, b, c: f(t=t, a=a, b=b, c=c)[0], t, 2.5 * np.exp(-1.3 * t) + 0.5, p0=[1.0, 1.0, 1.0],
        jac=lambda t, a, b, c: np.column_stack(list(f(t=t, a=a, b=b, c=c)[1].values())))
    np.testing.assert_allclose(found, [2.5, 1.3, 0.5], rtol=1e-7)
