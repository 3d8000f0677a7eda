"""Tests of absences: confirmed by checks that span a day, then checked ever more rarely."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scraper.rules.schedule import CONFIRM_CHECKS, CONFIRM_SPAN, LONGEST_RECHECK, confirm_recheck

NOW = datetime(2026, 3, 8, 6, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

times = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ages = st.timedeltas(timedelta(0), timedelta(days=2000))


def test_a_missing_page_is_rechecked_every_twelve_hours() -> None:
    assert confirm_recheck(NOW, 1, NOW) == NOW + 12 * HOUR
    assert confirm_recheck(NOW, 2, NOW + 12 * HOUR) == NOW + DAY


@given(times, st.lists(st.timedeltas(timedelta(0), timedelta(days=9)), min_size=CONFIRM_CHECKS))
def test_three_checks_span_a_day_however_late_each_one_comes(missing_since: datetime, delays: list[timedelta]) -> None:
    now = missing_since
    for checks in range(1, CONFIRM_CHECKS):
        now = confirm_recheck(missing_since, checks, now) + delays[checks]
    assert now - missing_since >= CONFIRM_SPAN


def test_checks_in_quick_succession_confirm_nothing() -> None:
    soon = NOW + timedelta(minutes=1)
    assert confirm_recheck(NOW, 5, soon) == soon + 12 * HOUR


@pytest.mark.parametrize(("age", "wait"), [(DAY, 2 * DAY), (3 * DAY, 4 * DAY), (30 * DAY, LONGEST_RECHECK)])
def test_a_confirmed_absence_is_rechecked_ever_more_rarely(age: timedelta, wait: timedelta) -> None:
    assert confirm_recheck(NOW, CONFIRM_CHECKS, NOW + age) == NOW + age + wait


@given(times, st.integers(1, 50), ages)
def test_a_missing_page_is_never_hurried(missing_since: datetime, checks: int, age: timedelta) -> None:
    now = missing_since + age
    assert now + 12 * HOUR <= confirm_recheck(missing_since, checks, now) <= now + LONGEST_RECHECK


@given(times, st.integers(1, 50), ages, ages)
def test_waits_for_a_missing_page_never_shrink(
    missing_since: datetime, checks: int, a: timedelta, b: timedelta
) -> None:
    assume(a != b)
    early, late = missing_since + min(a, b), missing_since + max(a, b)
    assert confirm_recheck(missing_since, checks, early) - early <= confirm_recheck(missing_since, checks, late) - late
