"""Runner of jobs in threads: starts each name only once at a time, and keeps the time budget and progress of each."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from scraper.clock import Clock

log = logging.getLogger("statewire")


class Stopped(BaseException):
    """Request to stop that interrupts a job. Not an `Exception`, so that no handler takes it for a failure."""


class StoppableClock(Clock):
    """Clock of the machine whose sleep ends when the daemon stops."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop

    def sleep(self, seconds: float) -> None:
        """Wait. Raise `Stopped` if the daemon is asked to stop in the meantime."""
        if self._stop.wait(seconds):
            raise Stopped


@dataclass(slots=True)
class Job:
    """A running job. No other job may send requests to its hosts.

    It should end within `budget_s` seconds: its work asks for `time_left_s` before each step and reports each finished
    one with `record_progress`. A step that it has begun may take `step_s` more, by limits of its own. `is_late` means
    that it has made no progress for as long as its budget.
    """

    name: str
    clock: Clock
    budget_s: float
    step_s: float = 0.0
    hosts: frozenset[str] = frozenset()
    is_late: bool = False
    began_s: float = field(init=False)
    progressed_s: float = field(init=False)

    def __post_init__(self) -> None:
        self.began_s = self.progressed_s = self.clock.monotonic()

    def time_left_s(self) -> float:
        """Return the seconds left of the budget; below 0 if it is used up."""
        return self.budget_s - (self.clock.monotonic() - self.began_s)

    def record_progress(self) -> None:
        """Record that a step is finished: a page, a message, a batch."""
        self.progressed_s = self.clock.monotonic()

    def idle_s(self) -> float:
        """Return the seconds since the last progress."""
        return self.clock.monotonic() - self.progressed_s

    def is_stalled(self) -> bool:
        """Decide if no progress can be expected any more: every step ends long before this time."""
        return self.idle_s() > 2 * self.budget_s + self.step_s


class JobRunner:
    """Running jobs.

    Each has its own daemon thread, which ends with the process: threads cannot be killed, and one that hangs must
    neither occupy a place in a pool nor delay the exit.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._jobs: dict[str, Job] = {}
        self._changed = threading.Condition()

    def start(
        self,
        name: str,
        work: Callable[[Job], None],
        *,
        budget_s: float,
        step_s: float = 0.0,
        hosts: frozenset[str] = frozenset(),
    ) -> bool:
        """Start a job in its own thread; see `Job` for its limits. Return False if one of that name is running."""
        with self._changed:
            if name in self._jobs:
                return False
            job = self._jobs[name] = Job(name, self._clock, budget_s, step_s, hosts)
        try:
            threading.Thread(target=self._do, args=(job, work), name=name, daemon=True).start()
        except RuntimeError:  # the system allows no more threads
            self._end(job)
            raise
        return True

    def running(self) -> list[Job]:
        """Return all running jobs, including late ones, the oldest first."""
        with self._changed:
            return list(self._jobs.values())

    def names(self) -> list[str]:
        """Return the names of all running jobs."""
        return [job.name for job in self.running()]

    def newly_late(self) -> list[Job]:
        """Return the jobs that have become late since the last call: no progress for as long as their budget."""
        late = [job for job in self.running() if not job.is_late and job.idle_s() > job.budget_s]
        for job in late:
            job.is_late = True
        return late

    def ignore_suspension(self, seconds: float) -> None:
        """Ignore a period in which the whole process was suspended."""
        for job in self.running():
            job.began_s += seconds
            job.progressed_s += seconds

    def wait(self, seconds: float) -> bool:
        """Wait until no job is running, for at most `seconds` of real time; return True if none is."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._jobs, seconds)

    def _do(self, job: Job, work: Callable[[Job], None]) -> None:
        try:
            work(job)
        except Exception as error:  # the thread ends in any case, and without a line in the log nothing would show why
            log.exception("%s: %s", job.name, error)
        finally:
            self._end(job)

    def _end(self, job: Job) -> None:
        with self._changed:
            del self._jobs[job.name]
            self._changed.notify_all()
