"""The plan of the house: which part may import which, and where the heavy packages may be imported at all."""

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "gradcalc"
MODULES = sorted(PACKAGE.rglob("*.py"))

#: Each part and those that it may import from, besides itself. Imports run one way: none of these arrows closes a circle.
MAY_IMPORT = {
    "diagnostics": set(),
    "plugins": {"diagnostics"},
    "graph": {"diagnostics", "plugins"},
    "language": {"diagnostics", "graph"},
    "questions": {"diagnostics", "graph", "language"},
    "singular": {"diagnostics", "graph", "language", "questions"},
    "evaluators": {"diagnostics", "singular", "plugins", "graph", "language", "questions"},
    "derivatives": {"diagnostics", "evaluators", "graph", "language", "questions", "singular"},
    "building": {"diagnostics", "graph", "language", "questions"},
    "engines": {"diagnostics", "graph", "language", "questions", "singular"},
    "claims": {"diagnostics", "graph", "language", "questions", "singular"},
    "program": {"building", "claims", "derivatives", "diagnostics", "engines", "evaluators", "graph", "language", "questions",
                "singular"},
    "testing": {"diagnostics", "graph", "language", "questions", "evaluators", "program", "singular"},
    "render": {"diagnostics", "graph", "language", "questions"},
    "tables": {"diagnostics", "language", "render", "questions"},
    "mapping": {"diagnostics", "engines", "graph", "language", "program", "questions", "tables"},
    "help": set(),
    "commands": {"diagnostics", "graph", "help", "language", "questions", "evaluators", "program", "render", "tables",
                 "mapping"},
    "__init__": {"building", "diagnostics", "evaluators", "graph", "language", "program", "questions"},
    "__main__": {"commands"},
}
#: The plan inside the folders with rooms of their own: each file or folder, and those beside it that it may import from.
MAY_IMPORT_INSIDE = {
    "graph": {
        "tape": set(),
        "operations": set(),
        "liveness": {"operations", "tape"},
        "shape_inference": {"operations", "tape"},
        "namespaces": {"operations", "shape_inference", "tape"},
        "sweeps": {"liveness", "namespaces", "operations", "tape"},
        "checkpoints": {"liveness", "sweeps", "tape"},
        "simplify": {"namespaces", "operations", "tape"},
        "formulas": {"namespaces", "operations", "shape_inference", "simplify", "sweeps", "tape"},
    },
    "language": {"reading": set(), "writing": {"reading"}},
}
#: Packages that cost start-up time, and the only places that import them.
HEAVY = {
    "rich": {"render/markdown.py"},
    "numpy": {"engines/", "graph/namespaces/arrays", "graph/operations/", "mapping/", "derivatives/spectrum.py", "tables/",
              "testing/"},
    "pyarrow": {"tables/"},
    "scipy": {"derivatives/spectrum.py"},
    "flint": {"graph/namespaces/balls.py"},
    "lark": {"language/reading/parse_tables.py"},
    "llvmlite": {"engines/native"},
    "fractions": {"graph/simplify"},
}


def part(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """The absolute names of the modules that a file imports, wherever in the file."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def at_start(path: Path) -> set[str]:
    """The names that a file imports when it is itself imported."""
    return {alias.name for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.Import)
            for alias in node.names} | {node.module for node in ast.parse(path.read_text(encoding="utf-8")).body
                                        if isinstance(node, ast.ImportFrom) and node.module}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_one_way(path: Path) -> None:
    own = part(path)
    assert own in MAY_IMPORT, f"give {own} its place in the plan"
    parts = {name.split(".")[1] for name in imported(path) if name.startswith("gradcalc.")}
    unknown = {name for name in parts if name not in MAY_IMPORT}
    assert parts - unknown <= MAY_IMPORT[own] | {own}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_heavy_packages_stay_in_their_place(path: Path) -> None:
    for package, homes in HEAVY.items():
        if any(name.split(".")[0] == package for name in imported(path)):
            assert any(str(path.relative_to(PACKAGE)).startswith(home) for home in homes)


@pytest.mark.parametrize("path", sorted((PACKAGE / "graph" / "operations").glob("*.py")), ids=lambda path: path.name)
def test_rows_import_numpy_when_they_are_computed_on_arrays(path: Path) -> None:
    assert not {name for name in at_start(path) if name.split(".")[0] in HEAVY}


def test_the_plan_has_no_circle() -> None:
    done: set[str] = set()
    while len(done) < len(MAY_IMPORT):
        ready = {name for name, needs in MAY_IMPORT.items() if name not in done and needs <= done | {name}}
        assert ready, f"these import each other: {sorted(set(MAY_IMPORT) - done)}"
        done |= ready


@pytest.mark.parametrize("folder", MAY_IMPORT_INSIDE)
def test_imports_run_one_way_inside_a_folder(folder: str) -> None:
    plan, prefix = MAY_IMPORT_INSIDE[folder], f"gradcalc.{folder}."
    for path in sorted((PACKAGE / folder).rglob("*.py")):
        if path == PACKAGE / folder / "__init__.py":
            continue
        own = path.relative_to(PACKAGE / folder).parts[0].removesuffix(".py")
        assert own in plan, f"give {own} its place in the plan of {folder}"
        parts = {name.removeprefix(prefix).split(".")[0] for name in imported(path) if name.startswith(prefix)}
        assert parts & plan.keys() <= plan[own] | {own}, f"{path} imports {sorted(parts - plan[own] - {own})}"


def test_no_two_files_import_each_other() -> None:
    """No chain of imports leads back to its file, those under TYPE_CHECKING and inside functions included."""
    names = {path: ".".join(("gradcalc", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")
             for path in MODULES}
    known = set(names.values())
    left = {name: targets(path, known) - {name} for path, name in names.items()}
    while True:
        wanted = set().union(*left.values())
        inner = {name: needs & left.keys() for name, needs in left.items() if needs & left.keys() and name in wanted}
        if inner == left:
            break
        left = inner
    assert not left, f"these import each other: {sorted(left)}"


def targets(path: Path, known: set[str]) -> set[str]:
    """The modules that a file imports; of ``from a import b`` only ``a.b`` where that is a module."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in known else node.module for name in inside}
    return found & known


def test_the_top_level_holds_what_it_should() -> None:
    visible = {path.name for path in PACKAGE.parent.iterdir() if not path.name.startswith(".")}
    assert visible - {"build", "dist", "gradcalc.egg-info"} == {
        "pyproject.toml", "gradcalc", "grammars", "tests", "README.md", "LICENSE"}


def test_the_chapter_on_architecture_has_this_plan() -> None:
    chapter = (PACKAGE / "help" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]*)\|$", chapter.partition("## The folders")[2].partition("##")[0], re.M)
    assert {name: set(re.findall(r"`(\w+)`", cell)) for name, cell in rows} == {
        name: needs for name, needs in MAY_IMPORT.items() if not name.startswith("__")}
