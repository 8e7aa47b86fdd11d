"""From a text to a full gradient, for straight-line programs of 10^3 to 10^6 operations: microseconds, bytes and operations.

    python tests/benchmarks/scale.py [--sizes 1000,10000] [--inputs 2,100]

Each line is one program: what parsing and differentiating it in reverse mode took for an operation, the memory that was in use
at the peak for an operation (the text not counted), and how many operations the derivative takes for one of the value.
"""

import argparse
import random
import time
import tracemalloc

import gradcalc


def straight_line(operations: int, inputs: int, seed: int = 1) -> str:
    """A program of so many operations, one a statement, in which every node reaches the output."""
    rng = random.Random(seed)
    names = [f"x{k}" for k in range(inputs)]
    lines = []
    for k in range(operations):
        last = names[-1]
        other = rng.choice(names[-20:]) if k >= inputs else names[k]
        lines.append(f"v{k} = " + rng.choice((
            f"{last} + {other}", f"{last} - {other}", f"{last}*{other}", f"sin({last})", f"cos({last})", f"tanh({last})",
            f"{last}/(1 + {other}^2)")))
        names.append(f"v{k}")
    return "\n".join(lines)


def measure(operations: int, inputs: int) -> str:
    text = straight_line(operations, inputs)
    at = {f"x{k}": 0.5 + k / inputs for k in range(inputs)}
    seconds = []
    for _ in range(5 if operations <= 100_000 else 1):
        start = time.perf_counter()
        program = gradcalc.parse(text)
        needed = {name: at[name] for name in program.inputs}
        result = program.diff(at=needed)
        seconds.append(time.perf_counter() - start)
        assert result.gradient is not None
        del program, result
    tracemalloc.start()
    program = gradcalc.parse(text)
    kept = program.diff(at=needed)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    del kept
    request, *_ = program.request(at=needed, counted=True)
    from gradcalc.evaluators.cost import of_reverse, of_values
    from gradcalc.products import values

    primal = values(request)
    value = of_values(request.graph, request.order, primal)
    active = request.graph.descendants(request.point or (), request.order)
    ratio = of_reverse(request.graph, request.order, active, primal) / value
    return (f"{value:>10,} {len(needed):>7,} {1e6 * min(seconds) / value:>8.1f} {peak / value:>8.0f} {ratio:>12.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1000,10000,100000,1000000")
    parser.add_argument("--inputs", default="2,100")
    options = parser.parse_args()
    print("operations  inputs  us / op  bytes/op  derivative/value (operations)")
    for size in options.sizes.split(","):
        for inputs in options.inputs.split(","):
            print(measure(int(size), int(inputs)), flush=True)


if __name__ == "__main__":
    main()
