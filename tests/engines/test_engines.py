"""How engines are chosen, and what they do with programs that are long, strange, or more than they can take."""

import platform
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import gradcalc
from gradcalc import engines
from gradcalc.engines import workers
from gradcalc.engines.blocks import Blocks
from gradcalc.engines.code import Code, record
from gradcalc.engines.native import Native
from gradcalc.engines.point_function import Compiled
from gradcalc.engines.steps import NOT_FINITE_INPUT
from gradcalc.graph import operations
from gradcalc.graph.operations.operation import Operation, Spelled, primitive


def code(text: str) -> Code:
    program = gradcalc.parse(text)
    graph = program.graph
    return record(graph, len(graph) - 1, {name: graph.names[name] for name in program.inputs})


def long(operations: int) -> str:
    """A program with choices, whose values are used far from where they are computed."""
    lines = ["v0 = x", "v1 = y", "c0 = x > y"]
    for k in range(2, operations):
        lines.append(f"v{k} = " + (f"sin(v{k - 1}) + v{k // 2}*0.5", f"where(c0, v{k - 1}, v{k - 2}/3)", f"v{k - 1}*v{k // 3}",
                                   f"tanh(v{k - 1} - v{k // 2})")[k % 4])
    return "\n".join(lines)


@pytest.fixture
def without_llvmlite(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith(("llvmlite", "gradcalc.engines.native"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "llvmlite", None)


@pytest.fixture
def strange() -> Iterator[Operation]:
    """A primitive that another distribution brings, for which there is no machine code."""
    row = primitive("strange", ("x",), (lambda xp, y, x: xp.where(xp.greater(x, 0.0), 1.0, 1.0),), "x",
                    Spelled(scalar=float, array=np.positive))
    operations.register(row)
    yield row
    del operations.TABLE[row.name], operations._functions[row.name]


def test_the_first_that_can_is_chosen() -> None:
    assert gradcalc.parse("x^2").compile().engine == "native"
    assert gradcalc.parse("x^2").compile(engine="numpy").engine == "numpy"


@pytest.mark.usefixtures("without_llvmlite")
def test_without_llvmlite() -> None:
    f = gradcalc.parse("x^2").compile()
    assert f.engine == "numpy"
    (note,) = f.notes
    assert (note.code, note.message) == ("engine", "the engine is NumPy: llvmlite is not installed")
    assert "pip install 'gradcalc[native]'" in (note.hint or "")
    assert f(x=3.0) == (9.0, {"x": 6.0})
    with pytest.raises(gradcalc.GradcalcError, match=r"needs llvmlite.*pip install 'gradcalc\[native\]'"):
        gradcalc.parse("x^2").compile(engine="native")
    assert gradcalc.parse("x^2").compile(engine="numpy").notes == ()


def test_an_operation_that_machine_code_cannot_be_made_of(strange: Operation) -> None:
    f = gradcalc.parse("2*strange(x)").compile()
    assert f.engine == "numpy"
    assert [note.message for note in f.notes] == ["the engine is NumPy: there is no machine code for 'strange'"]
    value, gradient = f(x=[1.0, -2.0])
    assert value.tolist() == [2.0, -4.0]
    assert gradient["x"].tolist() == [2.0, 2.0]


def test_a_value_that_asks_more_of_numbers_than_steps_have() -> None:
    row = Operation("odd", ("x",), lambda xp, x: float(x), (lambda xp, y, x: 1.0,), "x")
    operations.register(row)
    try:
        with pytest.raises(gradcalc.GradcalcError) as caught:
            gradcalc.parse("2*odd(x)").compile()
    finally:
        del operations.TABLE[row.name], operations._functions[row.name]
    assert caught.value.diagnostic.code == "operation"
    assert "'odd'" in caught.value.diagnostic.message


def test_an_llvm_that_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    from gradcalc.engines import native

    def refuse(*_: object) -> None:
        raise RuntimeError("no such\nprocessor")

    monkeypatch.setattr(native, "machine_code", refuse)
    f = gradcalc.parse("x^2").compile()
    assert (f.engine, f.notes[0].message) == ("numpy", "the engine is NumPy: LLVM cannot compile it here: no such processor")


def test_a_very_long_program_is_not_compiled_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "LARGE", 10)
    f = gradcalc.parse(long(20)).compile()
    assert f.engine == "numpy"
    assert "more than 10 operations" in f.notes[0].message
    assert gradcalc.parse(long(20)).compile(engine="native").engine == "native"


@pytest.mark.parametrize("longest", [1, 7, 100])
def test_code_in_several_functions_is_the_same(longest: int) -> None:
    long_code = code(long(60))
    rng = np.random.default_rng(0)
    x, y = rng.uniform(0.1, 1.0, (2, 1000))
    one, several = Native(long_code), Native(long_code, longest)
    first, second = np.zeros((3, 1000)), np.ones((3, 1000))
    assert not one.run([x, y], list(first)) & NOT_FINITE_INPUT
    assert not several.run([x, y], list(second)) & NOT_FINITE_INPUT
    assert np.array_equal(first, second)


@pytest.mark.parametrize(("lanes", "prefix"), [(2, ""), (4, ""), (8, ""), (2, "_ZGVbN2"), (4, "_ZGVdN4")])
def test_other_widths_and_mathematics_number_by_number(lanes: int, prefix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from gradcalc.engines import native

    if prefix and (platform.machine().lower() not in ("x86_64", "amd64") or not native.host().prefix):
        pytest.skip("the functions are those of another platform")
    text = "where(x > y, sin(x)^y, atan2(x, y)) + mod(x, y) - erf(x)*cbrt(y) + round(x*5) + sqrt(abs(x - y)) + max(x, y, 1)"
    rng = np.random.default_rng(0)
    x, y = rng.uniform(0.1, 3.0, (2, 1001))
    value, gradient = gradcalc.parse(text).compile(engine="numpy")(x=x, y=y)
    target = native.host()._replace(lanes=lanes, prefix=prefix, convention="")
    monkeypatch.setattr(native, "host", lambda: target)
    for count in (1, 2, 3, 5, 1001):
        f = gradcalc.parse(text).compile(engine="native")
        assert f.engine == "native"
        found, slopes = f(x=x[:count], y=y[:count])
        np.testing.assert_allclose(found, value[:count], rtol=1e-13, atol=1e-14)
        for name in "xy":
            np.testing.assert_allclose(slopes[name], gradient[name][:count], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_a_long_program(engine: str) -> None:
    program = gradcalc.parse(long(1500))
    rng = np.random.default_rng(0)
    x, y = rng.uniform(0.1, 1.0, (2, 3000))
    value, gradient = program.compile(engine=engine)(x=x, y=y)
    for k in (0, 1777, 2999):
        one = program.diff(at={"x": float(x[k]), "y": float(y[k])}, trace=False)
        found = [value[k], gradient["x"][k], gradient["y"][k]]
        np.testing.assert_allclose(found, [one.value, one.gradient["x"], one.gradient["y"]], rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("make", [Blocks, Native])
@pytest.mark.parametrize("threads", [1, 3, 8])
def test_threads_change_nothing(make: Callable[[Code], Blocks], threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = code("exp(sin(x)*y)/(1 + x^2)")
    x, y = np.random.default_rng(0).normal(size=(2, 200_001))
    results = []
    for count in (1, threads):
        monkeypatch.setattr(workers, "processors", lambda count=count: count)
        f = Compiled(["x", "y"], ["x", "y"], make(alone), ())
        results.append(f(x=x, y=y))
    (value, gradient), (again, slopes) = results
    assert np.array_equal(value, again)
    assert all(np.array_equal(gradient[name], slopes[name]) for name in "xy")


@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_calls_from_many_threads_at_once(engine: str) -> None:
    f = gradcalc.parse("exp(sin(x)*y)/(1 + x^2)").compile(engine=engine)
    rng = np.random.default_rng(0)
    given = [rng.normal(size=(2, 50_000 + k)) for k in range(8)]
    expected = [f(x=x, y=y)[0] for x, y in given]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda each: f(x=each[0], y=each[1])[0], given * 4))
    assert all(np.array_equal(a, b) for a, b in zip(found, expected * 4, strict=True))


def test_shared_parts_are_computed_once() -> None:
    steps = [step.op for step in code("exp(x*y)*sin(x*y) + exp(x*y)").steps]
    assert steps.count("exp") == steps.count("sin") == steps.count("cos") == 1
    assert [step.op for step in code("x^2").steps if step.args] == ["mul", "mul"]
    assert not any(step.op in ("div", "pow") for step in code("x^3/4").steps)
    assert [step.op for step in code("x/y").steps].count("div") == 2


def test_nothing_is_loaded_before_it_is_needed() -> None:
    import subprocess

    script = "import sys, gradcalc; gradcalc.parse('x').diff(at={'x': 1}); print({'numpy', 'llvmlite'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
