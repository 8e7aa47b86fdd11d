"""The Python interface: what a question means, and what is refused."""

import json
import math
import subprocess
import sys

import numpy as np
import pytest

import gradcalc
from gradcalc import ExitStatus, GradcalcError

NETWORK = "a1 = sigmoid(w1*x + b1); a2 = sigmoid(w2*a1 + b2); C = (a2 - y)^2"
POINT = {"w1": 0.5, "b1": 0.1, "w2": -0.4, "b2": 0.2, "x": 1.5, "y": 1.0}


def test_every_public_name_is_there() -> None:
    assert all(getattr(gradcalc, name) is not None for name in gradcalc.__all__)
    assert set(gradcalc.__all__) <= set(dir(gradcalc))
    with pytest.raises(AttributeError):
        _ = gradcalc.nothing


def test_eval_gives_every_node() -> None:
    result = gradcalc.parse("c=a+b; d=b+1; e=c*d").eval({"a": 2, "b": 1})
    assert result.value == 6.0
    assert [(row.node, row.name, row.value) for row in result.trace or ()] == [
        (0, "a", 2.0), (1, "b", 1.0), (2, "c", 3.0), (3, None, 1.0), (4, "d", 2.0), (5, "e", 6.0)]
    assert (result.gradient, result.formula, result.mode) == (None, None, None)


def test_of_chooses_the_output_and_needs_only_its_inputs() -> None:
    program = gradcalc.parse("c=a+b; d=q*b; e=c*d")
    assert program.eval({"a": 2, "b": 1}, of="c").value == 3.0
    assert program.diff(at={"a": 2, "b": 1}, of="c").gradient == {"a": 1.0, "b": 1.0}
    assert program.diff(at={"a": 2, "b": 1}, of="c").output == "c"


@pytest.mark.parametrize("mode", ["reverse", "forward", "symbolic", "complex", "finite"])
@pytest.mark.parametrize("name", ["a1", "a2", "w1", "C"])
def test_intermediate_names(mode: str, name: str) -> None:
    """What lies before the name does not move: its derivative is that of the program with the name as an input."""
    statements = NETWORK.split("; ")
    cut = next((k for k, line in enumerate(statements) if line.startswith(f"{name} =")), None)
    rest = "; ".join(statements[cut + 1:]) if cut is not None else NETWORK
    inputs = {row.name: row.value for row in gradcalc.parse(NETWORK).eval(POINT).trace or () if row.name}
    expected = 1.0 if not rest else gradcalc.parse(rest).diff(
        name, {key: value for key, value in inputs.items() if key in gradcalc.parse(rest).inputs}, "complex").gradient[name]
    found = gradcalc.parse(NETWORK).diff(name, POINT, mode).gradient
    assert found is not None
    assert math.isfinite(found[name])
    assert abs(found[name] - expected) <= (1e-8 if mode == "finite" else 1e-13)


def test_wrt_takes_text_and_lists() -> None:
    program = gradcalc.parse("a*b")
    for wrt in ("b,a", ["b", "a"], ("b", " a ")):
        assert list(program.diff(wrt, {"a": 2, "b": 3}).gradient.items()) == [("b", 2.0), ("a", 3.0)]
    assert list(program.diff(at={"b": 3, "a": 2}).gradient) == ["a", "b"]


def test_a_name_that_the_output_does_not_depend_on() -> None:
    for mode in ("reverse", "forward", "symbolic", "complex", "finite"):
        result = gradcalc.parse("u = z^2; y = x^2").diff("z,x", {"x": 3}, mode)
        assert result.gradient["z"] == 0.0
        assert abs(result.gradient["x"] - 6.0) < 1e-9
        assert [note.code for note in result.notes] == ["independent"]


def test_values_nobody_needs_are_noted() -> None:
    (note,) = gradcalc.parse("rate*2").eval({"rate": 1, "rato": 2}).notes
    assert (note.code, note.message) == ("unused", "the value of 'rato' is not needed")


