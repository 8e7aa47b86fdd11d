"""The README and the chapters keep their word: whatever a block shows is run, and what a chapter tells to add is added.

    python tests/test_documents.py README.md gradcalc/help/tables.md

writes what the commands print now into the console blocks of these files.
"""

import doctest
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
CHAPTERS = sorted((ROOT / "gradcalc" / "help").glob("*.md"))
DOCUMENTS = [ROOT / "README.md", *CHAPTERS]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.S | re.M)
#: The first line of a block that stands in a file of the package: a whole one, or what is added to a list in one.
ADDITION = re.compile(r"# (gradcalc/\S+\.py)(?:, in (\w+))?\n")
#: How many files each kind of addition touches.
PLACES = {"adding-an-operation": 1, "adding-a-mode": 2, "adding-a-format": 1, "adding-a-command": 2}


class Block(NamedTuple):
    """A block between fences: its language, and where it stands."""

    document: Path
    line: int
    language: str
    text: str


@cache
def blocks(document: Path) -> list[Block]:
    text = document.read_text(encoding="utf-8")
    return [Block(document, text.count("\n", 0, found.start()) + 1, found[1], found[2]) for found in FENCE.finditer(text)]


def each(language: str) -> Any:
    """A test's parameter: every block of a language."""
    found = [block for document in DOCUMENTS for block in blocks(document) if block.language == language]
    return pytest.mark.parametrize("block", found, ids=[f"{block.document.stem}-{block.line}" for block in found])


def additions(document: Path) -> list[Block]:
    return [block for block in blocks(document) if block.language == "python" and ADDITION.match(block.text)]


@cache
def _copies() -> Path:
    return Path(tempfile.mkdtemp(prefix="gradcalc-documents-"))


@cache
def home(document: Path) -> Path:
    """Where the package is that the document speaks of: here, or a copy with the additions that the document tells to make."""
    if not additions(document):
        return ROOT
    copy = _copies() / document.stem
    for folder in ("gradcalc", "grammars"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for block in additions(document):
        header = ADDITION.match(block.text)
        assert header is not None
        path, body = copy / header[1], block.text[header.end():]
        if header[2] is None:
            assert not path.exists(), f"{header[1]} is there already"
            path.write_text(body, encoding="utf-8")
        else:
            before, opening, after = re.split(rf"(^{header[2]}\b.*[\[({{]\n)", path.read_text(encoding="utf-8"), flags=re.M)
            path.write_text(before + opening + body + after, encoding="utf-8")
    return copy


@pytest.fixture(scope="module", autouse=True)
def _clean() -> Iterator[None]:
    yield
    shutil.rmtree(_copies(), ignore_errors=True)


def environment(document: Path) -> dict[str, str]:
    """That of a user in whose shell ``gradcalc`` and ``python`` are this package's."""
    left_out = ("GRADCALC", "FORCE_", "NO_COLOR", "COLUMNS")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(left_out)}
    return kept | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}", "PYTHONPATH": str(home(document))}


def shell(command: str, document: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=folder, env=environment(document),
                          check=False, stdin=subprocess.DEVNULL, timeout=50)


def steps(block: Block) -> list[tuple[str, str]]:
    """The commands of a console block, each with what it shows."""
    found = [step.partition("\n") for step in re.split(r"^\$ ", block.text, flags=re.M)[1:]]
    return [(command, shown) for command, _, shown in found]


def steady(text: str) -> str:
    """The text without what differs from run to run: times, and the widths that follow from them."""
    text = re.sub(r"\d+(\.\d+)?(e-?\d+)? (ns|µs|ms|s)\b", "TIME", text)
    return re.sub(r"[ ─]+", " ", text)


