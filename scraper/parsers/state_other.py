"""Parser of pages of the other sites of the Department, such as travel.state.gov: title, largest text, date."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from scraper import urls
from scraper.errors import DriftError
from scraper.model import Item
from scraper.parsers import dates, jsonld
from scraper.parsers.build_item import page_reading
from scraper.parsers.document import attr, one_line
from scraper.parsers.html_text import Markup, outermost, read_tags
from scraper.rules import state_hosts
from scraper.text import normalize

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

    from scraper.model import Reading
    from scraper.parsers.document import Document

NAME = "page"


def read(document: Document) -> Reading:
    """Read one item; raise `DriftError` for a page without title or text.

    It also raises `DriftError` for a page of www.state.gov or its archives: if such a page has lost its theme,
    a guess would turn every redesign into a revision of every statement.
    """
    soup = document.soup  # first: an empty or hostile response is named as such
    if state_hosts.is_named(document.host):
        raise DriftError(document.url, "a page of State with an unknown structure")
    structured = jsonld.read(document, UTC)
    shown = dates.parse_iso_date(attr(soup.select_one("time[datetime]"), "datetime") or "")
    given = Item(
        url=urls.canonical(document.url),
        title=_title(document),
        modified_at=structured.modified.at if structured.modified else None,
        language=attr(soup.html, "lang"),
    )
    return page_reading(NAME, document, given, structured.published or shown, _largest(soup))


def _largest(soup: BeautifulSoup) -> Markup:
    """Read the longest `<article>`, else `<main>`, else the element with the most text in paragraphs of its own."""
    for matches in (lambda tag: tag.name == "article", lambda tag: tag.name == "main" or attr(tag, "role") == "main"):
        found = [read_tags([root]) for root in outermost(soup, matches)]
        best = max(found, key=lambda markup: sum(map(len, markup.paragraphs)), default=None)
        if best is not None and best.paragraphs:
            return best
    weights: dict[int, int] = {}
    holders: dict[int, Tag] = {}
    for paragraph in soup.find_all("p"):
        parent = paragraph.parent or soup
        own = sum(len(piece) for piece in paragraph.find_all(string=True, recursive=False))
        holders[id(parent)] = parent
        weights[id(parent)] = weights.get(id(parent), 0) + own
    best_id = max(weights, key=lambda key: weights[key], default=None)
    return read_tags([holders[best_id]] if best_id is not None and weights[best_id] else [soup])


def _title(document: Document) -> str:
    """Return the longest heading that is part of the page's own title; a site's logo is often an `<h1>` too."""
    named = document.head_title
    headings = [one_line(heading) for heading in document.soup.find_all("h1", limit=10)]
    key = normalize.word_key(named)
    named_headings = [
        heading for heading in headings if normalize.word_key(heading) and normalize.word_key(heading) in key
    ]
    return max(named_headings, key=len, default="") or named or next(filter(None, headings), "")
