"""What a compiled function takes and gives: names, shapes, buffers, errors, and what is undefined."""

import copy
import gc
import math
import pickle
from fractions import Fraction

import numpy as np
import pytest

import gradcalc
from gradcalc.engines import memory
from gradcalc.engines.plans import LONGEST
from gradcalc.graph.namespaces import scalars

ENGINES = pytest.mark.parametrize("engine", ["numpy", "native"])
FORMULA = "exp(-((x-m)^2)/(2*s^2))/(s*sqrt(2*pi))*sin(x*m) + log(1+s^2*x^2)"


def points(count: int, seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {name: rng.uniform(0.5, 2.0, count) for name in "xms"}


@ENGINES
def test_single_numbers_give_single_numbers(engine: str) -> None:
    f = gradcalc.parse("x^2*y").compile(engine=engine)
    assert f.inputs == ("x", "y")
    assert f.wrt == ("x", "y")
    assert f.engine == engine
    assert f.notes == ()
    value, gradient = f(x=3, y=2.0)
    assert (value, gradient) == (18.0, {"x": 12.0, "y": 9.0})
    assert type(value) is float
    assert f({"x": np.float32(3.0), "y": np.array(2)}) == (18.0, {"x": 12.0, "y": 9.0})
    assert f({"x": 3}, y=2) == (18.0, {"x": 12.0, "y": 9.0})


@ENGINES
@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, LONGEST - 1, LONGEST, LONGEST + 1, 100_003])
def test_every_number_of_points(engine: str, count: int) -> None:
    f = gradcalc.parse(FORMULA).compile(engine=engine)
    given = points(count)
    value, gradient = f(given)
    assert {array.shape for array in (value, *gradient.values())} == {(count,)}
    for k in {0, count // 2, count - 2, count - 1} if count > 1 else range(count):
        one, slopes = f({name: float(column[k]) for name, column in given.items()})
        assert [value[k], *(slope[k] for slope in gradient.values())] == pytest.approx([one, *slopes.values()], rel=1e-13)


def test_a_point_does_not_depend_on_where_it_stands() -> None:
    f = gradcalc.parse(FORMULA).compile(engine="native")
    given = points(100_003)
    whole = f(given)
    for first, last in ((0, 13), (5, 6), (99_990, 100_003), (17, 90_000)):
        part = f({name: column[first:last] for name, column in given.items()})
        assert np.array_equal(part[0], whole[0][first:last])
        assert all(np.array_equal(part[1][name], whole[1][name][first:last]) for name in "xms")


@ENGINES
def test_a_number_is_that_of_every_point(engine: str) -> None:
    f = gradcalc.parse(FORMULA).compile(engine=engine)
    given = points(1000)
    for single in (["s"], ["x", "m"]):
        numbers = {name: 0.75 if name in single else column for name, column in given.items()}
        arrays = {name: np.full(1000, 0.75) if name in single else column for name, column in given.items()}
        (value, gradient), (expected, slopes) = f(numbers), f(arrays)
        np.testing.assert_allclose(value, expected, rtol=1e-14)
        for name in "xms":
            np.testing.assert_allclose(gradient[name], slopes[name], rtol=1e-12)


@ENGINES
def test_shapes_and_kinds_of_arrays(engine: str) -> None:
    f = gradcalc.parse("x*y + z").compile(engine=engine)
    grid = np.arange(12.0).reshape(3, 4)
    value, gradient = f(x=grid, y=grid.T.copy().T, z=1)
    assert value.tolist() == (grid * grid + 1).tolist()
    assert gradient["x"].tolist() == grid.tolist()
    assert f(x=[1, 2], y=(3, 4), z=np.array([True, False]))[0].tolist() == [4.0, 8.0]
    assert f(x=np.arange(20)[::2], y=np.float32(0.5), z=np.arange(10, dtype=np.int8))[0].tolist() == list(range(0, 20, 2))


@ENGINES
def test_results_that_are_inputs_constants_or_each_other(engine: str) -> None:
    f = gradcalc.parse("x*y + z + w").compile(engine=engine)
    x, y = np.arange(5.0), np.arange(5.0) + 1
    value, gradient = f(x=x, y=y, z=0.0, w=0.0)
    assert value.tolist() == (x * y).tolist()
    assert gradient["x"].tolist() == y.tolist()
    assert gradient["z"].tolist() == gradient["w"].tolist() == [1.0] * 5
    gradient["z"][0] = 7.0
    gradient["x"][0] = 7.0
    assert (gradient["w"][0], y[0]) == (1.0, 1.0)


@ENGINES
def test_no_inputs_and_intermediate_names(engine: str) -> None:
    assert gradcalc.parse("1 + 2").compile(engine=engine)() == (3.0, {})
    f = gradcalc.parse("c = a*b\nd = c^2\nc + d").compile(wrt="c,a", engine=engine)
    assert f.wrt == ("c", "a")
    assert f(a=2.0, b=3.0) == (42.0, {"c": 13.0, "a": 39.0})
    g = gradcalc.parse("c = a*b\nd = c^2 + e").compile(of="c", engine=engine)
    assert g.inputs == ("a", "b")
    h = gradcalc.parse("c = a*b\nd = c^2 + e").compile(of="c", wrt="e", engine=engine)
    assert h(a=2.0, b=3.0) == (6.0, {"e": 0.0})
    assert [note.code for note in h.notes] == ["independent"]


@ENGINES
def test_results_are_written_to_earlier_ones(engine: str) -> None:
    f = gradcalc.parse("x^2*y").compile(engine=engine)
    out = f(x=np.ones(50_000), y=np.ones(50_000))
    x = np.linspace(0.0, 1.0, 50_000)
    again = f(x=x, y=2.0, out=out)
    assert again is out
    assert out[0].tolist() == (x * x * 2.0).tolist()
    assert out[1]["y"].tolist() == (x * x).tolist()


@ENGINES
def test_results_that_cannot_be_written_to(engine: str) -> None:
    f = gradcalc.parse("x^2*y").compile(engine=engine)
    value, gradient = f(x=np.ones(10), y=np.ones(10))
    frozen = value.copy()
    frozen.flags.writeable = False
    for out in ((value[:9], gradient), (value, {"x": gradient["x"]}), (value, {**gradient, "z": value}), (frozen, gradient),
                (value.astype(np.float32), gradient), (value, {"x": value, "y": gradient["y"]}), 3, (1.0, {"x": 1., "y": 1.})):
        with pytest.raises(gradcalc.GradcalcError, match="out="):
            f(x=np.ones(10), y=np.ones(10), out=out)
    with pytest.raises(gradcalc.GradcalcError, match="share memory"):
        f(x=value, y=1.0, out=(value, gradient))
    with pytest.raises(gradcalc.GradcalcError, match="single numbers"):
        f(x=1.0, y=1.0, out=(value, gradient))


@ENGINES
def test_names_and_values_that_make_no_sense(engine: str) -> None:
    f = gradcalc.parse("rate*time").compile(engine=engine)
    for given, message in (({"rate": 1.0}, "no value for 'time'.*time=…"), ({}, "'rate', 'time'"),
                           ({"rate": 1.0, "tim": 1.0}, "no input 'tim'; did you mean 'time'"),
                           ({"rate": 1.0, "time": 1.0, "x": 2.0}, "no input 'x'; the inputs are rate, time"),
                           ({"rate": [1.0, 2.0], "time": [1.0]}, "'rate' has 2 points, and 'time' has 1 point;"),
                           ({"rate": np.ones((2, 2)), "time": np.ones(2)}, r"points of shape \[2, 2\]"),
                           ({"rate": [1.0, math.nan], "time": 1.0}, "'rate' is not a finite number at point 1: nan"),
                           ({"rate": math.inf, "time": 1.0}, "'rate' is not a finite number: inf")):
        with pytest.raises(gradcalc.GradcalcError, match=message):
            f(given)
    for value in ("1", None, [[1.0], [1.0, 2.0]], 1j, [10**400], [None], object()):
        with pytest.raises(gradcalc.GradcalcError, match="'rate' is no number or array of numbers"):
            f(rate=value, time=1.0)


@ENGINES
def test_numbers_of_every_kind(engine: str) -> None:
    f = gradcalc.parse("x*y").compile(engine=engine)
    assert f(x=10**20, y=Fraction(1, 2)) == (5e19, {"x": 0.5, "y": 1e20})
    assert f(x=[10**20, Fraction(1, 4)], y=2)[0].tolist() == [2e20, 0.5]


class Table:
    """Columns by their names, as a data frame has them: no Mapping, and neither true nor false."""

    def keys(self) -> list[str]:
        return ["x", "y"]

    def __getitem__(self, name: str) -> np.ndarray:
        return np.arange(3.0)

    def __bool__(self) -> bool:
        raise ValueError("it is ambiguous")


@ENGINES
def test_what_has_names_and_what_has_none(engine: str) -> None:
    f = gradcalc.parse("x*y").compile(engine=engine)
    assert f(Table())[0].tolist() == [0.0, 1.0, 4.0]
    assert f({}, x=1, y=2)[0] == 2.0
    for given in (np.ones(2), np.ones(0), 3.0, [1.0, 2.0]):
        with pytest.raises(gradcalc.GradcalcError, match=r"what is given has no names; give x=… .* packed"):
            f(given)
    g = gradcalc.parse("x*out").compile(engine=engine)
    assert g({"x": 2, "out": 3})[0] == 6.0
    with pytest.raises(gradcalc.GradcalcError, match="no value for 'out'; give it in a dict, for out= is where results go"):
        g(x=2, out=3)


class Row(np.ndarray):
    """An array of one row, whatever its shape is asked to be."""

    def reshape(self, *shape: object) -> np.ndarray:
        return np.asarray(self).reshape(1, -1)


@ENGINES
@pytest.mark.parametrize("count", [6, 60])
def test_results_are_written_to_arrays_of_other_classes(engine: str, count: int) -> None:
    f = gradcalc.parse("x*y").compile(engine=engine)
    x = np.arange(float(count)).reshape(1, count)
    out = (np.zeros((1, count)).view(Row), {"x": np.zeros((1, count)).view(Row), "y": np.zeros((1, count))})
    value, gradient = f(x=x, y=2.0, out=out)
    assert value.tolist() == (2.0 * x).tolist()
    assert gradient["x"].tolist() == [[2.0] * count]
    assert gradient["y"].tolist() == x.tolist()


@ENGINES
def test_a_function_goes_to_other_processes(engine: str) -> None:
    f = gradcalc.parse("exp(x)*y").compile(engine=engine)
    given = {"x": np.arange(20.0), "y": 2.0}
    for other in (pickle.loads(pickle.dumps(f)), copy.deepcopy(f)):
        assert other.engine == engine
        assert other(given)[0].tolist() == f(given)[0].tolist()


@ENGINES
@pytest.mark.parametrize("wrong", [0, 70, 99_999])
def test_an_input_that_is_not_finite_is_found_anywhere(engine: str, wrong: int) -> None:
    f = gradcalc.parse(FORMULA).compile(engine=engine)
    given = points(100_000)
    given["m"][wrong] = -math.inf
    with pytest.raises(gradcalc.GradcalcError, match=f"'m' is not a finite number at point {wrong}: -inf"):
        f(given)


def test_what_cannot_be_compiled() -> None:
    with pytest.raises(gradcalc.GradcalcError, match="computed with arrays"):
        gradcalc.parse("sum(x)").compile()
    with pytest.raises(gradcalc.GradcalcError, match="no engine 'fast'; there are auto, numpy, native"):
        gradcalc.parse("x").compile(engine="fast")
    with pytest.raises(gradcalc.GradcalcError, match="no name 'y'"):
        gradcalc.parse("x").compile(wrt="y")
    with pytest.raises(gradcalc.GradcalcError, match="no node"):
        gradcalc.parse("x").compile(of="y")


@ENGINES
def test_what_is_undefined_is_not_finite(engine: str) -> None:
    f = gradcalc.parse("log(x)").compile(engine=engine)
    value, gradient = f(x=[1.0, -1.0, 0.0, 2.0])
    assert np.isnan(value[1])
    assert value[2] == -math.inf
    assert np.isfinite(value[[0, 3]]).all()
    assert gradient["x"][[0, 3]].tolist() == [1.0, 0.5]


@ENGINES
def test_only_the_branch_that_is_taken_counts(engine: str) -> None:
    x = np.array([-2.0, -1e-300, 0.0, 1e-300, 4.0])
    value, gradient = gradcalc.parse("where(x > 0, sqrt(x), 0)").compile(engine=engine)(x=x)
    assert value.tolist() == [0.0, 0.0, 0.0, math.sqrt(1e-300), 2.0]
    assert gradient["x"].tolist() == [0.0, 0.0, 0.0, 0.5 / math.sqrt(1e-300), 0.25]
    value, gradient = gradcalc.parse("where(x == 0, 1, sin(x)/x)").compile(engine=engine)(x=x)
    assert np.isfinite([value, gradient["x"]]).all()
    assert (value[2], gradient["x"][2]) == (1.0, 0.0)
    value, gradient = gradcalc.parse("y = where(x > 0, log(x), -log(-x)); where(x == 0, 0, y*y)").compile(engine=engine)(x=x)
    assert np.isfinite([value, gradient["x"]]).all()


@ENGINES
def test_an_undefined_condition_decides_nothing(engine: str) -> None:
    x = np.array([-1.0, 1.0])
    for text, expected in (("where(log(x) > -5, 1, 2)", [math.nan, 1.0]), ("log(x) < 1 or x < 0", [1.0, 1.0]),
                           ("log(x) < 1 and x < 0", [math.nan, 0.0]), ("not (log(x) > 0)", [math.nan, 1.0]),
                           ("log(x) == log(x)", [math.nan, 1.0]), ("max(log(x), 0)", [math.nan, 0.0]),
                           ("min(0, log(x))", [math.nan, 0.0]), ("sign(log(x))", [math.nan, 0.0]),
                           ("relu(log(x))", [math.nan, 0.0]), ("(x > 0) + (x < 5)*2", [2.0, 3.0]),
                           ("where(log(x), 5, 6)", [math.nan, 6.0]), ("heaviside(log(x))", [math.nan, 0.5])):
        value, _ = gradcalc.parse(text).compile(engine=engine)(x=x)
        np.testing.assert_array_equal(value, expected, text)


@ENGINES
def test_kinks_take_the_mean_and_zero_wins(engine: str) -> None:
    zeros = np.zeros(3)
    for text, slope in (("abs(x)", 0.0), ("relu(x)", 0.5), ("max(x, 2*x)", 1.5), ("min(x, 0)", 0.5), ("clip(x, 0, 1)", 0.5)):
        assert gradcalc.parse(text).compile(engine=engine)(x=zeros)[1]["x"].tolist() == [slope] * 3, text
    assert gradcalc.parse("x^n").compile(engine=engine, wrt="x")(x=zeros, n=zeros)[1]["x"].tolist() == [0.0] * 3


@ENGINES
def test_exact_cancellation_stays_exact(engine: str) -> None:
    """A product and a sum in one rounding, or a reciprocal for a division, would leave a little."""
    x = np.random.default_rng(0).uniform(0.5, 2.0, 1000)
    value, _ = gradcalc.parse("sqrt(x*x - y*y)").compile(wrt=[], engine=engine)(x=x, y=x.copy())
    assert not value.any()
    whole = np.arange(1.0, 1001.0)
    value, gradient = gradcalc.parse("floor(x/y) + 1/y").compile(engine=engine)(x=whole, y=whole)
    assert (value == 1.0 + 1.0 / whole).all()
    assert np.isfinite(gradient["y"]).all()


@ENGINES
@pytest.mark.parametrize("exponent", [-4, -3, -2.5, -2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 0.25])
def test_powers(engine: str, exponent: float) -> None:
    base = np.array([0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 1e-100, -1e-100, 1e100, 0.3, 7.0, 1e-160, 1e160])
    value, _ = gradcalc.parse(f"x^({exponent})").compile(wrt=[], engine=engine)(x=base)
    np.testing.assert_allclose(value, [scalars.pow(float(x), exponent) for x in base], rtol=4 * 2.0**-52, atol=1e-319)
    infinite, _ = gradcalc.parse(f"(x*1e200)^({exponent})").compile(wrt=[], engine=engine)(x=[1e300, -1e300])
    np.testing.assert_array_equal(infinite, [scalars.pow(x, exponent) for x in (math.inf, -math.inf)])


def test_memory_is_used_again_only_when_nobody_holds_it() -> None:
    f = gradcalc.parse("x*2").compile(engine="numpy")
    x = np.arange(100_000.0)
    value, gradient = f(x=x)
    kept = value[10:20]
    address = value.ctypes.data
    del value, gradient
    gc.collect()
    for _ in range(5):
        assert f(x=x + 1.0)[0].ctypes.data != address
    assert kept.tolist() == [2.0 * k for k in range(10, 20)]
    del kept
    gc.collect()
    held = [f(x=x) for _ in range(8)]
    assert all(result[0].tolist() == (2.0 * x).tolist() for result in held)


def test_memory_that_other_threads_take_meanwhile() -> None:
    class Taken(dict[int, np.ndarray]):
        """Too much is there when it is counted, and gone afterwards."""

        counted = 0

        def values(self) -> list[np.ndarray]:  # type: ignore[override]
            self.counted += 1
            self.clear()
            return [np.broadcast_to(0.0, memory.KEPT)] if self.counted == 1 else []

    spare = Taken()
    memory._Lease(np.zeros(10)).__del__(spare)
    assert spare.counted == 2


def test_it_shows_what_it_is() -> None:
    assert repr(gradcalc.parse("x*y").compile(engine="numpy")) == "<compiled function of x, y (numpy)>"
