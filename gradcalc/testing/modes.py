"""What every mode must do: find the derivatives of the examples, and what its flags promise."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from gradcalc.diagnostics import GradcalcError
from gradcalc.evaluators import ROUNDED, Can, Evaluator, ask, tolerance_of
from gradcalc.graph.operations import TABLE
from gradcalc.program.examples import EXAMPLES, Example
from gradcalc.program.program import Program, parse
from gradcalc.questions.answers import Answer, Request

#: What the built-in examples do not have: choices, constants, names that do not matter, the output's name, long chains, and
#: arrays of every kind.
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
    Example("quadratic", "a quadratic form", "x @ A @ x", {"x": [1.0, 2.0], "A": [[1.0, 2.0], [3.0, 4.0]]}, 27.0,
            {"x": [12.0, 21.0], "A": [[1.0, 2.0], [2.0, 4.0]]}),
    Example("broadcast", "an array, its rows and a number", "u = X + b*s; y = sum(u^2)",
            {"X": [[1.0, 2.0], [3.0, 4.0]], "b": [1.0, -1.0], "s": 1.0}, 30.0,
            {"X": [[4.0, 2.0], [8.0, 6.0]], "b": [12.0, 8.0], "s": 4.0, "u": [[4.0, 2.0], [8.0, 6.0]]}),
    Example("reductions", "a norm, and the largest entry", "max(x) + norm(x)", {"x": [3.0, -4.0]}, 8.0, {"x": [1.6, -0.8]}),
    Example("choices", "a branch for each entry", "sum(where(x > 0, log(x), x^2))", {"x": [1.0, -2.0]}, 4.0,
            {"x": [1.0, -4.0]}),
    Example("entries", "two entries, and an array of numbers", "v = [x[0], x[2], 5]; y = v[0]*v[1]*v[2]",
            {"x": [3.0, 7.0, 4.0]}, 60.0, {"x": [20.0, 0.0, 15.0], "v": [20.0, 15.0, 12.0]}),
    Example("no-entries", "an array without an entry", "sum(x) + s^2", {"x": [], "s": 3.0}, 9.0, {"x": [], "s": 6.0}),
)


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
    request = program.request(example.wrt, example.at, example.of, counted=True).request
    try:
        answer = ask(mode, request)
    except GradcalcError as problem:
        assert problem.diagnostic.code == "unsupported", f"{mode.name} refuses {example.name!r}: {problem}"
        return False
    where = f"{mode.name} on {example.name!r}"
    near = partial(_near, tolerance=tolerance_of(mode).usual)
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
        if not any(_flat(slope)):  # it need not have been reached
            continue
        if Can.ADJOINTS in mode.can:
            assert node < len(answer.adjoints), f"{where}: no adjoint of {name}, though the mode promises adjoints"
            _near(answer.adjoints[node], slope, f"{where}: the adjoint of {name}", ROUNDED.usual)
        if Can.TANGENTS in mode.can and not isinstance(slope, list):
            assert name in answer.tangents, f"{where}: no tangents for {name}, though the mode promises tangents"
            _near(answer.tangents[name][node], 1.0, f"{where}: the tangent of {name} for itself", ROUNDED.usual)
            _near(answer.tangents[name][request.root], slope, f"{where}: the output's tangent for {name}", ROUNDED.usual)


def _check_formulas(mode: Evaluator, program: Program, answer: Answer, example: Example, where: str) -> None:
    """The formulas that the flags promise: each is a program, and its value is the derivative."""
    if Can.FORMULA not in mode.can:
        return
    answers = [answer]
    if Can.NO_POINT in mode.can:
        question = program.request(example.wrt, example.at, example.of).request
        answers.append(ask(mode, question._replace(point=None)))
    for number, given in enumerate(answers):
        said = f"{where}{' without a point' if number else ''}"
        assert given.formula is not None, f"{said}: no formula, though the mode promises one"
        for name, slope in example.gradient.items():
            formula = given.formula[name]
            try:
                value = parse(formula).eval(example.at).value
            except GradcalcError as problem:
                raise AssertionError(f"{said}: the formula {formula!r} for {name} has no value: {problem}") from problem
            _near(value, slope, f"{said}: the formula {formula!r} for {name}", ROUNDED.usual)


@contextmanager
def _unreadable_partials(mode: str) -> Iterator[None]:
    """The table with partials that may not be called, for a mode that says it calls none. ``where`` keeps its own."""
    rows = dict(TABLE)
    for name, row in rows.items():
        if not row.gates:
            forbidden = partial(_forbidden, f"{mode} says that it is independent, and reads a partial of {name}")
            TABLE[name] = row._replace(partials=tuple(rule and forbidden for rule in row.partials),
                                       vjps=tuple(rule and forbidden for rule in row.vjps))
    try:
        yield
    finally:
        TABLE.update(rows)


def _forbidden(message: str, *args: Any) -> Any:
    raise AssertionError(message)


def _near(found: Any, expected: Any, what: str, tolerance: float) -> None:
    """Numbers, or arrays of one shape, that are finite and equal but for rounding."""
    assert found is not None, f"{what} is missing"
    given = found.tolist() if hasattr(found, "tolist") else found
    assert _shape(given) == _shape(expected), f"{what} has the shape {_shape(given)}, not {_shape(expected)}"
    for number, right in zip(_flat(given), _flat(expected), strict=True):
        assert math.isfinite(number), f"{what} is {given}, which is no finite number"
        distance = math.fabs(number - right)
        assert distance <= tolerance * max(1.0, math.fabs(right)), f"{what} is {given!r}, not {expected!r}"


def _flat(value: Any) -> list[float]:
    """A number, or those in nested lists, in their order."""
    return [number for each in value for number in _flat(each)] if isinstance(value, list) else [value]


def _shape(value: Any) -> tuple[int, ...]:
    """The lengths of nested lists."""
    if not isinstance(value, list):
        return ()
    return (len(value), *(_shape(value[0]) if value else ()))
