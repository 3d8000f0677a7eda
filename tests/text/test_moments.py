"""Tests of times and days as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from scraper.text.moments import FORMS, Span, describe_mistake, parse_span

NOW = datetime(2026, 3, 15, 10, 20, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "start", "stop"),
    [
        ("today", "2026-03-15", "2026-03-16"),
        (" Yesterday ", "2026-03-14", "2026-03-15"),
        ("2026", "2026-01-01", "2027-01-01"),
        ("2026-02", "2026-02-01", "2026-03-01"),
        ("2026-12", "2026-12-01", "2027-01-01"),
        ("2024-02-29", "2024-02-29", "2024-03-01"),
        ("20240229", "2024-02-29", "2024-03-01"),
        ("2026-W53", "2026-12-28", "2027-01-04"),
        ("2026-W10-7", "2026-03-08", "2026-03-09"),
    ],
)
def test_a_day_month_or_year_is_the_whole_of_it(text: str, start: str, stop: str) -> None:
    assert parse_span(text, NOW) == Span(*(datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (start, stop)))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("now", NOW),
        ("90m", NOW - timedelta(minutes=90)),
        ("24h", NOW - DAY),
        ("7D", NOW - 7 * DAY),
        ("2w", NOW - 14 * DAY),
        ("1y", NOW - 365 * DAY),
        ("2026-03-02T12", datetime(2026, 3, 2, 12, tzinfo=UTC)),
        ("2026-03-02 12:30 UTC", datetime(2026, 3, 2, 12, 30, tzinfo=UTC)),
        ("2026-03-02T12:30:10.5-05:00", datetime(2026, 3, 2, 17, 30, 10, 500_000, tzinfo=UTC)),
        ("20260302T123010Z", datetime(2026, 3, 2, 12, 30, 10, tzinfo=UTC)),
    ],
)
def test_a_time_of_day_and_a_length_of_time_are_one_moment(text: str, moment: datetime) -> None:
    assert parse_span(text, NOW) == Span(moment, moment)


def test_a_length_of_time_is_in_the_future_if_wanted_and_a_year_before_a_leap_day_ends_in_february() -> None:
    assert parse_span("7d", NOW, ahead=True).start == NOW + 7 * DAY
    assert parse_span("1y", datetime(2024, 2, 29, tzinfo=UTC)).start == datetime(2023, 2, 28, tzinfo=UTC)


def test_the_last_day_of_the_calendar_has_an_end() -> None:
    for text in ("9999-12-31", "9999-12", "9999"):
        assert parse_span(text, NOW).stop == datetime.max.replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["24x", "tomorrow", "12.5.2026", "2026-05-12T10:00:00:00", ""])
def test_any_other_text_is_refused_with_what_is_taken(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time"):
        parse_span(text, NOW)
    assert describe_mistake(text, f"“{text}”") == f"“{text}” is not a time: write {FORMS}"


@pytest.mark.parametrize("text", ["2026-13", "2026-02-30", "0000", "2026-W54", "2026-05-12T25:00 UTC"])
def test_a_day_that_does_not_exist_is_refused_as_such(text: str) -> None:
    with pytest.raises((ValueError, OverflowError)):
        parse_span(text, NOW)
    assert describe_mistake(text, "it") == "there is no day or time it; check the day and the month"
