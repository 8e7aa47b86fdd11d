"""Small changes to thresholds, lists and rows, each of which some test must notice. Run by hand, not with the suite:

    python tests/mutants.py            every change
    python tests/mutants.py kinks      those in files whose path holds this word

Each change is made in a copy of the project, and the tests that it names are run there. A change that no longer finds its place
is reported as well.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("gradcalc", "grammars", "tests", "pyproject.toml", "README.md")


class Mutant(NamedTuple):
    """In a file one text in place of another, and the tests that are to fail then."""

    file: str
    old: str
    new: str
    tests: str


ROWS = "gradcalc/graph/operations"
SIDES, FACTS, THRESHOLDS = "tests/singular/test_sides.py", "tests/graph/test_facts.py", "tests/test_thresholds.py"
MUTANTS = (
    # side columns
    Mutant(f"{ROWS}/hyperbolic.py", "a * s + b * t", "a * s - b * t", SIDES),
    Mutant(f"{ROWS}/ordering.py", "xp.sign(x) * t)", "-xp.sign(x) * t)", SIDES),
    Mutant(f"{ROWS}/ordering.py", "xp.ceil(x) - 1.0", "xp.floor(x)", SIDES),
    Mutant(f"{ROWS}/ordering.py", "s - quotient * t", "s + quotient * t", SIDES),
    Mutant(f"{ROWS}/ordering.py", 'kink="x == low or x == high"', 'kink="x == low"', SIDES),
    Mutant(f"{ROWS}/trigonometric.py", "xp.less(s, 0.0), -xp.pi", "xp.less(s, 0.0), xp.pi", SIDES),
    Mutant(f"{ROWS}/trigonometric.py", 'vertical="x == -1 or x == 1"', 'vertical="x == 1"', SIDES),
    Mutant(f"{ROWS}/powers.py", 'vertical="x == 0"', 'vertical="x == 1"', SIDES),
    Mutant(f"{ROWS}/activations.py", "LEAK = 0.01", "LEAK = 0.02", THRESHOLDS),
    Mutant(f"{ROWS}/arithmetic.py", "xp.equal(s, t), y, moved", "xp.equal(s, t), 1.0 - y, moved", SIDES),
    # facts
    Mutant(f"{ROWS}/powers.py", "Facts(total=True, ordered=True, vanishes=True)",
           "Facts(bounded=True, ordered=True, vanishes=True)", FACTS),
    Mutant(f"{ROWS}/trigonometric.py", '"call sin"), Facts(', '"call sin"), Facts(ordered=True, ', FACTS),
    Mutant(f"{ROWS}/arithmetic.py", "Facts(whole=True, total=True), value=lambda xp, a, b: a - b",
           "Facts(commutes=True, whole=True, total=True), value=lambda xp, a, b: a - b", FACTS),
    Mutant(f"{ROWS}/activations.py", "sided=_sided(LEAK), facts=Facts(", "sided=_sided(LEAK), facts=Facts(exact=True, ", FACTS),
    # thresholds and conditions
    Mutant("gradcalc/singular/kinks.py", "DOUBT = 1e-6", "DOUBT = 1e-2", THRESHOLDS),
    Mutant("gradcalc/singular/kinks.py", "NUMBERS = 400", "NUMBERS = 4", THRESHOLDS),
    Mutant("gradcalc/singular/kinks.py", "NOTES = 20", "NOTES = 2", THRESHOLDS),
    Mutant("gradcalc/singular/kinks.py", "** (1.0 / 3.0)", "** (1.0 / 2.0)", THRESHOLDS),
    Mutant("gradcalc/singular/kinks.py", "rel_tol=1e-12", "rel_tol=1e-3", THRESHOLDS),
    Mutant("gradcalc/evaluators/certified.py", "(*gradient.values(), *sides))", "gradient.values())", THRESHOLDS),
    Mutant("gradcalc/claims/rounding.py", "CAUTION = 4, 16.0", "CAUTION = 4, 1.0", THRESHOLDS),
    Mutant("gradcalc/singular/undefined.py", "if args and TABLE[op].gates and finite(primal[args[0]]):", "if False:",
           THRESHOLDS),
    Mutant("gradcalc/singular/undefined.py", "(args[1],) if gate is True", "(args[2],) if gate is True", THRESHOLDS),
    Mutant("gradcalc/graph/namespaces/symbols.py", " and _shape(a) is not None and _shape(a) == _shape(b)):", "):", THRESHOLDS),
    Mutant("gradcalc/graph/namespaces/symbols.py", "(x == 0.0 or y == 0.0) and graph.shapes is None",
           "x == 0.0 or y == 0.0", THRESHOLDS),
    Mutant("gradcalc/graph/namespaces/arrays/shaped.py", "_SINGULAR = 4.0", "_SINGULAR = 4000.0", THRESHOLDS),
    Mutant("gradcalc/graph/namespaces/arrays/shaped.py", "_SINGULAR = 4.0", "_SINGULAR = 0.004", THRESHOLDS),
    Mutant("gradcalc/evaluators/__init__.py", "0.67 * precision**0.5", "67.0 * precision**0.5", THRESHOLDS),
    Mutant("gradcalc/evaluators/__init__.py", "1.65 * precision", "165.0 * precision", THRESHOLDS),
    Mutant("gradcalc/evaluators/__init__.py", "4500.0 * precision", "4500000.0 * precision", THRESHOLDS),
    Mutant("gradcalc/derivatives/higher_order.py", "GROWTH = 40", "GROWTH = 1", THRESHOLDS),
    Mutant("gradcalc/engines/plans.py", "if last[argument] == place}", "}", "tests/engines"),
    Mutant("gradcalc/engines/recorder.py", "abs(exponent) <= PRODUCTS", "abs(exponent) < PRODUCTS", THRESHOLDS),
    Mutant("gradcalc/tables/csv.py", 'path.lower().endswith(".tsv") and "\\t" in bare', 'False', THRESHOLDS),
    Mutant("gradcalc/tables/csv.py", 'QUOTED.sub("", header)', "header", THRESHOLDS),
    # what is written
    Mutant(f"{ROWS}/powers.py", r'latex=r"\log_{2}', r'latex=r"\log_{10}', THRESHOLDS),
    Mutant(f"{ROWS}/arithmetic.py", 'symbol="-", binds=UNARY', 'symbol="-", binds=CALL', "tests/language"),
    Mutant(f"{ROWS}/arithmetic.py", 'symbol="and", binds=AND', 'symbol="and", binds=OR', "tests/language"),
    Mutant("gradcalc/graph/simplify/exact.py", "LIMIT = 2**53", "LIMIT = 2**63", "tests/graph/test_simplify.py " + THRESHOLDS),
)


def main(words: list[str]) -> int:
    chosen = [mutant for mutant in MUTANTS if all(word in mutant.file for word in words)]
    survived = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, copy / name)
        for mutant in chosen:
            outcome = tried(copy, mutant)
            survived += outcome != "caught"
            print(f"{outcome:>9}  {mutant.file}: {mutant.old[:50]!r} -> {mutant.new[:50]!r}", flush=True)
    print(f"{len(chosen) - survived} of {len(chosen)} changes are caught")
    return survived != 0


def tried(copy: Path, mutant: Mutant) -> str:
    """What the tests say of a change."""
    path = copy / mutant.file
    whole = path.read_text(encoding="utf-8") if path.exists() else ""
    if mutant.old not in whole:
        return "misplaced"
    try:
        path.write_text(whole.replace(mutant.old, mutant.new, 1), encoding="utf-8")
        command = [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-n0", "-p", "no:cacheprovider", *mutant.tests.split()]
        status = subprocess.run(command, cwd=copy, env={**os.environ, "PYTHONPATH": str(copy)}, capture_output=True).returncode
    finally:
        path.write_text(whole, encoding="utf-8")
    return {0: "survived", 1: "caught"}.get(status, f"broken {status}")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
