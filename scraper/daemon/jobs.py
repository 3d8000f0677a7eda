"""Runner of jobs in threads: starts each name only once at a time, and measures how long each job has been running."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from scraper.clock import Clock

log = logging.getLogger("statewire")


@dataclass(slots=True)
class Job:
    """A running job. No other job may send requests to its hosts; `is_late` means that it exceeded its deadline."""

    name: str
    began_s: float
    hosts: frozenset[str] = frozenset()
    is_late: bool = False


class JobRunner:
    """Running jobs.

    Each has its own daemon thread, which ends with the process: threads cannot be killed, and one that hangs must
    neither occupy a place in a pool nor delay the exit.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._jobs: dict[str, Job] = {}
        self._changed = threading.Condition()

    def start(self, name: str, work: Callable[[], None], hosts: frozenset[str] = frozenset()) -> bool:
        """Start a job in its own thread. Return False if a job of that name is still running."""
        with self._changed:
            if name in self._jobs:
                return False
            self._jobs[name] = Job(name, self._clock.monotonic(), hosts)
        threading.Thread(target=self._do, args=(name, work), name=name, daemon=True).start()
        return True

    def running(self) -> list[Job]:
        """Return all running jobs, including late ones, the oldest first."""
        with self._changed:
            return list(self._jobs.values())

    def names(self) -> list[str]:
        """Return the names of all running jobs."""
        return [job.name for job in self.running()]

    def newly_late(self, deadline_s: float) -> list[str]:
        """Return the names of the jobs that have exceeded the deadline since the last call."""
        with self._changed:
            until_s = self._clock.monotonic() - deadline_s
            late = [job for job in self._jobs.values() if not job.is_late and job.began_s < until_s]
            for job in late:
                job.is_late = True
            return [job.name for job in late]

    def ignore_suspension(self, seconds: float) -> None:
        """Ignore a period in which the whole process was suspended."""
        with self._changed:
            for job in self._jobs.values():
                job.began_s += seconds

    def wait(self, seconds: float) -> bool:
        """Wait until no job is running, for at most `seconds` of real time; return True if none is."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._jobs, seconds)

    def _do(self, name: str, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # the thread ends in any case, and without a line in the log nothing would show why
            log.exception("%s: %s", name, error)
        finally:
            with self._changed:
                del self._jobs[name]
                self._changed.notify_all()
