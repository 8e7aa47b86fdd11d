"""How the tests run a command: in this process, or where the process itself is the point, in one of its own."""

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from gradcalc.commands import run as run_command

ROOT = Path(__file__).parents[2]
SETTINGS = ("NO_COLOR", "FORCE_COLOR", "GRADCALC_FORMAT", "_GRADCALC_COMPLETE")


class Finished(NamedTuple):
    """What a command left behind."""

    status: int
    out: str
    err: str


class Terminal(io.TextIOWrapper):
    """Standard input as a terminal at which nobody types: reading from it is a failure."""

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        raise io.UnsupportedOperation

    @property
    def buffer(self) -> io.BytesIO:
        raise AssertionError("a terminal was read without being asked to")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Finished]:
    """Run a command here. ``stdin`` is what is piped in; without it, standard input is a terminal."""
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)

    def runs(*arguments: str, stdin: str | bytes | None = None) -> Finished:
        piped = stdin.encode() if isinstance(stdin, str) else stdin
        stream = Terminal(io.BytesIO()) if piped is None else io.TextIOWrapper(io.BytesIO(piped))
        monkeypatch.setattr(sys, "stdin", stream)
        capsys.readouterr()
        status = run_command(arguments)
        return Finished(status, *capsys.readouterr())

    return runs


def environment(**settings: str) -> dict[str, str]:
    """The environment of a process that runs this checkout."""
    kept = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    return kept | {"PYTHONPATH": str(ROOT)} | settings


@pytest.fixture
def process() -> Callable[..., Finished]:
    """Run a command in a process of its own; what stands before ``-m`` can be another Python program."""

    def runs(*arguments: str, stdin: bytes = b"", python: tuple[str, ...] = ("-m", "gradcalc"), **settings: str) -> Finished:
        done = subprocess.run([sys.executable, *python, *arguments], input=stdin, capture_output=True, check=False,
                              env=environment(**settings), timeout=60)
        return Finished(done.returncode, done.stdout.decode(), done.stderr.decode())

    return runs
