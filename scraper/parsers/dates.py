"""Parsers of date strings in feeds, lists and State's pages; articles of other sites use htmldate (pure)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from scraper.model import Precision
from scraper.text import lexicon

EASTERN = ZoneInfo("America/New_York")
_EARLIEST = datetime(1945, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=30)
# A clock or a field that was never set: 0 seconds since 1970, which is the day before west of Greenwich.
_NEVER_SET = frozenset({date(1969, 12, 31), date(1970, 1, 1)})
_MAX_CHARS = 80
_ISO = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?(?:[.,]\d{1,9})?\s*(Z|[+-]\d{2}:?\d{2})?)?", re.I)
_RFC_SECONDS = re.compile(r"\d:\d\d:\d\d")
_TWELVE_HOURS = re.compile(r"\b(\d{1,2})(:\d{2})?(:\d{2})?\s?([ap])\.?m\b\.?", re.IGNORECASE)
_CLOCK = re.compile(r"\b\d{1,2}:\d{2}")
_BEFORE_CLOCK = re.compile(r"[\s,]*(?:\bat|\bum|\bà)?\s*\Z")
# A name after the clock; the name that explains an offset, "+0200 (CEST)", is none.
_ZONE = re.compile(
    r"\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,9})?\s{0,3}\(?([A-Za-z][A-Za-z/_]{0,30})([+-]\d{1,2})?:?(\d{2})?\)?\s*\Z"
)
# RFC 822 has no colon in an offset, and the library reads "+02:00" as no offset.
_OFFSET_WITH_COLON = re.compile(r"(?<=[\d\s])([+-]\d{2}):(\d{2})(?=\s*(?:\([^()]{0,40}\))?\s*\Z)")
# Names of zones that mean one zone only, or (first line) that RFC 822 defines. Not here, because they mean several:
# IST (India, Israel, Ireland), BST, AST, SST, GST, AMT, ECT, and the letters of the military.
_OFFSETS = {
    name: offset
    for offset, names in (
        line.strip().split(" ", 1)
        for line in """
            +0000 UT GMT UTC Z WET
            -0400 EDT CLT VET BOT
            -0500 EST CDT COT PET
            -0600 CST MDT
            -0700 MST PDT
            -0800 PST AKDT
            -0900 AKST HDT
            -1000 HST
            -0300 ADT BRT ART CLST UYT
            -0330 NST
            -0230 NDT
            +0100 CET MET WEST WAT
            +0200 CEST MEST EET CAT SAST
            +0300 EEST MSK TRT EAT IDT
            +0330 IRST
            +0400 MSD SAMT GET AZT
            +0430 AFT
            +0500 PKT UZT YEKT
            +0545 NPT
            +0630 MMT
            +0700 ICT WIB NOVT KRAT
            +0800 HKT SGT PHT MYT AWST WITA IRKT
            +0900 JST KST WIT YAKT
            +0930 ACST
            +1000 AEST VLAT
            +1030 ACDT
            +1100 AEDT MAGT
            +1200 NZST PETT
            +1300 NZDT
        """.strip().splitlines()
    )
    for name in names.split()
}
_MONTHS = {
    name: number
    for names in (
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
        "januar februar märz april mai juni juli august september oktober november dezember",
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
        "januari februari maart april mei juni juli augustus september oktober november december",
        "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
        "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
        "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
        "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
        "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
        "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
    )
    for number, name in enumerate(names.split(), start=1)
} | lexicon.MONTHS
_WEEKDAY = r"(?:[^\W\d]{3,10}\.?,?\s+)?"
_MONTH_FIRST = re.compile(_WEEKDAY + r"([^\W\d]{3,10})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")
_MONTH = re.compile(r"([^\W\d]{3,10})\.?,?\s+(?:del?\s+)?(\d{4})")
_DAY_FIRST = re.compile(
    _WEEKDAY + r"(\d{1,2})(?:er|º|st|nd|rd|th|\.)?\s+(?:de\s+)?([^\W\d]{3,10})\.?,?\s+(?:del?\s+)?(\d{4})"
)
# A day inside a line, in any of these orders.
SHOWN_DAY = (
    r"(?:(?<!\d)(?:\d{1,2}(?:er|º|st|nd|rd|th|\.)? (?:de )?[^\W\d_]{3,12}\.?,? (?:del? )?\d{4}"
    r"|[^\W\d_]{3,12}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}"
    r"|\d{1,2}[./]\d{1,2}[./]\d{4}|\d{4}[./-]\d{1,2}[./-]\d{1,2}|\d{4}年\d{1,2}月\d{1,2}日)(?!\d))"
)
"""Pattern of a day as pages show it, in words or numbers; see `find_day`."""
_SHOWN_DAY = re.compile(SHOWN_DAY)
_NUMBER = re.compile(r"\d{1,4}")
_MAX_LINE_CHARS = 200


class DatedTime(NamedTuple):
    """Point in time, aware and in UTC, and its precision: a day is stored as its 00:00 UTC, a month as its first."""

    at: datetime
    precision: Precision


def parse_feed_date(text: str) -> DatedTime | None:
    """Parse a date in RFC 822 or ISO 8601, as feeds write it; without a zone it is UTC. Return None for other text.

    The clock may have 12 hours ("05:30 PM") and its zone a name ("CEST"). Of a zone that is unknown or has several
    meanings ("IST") the day alone is returned, as it is written.
    """
    text = _TWELVE_HOURS.sub(_twenty_four_hours, text.strip()[:_MAX_CHARS])
    text = _OFFSET_WITH_COLON.sub(r"\1\2", text)
    zone = _ZONE.search(text)
    offset = "" if zone is None else _offset(*zone.groups())
    if zone is not None:
        text = f"{text[: zone.start(1)].rstrip(' (')} {offset or '+0000'}"
    dated = parse_iso_date(text) or _parse_rfc_date(text) or _parse_long_date(text)
    return _day(dated.at.date()) if dated is not None and offset is None else dated


def has_clock(text: str) -> bool:
    """Return True if a date is written with a time of day."""
    return _CLOCK.search(text[:_MAX_CHARS]) is not None


def _parse_rfc_date(text: str) -> DatedTime | None:
    try:
        at = parsedate_to_datetime(text)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
    return DatedTime(at, Precision.SECOND if _RFC_SECONDS.search(text) else Precision.MINUTE)


def _parse_long_date(text: str) -> DatedTime | None:
    """Parse a day as people write it, with a clock: "July 1, 2026 at 17:30 -0400"."""
    clock = _CLOCK.search(text)
    day = parse_day(_BEFORE_CLOCK.sub("", text[: clock.start()] if clock else text))
    if day is None or clock is None:
        return day
    return parse_iso_date(f"{day.at:%Y-%m-%d}T{text[clock.start() :].strip()}") or day


def _twenty_four_hours(clock: re.Match[str]) -> str:
    hour, minutes, seconds, half = clock.groups()
    number = int(hour)
    if number <= 12:
        number = number % 12 + (12 if half.lower() == "p" else 0)
    return f"{number:02}{minutes or ':00'}{seconds or ''}"


def _offset(name: str, hours: str | None, minutes: str | None) -> str | None:
    """Return the offset of a zone by its name, as "+0200"; None for an unknown one, or one with several meanings."""
    name = name.upper()
    if hours is not None:  # "GMT+2", "UTC-03:30"
        return f"{hours[0]}{int(hours[1:]):02}{minutes or '00'}" if name in {"GMT", "UTC", "UT"} else None
    return _OFFSETS.get(name)


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


def parse_month(line: str) -> DatedTime | None:
    """Parse a line that is a month and nothing else: "August 2007"."""
    match = _MONTH.fullmatch(line.strip().lower()) if len(line) <= _MAX_CHARS else None
    if match is None or match.group(1) not in _MONTHS:
        return None
    try:
        day = date(int(match.group(2)), _MONTHS[match.group(1)], 1)
    except ValueError:
        return None
    return _day(day)._replace(precision=Precision.MONTH)


def find_day(line: str) -> DatedTime | None:
    """Return the first day that a line names, or None. A day in numbers counts only if its order is certain."""
    for shown in _SHOWN_DAY.finditer(line[:_MAX_LINE_CHARS]):
        if found := parse_day(shown.group()) or _parse_numeric_day(shown.group()):
            return found
    return None


def without_day(line: str) -> str:
    """Return the rest of a line without the days that it names."""
    return _SHOWN_DAY.sub(" ", line[:_MAX_LINE_CHARS])


def _parse_numeric_day(text: str) -> DatedTime | None:
    numbers = [int(number) for number in _NUMBER.findall(text)]
    if len(numbers) != 3:
        return None
    if numbers[0] > 31:
        year, month, day = numbers
    else:
        day, month, year = numbers
        if "/" in text and day <= 12:
            if month <= 12 and month != day:
                return None  # 03/04/2022: either order is common
            day, month = month, day
    try:
        return _day(date(year, month, day))
    except ValueError:
        return None


def is_plausible(at: datetime, captured_at: datetime) -> bool:
    """Return True if a statement captured then can have this time: from 1945 on, at most 30 days ahead, not time 0."""
    return _EARLIEST <= at <= captured_at + _AHEAD and at.date() not in _NEVER_SET


def _day(day: date) -> DatedTime:
    return DatedTime(datetime.combine(day, time.min, UTC), Precision.DAY)
