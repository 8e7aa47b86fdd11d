"""What array programs come to, next to the same in NumPy."""

import numpy as np
import pytest

import gradcalc

W = np.arange(6.0).reshape(2, 3) + 1
A = np.array([[2.0, 1.0], [0.0, 3.0]])
X = np.array([1.0, 2.0, 3.0])
B = np.array([1.0, -1.0])
POINT = {"W": W, "A": A, "x": X, "b": B}


@pytest.mark.parametrize(("text", "expected"), [
    ("W@x", W @ X), ("W.T@b", W.T @ B), ("-x@x", -14.0), ("A@A.T^2", A @ A.T**2), ("dot(x, x)", 14.0), ("A@b + 1", A @ B + 1),
    ("2*A@b/4", A @ B / 2), ("x²", X**2), ("W.T²", W.T**2), ("x[0]", 1.0), ("x[-1]", 3.0), ("W[1, :]", W[1]), ("x[1:3]", X[1:]),
    ("x[::-2]", X[::-2]), ("W[..., 0]", W[..., 0]), ("W[0][1]", 2.0), ("(A@A)[0]", (A @ A)[0]), ("sin(x)[1]", np.sin(2.0)),
    ("[x[0], 1]", np.array([1.0, 1.0])), ("[b, 2*b]", np.stack([B, 2 * B])), ("[[1, 2], b]", np.array([[1.0, 2.0], B])),
    ("[]", np.array([])),
    ("W + x", W + X), ("W*[[1], [2]]", W * [[1], [2]]), ("where(x > 1, x, 0)", np.where(X > 1, X, 0)),
    ("max(x, 2)", np.maximum(X, 2)),
    ("sum(W)", 21.0), ("sum(W, axis=0)", W.sum(0)), ("sum(W, 0, keepdims=True)", W.sum(0, keepdims=True)),
    ("mean(W, axis=-1)", W.mean(-1)),
    ("sum(W, axis=[0, 1], keepdims=True)", W.sum((0, 1), keepdims=True)), ("prod(x)", 6.0), ("max(W)", 6.0),
    ("min(W, axis=1)", W.min(1)),
    ("max(x, axis=0)", 3.0), ("norm(x)", np.sqrt(14.0)), ("softmax(W)", np.exp(W) / np.exp(W).sum(-1, keepdims=True)),
    ("logsumexp(W)", np.log(np.exp(W).sum(-1))), ("logsumexp(W, axis=None)", np.log(np.exp(W).sum())),
    ("log_softmax(W)", W - np.log(np.exp(W).sum(-1, keepdims=True))), ("reshape(W, [3, 2])", W.reshape(3, 2)),
    ("reshape(W, 3, -1)", W.reshape(3, 2)), ("reshape(x[0:1], [])", 1.0), ("transpose(W, [1, 0])", W.T),
    ("concat(A, W, axis=1)", np.concatenate([A, W], 1)), ("concat([x, b])", np.concatenate([X, B])),
    ("concat([[1, 2], [3]])", X),
    ("stack(b, b, axis=1)", np.stack([B, B], 1)), ("solve(A, b)", np.linalg.solve(A, B)), ("trace(A)", 5.0), ("det(A)", 6.0),
    ("f(M, v) = sum(M@v); f(W, x)", (W @ X).sum()), ("f(v) = v[0:2] + [1, 2]; f(x)", np.array([2.0, 4.0])),
    ("True = 3; axis = True + 1; axis", 4.0),
])
def test_meaning(text: str, expected: object) -> None:
    program = gradcalc.parse(text)
    value = program.eval(at={name: POINT[name] for name in program.inputs}).value
    assert np.shape(value) == np.shape(expected)
    assert np.all(np.isfinite(np.asarray(value)))
    assert np.allclose(np.asarray(value), expected, rtol=1e-14, atol=1e-14)


@pytest.mark.parametrize("text", ["sum((W@x)^2)", "sum(W[:, 1]*b)*max(x)", "sum(softmax(W, axis=0)[0, ::2])",
"norm(concat([x, b, [1, x[0]]]))",
                                  "sum(stack([x, 2*x], axis=1)@b)", "sum(reshape(W, [3, 2]).T[0])",
                                  "f(v) = sum(v[1:]*[2, 3]); f(x)"])
def test_a_derivative_that_was_printed_reads_back_as_itself(text: str) -> None:
    program = gradcalc.parse(text)
    at = {name: POINT[name] for name in program.inputs}
    result = program.diff(at=at)
    formulas = program.diff(at=at, mode="symbolic").formula
    assert result.gradient is not None
    assert formulas is not None
    for name, formula in formulas.items():
        derivative = gradcalc.parse(formula)
        found = derivative.eval(at={used: POINT[used] for used in derivative.inputs}).value
        assert np.shape(result.gradient[name]) == np.shape(POINT[name])
        assert np.allclose(np.asarray(found), result.gradient[name], rtol=1e-13, atol=1e-14)
