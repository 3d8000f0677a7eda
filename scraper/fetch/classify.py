"""Outcome of a response: document, error, block or challenge; by status, headers and marks of bot filters (pure).

A status of 200 proves nothing. The edge servers of state.gov send block pages with 200, 403 or 407;
its archive answers every unknown path with 200. A block page that passes as a document would be
reported as a changed statement, and one that passes as a 404 as a withdrawn one. The media type is
that of a body's first bytes, not of its label.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scraper.fetch.error_pages import ErrorPage, error_page_of, has_article, prose_characters
from scraper.model import EndpointKind, Outcome
from scraper.text import charset
from scraper.text.normalize import clean

if TYPE_CHECKING:
    from collections.abc import Sequence


class MediaShape(StrEnum):
    """Kinds of content that are distinguished."""

    EMPTY = "nothing"
    HTML = "HTML"
    XML = "XML"
    JSON = "JSON"
    TEXT = "plain text"
    GZIP = "gzip"
    BINARY = "binary data"


@dataclass(frozen=True, slots=True)
class SniffedShape:
    """Shape of a body, and the examined part of its text ("" if it is no text)."""

    shape: MediaShape
    text: str = ""


# Enough for the block page of state.gov: 659,508 bytes, because everything is inlined.
PREFIX_BYTES = 1_048_576

_SNIFF_CHARACTERS = 4096
_GZIP_MAGIC = b"\x1f\x8b"
_BINARY_MAGIC = (b"%PDF-", b"PK\x03\x04", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"\xd0\xcf\x11\xe0", b"{\\rtf", b"RIFF")
_ROOT = re.compile(r"<([A-Za-z][\w:.-]{0,40})")
_XML_ROOTS = frozenset({"rss", "feed", "rdf:rdf", "urlset", "sitemapindex", "opml", "error"})
_MAX_PROLOGUE_PARTS = 20
_WANTED = {
    EndpointKind.PAGE: {MediaShape.HTML, MediaShape.TEXT},
    EndpointKind.LISTING: {MediaShape.HTML},
    EndpointKind.FEED: {MediaShape.XML, MediaShape.JSON},
    EndpointKind.SITEMAP: {MediaShape.XML, MediaShape.GZIP},
    EndpointKind.WORDPRESS: {MediaShape.JSON},
}
_DENIED = frozenset({401, 403, 407, 451})
_ABSENT = frozenset({404, 410})
# REST errors for a document that does not exist. rest_no_route, also a 404, is not among them: it means
# that the whole endpoint was renamed, which withdraws nothing.
_REST_ABSENT = frozenset({"rest_post_invalid_id", "rest_page_invalid_id", "rest_term_invalid"})
_MAX_REST_ERROR_BYTES = 16_384
_STATE_PHRASES = ("exception: forbidden", "currently experiencing technical difficulties")
_CHALLENGE_MARKS = ("gokuprops", "awswafcookiedomainlist", "_incapsula_resource", "px-captcha", "captcha-delivery.com")
_MAX_CHALLENGE_CHARACTERS = 16_384
_ARTICLE_CHARACTERS = 1000
_ROOTS = frozenset({"", "index.html", "index.htm", "index.php", "home", "default.aspx"})
_ERROR_PATHS = frozenset({"404", "404.html", "404.htm", "404.php", "404.aspx", "not-found", "page-not-found"})
_END_OF_HTML = b"</html"
_TAIL_BYTES = 4096


def classify(
    *, url: str, final_url: str, status: int, headers: Sequence[tuple[str, str]], body: bytes, kind: EndpointKind
) -> tuple[Outcome, str]:
    """Return the outcome of a complete response, and the evidence for it in words ("" for ok).

    `headers` have names in lower case; `body` is decoded from its content encoding.
    """
    if status == 304:
        return Outcome.NOT_MODIFIED, "unchanged since it was last fetched"
    named = dict(reversed(headers))  # of repeated headers, the first counts
    sniffed = shape_of(body, named.get("content-type"))
    page = sniffed.text if sniffed.shape in {MediaShape.HTML, MediaShape.TEXT} else ""
    found = error_page_of(page) if sniffed.shape is MediaShape.HTML else None
    if detail := _block(status, named, page, found):
        return Outcome.BLOCKED, detail
    if error := _rest_error(sniffed.shape, body):
        code, message = error
        if code in _REST_ABSENT:
            return Outcome.GONE, f"the site's interface says {code}: {message}"
        if status < 400 or status in _ABSENT:
            return Outcome.ERROR_PAGE, f"the site's interface says {code}: {message}"
    if status not in {200, 203}:
        return _by_status(status, named, error)
    if sniffed.shape is MediaShape.EMPTY:
        return Outcome.ERROR_PAGE, f"status {status} with nothing in it"
    if sniffed.shape is MediaShape.HTML and (replacement := _replacement(url, final_url, page, found)):
        return replacement
    if sniffed.shape not in _WANTED[kind]:
        return Outcome.UNEXPECTED_TYPE, f"{sniffed.shape} where {_wanted(kind)} was expected"
    return Outcome.OK, ""


def is_html_without_end(body: bytes) -> bool:
    """Return True for HTML without `</html>` at its end: it is cut if its length was not announced."""
    return (
        shape_of(body[:_TAIL_BYTES], None).shape is MediaShape.HTML and _END_OF_HTML not in body[-_TAIL_BYTES:].lower()
    )


def _block(status: int, headers: dict[str, str], page: str, found: tuple[ErrorPage, str] | None) -> str:
    """Describe the evidence that a response refuses this client; return "" if there is none."""
    low = page.lower()
    if found and found[0] is ErrorPage.STATE_BLOCK:
        return f"the block page of state.gov, titled {found[1]!r} (status {status})"
    if any(phrase in low for phrase in _STATE_PHRASES) and not _is_article(page):
        return f"the block page of state.gov, by its words (status {status})"
    vendor = _vendor(headers, low)
    if "cf-mitigated" in headers or "x-amzn-waf-action" in headers:
        return f"a challenge of {vendor} (status {status})"
    if status in _DENIED:
        by = f"by {vendor}" if vendor else "no vendor recognised"
        return f"status {status}, {by}{f', titled {found[1]!r}' if found else ''}"
    if status == 429:
        return ""  # a limit on the rate of requests, not on the client
    article = has_article(page)
    if found and found[0] is ErrorPage.BLOCK and not article:
        return f"a page titled {found[1]!r} (status {status}{f', {vendor}' if vendor else ''})"
    if status not in {200, 202, 405}:
        return ""
    if len(page) <= _MAX_CHALLENGE_CHARACTERS and not article and any(mark in low for mark in _CHALLENGE_MARKS):
        return f"a challenge of {vendor or 'a bot filter'} (status {status})"
    if "error from cloudfront" in headers.get("x-cache", "").lower() and page and not article:
        return f"an error page served by CloudFront as {status}"
    return ""


def _is_article(page: str) -> bool:
    return has_article(page) or prose_characters(page) >= _ARTICLE_CHARACTERS


def _vendor(headers: dict[str, str], low: str) -> str:
    """Return the vendor of the filter that responded, or "". `low` is the page in lower case."""
    server = headers.get("server", "").lower()
    edge = f"{headers.get('x-cache', '')} {headers.get('via', '')} {server}".lower()
    evidence = (
        ("Cloudflare", "cf-mitigated" in headers or server == "cloudflare"),
        ("AWS WAF", "x-amzn-waf-action" in headers or server.startswith("awselb") or "awswaf" in low),
        ("Akamai", "akamai" in server or ("reference #" in low and "edgesuite.net" in low)),
        ("CloudFront", "cloudfront" in edge or "generated by cloudfront" in low),
        ("Imperva", "incapsula" in low),
        ("Sucuri", "sucuri" in f"{server} {low}"),
        ("PerimeterX", "px-captcha" in low),
        ("DataDome", "captcha-delivery.com" in low or server == "datadome"),
    )
    return next((name for name, is_seen in evidence if is_seen), "")


def _rest_error(shape: MediaShape, body: bytes) -> tuple[str, str] | None:
    """Return code and message of an error of the WordPress REST API: `{code, message, data}`."""
    if shape is not MediaShape.JSON or len(body) > _MAX_REST_ERROR_BYTES:
        return None
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return None
    match content:
        case {"code": str(code), "message": str(message), "data": _}:
            return clean(code)[:100], clean(message)[:200]
    return None


def _by_status(status: int, headers: dict[str, str], error: tuple[str, str] | None) -> tuple[Outcome, str]:
    detail = f"status {status}{f', {error[0]}: {error[1]}' if error else ''}"
    if status in _ABSENT:
        return Outcome.GONE, detail
    retry_after = headers.get("retry-after")
    if status == 429 or (status == 503 and retry_after):
        return Outcome.BUSY, f"{detail}{f', come back after {_wait(retry_after)}' if retry_after else ''}"
    if 300 <= status < 400:
        return Outcome.REDIRECT, f"{detail}{', to ' + headers['location'] if 'location' in headers else ', to nowhere'}"
    return Outcome.ERROR_PAGE, detail


def _wait(retry_after: str) -> str:
    """Format the value of a Retry-After header: seconds, to which the unit is added, or a date as it was sent."""
    words = clean(retry_after)[:60]
    return f"{words} s" if words.isascii() and words.isdigit() else words


def _replacement(
    url: str, final_url: str, page: str, found: tuple[ErrorPage, str] | None
) -> tuple[Outcome, str] | None:
    """Classify a page with status 200 that is not the requested one. Return None if it may be the requested one."""
    if found and found[0] is ErrorPage.NOT_FOUND:
        return Outcome.SOFT_404, f"a page titled {found[1]!r} with status 200"
    if found and found[0] is ErrorPage.DOWN and not has_article(page):
        return Outcome.ERROR_PAGE, f"a page titled {found[1]!r} with status 200"
    if url == final_url:
        return None
    requested, received = urlsplit(url), urlsplit(final_url)
    if "aspxerrorpath=" in received.query.lower():
        return Outcome.ERROR_PAGE, f"led to the error page {final_url}"
    last = received.path.rstrip("/").rpartition("/")[2].lower()
    if last in _ERROR_PATHS:
        return Outcome.SOFT_404, f"led to {final_url}"
    deep = requested.path.strip("/").lower() not in _ROOTS or "p=" in requested.query or "page_id=" in requested.query
    if deep and received.path.strip("/").lower() in _ROOTS and not received.query:
        return Outcome.SOFT_404, f"led to the front page {final_url}"
    return None


def _wanted(kind: EndpointKind) -> str:
    return " or ".join(sorted(shape.value for shape in _WANTED[kind]))


def shape_of(body: bytes, content_type: str | None) -> SniffedShape:
    """Examine the first megabyte. A body that begins like HTML is HTML, whatever its content type."""
    if not body.strip():
        return SniffedShape(MediaShape.EMPTY)
    if body.startswith(_GZIP_MAGIC):
        return SniffedShape(MediaShape.GZIP)
    if body.startswith(_BINARY_MAGIC):
        return SniffedShape(MediaShape.BINARY)
    text = charset.decode(body[:PREFIX_BYTES], content_type)
    if "\0" in text[:_SNIFF_CHARACTERS]:
        return SniffedShape(MediaShape.BINARY)
    return SniffedShape(_shape_of_text(text, (content_type or "").lower()), text)


def _shape_of_text(text: str, content_type: str) -> MediaShape:
    start = text[:_SNIFF_CHARACTERS].lstrip("\ufeff \t\r\n\f")
    if start.startswith(("{", "[")):
        return MediaShape.JSON
    if start.startswith("<"):
        root = _root(text)
        if root in _XML_ROOTS:
            return MediaShape.XML
        if start.startswith("<?xml") and root != "html":
            return MediaShape.XML
        # Warnings of a PHP site precede its feed and look like HTML.
        return (
            MediaShape.XML if "xml" in content_type and re.search(r"<(?:rss|feed|urlset)\b", start) else MediaShape.HTML
        )
    if "html" in content_type and "<" in start:
        return MediaShape.HTML
    return MediaShape.TEXT


def _root(text: str) -> str:
    """Return the name of the first element, "" if there is none after at most 19 declarations and comments."""
    at = 0
    for _ in range(_MAX_PROLOGUE_PARTS):
        at = text.find("<", at)
        if text.startswith("<!--", at):
            end = text.find("-->", at)
        elif text.startswith(("<?", "<!"), at):
            end = text.find(">", at)
        else:
            match = _ROOT.match(text, at) if at >= 0 else None
            return match.group(1).lower() if match else ""
        if end < 0:
            return ""
        at = end
    return ""
