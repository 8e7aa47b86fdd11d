"""The README keeps its word: every console block prints what it shows, and every Python block runs."""

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
CONSOLE = [(match.start(), match[1]) for match in re.finditer(r"^```console\n(.*?)^```", README, re.S | re.M)]
PYTHON = [(match.start(), match[1]) for match in re.finditer(r"^```python\n(.*?)^```", README, re.S | re.M)]


def line(place: int) -> str:
    return f"line {README.count(chr(10), 0, place) + 1}"


def steady(text: str) -> str:
    """The text without what differs from run to run: times, and the widths that follow from them."""
    text = re.sub(r"\d+(\.\d+)?(e-?\d+)? (ns|µs|ms|s)\b", "TIME", text)
    return re.sub(r"[ ─]+", " ", text)


@pytest.mark.parametrize("block", [block for _, block in CONSOLE], ids=[line(place) for place, _ in CONSOLE])
def test_console(block: str, tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("GRADCALC", "FORCE_", "NO_COLOR"))}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    steps = re.split(r"^\$ ", block, flags=re.M)[1:]
    assert steps
    for step in steps:
        command, _, shown = step.partition("\n")
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=tmp_path, env=environment,
                              check=False, stdin=subprocess.DEVNULL)
        assert steady(done.stdout + done.stderr) == steady(shown), command


@pytest.mark.parametrize("block", [block for _, block in PYTHON], ids=[line(place) for place, _ in PYTHON])
def test_python(block: str, capsys: pytest.CaptureFixture[str]) -> None:
    if block.startswith(">>>"):
        test = doctest.DocTestParser().get_doctest(block, {}, "README", None, 0)
        result = doctest.DocTestRunner().run(test)
        assert result.failed == 0, capsys.readouterr().out
        assert result.attempted > 0
    else:
        namespace: dict[str, object] = {}
        exec(compile(block, "README", "exec"), namespace)
        assert len(namespace) > 1


def test_the_package_docstring_runs() -> None:
    import gradcalc

    assert doctest.testmod(gradcalc).failed == 0


def test_there_is_something_to_run() -> None:
    assert len(CONSOLE) >= 7
    assert len(PYTHON) >= 3
