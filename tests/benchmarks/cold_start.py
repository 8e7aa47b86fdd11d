"""How long one question takes, from the shell's prompt and back, beside what it is measured against.

    python tests/benchmarks/cold_start.py [--runs 20]

Each line is a command, the least and the median time of its runs, and the median of its ratios to the first line, run by run:
the commands take turns. The first is Maxima, or where that is not installed importing click. Programs that are not installed
are left out. The last line is the table's ratio to the JSON. Install gradcalc from a wheel to see what users see.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

GRADCALC = shutil.which("gradcalc", path=str(Path(sys.executable).parent)) or shutil.which("gradcalc")
QUESTION = ["diff", "e=(a+b)*(b+1)", "--at", "a=2,b=1", "--wrt", "b", "--json"]
TABLE, JSON = "gradcalc diff (table)", "gradcalc diff --mode {} --json"


def commands() -> dict[str, list[str]]:
    ours = [GRADCALC] if GRADCALC else [sys.executable, "-m", "gradcalc"]
    found = {}
    if shutil.which("maxima"):
        found["maxima"] = ["maxima", "--very-quiet", "--batch-string=diff((a+b)*(b+1),b);"]
    found["python -c 'import click'"] = [sys.executable, "-c", "import click"]
    found["python -c pass"] = [sys.executable, "-c", "pass"]
    for mode in ("reverse", "forward", "symbolic", "complex", "finite"):
        found[JSON.format(mode)] = [*ours, *QUESTION, "--mode", mode]
    found[TABLE] = [*ours, *QUESTION[:-1]]
    found["sympy diff"] = [sys.executable, "-c", "from sympy import *; a, b = symbols('a b'); print(diff((a+b)*(b+1), b))"]
    if shutil.which("qalc"):
        found["qalc"] = ["qalc", "diff((a+b)*(b+1),b)"]
    return found


def seconds(command: list[str]) -> float | None:
    """The time of one run, or None where it fails."""
    # As users have it: bytecode is kept from run to run.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL, env=environment)
    return None if done.returncode else time.perf_counter() - start


def ratio(some: list[float], others: list[float]) -> float:
    return statistics.median(one / other for one, other in zip(some, others, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20)
    runs = parser.parse_args().runs
    able = {name: command for name, command in commands().items() if seconds(command) is not None}
    taken: dict[str, list[float]] = {name: [] for name in able}
    for _ in range(runs):
        for name, command in able.items():
            taken[name].append(seconds(command) or float("nan"))
    base = next(iter(taken.values()))
    print(f"{'least':>8} {'median':>8} {'ratio':>6}")
    for name, times in taken.items():
        print(f"{1e3 * min(times):>5.0f} ms {1e3 * statistics.median(times):>5.0f} ms {ratio(times, base):>6.2f}  {name}")
    print(f"{ratio(taken[TABLE], taken[JSON.format('reverse')]):>24.2f}  the table to the JSON")


if __name__ == "__main__":
    main()
