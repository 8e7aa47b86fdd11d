"""Points where a derivative does not exist, or nearly does not: a table of them, every mode on every row.

The table's own numbers are checked first, against one-sided difference quotients in 120 digits of functions written anew for
mpmath, which share nothing with gradcalc.
"""

import copy
import json
import math
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from mpmath import mp, mpf

import gradcalc
from gradcalc.commands import run
from gradcalc.diagnostics import ExitStatus
from gradcalc.evaluators import BUILT_IN, Can, evaluator
from tests.modes import tolerance

TABLE = Path(__file__).parent.parent / "fixtures" / "singular_points.toml"
POINTS = tomllib.loads(TABLE.read_text(encoding="utf-8"))["point"]
SOUND = [point for point in POINTS if point["status"] == "ok" and not point.get("refused")]
KINKED = [point for point in SOUND if point.get("note") in ("kink", "jump")]
NAMES = "fabs sqrt exp log sin cos tan asin acos acosh atan2 log1p expm1 floor ceil nint sign cbrt"
MATHEMATICS = {name: getattr(mpmath, name) for name in NAMES.split()} | {
    "mp": mp, "mpf": mpf, "Max": lambda *numbers: max(map(mpf, numbers)), "Min": lambda *numbers: min(map(mpf, numbers))}
#: Differences of doubles have some ten digits, all others all but the last.
TOLERANCE = {mode: tolerance(mode, 1e-13) for mode in BUILT_IN}


def title(point: dict[str, Any]) -> str:
    return f"{point['expression']} at {point['at']}".replace(" ", "")


def numbers(value: Any) -> list[float]:
    return np.ravel(np.asarray(value, dtype=float)).tolist()


def close(found: Any, expected: Any, tolerance: float) -> bool:
    pairs = list(zip(numbers(found), numbers(expected), strict=True))
    assert all(map(math.isfinite, numbers(found)))
    return all(abs(a - b) <= tolerance * max(1.0, abs(b)) for a, b in pairs)


def names(point: dict[str, Any]) -> list[str]:
    return [point["wrt"]] if "wrt" in point else list(point["at"])


# -- the table -----------------------------------------------------------------------------------------------------------


def exact(value: Any) -> Any:
    return [exact(entry) for entry in value] if isinstance(value, list) else mpf(value)


