"""Tests of the schedule: never in the past or faster than configured, rarer with age, safe against clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.rules.schedule import (
    LONGEST_RECHECK,
    MUCH_NEWS,
    SHORTEST_INTERVAL,
    ActiveHours,
    current_interval,
    is_backing_off,
    is_due,
    next_due,
    next_interval,
    next_page_check,
    next_recheck,
    next_retry,
    next_try,
)

NOW = datetime(2026, 3, 8, 6, 30, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TICK = timedelta(microseconds=1)

times = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
intervals = st.timedeltas(timedelta(seconds=1), timedelta(days=365))
ages = st.timedeltas(timedelta(0), timedelta(days=2000))
jitters = st.floats(0, 1)


def test_a_source_is_asked_after_its_interval_or_a_tenth_earlier() -> None:
    assert next_due(NOW, 10 * HOUR, 0) == NOW + 10 * HOUR
    assert next_due(NOW, 10 * HOUR, 0.5) == NOW + 9.5 * HOUR
    assert next_due(NOW, 10 * HOUR, 1) == NOW + 9 * HOUR


@given(times, intervals, jitters)
def test_the_next_poll_is_never_in_the_past_nor_later_than_the_interval(
    start: datetime, every: timedelta, jitter: float
) -> None:
    due = next_due(start, every, jitter)
    assert start < due <= start + every
    assert due - start >= every * 0.9 - TICK


@given(times, intervals, jitters, jitters)
def test_more_jitter_is_never_later(start: datetime, every: timedelta, a: float, b: float) -> None:
    assert next_due(start, every, max(a, b)) <= next_due(start, every, min(a, b))


@pytest.mark.parametrize(
    ("ahead", "due"),
    [(-DAY, True), (-TICK, True), (0 * DAY, True), (TICK, False), (HOUR, False), (HOUR + TICK, True), (DAY, True)],
)
def test_due_times_are_clamped_to_one_interval(ahead: timedelta, due: bool) -> None:
    assert is_due(NOW, NOW + ahead, HOUR) is due


def test_a_source_that_was_never_polled_is_due() -> None:
    assert is_due(NOW, None, HOUR)


@given(times, intervals, jitters, st.timedeltas(timedelta(days=-400), timedelta(days=400)))
def test_whatever_the_clock_does_no_source_waits_longer_than_its_interval(
    start: datetime, every: timedelta, jitter: float, jump: timedelta
) -> None:
    due = next_due(start, every, jitter)
    now = start + jump
    assert is_due(now, due, every) or is_due(now + every, due, every)


@given(times, intervals, jitters)
def test_a_source_is_not_due_again_while_its_run_has_just_begun(
    start: datetime, every: timedelta, jitter: float
) -> None:
    assert not is_due(start, next_due(start, every, jitter), every)


def test_a_page_rechecked_on_time_is_fetched_at_the_intended_ages() -> None:
    checked, seen_at_ages = NOW, []
    for _ in range(7):
        checked = next_recheck(NOW, checked)
        seen_at_ages.append(checked - NOW)
    assert seen_at_ages == [HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY, 37 * DAY, 67 * DAY]


@given(times, ages, ages)
def test_waits_never_shrink_with_age(first_seen_at: datetime, a: timedelta, b: timedelta) -> None:
    younger, older = first_seen_at + min(a, b), first_seen_at + max(a, b)
    assert next_recheck(first_seen_at, younger) - younger <= next_recheck(first_seen_at, older) - older


@given(times, st.timedeltas(timedelta(days=-2000), timedelta(days=2000)))
def test_a_recheck_is_ahead_and_at_the_most_a_month(first_seen_at: datetime, age: timedelta) -> None:
    checked = first_seen_at + age
    assert HOUR <= next_recheck(first_seen_at, checked) - checked <= LONGEST_RECHECK


@pytest.mark.parametrize(("unseen", "wait"), [(-DAY, HOUR), (HOUR, HOUR), (4 * HOUR, 2 * HOUR), (60 * DAY, 7 * DAY)])
def test_a_page_that_does_not_respond_is_fetched_ever_more_rarely(unseen: timedelta, wait: timedelta) -> None:
    assert next_retry(NOW - unseen, NOW) == NOW + wait


@pytest.mark.parametrize(
    ("failing_for", "wait"), [(0 * HOUR, 0 * HOUR), (HOUR, HOUR / 2), (6 * HOUR, 3 * HOUR), (90 * DAY, 3 * HOUR)]
)
def test_a_listed_page_that_does_not_respond_is_requested_ever_more_rarely(
    failing_for: timedelta, wait: timedelta
) -> None:
    assert next_try(NOW - failing_for, NOW) == NOW + wait


# How often


@given(intervals, st.none() | intervals, st.integers(0, 50))
def test_an_interval_stays_within_its_bounds(every: timedelta, kept: timedelta | None, news: int) -> None:
    after = next_interval(every, kept, news)
    assert min(every, max(every / 2, SHORTEST_INTERVAL)) <= after <= 4 * every


@given(intervals, st.none() | intervals)
def test_more_news_never_means_a_longer_wait(every: timedelta, kept: timedelta | None) -> None:
    waits = [next_interval(every, kept, news) for news in range(6)]
    assert waits == sorted(waits, reverse=True)
    assert waits[1] <= every


def test_a_quiet_source_is_asked_ever_more_rarely_and_the_first_news_ends_that() -> None:
    every = interval = 15 * MINUTE
    passed = timedelta(0)
    while interval < HOUR:
        passed += interval
        interval = next_interval(every, interval, 0)
    assert 7 * HOUR < passed < 8 * HOUR
    assert next_interval(every, interval, 0) == HOUR
    assert next_interval(every, interval, 1) == every
    assert next_interval(every, interval, MUCH_NEWS) == every / 2
    assert next_interval(8 * MINUTE, 8 * MINUTE, MUCH_NEWS) == SHORTEST_INTERVAL
    assert next_interval(MINUTE, MINUTE, MUCH_NEWS) == MINUTE


def test_a_changed_configuration_takes_hold_of_a_kept_interval() -> None:
    assert current_interval(HOUR, None) == HOUR
    assert current_interval(HOUR, 10 * HOUR) == 4 * HOUR
    assert current_interval(HOUR, MINUTE) == HOUR / 2
    assert current_interval(HOUR, 2 * HOUR) == 2 * HOUR


# Hours

WASHINGTON = ZoneInfo("America/New_York")
DAYTIME = ActiveHours(time(6), time(22), WASHINGTON)
NIGHT = ActiveHours(time(22), time(6), WASHINGTON)


@given(times)
def test_day_and_night_share_all_hours(at: datetime) -> None:
    assert DAYTIME.contains(at) is not NIGHT.contains(at)


@given(times, st.sampled_from([DAYTIME, NIGHT, ActiveHours(time(2, 30), time(3, 30), WASHINGTON)]))
def test_hours_begin_within_a_day_and_hold_then(at: datetime, hours: ActiveHours) -> None:
    begin = hours.next_start(at)
    assert at <= begin <= at + 2 * DAY
    assert hours.contains(begin)
    assert (begin == at) is hours.contains(at)
    assert is_due(begin, at, DAY, hours)


def test_the_hours_are_those_of_the_zone() -> None:
    # 6:30 UTC is half past one in Washington, where the clocks are set forward half an hour later.
    assert not DAYTIME.contains(NOW)
    assert DAYTIME.next_start(NOW) == NOW.replace(hour=10, minute=0)
    # That night half past two does not come, so the hours begin at three.
    assert ActiveHours(time(2, 30), time(3, 30), WASHINGTON).next_start(NOW) == NOW.replace(hour=7, minute=0)
    assert not is_due(NOW, NOW - HOUR, HOUR, DAYTIME)
    assert not is_due(NOW, None, HOUR, DAYTIME)


@given(times, st.timedeltas(timedelta(0), timedelta(days=9000)))
def test_what_was_first_seen_in_the_future_is_checked_as_rarely_as_what_is_as_far_in_the_past(
    checked: datetime, distance: timedelta
) -> None:
    for following in (next_recheck, next_page_check):
        assert following(checked + distance, checked) == following(checked - distance, checked)
        assert checked < following(checked + distance, checked) <= checked + LONGEST_RECHECK


@pytest.mark.parametrize(("hours", "expected"), [(0, True), (0.9, True), (1, False), (-1, False)])
def test_a_page_that_has_failed_for_long_is_not_requested_by_every_run(hours: float, expected: bool) -> None:
    failures = (NOW - 2 * HOUR, NOW)
    assert is_backing_off(failures, NOW + hours * HOUR) is expected
    assert not is_backing_off(None, NOW)
