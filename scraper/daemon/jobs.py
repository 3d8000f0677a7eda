"""Runs jobs in threads, none twice under one name, and knows how long each has been going."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from scraper.clock import Clock


@dataclass(slots=True)
class Job:
    """Something that is being done for hosts that nobody else is to ask meanwhile; `is_late`: past its deadline."""

    name: str
    began_s: float
    hosts: frozenset[str] = frozenset()
    is_late: bool = False


class JobRunner:
    """Jobs under way.

    Each has a thread of its own that ends with the process: threads cannot be killed, and one that hangs must
    neither keep a place in a pool nor hold up the end.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._jobs: dict[str, Job] = {}
        self._changed = threading.Condition()

    def start(self, name: str, work: Callable[[], None], hosts: frozenset[str] = frozenset()) -> bool:
        """Do something in a thread of its own; False where a job of that name is still under way."""
        with self._changed:
            if name in self._jobs:
                return False
            self._jobs[name] = Job(name, self._clock.monotonic(), hosts)
        threading.Thread(target=self._do, args=(name, work), name=name, daemon=True).start()
        return True

    def names(self) -> list[str]:
        """What is under way, late or not."""
        with self._changed:
            return list(self._jobs)

    def on_time(self) -> list[Job]:
        """What is under way and within its deadline."""
        with self._changed:
            return [job for job in self._jobs.values() if not job.is_late]

    def newly_late(self, deadline_s: float) -> list[str]:
        """The jobs that have passed the deadline since this was asked last."""
        with self._changed:
            until_s = self._clock.monotonic() - deadline_s
            late = [job for job in self._jobs.values() if not job.is_late and job.began_s < until_s]
            for job in late:
                job.is_late = True
            return [job.name for job in late]

    def oldest(self) -> tuple[str, float] | None:
        """The job that has been going longest, and for how many seconds."""
        with self._changed:
            job = min(self._jobs.values(), key=lambda job: job.began_s, default=None)
            return None if job is None else (job.name, self._clock.monotonic() - job.began_s)

    def excuse(self, seconds: float) -> None:
        """Leave time out of account in which the whole process stood still."""
        with self._changed:
            for job in self._jobs.values():
                job.began_s += seconds

    def wait(self, seconds: float) -> bool:
        """Wait until nothing is under way, so many true seconds at the most; whether nothing is."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._jobs, seconds)

    def _do(self, name: str, work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            with self._changed:
                del self._jobs[name]
                self._changed.notify_all()
