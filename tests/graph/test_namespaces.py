"""The number systems that the rows run on: special values, and the digits of tiny imaginary parts."""

import itertools
import math

import numpy as np
import pytest

from gradcalc.graph.namespaces import arrays, complexes, scalars

INF, NAN = math.inf, math.nan
SPECIAL = [NAN, INF, -INF, 0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, 1e308, -1e308, 5e-324, 710.0, -746.0, 1.0000001]
UNARY = ["sqrt", "cbrt", "exp", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "asin", "acos", "atan",
         "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "erfc", "abs", "sign", "floor", "ceil", "round",
         "logical_not", "sigmoid", "sec"]
BINARY = ["atan2", "hypot", "divide", "pow", "remainder", "logaddexp", "maximum", "minimum", "less", "less_equal", "greater",
          "greater_equal", "equal", "not_equal", "logical_and", "logical_or"]
STEP = 1e-30
#: Exact derivatives, made with mpmath at 60 digits: the imaginary part of f(x + ih) is h times these.
SLOPES = [
    ("erf", 0.0, 1.1283791670955125739), ("erf", 0.1, 1.1171516067889369419), ("erf", 0.5, 0.87878257893544479409),
    ("erf", 1.0, 0.41510749742059470334), ("erf", 1.4999, 0.11896597247313496724), ("erf", 1.5, 0.11893028922362937153),
    ("erf", 2.0, 0.020666985354092053857), ("erf", 3.0, 0.00013925305194674785389), ("erf", 5.0, 1.5670866531017335308e-11),
    ("erf", -2.5, 0.0021782842303527097204), ("erf", 8.0, 1.8097067968559842597e-28), ("erfc", 0.3, -1.0312609096189630572),
    ("erfc", 4.0, -1.2698234671866558268e-7), ("erfc", 10.0, -4.1976562313544168901e-44),
    ("erfc", -1.0, -0.41510749742059470334), ("log1p", 1e-10, 0.99999999990000000001), ("expm1", 1e-12, 1.000000000001),
    ("cbrt", -8.0, 0.083333333333333333333), ("tanh", 20.0, 1.6993417021166355837e-17), ("atan", 1e8, 9.999999999999999e-17),
    ("asinh", -1e6, 9.999999999995e-7), ("log10", 1000.0, 0.00043429448190325182765), ("log2", 8.0, 0.18033688011112042592),
    ("sqrt", 1e-20, 5000000000.0000001371), ("cosh", 1e-9, 1.0000000000000000624e-9), ("cos", 1e-9, -1.0000000000000000621e-9),
    ("tan", 1.5, 199.85004452649245721),
]


def alike(a: float, b: float) -> bool:
    """Both NaN, the same infinity, or within a few units in the last place."""
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    return a == b or (math.isfinite(a) and math.isfinite(b) and abs(a - b) <= 8 * math.ulp(max(abs(a), abs(b))))


def near(found: float, expected: float, tolerance: float = 1e-13) -> bool:
    assert math.isfinite(found)
    return abs(found - expected) <= tolerance * abs(expected)


@pytest.mark.parametrize("name", UNARY)
def test_scalars_are_ieee(name: str) -> None:
    with arrays.silent():
        many = getattr(arrays, name)(np.array(SPECIAL)).tolist()
    ours = [getattr(scalars, name)(x) for x in SPECIAL]
    assert [(x, a, b) for x, a, b in zip(SPECIAL, ours, many, strict=True) if not alike(a, b)] == []


@pytest.mark.parametrize("name", BINARY)
def test_scalars_are_ieee_with_two_arguments(name: str) -> None:
    pairs = list(itertools.product(SPECIAL, repeat=2))
    with arrays.silent():
        many = getattr(arrays, name)(*np.array(pairs).T).tolist()
    ours = [getattr(scalars, name)(*pair) for pair in pairs]
    wrong = [(pair, a, b) for pair, a, b in zip(pairs, ours, many, strict=True) if not alike(a, b)]
    # The remainder of a finite number by an infinite one, and of huge quotients, follows Python in one and C in the other.
    assert [row for row in wrong if name != "remainder"] == []


@pytest.mark.parametrize("name", [*UNARY, *BINARY])
def test_real_parts_follow_the_scalars(name: str) -> None:
    arity = 1 if name in UNARY else 2
    for numbers in itertools.product(SPECIAL, repeat=arity):
        value = getattr(complexes, name)(*[complex(number, STEP) for number in numbers])
        assert alike(value.real, getattr(scalars, name)(*numbers)), numbers


@pytest.mark.parametrize(("name", "x", "slope"), SLOPES, ids=[f"{name}({x})" for name, x, _ in SLOPES])
@pytest.mark.parametrize("size", [2.0**-600, 2.0**-100, 2.0**-45])
def test_imaginary_parts_keep_their_digits(name: str, x: float, slope: float, size: float) -> None:
    step = size * (abs(x) or 1.0)
    assert near(getattr(complexes, name)(complex(x, step)).imag, step * slope)
    assert near(getattr(complexes, name)(complex(x, -step)).imag, -step * slope)
    assert near(getattr(arrays, name)(np.array([complex(x, step)]))[0].imag, step * slope)


@pytest.mark.parametrize(("name", "x", "slope"), [
    ("acosh", 1.0000001, 2236.0679209453089906), ("asin", 0.999999, 707.10695795314245218),
    ("acos", -0.999999, -707.10695795314245218), ("atanh", 0.9999999, 5000000.2526317917404)])
