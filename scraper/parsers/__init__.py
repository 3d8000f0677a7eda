"""Parsers of fetched bodies, one module per site family: `read` chooses the parser and returns its `Reading`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from scraper import urls
from scraper.errors import DriftError
from scraper.model import AUTHORITY, Capture, EndpointKind, Reading, Role
from scraper.parsers import (
    feed,
    generic_article,
    generic_listing,
    html_text,
    page_links,
    sitemap,
    state_archive,
    state_archive_listing,
    state_article,
    state_listing,
    state_other,
    wordpress,
)
from scraper.parsers.document import Document
from scraper.parsers.generic_article import PageReading
from scraper.rules import state_hosts, untrusted
from scraper.text.mojibake import REPLACEMENT
from scraper.text.normalize import count

__all__ = [
    "VERSION",
    "PageReading",
    "child_sitemaps",
    "clear_caches",
    "is_sitemap",
    "post_url",
    "read",
    "read_as",
]


VERSION = 6
"""Version of what the parsers read, and of the rules by which texts are compared.

Raise it when a parser reads the same bodies as other words than before, or when the same texts get other grades. A
stored wording of an earlier version is read again before it is compared, so that the difference is no news.
"""


class Parser(NamedTuple):
    """Function that reads one shape of response, and the documents of `kind` that it accepts."""

    name: str
    kind: EndpointKind
    read: Callable[[Document], Reading]
    fits: Callable[[Document], bool] = lambda document: True


def _is_state_listing(document: Document) -> bool:
    """Return True for a list of a host under state.gov, and for one of that shape elsewhere."""
    return not _is_elsewhere(document) or (document.is_state and state_listing.MARK in document.text)


def _read_named_pages(document: Document) -> Reading:
    """Read a list of standing pages: a sitemap, or a page that links to them."""
    is_map = _sniff(document) is EndpointKind.SITEMAP
    return sitemap.read(document) if is_map else page_links.read(document)


def _is_elsewhere(document: Document) -> bool:
    return not urls.is_state(document.host)


def _is_other(document: Document) -> bool:
    return not document.is_state


# The first parser that fits reads the document: that of one site or shape stands before those for all others.
PARSERS = (
    Parser(feed.NAME, EndpointKind.FEED, feed.read),
    Parser(sitemap.NAME, EndpointKind.SITEMAP, sitemap.read),
    Parser(page_links.NAME, EndpointKind.PAGES, _read_named_pages),
    Parser(wordpress.NAME, EndpointKind.WORDPRESS, wordpress.read),
    Parser(state_archive_listing.NAME, EndpointKind.LISTING, state_archive_listing.read, state_archive_listing.is_list),
    Parser(state_listing.NAME, EndpointKind.LISTING, state_listing.read, _is_state_listing),
    Parser(generic_listing.NAME, EndpointKind.LISTING, generic_listing.read, _is_elsewhere),
    Parser(state_article.REPORT, EndpointKind.PAGE, state_article.read_report, state_article.is_report),
    Parser(state_article.TRANSLATION, EndpointKind.PAGE, state_article.read_translation, state_article.is_translation),
    Parser(state_article.ARTICLE, EndpointKind.PAGE, state_article.read_article, state_article.is_article),
    Parser(state_archive.NAME, EndpointKind.PAGE, state_archive.read, state_archive.is_archived),
    Parser(generic_article.NAME, EndpointKind.PAGE, generic_article.read, _is_elsewhere),
    Parser(state_other.NAME, EndpointKind.PAGE, state_other.read),
)

child_sitemaps = sitemap.child_sitemaps
post_url = wordpress.post_url

# A single one may be the author's own; a text in another character set has one in each line.
_MANY_LOST = 5
_SNIFFED_CHARS = 4_096
_COMMENT = re.compile(r"<!--.{0,2000}?-->", re.DOTALL)
_ROOT = re.compile(r"<(?:[A-Za-z]\w{0,20}:)?([A-Za-z]\w{0,20})")
_ROOTS = {
    "rss": EndpointKind.FEED,
    "feed": EndpointKind.FEED,
    "RDF": EndpointKind.FEED,
    "urlset": EndpointKind.SITEMAP,
    "sitemapindex": EndpointKind.SITEMAP,
}


def read(capture: Capture, kind: EndpointKind | None = None, role: Role | None = None) -> Reading:
    """Parse a capture. Without `kind` the shape of its body decides, without `role` the host whether it is State's.

    A body that is neither XML nor JSON of a known shape is a page, or if it is State's a listing. A page of another
    site gives a `PageReading`, whichever parser reads it.
    Its values are clean (see `rules.untrusted`).
    Raises `HostileMarkupError` for an empty body or one past the limits, `DriftError` if a site no longer
    has the shape that its parser knows, `ParseError` for a body that cannot be read at all.
    """
    document = Document(capture, role)
    kind = kind or _sniff(document)
    reading = read_as(kind, document)
    if kind is EndpointKind.PAGE and _is_other(document) and not isinstance(reading, PageReading):
        reading = generic_article.with_page(reading, document)
    reading = _within_namespace(reading, document)
    if problems := _problems(document):
        reading = replace(reading, problems=(*problems, *reading.problems))
    reading = untrusted.clean_reading(reading)
    if isinstance(reading, PageReading):
        canonical_url = urls.admit(reading.canonical_url) if reading.canonical_url else None
        attribution = untrusted.clean_attribution(reading.attribution)
        reading = replace(reading, canonical_url=canonical_url, attribution=attribution)
    return reading


def _within_namespace(reading: Reading, document: Document) -> Reading:
    """Give the items of a host under state.gov that is not one of the named ones to that host, without those of others.

    Its numbers, titles and lists say nothing about documents of www.state.gov.
    """
    own = state_hosts.namespace(document.url)
    if own is None or own == AUTHORITY:
        return reading
    items = tuple(replace(item, authority=own) for item in reading.items if state_hosts.namespace(item.url) == own)
    others = len(reading.items) - len(items)
    problems = [f"{document.url}: {count(others, 'item')} of other hosts left out"] if others else []
    return replace(reading, items=items, problems=(*reading.problems, *problems))


def _problems(document: Document) -> list[str]:
    """Name a wrong content encoding, and a character set in which many characters could not be decoded."""
    found = [f"{document.url}: {document.capture.detail}"] if document.capture.detail else []
    lost = document.text.count(REPLACEMENT) if not document.capture.body.startswith(sitemap.GZIP_MAGIC) else 0
    if lost >= _MANY_LOST:
        named = document.capture.header("content-type") or "no content type"
        found.append(f"{document.url}: {lost} characters cannot be decoded ({named}), they are shown as {REPLACEMENT}")
    return found


def read_as(kind: EndpointKind, document: Document) -> Reading:
    """Read a document by the first of `PARSERS` that fits; raise `DriftError` if none does."""
    for parser in PARSERS:
        if parser.kind is kind and parser.fits(document):
            return parser.read(document)
    raise DriftError(document.url, f"no parser reads a {kind} response of {document.host or 'no host'}")


def is_sitemap(capture: Capture) -> bool:
    """Return True if a body is a sitemap, or an index of sitemaps."""
    return _sniff(Document(capture)) is EndpointKind.SITEMAP


def clear_caches() -> None:
    """Clear the caches that make the same body faster to read again, and collect the trees that they held."""
    html_text.clear_cache()
    feed.clear_cache()
    generic_article.clear_caches()


def _sniff(document: Document) -> EndpointKind:
    if document.capture.body.startswith(sitemap.GZIP_MAGIC):
        return EndpointKind.SITEMAP
    start = document.text[:_SNIFFED_CHARS].lstrip("\ufeff \t\r\n")
    if start.startswith("["):
        return EndpointKind.WORDPRESS
    if start.startswith("{"):
        return EndpointKind.FEED if "//jsonfeed.org/version/" in start else EndpointKind.WORDPRESS
    root = _ROOT.search(_COMMENT.sub("", start))
    if root and root.group(1) in _ROOTS:
        return _ROOTS[root.group(1)]
    if not document.is_state:
        return EndpointKind.PAGE
    is_listing = state_listing.MARK in document.text or state_archive_listing.is_list(document)
    return EndpointKind.LISTING if is_listing else EndpointKind.PAGE
