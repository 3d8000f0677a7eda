"""Limit of CPU time for tests with hostile input."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Ten times and more what a slow and busy machine needs; on inputs of this size, what is not linear takes minutes.
BOUND_S = 20.0


@contextmanager
def bounded(limit_s: float = BOUND_S) -> Iterator[None]:
    """Fail if the block uses more CPU time than the limit.

    Under a tracer, such as that of the coverage run, the time is not compared: it is mostly the tracer's. The plain run
    of the same test compares it.
    """
    started_s = time.process_time()
    yield
    spent_s = time.process_time() - started_s
    assert spent_s < limit_s or sys.gettrace() is not None, f"{spent_s:.0f} s of processor time"
