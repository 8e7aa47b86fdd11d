"""Where the answers go: to standard output, or to a file that gets its name only when it is complete.

Beside an unfinished file ``NAME`` stand ``NAME.part``, with what has been written so far, and ``NAME.journal``: what the run
was about, and from time to time how far it had come. After an interruption at any moment a run about the same continues
from the last line of the journal, and the file is the same in the end.
"""

import json
import os
import stat
import sys
import time
import zlib
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple, Protocol, Self

from gradcalc.diagnostics import GradcalcError, error
from gradcalc.tables.block import Writer

#: An interruption loses the work of at most so many seconds. Each note in the journal is synchronised to the disk, which is
#: slow.
EVERY = 0.5
#: The endings of the files beside an unfinished one: what has been written, the journal, and the result of a conversion.
BESIDE = (".part", ".journal", ".made")
#: What a journal begins with.
JOURNAL = b'{"check": '


class State(NamedTuple):
    """How far it is: the rows so far, how many have no answer, the first of these in words, how many are at a kink or a jump,
    the first of these, and where the next block is."""

    rows: int = 0
    bad: int = 0
    first: str | None = None
    kinked: int = 0
    first_kinked: str | None = None
    after: tuple[int, ...] | None = None


class Delivery(Protocol):
    """Takes the output. Where it is left without ``finish``, it keeps what has been written for a later run, if that can be
    used."""

    #: Whether everything was finished before.
    is_complete: bool

    def __enter__(self) -> Self: ...

    def __exit__(self, *problem: object) -> None: ...

    def begin(self, head: bytes) -> State:
        """Begin, or continue an earlier run; returns the state to continue from."""
        ...

    def write(self, data: bytes) -> None: ...

    def mark(self, state: State) -> None:
        """Note that everything up to this state has been written."""
        ...

    def abandon(self) -> None:
        """Remove what has been written, since no later run can continue from it."""
        ...

    def finish(self, state: State, writer: Writer) -> None: ...

    def remedy(self) -> str | None:
        """A hint how to continue from what has been written; None where nothing has, or where it cannot be continued."""
        ...


class ToStream:
    """Standard output, or a device or pipe by its name."""

    is_complete = False

    def __init__(self, path: str | None = None) -> None:
        self._path = path

    def __enter__(self) -> Self:
        # Unbuffered, or what a full device did not take would be written again when it is closed.
        self._stream: Any = open(self._path, "wb", buffering=0) if self._path else getattr(sys.stdout, "buffer", None)
        return self

    def __exit__(self, *problem: object) -> None:
        if self._path and self._stream is not None:
            self._stream.close()

    def begin(self, head: bytes) -> State:
        self.write(head)
        return State()

    def write(self, data: bytes) -> None:
        if self._stream is None or not data:
            return
        try:
            _write(self._stream, data)
            self._stream.flush()
        except BrokenPipeError:
            raise
        except OSError as problem:
            if self._path is None:
                raise
            raise error("output", f"cannot write {self._path}: {_reason(problem)}") from problem

    def mark(self, state: State) -> None:
        return

    def abandon(self) -> None:
        return

    def finish(self, state: State, writer: Writer) -> None:
        return

    def remedy(self) -> None:
        return


