"""Value and three partials of one formula at 10^2 to 10^7 points: nanoseconds a point, beside the peers that are installed.

    python tests/benchmarks/points.py [--sizes 100,1000000] [--rounds 20] [--compile]

Double precision. In each round everything runs once, one after the other, so that a busy moment of the machine meets all; the
table shows the best of each, and how many times as long as the native engine it took. Arrays are given and arrays come back;
"again" fills the arrays of the call before. The loop in C is written by hand and built with cc, OpenMP and fast-math. With
--compile it shows instead how long programs take to compile, up to a gradient of more than 10^4 operations.
"""

import argparse
import ctypes
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import gradcalc

FORMULA = "exp(-((x-m)^2)/(2*s^2))/(s*sqrt(2*pi))*sin(x*m) + log(1+s^2*x^2)"
LOOP = """
#include <math.h>
#include <omp.h>
#include <stdint.h>
static void some(int64_t first, int64_t last, const double *restrict X, const double *restrict M, const double *restrict S,
                 double *restrict V, double *restrict VX, double *restrict VM, double *restrict VS) {
    #pragma omp simd
    for (int64_t i = first; i < last; i++) {
        double x = X[i], m = M[i], s = S[i];
        double d = x - m, s2 = s*s, r = 1/s, i2 = r*r;
        double g = exp(-0.5*d*d*i2)*r*0.3989422804014327, p = g*sin(x*m), c = g*cos(x*m), q = 1 + s2*x*x, w = 2*s*x/q;
        V[i] = p + log(q);
        VX[i] = c*m - d*i2*p + w*s;
        VM[i] = d*i2*p + c*x;
        VS[i] = p*(d*d*i2 - 1)*r + w*x;
    }
}
void points(int64_t n, const double *X, const double *M, const double *S, double *V, double *VX, double *VM, double *VS) {
    if (n <= 8192) {
        some(0, n, X, M, S, V, VX, VM, VS);
        return;
    }
    #pragma omp parallel
    {
        int64_t k = omp_get_thread_num(), all = omp_get_num_threads();
        some(n*k/all, n*(k + 1)/all, X, M, S, V, VX, VM, VS);
    }
}
"""
Columns = list[np.ndarray]
Contestant = Callable[[], object]


def ours(engine: str, again: bool) -> Callable[[Columns], Contestant]:
    def prepare(columns: Columns) -> Contestant:
        f = gradcalc.parse(FORMULA).compile(engine=engine)  # type: ignore[arg-type]
        assert f.engine == engine, f.notes
        x, m, s = columns
        out = f(x=x, m=m, s=s) if again else None
        return lambda: f(x=x, m=m, s=s, out=out)

    return prepare


def loop_in_c(columns: Columns) -> Contestant:
    with tempfile.TemporaryDirectory() as folder:
        source, library = Path(folder, "points.c"), Path(folder, "points.so")
        source.write_text(LOOP, encoding="utf-8")
        # Without -fno-builtin GCC makes one sincos of sin and cos, which has no version for vectors.
        subprocess.run(["cc", "-O3", "-march=native", "-mprefer-vector-width=512", "-ffast-math", "-fno-builtin", "-fopenmp",
                        "-shared", "-fPIC", source, "-o", library, "-lm"], check=True, capture_output=True)
        function = ctypes.CDLL(str(library)).points
    results = [np.zeros_like(columns[0]) for _ in range(4)]
    arguments = [ctypes.c_int64(len(columns[0])), *(ctypes.c_void_p(array.ctypes.data) for array in (*columns, *results))]
    return lambda: function(*arguments) or results


def with_torch(columns: Columns) -> Contestant:
    import torch

    x, m, s = (torch.from_numpy(column).requires_grad_() for column in columns)

    def run() -> object:
        y = torch.exp(-((x - m) ** 2) / (2 * s**2)) / (s * (2 * np.pi) ** 0.5) * torch.sin(x * m) + torch.log(1 + s**2 * x**2)
        return y.detach(), torch.autograd.grad(y.sum(), (x, m, s))

    return run


def with_jax(columns: Columns) -> Contestant:
    import jax
    from jax import numpy as jnp

    jax.config.update("jax_enable_x64", True)

    def f(x: object, m: object, s: object) -> object:
        return jnp.exp(-((x - m) ** 2) / (2 * s**2)) / (s * jnp.sqrt(2 * jnp.pi)) * jnp.sin(x * m) + jnp.log(1 + s**2 * x**2)

    both = jax.jit(jax.vmap(jax.value_and_grad(f, (0, 1, 2))))
    given = [jnp.asarray(column) for column in columns]
    return lambda: jax.block_until_ready(both(*given))


def with_autograd(columns: Columns) -> Contestant:
    import autograd.numpy as anp
    from autograd import make_vjp

    def f(x: object, m: object, s: object) -> object:
        return anp.exp(-((x - m) ** 2) / (2 * s**2)) / (s * anp.sqrt(2 * anp.pi)) * anp.sin(x * m) + anp.log(1 + s**2 * x**2)

    both, ones = make_vjp(f, (0, 1, 2)), np.ones_like(columns[0])

    def run() -> object:
        vjp, value = both(*columns)
        return value, vjp(ones)

    return run