def test_many_values_that_nobody_needs_are_one_note() -> None:
    at = {f"y{k}": 1.0 for k in range(1000)} | {"x": 2.0}
    (note,) = gradcalc.parse("x^2").eval(at).notes
    assert note.message.startswith("the values of 'y0', 'y1', ")
    assert note.message.endswith("'y19' and 980 more are not needed")


def test_pi_and_tau_can_be_given_another_value() -> None:
    program = gradcalc.parse("pi*r^2")
    assert program.inputs == ("r",)
    assert program.diff(at={"r": 2}).gradient == {"r": 4 * math.pi}
    for mode in ("reverse", "forward", "symbolic", "complex"):
        assert program.diff(at={"r": 2, "π": 3}, mode=mode).gradient == {"pi": 4.0, "r": 12.0}
    assert program.diff("pi", at={"r": 2}).gradient == {"pi": 4.0}


def test_only_the_branch_that_is_taken_has_a_value() -> None:
    program = gradcalc.parse("y = where(x > 0, log(x), x^2)")
    for mode in ("reverse", "forward", "symbolic", "complex", "finite"):
        result = program.diff(at={"x": -3}, mode=mode)
        assert abs(result.gradient["x"] + 6.0) < 1e-8
        rows = {row.op: row for row in result.trace or ()}
        assert rows["log"].value is None
        assert rows["log"].adjoint is None
        assert rows["pow"].value == 9.0


def test_constants_have_no_adjoint() -> None:
    rows = gradcalc.parse("y = 3*x + 2^x").diff(at={"x": 1}).trace
    assert [row.adjoint for row in rows or () if row.op == "const"] == [None, None]
    assert all(row.adjoint is not None for row in rows or () if row.op != "const")


def test_forward_mode_has_a_tangent_for_each_name() -> None:
    rows = gradcalc.parse("c=a+b; d=b+1; e=c*d").diff("a,b", {"a": 2, "b": 1}, "forward").trace
    assert rows is not None
    assert rows[-1].tangent == {"a": 2.0, "b": 5.0}
    assert rows[0].tangent == {"a": 1.0, "b": 0.0}


def test_the_trace_is_a_sequence() -> None:
    trace = gradcalc.parse("a + b + c").eval({"a": 1, "b": 2, "c": 3}).trace
    assert trace is not None
    assert len(trace) == 5
    assert [row.value for row in trace[-2:]] == [3.0, 6.0]
    assert trace[-1].expression == "a + b + c"


def test_a_power_with_a_constant_exponent_never_asks_for_a_logarithm() -> None:
    for mode in ("reverse", "forward", "symbolic", "complex", "finite"):
        assert abs(gradcalc.parse("x^2").diff(at={"x": -3}, mode=mode).gradient["x"] + 6.0) < 1e-8
    assert gradcalc.parse("x^n").diff("x", {"x": -3, "n": 2}).gradient == {"x": -6.0}


def test_a_program_is_written_in_three_languages() -> None:
    program = gradcalc.parse("c = x^2; d = sin(c)/(1 + lambda)")
    assert program.write() == "sin(x^2)/(1 + lambda)"
    assert program.write("latex") == r"\frac{\sin\left(x^{2}\right)}{1 + \lambda}"
    assert program.write("python") == "math.sin(x**2)/(1 + lambda_)"
    assert program.write(of="c") == "x^2"
    with pytest.raises(GradcalcError, match="no way to write 'fortran'"):
        program.write("fortran")  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", ["reverse", "forward", "complex", "finite"])
@pytest.mark.parametrize(("program", "at", "gradient"), [
    ("3*x^0 + 2*x^1 + x^2", {"x": 0}, {"x": 2.0}), ("x^n", {"x": 0, "n": 2}, {"x": 0.0, "n": 0.0}),
    ("x^n", {"x": -2, "n": 0}, {"x": 0.0}), ("x^3", {"x": 0}, {"x": 0.0}), ("x^-2", {"x": -2}, {"x": 0.25})])
