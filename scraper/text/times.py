"""Dates and times of day in a text, in any of the usual spellings, and their values (pure).

A date in digits is read as day and month in both orders if both are possible; it is equal to either of them.
"""

import re
from bisect import bisect_left
from typing import Final, NamedTuple

from scraper.text import numerals
from scraper.text.lexicon import MONTH_NAMES, MONTHS
from scraper.text.signs import RANGE
from scraper.text.tokens import Words

# With a small letter these are other words.
_CAPITAL_MONTHS = frozenset("may march mar dec".split())
_WEEKDAYS = {
    short: name
    for name, *shorts in (
        ("monday", "mon"),
        ("tuesday", "tue", "tues"),
        ("wednesday", "wed"),
        ("thursday", "thu", "thur", "thurs"),
        ("friday", "fri"),
        ("saturday", "sat"),
        ("sunday", "sun"),
    )
    for short in shorts
}
_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?")
_YEAR = re.compile(r"[12]\d{3}")
# Years in two digits are of 1970 to 2069, as for `strptime`.
_FIRST_OF_1900S = 70
_TWO = re.compile(r"\d\d")
_ONE_OR_TWO = re.compile(r"\d{1,2}")
_AFTER_MONTH = frozenset([" ", "\u00a0", ". ", ".\u00a0"])
_BEFORE_YEAR = frozenset([" ", "\u00a0", ", ", ",\u00a0", ". ", "., "])
_HYPHENS = frozenset("-\u2010\u2011")
_RANGE = frozenset("-\u2010\u2011\u2013\u2014")
_RANGE_WORDS = frozenset(("to", "through", "until"))
_MAX_DAY, _MAX_MONTH = 31, 12
_TIME = re.compile(
    r"(?P<hour>\d{1,2})(?:(?P<point>[:.])(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?)?"
    r"(?:(?P<first>(?=(?:[-\u2010-\u2014]| to )(?P<last>\d{1,2})(?:[:.][0-5]\d)?[ \u00a0]?(?P<both>[ap])\.?m\b))|"
    r"[ \u00a0\u202f]?(?P<half>[ap])(?:\.[ ]?m\.?|m\.?)(?!\w)|[ \u00a0](?P<noon>noon|midnight)(?!\w)"
    r"|[ \u00a0]o[’']clock(?!\w)|h(?P<later>[0-5]\d)?(?!\w)|(?![\w:]|[.,]\d))",
    re.IGNORECASE,
)
_LIKE_TIME = re.compile(r"(\d{1,2})\.([0-5]\d)")
_NAMED = {"noon": "12:00:00", "midnight": "00:00:00"}
_HALF_DAY = 12
SHORT_NAMES: Final = frozenset(_WEEKDAYS) | frozenset(MONTHS)
"""The abbreviations that stand for a month or a weekday, and other names of months."""
STARTS: Final = frozenset(MONTHS) | frozenset(_NAMED) | {"the"}
"""The words with which a date or a time begins, digits apart."""
PARTS: Final = STARTS | _RANGE_WORDS | frozenset("of a p m am pm o clock".split())
"""The words that dates and times consist of, digits apart."""


class Moment(NamedTuple):
    """A date or a time that ends before word `stop`: its value in one form, and other values that it may have."""

    stop: int
    key: str
    others: tuple[str, ...] = ()


def find_date(words: Words, at: int, limit: int) -> Moment | None:
    """Return the date that begins with a word and ends before `limit`, or None. A month with a day or a year is one."""
    return _in_digits(words, at, limit) or _month_first(words, at, limit) or _day_first(words, at, limit)


def find_short_name(words: Words, at: int) -> str | None:
    """Return the month or weekday for which an abbreviation stands ("Sept.", "Sat."), or None."""
    key = words.keys[at]
    if key not in SHORT_NAMES:
        return None
    if not words.gap(at + 1).startswith(".") or not words.written(at, at + 1)[0].isupper():
        return None
    if key in _WEEKDAYS:
        return _WEEKDAYS[key]
    return MONTH_NAMES[MONTHS[key] - 1]


def _month(words: Words, at: int, limit: int) -> int | None:
    key = words.keys[at] if at < limit else ""
    number = MONTHS.get(key)
    if number is None or (key in _CAPITAL_MONTHS and not words.written(at, at + 1)[0].isupper()):
        return None
    return number


def _day(words: Words, at: int, limit: int) -> tuple[int, int] | None:
    """Return a day in digits or as an ordinal in words, and the word after it."""
    if at >= limit:
        return None
    if found := _DAY.fullmatch(words.keys[at]):
        day, stop = int(found[1]), at + 1
    else:
        number = numerals.find(words, at, limit)
        if number is None or not number.is_ordinal or number.value is None or number.value > _MAX_DAY:
            return None
        day, stop = int(number.value), number.stop
    return (day, stop) if 0 < day <= _MAX_DAY else None


def _days(words: Words, at: int, limit: int) -> tuple[str, int] | None:
    """Return a day, or a range of days, in one form, and the word after it."""
    first = _day(words, at, limit)
    if first is None:
        return None
    day, stop = first
    start = stop
    if start < limit and words.keys[start] in _RANGE_WORDS and words.gap(start) == words.gap(start + 1) == " ":
        last = _day(words, start + 1, limit)
    else:
        last = _day(words, start, limit) if start < limit and words.gap(start).strip() in _RANGE else None
    return (f"{day:02}", stop) if last is None else (f"{day:02}..{last[0]:02}", last[1])


def _year(words: Words, at: int, limit: int) -> str:
    is_year = at < limit and _YEAR.fullmatch(words.keys[at]) and words.gap(at) in _BEFORE_YEAR
    return words.keys[at] if is_year else ""


