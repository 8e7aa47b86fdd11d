"""Whatever is put in, what comes out is an answer or a GradcalcError, soon, and nothing stays behind.

    python tests/fuzz.py --runs 100000 --seed 1              random and mutated programs, points and command lines
    python tests/fuzz.py --runs 100000 --coverage            the same calls, guided by coverage (pip install atheris)
    python tests/fuzz.py --runs 1000 --only commands         one kind of input alone: bytes, tokens, mutants, grown, commands

A failure is any other exception, an exit status that the README does not name, more than two seconds of computing, and memory
that grows. Each is printed with the smallest input that still fails. The exit status is 1 if there was one.
"""

import argparse
import contextlib
import io
import json
import os
import random
import re
import signal
import sys
import time
import tomllib
import traceback
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

# Nothing here is large; threads of a library for linear algebra would only spin.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

SECONDS = 2.0
#: A run that has not come back by then is interrupted.
HANG = 20.0
#: So many bytes the process may grow by after its first tenth, in which caches fill.
GROWTH = 64 << 20
STATUSES = {0, 1, 2, 3}

MORE = (
    "e=(a+b)*(b+1)", "c=a+b; d=b+1; e=c*d", "f(x, y) = x^2 + y; f(a, b) + f(b, a)", "g(u) = exp(-u^2)/2\ng(x)*g(y - 1)",
    "C = sum((sigmoid(W@x + b) - y)^2)", "y = softmax(W@x); cross_entropy(W@x, [1, 0])", "sum(x[1:3]*x[::-2][0])",
    "norm(inv(A)@b) + det(A) + logdet(A@A.T)", "trace(A@A) + sum(solve(A, b))", "mean(stack(a, b, axis=0))",
    "sum(concat([x, x], axis=0)) + prod(x)", "sum(reshape(x, [2, 2]), axis=0, keepdims=True)[0, 1]", "logsumexp(x) + max(x)",
    "where(x > 0 and not (y < 1), log(x), x^2/y)", "θ² + 2·π×x − y³ ÷ 4", "[a, b, a*b]@[1, 2, 3]", "x[..., 0] + W.T[0, :]",
    "2^-3^x # a comment", "h(a)=a; k(b)=h(b)*h(b); m(c)=k(c)*k(c); m(x)", "((((x))))", "-x^2; -(-x)", "x == y or x != 1 <= 2",
)
TOKENS = ("x y a b W f( g( ( ) [ ] , ; = + - * / ^ ** @ .T : ... < <= > >= == != and or not # ² ³ × · ÷ − π pi tau e "
          "0 1 2 0.5 1e-3 1e308 1e-308 9999999999999999999 .5 1. axis=0 axis=[0,1] keepdims=True \n where( sum( max( min( abs( "
          "relu( sqrt( log( exp( sin( pow( mod( clip( norm( det( inv( solve( softmax( reshape( concat( stack( transpose( "
          "cross_entropy( index( scatter_like( floor( hypot( atan2( cbrt( erf( prod( mean(").split(" ")
NUMBERS = (0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 3.0, -2.5, 1e-7, 1e7, 1e-300, 1e300, 1e308, 5e-324, -1e-16, 1.5707963267948966)
ARRAYS = ([], [0.0], [1.0, 2.0], [1.0, 1.0], [0.0, -1.0, 2.0], [[1.0, 2.0], [3.0, 4.0]], [[0.0, 0.0], [0.0, 0.0]], [[1.0]],
          [[], []], [[1.0, 2.0, 3.0]], [[[1.0]]])
OPERATORS = ("+", "-", "*", "/", "^", "@")
COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
FUNCTIONS = ("abs sign floor ceil round sqrt cbrt exp expm1 log log2 log1p sin cos tan sec cot asin acos atan sinh cosh tanh "
             "asinh acosh atanh sigmoid relu leaky_relu elu softplus gelu silu erf erfc heaviside sum mean prod min max norm "
             "transpose softmax log_softmax logsumexp trace det logdet inv not").split()
BINARY = "atan2 hypot mod min max dot matmul concat stack solve cross_entropy".split()
#: What is no value, and must be refused.
NONSENSE = (float("nan"), float("inf"), "1", "", None, True, [[1.0], [2.0, 3.0]], ["a"], {}, 10**400, 1j, object, [None], b"1")
MODES = ("reverse", "forward", "symbolic", "complex", "finite", "certified")
ACTIONS = ("eval", "diff", "diff", "diff", "formula", "compare", "jacobian", "hessian", "jvp", "vjp", "hvp", "write", "check",
           "order")
