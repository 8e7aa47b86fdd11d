"""However gradcalc is installed, it finds its grammar: wheel, sdist, editable install and plain checkout."""

import os
import shutil
import site
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# The stored tables are taken away and the grammar read by Lark, so that a missing grammar cannot stay unseen.
PROBE = """
import json, pathlib, sys
from gradcalc.language.reading import parse_tables as tables
built = tables.build(tables.grammar_text())
stored = json.loads(pathlib.Path(tables.STORED).read_text(encoding="utf-8"))
assert json.loads(json.dumps(built)) == stored, "the stored tables are not those of the grammar"
import gradcalc, gradcalc.help
assert "glossary" in gradcalc.help.chapters()
print(pathlib.Path(gradcalc.__file__).parent, gradcalc.parse("e = (a + b)*(b + 1)").diff("b", {"a": 2, "b": 1}).gradient)
"""


def run(*command: object, cwd: Path, path: Path | None = None) -> str:
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONHOME")}
    if path is not None:
        environment["PYTHONPATH"] = str(path)
    done = subprocess.run([str(word) for word in command], cwd=cwd, env=environment, capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, so that building leaves nothing behind in it."""
    copy = tmp_path_factory.mktemp("checkout") / "gradcalc"
    kept = ("gradcalc", "grammars", "tests", "pyproject.toml", "README.md", "LICENSE", ".gitignore")
    copy.mkdir()
    for name in kept:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy / name)
    return copy


@pytest.fixture(scope="module")
def built(checkout: Path) -> dict[str, Path]:
    """The sdist of the checkout, and the wheel made from that sdist."""
    run(sys.executable, "-m", "build", "--no-isolation", "--sdist", "--wheel", checkout, cwd=checkout)
    return {"sdist": next((checkout / "dist").glob("*.tar.gz")), "wheel": next((checkout / "dist").glob("*.whl"))}


def environment(folder: Path) -> Path:
    """The Python of a new virtual environment that sees this one's packages but has no gradcalc of its own."""
    venv.create(folder, with_pip=False)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    inside = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip()
    (Path(inside) / "others.pth").write_text("\n".join(site.getsitepackages()), encoding="utf-8")
    return python


@pytest.mark.parametrize("kind", ["wheel", "sdist", "editable"])
def test_installed(kind: str, checkout: Path, built: dict[str, Path], tmp_path: Path) -> None:
    python = environment(tmp_path / "env")
    what = ["-e", checkout] if kind == "editable" else [built[kind]]
    run(sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps", "--no-build-isolation",
        "--disable-pip-version-check", "--force-reinstall", *what, cwd=tmp_path)
    home, gradient = run(python, "-c", PROBE, cwd=tmp_path).split(maxsplit=1)
    assert gradient.strip() == "{'b': 5.0}"
    assert Path(home).is_relative_to(checkout if kind == "editable" else tmp_path / "env")
    command = python.with_name("gradcalc")
    assert run(command, "diff", "e=(a+b)*(b+1)", "--at", "a=2,b=1", "--wrt", "b", "--quiet", cwd=tmp_path) == "5.0\n"


def test_plain_checkout(checkout: Path, tmp_path: Path) -> None:
    home, gradient = run(sys.executable, "-c", PROBE, cwd=tmp_path, path=checkout).split(maxsplit=1)
    assert Path(home) == checkout / "gradcalc"
    assert gradient.strip() == "{'b': 5.0}"


def test_without_stored_tables_lark_makes_them(checkout: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(checkout, copy, ignore=shutil.ignore_patterns("parse_tables.json", "dist"))
    script = "import gradcalc; print(gradcalc.parse('x^2 + 1').diff(at={'x': 3}).gradient)"
    assert run(sys.executable, "-c", script, cwd=tmp_path, path=copy) == "{'x': 6.0}\n"


def test_the_stored_tables_are_those_of_the_grammar(checkout: Path) -> None:
    assert run(sys.executable, "-c", PROBE, cwd=checkout, path=checkout)
