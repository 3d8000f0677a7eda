"""Rules of standing pages: which pages a list names, what follows from a list, and the interval of a page (pure).

A page that a list names after that list was read as a whole has appeared; all others were there when watching began. A
list that no longer names a page proves nothing alone: the page's own answers do (`withdrawal`).
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Final
from urllib.parse import urlsplit

from scraper.model import Item
from scraper.rules.holding import HeldText

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_DAY = rf"(?:{_MONTH} \d{{1,2}},? \d{{4}}|\d{{1,2}} {_MONTH} \d{{4}}|\d{{1,4}}[./-]\d{{1,2}}[./-]\d{{1,4}})"
_TIME = r"[^a-z]{0,20}(?:[ap]\.?m\.?)?"
_UPDATE_LINE = re.compile(
    rf"(?:this |page |date |was ){{0,3}}(?:last )?(?:updated|modified|reviewed)(?: on)?:? {_DAY}{_TIME}", re.IGNORECASE
)
_SLOWER = 1.5
"""Factor by which the interval of a page grows with each check that finds no change: from 6 hours to 7 days in ten
checks, that is in 17 days."""
MANY: Final = 3
"""Pages that show the same in place of their own text, which is then no edit: the site is at fault, not the pages."""
ABSENT_WAIT = timedelta(days=7)
"""Time for which a page that is missing counts as there because a list names it, which is then out of date, or because
all other pages of its site are missing too, which are then gone."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Content that a page shows in place of its own text: in words, and for a text its hash."""

    words: str
    sha256: str = ""

    @property
    def key(self) -> str:
        """Key under which its looks are counted."""
        return self.sha256 or hashlib.sha256(self.words.encode()).hexdigest()


OWN: Final = Shown("")
"""Its own text."""


@dataclass(frozen=True, slots=True)
class NamedPage:
    """A page that a list names. `list_url` is the document that does, empty if it is the configuration."""

    url: str
    list_url: str
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StandingPage:
    """Known facts about a page that a list names or named; see the table `standing_pages`."""

    url: str
    list_url: str
    list_key: str
    is_new: bool
    modified_at: datetime | None
    listed_at: datetime
    unlisted_at: datetime | None = None
    statement_id: int | None = None


def list_key(url: str, include: Sequence[str], exclude: Sequence[str]) -> str:
    """Return the hash of a list's configuration. A list with another one begins anew: its pages have not appeared."""
    return hashlib.sha256(repr((url, tuple(include), tuple(exclude))).encode()).hexdigest()


def is_included(url: str, include: Collection[str], exclude: Collection[str]) -> bool:
    """Return True if the path of a URL, with its query, matches one of `include` (none: any) and none of `exclude`.

    The patterns are those of `fnmatch`: `*` stands for any characters, `?` for one, `[abc]` for one of these.
    """
    parts = urlsplit(url)
    path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    is_wanted = not include or any(fnmatchcase(path, pattern) for pattern in include)
    return is_wanted and not any(fnmatchcase(path, pattern) for pattern in exclude)


def update(
    known: Mapping[str, StandingPage],
    named: Iterable[NamedPage],
    read: Collection[str],
    key: str,
    *,
    is_whole: bool,
    at: datetime,
) -> dict[str, StandingPage]:
    """Return the pages that lists change, by URL. `read` are the documents of the list that were read in full now.

    `is_whole`: with those that have not changed since, these are the whole list. `key` is that of its configuration,
    empty for pages that the configuration itself names: none of these appears.
    """
    was_whole = bool(key) and any(page.list_key == key for page in known.values())
    current = key if is_whole or was_whole else ""
    changed: dict[str, StandingPage] = {}
    seen = set[str]()
    for each in named:
        seen.add(each.url)
        before = known.get(each.url)
        if before is None:
            page = StandingPage(each.url, each.list_url, current, was_whole, each.modified_at, at)
        else:
            modified_at = each.modified_at or before.modified_at
            page = replace(before, list_url=each.list_url, list_key=current, modified_at=modified_at, unlisted_at=None)
        if page != before:
            changed[each.url] = page
    for url, page in known.items():
        if page.unlisted_at is None and page.list_url in read and url not in seen:
            changed[url] = replace(page, unlisted_at=at)
    return changed


def is_due_at_once(before: StandingPage | None, page: StandingPage) -> bool:
    """Return True if what a list says of a page is a reason to fetch it now: the page changed, left, or came back."""
    if before is None:
        return False
    is_modified = before.modified_at is not None and page.modified_at != before.modified_at
    return is_modified or (before.unlisted_at is None) != (page.unlisted_at is None)


def without_update_lines(item: Item) -> Item:
    """Return the item of a standing page without the paragraphs that only say when the page was updated.

    Such a line changes with each time that the page is saved, and says nothing of what changed.
    """
    kept = tuple(each for each in item.paragraphs or () if not _is_update_line(each))
    return item if item.paragraphs is None or len(kept) == len(item.paragraphs) else replace(item, paragraphs=kept)


def _is_update_line(paragraph: str) -> bool:
    return _UPDATE_LINE.fullmatch(" ".join(paragraph.split()).rstrip(".")) is not None


def next_interval(
    shortest: timedelta, longest: timedelta, interval: timedelta | None, *, is_changed: bool
) -> timedelta:
    """Return the wait until the next check of a page; `interval` is the last one, None before the first check.

    After a change it is `shortest`; else it grows up to `longest`.
    """
    if is_changed or interval is None:
        return shortest
    return min(max(interval * _SLOWER, shortest), longest)


def is_fault_of_site(shown: Shown, others: Sequence[Shown | None], pages: int) -> bool:
    """Decide if what a page shows in place of its own text is a fault of its site, and says nothing about the page.

    `others` is what other pages show at the same time: `OWN`, the same or something else, None for no usable answer.
    `pages` is the number of all pages that are watched. Where one page shows its own text, the site works. Where none
    does and one gives no usable answer, nothing is known.
    """
    if OWN in others:
        return False
    return None in others or 1 + others.count(shown) >= max(2, min(MANY, pages))


def has_stood(shown: Shown, held: HeldText) -> bool:
    """Return True if what a whole site shows in place of its pages is by now what stands there, and no fault.

    A text has stood after three looks over 24 hours. An absence takes longer: a site that is rebuilt may be out of
    order for days.
    """
    wait = timedelta(0) if shown.sha256 else ABSENT_WAIT
    return held.is_released and held.last_seen_at - held.first_seen_at >= wait


def describe_fault(shown: Shown, number: int) -> str:
    """Return the fault of a site in words: what so many of its pages, at least, show in place of their own text."""
    if number == 1:
        return f"no page shows its own text, and one {shown.words}"
    return f"{number} pages or more show the same in place of their own text: each {shown.words}"


def counts_as_listed(page: StandingPage, missing_since: datetime | None, at: datetime) -> bool:
    """Decide if a list is a reason not to take a missing page for gone: not if the page has been missing for long.

    The configuration names a page whether it is there or not.
    """
    is_listed = bool(page.list_url) and page.unlisted_at is None
    return is_listed and (missing_since is None or at - missing_since < ABSENT_WAIT)