OPTIONS = ("--json", "--quiet", "--strict", "--no-trace", "--checkpoint", "--format=latex", "--format=plain", "--kinks=left",
           "--kinks=error", "--order=2", "--order=0", "--mode=finite", "--mode=symbolic", "--mode=nope", "--dtype=float32",
           "--precision=3", "--precision=99", "--wrt=x", "--wrt=x,y", "--wrt=,", "--of=c", "--of=", "--max-nodes=5",
           "--max-depth=3", "--max-digits=2", "--max-text=10", "--max-entries=3",
           "--max-memory=4GB", "--max-memory=x", "--scheme=central",
           "--step=1e-6", "--step=nan", "--eigenvalues=1", "--claim=x=2*x", "--tangent=x=1", "--cotangent=1",
           "--vector=x=[1,2]", "--help", "--color=always",
           "--modes=all", "--modes=forward,finite", "--at=x", "--at={}", "--", "-x", "--x")
COMMANDS = ("diff", "eval", "compare", "jacobian", "hessian", "jvp", "vjp", "hvp", "check", "functions", "modes", "examples")


class Failure(NamedTuple):
    """What went wrong, in a word that stays the same while the input shrinks, and at length."""

    kind: str
    detail: str


class Stuck(BaseException):
    """A run that was interrupted. No handler of exceptions may swallow it."""


def seeds() -> list[str]:
    table = Path(__file__).parent / "fixtures" / "singular_points.toml"
    points = tomllib.loads(table.read_text(encoding="utf-8"))["point"]
    return [*MORE, *(point["expression"] for point in points)]


# -- inputs --------------------------------------------------------------------------------------------------------------


def random_bytes(source: random.Random) -> str:
    return source.randbytes(source.randrange(60)).decode(source.choice(("utf-8", "latin-1")), "replace")


def random_tokens(source: random.Random) -> str:
    return source.choice(("", " ")).join(source.choices(TOKENS, k=source.randrange(1, 25)))


def mutant(source: random.Random, known: Sequence[str]) -> str:
    """A program with some of it replaced, doubled, deleted, or taken from another one."""
    text = source.choice(known)
    for _ in range(source.randrange(1, 5)):
        start = source.randrange(len(text) + 1)
        end = min(len(text), start + source.randrange(8))
        other = source.choice(known)
        cut = source.randrange(len(other) + 1)
        piece = source.choice((
            "", text[start:end]*2, source.choice(TOKENS), other[cut:cut + source.randrange(20)],
            chr(source.randrange(32, 0x250)), repr(source.choice(NUMBERS)),
            f"({text[start:end]})", f"; {source.choice('xyabc')} = "))
        text = text[:start] + piece + text[end:]
    return text[:2000]


def swapped(source: random.Random, known: Sequence[str]) -> str:
    """A program with some of its words and marks exchanged for others of their kind, so that most are programs still."""
    parts = re.findall(r"[A-Za-z_]+\(|[A-Za-z_]+|[\d.]+(?:e-?\d+)?|[-+*/^@]|[<>=!]=|[<>]|\s+|.", source.choice(known), re.S)
    for _ in range(source.randrange(1, 4)):
        place = source.randrange(len(parts))
        for pool in (OPERATORS, COMPARISONS):
            if parts[place] in pool:
                parts[place] = source.choice(pool)
        if parts[place].endswith("(") and len(parts[place]) > 1:
            parts[place] = source.choice(FUNCTIONS) + "("
        elif parts[place][0].isdigit():
            parts[place] = source.choice((repr(abs(source.choice(NUMBERS))), "x", "[1, 2]", "0", "3"))
        elif parts[place].isidentifier():
            parts[place] = source.choice(("x", "y", "pi", "(x - y)", "abs(x)", "2"))
    return "".join(parts)


def grown(source: random.Random, depth: int = 4) -> str:
    """An expression of any operations."""
    if depth == 0 or source.random() < 0.15:
        return source.choice(("x", "x", "y", "w", repr(source.choice(NUMBERS)), "2", "pi"))
    kind, below = source.random(), depth - 1
    if kind < 0.4:
        return f"({grown(source, below)} {source.choice(OPERATORS)} {grown(source, below)})"
    if kind < 0.65:
        return f"{source.choice(FUNCTIONS)}({grown(source, below)})"
    if kind < 0.75:
        return f"{source.choice(BINARY)}({grown(source, below)}, {grown(source, below)})"
    if kind < 0.85:
        condition = f"{grown(source, 1)} {source.choice(COMPARISONS)} {grown(source, 1)}"
        return f"where({condition}, {grown(source, below)}, {grown(source, below)})"
    if kind < 0.9:
        return f"[{grown(source, below)}, {grown(source, below)}]"
    if kind < 0.95:
        return grown(source, below) + source.choice(("[0]", "[-1]", "[:1]", "[::-1]", "[..., 0]", ".T", "[1:, None]"))
    return f"-{grown(source, below)}"


