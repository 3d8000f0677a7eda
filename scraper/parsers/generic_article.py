"""Parser of articles of sites without their own parser: main text, title, date (htmldate), attribution, links."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC
from itertools import islice
from typing import TYPE_CHECKING, Any

from lxml import etree  # type: ignore[import-untyped]
from lxml import html as lxml_html

from scraper import urls
from scraper.errors import DriftError
from scraper.model import Item, Reading
from scraper.parsers import archive_header, article_date, article_lines, jsonld, main_text, page_title
from scraper.parsers.build_item import page_reading
from scraper.parsers.document import UNKNOWN_URL
from scraper.parsers.elements import attr, for_libxml2, label
from scraper.parsers.html_text import Markup, read_elements, read_page
from scraper.rules import attribution, walls
from scraper.rules.page_urls import names_page
from scraper.text import normalize

if TYPE_CHECKING:
    from scraper.parsers.dates import DatedTime
    from scraper.parsers.document import Document

NAME = "mirror-page"
# Extracting the main text costs 50 µs a tag, twice that if the first pass finds none. The largest of 600 real news
# pages has 19,629 tags, and the longest of State's briefings some 110,000 characters.
MAX_MAIN_TAGS = 25_000
MAX_MAIN_CHARS = 400_000
_MAX_LINKS = 1_000


@dataclass(frozen=True, slots=True)
class PageReading(Reading):
    """Reading of a page of another site, with its content as the matching of copies needs it.

    `text` is all visible text of the page, one paragraph a line: copies are searched in it, not in the main text, which
    is that of the only item. `attribution` is the author that the page names; its spans are offsets into `text`.
    `canonical_url` is the one that the page names for itself, None if it names none or that of something else.
    `listed_date` is the date that a list of the page's site gives for it, None if that is not known.
    """

    text: str = ""
    attribution: attribution.Attribution = field(default_factory=attribution.Attribution)
    canonical_url: str | None = None
    listed_date: DatedTime | None = None


def read(document: Document) -> PageReading:
    """Read one item, without title, links to neighbouring posts, share bars and a second copy of the body.

    Of a source of State's, lines of a header above the text are its type, byline, bureau and place.

    Raises `DriftError` for a page without title or text, or one that stands in place of an article,
    `HostileMarkupError` for a page past the limits.
    """
    title = page_title.find(document)
    problems: list[str] = []
    page, shown = read_page(document.tree)
    markup, is_below_title = page, False
    if document.text.count("<") > MAX_MAIN_TAGS or sum(map(len, markup.paragraphs)) > MAX_MAIN_CHARS:
        problems.append(f"{document.url}: too large to find its main text, so all text of the page is used")
    else:
        markup, is_below_title = main_text.find(_tree(document), title, shown)
    header = archive_header.NOTHING
    if document.is_state:  # in a theme of its own
        header, lines = archive_header.read(markup.paragraphs, title)
        markup = markup._replace(paragraphs=lines or markup.paragraphs)
    body, kind = article_lines.clean(markup.paragraphs, title, is_below_title=is_below_title)
    if wall := walls.wall_of(title, body):
        raise DriftError(document.url, f"{wall} in place of the article")
    structured = jsonld.read(document, UTC)
    given = Item(
        url=urls.canonical(document.url),
        title=title,
        type=header.type or kind,
        byline=header.byline or header.office,
        bureau=header.office,
        place=header.place,
        modified_at=structured.modified.at if structured.modified else None,
        language=attr(document.tree, "lang"),
    )
    dated = publication_date(document, title, page.paragraphs) or header.dated
    reading = page_reading(NAME, document, given, dated, Markup(body, markup.hrefs, headings=markup.headings))
    reading = replace(reading, problems=(*problems, *reading.problems))
    return with_page(reading, document, normalize.join(page.paragraphs), title)


def with_page(reading: Reading, document: Document, text: str | None = None, title: str | None = None) -> PageReading:
    """Add the content of a page to what a parser read in it.

    `text` is its `page_text` and `title` its `page_title.find`, if these are known already.
    """
    text = page_text(document) if text is None else text
    given = {each.name: getattr(reading, each.name) for each in fields(reading)}
    named = _canonical(document)
    is_own = named is not None and any(names_page(document.url, named, item.title) for item in reading.items)
    canonical_url = urls.canonical(named) if named and is_own else None
    return PageReading(
        **given, text=text, attribution=attribution_of(document, text, title), canonical_url=canonical_url
    )


def page_text(document: Document) -> str:
    """Return all visible text of a page, one paragraph a line."""
    return normalize.join(read_elements([document.tree]).paragraphs)


def attribution_of(document: Document, text: str, title: str | None = None) -> attribution.Attribution:
    """Return the author that the page names; spans are offsets into `text`, its `page_text`."""
    title, named = page_title.find(document) if title is None else title, document.head_title
    canonical = _canonical(document)
    host = document.host
    if document.url == UNKNOWN_URL and canonical and not urls.is_state(urls.host(canonical)):
        host = urls.host(canonical)  # a file of unknown origin names its own site
    return attribution.find_attribution(
        text,
        links(document),
        canonical=canonical,
        # In the head the site's own name may follow that of the Department.
        title=title if attribution.bare_title(title) != title else named or title,
        byline=jsonld.author(document),
        host=host,
    )


def _canonical(document: Document) -> str | None:
    return urls.absolute(document.base, document.canonical_href or document.url)


def links(document: Document) -> tuple[attribution.PageLink, ...]:
    """Return the first 1,000 links of the page with their texts, in order."""
    linked = ((href, each) for each in document.tree.iter("a") if (href := attr(each, "href")) is not None)
    found = ((urls.absolute(document.base, href), each) for href, each in islice(linked, _MAX_LINKS))
    return tuple(attribution.PageLink(url, label(each)) for url, each in found if url)


def publication_date(document: Document, title: str, lines: Sequence[str]) -> DatedTime | None:
    """Return the date of the article, see `article_date.find`."""
    return article_date.find(document, _tree(document), title, lines)


def clear_caches() -> None:
    """Clear the caches that trafilatura keeps of pages, and collect trees that are no longer used."""
    if "trafilatura" not in sys.modules:
        gc.collect()
        return
    from trafilatura.meta import reset_caches

    reset_caches()  # also collects garbage


def _tree(document: Document) -> Any:
    """Parse the page into an lxml tree of its own: trafilatura and htmldate change the tree that they read."""
    html = for_libxml2(document.text).encode("utf-8", "replace")
    lxml_parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    # Of one class for all, as the lookup of lxml.html is a call for each element.
    lxml_parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=lxml_html.HtmlElement))
    try:
        # Without the `<p>`, lxml refuses a page that has only comments.
        return lxml_html.document_fromstring(html + b"<p></p>", parser=lxml_parser)
    except etree.ParserError as empty:
        raise DriftError(document.url, f"a page without content ({empty})") from empty