def test_powers_at_the_edge(program: str, at: dict[str, float], gradient: dict[str, float], mode: str) -> None:
    found = gradcalc.parse(program).diff(list(gradient), at, mode).gradient
    assert found is not None
    assert all(math.isfinite(found[name]) and abs(found[name] - slope) < 1e-9 for name, slope in gradient.items())


def test_results_are_frozen_and_json_can_write_them() -> None:
    result = gradcalc.parse("x^2").diff(at={"x": 3})
    with pytest.raises(AttributeError):
        result.value = 1.0  # type: ignore[misc]
    written = json.loads(json.dumps(result.to_dict()))
    assert written["schema"] == "gradcalc/1"
    assert written["gradient"] == {"x": 6.0}
    assert written["trace"][0]["adjoint"] == 6.0


def test_a_question_leaves_the_program_as_it_was() -> None:
    program = gradcalc.parse("x^2*sin(x)")
    before = len(program.graph)
    for mode in ("symbolic", "reverse"):
        program.diff(at={"x": 1}, mode=mode)
    assert len(program.graph) == before
    assert program.diff(at={"x": 1}).gradient == program.diff(at={"x": 1}).gradient


@pytest.mark.parametrize("value", ["3", None, 1j, math.nan, math.inf, 10**400, object()])
def test_a_value_must_be_a_finite_number(value: object) -> None:
    with pytest.raises(GradcalcError, match="is not a finite number"):
        gradcalc.parse("x").eval({"x": value})  # type: ignore[dict-item]


def test_numbers_of_other_kinds_are_taken() -> None:
    from fractions import Fraction

    for value in (3, True + 2, Fraction(3), np.float32(3), np.int64(3), np.array(3.0)):
        assert gradcalc.parse("x^2").diff(at={"x": value}).gradient == {"x": 6.0}


@pytest.mark.parametrize(("call", "status"), [
    (lambda: gradcalc.parse("2x"), ExitStatus.BAD_INPUT),
    (lambda: gradcalc.parse(3), ExitStatus.BAD_INPUT),
    (lambda: gradcalc.parse("x").diff(mode="nope"), ExitStatus.BAD_INPUT),
    (lambda: gradcalc.parse("x").diff("y"), ExitStatus.BAD_INPUT),
    (lambda: gradcalc.parse("x").eval(), ExitStatus.BAD_INPUT),
    (lambda: gradcalc.parse("log(x)").eval({"x": -1}), ExitStatus.UNDEFINED),
    (lambda: gradcalc.parse("sqrt(x)").diff(at={"x": 0}), ExitStatus.UNDEFINED),
    (lambda: gradcalc.parse("sqrt(x)").diff(at={"x": 0}, mode="forward"), ExitStatus.UNDEFINED),
    (lambda: gradcalc.parse("sqrt(x)").diff(at={"x": 0}, mode="symbolic"), ExitStatus.UNDEFINED),
    (lambda: gradcalc.parse("x").diff(at={"x": 1}, mode="finite", scheme="nope"), ExitStatus.BAD_INPUT),
    (lambda: gradcalc.compare("x^2"), ExitStatus.BAD_INPUT),
    (lambda: gradcalc.compare("x^2", at={"x": 1}, modes="nope"), ExitStatus.BAD_INPUT)])
def test_bad_input_raises_one_exception(call: object, status: ExitStatus) -> None:
    with pytest.raises(GradcalcError) as caught:
        call()  # type: ignore[operator]
    assert caught.value.status == status
    assert str(caught.value).startswith(caught.value.diagnostic.message)


def test_a_scalar_question_does_not_import_numpy() -> None:
    script = ("import sys, gradcalc\nfor mode in ('reverse', 'forward', 'symbolic', 'complex', 'finite'):\n"
              "    gradcalc.parse('x*sin(x)').diff(at={'x': 1}, mode=mode).to_dict()\n"
              "print(sorted({'numpy', 'rich', 'lark'} & set(sys.modules)))")
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "[]\n"