def statements(source: random.Random) -> str:
    """Some statements, whose names the last one uses."""
    lines = [f"{name} = {grown(source, 3)}" for name in source.sample("abcd", source.randrange(3))]
    return "; ".join([*lines, source.choice(("{}", "sum({})", "{} + a*b", "f(u) = u*x; f({})")).format(grown(source))])


def mood(source: random.Random) -> Callable[[], Any]:
    """What draws the values of one point: mostly all of one shape, so that they fit."""
    array, strange = source.choice(ARRAYS), source.random() < 0.03
    usual = source.choice(("numbers", "numbers", "numbers", "one shape", "any"))

    def value() -> Any:
        if strange and source.random() < 0.5:
            return source.choice(NONSENSE)
        if usual == "one shape" or (usual == "any" and source.random() < 0.5):
            return array if usual == "one shape" else source.choice(ARRAYS)
        return source.choice(NUMBERS)

    return value


def arguments(source: random.Random, text: str) -> list[str]:
    """A command line that mentions the program."""
    point = ",".join(f"{name}={source.choice(NUMBERS if source.random() < 0.7 else ARRAYS)}"
                     for name in source.sample("xyabW", source.randrange(1, 5)))
    found = [source.choice(COMMANDS), text, *source.choices(OPTIONS, k=source.randrange(4))]
    found += ["--at", point if source.random() < 0.9 else mutant(source, [point])] if source.random() < 0.8 else []
    if source.random() < 0.2:
        source.shuffle(found)
    return [*found, f"--max-seconds={HANG:g}"] if source.random() < 0.95 else found


# -- what is called ------------------------------------------------------------------------------------------------------


def ask(text: str, action: str, mode: str, kinks: str, choose: Callable[[], Any]) -> None:
    """Parse a program and put one question to it, at values that ``choose`` gives."""
    import gradcalc

    program = gradcalc.parse(text)
    at = {name: choose() for name in program.inputs}
    if action == "eval":
        json.dumps(program.eval(at).to_dict())
    elif action == "diff":
        json.dumps(program.diff(None, at, mode, kinks=kinks).to_dict())
    elif action == "formula":
        program.diff()
    elif action == "order":
        program.diff(None, at, mode, order=3)
    elif action == "compare":
        gradcalc.compare(program, None, at).to_dict()
    elif action == "write":
        for language in ("text", "latex", "python"):
            program.write(language)  # type: ignore[arg-type]
    elif action == "check":
        program.check([f"{name}={choose()}" for name in program.inputs] or ["x=1"], at)
    elif action in ("jvp", "hvp"):
        getattr(program, action)(at, at)
    else:
        getattr(program, action)(at=at)


def command(given: Sequence[str]) -> Failure | None:
    """Run a command line, and look at how it ends."""
    from gradcalc.commands import run

    out, err, stdin = io.StringIO(), io.StringIO(), sys.stdin
    try:
        sys.stdin = io.StringIO("")
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = run(given)
    finally:
        sys.stdin = stdin
    said = err.getvalue()
    if status not in STATUSES or "Traceback" in said:
        return Failure(f"status {status} {said[:60]}", said)
    if status == 2 and out.getvalue():
        return Failure("output beside an error", said + out.getvalue()[:200])
    return None


def failure(call: Callable[[], Failure | None], again: bool = False) -> Failure | None:
    """What is wrong with a call, if anything is. One that took long is made again, to see whether that was its own doing."""
    from gradcalc import GradcalcError

    def stuck(number: int, frame: object) -> None:
        raise Stuck

    before = signal.signal(signal.SIGALRM, stuck)
    signal.setitimer(signal.ITIMER_REAL, HANG)
    clock = time.process_time if again else time.perf_counter  # the first is slow on some systems
    start = clock()
    try:
        found = call()
    except GradcalcError:
        found = None
    except Stuck:
        return Failure("stuck", f"no end after {HANG:g} seconds")
    except Exception as problem:
        last = traceback.extract_tb(problem.__traceback__)[-1]
        return Failure(f"{type(problem).__name__} in {Path(last.filename).name}:{last.lineno}", traceback.format_exc())
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
    taken = clock() - start
    if found or taken <= SECONDS:
        return found
    return Failure("slow", f"{taken:.1f} seconds") if again else failure(call, again=True)