def _month_first(words: Words, at: int, limit: int) -> Moment | None:
    """Return "May 12", "May 12th, 2026", "Sept. 2026"."""
    month = _month(words, at, limit)
    if month is None or at + 1 >= limit:
        return None
    has_of = words.keys[at + 1] == "of"
    if year := _year(words, at + 1 + has_of, limit):
        return Moment(at + 2 + has_of, f"{year}-{month:02}")
    if words.gap(at + 1) not in _AFTER_MONTH:
        return None
    has_the = words.keys[at + 1] == "the"
    days = _days(words, at + 1 + has_the, limit)
    if has_the and words.keys[at + 2 : at + 3] and words.keys[at + 2].isdecimal():  # "May the 4 of us"
        return None
    if days is None or _is_quantity(words, days[1], limit):
        return None
    day, stop = days
    year = _year(words, stop, limit)
    return Moment(stop + bool(year), f"{year or '*'}-{month:02}-{day}")


def _day_first(words: Words, at: int, limit: int) -> Moment | None:
    """Return "12 May", "the 12th of May 2026"."""
    start = at + (words.keys[at] == "the")
    days = _days(words, start, limit)
    if days is None:
        return None
    day, stop = days
    has_of = stop < limit and words.keys[stop] == "of"
    month_at = stop + has_of
    month = _month(words, month_at, limit)
    if month is None or (start > at and not has_of):
        return None
    if words.gap(month_at) in _HYPHENS and words.gap(month_at + 1) in _HYPHENS:  # "12-May-2026"
        year = words.keys[month_at + 1] if month_at + 1 < limit and _YEAR.fullmatch(words.keys[month_at + 1]) else ""
        return Moment(month_at + 2, f"{year}-{month:02}-{day}") if year else None
    if words.gap(month_at) not in numerals.BLANKS:
        return None
    year = _year(words, month_at + 1, limit)
    return Moment(month_at + 1 + bool(year), f"{year or '*'}-{month:02}-{day}")


def _is_quantity(words: Words, stop: int, limit: int) -> bool:
    """Return True if what may be a day is a part of a number: "in May 5 million people"."""
    before, after = words.signs
    if stop - 1 in after or before.get(stop - 1, RANGE) != RANGE:
        return True
    return stop < limit and (words.gap(stop) in {".", ",", ":"} or numerals.is_magnitude(words.keys[stop]))


def _in_digits(words: Words, at: int, limit: int) -> Moment | None:
    """Return "2026-05-12", "12.05.2026", "5/12/2026"."""
    if at + 3 > limit or not words.keys[at][0].isdigit():
        return None
    one, two, three = words.keys[at : at + 3]
    by = words.gap(at + 1)
    if by != words.gap(at + 2) or by not in {"-", ".", "/", "\u2011"}:
        return None
    if _YEAR.fullmatch(one) and _TWO.fullmatch(two) and _TWO.fullmatch(three) and by != ".":
        return Moment(at + 3, f"{one}-{two}-{three}") if int(two) <= _MAX_MONTH and int(three) <= _MAX_DAY else None
    if not (_ONE_OR_TWO.fullmatch(one) and _ONE_OR_TWO.fullmatch(two)):
        return None
    if _TWO.fullmatch(three) and by in {"/", "."}:  # "5/12/26"
        three = f"{19 if int(three) >= _FIRST_OF_1900S else 20}{three}"
    if not _YEAR.fullmatch(three):
        return None
    possible = [
        f"{three}-{month:02}-{day:02}"
        for day, month in ((int(one), int(two)), (int(two), int(one)))
        if 0 < month <= _MAX_MONTH and 0 < day <= _MAX_DAY
    ]
    if by == ".":
        possible = possible[: int(two) <= _MAX_MONTH]  # points are for the day first
    return Moment(at + 3, possible[0], tuple(possible[1:])) if possible else None


def find_time(words: Words, at: int, limit: int) -> Moment | None:
    """Return the time of day that begins with a word and ends before `limit`, or None.

    "3:30", "15h30" and "3 p.m." are times. "3.30" is one with "p.m." and may be one without (`is_like_time`).
    """
    key = words.keys[at]
    if key in _NAMED:
        return Moment(at + 1, _NAMED[key])
    if not key[0].isdigit():
        return None
    starts, ends = words.places
    found = _TIME.match(words.text, starts[at], ends[limit - 1])
    if found is None or (at and words.gap(at) in {".", ",", ":"} and words.keys[at - 1].isdigit()):
        return None
    stop = bisect_left(starts, found.end(), at + 1)
    if (
        found["first"] is None
        and found["point"] != ":"
        and found.end() == found.end("minute" if found["minute"] else "hour")
    ):
        return None  # a number
    hour, half = int(found["hour"]), (found["half"] or found["both"] or "").lower()
    if found["both"] and half == "p" and hour % _HALF_DAY > int(found["last"]) % _HALF_DAY:
        half = "a"  # "11–1 p.m."
    if half:
        if not 0 < hour <= _HALF_DAY:
            return None
        hour = hour % _HALF_DAY + (_HALF_DAY if half == "p" else 0)
    if noon := found["noon"]:
        return Moment(stop, _NAMED[noon.lower()]) if hour == _HALF_DAY else None
    if hour >= 2 * _HALF_DAY:
        return None
    return Moment(stop, f"{hour:02}:{found['minute'] or found['later'] or '00'}:{found['second'] or '00'}")


def is_like_time(number: str) -> str | None:
    """Return the time that a number with two decimals may be ("15.30"), or None."""
    found = _LIKE_TIME.fullmatch(number)
    return f"{int(found[1]):02}:{found[2]}:00" if found and int(found[1]) < 2 * _HALF_DAY else None