# -- arrays and single precision ---------------------------------------------------------------------------------------

MODES = ("reverse", "forward", "symbolic", "complex", "finite")
LAYER = "H = tanh(X@W + b); y = sum(H^2) + s*log(norm(W))"
ARRAYS = {"X": [[1.0, -0.5], [0.3, 2.0]], "W": np.array([[0.2, -0.1, 0.4], [0.7, 0.3, -0.6]]), "b": (0.1, 0.2, -0.3), "s": 2}


@pytest.mark.parametrize("mode", MODES)
def test_a_gradient_has_the_shape_of_its_input(mode: str) -> None:
    found = gradcalc.parse(LAYER).diff(at=ARRAYS, mode=mode)
    assert type(found.value) is float
    assert {name: np.shape(slope) for name, slope in found.gradient.items()} == {
        name: np.shape(value) for name, value in ARRAYS.items()}
    assert type(found.gradient["s"]) is float
    assert all(np.isfinite(slope).all() for slope in found.gradient.values())


@pytest.mark.parametrize("mode", MODES)
def test_arrays_that_the_output_does_not_depend_on(mode: str) -> None:
    """Zeros in their shape, also where nothing else is an array, and for a name on the way."""
    with_arrays = gradcalc.parse("z = 2*x; y = sum(v)*s").diff("x,v", {"x": [[1, 2, 3]], "v": [1.0, 2.0], "s": 3.0}, mode)
    assert np.array_equal(with_arrays.gradient["x"], np.zeros((1, 3)))
    without = gradcalc.parse("z = 2*x; y = s^2").diff("x,s", {"x": [1.0, 2.0], "s": 3.0}, mode)
    assert np.array_equal(without.gradient["x"], np.zeros(2))
    assert abs(without.gradient["s"] - 6.0) < 1e-9
    on_the_way = gradcalc.parse("z = 2*x; y = s^2").diff("z", {"x": [1.0, 2.0], "s": 3.0}, mode)
    assert np.array_equal(on_the_way.gradient["z"], np.zeros(2))


@pytest.mark.parametrize("value", [[1, [2, 3]], [[1, 2], [3]], ["a"], [math.nan], [[1.0, math.inf]], [1j], [None],
                                   np.array(["a"]), np.array([object()])])
def test_an_array_must_be_one_of_finite_numbers(value: object) -> None:
    with pytest.raises(GradcalcError, match="the value of 'x'") as caught:
        gradcalc.parse("x").eval({"x": value})
    assert caught.value.status == ExitStatus.BAD_INPUT


def test_nothing_is_written_to_what_was_given_and_results_are_ones_own() -> None:
    at = {name: np.array(value, dtype=float) for name, value in ARRAYS.items()}
    before = {name: value.copy() for name, value in at.items()}
    program = gradcalc.parse("y = sum(x + X[0, 0] + x)*0.5 + sum(X)").diff("x,X", {"x": at["b"], "X": at["X"]})
    for slope in program.gradient.values():
        assert slope.flags.writeable and slope.flags.owndata
        slope[...] = 7.0
    for name, value in before.items():
        assert np.array_equal(at[name], value)
    same = gradcalc.parse("x").eval({"x": at["b"]}).value
    same[...] = 9.0
    assert np.array_equal(at["b"], before["b"])
    first, second = gradcalc.parse("sum(x + y)").diff("x,y", {"x": [1.0, 2.0], "y": [3.0, 4.0]}).gradient.values()
    assert not np.shares_memory(first, second)


