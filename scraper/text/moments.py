"""Times and days as people write them on the command line and in forms (pure)."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from scraper.serialize import parse_iso

FORMS = "2026-05-12, 2026-05, yesterday, 7d, or 2026-05-12T21:39"
_AGO = re.compile(r"(\d{1,5})([mhdwy])", re.ASCII)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_MONTH = re.compile(r"(\d{4})-(\d\d)", re.ASCII)
_YEAR = re.compile(r"(\d{4})", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d|\d{8}|\d{4}-W\d\d-\d", re.ASCII)
_WEEK = re.compile(r"\d{4}-W\d\d", re.ASCII)
_TIME = re.compile(
    r"(?:\d{4}-\d\d-\d\d|\d{8})[T ]\d\d(?::?\d\d(?::?\d\d(?:[.,]\d{1,9})?)?)?(?:[Zz]|[+-]\d\d(?::?\d\d)?)?", re.ASCII
)
# As this program prints times.
_UTC = re.compile(r" ?UTC\Z", re.IGNORECASE)
_LAST = datetime.max.replace(tzinfo=UTC)


class Span(NamedTuple):
    """Stretch of time in UTC, from `start` up to `stop`, such as a day or a month; both are equal for a time of day."""

    start: datetime
    stop: datetime


def parse_span(text: str, now: datetime, *, ahead: bool = False) -> Span:
    """Return what a person names: a year, month, week or day, a time of day, or a length of time before now.

    Days are those of UTC; a time without an offset is UTC. With `ahead`, a length of time counts from now on. Raise
    `ValueError` for any other text, and `OverflowError` for a time that no calendar has.
    """
    word = text.strip().casefold()
    today = now.astimezone(UTC).date()
    if word == "now":
        return Span(now, now)
    if word in {"today", "yesterday"}:
        return _days(today - timedelta(days=word == "yesterday"))
    if ago := _AGO.fullmatch(word):
        moment = _shifted(now, int(ago[1]) * (1 if ahead else -1), ago[2])
        return Span(moment, moment)
    return _calendar(text.strip())


def describe_mistake(text: str, shown: str) -> str:
    """Return what is wrong with a text that `parse_span` refuses, and what is taken; `shown` is the text in quotes."""
    written = _UTC.sub("Z", text.strip())
    if any(form.fullmatch(written) for form in (_MONTH, _YEAR, _DAY, _WEEK, _TIME)):
        return f"there is no day or time {shown}; check the day and the month"
    return f"{shown} is not a time: write {FORMS}"


def _calendar(text: str) -> Span:
    if year := _YEAR.fullmatch(text):
        return Span(_midnight(date(int(year[1]), 1, 1)), _month_start(int(year[1]) + 1, 1))
    if month := _MONTH.fullmatch(text):
        year_number, number = int(month[1]), int(month[2])
        start = _midnight(date(year_number, number, 1))
        return Span(start, _month_start(year_number + number // 12, number % 12 + 1))
    if _WEEK.fullmatch(text):
        return _days(date.fromisoformat(f"{text}-1"), 7)
    if _DAY.fullmatch(text):
        return _days(date.fromisoformat(text))
    written = _UTC.sub("Z", text)
    if _TIME.fullmatch(written) is None:
        raise ValueError(f"{text!r} is not a time")
    moment = parse_iso(written).astimezone(UTC)
    return Span(moment, moment)


def _shifted(now: datetime, number: int, unit: str) -> datetime:
    if unit != "y":
        return now + timedelta(**{_UNITS[unit]: number})
    year = now.year + number
    is_leap_day = (now.month, now.day) == (2, 29)
    return now.replace(year=year, day=28 if is_leap_day else now.day)


def _days(first: date, count: int = 1) -> Span:
    start = _midnight(first)
    return Span(start, start + timedelta(days=count) if start <= _LAST - timedelta(days=count) else _LAST)


def _month_start(year: int, month: int) -> datetime:
    return _midnight(date(year, month, 1)) if year <= date.max.year else _LAST


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
