"""Tests of the baseline of a source: silence in its own hours, and unusual lists."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from scraper.rules.baseline import HourOfArrivals, ItemTally, Silence, describe_unusual_list, find_silence, weekly_rates

if TYPE_CHECKING:
    from collections.abc import Callable

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)


def asked(weeks: float, brings: Callable[[datetime], bool], *, start: datetime = MONDAY) -> list[HourOfArrivals]:
    """A source that is asked every hour."""
    times = [start + number * HOUR for number in range(int(weeks * 168))]
    return [HourOfArrivals(at, int(brings(at))) for at in times]


def office(at: datetime) -> bool:
    """Something at 15 h and at 20 h of every working day."""
    return at.weekday() < 5 and at.hour in {15, 20}


def first_silent(hours: list[HourOfArrivals], quiet_from: datetime) -> datetime | None:
    """Return the time at which silence is first reported of a source that stops bringing anything."""
    seen = [hour if hour.at < quiet_from else HourOfArrivals(hour.at) for hour in hours]
    for end, hour in enumerate(seen):
        if hour.at >= quiet_from and find_silence(seen[: end + 1]):
            return hour.at
    return None


def test_a_week_as_it_usually_is() -> None:
    days = weekly_rates(asked(3, office))
    assert [len(day) for day in days] == [24] * 7
    # An hour is taken with its neighbours.
    assert [hour for hour, rate in enumerate(days[0]) if rate] == [14, 15, 16, 19, 20, 21]
    assert days[4] == days[0]
    assert days[5] == days[6] == [0.0] * 24
    assert days[0][15] == 0.333


def test_a_source_that_keeps_its_hours_is_never_silent() -> None:
    hours = asked(8, office)
    assert all(find_silence(hours[:end]) is None for end in range(0, len(hours), 5))


def test_silence_is_reported_after_three_times_the_usual_gap_of_working_hours() -> None:
    friday = MONDAY + 6 * WEEK + 4 * DAY + 21 * HOUR
    reported = first_silent(asked(9, office), friday)
    # Two arrivals a day: three of them are missed on Tuesday afternoon; the weekend says nothing.
    assert reported is not None
    assert MONDAY + 7 * WEEK + DAY + 14 * HOUR <= reported <= MONDAY + 7 * WEEK + DAY + 17 * HOUR


def test_silence_gives_its_start_and_the_expected_news() -> None:
    quiet = [hour if hour.at < MONDAY + 6 * WEEK else HourOfArrivals(hour.at) for hour in asked(7, office)]
    found = find_silence(quiet)
    assert found is not None
    assert found.since == MONDAY + 5 * WEEK + 4 * DAY + 21 * HOUR
    assert found.expected == pytest.approx(10, abs=0.5)
    assert str(found) == ("nothing new since 2026-04-10 21:00 UTC; usually 10 new items arrive in that time")


def test_nights_and_weekends_are_no_silence() -> None:
    hours = asked(6, office)
    quiet = [*hours[:-7], *(HourOfArrivals(MONDAY + 6 * WEEK + number * HOUR) for number in range(14))]
    assert find_silence(quiet) is None


def test_the_first_weeks_and_a_source_without_habits_are_never_silent() -> None:
    assert first_silent(asked(6, office), MONDAY + 3 * WEEK + 4 * DAY) is None
    assert first_silent(asked(8, lambda at: at.weekday() == 2 and at.hour == 9), MONDAY + 6 * WEEK) is None
    assert find_silence([]) is None


def test_hours_without_a_poll_are_no_silence() -> None:
    hours = asked(6, office)
    later = [HourOfArrivals(MONDAY + 9 * WEEK + number * HOUR) for number in range(15)]
    assert find_silence([*hours, *later]) is None
    assert find_silence([*hours, *asked(1, lambda at: False, start=MONDAY + 9 * WEEK)]) is not None


def test_a_source_that_always_came_in_bursts_has_longer_gaps() -> None:
    def bursts(at: datetime) -> bool:
        return at.day % 4 == 0 and at.hour in range(10, 18)

    assert first_silent(asked(7, bursts), MONDAY + 6 * WEEK) is None


def test_several_endpoints_of_a_source_are_one_source() -> None:
    hours = asked(6, office)
    fallback = [HourOfArrivals(hour.at) for hour in hours]
    assert find_silence([*hours, *fallback, *fallback[:1]]) is None
    assert isinstance(find_silence([*fallback, *hours, *asked(1, lambda at: False, start=MONDAY + 6 * WEEK)]), Silence)


# Shape


def lists(count: int, *, every: timedelta = 6 * HOUR, **sums: int) -> list[HourOfArrivals]:
    given = {"reads": 2, "items": 40} | sums
    return [HourOfArrivals(MONDAY + number * every, **given) for number in range(count)]


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (ItemTally(20), ""),
        (ItemTally(7), ""),
        (ItemTally(6), "6 items, usually 20"),
        (ItemTally(0), "0 items, usually 20"),
        (ItemTally(20, undated=7), ""),
        (ItemTally(20, undated=8), "8 of 20 items have no date (0% is usual)"),
        (ItemTally(20, untitled=20), "20 of 20 items have no title (0% is usual)"),
        (ItemTally(20, textless=12), "12 of 20 items have no text (0% is usual)"),
        (
            ItemTally(5, undated=5, textless=5),
            "5 items, usually 20; 5 of 5 items have no date (0% is usual); 5 of 5 items have no text (0% is usual)",
        ),
        (ItemTally(4, undated=4), "4 items, usually 20"),
    ],
)
def test_far_fewer_items_and_missing_fields_are_odd(seen: ItemTally, words: str) -> None:
    assert describe_unusual_list(seen, lists(40)) == words


def test_a_list_that_always_lacked_a_field_is_not_unusual() -> None:
    assert describe_unusual_list(ItemTally(20, textless=20), lists(40, textless=40)) == ""
    assert describe_unusual_list(ItemTally(20, textless=15), lists(40, textless=20)) == ""
    assert describe_unusual_list(ItemTally(20, textless=17), lists(40, textless=20)) != ""


def test_a_list_that_is_always_short_or_empty_is_not_odd() -> None:
    assert describe_unusual_list(ItemTally(1), lists(40, items=10)) == ""
    assert describe_unusual_list(ItemTally(9, undated=9), lists(40, items=0)) == ""


def test_a_shape_needs_a_history() -> None:
    assert describe_unusual_list(ItemTally(0), lists(23, every=12 * HOUR)) == ""
    assert describe_unusual_list(ItemTally(0), lists(40, every=HOUR)) == ""
    assert describe_unusual_list(ItemTally(0), lists(40, reads=0)) == ""


def test_a_lasting_change_becomes_the_habit() -> None:
    assert describe_unusual_list(ItemTally(5), [*lists(40), *lists(30, items=10)]) != ""
    assert describe_unusual_list(ItemTally(5), [*lists(40), *lists(50, items=10)]) == ""
