"""Times, numbers, addresses and foreign words as the reader of a mail sees them (pure)."""

from __future__ import annotations

import re
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from scraper import urls
from scraper.clock import format_duration
from scraper.model import Precision
from scraper.text.normalize import clean, clean_block, paragraphs, strip_bidi_controls, truncate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

LINE_CHARS = 300
# Between a number and its unit, so that no line ends there. The text part shows plain blanks.
NBSP = "\u00a0"
_MAX_URL_CHARS = 2_000
_LABEL_CHARS = 58
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UNFIT_FOR_URL = re.compile(r"[\s\x00-\x20\x7f<>\"\\^`{|}]")


def one_line(words: str | None, chars: int = LINE_CHARS) -> str:
    """Words from outside as one line that turns nothing around and is not endless."""
    return truncate(clean(strip_bidi_controls(words or "")), chars)


def safe_block(text: str) -> str:
    """A text from outside: its paragraphs and their line breaks stay, what cannot be seen goes."""
    return "\n\n".join(filter(None, map(clean_block, paragraphs(strip_bidi_controls(text)))))


def local_time(at: datetime, zone: ZoneInfo, precision: Precision | None = None) -> str:
    """A time in the reader's timezone, no more exact than it is known: `2 Aug 2021, 22:14 EDT`, or the day alone."""
    if precision is Precision.DAY:
        # A day is given as its midnight in UTC: in another timezone it would be the day before.
        return _day(at.astimezone(UTC))
    there = at.astimezone(zone)
    name = there.tzname() or "UTC"
    return f"{_day(there)}, {there:%H:%M}{NBSP}{name if name[0].isalpha() else 'UTC' + name}"


def _day(at: datetime) -> str:
    return f"{at.day}{NBSP}{_MONTHS[at.month - 1]}{NBSP}{at.year}"


def duration(length: timedelta) -> str:
    """How long something took, in days alone once it took some."""
    long = f"{length.days} days" if length >= timedelta(days=3) else format_duration(length)
    return long.replace(" ", NBSP)


def count(number: int, one: str, many: str = "") -> str:
    """`1 statement`, `2 statements`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def counted(number: int, label: str) -> str:
    """`2 altered copies`, `2 revised`: how often something happened, by what a mail calls it."""
    name = label.lower()
    if number != 1:
        name = re.sub(r"(translation|byline)$", r"\1s", name.replace("copy", "copies"))
    return f"{number:,} {name}"


def join_names(names: Sequence[str], most: int) -> str:
    """Names with commas, the first of them and how many more where they are many."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def sentence(words: str) -> str:
    """Words with a capital first, and a full stop where nothing ends them."""
    first = words[:1] if words.startswith("http") else words[:1].upper()
    return f"{first}{words[1:]}{'' if words.endswith(('.', '!', '?', '…', ':')) else '.'}"


def linkable(url: str | None) -> str:
    """The address if it may be a link: http or https, in one piece, not endless; else nothing."""
    if not url or len(url) > _MAX_URL_CHARS or not url.isprintable():
        return ""
    return url if urls.is_http(url) and not _UNFIT_FOR_URL.search(url) else ""


def host(url: str | None) -> str:
    """The site that an address leads to, without `www.` and in letters that are what they seem."""
    return _plain(urls.host(url or "")).removeprefix("www.") or "a page"


def url_label(url: str) -> str:
    """An address short enough for a line, its host first."""
    there = url.partition("://")[2].partition("/")
    return truncate(f"{_plain(urls.host(url))}/{one_line(there[2])}".rstrip("/"), _LABEL_CHARS)


def _plain(name: str) -> str:
    """A host name in ASCII: "ѕtate.gov" with a Cyrillic letter is not state.gov and does not look so here."""
    name = one_line(name)
    if name.isascii():
        return name
    return ".".join(
        part if part.isascii() else "xn--" + part.encode("punycode", "replace").decode("ascii")
        for part in name.split(".")
    )
