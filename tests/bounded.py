"""Limit of CPU time for tests with hostile input."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Ten times and more what a slow and busy machine needs; on inputs of this size, what is not linear takes minutes.
BOUND_S = 20.0
# CPU time of `_work` on the machine for which the limits hold.
_WORK_S = 0.06


@contextmanager
def bounded(limit_s: float = BOUND_S) -> Iterator[None]:
    """Fail if the block uses more CPU time than the limit, on a machine of a known speed.

    On a machine that is slower now, by itself or because of what runs beside this, the limit is longer in proportion.
    Under a tracer, such as that of the coverage run, the time is not compared: it is mostly the tracer's. The plain run
    of the same test compares it.
    """
    started_s = time.process_time()
    yield
    spent_s = time.process_time() - started_s
    if spent_s >= limit_s and sys.gettrace() is None:
        slowness = max(1.0, min(_work() for _ in range(3)) / _WORK_S)
        assert spent_s < limit_s * slowness, f"{spent_s:.1f} s of CPU time, {slowness:.1f} times as slow as assumed"


def assert_linear(work: Callable[[int], object], size: int) -> None:
    """Fail if work of eight times a size uses more than 24 times the CPU time: what is quadratic uses 64 times.

    What else the machine does can slow the large work alone, so that it is repeated before it fails.
    """
    small_s = min(_cpu_s(lambda: work(size)) for _ in range(3))
    large_s = float("inf")
    for _ in range(3):
        large_s = min(large_s, _cpu_s(lambda: work(8 * size)))
        if large_s < 24 * max(small_s, 0.001):
            return
    raise AssertionError(f"{large_s:.3f} s of CPU time for eight times what takes {small_s:.3f}")


def _work() -> float:
    """Return the CPU time, in seconds, of a fixed amount of work."""
    return _cpu_s(lambda: sum(number * number for number in range(1_000_000)))


def _cpu_s(work: Callable[[], object]) -> float:
    started_s = time.process_time()
    work()
    return time.process_time() - started_s
