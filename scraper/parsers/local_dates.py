"""Parser of days as people write them in the languages of translations (pure)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from scraper.model import Precision
from scraper.parsers import dates
from scraper.parsers.local_names import calendar, fold

_MAX_CHARS = 80
_GAP = r"[\s.॰,،、၊/()\[\]'’·-]+"
_NUMERIC = re.compile(r"(?:(\d{1,2})([./-])\s?(\d{1,2})\2\s?(\d{4})|(\d{4})([./-])\s?(\d{1,2})\6\s?(\d{1,2}))\.?")
# The order of day (D), month (M) and year (Y); each number says by its length what it is.
_ORDERS = frozenset({"DMY", "MDY", "YMD", "YDM"})
_HAN_DIGITS = "〇一二三四五六七八九"
_HAN_DAY = re.compile(r"([〇零○一二三四五六七八九]{4})(年.{1,3}月)([一二三四五六七八九十]{1,3})(?=[日号號])")
_NUMBER_IN_NAME = re.compile(r"\s{0,9}(\d+)\s{0,9}")
_UNWRITTEN = re.compile(r"\s+|(?<!\d)0(?=\d)")
_YEARS = range(1900, 2200)
# The years of the Buddhist era in Thailand, 543 more than ours.
_BUDDHIST_ERA, _BUDDHIST_YEARS = 543, range(2443, 2743)
# The solar calendar of Iran and Afghanistan: leap years follow a cycle of 33 years from 1210 to 1634 (1831 to 2256).
# The months have 31 days up to the sixth, then 30; the last has 29, or 30 in a leap year.
_SOLAR_YEARS = range(1304, 1500)
_SOLAR_LEAPS = frozenset({1, 5, 9, 13, 17, 22, 26, 30})
_SOLAR_EPOCH, _SOLAR_EPOCH_YEAR = date(1925, 3, 21), 1304


class Month(NamedTuple):
    """Month of our calendar, or of the solar calendar of Iran."""

    is_solar: bool
    number: int


def parse_day(line: str, language: str) -> dates.DatedTime | None:
    """Parse a line that is a day and nothing else, in a language or in English. Return None for other text.

    Native digits, ordinals, weekdays, the solar months of Persian and Dari and the Buddhist years of Thai are read.
    A date in numbers is read only if it has one meaning: "22/12/2022", not "03/04/2022".
    """
    if len(line) > _MAX_CHARS:
        return None
    if (found := dates.parse_day(line)) and found.at.year in _YEARS:
        return found
    text = _with_digits(fold(line))
    numeric = _NUMERIC.fullmatch(text)
    day = _numeric_day(numeric) if numeric else _named_day(text, language)
    return dates.DatedTime(datetime(day.year, day.month, day.day, tzinfo=UTC), Precision.DAY) if day else None


def is_numeric(line: str) -> bool:
    """Return True if a line is a date in numbers, be its order certain or not."""
    return len(line) <= _MAX_CHARS and _NUMERIC.fullmatch(fold(line)) is not None


def _numeric_day(found: re.Match[str]) -> date | None:
    one, _, other, year, first_year, _, month, day = found.groups()
    if first_year:
        return _day(int(first_year), int(month), int(day))
    low, high = sorted((int(one), int(other)))
    return _day(int(year), low, high) if high > 12 or low == high else None


def _named_day(text: str, language: str) -> date | None:
    token, known = _token(language)
    order, numbers, months = "", dict[str, int](), set[Month]()
    at = 0
    while at < len(text):
        found = token.match(text, at)
        if found is None:
            return None
        at = found.end()
        if found.lastgroup == "name" and (month := known[_bare(found.group())]):
            months.add(month)
            # Both of the Arabic names of a month are one month.
            order = order.removesuffix("M") + "M"
        elif found.lastgroup == "number":
            part = {4: "Y", 2: "D", 1: "D"}.get(len(found.group()), "")
            order += part
            numbers[part] = int(found.group())
    if order not in _ORDERS or len(months) != 1:
        return None
    ((is_solar, number),) = months
    year = numbers["Y"]
    if is_solar:
        return _solar_day(year, number, numbers["D"])
    if language == "th" and year in _BUDDHIST_YEARS:
        year -= _BUDDHIST_ERA
    return _day(year, number, numbers["D"])


@lru_cache(maxsize=64)
def _token(language: str) -> tuple[re.Pattern[str], dict[str, Month | None]]:
    """Return the pattern of one part of a date, and the month of each name, None for a word that says nothing more.

    Longer names come first, because nothing has to separate a name from the next part.
    """
    words = calendar(language)
    known: dict[str, Month | None] = dict.fromkeys(words.words)
    known |= {name: Month(is_solar=True, number=number) for name, number in words.solar_months.items()}
    known |= {name: Month(is_solar=False, number=number) for name, number in words.months.items()}
    names = "|".join(map(_pattern, sorted(known, key=lambda name: (-len(name), name)))) or "(?!)"
    pattern = re.compile(rf"(?P<name>{names})|(?P<number>\d+)|(?P<gap>{_GAP})")
    return pattern, {_bare(name): month for name, month in known.items()}


def _bare(name: str) -> str:
    """Return a name without spaces and without a 0 before its number."""
    return _UNWRITTEN.sub("", name)


def _pattern(name: str) -> str:
    """Return the pattern of a name; a number in it may have spaces around it and a 0 before it."""
    pieces = _NUMBER_IN_NAME.split(name)
    return "".join(rf"\s*0?{piece}(?!\d)\s*" if n % 2 else re.escape(piece) for n, piece in enumerate(pieces))


def _with_digits(text: str) -> str:
    """Write year and day of a Chinese date in digits."""
    found = _HAN_DAY.search(text)
    if found is None:
        return text
    year = "".join(str(max(_HAN_DIGITS.find(c), 0)) for c in found[1])
    tens, ten, ones = found[3].rpartition("十")
    day = 10 * (max(_HAN_DIGITS.find(tens), 1) if tens else 1) * bool(ten) + (_HAN_DIGITS.find(ones) if ones else 0)
    return f"{text[: found.start()]}{year}{found[2]}{day}{text[found.end() :]}"


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year in _YEARS else None
    except ValueError:
        return None


def _solar_day(year: int, month: int, day: int) -> date | None:
    if year not in _SOLAR_YEARS:
        return None
    longest = 31 if month <= 6 else 30 if month < 12 or year % 33 in _SOLAR_LEAPS else 29
    if not 1 <= day <= longest:
        return None
    leaps = sum(each % 33 in _SOLAR_LEAPS for each in range(_SOLAR_EPOCH_YEAR, year))
    days = 365 * (year - _SOLAR_EPOCH_YEAR) + leaps + 31 * min(month - 1, 6) + 30 * max(month - 7, 0) + day - 1
    return _SOLAR_EPOCH + timedelta(days=days)
