"""Tests of dates as sites write them, and their precision."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.model import Precision
from scraper.parsers import dates

S, M, D = Precision.SECOND, Precision.MINUTE, Precision.DAY


@pytest.mark.parametrize(
    ("written", "expected", "precision"),
    [
        ("Sat, 22 May 2021 12:00:47 +0000", "2021-05-22T12:00:47", S),
        ("Sat, 22 May 2021 12:00 EDT", "2021-05-22T16:00:00", M),
        ("22 May 2021 12:00:00 -0000", "2021-05-22T12:00:00", S),
        (" 2021-05-22T12:00:47.123-04:00 ", "2021-05-22T16:00:47", S),
        ("2021-05-22t12:00z", "2021-05-22T12:00:00", M),
        ("2021-05-22 12:00:01", "2021-05-22T12:00:01", S),
        ("2021-05-22", "2021-05-22T00:00:00", D),
    ],
)
def test_of_feed(written: str, expected: str, precision: Precision) -> None:
    stamp = dates.parse_feed_date(written)
    assert stamp is not None
    assert (stamp.at.isoformat(), stamp.precision) == (f"{expected}+00:00", precision)


@pytest.mark.parametrize(
    ("written", "expected", "precision"),
    [
        ("Wed, 01 Jul 2026 05:00:00 CEST", "2026-07-01T03:00:00", S),
        ("Wed, 01 Jul 2026 05:00:00 msk", "2026-07-01T02:00:00", S),
        ("Wed, 01 Jul 2026 05:00 NPT", "2026-06-30T23:15:00", M),
        ("Wed, 01 Jul 2026 05:00:00 EST", "2026-07-01T10:00:00", S),
        ("Wed, 01 Jul 2026 05:00:00 +0300 (MSK)", "2026-07-01T02:00:00", S),
        ("Wed, 01 Jul 2026 05:00:00 GMT+2", "2026-07-01T03:00:00", S),
        ("Wed, 01 Jul 2026 05:00:00 UTC-03:30", "2026-07-01T08:30:00", S),
        ("Wed, 01 Jul 2026 05:00:00 +02:00", "2026-07-01T03:00:00", S),
        ("Wed, 01 Jul 2026 05:00 -04:30 (VET)", "2026-07-01T09:30:00", M),
        ("Wed, 01 Jul 2026 05:00:00 (CEST)", "2026-07-01T03:00:00", S),
        ("2026-07-01T05:00:00 JST", "2026-06-30T20:00:00", S),
        ("2026-07-01T05:00:00Z", "2026-07-01T05:00:00", S),
        ("Wed, 01 Jul 2026 05:00:00 IST", "2026-07-01T00:00:00", D),
        ("Wed, 01 Jul 2026 23:00:00 XYZT", "2026-07-01T00:00:00", D),
        ("Wed, 01 Jul 2026 05:00:00 Europe/Oslo", "2026-07-01T00:00:00", D),
        ("Wed, 01 Jul 2026 05:00:00 CEST+2", "2026-07-01T00:00:00", D),
        ("Wed, 01 Jul 2026 05:30 PM EDT", "2026-07-01T21:30:00", M),
        ("Wed, 01 Jul 2026 12:30:10 a.m. EDT", "2026-07-01T04:30:10", S),
        ("Wed, 01 Jul 2026 12:30 PM", "2026-07-01T12:30:00", M),
        ("Wed, 01 Jul 2026 17:30 PM +0000", "2026-07-01T17:30:00", M),
        ("2026-07-01 5:30pm", "2026-07-01T17:30:00", M),
        ("July 1, 2026 5 PM CET", "2026-07-01T16:00:00", M),
        ("July 1, 2026 at 5:30 AM", "2026-07-01T05:30:00", M),
        ("Wednesday, 1 July 2026", "2026-07-01T00:00:00", D),
    ],
)
def test_named_zones_and_clocks_of_twelve_hours(written: str, expected: str, precision: Precision) -> None:
    stamp = dates.parse_feed_date(written)
    assert stamp is not None
    assert (stamp.at.isoformat(), stamp.precision) == (f"{expected}+00:00", precision)


@pytest.mark.parametrize("written", ["", "soon", "99 May 2021 12:00:00 GMT", "2021-13-01", "2021-05-22T25:00", "1, 2"])
def test_no_date(written: str) -> None:
    assert dates.parse_feed_date(written) is None


def test_iso_without_offset_is_meant_in_the_zone() -> None:
    assert dates.parse_iso_date("2026-07-01T12:00:00", dates.EASTERN) == (datetime(2026, 7, 1, 16, tzinfo=UTC), S)


@pytest.mark.parametrize(
    ("line", "month", "day"),
    [
        ("June 4, 2026", 6, 4),
        ("Thursday, June 4, 2026", 6, 4),
        ("JUNE 4TH, 2026", 6, 4),
        ("4 June 2026", 6, 4),
        ("4 de junio de 2026", 6, 4),
        ("1er juillet 2026", 7, 1),
        ("4 de março de 2026", 3, 4),
        ("Sept. 4, 2026", 9, 4),
    ],
)
def test_of_day(line: str, month: int, day: int) -> None:
    assert dates.parse_day(line) == (datetime(2026, month, day, tzinfo=UTC), D)


@pytest.mark.parametrize(
    "line", ["", "June 2026", "On June 4, 2026 they met", "Lamps 4, 2026", "June 31, 2026", "x" * 90]
)
def test_no_day(line: str) -> None:
    assert dates.parse_day(line) is None


@pytest.mark.parametrize(("line", "month"), [("August 2007", 8), ("Sept. 2007", 9), (" agosto de 2007 ", 8)])
def test_of_month(line: str, month: int) -> None:
    assert dates.parse_month(line) == (datetime(2007, month, 1, tzinfo=UTC), Precision.MONTH)


@pytest.mark.parametrize(
    "line", ["", "2007", "Lamps 2007", "August 0000", "August 1, 2007", "In August 2007", "x" * 90]
)
def test_no_month(line: str) -> None:
    assert dates.parse_month(line) is None


@pytest.mark.parametrize(
    "line",
    [
        "June 4, 2026", "By Ada Keeper | June 4, 2026", "Thursday, 4 June 2026, 14:30", "Published: Jun 4th, 2026",
        "Karsk, 4 de junio de 2026", "le 4 juin 2026", "4 de junho de 2026", "4. Juni 2026 · Herold", "4 giugno 2026",
        "4 juni 2026", "4 июня 2026", "4 июня 2026 г.", "4 червня 2026", "4 czerwca 2026", "4 Haziran 2026",
        "4 يونيو 2026", "2026年6月4日", "2026-06-04", "2026/6/4", "2026.06.04", "4.6.2026", "No. 17 of June 4, 2026",
        "Lamps 4, 2020, then June 4, 2026",
    ],
)  # fmt: skip
def test_a_day_is_found_in_a_line(line: str) -> None:
    assert dates.find_day(line) == (datetime(2026, 6, 4, tzinfo=UTC), D)


@pytest.mark.parametrize(("line", "day"), [("22/06/2026", 22), ("06/22/2026", 22), ("06/06/2026", 6)])
def test_a_day_in_numbers_with_one_meaning_is_read(line: str, day: int) -> None:
    assert dates.find_day(f"Karsk {line}") == (datetime(2026, 6, day, tzinfo=UTC), D)


@pytest.mark.parametrize(
    "line",
    [
        "", "03/04/2022", "Updated 03/04/2022 in Karsk", "June 2026", "2026", "Lamps 4, 2026", "31.02.2026",
        "22/22/2026", "June 31, 2026", "2026-13-04", "12026-06-04", "+44 2026 060 4", "4 June 20261",
        f"{'lamp ' * 60}June 4, 2026",
    ],
)  # fmt: skip
def test_no_day_is_found_in_a_line(line: str) -> None:
    assert dates.find_day(line) is None


def test_plausible() -> None:
    now = datetime(2026, 6, 5, tzinfo=UTC)
    assert dates.is_plausible(datetime(2026, 7, 4, tzinfo=UTC), now)
    assert not dates.is_plausible(datetime(2026, 7, 6, tzinfo=UTC), now)
    assert not dates.is_plausible(datetime(1944, 12, 31, tzinfo=UTC), now)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_nothing_raises(written: str) -> None:
    for read in (dates.parse_feed_date, dates.parse_iso_date, dates.parse_day, dates.find_day):
        stamp = read(written)
        assert stamp is None or stamp.at.tzinfo is UTC
