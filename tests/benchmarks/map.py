"""How many rows a minute ``map`` answers, three columns in and four out, and the memory that it takes at its peak.

    python tests/benchmarks/map.py [--rows 1000000] [--small 100000] [--engine auto] [--formats csv,jsonl,parquet,npz]

Each line is one format, read and written: the time of the whole command, rows a minute, the peak of its memory, and that of the
smaller table with the ratio of the two. Formats whose package is not installed are left out.
"""

import argparse
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FORMULA = "exp(-((x-m)^2)/(2*s^2))/(s*sqrt(2*pi))*sin(x*m) + log(1+s^2*x^2)"
NAMES = ("x", "m", "s")
STEP = 500_000


def blocks(rows: int):
    """The table in blocks of three columns, the same every time."""
    import numpy as np

    rng = np.random.default_rng(0)
    for first in range(0, rows, STEP):
        yield rng.uniform(0.5, 2.0, (3, min(STEP, rows - first)))


def write(path: Path, rows: int) -> None:
    if path.suffix == ".npz":
        import numpy as np

        columns = np.concatenate(list(blocks(rows)), axis=1)
        np.savez(path, **dict(zip(NAMES, columns, strict=True)))
    elif path.suffix == ".parquet":
        import pyarrow
        import pyarrow.parquet

        schema = pyarrow.schema([(name, pyarrow.float64()) for name in NAMES])
        with pyarrow.parquet.ParquetWriter(path, schema, use_dictionary=False) as writer:
            for block in blocks(rows):
                writer.write_table(pyarrow.table(list(map(pyarrow.array, block)), schema=schema))
    else:
        line = "%r,%r,%r\n" if path.suffix == ".csv" else '{"x": %r, "m": %r, "s": %r}\n'
        with path.open("w") as stream:
            if path.suffix == ".csv":
                stream.write(",".join(NAMES) + "\n")
            for block in blocks(rows):
                stream.writelines([line % row for row in zip(*block.tolist(), strict=True)])


def measure(data: Path, out: Path, engine: str) -> tuple[float, int]:
    """Seconds and bytes of one run. A child's memory counts from its parent's, which is why this process writes no tables."""
    words = [sys.executable, "-m", "gradcalc", "map", FORMULA, "--data", str(data), "--out", str(out), "--engine", engine]
    start = time.perf_counter()
    child = os.posix_spawn(sys.executable, words, dict(os.environ))
    _, status, used = os.wait4(child, 0)
    taken = time.perf_counter() - start
    assert status == 0, words
    out.unlink()
    return taken, used.ru_maxrss * 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=float, default=1e6)
    parser.add_argument("--small", type=float, default=1e5)
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--formats", default="csv,jsonl,parquet,npz")
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.write:
        write(options.write, int(options.rows))
        return
    rows, small = int(options.rows), int(options.small)
    print(f"{rows:,} rows beside {small:,}")
    print(f"{'seconds':>8} {'million rows/min':>17} {'peak MB':>8} {'of the small':>13} {'ratio':>6}")
    for form in options.formats.split(","):
        if form == "parquet" and not importlib.util.find_spec("pyarrow"):
            continue
        with tempfile.TemporaryDirectory() as name:
            large_data, small_data, out = (Path(name) / f"{stem}.{form}" for stem in ("large", "small", "out"))
            for data, count in ((large_data, rows), (small_data, small)):
                subprocess.run([sys.executable, __file__, "--write", data, "--rows", str(count)], check=True)
            measure(small_data, out, options.engine)  # what is compiled once is compiled
            _, few = measure(small_data, out, options.engine)
            seconds, much = measure(large_data, out, options.engine)
        speed = 60e-6 * rows / seconds
        print(f"{seconds:>8.2f} {speed:>17.1f} {much / 1e6:>8.0f} {few / 1e6:>13.0f} {much / few:>6.2f}  {form}", flush=True)


if __name__ == "__main__":
    main()
