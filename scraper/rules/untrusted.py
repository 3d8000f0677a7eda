"""Cleaning of all values that come from outside, before anything is compared or stored (pure).

There is one function for each kind of value: a line, a guid, a URL (`urls.admit`), a text, the headers of a response.
All captures pass `clean_capture` and all readings `clean_reading`. A line that is too long is cut, and a value that is
no longer the same when it is cut (a URL, a guid, a header) is left out; the problems of the reading name both. Texts
have the bound of the body that they come from.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Final, TypeVar

from scraper import urls
from scraper.model import AUTHORITY
from scraper.text import normalize

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scraper.model import Capture, Item, Reading
    from scraper.rules.attribution import Attribution

# The longest title of State's feed in twelve weeks had 441 characters. Every list would show a title of megabytes.
MAX_TITLE_CHARS: Final = 1_000
MAX_BYLINE_CHARS: Final = 1_000
MAX_FIELD_CHARS: Final = 300
"""Longest type, speaker, bureau, place, country, subject, or name of a publisher."""
MAX_GUID_CHARS: Final = urls.MAX_URL_CHARS
MAX_HEADER_CHARS: Final = 2_048
MAX_DETAIL_CHARS: Final = 2_000
"""Longest explanation of an outcome, and longest problem of a reading."""
MAX_LANGUAGE_CHARS: Final = 35  # RFC 5646, 4.4.1
MAX_VALUES: Final = 1_000
MAX_HEADING_CHARS: Final = 300
"""Most countries, subjects, links, claimed URLs or publishers."""
STORED_HEADERS: Final = frozenset(
    "cache-control cf-mitigated content-language content-length content-type date etag last-modified link location "
    "retry-after server via x-amzn-waf-action x-cache x-wp-total x-wp-totalpages".split()
)
_IN_LINES = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# A tab separates the cells of a table.
_IN_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
# Cached items: more than all monitored lists have at a time. At most 20 MB, in and out.
_CACHE_SIZE = 512
_CACHED_CHARS = 20_000
_ReadingT = TypeVar("_ReadingT", bound="Reading")


def line(text: str, max_chars: int) -> str:
    """Return a text as one clean line (see `normalize.clean`) of at most `max_chars` characters."""
    if len(text) <= max_chars and text.isprintable() and text == text.strip() and "  " not in text and text.isascii():
        return text  # most are; a list has hundreds of them
    # Cut first as well: cleaning megabytes for their beginning would be a waste.
    return normalize.truncate(normalize.clean(text[: 4 * max_chars]), max_chars)


def text(paragraph: str) -> str:
    """Return a paragraph without control characters and lone surrogates; its line breaks stay."""
    return normalize.clean_block(paragraph) if _IN_TEXT.search(paragraph) else paragraph


def lines(document: str) -> str:
    """Return a text of lines, such as a robots.txt, with a blank for each control character and lone surrogate."""
    return _IN_LINES.sub(" ", document)


def guid(given: str) -> str | None:
    """Return a guid as one clean line without user and password; None if it is empty or too long."""
    if len(given) > 2 * MAX_GUID_CHARS:
        return None
    cleaned = urls.without_credentials(normalize.clean(given))
    return cleaned if 0 < len(cleaned) <= MAX_GUID_CHARS else None


def headers(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return the headers that are stored, with clean values; those that are too long are left out."""
    cleaned = ((name.lower(), normalize.clean(value[: 2 * MAX_HEADER_CHARS])) for name, value in pairs)
    return tuple((name, value) for name, value in cleaned if name in STORED_HEADERS and len(value) <= MAX_HEADER_CHARS)


def clean_capture(capture: Capture) -> Capture:
    """Return a capture with clean URLs, headers and detail. The URL of a refused request may be of any kind."""
    status = capture.status
    return replace(
        capture,
        url=_any_url(capture.url),
        final_url=_any_url(capture.final_url),
        headers=headers(capture.headers),
        status=status if status is None or 0 <= status <= 999 else None,
        detail=line(capture.detail, MAX_DETAIL_CHARS),
    )


def _any_url(url: str) -> str:
    return urls.admit(url) or line(urls.without_credentials(url), urls.MAX_URL_CHARS)


