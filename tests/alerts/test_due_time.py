"""Tests of due times of mail: clock changes, odd UTC offsets, skipped days, quiet hours."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scraper.alerts.due_time import after_quiet, due, slot
from scraper.config.alerts import DeliveryRhythm, QuietHours, Watch
from scraper.config.choices import Cadence

GROUP = timedelta(minutes=5)
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
# Every kind of clock: both hemispheres, half and quarter hours, a half-hour change (Lord Howe), changes at midnight
# (Cairo, Havana, Santiago) and at the end of a day (Nuuk), negative summer time (Dublin), Ramadan (Casablanca).
ZONES = """
America/New_York Europe/Berlin Europe/Dublin Asia/Kathmandu Australia/Lord_Howe Australia/Sydney Pacific/Apia
Pacific/Chatham America/Nuuk America/Santiago America/Havana America/St_Johns Africa/Cairo Africa/Casablanca
Asia/Tehran Asia/Beirut Antarctica/Troll Pacific/Kiritimati Pacific/Auckland Etc/GMT+12 UTC
""".split()


def watch(deliver: str | DeliveryRhythm = "instant", timezone: str = "America/New_York", quiet: Any = None) -> Watch:
    return Watch(name="Desk", to=("desk@example.org",), deliver=deliver, timezone=timezone, quiet=quiet)  # type: ignore[arg-type]


def utc(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=UTC)


def local(moment: str, zone: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone))


# At once


def test_an_instant_mail_waits_for_more_of_its_statement() -> None:
    assert due(watch(), utc("2026-03-08 12:00"), GROUP) == utc("2026-03-08 12:05")


@pytest.mark.parametrize(
    ("at", "goes_out"),
    [
        ("2026-01-15 21:54:59", "2026-01-15 21:59:59"),
        ("2026-01-15 21:55", "2026-01-16 06:00"),
        ("2026-01-16 03:00", "2026-01-16 06:00"),
        ("2026-01-16 05:54", "2026-01-16 06:00"),
        ("2026-01-16 05:55", "2026-01-16 06:00"),
        ("2026-01-16 05:56", "2026-01-16 06:01"),
    ],
)
def test_mail_due_in_quiet_hours_is_sent_at_their_end(at: str, goes_out: str) -> None:
    zone = "America/New_York"
    found = due(watch(quiet="22:00-06:00"), local(at, zone).astimezone(UTC), GROUP)
    assert found == local(goes_out, zone)
    assert found.tzinfo is UTC


def test_quiet_hours_within_a_day() -> None:
    noon = watch(timezone="UTC", quiet="12:00-13:00")
    quiet = [hour for hour in range(24) if after_quiet(noon, at := utc(f"2026-01-15 {hour:02}:30")) > at]
    assert quiet == [12]
    assert due(noon, utc("2026-01-15 12:30"), GROUP) == utc("2026-01-15 13:00")


@pytest.mark.parametrize(
    ("quiet", "at", "goes_out"),
    [
        ("22:00-02:30", "2026-03-08 06:30", "2026-03-08 07:00"),  # 02:30 does not exist: the clocks jump to 03:00
        ("02:10-02:50", "2026-03-08 07:00", "2026-03-08 07:05"),  # quiet hours that do not exist
        ("22:00-01:30", "2026-11-01 05:10", "2026-11-01 05:30"),  # before the first 01:30
        ("22:00-01:30", "2026-11-01 05:31", "2026-11-01 05:36"),  # between the two
        ("22:00-01:30", "2026-11-01 06:10", "2026-11-01 06:30"),  # the clocks show 01:10 again: it is quiet again
        ("01:30-02:00", "2026-11-01 05:40", "2026-11-01 07:00"),  # over the change
    ],
)
def test_quiet_hours_over_a_change_of_the_clocks(quiet: str, at: str, goes_out: str) -> None:
    assert due(watch(quiet=quiet), utc(at), GROUP) == utc(goes_out)


def test_a_night_that_the_clocks_skip_is_quiet_into_the_next() -> None:
    # Samoa had no 30 December 2011.
    samoa = watch(timezone="Pacific/Apia", quiet="22:00-06:00")
    assert due(samoa, local("2011-12-29 23:00", "Pacific/Apia"), GROUP) == local("2011-12-31 06:00", "Pacific/Apia")


# Digests


@pytest.mark.parametrize(
    ("deliver", "zone", "at", "goes_out"),
    [
        ("daily 07:00", "America/New_York", "2026-01-15 11:59", "2026-01-15 12:00"),
        ("daily 07:00", "America/New_York", "2026-01-15 12:00", "2026-01-16 12:00"),
        ("daily 07:00", "America/New_York", "2026-03-08 10:00", "2026-03-08 11:00"),  # summer time since that night
        ("daily 02:30", "America/New_York", "2026-03-08 05:00", "2026-03-08 07:00"),  # does not exist
        ("daily 02:30", "America/New_York", "2026-03-08 07:00", "2026-03-09 06:30"),
        ("daily 01:30", "America/New_York", "2026-11-01 05:00", "2026-11-01 05:30"),  # exists twice
        ("daily 01:30", "America/New_York", "2026-11-01 05:30", "2026-11-02 06:30"),
        ("daily 02:15", "Australia/Lord_Howe", "2026-10-03 15:00", "2026-10-03 15:30"),  # half an hour is skipped
        ("daily 01:45", "Australia/Lord_Howe", "2026-04-04 14:00", "2026-04-04 14:45"),  # and comes twice
        ("daily 07:00", "Asia/Kathmandu", "2026-01-15 01:14", "2026-01-15 01:15"),
        ("daily 07:00", "Europe/Berlin", "2199-07-01 00:00", "2199-07-01 05:00"),
        ("daily 07:00", "America/New_York", "1883-01-15 00:00", "1883-01-15 11:56:02"),  # by the sun, before the zones
        ("weekly Mon 07:00", "America/New_York", "2026-03-02 11:59", "2026-03-02 12:00"),
        ("weekly Mon 07:00", "America/New_York", "2026-03-02 12:00", "2026-03-09 11:00"),
        ("weekly Sun 07:00", "America/New_York", "2026-03-02 12:00", "2026-03-08 11:00"),
        ("weekly Sun 07:00", "Pacific/Kiritimati", "2026-03-07 16:59", "2026-03-07 17:00"),
    ],
)
def test_a_digest_comes_at_its_time_in_the_readers_zone(deliver: str, zone: str, at: str, goes_out: str) -> None:
    assert due(watch(deliver, zone), utc(at), GROUP) == utc(goes_out)


@pytest.mark.parametrize(
    ("deliver", "at", "goes_out"),
    [
        ("daily 23:00", "2026-01-14 22:00", "2026-01-15 06:00"),
        ("daily 23:00", "2026-01-15 03:00", "2026-01-15 06:00"),  # takes what happens while it is held
        ("daily 23:00", "2026-01-15 06:00", "2026-01-16 06:00"),
        ("weekly Sun 23:00", "2026-01-18 12:00", "2026-01-19 06:00"),
        ("weekly Sun 23:00", "2026-01-19 05:00", "2026-01-19 06:00"),
    ],
)
def test_a_digest_is_held_in_quiet_hours(deliver: str, at: str, goes_out: str) -> None:
    assert due(watch(deliver, "UTC", "22:00-06:00"), utc(at), GROUP) == utc(goes_out)


def test_where_the_clocks_skip_the_end_of_a_day_the_next_digest_covers_both_days() -> None:
    # On 28 March 2026 the clocks of Nuuk go from 23:00 to 00:00 of the 29th, which has a 23:30 of its own.
    zone = "America/Nuuk"
    nuuk = watch("daily 23:30", zone)
    assert due(nuuk, local("2026-03-27 23:30", zone), GROUP) == local("2026-03-29 23:30", zone)
    held = watch("daily 23:30", zone, "23:20-00:10")
    assert due(held, local("2026-03-28 00:10", zone), GROUP) == local("2026-03-29 00:10", zone)


def test_a_day_that_does_not_exist_has_no_digest() -> None:
    zone = "Pacific/Apia"
    assert due(watch("daily 07:00", zone), local("2011-12-29 07:00", zone), GROUP) == local("2011-12-31 07:00", zone)


# The key of a digest


def test_a_slot_is_a_day_or_a_week_of_the_reader() -> None:
    new_year = local("2027-01-01 23:30", "America/New_York").astimezone(UTC)
    assert slot(watch("daily 23:30"), new_year) == "2027-01-01"
    assert slot(watch("weekly Fri 23:30"), new_year) == "2026-W53"
    assert slot(watch(), new_year) == "2027-01-01"


# Whatever the clock

zones = st.sampled_from(ZONES).map(ZoneInfo)
times = st.times().map(lambda t: t.replace(second=0, microsecond=0))
quiets = st.none() | st.tuples(times, times).filter(lambda pair: pair[0] != pair[1]).map(
    lambda pair: QuietHours(start=pair[0], stop=pair[1])
)
rhythms = st.builds(DeliveryRhythm, cadence=st.sampled_from(Cadence), at=times, weekday=st.integers(0, 6))
moments = st.datetimes(datetime(1900, 1, 3), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
anything = st.builds(
    Watch,
    name=st.just("Desk"),
    to=st.just(("desk@example.org",)),
    deliver=rhythms,
    timezone=zones,
    quiet=quiets,
)


@given(anything, moments)
@example(watch("daily 02:30", "America/New_York", "01:30-02:45"), utc("2026-03-08 05:59"))
@example(watch("daily 01:30", "America/New_York", "01:30-01:45"), utc("2026-11-01 05:59"))
def test_nothing_is_due_before_it_happened_nor_in_quiet_hours(asks: Watch, at: datetime) -> None:
    found = due(asks, at, GROUP)
    is_instant = asks.deliver.cadence is Cadence.INSTANT
    assert found >= at + GROUP if is_instant else found > at
    assert after_quiet(asks, found) == found
    assert found.tzinfo is UTC
    # No longer than the rhythm, a night, and what clocks have ever skipped.
    assert found - at <= {Cadence.INSTANT: DAY, Cadence.DAILY: 2 * DAY, Cadence.WEEKLY: 8 * DAY}[
        asks.deliver.cadence
    ] + timedelta(days=1, hours=2)


@given(anything, moments, st.timedeltas(timedelta(0), 9 * DAY))
def test_a_later_event_is_never_due_earlier(asks: Watch, at: datetime, later: timedelta) -> None:
    assert due(asks, at, GROUP) <= due(asks, at + later, GROUP)


@given(anything, moments)
def test_events_due_at_one_time_share_a_slot_and_the_next_has_another(asks: Watch, at: datetime) -> None:
    if asks.deliver.cadence is not Cadence.INSTANT:
        found = due(asks, at, GROUP)
        assert due(asks, found - TICK, GROUP) == found
        following = due(asks, found, GROUP)
        assert slot(asks, found) < slot(asks, following)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(("at", "quiet"), [("00:00", None), ("02:30", None), ("22:59", None), ("23:00", "22:00-06:00")])
def test_there_is_one_daily_digest_a_local_day_over_the_years(zone: str, at: str, quiet: str | None) -> None:
    asks = watch(f"daily {at}", zone, quiet)
    moment, until = utc("2011-08-01 00:00"), utc("2012-12-01 00:00")
    days = list[date]()
    while moment < until:
        moment = due(asks, moment, GROUP)
        here = moment.astimezone(asks.timezone)
        days.append(here.date())
        assert here.fold == 0
        if here.time() != time.fromisoformat("06:00" if quiet else at):
            before = (moment - TICK).astimezone(asks.timezone)
            assert before.utcoffset() != here.utcoffset(), "the clocks jump to it"
        assert slot(asks, moment) == here.date().isoformat()
    skipped = {date(2011, 12, 30)} if zone == "Pacific/Apia" else set()
    existing = {days[0] + n * DAY for n in range((days[-1] - days[0]).days + 1)} - skipped
    assert Counter(days) == dict.fromkeys(existing, 1)


@settings(max_examples=25)
@given(anything.filter(lambda asks: asks.deliver.cadence is Cadence.WEEKLY), moments)
def test_there_is_one_weekly_digest_an_iso_week(asks: Watch, at: datetime) -> None:
    mondays = []
    for _ in range(30):
        at = due(asks, at, GROUP)
        day = at.astimezone(asks.timezone).date()
        mondays.append(day - day.weekday() * DAY)
    assert [later - earlier for earlier, later in pairwise(mondays)] == [7 * DAY] * 29
