"""The same straight-line programs in the libraries that are installed: from the text, as Python, to the gradient at a point.

Each peer takes the text of a program as Python and the values of its inputs, and returns the derivatives by name. What cannot
be imported is left out.
"""

from collections.abc import Callable, Mapping
from typing import Any

Peer = Callable[[str, Mapping[str, float]], dict[str, float]]


def as_python(text: str) -> str:
    """A program of ``scale.straight_line`` as Python."""
    return text.replace("^", "**")


def torch(text: str, at: Mapping[str, float]) -> dict[str, float]:
    import torch

    inputs = {name: torch.tensor(value, dtype=torch.float64, requires_grad=True) for name, value in at.items()}
    scope: dict[str, Any] = {"sin": torch.sin, "cos": torch.cos, "tanh": torch.tanh, **inputs}
    exec(compile(text, "program", "exec"), scope)
    _last(scope).backward()
    return {name: float(value.grad) for name, value in inputs.items() if value.grad is not None}


def autograd(text: str, at: Mapping[str, float]) -> dict[str, float]:
    import autograd.numpy as numpy
    from autograd import grad

    code = compile(text, "program", "exec")

    def program(inputs: dict[str, Any]) -> Any:
        scope: dict[str, Any] = {"sin": numpy.sin, "cos": numpy.cos, "tanh": numpy.tanh, **inputs}
        exec(code, scope)
        return _last(scope)

    return {name: float(value) for name, value in grad(program)(dict(at)).items()}


def casadi(text: str, at: Mapping[str, float]) -> dict[str, float]:
    import casadi

    inputs = {name: casadi.SX.sym(name) for name in at}
    scope: dict[str, Any] = {"sin": casadi.sin, "cos": casadi.cos, "tanh": casadi.tanh, **inputs}
    exec(compile(text, "program", "exec"), scope)
    every = casadi.vertcat(*inputs.values())
    function = casadi.Function("f", [every], [casadi.gradient(_last(scope), every)])
    return dict(zip(at, (float(each) for each in function(list(at.values())).full().ravel()), strict=True))


def micrograd(text: str, at: Mapping[str, float]) -> dict[str, float]:
    import math
    import sys

    from micrograd.engine import Value

    def function(value: Callable[[float], float], slope: Callable[[float], float]) -> Callable[[Any], Any]:
        """A function that micrograd has not, in the way in which it has relu."""
        def apply(x: Any) -> Any:
            out = Value(value(x.data), (x,), value.__name__)

            def _backward() -> None:
                x.grad += slope(x.data)*out.grad

            out._backward = _backward
            return out

        return apply

    inputs = {name: Value(value) for name, value in at.items()}
    scope: dict[str, Any] = {"sin": function(math.sin, math.cos), "cos": function(math.cos, lambda x: -math.sin(x)),
                             "tanh": function(math.tanh, lambda x: 1.0 - math.tanh(x)**2), **inputs}
    exec(compile(text, "program", "exec"), scope)
    # It goes through the graph by recursion.
    sys.setrecursionlimit(max(sys.getrecursionlimit(), 10*len(scope)))
    _last(scope).backward()
    return {name: value.grad for name, value in inputs.items()}


def _last(scope: dict[str, Any]) -> Any:
    """The last statement's value: names are kept in the order in which they were given."""
    return scope[next(reversed(scope))]


def installed() -> dict[str, Peer]:
    """The peers that can be imported."""
    from importlib.util import find_spec

    return {peer.__name__: peer for peer in (torch, autograd, casadi, micrograd) if find_spec(peer.__name__)}
