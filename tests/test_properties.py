"""Random programs, made from the table: every mode finds the same derivatives.

Each operation is applied where it is smooth and well conditioned: its operands are first brought into a safe interval by
sums with sines, whose own derivatives take part. Whatever row the table has is drawn, so a new one joins by itself.
"""

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import gradcalc
from gradcalc.evaluators import BUILT_IN
from gradcalc.graph.operations import TABLE
from gradcalc.graph.operations.operation import CALL, Operation
from tests.modes import tolerance

#: Where an operation is smooth: the interval of each argument, for those that are not smooth on (-1, 1).
SAFE = {
    "div": ((-1, 1), (1, 2)), "pow": ((1, 2), (-1, 1)), "sqrt": ((1, 2),), "cbrt": ((1, 2),), "log": ((1, 3),),
    "log2": ((1, 3),), "log10": ((1, 3),), "log1p": ((0, 1),), "asin": ((-0.8, 0.8),), "acos": ((-0.8, 0.8),),
    "acosh": ((2, 3),), "atanh": ((-0.8, 0.8),), "csc": ((1, 2),), "cot": ((1, 2),), "atan2": ((1, 2), (-1, 1)),
    "hypot": ((1, 2), (-1, 1)), "abs": ((1, 2),), "sign": ((1, 2),), "relu": ((-2, -1),), "leaky_relu": ((1, 2),),
    "elu": ((1, 2),), "heaviside": ((1, 2),),
    "floor": ((1.2, 1.8),), "ceil": ((1.2, 1.8),), "round": ((1.6, 2.4),), "mod": ((4.2, 4.8), (1.8, 2)),
    "max": ((1, 2), (3, 4)), "min": ((1, 2), (3, 4)), "clip": ((1, 2), (-2, -1), (3, 4)), "where": ((1, 2), (-1, 1), (-1, 1)),
    **dict.fromkeys(("lt", "le", "gt", "ge", "eq", "ne", "and", "or"), ((1, 2), (3, 4))), "not": ((1, 2),),
}
ROWS = [row for row in TABLE.values() if row.parameters and row.shape is None]
NAMES = "xyz"


def written(row: Operation, operands: list[str]) -> str:
    if row.binds < CALL:
        left, *right = operands
        return f"({left}) {row.symbol} ({right[0]})" if right else f"{row.symbol} ({left})"
    return f"{row.name}({', '.join(operands)})"


def within(name: str, interval: tuple[float, float]) -> str:
    """The node of this name, folded into an open interval."""
    low, high = interval
    return f"{(low + high) / 2!r} + {(high - low) * 0.45!r}*sin({name})".replace("+ -", "- ")


@st.composite
def programs(draw: st.DrawFn) -> str:
    """Some statements, each an operation on earlier nodes; the last takes them all."""
    names = list(NAMES)
    lines = []
    for number in range(draw(st.integers(1, 8))):
        row = draw(st.sampled_from(ROWS))
        safe = SAFE.get(row.name, ((-1, 1),) * len(row.parameters))
        operands = [within(draw(st.sampled_from(names)), interval) for interval in safe]
        names.append(f"n{number}")
        lines.append(f"n{number} = {written(row, operands)}")
    return "\n".join([*lines, " + ".join(f"{name}*{2 * k + 1}" for k, name in enumerate(names))])


POINTS = st.fixed_dictionaries({name: st.floats(-3.0, 3.0).map(lambda x: round(x, 6)) for name in NAMES})


@pytest.mark.parametrize("mode", [mode for mode in BUILT_IN if mode != "complex"])
@settings(deadline=None, derandomize=True, max_examples=150)
@given(text=programs(), at=POINTS)
def test_modes_agree(mode: str, text: str, at: dict[str, float]) -> None:
    program = gradcalc.parse(text)
    expected, found = program.diff(None, at, "complex"), program.diff(None, at, mode)
    assert math.isfinite(found.value)
    assert found.value == expected.value or (mode == "certified" and math.isclose(found.value, expected.value, rel_tol=1e-11))
    allowed = tolerance(mode, 1e-11)
    for name, slope in expected.gradient.items():
        assert math.isfinite(slope)
        assert math.isfinite(found.gradient[name])
        assert abs(found.gradient[name] - slope) <= allowed * max(1.0, abs(slope)), name


@settings(deadline=None, derandomize=True, max_examples=100)
@given(text=programs(), at=POINTS)
def test_an_intermediate_node_is_what_it_would_be_as_an_input(text: str, at: dict[str, float]) -> None:
    """Cutting a program at a node and giving the node's value changes no derivative with respect to it."""
    whole = gradcalc.parse(text)
    assume(list(whole.graph.names.values()).count(whole.graph.names["n0"]) == 1)  # not written twice
    cut = gradcalc.parse(text.split("\n", 1)[1])
    value = whole.eval(at, "n0").value
    for mode in ("forward", "reverse", "symbolic", "complex"):
        slope = whole.diff("n0", at, mode).gradient["n0"]
        again = cut.diff("n0", {**at, "n0": value}, mode).gradient["n0"]
        assert math.isfinite(slope)
        assert abs(slope - again) <= 1e-11 * max(1.0, abs(again)), mode
