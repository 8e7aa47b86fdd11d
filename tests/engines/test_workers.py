"""How points are shared among threads, and what is left of it when something goes wrong on the way."""

import threading
import time
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

import gradcalc
from gradcalc.engines import workers


@pytest.fixture(autouse=True)
def three(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_pool", [])
    monkeypatch.setattr(workers, "processors", lambda: 3)


@pytest.mark.parametrize("grain", [16, 17, 100, 87_381])
@pytest.mark.parametrize("count", [0, 1, 15, 33, 100, 1003, 524_286, 1_000_003])
def test_ranges_are_all_points_and_begin_with_a_line(count: int, grain: int) -> None:
    found: list[tuple[int, int]] = []

    def work(first: int, last: int) -> int:
        found.append((first, last))
        return 2 if last == count else 0

    assert workers.share(count, grain, work) == 2
    found.sort()
    assert (found[0][0], found[-1][1]) == (0, count)
    assert all(one[1] == other[0] for one, other in pairwise(found))
    assert all(first % workers.LINE == 0 for first, _ in found)
    assert len(found) == 1 or min(last - first for first, last in found) > grain - workers.LINE


@pytest.mark.parametrize("problem", [KeyboardInterrupt, MemoryError])
@pytest.mark.parametrize("caller", [True, False])
def test_nobody_is_at_work_when_a_problem_goes_on(problem: type[BaseException], caller: bool,
                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "processors", lambda: 2)
    both = threading.Barrier(2, timeout=20)
    done: list[int] = []

    def work(first: int, last: int) -> int:
        if len(done) == 0:
            both.wait()
            if (threading.current_thread() is threading.main_thread()) == caller:
                raise problem
        time.sleep(0.2)
        done.append(first)
        return 0

    with pytest.raises(problem):
        workers.share(1600, 100, work)
    before = len(done)
    assert before >= 1
    time.sleep(0.5)
    assert len(done) == before


def test_without_more_threads_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a process that is ending: its pool takes nothing any more."""
    f = gradcalc.parse("x*y").compile(engine="native")
    x = np.arange(1_000_000.0)
    f(x=x, y=2.0)
    (pool,) = workers._pool
    pool.shutdown()
    assert f(x=x, y=2.0)[0].tolist() == (2.0 * x).tolist()

    def refuse(*_: object) -> Callable[..., object]:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(workers, "_pool", [])
    monkeypatch.setattr(workers.ThreadPoolExecutor, "submit", refuse)
    assert f(x=x, y=3.0)[0].tolist() == (3.0 * x).tolist()
