"""The conformance suite: what every mode and every operation must do, the built-in ones and those of others.

>>> from gradcalc.testing import check_evaluator, check_operation
>>> check_evaluator(MyMode())     # doctest: +SKIP
>>> check_operation(my_row)       # doctest: +SKIP

Both return nothing where all is well, and raise AssertionError with the place and both numbers where it is not. They
need no test framework. Nothing is compared before it is known to be finite: a comparison with NaN proves nothing.
"""

import math
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from gradcalc.diagnostics import GradcalcError
from gradcalc.evaluators import Can, Evaluator
from gradcalc.evaluators.complex import slope as complex_slope
from gradcalc.evaluators.finite import extrapolated
from gradcalc.examples import EXAMPLES, Example
from gradcalc.graph import sweeps
from gradcalc.graph.namespaces import complexes, scalars
from gradcalc.graph.operations import TABLE
from gradcalc.graph.operations.row import Operation, Partial
from gradcalc.program import Program, parse
from gradcalc.results import Answer, Request

#: How far an exact mode may be from the truth, and any other; relative to numbers above 1, absolute below.
EXACT, MEASURED = 1e-10, 1e-6
#: Numbers below this have lost digits, each way of computing them its own.
_UNDERFLOW = 1e-300

#: What the built-in examples do not have: choices, constants, names that do not matter, the output's name, long chains.
CASES = (
    Example("choice", "the branch that is taken", "y = where(x > 0, x^2, log(x + 3))", {"x": -1.0}, math.log(2.0),
            {"x": 0.5}),
    Example("guard", "the other branch is undefined", "where(x > 0, log(x), x^2)", {"x": -3.0}, 9.0, {"x": -6.0}),
    Example("any-condition", "a condition that is neither 0 nor 1", "where(x, x^2, 7)", {"x": 5.0}, 25.0, {"x": 10.0}),
    Example("constants", "a constant by its name, and pi", "h = 3; y = h*pi*x^2", {"x": 2.0}, 12.0 * math.pi,
            {"h": 4.0 * math.pi, "x": 12.0 * math.pi}),
    Example("independent", "a name that does not matter", "u = 5*t; y = x^2", {"t": 1.0, "x": 3.0}, 9.0,
            {"t": 0.0, "u": 0.0, "x": 6.0}),
    Example("cancelled", "a derivative of zero", "u = x^2; y = u - u + z", {"x": 2.0, "z": 1.0}, 1.0,
            {"x": 0.0, "u": 0.0, "z": 1.0}),
    Example("output", "the output itself", "u = x*x; y = u^2", {"x": 2.0}, 16.0, {"y": 1.0, "u": 8.0, "x": 32.0}),
    Example("another-output", "an output that is not last", "u = x^3; v = exp(u)", {"x": 2.0}, 8.0, {"x": 12.0}, "u"),
    Example("squared", "one node twice in one operation", "u = sin(x); y = u*u + u^2", {"x": 1.0},
            2.0 * math.sin(1.0) ** 2, {"u": 4.0 * math.sin(1.0), "x": 2.0 * math.sin(2.0)}),
    Example("fixed-exponent", "a whole power of a negative number", "x^3", {"x": -2.0}, -8.0, {"x": 12.0}),
    Example("small", "a derivative that is small beside 1", "exp(-x)", {"x": 30.0}, math.exp(-30.0),
            {"x": -math.exp(-30.0)}),
    Example("chain", "a thousand sums", " + ".join(["x"] * 1000), {"x": 0.5}, 500.0, {"x": 1000.0}),
)


# -- modes -------------------------------------------------------------------------------------------------------------


def check_evaluator(mode: Evaluator) -> None:
    """Check a mode's answers on the examples, and that it does what its flags say.

    A mode may refuse a program with the code ``unsupported``, but not all of them. Raises AssertionError.
    """
    assert mode.name and mode.summary, f"the mode {mode!r} has no name or no summary"
    answered = [example.name for example in (*EXAMPLES, *CASES) if _check_example(mode, example)]
    assert answered, f"{mode.name} supports none of the examples"
    if Can.INDEPENDENT in mode.can:
        with _unreadable_partials(mode.name):
            for example in (*EXAMPLES, *CASES):
                _check_example(mode, example)


def _check_example(mode: Evaluator, example: Example) -> bool:
    """Whether the mode takes the example; its answer has then been checked."""
    program = parse(example.program)
    request = program.request(example.wrt, example.at, example.of, counted=True)[0]
    try:
        answer = mode.differentiate(request)
    except GradcalcError as problem:
        assert problem.diagnostic.code == "unsupported", f"{mode.name} refuses {example.name!r}: {problem}"
        return False
    where = f"{mode.name} on {example.name!r}"
    near = partial(_near, tolerance=EXACT if Can.EXACT in mode.can else MEASURED)
    near(answer.value, example.value, f"{where}: the value")
    assert answer.gradient is not None and set(answer.gradient) == set(example.gradient), f"{where}: names are missing"
    for name, slope in example.gradient.items():
        near(answer.gradient[name], slope, f"{where}: the derivative for {name}")
    assert answer.operations is None or answer.operations >= 0, f"{where}: {answer.operations} operations"
    _check_sweeps(mode, request, answer, example, where)
    _check_formulas(mode, program, answer, example, where)
    return True


