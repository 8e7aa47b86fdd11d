"""How long a command may take, and how much memory: what stops one that goes on, so that it ends with an error.

Time is watched by the system's own timer, which interrupts as Ctrl-C does; where there is none, by a thread. Memory is bounded
by the system, so that what asks for too much is refused. Both end with the command, for whoever runs several in one process.
"""

import sys
from collections.abc import Callable
from types import FrameType

from gradcalc.diagnostics import Diagnostic

#: The seconds that a command may take unless it says otherwise.
SECONDS = 600.0
#: Of the machine's memory, a command may have this part.
PART = 0.9
#: Less does not suffice to load NumPy, which then ends the process by itself.
LEAST = 256 << 20
UNITS = {"": 1 << 20, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40}


class _State:
    """What is watched now: the limits, whether time is up, and how to undo what was set."""

    seconds: float | None = None
    memory: int | None = None
    late = False
    stop_clock: Callable[[], None] | None = None
    free_memory: Callable[[], None] | None = None


def watch(seconds: float) -> None:
    """Interrupt the main thread after so many seconds, and again until it has noticed. In other threads nothing is watched."""
    _State.seconds, _State.late = seconds, False
    import signal

    def expire(number: int, frame: FrameType | None) -> None:
        _State.late = True
        raise KeyboardInterrupt

    if hasattr(signal, "setitimer"):
        try:
            before = signal.signal(signal.SIGALRM, expire)
        except ValueError:  # outside the main thread
            return
        signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)

        def stop() -> None:
            signal.setitimer(signal.ITIMER_REAL, 0.0)
            signal.signal(signal.SIGALRM, before)
    else:
        import _thread
        import threading

        if threading.current_thread() is not threading.main_thread():
            return

        def interrupt() -> None:
            _State.late = True
            _thread.interrupt_main()

        timer = threading.Timer(seconds, interrupt)
        timer.daemon = True
        timer.start()
        stop = timer.cancel
    _State.stop_clock = stop


def bound(memory: int | None) -> None:
    """Let the process have so many bytes for its data, or most of what the machine has; where the system can do that."""
    try:
        import resource
    except ImportError:
        return
    # On Linux not the addresses, of which libraries reserve more than they use.
    kind = resource.RLIMIT_DATA if sys.platform == "linux" else resource.RLIMIT_AS
    soft, hard = resource.getrlimit(kind)
    wanted = memory or _most()
    if wanted is None or (memory is None and soft != resource.RLIM_INFINITY):
        return
    try:
        resource.setrlimit(kind, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
    except (OSError, ValueError):
        return
    _State.memory = wanted
    _State.free_memory = lambda: resource.setrlimit(kind, (soft, hard))


def _most() -> int | None:
    """Most of the machine's memory, or of what a container may have of it; None where that is not known."""
    import os

    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None
    try:
        with open("/sys/fs/cgroup/memory.max", encoding="ascii") as file:
            total = min(total, int(file.read()))
    except (OSError, ValueError):
        pass
    return int(PART * total) if total > 0 else None


def out_of_time() -> Diagnostic | None:
    """What to say where the interruption came from the clock."""
    if not _State.late:
        return None
    return Diagnostic("limit", f"the command takes longer than {_State.seconds:g} seconds", hint="raise --max-seconds")


def out_of_memory() -> Diagnostic:
    """What to say where memory was refused."""
    if _State.memory is None:
        return Diagnostic("limit", "the computer's memory does not suffice",
                          hint="a lower --max-nodes or --max-text ends earlier")
    size = f"{_State.memory / (1 << 30):.3g} GB" if _State.memory >= 1 << 30 else f"{_State.memory / (1 << 20):.3g} MB"
    return Diagnostic("limit", f"the command needs more than {size} of memory", hint="raise --max-memory")


def begin_output() -> None:
    """Stop the clock: what has begun to be written is written to its end."""
    if _State.stop_clock is not None:
        _State.stop_clock()
        _State.stop_clock = None


def release() -> None:
    """Watch no more."""
    begin_output()
    if _State.free_memory is not None:
        _State.free_memory()
        _State.free_memory = None
    _State.memory = _State.seconds = None
    _State.late = False


def in_bytes(written: str) -> int | None:
    """The bytes that '4GB', '500 MB' or '500' stand for; None where it is no size, or too little."""
    number = written.strip().lower()
    unit = next((unit for unit in ("kb", "mb", "gb", "tb") if number.endswith(unit)), "")
    try:
        size = float(number.removesuffix(unit)) * UNITS[unit]
    except ValueError:
        return None
    return int(size) if LEAST <= size < 2.0**62 else None
