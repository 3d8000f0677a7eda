"""Parsers of article pages of www.state.gov and of archives with its theme: statements, reports, translations."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from scraper import urls
from scraper.errors import DriftError
from scraper.model import Item, Precision, Reading
from scraper.parsers import dates, jsonld, page_furniture, vocabulary
from scraper.parsers.build_item import derived_guid, language_in, page_reading
from scraper.parsers.document import attr, one_line, open_graph
from scraper.parsers.html_text import Markup, has_class, outermost, read_tags
from scraper.rules import attribution
from scraper.rules.page_urls import names_page
from scraper.text import normalize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bs4 import BeautifulSoup

    from scraper.parsers.document import Document

ARTICLE, REPORT, TRANSLATION = "state-article", "state-report", "state-translation"
_REST_ID = re.compile(r"state\.gov/wp-json/wp/v2/([a-z_-]{2,40})/(\d{1,12})/?\Z")
_SHORTLINK = re.compile(r"[?&]p=(\d{1,12})\Z")
_POST_TYPE = re.compile(r"(?:\A|\s)type-([a-z_]{2,40})(?:\s|\Z)")
# The header lines in the text of a translation: department, office, document type and date.
_MAX_LINES = 8
_MAX_CHARS = 60
_DEPARTMENT = re.compile(
    r"(?:(?:u\.?s\.? |united states )?department of state"
    r"|departamento de estado\b.{0,40}|d[ée]partement d['’][ée]tat\b.{0,40}"
    r"|государственный департамент.{0,30}|госдепартамент.{0,20}|державний департамент.{0,30}"
    r"|وزارة الخارجية.{0,30}|美国国务院|米国国務省|미국 국무부)",
    re.IGNORECASE,
)
_OFFICE = re.compile(
    r"(?:office of the spokesperson|oficina del? (?:la )?portavoz|gabinete d[oa] porta-voz"
    r"|(?:bureau|service) d[ue](?: la)? porte-parole|офис (?:официального )?представителя.{0,40}"
    r"|مكتب المتحدث.{0,20}|发言人办公室|報道官室|대변인실)",
    re.IGNORECASE,
)
# "DECLARACIÓN", "HOJA INFORMATIVA": the type is in capitals.
_MAX_KIND_CHARS = 50
# A day in a language whose months `dates` does not know: numbers and a few words, never a sentence's full stop.
_WORD, _NUMBER = r"(?:[^\d\s]{1,15}\s+)", r"\d{1,2}[^\d\s]{0,4}\s+"
_DATE_LIKE = re.compile(
    rf"{_WORD}{{0,3}}{_NUMBER}{_WORD}{{0,3}}(?:{_NUMBER}{_WORD}{{0,2}})?\d{{4}}(?:\s?(?:года|року|[гр]\.?|م))?"
    r"|\d{4}\s?[年년]\s?\d{1,2}\s?[月월]\s?\d{1,2}\s?[日일号](?:\s?[(（]?\w{1,3}[)）]?)?"
    r"|\d{1,2}([./-])\d{1,2}\1\d{4}|\d{4}-\d\d-\d\d"
)


class Header(NamedTuple):
    """Number of leading paragraphs that are the header, and the fields in them."""

    paragraphs: int = 0
    type: str | None = None
    date: str | None = None
    byline: str | None = None


def is_report(document: Document) -> bool:
    """Return True for a page of State with sections of a report."""
    return urls.is_state(document.host) and document.by_class("report__content__inner") is not None


def is_article(document: Document) -> bool:
    """Return True for a page of State with the headline or the text of an article."""
    classes = ("entry-content", "featured-content__headline")
    return urls.is_state(document.host) and any(map(document.by_class, classes))


def is_translation(document: Document) -> bool:
    """Return True for the article page of a translation."""
    return "/translations/" in document.url and is_article(document)


def read_report(document: Document) -> Reading:
    """Read a report; its text is all of its sections together."""
    markup = _read_class(document, "report__content__inner")
    return _build_reading(REPORT, document, markup, Header(type="Report"))


def read_translation(document: Document) -> Reading:
    """Read a translation; its first lines hold what other pages have in fields of their own."""
    markup = _read_class(document, "entry-content")
    found = header(markup.paragraphs, _title(document.soup))
    markup = markup._replace(paragraphs=markup.paragraphs[found.paragraphs :])
    return _build_reading(TRANSLATION, document, markup, found)


def read_article(document: Document) -> Reading:
    """Read a statement of any type."""
    return _build_reading(ARTICLE, document, _read_class(document, "entry-content"), Header())


def _read_class(document: Document, name: str) -> Markup:
    return read_tags(outermost(document.soup, lambda tag: has_class(tag, name)), in_body=True)


def _build_reading(name: str, document: Document, markup: Markup, found: Header) -> Reading:
    soup = document.soup
    meta = page_furniture.read_meta(soup)
    structured = jsonld.read(soup, dates.EASTERN)
    guid = _guid(soup, document)
    title = _title(soup)
    given = Item(
        url=_canonical_url(document, title),
        title=title,
        guid=guid,
        guid_derived=guid is not None,
        byline=meta.byline or found.byline,
        type=vocabulary.document_type(meta.type) or meta.type or found.type,
        modified_at=structured.modified.at if structured.modified else None,
        language=language_in(document.url) or attr(soup.html, "lang"),
    )
    dated = _publication_date(dates.parse_day(meta.date or found.date or ""), structured.published)
    reading = page_reading(name, document, given, dated, markup._replace(meta=meta), "an article")
    if not reading.items[0].paragraphs:
        raise DriftError(document.url, "an article without text")
    return reading


def _title(soup: BeautifulSoup) -> str:
    headings = soup.find_all("h1")
    headline = next((h1 for h1 in headings if has_class(h1, "featured-content__headline")), None) or next(
        (h1 for h1 in headings if h1.find_parent(["main", "article"])), None
    )
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


def _canonical_url(document: Document, title: str) -> str:
    """Return the canonical URL if it is that of this page: a page in another archive names that archive's URL."""
    href = document.canonical_href
    named = urls.absolute(document.base, href) if href else None
    return urls.canonical(named if named and names_page(document.url, named, title) else document.url)