class Trial(NamedTuple):
    """One input: a text, and what is done with it, which draws the rest from a seed of its own."""

    kind: str
    text: str
    seed: int

    def run(self) -> Failure | None:
        return failure(self._go)

    def _go(self) -> Failure | None:
        source = random.Random(self.seed)
        if self.kind == "commands":
            return command(arguments(source, self.text))
        ask(self.text, source.choice(ACTIONS), source.choice(MODES), source.choice(("mean", "left", "error")), mood(source))
        return None

    def smallest(self, found: Failure) -> "Trial":
        """A shorter text that fails in the same way."""
        best, size = self, max(1, len(self.text) // 2)
        deadline = time.monotonic() + 60.0
        while size and time.monotonic() < deadline:
            for start in range(0, len(best.text), size):
                shorter = best._replace(text=best.text[:start] + best.text[start + size:])
                again = shorter.run()
                if again is not None and again.kind == found.kind:
                    best = shorter
                    break
            else:
                size //= 2
        return best

    def __str__(self) -> str:
        source = random.Random(self.seed)
        if self.kind == "commands":
            return f"gradcalc {arguments(source, self.text)!r}"
        chosen = source.choice(ACTIONS), source.choice(MODES), source.choice(("mean", "left", "error"))
        choose = mood(source)
        return f"{' '.join(chosen)} of {self.text!r} at {[choose() for _ in range(5)]}"


def trials(seed: int, only: str | None) -> Any:
    """Inputs without end."""
    source, known = random.Random(seed), seeds()
    kinds = [only] if only else ["bytes"] * 4 + ["tokens"] * 4 + ["mutants"] * 12 + ["grown"] * 12 + ["commands"]
    made: dict[str, Callable[[], str]] = {
        "bytes": lambda: random_bytes(source), "tokens": lambda: random_tokens(source), "grown": lambda: statements(source),
        "mutants": lambda: (mutant if source.random() < 0.5 else swapped)(source, known),
        "commands": lambda: source.choice((mutant, swapped))(source, known)}
    while True:
        kind = source.choice(kinds)
        yield Trial(kind, made[kind](), source.getrandbits(32))


def fuzz(runs: int, seed: int, only: str | None = None, shown: int = 20) -> tuple[int, list[str]]:
    """So many runs; how many there were, and a text for each kind of failure."""
    warnings.simplefilter("ignore")
    failures: dict[str, str] = {}
    begin = 0
    for number, trial in zip(range(1, runs + 1), trials(seed, only), strict=False):
        found = trial.run()
        if found is not None and found.kind not in failures:
            failures[found.kind] = f"{found.kind}\n  {trial.smallest(found)}\n{found.detail}"
            print(failures[found.kind], file=sys.stderr, flush=True)
            if len(failures) >= shown:
                return number, list(failures.values())
        if number == max(1, runs // 10):
            begin = resident()
    if begin and resident() - begin > GROWTH:
        failures["memory"] = f"the process grew from {begin >> 20} to {resident() >> 20} MB"
    return runs, list(failures.values())


def resident() -> int:
    """The memory that the process holds now, 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def guided(runs: int, seed: int) -> None:
    """The same calls on inputs that atheris grows towards code that has not been reached. It ends the process."""
    import atheris  # type: ignore[import-not-found]

    with atheris.instrument_imports(include=["gradcalc"]):
        import gradcalc  # noqa: F401
        from gradcalc import commands, comparison, derivatives, higher  # noqa: F401
        from gradcalc.language import latex, printer, python_code  # noqa: F401
    warnings.simplefilter("ignore")
    corpus = Path(os.environ.get("TMPDIR", "/tmp")) / f"gradcalc-fuzz-{os.getpid()}"
    corpus.mkdir(exist_ok=True)
    for number, text in enumerate(seeds()):
        (corpus / str(number)).write_bytes(number.to_bytes(4, "little") + text.encode())

    def one(data: bytes) -> None:
        trial = Trial("mutants", data[4:].decode("utf-8", "replace")[:2000], int.from_bytes(data[:4], "little"))
        found = trial.run()
        if found is not None:
            print(f"{found.kind}\n  {trial.smallest(found)}\n{found.detail}", file=sys.stderr, flush=True)
            raise AssertionError(found.kind)

    options = [f"-runs={runs}", f"-seed={seed}", "-max_len=300", f"-artifact_prefix={corpus}/"]
    atheris.Setup([sys.argv[0], *options, str(corpus)], one)
    atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=("bytes", "tokens", "mutants", "grown", "commands"))
    parser.add_argument("--coverage", action="store_true")
    given = parser.parse_args()
    if given.coverage:
        guided(given.runs, given.seed)
    start = time.monotonic()
    runs, failures = fuzz(given.runs, given.seed, given.only)
    print(f"{runs:,} runs in {time.monotonic() - start:.0f} seconds, {len(failures)} kinds of failure")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
