"""Clocks that callers pass in, so that no decision and no test depends on the wall clock; format of durations."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """The system's clock, the only source of time for the rest of statewire."""

    def now(self) -> datetime:
        """Return the wall clock time, aware and in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that never decrease, for measuring durations."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait for a number of seconds."""
        time.sleep(seconds)


class SimulatedClock(Clock):
    """A clock that moves only on `sleep`, for the demo and the tests."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._elapsed_s = 0.0

    def now(self) -> datetime:
        """See `Clock.now`."""
        return self._now

    def monotonic(self) -> float:
        """See `Clock.monotonic`."""
        return self._elapsed_s

    def sleep(self, seconds: float) -> None:
        """Advance the clock at once, without waiting."""
        self._now += timedelta(seconds=seconds)
        self._elapsed_s += seconds


def unlimited() -> float:
    """Return infinity, as the seconds left of work without a limit."""
    return math.inf


def countdown(clock: Clock, seconds: float) -> Callable[[], float]:
    """Return a function that returns how many of the seconds are left from now on."""
    until_s = clock.monotonic() + seconds
    return lambda: until_s - clock.monotonic()


def format_interval(length: timedelta) -> str:
    """Return an interval in words; one below a minute in seconds, since "every less than a minute" says nothing."""
    return format_duration(length) if length >= timedelta(minutes=1) else f"{round(length.total_seconds())} s"


def format_duration(length: timedelta) -> str:
    """Format a duration, rounded to minutes, for people: `3 h 10 min`."""
    minutes = round(length.total_seconds() / 60)
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{days} d" if days else "", f"{hours} h" if hours else "", f"{minutes} min" if minutes else ""]
    return " ".join(part for part in parts if part) or "less than a minute"