def arguments(command: str) -> list[str] | None:
    """The arguments of a command that is gradcalc's alone, for which no shell is needed; None of any other."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars=True)
    lexer.whitespace_split, lexer.commenters = True, ""
    words = list(lexer)
    alone = words[0] == "gradcalc" and "$" not in command and not any(set(word) <= set("();<>|&") for word in words)
    return words[1:] if alone else None


@each("console")
def test_console(block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """In this process where that says the same, because the start of one takes longer than an answer."""
    from gradcalc.commands import run

    for name in os.environ.keys() - environment(block.document).keys():
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    assert steps(block)
    for command, shown in steps(block):
        words = arguments(command)
        if words is None or block.document == DOCUMENTS[0] or additions(block.document):
            done = shell(command, block.document, tmp_path)
            status, written = done.returncode, done.stdout + done.stderr
        else:
            with open(os.devnull, encoding="utf-8") as nothing:
                monkeypatch.setattr(sys, "stdin", nothing)
                status, written = run(words), "".join(capsys.readouterr())
        assert steady(written) == steady(shown), command
        assert status != 70, command


@each("python")
def test_python(block: Block, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    name = block.document.stem
    if block.text.startswith(">>>"):
        test = doctest.DocTestParser().get_doctest(block.text, {}, name, None, 0)
        result = doctest.DocTestRunner().run(test)
        assert result.failed == 0, capsys.readouterr().out
        assert result.attempted > 0
    elif block in additions(block.document):
        header = ADDITION.match(block.text)
        assert header is not None
        compile((home(block.document) / header[1]).read_text(encoding="utf-8"), header[1], "exec")
    elif additions(block.document):
        done = subprocess.run([sys.executable, "-c", block.text], capture_output=True, text=True, cwd=tmp_path,
                              env=environment(block.document), check=False, timeout=50)
        assert (done.returncode, done.stderr) == (0, "")
    else:
        namespace: dict[str, object] = {}
        exec(compile(block.text, name, "exec"), namespace)
        assert len(namespace) > 1


@each("jsonc")
def test_json(block: Block, tmp_path: Path) -> None:
    """The comment on a line of its own is a command, and the object below it what the command prints."""
    commands = re.split(r"^// (.*)\n", block.text, flags=re.M)[1:]
    assert commands
    for command, shown in zip(commands[::2], commands[1::2], strict=True):
        done = shell(command, block.document, tmp_path)
        assert timeless(objects(done.stdout or done.stderr)) == timeless(objects(re.sub(r"\s// .*$", "", shown, flags=re.M)))


def objects(text: str) -> list[Any]:
    """The JSON values that stand in a text one behind the other."""
    found, decoder, text = [], json.JSONDecoder(), text.strip()
    while text:
        value, end = decoder.raw_decode(text)
        found.append(value)
        text = text[end:].strip()
    assert found
    return found


def timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: 0 if key == "seconds" and inner is not None else timeless(inner) for key, inner in value.items()}
    return [timeless(inner) for inner in value] if isinstance(value, list) else value


@each("toml")
def test_toml(block: Block) -> None:
    """Entry points stand in a group that gradcalc reads."""
    from gradcalc import evaluators
    from gradcalc.graph import operations

    groups = tomllib.loads(block.text)["project"]["entry-points"]
    assert groups and set(groups) <= {evaluators.GROUP, operations.GROUP}
    for entries in groups.values():
        assert all(re.fullmatch(r"[\w.]+:\w+", value) for value in entries.values())


@pytest.mark.parametrize("chapter", PLACES)
def test_places_to_touch(chapter: str) -> None:
    """A section adds one thing."""
    document = ROOT / "gradcalc" / "help" / f"{chapter}.md"
    sections = re.split(r"^## ", document.read_text(encoding="utf-8"), flags=re.M)
    touched = [{header[1] for header in re.finditer(rf"^{ADDITION.pattern}", section, re.M)} for section in sections]
    assert {len(files) for files in touched if files} == {PLACES[chapter]}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.stem)
def test_every_block_is_of_a_kind_that_is_checked(document: Path) -> None:
    allowed = {"console", "python", "jsonc", "toml", *(["sh"] if document.name == "README.md" else [])}
    assert {block.language for block in blocks(document)} <= allowed
    assert document.read_text(encoding="utf-8").count("```") == 2 * len(blocks(document))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.stem)
def test_links_and_paths_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", FENCE.sub("", text)):
        assert (document.parent / target).exists(), target
    for path in re.findall(r"(?<![\w/.])(?:gradcalc|tests|grammars)/[a-z][\w./-]*\w", text):
        assert (home(document) / path).exists() or (ROOT / path).exists(), path


def test_every_option_that_is_named_exists_and_the_other_way_round() -> None:
    import click

    from gradcalc.commands.group import COMMANDS, group

    known = {"--version"}
    for name in COMMANDS:
        command = group.get_command(click.Context(group), name)
        assert command is not None
        known |= {option for parameter in command.get_params(click.Context(command))
                  for option in parameter.opts if option.startswith("--")}
    text = "\n".join(document.read_text(encoding="utf-8") for document in DOCUMENTS)
    option = re.compile(r"(?<!\S)--[a-z][a-z-]*[a-z](?![\w…-])")
    named = {name for code in re.findall(r"`([^`\n]+)`", FENCE.sub("", text)) for name in option.findall(code)}
    assert named - {"--word"} <= known
    assert known <= set(re.findall(r"--[a-z][a-z-]*[a-z]", text))


@pytest.mark.parametrize("chapter", [path for path in CHAPTERS if path.stem != "README"], ids=lambda path: path.stem)
def test_a_chapter_says_what_it_is_for_and_the_contents_have_it(chapter: Path) -> None:
    title, gap, summary, *_ = chapter.read_text(encoding="utf-8").split("\n")
    assert title.startswith("# ") and not gap
    assert summary.endswith((".", "?")) and len(summary) <= 54
    contents = (chapter.parent / "README.md").read_text(encoding="utf-8")
    assert contents.count(f"- [{chapter.stem}]({chapter.name}): {summary}\n") == 1


def test_the_readme_is_short_and_begins_with_the_commands_that_others_run() -> None:
    assert len(DOCUMENTS[0].read_text(encoding="utf-8").splitlines()) <= 250
    named = [block.text.splitlines() for block in blocks(DOCUMENTS[0]) if block.language == "sh"]
    assert [(name, len(commands)) for name, *commands in named] == [("# first question", 1), ("# tests", 1), ("# linters", 1)]


def test_the_package_docstring_runs() -> None:
    import gradcalc

    assert doctest.testmod(gradcalc).failed == 0


def rewrite(document: Path) -> None:
    """Write what the commands print now into the console blocks."""

    def anew(found: re.Match[str]) -> str:
        if found[1] != "console":
            return found[0]
        block = Block(document, 0, found[1], found[2])
        with tempfile.TemporaryDirectory() as folder:
            done = [(command, shell(command, document, Path(folder))) for command, _ in steps(block)]
        shown = (f"$ {command}\n{result.stdout}{result.stderr}" for command, result in done)
        return f"```console\n{''.join(shown)}```"

    document.write_text(FENCE.sub(anew, document.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        rewrite(Path(argument).resolve())
    shutil.rmtree(_copies(), ignore_errors=True)
