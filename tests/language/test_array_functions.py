"""What the functions that make, move and join arrays mean: NumPy's values, and derivatives that differences measure."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from gradcalc import Executor, GradcalcError, Limits, gradients, parse, variable
from gradcalc.building.nodes import named

RNG = np.random.default_rng(11)
POINT = {"v": RNG.normal(size=4), "u": RNG.normal(size=3), "w": RNG.normal(size=3), "X": RNG.normal(size=(2, 3)),
         "Y": RNG.normal(size=(3, 2)), "S": RNG.normal(size=(3, 3)), "T": RNG.normal(size=(2, 3, 4))}
v, u, w, X, Y, S, T = POINT.values()

MEANINGS = [
    ("outer(u, v)", np.outer(u, v)), ("outer(X, u)", np.outer(X, u)), ("diag(u)", np.diag(u)), ("diag(X)", np.diag(X)),
    ("diag(u, 1)", np.diag(u, 1)), ("diag(S, k=-1)", np.diag(S, -1)), ("eye(3)@u", u), ("eye(2, 3)*X", np.eye(2, 3) * X),
    ("eye(n=2, m=3)*X", np.eye(2, 3) * X), ("identity(3)@u", u),
    ("ones(2, 3)*X", X), ("ones([2, 3])*X", X), ("zeros(4) + v", v), ("zeros((4)) + v", v), ("ones([])*u", u),
    ("range(4)*v", np.arange(4) * v), ("range(1, 5)*v", np.arange(1, 5) * v), ("range(7, -1, -2)*v", np.arange(7, -1, -2) * v),
    ("arange(3)*u", np.arange(3) * u), ("linspace(u[0], v[1], 5)", np.linspace(u[0], v[1], 5)),
    ("linspace(0, 1, 3)*u", np.linspace(0, 1, 3) * u), ("linspace(u[0], 1)", np.linspace(u[0], 1)),
    ("kron(X, Y)", np.kron(X, Y)), ("kron(u, v)", np.kron(u, v)), ("kron(X, u)", np.kron(X, u)), ("kron(u, X)", np.kron(u, X)),
    ("cumsum(v)", np.cumsum(v)), ("cumsum(X)", np.cumsum(X)), ("cumsum(X, 0)", np.cumsum(X, 0)),
    ("cumprod(v)", np.cumprod(v)), ("cumprod(X, axis=1)", np.cumprod(X, 1)), ("cumprod(X)", np.cumprod(X)),
    ("var(v)", np.var(v)), ("var(X, 0)", np.var(X, 0)), ("var(v, ddof=1)", np.var(v, ddof=1)),
    ("var(X, 1, 1, 1)", np.var(X, 1, ddof=1, keepdims=True)), ("std(v)", np.std(v)),
    ("std(T, axis=[0, 2], ddof=2)", np.std(T, axis=(0, 2), ddof=2)),
    ("std(X, axis=-1, keepdims=True)", np.std(X, -1, keepdims=True)),
    ("tr(S)", np.trace(S)), ("vec(X)", X.T.reshape(-1)), ("vec(v)", v), ("cross(u, w)", np.cross(u, w)),
    ("cross(X, u)", np.cross(X, u)), ("roll(v, 1)", np.roll(v, 1)), ("roll(X, -2)", np.roll(X, -2)),
    ("roll(X, 1, axis=1)", np.roll(X, 1, 1)), ("roll(X, 4, 0)", np.roll(X, 4, 0)), ("flip(v)", np.flip(v)),
    ("flip(X)", np.flip(X)), ("flip(T, [0, 2])", np.flip(T, (0, 2))), ("pad(v, 2)", np.pad(v, 2)), ("pad(X, 1)", np.pad(X, 1)),
    ("pad(X, [1, 2])", np.pad(X, (1, 2))), ("pad(X, [[0, 2], [1, 0]])", np.pad(X, ((0, 2), (1, 0)))),
    ("tile(v, 2)", np.tile(v, 2)), ("tile(X, 2)", np.tile(X, 2)), ("tile(X, [2, 3])", np.tile(X, (2, 3))),
    ("tile(v, 2, 3)", np.tile(v, (2, 3))), ("tile(X, [2, 1, 1])", np.tile(X, (2, 1, 1))), ("repeat(v, 2)", np.repeat(v, 2)),
    ("repeat(X, 2)", np.repeat(X, 2)), ("repeat(X, 3, axis=-1)", np.repeat(X, 3, -1)), ("repeat(u[0], 3)", np.repeat(u[0], 3)),
    ("u[[0, 2, 1]]", u[[0, 2, 1]]), ("v[[-1, -1, 0]]", v[[-1, -1, 0]]), ("X[:, [0, 0, 1]]", X[:, [0, 0, 1]]),
    ("X[[1, 0]]", X[[1, 0]]), ("X[0, [2, 0]]", X[0, [2, 0]]), ("T[1, :, [0, 3]]", T[1, :, [0, 3]]),
    ("T[:, 1, [0, 3]]", T[:, 1, [0, 3]]), ("T[..., [1, 1]]", T[..., [1, 1]]), ("v[[]]", v[[]]), ("v[ [ 1 ] ]", v[[1]]),
    ('einsum("ij,j->i", X, u)', X @ u), ("einsum('ij,jk', X, Y)", X @ Y), ('einsum("ii", S)', np.trace(S)),
    ('einsum("ii->i", S)', np.diag(S)), ('einsum("ij->ji", X)', X.T), ('einsum("ij->", X)', X.sum()),
    ('einsum("bij,bik->bjk", T, T)', np.einsum("bij,bik->bjk", T, T)), ('einsum("i,j", u, v)', np.outer(u, v)),
    ('einsum(" i j , j -> i ", X, u)', X @ u), ('einsum("i,ij,jk->k", [1, 2], X, Y)', np.array([1.0, 2.0]) @ X @ Y),
    ('einsum("i->", [u[0], 2])', u[0] + 2.0), ('einsum(X, u, subscripts="ij,j->i")', X @ u), ('einsum(",i->i", 2, u)', 2.0 * u),
    ("len(X)*u", 2.0 * u), ("len(v)*u", 4.0 * u), ("size(X, 1)*u", 3.0 * u)]


def near(found: Any, expected: Any, tolerance: float = 1e-12) -> None:
    assert np.shape(found) == np.shape(expected)
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(("text", "expected"), MEANINGS, ids=[text for text, _ in MEANINGS])
def test_meaning(text: str, expected: Any) -> None:
    near(parse(text).eval(POINT).value, expected)
    single = parse(text).eval(POINT, dtype="float32").value
    near(single, expected, 1e-5)
    assert np.asarray(single).dtype == np.float32 or isinstance(single, float)


@pytest.mark.parametrize("text", [text for text, _ in MEANINGS])
def test_derivatives(text: str) -> None:
    """Of a sum of squares, so that the second derivatives are not 0: three modes and differences, then the Hessian."""
    program = parse(f"sum(({text})^2)")
    names, at = list(program.inputs), {name: POINT[name] for name in program.inputs}
    measured = program.diff(names, at, mode="finite").gradient
    for mode in ("reverse", "forward", "complex"):
        found = program.diff(names, at, mode=mode).gradient
        for name in names:
            near(found[name], measured[name], 1e-6)
    vector = {names[0]: RNG.normal(size=at[names[0]].shape)}
    step = 1e-5
    ahead, back = (program.diff(names, at | {names[0]: at[names[0]] + sign * step * vector[names[0]]}).gradient
                   for sign in (1, -1))
    products = program.hvp(vector, at).found
    for name in names:
        near(next(iter(products.values()))[name] if name not in products else products[name],
             (np.asarray(ahead[name]) - back[name]) / (2 * step), 1e-5)


@pytest.mark.parametrize(("x", "place"), [([2.0, 0.0, 3.0, 4.0], 1), ([0.0, 0.0, 3.0, 5.0], 0), ([0.0, 0.0, 0.0, 0.0], 2)])
def test_a_running_product_has_derivatives_at_zeros(x: Sequence[float], place: int) -> None:
    found = parse("cumprod(x)").jacobian("x", {"x": x}).found["cumprod(x)"]["x"]
    expected = [[0.0 if i < j else np.prod([x[k] for k in range(i + 1) if k != j]) for j in range(4)] for i in range(4)]
    near(found, np.array(expected))


def test_a_place_that_is_named_twice_gets_both_shares() -> None:
    at = {"x": [1.0, 2.0, 3.0], "w": [1.0, 10.0, 100.0, 1000.0]}
    near(parse("sum(w*x[[0, 2, 0, -1]])").diff("x", at).gradient["x"], np.array([101.0, 0.0, 1010.0]))
    assert parse("x[0:2:1]").eval(at).value.tolist() == [1.0, 2.0]
    assert parse("x[0:2:1][0] + sum(x[[0, 2, 1]])").eval(at).value == 7.0, "a list of three places is no slice"


def test_equal_entries_are_a_kink_of_the_standard_deviation() -> None:
    result = parse("std(x)").diff("x", {"x": [0.1, 0.1, 0.1]})
    assert result.value == 0.0
    near(result.gradient["x"], np.zeros(3))
    assert "kink" in result.notes[0].message
    near(parse("var(x)").diff("x", {"x": [0.1, 0.1, 0.1]}).gradient["x"], np.zeros(3))


def test_a_program_of_settings_alone_has_arrays() -> None:
    assert parse("eye(2)").eval().value.tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert parse("sum(range(5))").eval().value == 10.0
    assert parse("sum(linspace(a, b, 3))").diff(["a", "b"], {"a": 1.0, "b": 2.0}).gradient == {"a": 1.5, "b": 1.5}
    with pytest.raises(GradcalcError, match="'eye'"):
        parse("eye(2)").write("python")


@pytest.mark.parametrize("text", ["eye(1000000)", "ones(1000000, 1000000)", "tile([1, 2], 1000000000)", "zeros(1e9)",
                                  "range(1e12)",
                                  "repeat([1, 2], 1000000000)", "pad([1, 2], 1000000000)", "linspace(0, 1, 1000000000)",
                                  "diag(range(100000))", "kron(eye(5000), eye(5000))", "outer(range(100000), range(100000))"])
def test_what_is_too_large_is_refused_before_it_is_made(text: str) -> None:
    with pytest.raises(GradcalcError, match=r"this is an array of .* entries; the limit is 100,000,000") as caught:
        parse(text).eval()
    assert caught.value.diagnostic.span is not None
    with pytest.raises(GradcalcError, match="the limit is 10"):
        parse("ones(11)", Limits(entries=10)).eval()


@pytest.mark.parametrize(("text", "message", "hint"), [
    ('einsum("ij,j->i", X, v)', "the letter 'j' is 3 long in operand 1 and 4 in operand 2",
     "axes of one letter must be equally long"),
    ('einsum("ij", u)', '"ij" names 2 axes, and operand 1 is an array of shape length 3', "write a letter for each axis"),
    ('einsum("ij,j->i", X)', '"ij,j->i" has letters for 2 operands, and there is 1',
     "put a comma between the letters of two operands"),
    ('einsum("i->ii", u)', "the letter 'i' stands twice behind the arrow of \"i->ii\"",
     "each letter of the value names one axis"),
    ('einsum("i->j", u)', "the letter 'j' behind the arrow of \"i->j\" names no axis of an operand", None),
    ('einsum("...i->i", u)', '"...i->i" has dots, and einsum names each axis here', "give the other axes letters too"),
    ('einsum("i+j", u)', '"i+j" is not what einsum reads', 'write letters for axes, as in "ij,jk->ik"'),
    ("einsum(X, u)", "'subscripts' is a text in quotes, and 'X' is not", 'write subscripts="…"; it cannot be computed'),
    ('sin("x")', "unexpected text in quotes: 'x' is no value here",
     "a name is written without quotation marks; a text is a setting of such functions as einsum"),
    ('sum(X, axis="0")', "'axis' is a whole number or a list of them, and '\"0\"' is not",
     "write axis=0, axis=-1 or axis=[0, 1]; it cannot be computed"),
    ("'x' + 1", 'unexpected character "\'"', "a name is written without quotation marks; for a derivative use --wrt"),
    ("[\"x\"]", "unexpected character '\"'", "a name is written without quotation marks"),
    ("eye()", "'eye' needs 'n'", "write eye(n=…, m=…)"),
    ("eye(1, 2, 3)", "'eye' takes 2 settings, not 3 values", "write eye(n=…, m=…)"),
    ("eye(-1)", "an axis cannot be -1 long", "lengths count from 0"),
    ("eye(v)", "'n' is a whole number, and 'v' is not", "write n=0; it cannot be computed"),
    ("range(0, 3, 0)", "the step of a range cannot be 0", "leave it out for 1"),
    ("linspace(v, 1, 3)", "the ends of linspace are numbers, and this one has the shape length 4", None),
    ("diag(T)", "diag takes a vector or a matrix, and this is an array of shape 2×3×4", None),
    ("cross(v, u)", "cross takes vectors of length 3, along the last axis, and this is an array of shape length 4", None),
    ("cumsum(X, 2)", "there is no axis 2 in an array of shape 2×3", "its axes are 0 to 1"),
    ("cumsum(X[0, 0], 0)", "a number has no axis", "give an array"), ("len(X[0, 0])", "a number has no axis", "give an array"),
    ("var(v, ddof=4)", "a variance of 4 entries with ddof=4 is not defined", "ddof must be less than the number of entries"),
    ("std(v[[]])", "an array of length 0 has no entries to choose from", None),
    ("pad(v, [[1, 1], [0, 2]])", "the width [[1, 1], [0, 2]] does not fit an array of 1 axis",
     "write the width, [before, after], or one such pair for each axis"),
    ("pad(v, -1)", "a border cannot be less than 0 wide", None),
    ("tile(v, -1)", "an array cannot be repeated less than 0 times", None),
    ("repeat(v, -1)", "nothing can be repeated -1 times", None),
    ("roll(v)", "'roll' needs 'shift'", "write roll(x, shift=…, axis=…)"),
    ("v[[0, 4]]", "index 4 is out of range: axis 0 is 4 long", "the first is 0 and the last 3, or -1"),
    ("X[[0], [1]]", "an index takes one list of places, and this has more", "index twice: X[[0, 2], :][:, [1, 0]]")])
def test_errors(text: str, message: str, hint: str | None) -> None:
    with pytest.raises(GradcalcError) as caught:
        parse(text).eval({name: value for name, value in POINT.items() if name in text})
    assert (caught.value.diagnostic.message, caught.value.diagnostic.hint) == (message, hint)
    assert caught.value.diagnostic.span is not None


def test_the_formula_of_a_derivative_is_a_program() -> None:
    program = parse('sum(einsum("ij,j->i", X, u)^2) + sum(pad(X, [1, 2])[[0, 1, 1]]) + var(u, ddof=1) + sum(cumprod(u))')
    at = {"X": X, "u": u}
    formula = program.diff(["X", "u"]).formula
    assert formula is not None
    for name, expected in program.diff(["X", "u"], at).gradient.items():
        near(parse(formula[name]).eval({key: at[key] for key in parse(formula[name]).inputs}).value, expected)


def test_claims() -> None:
    at = {"X": X, "u": u}
    program = parse('sum(einsum("ij,j->i", X, u))')
    assert program.check('u = einsum("ij->j", X)', at).verdict == "correct"
    assert program.check('u = 2*einsum("ij->j", X)', at).verdict == "wrong"


def test_nodes() -> None:
    x, a = variable("x"), variable("a")
    product = named("einsum")("ij,j->i", a, x)
    picked = x[[0, 2, 0]] * x[np.array([1, 1, -1])] + named("range")(3) + named("eye")(3)[0]
    total = named("sum")(product * product) + named("sum")(picked) + named("sum")(named("pad")(x, [1, 2]))
    total = total + named("std")(x, ddof=1)
    values = {x: u, a: X}
    found, by_x, by_a = Executor([total, *gradients(total, [x, a])]).run(values)
    text = ('sum(einsum("ij,j->i", X, u)^2) + sum(u[[0, 2, 0]]*u[[1, 1, -1]] + range(3) + eye(3)[0]) + sum(pad(u, [1, 2]))'
            " + std(u, ddof=1)")
    expected = parse(text).diff(["X", "u"], {"X": X, "u": u})
    near(found, expected.value)
    near(by_x, expected.gradient["u"])
    near(by_a, expected.gradient["X"])
    with pytest.raises(GradcalcError, match="has letters for 2 operands, and there is 1"):
        named("einsum")("ij,j->i", a)
    for wrong in ([0.5], [True, False], np.array([True]), np.array([[0, 1]])):
        with pytest.raises(GradcalcError, match="an index array is a list of whole numbers"):
            x[wrong]