@pytest.mark.parametrize("mode", MODES)
def test_single_precision(mode: str) -> None:
    """Everything is computed in 32 bits, so the last digits are not those of 64; but for the complex step, which has no 32."""
    program = gradcalc.parse(LAYER)
    double, single = (program.diff(at=ARRAYS, mode=mode, dtype=dtype) for dtype in ("float64", "float32"))
    largest = 0.0
    for name, slope in double.gradient.items():
        assert np.shape(single.gradient[name]) == np.shape(slope)
        assert np.isfinite(single.gradient[name]).all()
        difference = np.max(np.abs(single.gradient[name] - slope))
        assert difference <= (2e-2 if mode == "finite" else 2e-6) * max(1.0, np.max(np.abs(slope)))
        largest = max(largest, float(difference))
        if mode in ("reverse", "forward", "symbolic") and np.ndim(slope):
            assert single.gradient[name].dtype == np.float32
    assert largest > 0.0
    assert 0.0 < abs(single.value - double.value) < 1e-5


def test_single_precision_of_numbers() -> None:
    program = gradcalc.parse("x/3 + exp(x)")
    for mode in MODES:
        found = program.diff(at={"x": 1.0}, mode=mode, dtype="float32")
        assert type(found.value) is float and type(found.gradient["x"]) is float
        assert 1e-10 < abs(found.value - (1.0 / 3.0 + math.e)) < 1e-6
        assert abs(found.gradient["x"] - (1.0 / 3.0 + math.e)) < (1e-2 if mode == "finite" else 1e-6)


def test_single_precision_of_eval_and_the_products() -> None:
    program = gradcalc.parse(LAYER)
    assert 0.0 < abs(program.eval(ARRAYS, dtype="float32").value - program.eval(ARRAYS).value) < 1e-5
    assert all(np.asarray(row.value).dtype == np.float32 for row in program.eval(ARRAYS, dtype="float32").trace or ()
               if row.op not in ("const",) and np.ndim(row.value))
    for ask in (lambda dtype: program.jacobian(at=ARRAYS, of="H", dtype=dtype).found["H"]["W"],
                lambda dtype: program.jacobian(at=ARRAYS, of="H", dtype=dtype, mode="forward").found["H"]["W"],
                lambda dtype: program.hessian("b", at=ARRAYS, dtype=dtype).found["b"]["b"],
                lambda dtype: program.jvp({"b": [1.0, 1.0, 1.0]}, ARRAYS, of="H", dtype=dtype).found["H"],
                lambda dtype: program.vjp(at=ARRAYS, dtype=dtype).found["W"],
                lambda dtype: program.hvp({"b": [1.0, 1.0, 1.0]}, ARRAYS, dtype=dtype).found["W"],
                lambda dtype: program.diff("b", ARRAYS, order=2, dtype=dtype).gradient["b"]):
        single, double = ask("float32"), ask("float64")
        assert single.dtype == np.float32 and double.dtype == np.float64
        assert 0.0 < np.max(np.abs(single - double)) <= 1e-5 * max(1.0, np.max(np.abs(double)))


@pytest.mark.parametrize("text", [LAYER, "sum(exp(b)*b)", "logdet(W@W.T)*s", "sum(softmax(X@W)^2)"])
def test_the_modes_agree_in_single_precision(text: str) -> None:
    used = {name: value for name, value in ARRAYS.items() if name in gradcalc.parse(text).inputs}
    comparison = gradcalc.compare(text, at=used, dtype="float32")
    assert comparison.verdict == "agree"
    assert {mode.mode for mode in comparison.modes if mode.status == "ok"} == set(MODES)


@pytest.mark.parametrize("ask", [lambda p: p.eval({"x": 1}, dtype="float16"), lambda p: p.diff(at={"x": 1}, dtype="int"),
                                 lambda p: p.jacobian(at={"x": 1}, dtype="")])
def test_a_dtype_that_there_is_not(ask: object) -> None:
    with pytest.raises(GradcalcError, match="there is no dtype"):
        ask(gradcalc.parse("x"))  # type: ignore[operator]


def test_without_a_trace_the_numbers_are_the_same() -> None:
    program = gradcalc.parse(LAYER)
    whole, bare = program.diff(at=ARRAYS), program.diff(at=ARRAYS, trace=False)
    assert bare.trace is None and whole.trace is not None
    assert bare.value == whole.value
    assert all(np.array_equal(bare.gradient[name], slope) for name, slope in whole.gradient.items())
