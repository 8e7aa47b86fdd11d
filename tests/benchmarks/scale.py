"""From a text to a full gradient, for straight-line programs of 10^3 to 10^6 operations: microseconds, bytes and operations.

    python tests/benchmarks/scale.py [--sizes 1000,10000] [--inputs 2,100] [--alone]

Each line is one program: what parsing and differentiating it in reverse mode took for an operation, the memory that was in use
at the peak for an operation (the text not counted), how many operations the derivative takes for one of the value, what the
derivative takes again at another point, and what the libraries that are installed take from the same text (not with --alone,
which saves minutes).
"""

import argparse
import math
import random
import time
import tracemalloc
from collections.abc import Callable

import peers

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


def least(run: Callable[[], object], rounds: int) -> float:
    """The shortest of some runs, in seconds."""
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def measure(operations: int, inputs: int, compared: dict[str, peers.Peer]) -> str:
    text = straight_line(operations, inputs)
    program = gradcalc.parse(text)
    at = {name: 0.5 + int(name[1:]) / inputs for name in program.inputs}
    rounds = 5 if operations <= 100_000 else 1
    whole = least(lambda: gradcalc.parse(text).diff(at=at), rounds)
    again = least(lambda: program.diff(at=at), rounds)
    del program
    tracemalloc.start()
    program = gradcalc.parse(text)
    kept = program.diff(at=at)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    value, ratio = counted(program, at)
    line = (f"{value:>10,} {len(at):>7,} {1e6 * whole / value:>8.1f} {peak / value:>9.0f} {ratio:>12.2f} "
            f"{1e6 * again / value:>8.1f}")
    for name, peer in compared.items():
        found = peer(peers.as_python(text), at)
        assert kept.gradient is not None and all(math.isclose(found[each], kept.gradient[each], rel_tol=1e-9, abs_tol=1e-12)
                                                 for each in found), name
        taken = least(lambda peer=peer: peer(peers.as_python(text), at), min(rounds, 3))  # type: ignore[misc]
        line += f"   {name} {1e6 * taken / value:.1f} ({whole / taken:.2f})"
    return line


def counted(program: gradcalc.Program, at: dict[str, float]) -> tuple[int, float]:
    """The operations of the value, and how many times as many the derivative takes."""
    from gradcalc.derivatives.products import values
    from gradcalc.evaluators.cost import of_reverse, of_values

    request, *_ = program.request(at=at, counted=True)
    primal = values(request)
    value = of_values(request.graph, request.order, primal)
    active = request.graph.descendants(request.point or (), request.order)
    return value, of_reverse(request.graph, request.order, active, primal) / value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1000,10000,100000,1000000")
    parser.add_argument("--inputs", default="2,100")
    parser.add_argument("--alone", action="store_true", help="without the libraries that are installed")
    options = parser.parse_args()
    print("operations  inputs  us / op  bytes/op  derivative/value  again us/op   peers: us / op (our time in theirs)")
    compared = {} if options.alone else peers.installed()
    for size in options.sizes.split(","):
        for inputs in options.inputs.split(","):
            print(measure(int(size), int(inputs), compared), flush=True)


if __name__ == "__main__":
    main()
