"""Parser of pages of the other sites of the Department, such as travel.state.gov: title, largest text, date."""

from __future__ import annotations

from datetime import UTC
from itertools import islice
from typing import TYPE_CHECKING, Any

from scraper import urls
from scraper.errors import DriftError
from scraper.model import Item
from scraper.parsers import dates, jsonld
from scraper.parsers.build_item import page_reading
from scraper.parsers.elements import attr, one_line, outermost
from scraper.parsers.html_text import Markup, read_elements
from scraper.rules import state_hosts
from scraper.text import normalize

if TYPE_CHECKING:
    from scraper.model import Reading
    from scraper.parsers.document import Document

NAME = "page"
_MAX_HEADINGS = 10


def read(document: Document) -> Reading:
    """Read one item; raise `DriftError` for a page without title or text.

    It also raises `DriftError` for a page of www.state.gov or its archives: if such a page has lost its theme,
    a guess would turn every redesign into a revision of every statement.
    """
    tree = document.tree  # first: an empty or hostile response is named as such
    if state_hosts.is_named(document.host):
        raise DriftError(document.url, "a page of State with an unknown structure")
    structured = jsonld.read(document, UTC)
    shown = dates.parse_iso_date(next((time for each in tree.iter("time") if (time := attr(each, "datetime"))), ""))
    given = Item(
        url=urls.canonical(document.url),
        title=_title(document),
        modified_at=structured.modified.at if structured.modified else None,
        language=attr(tree, "lang"),
    )
    return page_reading(NAME, document, given, structured.published or shown, _largest(tree))


def _largest(tree: Any) -> Markup:
    """Read the longest `<article>`, else `<main>`, else the element with the most text in paragraphs of its own."""
    for matches in (_is_article, _is_main):
        found = [read_elements([root]) for root in outermost(tree, matches)]
        best = max(found, key=lambda markup: sum(map(len, markup.paragraphs)), default=None)
        if best is not None and best.paragraphs:
            return best
    weights: dict[Any, int] = {}
    for paragraph in tree.iter("p"):
        holder = paragraph.getparent()
        own = len(paragraph.text or "") + sum(len(each.tail or "") for each in paragraph)
        weights[holder] = weights.get(holder, 0) + own
    holder = max(weights, key=lambda each: weights[each], default=None)
    return read_elements([holder if holder is not None and weights[holder] else tree])


def _is_article(element: Any) -> bool:
    return bool(element.tag == "article")


def _is_main(element: Any) -> bool:
    return element.tag == "main" or attr(element, "role") == "main"


def _title(document: Document) -> str:
    """Return the longest heading that is part of the page's own title; a site's logo is often an `<h1>` too."""
    named = document.head_title
    headings = [one_line(heading) for heading in islice(document.tree.iter("h1"), _MAX_HEADINGS)]
    key = normalize.word_key(named)
    named_headings = [
        heading for heading in headings if normalize.word_key(heading) and normalize.word_key(heading) in key
    ]
    return max(named_headings, key=len, default="") or named or next(filter(None, headings), "")
