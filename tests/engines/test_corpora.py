"""Formulas from elsewhere at a hundred points each, on both engines, against one point at a time."""

import numpy as np
import pytest

import gradcalc
from tests import corpora

FORMULAS = corpora.formulas()[::5]


@pytest.mark.skipif(not FORMULAS, reason=corpora.MISSING)
@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_formulas_at_many_points(engine: str) -> None:
    compared = 0
    for number, formula in enumerate(FORMULAS):
        program = gradcalc.parse(formula.expression)
        rng = np.random.default_rng(number)
        points = {name: value * rng.uniform(0.9, 1.1, 100) for name, value in formula.at.items()}
        for column, value in zip(points.values(), formula.at.values(), strict=True):
            column[0] = value
        f = program.compile(engine=engine)
        value, gradient = f(points)
        for k in range(0, 100, 9):
            at = {name: float(column[k]) for name, column in points.items()}
            try:
                one = program.diff(at=at, trace=False)
            except gradcalc.GradcalcError:
                assert not np.isfinite([value[k], *(slope[k] for slope in gradient.values())]).all(), (formula.name, at)
                continue
            if k == 0:
                assert abs(value[0] - float(formula.value)) <= 1e-10 * abs(float(formula.value)), formula.name
            scale = max(1.0, abs(one.value), *map(abs, one.gradient.values()))
            assert abs(value[k] - one.value) <= 1e-11 * scale, (formula.name, at)
            for name, slope in one.gradient.items():
                assert abs(gradient[name][k] - slope) <= 1e-10 * max(abs(slope), scale), (formula.name, name, at)
            compared += 1
    assert compared > len(FORMULAS)
