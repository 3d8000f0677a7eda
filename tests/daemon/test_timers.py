"""Tests of the daemon's timers: intervals, times of the calendar, and a wall clock that is set."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from samples import NOON

from scraper.clock import SimulatedClock
from scraper.daemon.timers import Calendar, ClockWatch, call_every

DAY = timedelta(days=1)


def test_an_interval_goes_on_after_an_error_and_ends_with_the_stop(caplog: pytest.LogCaptureFixture) -> None:
    stop, calls = threading.Event(), list[int]()

    def work() -> None:
        calls.append(1)
        if len(calls) == 3:
            stop.set()
        raise RuntimeError("can't start new thread")

    call_every(0.001, work, stop)
    assert stop.wait(10)
    for thread in [each for each in threading.enumerate() if each.name.endswith("s: work")]:
        thread.join(10)
    assert len(calls) == 3
    assert "work: can't start new thread" in caplog.text


def test_a_calendar_calls_at_each_time_and_waits_for_the_next() -> None:
    asked, done = list[datetime](), threading.Event()

    def next_time(now: datetime) -> datetime | None:
        asked.append(now)
        return now + timedelta(milliseconds=1) if len(asked) < 3 else None

    calls = list[int]()

    def work() -> None:
        calls.append(1)
        if len(calls) == 2:
            done.set()

    calendar = Calendar(next_time, work)
    calendar.arm()
    assert done.wait(10)
    calendar.stop()
    assert (len(calls), len(asked)) == (2, 3)


def test_a_calendar_that_is_armed_again_forgets_the_time_before() -> None:
    done = threading.Event()
    waits = iter([20 * 365 * DAY, timedelta(milliseconds=1), DAY])
    calendar = Calendar(lambda _now: datetime.now(UTC) + next(waits), done.set)
    calendar.arm()
    calendar.arm()  # the clock was set back by twenty years
    assert done.wait(10)
    calendar.stop()
    calendar.stop()  # a stop that fails stops nothing else


class Set(SimulatedClock):
    """Clock that can be set."""

    def set_by(self, shift: timedelta) -> None:
        self._now += shift


@pytest.mark.parametrize(
    ("shift", "seen"),
    [(timedelta(0), None), (timedelta(seconds=59), None), (7300 * DAY, 7300 * DAY), (-7300 * DAY, -7300 * DAY)],
)
def test_a_clock_that_is_set_is_noticed_once(shift: timedelta, seen: timedelta | None) -> None:
    clock = Set(NOON)
    watch = ClockWatch(clock)
    clock.sleep(3600)
    assert watch.jump() is None
    clock.set_by(shift)
    clock.sleep(10)
    assert watch.jump() == seen
    assert watch.jump() is None
