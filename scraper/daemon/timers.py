"""Timers of the daemon: intervals of monotonic time, times of the calendar, and jumps of the wall clock.

No run that was missed is made up for: the due times of sources and messages are in the database.
"""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from apscheduler.schedulers.background import BackgroundScheduler

    from scraper.clock import Clock

log = logging.getLogger("statewire")

_JUMP = timedelta(minutes=1)


def call_every(seconds: float, work: Callable[[], None], stop: threading.Event) -> None:
    """Call `work` in a thread of its own, now and `seconds` after the end of each call, until `stop` is set."""

    def repeat() -> None:
        while True:
            try:
                work()
            except Exception as error:  # the next call has to come
                log.exception("%s: %s", work.__name__, error)
            if stop.wait(seconds):
                return

    threading.Thread(target=repeat, name=f"every {seconds:g} s: {work.__name__}", daemon=True).start()


class Calendar:
    """Timer for times of the calendar, such as those of digests: calls `work` at each time that `next_time` returns.

    `next_time` gets the time now and returns a later one, None for never. APScheduler follows the wall clock: call
    `arm` again when that was set, and when other times apply.
    """

    def __init__(self, next_time: Callable[[datetime], datetime | None], work: Callable[[], None]) -> None:
        self._next_time = next_time
        self._work = work
        self._scheduler: BackgroundScheduler | None = None
        self._lock = threading.Lock()

    def arm(self) -> None:
        """Wait for the next time from now on."""
        with self._lock:
            if self._scheduler is not None:
                self._scheduler.remove_all_jobs()
            at = self._next_time(datetime.now(UTC))
            if at is not None:
                self._scheduler = self._scheduler or _started_scheduler()
                self._scheduler.add_job(self._fire, "date", run_date=at)

    def stop(self) -> None:
        """Stop the timer; work that it has begun may go on."""
        if self._scheduler is not None:
            with suppress(Exception):  # the stop of the daemon goes on, whatever the timer does
                self._scheduler.shutdown(wait=False)

    def _fire(self) -> None:
        self.arm()
        self._work()


def _started_scheduler() -> BackgroundScheduler:
    # Imported when the first time of the calendar is known: it takes memory, and many users have no digests.
    from apscheduler.schedulers.background import BackgroundScheduler

    scheduler = BackgroundScheduler(timezone=UTC, job_defaults={"misfire_grace_time": None})
    scheduler.start()
    return scheduler


class ClockWatch:
    """Comparison of the wall clock with monotonic time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._origin = self._measure()

    def jump(self) -> timedelta | None:
        """Return how far the wall clock was set since the last call, below 0 for back, or None if it was not.

        On Linux, a machine that slept looks as if its clock was set forward.
        """
        origin = self._measure()
        shift = origin - self._origin
        self._origin = origin
        return shift if abs(shift) >= _JUMP else None

    def _measure(self) -> datetime:
        """Return the wall clock time at which monotonic time was 0."""
        return self._clock.now() - timedelta(seconds=self._clock.monotonic())