def _check_sweeps(mode: Evaluator, request: Request, answer: Answer, example: Example, where: str) -> None:
    """The adjoints and tangents that the flags promise, at the nodes whose derivative the example knows."""
    for name, node in request.wrt.items():
        slope = example.gradient[name]
        if Can.ADJOINTS in mode.can and slope != 0.0:
            assert node < len(answer.adjoints), f"{where}: no adjoint of {name}, though the mode promises adjoints"
            _near(answer.adjoints[node], slope, f"{where}: the adjoint of {name}", EXACT)
        if Can.TANGENTS in mode.can and slope != 0.0:
            assert name in answer.tangents, f"{where}: no tangents for {name}, though the mode promises tangents"
            _near(answer.tangents[name][node], 1.0, f"{where}: the tangent of {name} for itself", EXACT)
            _near(answer.tangents[name][request.root], slope, f"{where}: the output's tangent for {name}", EXACT)


def _check_formulas(mode: Evaluator, program: Program, answer: Answer, example: Example, where: str) -> None:
    """The formulas that the flags promise: each is a program, and its value is the derivative."""
    if Can.FORMULA not in mode.can:
        return
    answers = [answer]
    if Can.NO_POINT in mode.can:
        question = program.request(example.wrt, example.at, example.of)[0]
        answers.append(mode.differentiate(question._replace(point=None)))
    for number, given in enumerate(answers):
        said = f"{where}{' without a point' if number else ''}"
        assert given.formula is not None, f"{said}: no formula, though the mode promises one"
        for name, slope in example.gradient.items():
            formula = given.formula[name]
            try:
                value = parse(formula).eval(example.at).value
            except GradcalcError as problem:
                raise AssertionError(f"{said}: the formula {formula!r} for {name} has no value: {problem}") from problem
            _near(value, slope, f"{said}: the formula {formula!r} for {name}", EXACT)


@contextmanager
def _unreadable_partials(mode: str) -> Iterator[None]:
    """The table with partials that may not be called, for a mode that says it calls none. ``where`` keeps its own."""
    rows = dict(TABLE)
    for name, row in rows.items():
        if not row.gates:
            forbidden = partial(_forbidden, f"{mode} says that it is independent, and reads a partial of {name}")
            TABLE[name] = row._replace(partials=tuple(rule and forbidden for rule in row.partials))
    try:
        yield
    finally:
        TABLE.update(rows)


def _forbidden(message: str, *args: Any) -> Any:
    raise AssertionError(message)


def _near(found: float | None, expected: float, what: str, tolerance: float) -> None:
    assert found is not None and math.isfinite(found), f"{what} is {found}, which is no finite number"
    distance = math.fabs(found - expected)
    assert distance <= tolerance * max(1.0, math.fabs(expected)), f"{what} is {found!r}, not {expected!r}"


# -- operations --------------------------------------------------------------------------------------------------------


def check_operation(row: Operation, seed: int = 0, points: int = 24) -> None:
    """Check a row over its domain, away from its kinks.

    At each of ``points`` random points every partial is held against the complex step and, independently of it, against
    extrapolated differences; the value and the partials of all namespaces against each other. Raises AssertionError.
    """
    with _in_the_table(row):
        samples = _samples(row, random.Random(seed), points)
        for position, parameter in enumerate(row.parameters):
            witnessed = [_check_partial(row, position, sample) for sample in samples]
            complex_steps, differences = (sum(column) for column in zip(*witnessed, strict=True))
            enough = min(3, points)
            assert complex_steps >= enough, f"{row.name}: its domain has no room for a step in {parameter}"
            assert differences >= enough, f"{row.name}: the differences for {parameter} converge nowhere"
        _check_namespaces(row, samples)


@contextmanager
def _in_the_table(row: Operation) -> Iterator[None]:
    """The table with this row in it, so that its partials can call the row itself."""
    if row.name in TABLE:
        yield
        return
    TABLE[row.name] = row
    try:
        yield
    finally:
        del TABLE[row.name]


class _Condition:
    """A condition of a row, as a program."""

    def __init__(self, row: Operation, text: str | None) -> None:
        program = parse("1" if text is None else text)
        request = program.request(at=dict.fromkeys(row.parameters, 0.5))[0]
        self._graph, self._order = request.graph, request.order
        self._nodes = [program.graph.names.get(name) for name in row.parameters]
        self._equations = [args for op, args, _ in program.graph.instructions if op == "eq"]

    def _values(self, operands: Sequence[float]) -> list[Any]:
        point = {node: value for node, value in zip(self._nodes, operands, strict=True) if node is not None}
        return sweeps.values(self._graph, self._order, point, scalars)

    def holds(self, operands: Sequence[float]) -> bool:
        return scalars.gate(self._values(operands)[-1])

    def near(self, operands: Sequence[float], margin: float) -> bool:
        """Whether one of its equations nearly holds."""
        values = self._values(operands)
        return any(math.fabs(values[a] - values[b]) <= 2.0 * margin for a, b in self._equations)


