"""Parser of the lists in State's archives of before 2018: titles, URLs and days.

Unverified: no such page could be had. Public scrapers find the links of 2009-2017 in `.l-wrap` with their dates in
`.date-display-single`, and those of 2001-2009 as `a.lftnavbelow`; where the dates of these stand is not known, so they
are taken from the text beside the links. The first live capture must become the fixture.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from bs4.element import NavigableString, Tag

from scraper import urls
from scraper.errors import DriftError
from scraper.model import Item, Precision, Reading
from scraper.parsers import dates, vocabulary
from scraper.parsers.build_item import build, limit_items, limit_problems
from scraper.parsers.dates import DatedTime
from scraper.parsers.document import attr, attr_words, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scraper.parsers.document import Document

NAME = "state-archive-listing"
_FRAME, _DATE, _LINK = "l-wrap", "date-display-single", "lftnavbelow"
_FILE = re.compile(r"/(?!index\.)[^/]{1,100}\.html?\Z", re.IGNORECASE)
_MAX_DATE_CHARS = 200
_WEEKDAY = r"(?:[A-Z][a-z]{2,8},? )?"
_LONG_DAY = r"[A-Z][a-z]{2,8}\.? \d{1,2}, \d{4}"
# State writes the month first.
_NUMERIC_DAY = r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4}|\d{2})"
_DAY = re.compile(rf"(?<!\d){_WEEKDAY}(?P<whole>{_LONG_DAY}|{_NUMERIC_DAY})(?!\d)")
# A year of two digits is of 1997 or later.
_FIRST_YEAR = 97


class _Link(NamedTuple):
    """Link to a document: its URL and its text."""

    url: str
    title: str


def is_list(document: Document) -> bool:
    """Return True for a list in one of State's archives, in a shape of before 2018."""
    if not urls.is_state(document.host) or document.by_id("templateFields"):
        return False
    return document.by_class(_DATE) is not None or document.by_class(_LINK) is not None


def read(document: Document) -> Reading:
    """Read all links to documents, in order; raise `DriftError` if there are none."""
    problems: list[str] = []
    items: dict[str, Item] = {}
    found = list(_links_and_days(document))
    for link, dated in limit_items(_dated_links(found), problems, document.url):
        if link.url in items:
            continue
        if dated is None:
            problems.append(f"{link.url}: no date")
        given = Item(link.url, link.title, type=vocabulary.document_type(link.title.partition(":")[0]))
        items[link.url] = build(given, dated, None, document.capture.captured_at, problems)
    if not items:
        raise DriftError(document.url, "a list of an archive without links to documents")
    return Reading(NAME, tuple(items.values()), next_url=_next_url(document), problems=limit_problems(problems))


def _links_and_days(document: Document) -> Iterator[_Link | DatedTime]:
    """Yield the links to documents and the days of a list in the order of the page."""
    by_class = document.by_class(_DATE) is not None
    roots = document.soup.find_all(class_=_FRAME) if by_class else [document.soup]
    inside: set[int] = set()
    for node in (node for root in roots for node in root.descendants):
        if id(node) in inside:
            continue
        if isinstance(node, Tag):
            is_entry = node.name == "a" and (by_class or _LINK in attr_words(node, "class"))
            if is_entry and (link := _link(document, node)):
                inside.update(map(id, node.descendants))
                shown = _DAY.match(link.title)
                if shown and (dated := _day(shown)):
                    yield dated
                    link = link._replace(title=link.title[shown.end() :].lstrip(" ,;:-–—"))
                yield link
            elif by_class and _DATE in attr_words(node, "class") and (shown := _DAY.search(one_line(node))):
                yield from filter(None, [_day(shown)])
        elif not by_class and isinstance(node, NavigableString) and (shown := _DAY.search(node[:_MAX_DATE_CHARS])):
            yield from filter(None, [_day(shown)])


def _link(document: Document, tag: Tag) -> _Link | None:
    url = urls.absolute(document.base, attr(tag, "href") or "")
    title = one_line(tag)
    if url is None or not title or not urls.is_state(urls.host(url)) or not _FILE.search(urls.path(url)):
        return None
    own = urls.canonical(url)
    return None if own == urls.canonical(document.url) else _Link(own, title)


def _dated_links(found: Sequence[_Link | DatedTime]) -> list[tuple[_Link, DatedTime | None]]:
    """Return each link with its day. The days stand before their links if the first of all is one, else after them."""
    days_first = bool(found) and isinstance(found[0], DatedTime)
    dated: list[tuple[_Link, DatedTime | None]] = []
    day: DatedTime | None = None
    for each in found if days_first else reversed(found):
        if isinstance(each, DatedTime):
            day = each
        else:
            dated.append((each, day))
            day = day if days_first else None  # a heading dates all links below it
    return dated if days_first else dated[::-1]


def _day(shown: re.Match[str]) -> DatedTime | None:
    if shown["year"] is None:
        return dates.parse_day(shown["whole"])
    year = int(shown["year"])
    year += 0 if year > 99 else 1900 if year >= _FIRST_YEAR else 2000
    try:
        return DatedTime(datetime(year, int(shown["month"]), int(shown["day"]), tzinfo=UTC), Precision.DAY)
    except ValueError:
        return None


def _next_url(document: Document) -> str | None:
    for tag in document.soup.find_all("a", href=True):
        parent = attr_words(tag.parent, "class") if tag.parent else []
        if "next" in attr_words(tag, "rel") or "pager-next" in parent:
            return urls.absolute(document.base, attr(tag, "href") or "")
    return None
