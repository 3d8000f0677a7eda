"""Tests of `scraper.clock`: the system clock is aware and monotonic, the simulated one moves only on request."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from scraper.clock import Clock, SimulatedClock, format_interval

START = datetime(2026, 3, 8, 6, 30, tzinfo=UTC)


def test_the_system_clock_gives_aware_utc_and_seconds_that_only_grow() -> None:
    clock: Clock = Clock()
    before = datetime.now(UTC)
    assert before <= clock.now() <= datetime.now(UTC)
    assert clock.now().utcoffset() == timedelta(0)
    first = clock.monotonic()
    clock.sleep(0)
    assert clock.monotonic() >= first


def test_the_system_clock_sleeps_as_long_as_requested() -> None:
    clock = Clock()
    first = clock.monotonic()
    clock.sleep(0.01)
    assert clock.monotonic() - first >= 0.01


def test_the_simulated_clock_moves_only_during_a_sleep() -> None:
    clock: Clock = SimulatedClock(START)
    assert clock.now() == clock.now() == START
    assert clock.monotonic() == 0
    clock.sleep(90)
    clock.sleep(0.5)
    assert clock.now() == START + timedelta(seconds=90.5)
    assert clock.monotonic() == pytest.approx(90.5)


def test_a_short_interval_is_in_seconds() -> None:
    assert format_interval(timedelta(seconds=15)) == "15 s"
    assert format_interval(timedelta(minutes=15)) == "15 min"