def clean_reading(reading: _ReadingT) -> _ReadingT:
    """Return a reading with clean items, without those whose URL cannot be used. `problems` name what was lost.

    The URL of the next page is made of that of its capture, or is a link that the parser has checked.
    """
    problems = list(reading.problems)
    items = []
    for given in reading.items:
        item, its_problems = _cached_item(given) if _chars(given) <= _CACHED_CHARS else _clean_item(given)
        problems += its_problems
        items += [] if item is None else [item]
    cleaned = tuple(line(problem, MAX_DETAIL_CHARS) for problem in problems)
    return replace(reading, items=tuple(items), problems=cleaned)


def _clean_item(item: Item) -> tuple[Item | None, tuple[str, ...]]:
    """Return an item with clean fields, or None if its URL cannot be used; and its problems."""
    url = urls.admit(item.url)
    if url is None:
        shown = normalize.truncate(_any_url(item.url), MAX_FIELD_CHARS)
        return None, (f"{shown}: an item with this URL is skipped, it cannot be fetched",)
    problems: list[str] = []
    own_guid = guid(item.guid) if item.guid else None
    if item.guid and own_guid is None:
        problems.append(f"{url}: a guid of {len(item.guid)} characters is left out")

    def field(name: str, value: str | None, max_chars: int = MAX_FIELD_CHARS) -> str | None:
        if value is not None and len(value) > max_chars:
            problems.append(f"{url}: of a {name} of {len(value)} characters the first {max_chars} are kept")
        return line(value or "", max_chars) or None

    language = line(item.language or "", MAX_LANGUAGE_CHARS + 1)
    cleaned = replace(
        item,
        url=url,
        title=field("title", item.title, MAX_TITLE_CHARS) or "",
        guid=own_guid,
        guid_derived=item.guid_derived and own_guid is not None,
        paragraphs=item.paragraphs and _paragraphs(item.paragraphs),
        byline=field("byline", item.byline, MAX_BYLINE_CHARS),
        type=field("type", item.type),
        speaker=field("speaker", item.speaker),
        bureau=field("bureau", item.bureau),
        place=field("place", item.place),
        language=language if 0 < len(language) <= MAX_LANGUAGE_CHARS else None,
        countries=_names(item.countries),
        subjects=_names(item.subjects),
        links=_urls(item.links),
        headings=_headings(item.headings),
        authority=field("authority", item.authority) or AUTHORITY,
    )
    return cleaned, tuple(problems)


def _chars(item: Item) -> int:
    """Return the number of characters in all fields of an item."""
    lines = (item.url, item.title, item.guid, item.byline, item.type, item.speaker, item.bureau, item.place)
    several = (item.paragraphs or (), item.countries, item.subjects, item.links, item.headings)
    return sum(map(len, chain(filter(None, (*lines, item.language, item.authority)), *several)))


# Polls return the same items hundreds of times, so that of those no text is looked through again.
_cached_item = lru_cache(maxsize=_CACHE_SIZE)(_clean_item)
clear_cache = _cached_item.cache_clear
"""Clear the cached items."""


def _paragraphs(given: tuple[str, ...]) -> tuple[str, ...]:
    whole = "".join(given)  # one look at a text of many paragraphs is much faster
    is_clean = whole.isprintable() or not _IN_TEXT.search(whole)
    return given if is_clean and all(given) else tuple(filter(None, map(text, given)))


def _headings(given: tuple[str, ...]) -> tuple[str, ...]:
    """Return headings cleaned as the paragraphs are, without those that are too long to name a section."""
    return tuple(each for each in _paragraphs(given) if len(each) <= MAX_HEADING_CHARS)[:MAX_VALUES]


def clean_attribution(found: Attribution) -> Attribution:
    """Return the attribution of a page with the URLs that can be used, and with clean names of publishers."""
    return replace(found, claimed_urls=_urls(found.claimed_urls), via=_names(found.via))


def _names(given: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, (line(name, MAX_FIELD_CHARS) for name in given))))[:MAX_VALUES]


def _urls(given: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(urls.admit, given))))[:MAX_VALUES]
