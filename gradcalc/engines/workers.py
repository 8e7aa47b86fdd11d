"""How points are shared among threads: in contiguous ranges, and not at all where there are too few to be worth it.

An engine computes each point alike wherever its range begins, so that the number of threads changes no result.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from itertools import pairwise
from threading import Lock

#: A processor has so many ranges, in turn: one that is busy elsewhere gets fewer of them.
TURNS = 4
#: Ranges begin at multiples of so many points: where the arrays begin with a line of the cache, so does each range.
LINE = 8
_pool: list[ThreadPoolExecutor] = []


def processors() -> int:
    """How many threads can run at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def share(count: int, grain: int, work: Callable[[int, int], int]) -> int:
    """What ``work(first, last)`` says of all ranges: the flags that one of them sets.

    A range that is not the only one has no fewer points than ``grain``, but for what takes it to a multiple of ``LINE``.
    What ``work`` raises, and an interruption, goes on when no thread is at work any more.
    """
    threads = min(processors(), count // grain) if count >= 2 * grain else 1
    if threads < 2:
        return work(0, count)
    parts = min(threads * TURNS, count // grain)
    bounds = [*(count * part // parts // LINE * LINE for part in range(parts)), count]
    ranges, lock = iter(pairwise(bounds)), Lock()
    others: list[Future[int]] = []
    try:
        # A process that is ending, or has too many threads, starts no more: then there is this one.
        with suppress(RuntimeError):
            for _ in range(threads - 1):
                others.append(_threads().submit(_work, ranges, lock, work))
        own = _work(ranges, lock, work)
        for other in others:
            own |= other.result()
        return own
    except BaseException:
        with lock:
            list(ranges)
        wait(others)
        raise


def _threads() -> ThreadPoolExecutor:
    if not _pool:
        _pool.append(ThreadPoolExecutor(processors(), thread_name_prefix="gradcalc"))
    return _pool[0]


def _work(ranges: Iterator[tuple[int, int]], lock: Lock, work: Callable[[int, int], int]) -> int:
    """Take one range after the other until none is left."""
    flags = 0
    while True:
        with lock:
            taken = next(ranges, None)
        if taken is None:
            return flags
        flags |= work(*taken)


# A forked process has none of its parent's threads.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.clear)