def with_sympy(columns: Columns) -> Contestant:
    import sympy

    x, m, s = sympy.symbols("x m s")
    f = sympy.exp(-((x - m) ** 2) / (2 * s**2)) / (s * sympy.sqrt(2 * sympy.pi)) * sympy.sin(x * m) + sympy.log(1 + s**2 * x**2)
    function = sympy.lambdify([x, m, s], [f, *(f.diff(name) for name in (x, m, s))], "numpy", cse=True)
    return lambda: function(*columns)


def with_casadi(columns: Columns) -> Contestant:
    import casadi

    x, m, s = map(casadi.SX.sym, "xms")
    f = casadi.exp(-((x - m) ** 2) / (2 * s**2)) / (s * np.sqrt(2 * np.pi)) * casadi.sin(x * m) + casadi.log(1 + s**2 * x**2)
    function = casadi.Function("f", [x, m, s], [f, *(casadi.gradient(f, name) for name in (x, m, s))]).map(len(columns[0]))
    rows = [casadi.DM(column.reshape(1, -1)) for column in columns]
    return lambda: function(*rows)


CONTESTANTS = {"native": ours("native", False), "native again": ours("native", True), "numpy": ours("numpy", False),
               "numpy again": ours("numpy", True), "C by hand": loop_in_c, "torch": with_torch, "jax": with_jax,
               "autograd": with_autograd, "sympy": with_sympy, "casadi": with_casadi}
NEEDS = {"native": "llvmlite", "native again": "llvmlite", "torch": "torch", "jax": "jax", "autograd": "autograd",
         "sympy": "sympy", "casadi": "casadi"}


def present(name: str) -> bool:
    if name == "C by hand":
        return any(Path(folder, "cc").exists() for folder in os.environ.get("PATH", "").split(os.pathsep))
    return name not in NEEDS or importlib.util.find_spec(NEEDS[name]) is not None


def measure(names: list[str], size: int, rounds: int) -> dict[str, float]:
    """The seconds of the best run of each. Short runs are repeated within a round."""
    columns = list(np.random.default_rng(0).uniform(0.5, 2.0, (3, size)))
    runs = {name: CONTESTANTS[name](columns) for name in names}
    repeats = max(1, 20_000 // size)
    best = dict.fromkeys(runs, float("inf"))
    for run in runs.values():
        run()
    for _ in range(rounds):
        for name, run in runs.items():
            start = time.perf_counter()
            for _ in range(repeats):
                run()
            best[name] = min(best[name], (time.perf_counter() - start) / repeats)
    return best


def compile_times() -> None:
    """How long it takes from a parsed program to a function."""
    sys.path.insert(0, str(Path(__file__).parent))
    from scale import straight_line

    print(f"{'program':<28}{'operations':>11}{'numpy ms':>10}{'native ms':>11}")
    lines = [(f"straight line of {size:,}", straight_line(size, 10)) for size in (100, 1000, 4000)]
    for label, text in (("the formula", FORMULA), *lines):
        program = gradcalc.parse(text)
        from gradcalc.engines.code import record

        graph = program.graph
        operations = record(graph, len(graph) - 1, {name: graph.names[name] for name in program.inputs}).operations()
        times = []
        for engine in ("numpy", "native"):
            seconds = []
            for _ in range(3):
                start = time.perf_counter()
                f = program.compile(engine=engine)  # type: ignore[arg-type]
                f(dict.fromkeys(program.inputs, 0.5))
                seconds.append(time.perf_counter() - start)
            times.append(1e3 * min(seconds))
        print(f"{label:<28}{operations:>11,}{times[0]:>10.1f}{times[1]:>11.1f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="100,1000,10000,100000,1000000,10000000")
    parser.add_argument("--rounds", type=int, default=20, help="a quarter of them beyond 10^6 points")
    parser.add_argument("--only", help="these contestants, with commas")
    parser.add_argument("--compile", action="store_true", help="compile times instead")
    options = parser.parse_args()
    if options.compile:
        compile_times()
        return
    names = [name for name in CONTESTANTS if (not options.only or name in options.only.split(",")) and present(name)]
    print(f"{'points':>10}" + "".join(f"{name:>20}" for name in names))
    print(f"{'':>10}" + "".join(f"{'ns/pt  times':>20}" for _ in names))
    for size in map(int, options.sizes.split(",")):
        best = measure(names, size, options.rounds if size <= 1_000_000 else -(-options.rounds // 4))
        unit = best.get("native", best[names[0]])
        cells = (f"{1e9 * best[name] / size:>13.2f} {best[name] / unit:>6.2f}" for name in names)
        print(f"{size:>10,}" + "".join(cells), flush=True)


if __name__ == "__main__":
    main()
