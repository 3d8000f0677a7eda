"""Parsers of article pages of www.state.gov and of archives with its theme: statements, reports, translations."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from scraper import urls
from scraper.errors import DriftError
from scraper.model import EndpointKind, Precision, Reading
from scraper.parsers import dates, jsonld, page_furniture, translation_header, vocabulary
from scraper.parsers.build_item import ItemFields, build, derived_guid, language_in
from scraper.parsers.document import attr, one_line, open_graph
from scraper.parsers.html_text import Markup, has_class, outermost, read_tags
from scraper.parsers.registry import parser
from scraper.rules import attribution

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

    from scraper.parsers.document import Document

ARTICLE, REPORT, TRANSLATION = "state-article", "state-report", "state-translation"
_HOSTS = (f".{urls.STATE}",)
_REST_ID = re.compile(r"state\.gov/wp-json/wp/v2/([a-z_-]{2,40})/(\d{1,12})/?\Z")
_SHORTLINK = re.compile(r"[?&]p=(\d{1,12})\Z")
_POST_TYPE = re.compile(r"(?:\A|\s)type-([a-z_]{2,40})(?:\s|\Z)")


def _is_section(tag: Tag) -> bool:
    return has_class(tag, "report__content__inner")


def _is_content(tag: Tag) -> bool:
    return has_class(tag, "entry-content")


def _has_sections(document: Document) -> bool:
    return document.soup.select_one(".report__content__inner") is not None


def _has_article(document: Document) -> bool:
    return document.soup.select_one("h1.featured-content__headline, .entry-content") is not None


def _is_translation(document: Document) -> bool:
    return "/translations/" in document.url and _has_article(document)


@parser(REPORT, kind=EndpointKind.PAGE, hosts=_HOSTS, priority=40, claims=_has_sections)
def read_report(document: Document) -> Reading:
    """Read a report; its text is all of its sections together."""
    markup = read_tags(outermost(document.soup, _is_section))
    return _build_reading(REPORT, document, markup, kind="Report")


@parser(TRANSLATION, kind=EndpointKind.PAGE, hosts=_HOSTS, priority=30, claims=_is_translation)
def read_translation(document: Document) -> Reading:
    """Read a translation; its first lines hold what other pages have in fields of their own."""
    markup = read_tags(outermost(document.soup, _is_content))
    found = translation_header.header(markup.paragraphs, _title(document.soup))
    markup = markup._replace(paragraphs=markup.paragraphs[found.paragraphs :])
    return _build_reading(TRANSLATION, document, markup, found)


@parser(ARTICLE, kind=EndpointKind.PAGE, hosts=_HOSTS, priority=20, claims=_has_article)
def read_article(document: Document) -> Reading:
    """Read a statement of any type."""
    return _build_reading(ARTICLE, document, read_tags(outermost(document.soup, _is_content)))


def _build_reading(
    name: str,
    document: Document,
    markup: Markup,
    found: translation_header.Header = translation_header.Header(),  # noqa: B008 (immutable)
    kind: str | None = None,
) -> Reading:
    """Build the reading; raise `DriftError` if the page has no text or no title."""
    soup = document.soup
    title = _title(soup)
    if not title or not markup.paragraphs:
        raise DriftError(document.url, f"an article without {'text' if title else 'title'}")
    meta = page_furniture.read_meta(soup)
    structured = jsonld.read(soup, dates.EASTERN)
    url = _canonical_url(document)
    guid = _guid(soup, document)
    problems: list[str] = []
    item = build(
        ItemFields(
            url=url,
            title=title,
            guid=guid,
            guid_derived=guid is not None,
            byline=meta.byline or found.byline,
            type=vocabulary.document_type(meta.type) or meta.type or found.type or kind,
            dated=_publication_date(dates.parse_day(meta.date or found.date or ""), structured.published),
            modified_at=structured.modified.at if structured.modified else None,
            language=language_in(document.url) or attr(soup.html, "lang"),
        ),
        markup._replace(meta=meta),
        document.capture.captured_at,
        problems,
    )
    if not item.paragraphs:
        raise DriftError(document.url, "an article without text")
    return Reading(name, (item,), clock=item.modified_at, problems=tuple(problems))


def _title(soup: BeautifulSoup) -> str:
    headline = soup.select_one("h1.featured-content__headline") or soup.select_one("main h1, article h1")
    title = one_line(headline) or open_graph(soup, "title") or one_line(soup.title)
    return attribution.bare_title(" ".join(title.split()))


def _publication_date(shown: dates.DatedTime | None, structured: dates.DatedTime | None) -> dates.DatedTime | None:
    """Return the time in the structured data if it is of the day that the page shows, else that day.

    An editor set the day; if the two agree, the time equals a feed's pubDate to the second.
    """
    if shown is None or structured is None:
        return structured or shown
    if structured.precision is Precision.DAY:
        return shown
    day = structured.at.astimezone(dates.EASTERN).date()
    return structured if abs(day - shown.at.date()) <= timedelta(days=1) else shown


def _canonical_url(document: Document) -> str:
    """Return the canonical URL if it is State's own: a page in another archive names that archive's URL."""
    href = attr(document.soup.select_one("link[rel~=canonical]"), "href") or ""
    named = urls.absolute(document.url, href) if href else None
    return urls.canonical(named if named and urls.is_state(urls.host(named)) else document.url)


def _guid(soup: BeautifulSoup, document: Document) -> str | None:
    for link in soup.select("link[rel~=alternate][type='application/json']"):
        if match := _REST_ID.search(attr(link, "href") or ""):
            return derived_guid(match.group(1), match.group(2), document.host)
    if match := _SHORTLINK.search(attr(soup.select_one("link[rel~=shortlink]"), "href") or ""):
        kind = _POST_TYPE.search(attr(soup.select_one("article[class]"), "class") or "")
        return derived_guid(kind.group(1) if kind else None, match.group(1), document.host)
    return None