class ToFile:
    """A file. ``about`` says what the run is about; with ``resume`` an earlier run about the same is continued."""

    def __init__(self, path: str, about: Mapping[str, Any], resume: bool) -> None:
        self._name, self._path = path, os.path.realpath(path)
        self._part, self._journal, self._made = (self._path + ending for ending in BESIDE)
        self._about = json.loads(json.dumps(about))
        self._resume = resume
        self._size = 0
        self._out: Any = None
        self._noted = time.monotonic()
        self.is_complete = False

    def __enter__(self) -> Self:
        try:
            if os.path.isdir(self._path):
                raise IsADirectoryError(0, "it is a folder")
            known = os.path.lexists(self._journal)
            self._book = _locked(_opened(self._journal), self._name)
        except OSError as problem:
            raise self._failed(problem) from problem
        self._demand_way(known)
        return self

    def _demand_way(self, known: bool) -> None:
        """Raise GradcalcError where a file that no earlier run has left lies where this one will write.

        An earlier run is ``known`` by its journal. One that is to be continued may be damaged from its first byte.
        """
        self._book.seek(0)
        start = self._book.read(len(JOURNAL)) or b""
        left = [path for path in (self._part, self._made) if os.path.lexists(path)]
        lying = [] if start or (known and self._resume) else left
        if not JOURNAL.startswith(start) and not (self._resume and left):
            self._book.close()
            raise _in_the_way(self._journal, "it is no journal of an earlier run")
        if lying:
            self._book.close()
            os.unlink(self._journal)
            raise _in_the_way(lying[0], "no earlier run has left it there, for it has no journal")

    def __exit__(self, *problem: object) -> None:
        with suppress(OSError):
            self._book.close()  # and with it the lock
        if self._out is not None:
            with suppress(OSError):
                self._out.close()

    def begin(self, head: bytes) -> State:
        try:
            state, size = self._earlier() if self._resume else (State(), 0)
            if self.is_complete:
                os.unlink(self._journal)
                return state
            if not size:
                self._book.seek(0)
                self._book.truncate()
            if not size:
                for path in filter(os.path.lexists, (self._part, self._made)):
                    os.unlink(path)
            self._out = _opened(self._part, new=not size)
            self._out.truncate(size)
            self._out.seek(size)
            self._size = size
            if not size:
                self._note({"about": self._about, "process": os.getpid()})
                self.write(head)
        except OSError as problem:
            if not self._size:
                self.abandon()
            raise self._failed(problem) from problem
        return state

    def _earlier(self) -> tuple[State, int]:
        """The state in which an earlier run ended, and how much it had written. Raises GradcalcError where it was about
        something else."""
        self._book.seek(0)
        notes, whole = _noted(self._book.read() or b"")
        if not notes or "about" not in notes[0]:
            return State(), 0
        there = os.path.exists(self._part)
        delivered = not there and os.path.exists(self._path)
        self.is_complete = delivered and "complete" in notes[-1] and notes[0]["about"] == self._about
        if not there and not self.is_complete:
            return State(), 0
        self._demand_same(notes[0]["about"])
        self._book.truncate(whole)
        self._book.seek(whole)
        size = os.path.getsize(self._part) if there else 0
        for note in reversed(notes[1:]):
            if self.is_complete or note["size"] <= size:
                state = State(**{name: note[name] for name in State._fields})
                return state._replace(after=tuple(note["after"]) or None), note["size"]
        return State(), 0

    def _demand_same(self, about: Mapping[str, Any]) -> None:
        """Raise GradcalcError where the interrupted run was about something else, and say about what."""
        different = [name for name in {**about, **self._about} if about.get(name) != self._about.get(name)]
        if different:
            raise error("resume", f"{self._name} cannot be continued: not the same as in the interrupted run "
                        f"{'is' if len(different) == 1 else 'are'} {', '.join(different)}",
                        hint="start again, without --resume, or ask what was asked then")

    def write(self, data: bytes) -> None:
        try:
            _write(self._out, data)
        except OSError as problem:
            raise self._failed(problem) from problem
        self._size += len(data)

    def mark(self, state: State) -> None:
        if time.monotonic() - self._noted >= EVERY:
            try:
                os.fsync(self._out.fileno())
                self._note(state._asdict() | {"size": self._size})
            except OSError as problem:
                raise self._failed(problem) from problem
            self._noted = time.monotonic()

    def _note(self, what: Mapping[str, Any]) -> None:
        _write(self._book, json.dumps({"check": _check(what), **what}).encode() + b"\n")
        os.fsync(self._book.fileno())

    def abandon(self) -> None:
        self.__exit__()
        for path in (self._part, self._journal, self._made):
            with suppress(OSError):
                os.unlink(path)

    def finish(self, state: State, writer: Writer) -> None:
        try:
            os.fsync(self._out.fileno())
            self._note(state._asdict() | {"after": state.after or (), "size": self._size})
            made = self._part
            if not writer.direct:
                made = self._made
                self._make(writer)
            if os.path.exists(self._path):
                os.chmod(made, stat.S_IMODE(os.stat(self._path).st_mode))
            self._note(state._asdict() | {"after": state.after or (), "size": self._size, "complete": True})
            os.replace(made, self._path)
            for path in (self._part, self._journal):
                with suppress(FileNotFoundError):
                    os.unlink(path)
        except OSError as problem:
            raise self._failed(problem) from problem

    def _make(self, writer: Writer) -> None:
        """Make the file of what was written. If that is interrupted it is made anew, and takes no room until then."""
        try:
            writer.convert(self._part, self._made)
            with open(self._made, "rb") as stream:
                os.fsync(stream.fileno())
        except BaseException:
            with suppress(OSError):
                os.unlink(self._made)
            raise

    def remedy(self) -> str | None:
        if not self._size:
            return None
        if self._about:
            return "nothing is lost: --resume goes on from there"
        return f"what was written until then is in {self._name}{BESIDE[0]}"

    def _failed(self, problem: OSError) -> GradcalcError:
        return error("output", f"cannot write {self._name}: {_reason(problem)}", hint=self.remedy())


