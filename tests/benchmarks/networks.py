"""The loss and all gradients of a 784-128-10 ReLU network with cross-entropy on a minibatch, beside a pass written by hand.

    python tests/benchmarks/networks.py [--rows 128] [--runs 300] [--dtype float64]

Each line is a way to compute them: the least and the median time of its runs, and the ratio of each to that of the hand-written
one. The ways take turns, so that what disturbs one disturbs all. Libraries that are not installed are left out; before anything
is measured, all results are compared.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

# A library's idle threads must not spin on the processors that the next one computes on.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("KMP_BLOCKTIME", "0")

import numpy as np

import gradcalc
from gradcalc import Executor, gradients, variable

TEXT = "cross_entropy(relu(X@W1 + b1)@W2 + b2, labels)"
NAMES = ("W1", "b1", "W2", "b2")
INPUTS, HIDDEN, CLASSES = 784, 128, 10

Way = Callable[[], list[Any]]


def point(rows: int, dtype: str) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    at = {"X": rng.normal(size=(rows, INPUTS)), "W1": 0.05 * rng.normal(size=(INPUTS, HIDDEN)),
          "b1": 0.1 * rng.normal(size=HIDDEN), "W2": 0.1 * rng.normal(size=(HIDDEN, CLASSES)),
          "b2": 0.1 * rng.normal(size=CLASSES)}
    return {name: value.astype(dtype) for name, value in at.items()} | {"labels": rng.integers(0, CLASSES, rows)}


def by_hand(at: dict[str, Any]) -> Way:
    x, w1, b1, w2, b2, labels = (at[name] for name in ("X", "W1", "b1", "W2", "b2", "labels"))
    rows = np.arange(len(labels))

    def run() -> list[Any]:
        h = x @ w1 + b1
        a = np.maximum(h, 0.0)
        z = a @ w2 + b2
        z -= z.max(axis=1, keepdims=True)
        e = np.exp(z)
        total = e.sum(axis=1, keepdims=True)
        loss = (np.log(total[:, 0]) - z[rows, labels]).mean()
        g = e / total
        g[rows, labels] -= 1.0
        g /= len(rows)
        back = g @ w2.T
        back[h <= 0.0] = 0.0
        return [loss, x.T @ back, back.sum(axis=0), a.T @ g, g.sum(axis=0)]

    return run


def by_executor(at: dict[str, Any], dtype: str) -> Way:
    variables = {name: variable(name) for name in at}
    x, w1, b1, w2, b2, labels = (variables[name] for name in ("X", "W1", "b1", "W2", "b2", "labels"))
    loss = gradcalc.cross_entropy(gradcalc.relu(x @ w1 + b1) @ w2 + b2, labels)
    executor = Executor([loss, *gradients(loss, [w1, b1, w2, b2])], dtype=dtype)
    feed = {variables[name]: value for name, value in at.items()}
    return lambda: executor.run(feed)


def by_program(at: dict[str, Any], dtype: str) -> Way:
    program = gradcalc.parse(TEXT)

    def run() -> list[Any]:
        found = program.diff(NAMES, at, trace=False, dtype=dtype)
        return [found.value, *(found.gradient or {}).values()]

    return run


def by_torch(at: dict[str, Any]) -> Way | None:
    try:
        import torch
    except ImportError:
        return None
    tensors = {name: torch.tensor(value, requires_grad=name in NAMES) for name, value in at.items()}
    leaves = [tensors[name] for name in NAMES]

    def run() -> list[Any]:
        h = torch.relu(tensors["X"] @ tensors["W1"] + tensors["b1"])
        loss = torch.nn.functional.cross_entropy(h @ tensors["W2"] + tensors["b2"], tensors["labels"])
        return [loss.detach().numpy(), *(slope.numpy() for slope in torch.autograd.grad(loss, leaves))]

    return run


def by_jax(at: dict[str, Any], dtype: str) -> Way | None:
    try:
        import jax
    except ImportError:
        return None
    jax.config.update("jax_enable_x64", dtype == "float64")
    rows = np.arange(len(at["labels"]))

    def loss(given: dict[str, Any]) -> Any:
        h = jax.nn.relu(at["X"] @ given["W1"] + given["b1"])
        return -jax.nn.log_softmax(h @ given["W2"] + given["b2"])[rows, at["labels"]].mean()

    step = jax.jit(jax.value_and_grad(loss))
    given = {name: jax.numpy.asarray(at[name]) for name in NAMES}

    def run() -> list[Any]:
        value, slopes = jax.block_until_ready(step(given))
        return [value, *(slopes[name] for name in NAMES)]

    return run


def by_autograd(at: dict[str, Any]) -> Way | None:
    try:
        import autograd.numpy as anp
        from autograd import value_and_grad
    except ImportError:
        return None
    rows = np.arange(len(at["labels"]))

    def loss(w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
        z = anp.dot(anp.maximum(anp.dot(at["X"], w1) + b1, 0.0), w2) + b2
        z = z - anp.max(z, axis=1, keepdims=True)
        return anp.mean(anp.log(anp.sum(anp.exp(z), axis=1)) - z[rows, at["labels"]])

    step = value_and_grad(loss, argnum=(0, 1, 2, 3))

    def run() -> list[Any]:
        value, slopes = step(*(at[name] for name in NAMES))
        return [value, *slopes]

    return run


def measured(ways: dict[str, Way], runs: int, turn: int = 10) -> dict[str, list[float]]:
    """The milliseconds of each run of each way, a few runs a turn."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    while len(taken[next(iter(ways))]) < runs:
        for name, run in ways.items():
            run()
            for _ in range(turn):
                start = time.perf_counter()
                run()
                taken[name].append(1e3 * (time.perf_counter() - start))
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=128)
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--dtype", choices=("float64", "float32"), default="float64")
    options = parser.parse_args()
    at, dtype = point(options.rows, options.dtype), options.dtype
    found = {"NumPy by hand": by_hand(at), "gradcalc Executor": by_executor(at, dtype),
             "gradcalc Program.diff": by_program(at, dtype), "PyTorch": by_torch(at), "JAX jit": by_jax(at, dtype),
             "autograd": by_autograd(at)}
    ways = {name: run for name, run in found.items() if run is not None}
    truth = ways["NumPy by hand"]()
    tolerance = 1e-12 if dtype == "float64" else 1e-4
    for name, run in ways.items():
        for one, other in zip(run(), truth, strict=True):
            assert np.max(np.abs(np.asarray(one) - other)) <= tolerance, f"{name} finds something else"
    taken = measured(ways, options.runs)
    base = taken["NumPy by hand"]
    print(f"{'least':>9} {'ratio':>6} {'median':>9} {'ratio':>6}")
    for name, times in taken.items():
        least, median = min(times), statistics.median(times)
        print(f"{least:>6.3f} ms {least / min(base):>6.2f} {median:>6.3f} ms {median / statistics.median(base):>6.2f}  {name}")


if __name__ == "__main__":
    main()
