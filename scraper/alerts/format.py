"""Formatting of times, numbers, URLs and external text for mails (pure)."""

from __future__ import annotations

import re
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from scraper import urls
from scraper.clock import format_duration
from scraper.model import Precision
from scraper.text.cuts import shorten
from scraper.text.normalize import clean, clean_block, paragraphs, strip_bidi_controls, truncate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

LINE_CHARS = 300
# Joins a number and its unit, so that no line ends between them. The text part shows plain blanks.
NBSP = "\u00a0"
_MAX_URL_CHARS = 2_000
_LABEL_CHARS = 58
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UNFIT_FOR_URL = re.compile(r"[\s\x00-\x20\x7f<>\"\\^`{|}]")


def one_line(words: str | None, chars: int = LINE_CHARS) -> str:
    """Return external text as one line of bounded length without bidi controls."""
    return shorten(clean(strip_bidi_controls(words or "")), chars)


def safe_block(text: str) -> str:
    """Return external text without invisible characters; paragraphs and their line breaks stay."""
    return "\n\n".join(filter(None, map(clean_block, paragraphs(strip_bidi_controls(text)))))


def local_time(at: datetime, zone: ZoneInfo, precision: Precision | None = None) -> str:
    """Return a time in the reader's timezone, as exactly as known: `2 Aug 2021, 22:14 EDT`, a day, or a month."""
    if precision and precision.span:
        # A day is stored as its midnight in UTC, which falls on the day before in a timezone west of it.
        day = _day(at.astimezone(UTC))
        return day.partition(NBSP)[2] if precision is Precision.MONTH else day
    local = at.astimezone(zone)
    name = local.tzname() or "UTC"
    return f"{_day(local)}, {local:%H:%M}{NBSP}{name if name[0].isalpha() else 'UTC' + name}"


def _day(at: datetime) -> str:
    return f"{at.day}{NBSP}{MONTHS[at.month - 1]}{NBSP}{at.year}"


def duration(length: timedelta) -> str:
    """Return a length of time in words, in days alone from three days on."""
    words = f"{length.days} days" if length >= timedelta(days=3) else format_duration(length)
    return words.replace(" ", NBSP)


def counted(number: int, label: str) -> str:
    """Return the count of events with one label: `2 altered copies`, `2 revised`."""
    name = label.lower()
    if number != 1:
        name = re.sub(r"(translation|byline)$", r"\1s", name.replace("copy", "copies"))
    return f"{number:,} {name}"


def join_names(names: Sequence[str], most: int) -> str:
    """Join at most `most` names with commas and append the number of the others."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def sentence(words: str) -> str:
    """Return the words with a capital first letter, and with a full stop unless they end with punctuation."""
    first = words[:1] if words.startswith("http") else words[:1].upper()
    return f"{first}{words[1:]}{'' if words.endswith(('.', '!', '?', '…', ':')) else '.'}"


def linkable(url: str | None) -> str:
    """Return the URL if it is safe to link to: http or https, in one piece, of bounded length; else an empty string."""
    if not url or len(url) > _MAX_URL_CHARS or not url.isprintable():
        return ""
    return url if urls.is_http(url) and not _UNFIT_FOR_URL.search(url) else ""


def host(url: str | None) -> str:
    """Return the host of a URL, without `www.` and in ASCII."""
    return _ascii_host(url or "").removeprefix("www.") or "a page"


def url_label(url: str) -> str:
    """Shorten a URL for display on one line, with its host first."""
    path = url.partition("://")[2].partition("/")[2]
    return truncate(f"{_ascii_host(url)}/{one_line(path)}".rstrip("/"), _LABEL_CHARS)


def _ascii_host(url: str) -> str:
    # "ѕtate.gov" with a Cyrillic letter is not state.gov and must not look like it.
    return urls.ascii_host(one_line(urls.host(url)))
