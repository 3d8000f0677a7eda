"""Parser of the lists in State's archives of before 2018: titles, URLs and days.

Unverified: no such page could be had. Public scrapers find the links of 2009-2017 in `.l-wrap` with their dates in
`.date-display-single`, and those of 2001-2009 as `a.lftnavbelow`; where the dates of these stand is not known, so the
page as a whole decides whether they are those of rows or headings. The first live capture must become the fixture.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from scraper import urls
from scraper.errors import DriftError
from scraper.model import Item, Precision, Reading
from scraper.parsers import dates, vocabulary
from scraper.parsers.build_item import build, limit_items, limit_problems
from scraper.parsers.dates import DatedTime
from scraper.parsers.elements import attr, attr_words, has_class, label, nodes, one_line, outermost
from scraper.rules import state_hosts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scraper.parsers.document import Document

NAME = "state-archive-listing"
_FRAME, _DATE, _LINK = "l-wrap", "date-display-single", "lftnavbelow"
_FILE = re.compile(r"/(?!index\.)[^/]{1,100}\.html?\Z", re.IGNORECASE)
_MAX_DATE_CHARS = 200
_WEEKDAY = r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? )?"
_LONG_DAY = r"[A-Z][a-z]{2,8}\.? \d{1,2}, \d{4}"
# State writes the month first.
_NUMERIC_DAY = r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4}|\d{2})"
_DAY = re.compile(rf"(?<!\d){_WEEKDAY}(?P<whole>{_LONG_DAY}|{_NUMERIC_DAY})(?!\d)")
_DAY_AT_END = re.compile(rf"\({_DAY.pattern}\)\Z")
# A line of a page ends with one of these; the cells of a row are one line.
_BLOCKS = frozenset("blockquote body center dd div dl dt h1 h2 h3 h4 h5 h6 li ol p pre section table tr ul".split())
# A year of two digits is of 1997 or later.
_FIRST_YEAR = 97


class _Link(NamedTuple):
    """Link to a document: its URL, its text without a date, and that date."""

    url: str
    title: str
    day: DatedTime | None


class _Day(NamedTuple):
    """Day in the text of a list; `is_alone` if the text is nothing else."""

    day: DatedTime
    is_alone: bool


class _Placed(NamedTuple):
    """Link or day, the element that it is in, and its line: the same if no block and no line break is between."""

    found: _Link | _Day
    holder: Any
    line: tuple[Any, int]


def is_list(document: Document) -> bool:
    """Return True for a list in one of State's archives, in a shape of before 2018."""
    if not document.is_state or document.by_id("templateFields") is not None:
        return False
    return document.by_class(_DATE) is not None or document.by_class(_LINK) is not None


def read(document: Document) -> Reading:
    """Read all links to documents, in order; raise `DriftError` if there are none."""
    problems: list[str] = []
    items: dict[str, Item] = {}
    placed = list(_links_and_days(document))
    links = limit_items([each.found for each in placed if isinstance(each.found, _Link)], problems, document.url)
    days = _days_of_rows(placed) or _days_of_headings(placed)
    for link in links:
        if link.url in items:
            continue
        dated = days.get(link.url)
        if dated is None:
            problems.append(f"{link.url}: no date")
        given = Item(link.url, link.title, type=vocabulary.document_type(link.title.partition(":")[0]))
        items[link.url] = build(given, dated, None, document, problems)
    if not items:
        raise DriftError(document.url, "a list of an archive without links to documents")
    return Reading(NAME, tuple(items.values()), next_url=_next_url(document), problems=limit_problems(problems))


def _links_and_days(document: Document) -> Iterator[_Placed]:
    """Yield the links to documents and the days of a list in the order of the page."""
    by_class = document.by_class(_DATE) is not None
    roots = outermost(document.tree, lambda each: has_class(each, _FRAME)) if by_class else [document.tree]
    inside = set[Any]()
    breaks = 0
    for node, holder in chain.from_iterable(map(nodes, roots)):
        if holder in inside:  # a link: its text is read already
            inside.add(node)
            continue
        found: _Link | _Day | None = None
        if isinstance(node, str):
            found = None if by_class else _day_in(node[:_MAX_DATE_CHARS])
        else:
            breaks += node.tag == "br"
            is_entry = node.tag == "a" and (by_class or has_class(node, _LINK))
            if is_entry and (url := _document_url(document, node)):
                inside.add(node)
                found = _link(url, one_line(node))
            elif by_class and has_class(node, _DATE):
                found = _day_in(label(node))
        if found:
            block = next((each for each in _around(holder) if each.tag in _BLOCKS), holder)
            yield _Placed(found, holder, (block, breaks))


