"""Parsers of date strings in feeds, lists and State's pages; articles of other sites use htmldate (pure)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from scraper.model import Precision

EASTERN = ZoneInfo("America/New_York")
_EARLIEST = datetime(1945, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=30)
# A clock or a field that was never set: 0 seconds since 1970, which is the day before west of Greenwich.
_NEVER_SET = frozenset({date(1969, 12, 31), date(1970, 1, 1)})
_MAX_CHARS = 80
_ISO = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?(?:[.,]\d{1,9})?\s*(Z|[+-]\d{2}:?\d{2})?)?", re.I)
_RFC_SECONDS = re.compile(r"\d:\d\d:\d\d")
_MONTHS = {
    name: number
    for names in (
        "january february march april may june july august september october november december",
        "jan feb mar apr may jun jul aug sep oct nov dec",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    )
    for number, name in enumerate(names.split(), start=1)
} | {"sept": 9}
_WEEKDAY = r"(?:[^\W\d]{3,10}\.?,?\s+)?"
_MONTH_FIRST = re.compile(_WEEKDAY + r"([^\W\d]{3,10})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")
_DAY_FIRST = re.compile(
    _WEEKDAY + r"(\d{1,2})(?:er|º|st|nd|rd|th)?\s+(?:de\s+)?([^\W\d]{3,10})\.?,?\s+(?:del?\s+)?(\d{4})"
)


class DatedTime(NamedTuple):
    """Point in time, aware and in UTC, and its precision. A day is stored as its 00:00 UTC."""

    at: datetime
    precision: Precision


def parse_feed_date(text: str) -> DatedTime | None:
    """Parse a date in RFC 822 or ISO 8601, as feeds write it; without a zone it is UTC. Return None for other text."""
    text = text.strip()[:_MAX_CHARS]
    if found := parse_iso_date(text):
        return found
    try:
        at = parsedate_to_datetime(text)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
    return DatedTime(at, Precision.SECOND if _RFC_SECONDS.search(text) else Precision.MINUTE)


def parse_iso_date(text: str, zone: tzinfo = UTC) -> DatedTime | None:
    """Parse a date in ISO 8601; without an offset it is in `zone`. Return None for other text."""
    match = _ISO.fullmatch(text.strip())
    if match is None:
        return None
    day, minutes, seconds, offset = match.groups()
    try:
        if minutes is None:
            return _day(date.fromisoformat(day))
        at = datetime.fromisoformat(f"{day}T{minutes}{seconds or ''}{(offset or '').upper()}")
        at = (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return DatedTime(at, Precision.SECOND if seconds else Precision.MINUTE)


def parse_day(line: str) -> DatedTime | None:
    """Parse a line that is a day and nothing else: "June 4, 2026", "4 de junio de 2026", "4 juin 2026"."""
    line = line.strip().lower()
    if len(line) > _MAX_CHARS:
        return None
    if match := _MONTH_FIRST.fullmatch(line):
        month, day, year = match.groups()
    elif match := _DAY_FIRST.fullmatch(line):
        day, month, year = match.groups()
    else:
        return None
    if month not in _MONTHS:
        return None
    try:
        return _day(date(int(year), _MONTHS[month], int(day)))
    except ValueError:
        return None


def is_plausible(at: datetime, captured_at: datetime) -> bool:
    """Return True if a statement captured then can have this time: from 1945 on, at most 30 days ahead, not time 0."""
    return _EARLIEST <= at <= captured_at + _AHEAD and at.date() not in _NEVER_SET


def _day(day: date) -> DatedTime:
    return DatedTime(datetime.combine(day, time.min, UTC), Precision.DAY)