def _guid(soup: BeautifulSoup, document: Document) -> str | None:
    for link in document.links("alternate"):
        is_json = attr(link, "type") == "application/json"
        if is_json and (match := _REST_ID.search(attr(link, "href") or "")):
            return derived_guid(match.group(1), match.group(2), document.host)
    if match := _SHORTLINK.search(next((attr(link, "href") or "" for link in document.links("shortlink")), "")):
        kind = _POST_TYPE.search(attr(soup.find("article", class_=True), "class") or "")
        return derived_guid(kind.group(1) if kind else None, match.group(1), document.host)
    return None


def header(body: Sequence[str], title: str) -> Header:
    """Read the leading block that names department or office; empty if the text does not begin with such a line."""
    kind = day = byline = None
    named = count = 0
    key = normalize.word_key(title)
    for paragraph in body[:_MAX_LINES]:
        # The block may be one paragraph with line breaks: all of its lines must belong to the header.
        for line in paragraph.split("\n"):
            if _DEPARTMENT.fullmatch(line):
                named += 1
            elif _OFFICE.fullmatch(line):
                named, byline = named + 1, byline or line
            elif named and day is None and _is_date(line):
                day = line
            elif named and kind is None and _is_kind(line):
                kind = line
            elif not (named and normalize.word_key(line) == key):
                return Header(count, kind, day, byline) if count else Header()
        count += 1
    return Header(count, kind, day, byline)


def _is_date(line: str) -> bool:
    return dates.parse_day(line) is not None or (len(line) <= _MAX_CHARS and _DATE_LIKE.fullmatch(line) is not None)


def _is_kind(line: str) -> bool:
    return len(line) <= _MAX_KIND_CHARS and (
        vocabulary.document_type(line) is not None or (line.isupper() and not any(c.isdigit() for c in line))
    )