def _around(element: Any) -> Iterator[Any]:
    """Yield an element and those around it."""
    return chain([element], element.iterancestors())


def _document_url(document: Document, link: Any) -> str | None:
    """Return the URL to which a link leads if it is that of another document of State."""
    url = urls.absolute(document.base, attr(link, "href") or "")
    if url is None or not _FILE.search(urls.path(url)):
        return None
    if not urls.is_state(urls.host(url)) and state_hosts.site_of(url) != state_hosts.site_of(document.url):
        return None
    own = urls.canonical(url)
    return None if own == urls.canonical(document.url) else own


def _link(url: str, shown: str) -> _Link | None:
    """Return a link by its text, None if it shows none; a date at the beginning or the end is no part of the title."""
    found = _DAY.match(shown) or _DAY_AT_END.search(shown)
    day = _day(found) if found else None
    bare = shown.replace(found[0], "", 1).strip(" ,;:-–—") if found and day else ""
    return _Link(url, bare or shown, day) if shown else None


def _day_in(text: str) -> _Day | None:
    """Return the day that a text names, None if it names several."""
    shown = list(_DAY.finditer(text))
    days = set(map(_day, shown))
    if len(days) != 1 or (day := days.pop()) is None:
        return None
    return _Day(day, is_alone=not _DAY.sub("", text).strip(" ()[]:,;-–—\r\n\t"))


def _days_of_rows(placed: Sequence[_Placed]) -> dict[str, DatedTime]:
    """Return the days by URL if the page has rows, with a day in the text of a link, in its line or in its part of it.

    Then a row without a day has none.
    """
    in_lines: dict[tuple[Any, int], list[_Link | _Day]] = {}
    for each in placed:
        in_lines.setdefault(each.line, []).append(each.found)
    days = {each.found.url: each.found.day for each in placed if isinstance(each.found, _Link) and each.found.day}
    for line in in_lines.values():
        links = {each.url for each in line if isinstance(each, _Link)}
        shown = [each for each in line if isinstance(each, _Day)]
        # Of several days in a line, one may be in a title.
        shown = [each for each in shown if each.is_alone] or shown
        is_row = len(links) == 1 or isinstance(line[0], _Day)
        if links and is_row and len({each.day for each in shown}) == 1:
            for url in links:
                days.setdefault(url, shown[0].day)
    return days or _days_of_parts(placed)


def _days_of_parts(placed: Sequence[_Placed]) -> dict[str, DatedTime]:
    """Return the days by URL if each day is in a part of the page with links to one document only, else nothing."""
    below: dict[Any, str | None] = {}  # the document of an element, None for several
    for each in placed:
        if isinstance(each.found, _Link):
            for element in _around(each.holder):
                known = below.setdefault(element, each.found.url)
                if known is None:  # so are the elements around it
                    break
                if known != each.found.url:
                    below[element] = None
    days: dict[str, DatedTime] = {}
    for each in placed:
        if isinstance(each.found, _Day):
            around = (below[element] for element in _around(each.holder) if element in below)
            if url := next(around, None):
                days.setdefault(url, each.found.day)
            elif each.found.is_alone:
                return {}
    return days


def _days_of_headings(placed: Sequence[_Placed]) -> dict[str, DatedTime]:
    """Return the days by URL if days are headings of the links below them. A single day may be that of the page."""
    headings = {each.found.day for each in placed if isinstance(each.found, _Day) and each.found.is_alone}
    if len(headings) < 2:
        return {}
    days: dict[str, DatedTime] = {}
    day: DatedTime | None = None
    for found in (each.found for each in placed):
        if isinstance(found, _Link):
            if day:
                days.setdefault(found.url, day)
        elif found.is_alone:
            day = found.day
    return days


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
    for link in document.tree.iter("a"):
        if attr(link, "href") is None:
            continue
        if "next" in attr_words(link, "rel") or "pager-next" in attr_words(link.getparent(), "class"):
            return urls.absolute(document.base, attr(link, "href") or "")
    return None
