"""Parsers of article pages of www.state.gov and of archives with its theme: statements, reports, translations."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any

from scraper import urls
from scraper.errors import DriftError
from scraper.model import Item, Precision, Reading
from scraper.parsers import dates, jsonld, page_furniture, vocabulary
from scraper.parsers.build_item import derived_guid, language_in, page_reading
from scraper.parsers.elements import attr, first, has_class, one_line, outermost
from scraper.parsers.html_text import Markup, read_elements
from scraper.parsers.page_furniture import PageFields
from scraper.rules import attribution, state_hosts
from scraper.rules.page_urls import names_page

if TYPE_CHECKING:
    from scraper.parsers.document import Document

ARTICLE, REPORT, TRANSLATION = "state-article", "state-report", "state-translation"
_REST_ID = re.compile(r"/wp-json/wp/v2/([a-z_-]{2,40})/(\d{1,12})/?\Z")
_SHORTLINK = re.compile(r"[?&]p=(\d{1,12})\Z")
_POST_TYPE = re.compile(r"(?:\A|\s)type-([a-z_]{2,40})(?:\s|\Z)")
_TRANSLATIONS_HOST = "translations.state.gov"


def is_report(document: Document) -> bool:
    """Return True for a page of State with sections of a report."""
    return document.is_state and document.by_class("report__content__inner") is not None


def is_article(document: Document) -> bool:
    """Return True for a page of State with the headline or the text of an article."""
    classes = ("entry-content", "featured-content__headline")
    return document.is_state and any(document.by_class(name) is not None for name in classes)


def is_translation(document: Document) -> bool:
    """Return True for the article page of a translation."""
    return (document.host == _TRANSLATIONS_HOST or "/translations/" in document.url) and is_article(document)


def read_report(document: Document) -> Reading:
    """Read a report; its text is all of its sections together."""
    markup = _read_class(document, "report__content__inner")
    found = _fields(markup)
    return _build_reading(REPORT, document, markup, found._replace(type=found.type or "Report"))


def read_translation(document: Document) -> Reading:
    """Read a translation; its first lines hold what other pages have in fields of their own."""
    # Imported for the first translation, so that other processes do not compile its patterns and load its data.
    from scraper.parsers import translation_header

    markup = _read_class(document, "entry-content")
    language = language_in(document.url) or (attr(document.tree, "lang") or "").partition("-")[0].lower()
    body, found = translation_header.read(markup.paragraphs, _title(document), markup.meta, language)
    return _build_reading(TRANSLATION, document, markup._replace(paragraphs=body), found)


def read_article(document: Document) -> Reading:
    """Read a statement of any type."""
    markup = _read_class(document, "entry-content")
    return _build_reading(ARTICLE, document, markup, _fields(markup))


def _read_class(document: Document, name: str) -> Markup:
    markup = read_elements(outermost(document.tree, lambda each: has_class(each, name)), in_body=True)
    return markup._replace(meta=page_furniture.read_meta(document.tree))


def _fields(markup: Markup) -> PageFields:
    meta = markup.meta
    kind = vocabulary.document_type(meta.type) or meta.type
    return PageFields(type=kind, byline=meta.byline, place=meta.place, dated=dates.parse_day(meta.date or ""))


def _build_reading(name: str, document: Document, markup: Markup, found: PageFields) -> Reading:
    structured = jsonld.read(document, dates.EASTERN)
    guid = _guid(document)
    title = _title(document)
    given = Item(
        url=_canonical_url(document, title),
        title=title,
        guid=guid,
        guid_derived=guid is not None,
        byline=found.byline,
        type=found.type,
        speaker=found.speaker,
        bureau=found.bureau,
        place=found.place,
        modified_at=structured.modified.at if structured.modified else None,
        language=language_in(document.url) or found.language or attr(document.tree, "lang"),
    )
    dated = _publication_date(found.dated, structured.published)
    reading = page_reading(name, document, given, dated, markup, "an article")
    if not reading.items[0].paragraphs:
        raise DriftError(document.url, "an article without text")
    return reading


def _title(document: Document) -> str:
    headline = _headline(document.tree)
    title = one_line(headline) or document.open_graph("title") or one_line(first(document.tree, "title"))
    return attribution.bare_title(" ".join(title.split()))


def _headline(tree: Any) -> Any:
    """Return the heading of the theme's name, else the first one in the main part of the page, else None."""
    headings = list(tree.iter("h1"))
    named = (each for each in headings if has_class(each, "featured-content__headline"))
    return next(chain(named, filter(_is_in_main, headings)), None)


def _is_in_main(element: Any) -> bool:
    return next(element.iterancestors("main", "article"), None) is not None


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


def _canonical_url(document: Document, title: str) -> str:
    """Return the canonical URL if it is that of this page: a page in another archive names that archive's URL."""
    href = document.canonical_href
    named = urls.absolute(document.base, href) if href else None
    return urls.canonical(named if named and names_page(document.url, named, title) else document.url)


def _guid(document: Document) -> str | None:
    for link in document.links("alternate"):
        is_json = attr(link, "type") == "application/json"
        if is_json and (match := _REST_ID.search(_own_url(document, link))):
            return derived_guid(match.group(1), match.group(2), document.url)
    if match := _SHORTLINK.search(next((_own_url(document, link) for link in document.links("shortlink")), "")):
        classes = (attr(each, "class") for each in document.tree.iter("article"))
        kind = _POST_TYPE.search(next(filter(None, classes), ""))
        return derived_guid(kind.group(1) if kind else None, match.group(1), document.url)
    return None


def _own_url(document: Document, link: Any) -> str:
    """Return the absolute URL of a link, empty if another system than the page's own numbers the documents there."""
    url = urls.absolute(document.base, attr(link, "href") or "") or ""
    return url if state_hosts.site_of(url) == state_hosts.site_of(document.url) else ""
