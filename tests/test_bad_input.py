"""Bad input, from a table of exact messages: what is said, the exit status, and that standard output stays empty."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

CASES = tomllib.loads((Path(__file__).parent / "fixtures" / "bad_input.toml").read_text(encoding="utf-8"))["case"]


def content(written: str) -> bytes:
    if written.startswith("hex:"):
        return bytes.fromhex(written.removeprefix("hex:"))
    if written.startswith("(*"):
        return b"(" * int(written.removeprefix("(*"))
    return written.encode()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_bad_input(case: dict[str, Any], tmp_path: Path) -> None:
    for name, written in case.get("files", {}).items():
        (tmp_path / name).write_bytes(content(written))
    piped = {"input": content(case["stdin"])} if "stdin" in case else {"stdin": subprocess.DEVNULL}
    done = subprocess.run([sys.executable, "-m", "gradcalc", *(arg.replace("{dir}", str(tmp_path)) for arg in case["args"])],
                          capture_output=True, check=False, timeout=60, env=os.environ | {"TERM": "dumb"}, **piped)
    said = done.stderr.decode().replace(str(tmp_path), "{dir}")
    assert said == case["stderr"]
    assert done.returncode == case["status"]
    assert done.stdout == b""
    assert "Traceback" not in said


def test_the_table_is_large_and_names_no_case_twice() -> None:
    assert len(CASES) >= 60
    assert len({case["name"] for case in CASES}) == len(CASES)
    assert {case["status"] for case in CASES} == {2, 3}