def _reason(problem: OSError) -> str:
    reason = problem.strerror or str(problem)
    return reason[:1].lower() + reason[1:]


def _check(what: Mapping[str, Any]) -> int:
    return zlib.crc32(json.dumps(what).encode())


def _noted(text: bytes) -> tuple[list[dict[str, Any]], int]:
    """What a journal says, up to where it was cut off or is no journal, and how many bytes that is."""
    notes: list[dict[str, Any]] = []
    whole = 0
    for line in text.splitlines(keepends=True):
        try:
            note = json.loads(line)
            if not line.endswith(b"\n") or note.pop("check") != _check(note):
                break
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
            break
        notes.append(note)
        whole += len(line)
    return notes, whole


def delivery(path: str | None, about: Mapping[str, Any], resume: bool, direct: bool) -> Delivery:
    """The way to a file, or to standard output. Raises GradcalcError for what cannot be continued or written to."""
    if path is None:
        return ToStream()
    if os.path.exists(path) and not (os.path.isfile(path) or os.path.isdir(path)):
        if resume or not direct:
            raise error("usage", f"{path} is no file that could be " + ("continued" if resume else "written in one go"))
        return ToStream(path)
    return ToFile(path, about, resume)


def demand_apart(out: str, data: str) -> None:
    """Raise GradcalcError where the table is a file that the run itself would write over while it reads it."""
    for ending in BESIDE:
        beside = os.path.realpath(out) + ending
        if os.path.exists(beside) and os.path.exists(data) and os.path.samefile(beside, data):
            raise error("usage", f"{data} is where {out} is written until it is complete", hint="choose another --out")


def _opened(path: str, new: bool = False) -> Any:
    """A file for reading and writing, as it stands, or a new one. Raises GradcalcError for a link and for what is no file:
    somebody else's file could stand behind it.

    Unbuffered: what cannot be written fails then, not when it is closed.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL * new | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
    try:
        number = os.open(path, flags, 0o666)
    except OSError as problem:
        if os.path.islink(path):
            raise _in_the_way(path, "it is a symbolic link") from problem
        if os.path.isdir(path):
            raise _in_the_way(path, "it is a folder") from problem
        if new and os.path.lexists(path):
            raise _in_the_way(path, "it came there just now") from problem
        raise
    found = os.fstat(number)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
        os.close(number)
        raise _in_the_way(path, "it is a hard link to another file" if stat.S_ISREG(found.st_mode) else "it is no file")
    return os.fdopen(number, "r+b", buffering=0)


def _in_the_way(path: str, reason: str) -> GradcalcError:
    return error("output", f"{path} lies in the way: {reason}", hint="remove or rename it, or choose another --out")


def _write(stream: Any, data: bytes) -> None:
    """Write all of it: a full disk takes a part at first."""
    rest = memoryview(data)
    while rest:
        rest = rest[stream.write(rest):]


def _locked(stream: Any, path: str) -> Any:
    """The same, closed to every other run that would write the file at the same time."""
    with suppress(ImportError):
        import fcntl

        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            notes, _ = _noted(stream.read() or b"")
            stream.close()
            if not isinstance(problem, BlockingIOError):
                raise
            who = f"another run, process {notes[0]['process']}," if notes and "process" in notes[0] else "another run"
            raise error("output", f"{who} is writing {path}", hint="wait for it, or choose another name") from problem
    return stream