def places(value: Any, before: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
    if not isinstance(value, list):
        yield before
    else:
        for place, entry in enumerate(value):
            yield from places(entry, (*before, place))


def moved(value: Any, place: tuple[int, ...], step: Any) -> Any:
    if not place:
        return value + step
    copied = copy.copy(value)
    copied[place[0]] = moved(value[place[0]], place[1:], step)
    return copied


def along(point: dict[str, Any], name: str, place: tuple[int, ...]) -> Callable[[Any], Any]:
    """The function of how far one number has moved."""
    at = {other: exact(value) for other, value in point["at"].items()}

    def value(step: Any) -> Any:
        try:
            return mpf(eval(point["exactly"], dict(MATHEMATICS), at | {name: moved(at[name], place, step)}))
        except (ZeroDivisionError, TypeError, ValueError):  # a pole, a complex number
            return mpf("nan")

    return value


def one_sided(function: Callable[[Any], Any], side: int) -> float:
    """The limit of the difference quotients on one side, infinite where they grow without bound."""
    slopes = []
    for digits in (12, 24, 36):
        h = side * mpf(10) ** -digits
        slopes.append(4 * (function(h) - function(h / 2)) / h - (function(2 * h) - function(h)) / h)
    if any(map(mpmath.isnan, slopes)):
        return math.nan
    if abs(slopes[2] - slopes[1]) > 1e-8 * max(1, abs(slopes[2])):
        return math.copysign(math.inf, slopes[2])
    return float(slopes[2])


def jumps(function: Callable[[Any], Any], side: int) -> bool:
    beside = function(side * mpf(10) ** -40)
    return bool(not mpmath.isnan(beside) and abs(beside - function(0)) > 1e-9)


@pytest.mark.parametrize("point", [point for point in POINTS if "exactly" in point], ids=title)
def test_the_table_is_mathematics(point: dict[str, Any]) -> None:
    with mp.workdps(120):
        jumping = False
        for name in names(point):
            functions = [along(point, name, place) for place in places(point["at"][name])]
            jumping = jumping or any(jumps(function, side) for function in functions for side in (-1, 1))
            for key, side in (("left", -1), ("right", 1)):
                for function, stated in zip(functions, numbers(point[key][name]), strict=True):
                    found = one_sided(function, side)
                    assert found == stated or (found != found and stated != stated) or close(found, stated, 1e-14)
            if point["status"] == "ok":
                sides = (numbers(point[key][name]) for key in ("left", "right", "answer"))
                for left, right, answer in zip(*sides, strict=True):
                    there = [slope for slope in (left, right) if not math.isnan(slope)]
                    assert math.isfinite(answer)
                    assert abs(answer - sum(there) / len(there)) <= 1e-15 * abs(answer)
        assert jumping == (point.get("note") == "jump")


def test_the_table_is_large_and_names_no_point_twice() -> None:
    assert len(POINTS) >= 150
    assert len({(title(point), point.get("wrt")) for point in POINTS}) == len(POINTS)
    assert {point["status"] for point in POINTS} == {"ok", "undefined"}
    assert {point.get("note") for point in POINTS} == {None, "kink", "jump", "near-kink"}


# -- the modes -----------------------------------------------------------------------------------------------------------


def takes(mode: str, point: dict[str, Any]) -> None:
    """Skip what the mode says that it cannot do, or what it needs is not installed for."""
    if mode == "certified":
        pytest.importorskip("flint", reason="the mode 'certified' needs python-flint")
    program = gradcalc.parse(point["expression"])
    arrays = any(isinstance(value, list) for value in point["at"].values())
    if Can.ARRAYS not in evaluator(mode).can and arrays:
        with pytest.raises(gradcalc.GradcalcError) as caught:
            program.diff(None, point["at"], mode)
        assert caught.value.diagnostic.code in ("unsupported", "undefined")
        pytest.skip(f"the mode {mode!r} takes no arrays")


@pytest.mark.parametrize("point", POINTS, ids=title)
@pytest.mark.parametrize("mode", BUILT_IN)
def test_every_mode(mode: str, point: dict[str, Any]) -> None:
    takes(mode, point)
    program = gradcalc.parse(point["expression"])
    try:
        result = program.diff(point.get("wrt"), point["at"], mode)
    except gradcalc.GradcalcError as problem:
        assert point["status"] == "undefined" or point.get("refused"), str(problem)
        assert problem.status is ExitStatus.UNDEFINED
        assert problem.diagnostic.code in ("undefined", "kink", "jump")
        assert problem.diagnostic.span is not None
        if mode != "certified":
            assert point.get("says", "") in str(problem)
        return
    assert point["status"] == "ok"
    assert abs(result.value - point["value"]) <= 1e-15 * abs(point["value"])
    for name in names(point):
        assert close(result.gradient[name], point["answer"][name], TOLERANCE[mode]), name
    assert {note.code for note in result.notes} == ({point["note"]} if "note" in point else set())
    for note in result.notes:
        assert note.span is not None
        if note.code == "near-kink":
            assert note.left is None
        elif not point.get("refused"):
            assert note.left is not None and note.right is not None
            for name in names(point):
                assert close(note.left[name], point["left"][name], 1e-14)
                assert close(note.right[name], point["right"][name], 1e-14)


@pytest.mark.parametrize("point", KINKED, ids=title)
@pytest.mark.parametrize("mode", BUILT_IN)
def test_either_side_can_be_chosen(mode: str, point: dict[str, Any]) -> None:
    takes(mode, point)
    program = gradcalc.parse(point["expression"])
    for side in ("left", "right"):
        gradient = program.diff(point.get("wrt"), point["at"], mode, kinks=side).gradient
        for name in names(point):
            assert close(gradient[name], point[side][name], TOLERANCE[mode]), (side, name)


@pytest.mark.parametrize("point", SOUND, ids=title)
def test_an_error_can_be_chosen(point: dict[str, Any]) -> None:
    program = gradcalc.parse(point["expression"])
    one_slope = all(close(point["left"][name], point["right"][name], 1e-12) for name in names(point)
                    if all(map(math.isfinite, numbers(point["left"][name]))))
    if point.get("note") == "jump" or (point.get("note") == "kink" and not one_slope):
        with pytest.raises(gradcalc.GradcalcError) as caught:
            program.diff(point.get("wrt"), point["at"], kinks="error")
        assert caught.value.diagnostic.code == point["note"]
        assert caught.value.status is ExitStatus.UNDEFINED
    else:
        gradient = program.diff(point.get("wrt"), point["at"], kinks="error").gradient
        assert all(close(gradient[name], point["answer"][name], 1e-13) for name in names(point))


@pytest.mark.parametrize("point", POINTS, ids=title)
def test_the_modes_agree(point: dict[str, Any]) -> None:
    compared = gradcalc.compare(point["expression"], point.get("wrt"), point["at"])
    assert compared.verdict == "agree", compared.modes


# -- the command line ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("point", POINTS, ids=title)
def test_strict(point: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    at = ",".join(f"{name}={value}" for name, value in point["at"].items())
    arguments = ["diff", point["expression"], "--at", at, "--json", *(["--wrt", point["wrt"]] if "wrt" in point else [])]
    usual, strict = run(arguments), run([*arguments, "--strict"])
    out = capsys.readouterr().out
    if point.get("refused"):
        assert usual in (ExitStatus.DONE, ExitStatus.UNDEFINED)
    elif point["status"] == "undefined":
        assert usual == strict == ExitStatus.UNDEFINED
        assert out == ""
    else:
        assert usual == ExitStatus.DONE
        assert strict == (ExitStatus.UNDEFINED if "note" in point else ExitStatus.DONE)
        found = json.loads(out.splitlines()[0])
        assert all(close(found["gradient"][name], point["answer"][name], 1e-13) for name in names(point))
        for note in found["notes"]:
            for side in {"left", "right"} & set(note):
                assert all(close(note[side][name], point[side][name], 1e-14) for name in names(point))


def test_the_choice_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    found = {}
    for choice in ("mean", "left", "right", "error"):
        status = run(["diff", "abs(x)", "--at", "x=0", "--kinks", choice, "--quiet"])
        found[choice] = (status, capsys.readouterr().out)
    assert found == {"mean": (0, "0.0\n"), "left": (0, "-1.0\n"), "right": (0, "1.0\n"), "error": (3, "")}
    assert run(["diff", "abs(x)", "--at", "x=0", "--kinks", "middle"]) == ExitStatus.BAD_INPUT