def test_near_the_edge_of_the_domain(name: str, x: float, slope: float) -> None:
    """Here x itself rounds 1 - x away, so fewer digits can be asked for."""
    assert near(getattr(complexes, name)(complex(x, STEP)).imag, STEP * slope, 1e-9)


@pytest.mark.parametrize(("y", "x", "dy", "dx"), [
    (1.0, 1e10, 1.0, 0.0), (1e10, -1.0, 0.0, 1.0), (-3.0, -4.0, 1.0, 0.0), (1e200, 1e200, 1.0, 0.0), (0.0, -2.0, 1.0, 0.0)])
def test_angle(y: float, x: float, dy: float, dx: float) -> None:
    """d atan2 = (x dy - y dx)/(x^2 + y^2), whatever the sizes."""
    found = complexes.atan2(complex(y, STEP * dy), complex(x, STEP * dx)).imag / STEP
    radius = math.hypot(x, y)
    assert near(found, (x / radius * dy - y / radius * dx) / radius)


@pytest.mark.parametrize(("a", "b", "da", "db", "expected"), [
    (-2.0, 3.0, 1.0, 0.0, 12.0), (-2.0, 2.0, 1.0, 0.0, -4.0), (-2.0, -1.0, 1.0, 0.0, -0.25),
    (2.0, 0.5, 1.0, 0.0, 0.5 / 2**0.5), (2.0, 3.0, 0.0, 1.0, 8.0 * math.log(2.0)), (0.0, 2.0, 1.0, 0.0, 0.0),
    (0.0, 1.0, 1.0, 0.0, 1.0), (1e100, 3.0, 1.0, 0.0, 3e200)])
def test_power(a: float, b: float, da: float, db: float, expected: float) -> None:
    assert near(complexes.pow(complex(a, STEP * da), complex(b, STEP * db)).imag / STEP, expected)


@pytest.mark.parametrize(("name", "args", "expected"), [
    ("abs", (0.0,), 0.0), ("abs", (-2.0,), -1.0), ("maximum", (1.0, 1.0), 0.5), ("minimum", (1.0, 1.0), 0.5),
    ("maximum", (1.0, 2.0), 0.0), ("relu", (0.0,), 0.5), ("leaky_relu", (0.0,), 0.505), ("elu", (0.0,), 1.0),
    ("clip", (0.0, 0.0, 1.0), 0.5), ("clip", (1.0, 0.0, 1.0), 0.5), ("floor", (2.5,), 0.0), ("sign", (0.0,), 0.0),
    ("remainder", (6.0, 4.0), 1.0), ("softplus", (0.0,), 0.5), ("sigmoid", (-1000.0,), 0.0), ("silu", (-1000.0,), 0.0)])
def test_slope_by_convention(name: str, args: tuple[float, ...], expected: float) -> None:
    """At a kink, the mean of the two sides; where a value overflowed on the way to a flat one, none."""
    found = getattr(complexes, name)(complex(args[0], STEP), *args[1:]).imag / STEP
    assert math.isfinite(found)
    assert abs(found - expected) <= 1e-15


@pytest.mark.parametrize(("name", "x"), [("sqrt", 0.0), ("cbrt", 0.0), ("asin", 1.0), ("acos", -1.0), ("acosh", 1.0),
                                         ("log", 0.0), ("sqrt", -1.0), ("atanh", 1.0), ("exp", 1000.0)])
def test_a_derivative_that_does_not_exist_is_not_finite(name: str, x: float) -> None:
    assert not math.isfinite(getattr(complexes, name)(complex(x, STEP)).imag)


@pytest.mark.parametrize("xp", [scalars, arrays, complexes], ids=["scalars", "arrays", "complexes"])
@pytest.mark.parametrize(("a", "b", "both", "either"), [
    (0.0, NAN, 0.0, NAN), (NAN, 0.0, 0.0, NAN), (1.0, NAN, NAN, 1.0), (NAN, 1.0, NAN, 1.0), (NAN, NAN, NAN, NAN),
    (2.0, -1.0, 1.0, 1.0), (0.0, 3.0, 0.0, 1.0), (0.0, 0.0, 0.0, 0.0)])
def test_kleene(xp, a: float, b: float, both: float, either: float) -> None:
    assert alike(complex(xp.logical_and(a, b)).real, both)
    assert alike(complex(xp.logical_or(a, b)).real, either)


def test_conditions_do_not_hide_what_is_undefined() -> None:
    x = np.array([1.0, NAN, 3.0])
    assert np.array_equal(arrays.less(x, 2.0), [1.0, NAN, 0.0], equal_nan=True)
    assert np.array_equal(arrays.where(arrays.less(x, 2.0), x, -x), [1.0, NAN, -3.0], equal_nan=True)


@pytest.mark.parametrize("xp", [scalars, arrays, complexes], ids=["scalars", "arrays", "complexes"])
def test_a_name_that_nobody_knows(xp) -> None:
    with pytest.raises(AttributeError, match="'sinn'"):
        _ = xp.sinn


def test_gates() -> None:
    assert arrays.gate(np.array([1.0, 5.0])) is True
    assert arrays.gate(np.array([0.0, NAN])) is False
    assert np.array_equal(arrays.gate(np.array([0.0, 2.0, NAN])), [0.0, 1.0, 0.0])
    assert [scalars.gate(c) for c in (1.0, 5.0, 0.0, NAN)] == [True, True, False, False]
    assert arrays.same(np.ones(2), np.ones(2))
    assert not arrays.same(np.ones(2), True)
