"""How long one question takes, from the shell's prompt and back, beside what it is measured against.

    python tests/benchmarks/cold_start.py [--runs 20]

Each line is a command, the least and the median time of its runs, and the ratio of the least to that of importing click and
Lark. Programs that are not installed are left out.
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
BASE = "python -c 'import click, lark'"


def commands() -> dict[str, list[str]]:
    ours = [GRADCALC] if GRADCALC else [sys.executable, "-m", "gradcalc"]
    found = {BASE: [sys.executable, "-c", "import click, lark"]}
    for mode in ("reverse", "forward", "symbolic", "complex", "finite"):
        found[f"gradcalc diff --mode {mode} --json"] = [*ours, *QUESTION, "--mode", mode]
    found["gradcalc diff (table)"] = [*ours, *QUESTION[:-1]]
    found["sympy diff"] = [sys.executable, "-c", "from sympy import *; a, b = symbols('a b'); print(diff((a+b)*(b+1), b))"]
    others = {"maxima": ["--very-quiet", "--batch-string=diff((a+b)*(b+1),b);"], "qalc": ["diff((a+b)*(b+1),b)"]}
    for program, words in others.items():
        if shutil.which(program):
            found[program] = [program, *words]
    return found


def seconds(command: list[str], runs: int) -> list[float]:
    taken = []
    # As users have it: bytecode is kept from run to run.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for _ in range(runs + 1):
        start = time.perf_counter()
        done = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL, env=environment)
        taken.append(time.perf_counter() - start)
        if done.returncode:
            return []
    return taken[1:]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20)
    runs = parser.parse_args().runs
    base = 0.0
    print(f"{'least':>8} {'median':>8} {'ratio':>6}")
    for name, command in commands().items():
        taken = seconds(command, runs)
        if taken:
            base = base or min(taken)
            print(f"{1e3 * min(taken):>5.0f} ms {1e3 * statistics.median(taken):>5.0f} ms {min(taken) / base:>6.2f}  {name}")


if __name__ == "__main__":
    main()