def _samples(row: Operation, rng: random.Random, points: int) -> list[tuple[float, ...]]:
    """Random points of the row's domain at which it has a finite value and no kink."""
    domain, kink = _Condition(row, row.domain), _Condition(row, row.kink)
    samples: list[tuple[float, ...]] = []
    for _ in range(200 * points):
        sample = tuple(_number(rng) for _ in row.parameters)
        if domain.holds(sample) and not kink.near(sample, 1e-9):
            value = row.value(scalars, *sample)
            assert math.isfinite(value), f"{row.name}{sample} is {value}, though it is in the domain {row.domain!r}"
            samples.append(sample)
        if len(samples) == points:
            break
    assert samples, f"{row.name}: no point was found in its domain {row.domain!r}"
    return samples


def _number(rng: random.Random) -> float:
    """Now near 0, now large, now whole: whatever some domain may want."""
    draw = rng.randrange(5)
    if draw == 0:
        return rng.uniform(-1.0, 1.0)
    if draw == 1:
        return float(rng.randint(-4, 4))
    if draw == 2:
        return rng.choice((-1.0, 1.0)) * math.exp(rng.uniform(-4.0, 3.5))
    return rng.uniform(1.0, 6.0) if draw == 3 else rng.uniform(-3.0, 3.0)


def _check_partial(row: Operation, position: int, sample: tuple[float, ...]) -> tuple[bool, bool]:
    """Hold a partial against the complex step and the differences; the answer says which of the two could be taken."""
    x, value = sample[position], row.value(scalars, *sample)
    margin = 1e-3 * max(1.0, math.fabs(x))
    domain, kink = _Condition(row, row.domain), _Condition(row, row.kink)
    around = [_moved(sample, position, x + shift) for shift in (-margin, 0.0, margin)]
    if not all(domain.holds(point) and not kink.near(point, margin) for point in around):
        return False, False
    rule = row.partials[position]
    given = 0.0 if rule is None else _evaluated(rule, value, sample)
    given = float(scalars.gate(given)) if row.gates else given
    at = dict(zip(row.parameters, sample, strict=True))
    where = f"{row.name}: the partial for {row.parameters[position]} at {at}"

    def output(z: Any, xp: Any = scalars) -> Any:
        return row.value(xp, *_moved(sample, position, z))

    stepped = complex_slope(output, x)[0]
    if not math.isfinite(given) and not math.isfinite(stepped):  # a vertical tangent, as the cube root has at 0
        return False, False
    assert math.isfinite(given), f"{where} is {given}, which is no finite number"
    _same(given, stepped, f"{where} is {given!r}, but the complex step measures {stepped!r}", 1e-8)
    measured = extrapolated(output, x, value)
    sharp = measured.estimate <= 1e-6 * max(math.fabs(measured.slope), math.fabs(given)) or measured.slope == given
    if sharp:
        _same(given, measured.slope, f"{where} is {given!r}, but differences measure {measured.slope!r}", 2e-6)
    return True, sharp


def _evaluated(rule: Partial, value: float, sample: Sequence[float]) -> float:
    """A partial on scalars, NaN at a pole as in the sweeps."""
    try:
        return float(rule(scalars, value, *sample))
    except sweeps.UNDEFINED:
        return math.nan


def _moved(sample: tuple[Any, ...], position: int, value: Any) -> tuple[Any, ...]:
    return (*sample[:position], value, *sample[position + 1:])


def _check_namespaces(row: Operation, samples: Sequence[tuple[float, ...]]) -> None:
    """Scalars, complex numbers and arrays give the same values; scalars and arrays, the same partials."""
    from gradcalc.graph.namespaces import arrays

    columns, count = [arrays.points(column) for column in zip(*samples, strict=True)], len(samples)
    with arrays.silent():
        value = row.value(arrays, *columns)
        partials = [0.0 if rule is None else rule(arrays, value, *columns) for rule in row.partials]
    many, slopes = arrays.entries(value, count), [arrays.entries(slope, count) for slope in partials]
    for number, sample in enumerate(samples):
        value = row.value(scalars, *sample)
        where = f"{row.name}{sample}"
        for namespace, found in (("complexes", row.value(complexes, *map(complex, sample))), ("arrays", many[number])):
            _same(value, found.real, f"{where} is {value!r} on scalars and {found!r} on {namespace}", 1e-12)
        for name, rule, column in zip(row.parameters, row.partials, slopes, strict=True):
            given = 0.0 if rule is None else _evaluated(rule, value, sample)
            _same(given, column[number], f"the partial for {name} of {where} is {given!r} on scalars and "
                  f"{column[number]!r} on arrays", 1e-10)


def _same(a: float, b: float, message: str, tolerance: float) -> None:
    """Equal in proportion; or neither is finite, as at the edge of a domain."""
    if not math.isfinite(a) and not math.isfinite(b):
        return
    assert math.fabs(a - b) <= max(tolerance * max(math.fabs(a), math.fabs(b)), _UNDERFLOW), message
