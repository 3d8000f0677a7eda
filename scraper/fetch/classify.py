"""Outcome of a response: document, error, block or challenge; by status, headers and marks of bot filters (pure).

A status of 200 proves nothing. The edge servers of state.gov send block pages with 200, 403 or 407;
its archive answers every unknown path with 200. A block page that passes as a document would be
reported as a changed statement, and one that passes as a 404 as a withdrawn one. The media type is
that of a body's first bytes, not of its label.
"""

from __future__ import annotations

import json
import re
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scraper import urls
from scraper.fetch.error_pages import ErrorPage, error_page_of, has_article, prose_characters, refresh_target
from scraper.model import EndpointKind, Outcome
from scraper.text import charset
from scraper.text.normalize import clean

if TYPE_CHECKING:
    from scraper.fetch.request import RawResponse, Request


class MediaShape(StrEnum):
    """Kinds of content that are distinguished."""

    EMPTY = "nothing"
    HTML = "HTML"
    XML = "XML"
    JSON = "JSON"
    TEXT = "plain text"
    GZIP = "gzip"
    BINARY = "binary data"


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
    EndpointKind.SEARCH: {MediaShape.XML, MediaShape.JSON},
    EndpointKind.PAGES: {MediaShape.HTML, MediaShape.XML, MediaShape.GZIP},
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


def classify(request: Request, response: RawResponse) -> tuple[Outcome, str]:
    """Return the outcome of a complete response, and the evidence for it in words ("" for ok)."""
    status, body = response.status or 0, response.body
    if status == 304:
        return Outcome.NOT_MODIFIED, "not modified since the last fetch"
    named = dict(reversed(response.headers))  # of repeated headers, the first counts
    shape, text = shape_of(body, named.get("content-type"))
    page = text if shape in {MediaShape.HTML, MediaShape.TEXT} else ""
    found = error_page_of(page) if shape is MediaShape.HTML else None
    if detail := _block(status, named, page, found):
        return Outcome.BLOCKED, detail
    error = _rest_error(shape, body)
    if error and (failure := _by_rest_error(status, *error)):
        return failure
    if status not in {200, 203}:
        return _by_status(status, named, error)
    if shape is MediaShape.EMPTY:
        return Outcome.ERROR_PAGE, f"status {status} with an empty body"
    if target := next_url(response):
        return Outcome.REDIRECT, f"a page that only redirects to {target[:200]}"
    if shape is MediaShape.HTML and (replacement := _replacement(request.url, response.url, page, found)):
        return replacement
    wanted = _WANTED[request.kind]
    if shape not in wanted:
        return Outcome.UNEXPECTED_TYPE, f"{shape} instead of {' or '.join(sorted(wanted))}"
    return Outcome.OK, ""


def _by_rest_error(status: int, code: str, message: str) -> tuple[Outcome, str] | None:
    detail = f"the REST API says {code}: {message}"
    if code in _REST_ABSENT:
        return Outcome.GONE, detail
    return (Outcome.ERROR_PAGE, detail) if status < 400 or status in _ABSENT else None


def next_url(response: RawResponse) -> str | None:
    """Return the target of a redirect, be it a header or a page that only sends browsers on; None for a document.

    It is relative to the URL of the response. A page that reloads itself is a document.
    """
    if response.location is not None or response.status not in {200, 203}:
        return response.location
    shape, text = shape_of(response.body[:PREFIX_BYTES], response.header("content-type"))
    target = refresh_target(text) if shape is MediaShape.HTML else None
    return None if target is None or urls.is_same(urls.absolute(response.url, target) or "", response.url) else target


def is_html_without_end(body: bytes) -> bool:
    """Return True for HTML without `</html>` at its end: it is cut if its length was not announced."""
    return shape_of(body[:_TAIL_BYTES], None)[0] is MediaShape.HTML and _END_OF_HTML not in body[-_TAIL_BYTES:].lower()


def _block(status: int, headers: dict[str, str], page: str, found: tuple[ErrorPage, str] | None) -> str:
    """Describe the evidence that a response refuses this client; return "" if there is none."""
    low = page.lower()
    kind, title = found or (None, "")
    if kind is ErrorPage.STATE_BLOCK:
        return f"the block page of state.gov, titled {title!r} (status {status})"
    if any(phrase in low for phrase in _STATE_PHRASES) and not _is_article(page):
        return f"the block page of state.gov, by its words (status {status})"
    vendor = _vendor(headers, low)
    if not headers.keys().isdisjoint({"cf-mitigated", "x-amzn-waf-action"}):
        return f"a challenge of {vendor} (status {status})"
    if status in _DENIED:
        by = f"by {vendor}" if vendor else "no vendor recognised"
        return f"status {status}, {by}{f', titled {title!r}' if found else ''}"
    if status == 429 or has_article(page):
        return ""  # 429 is a limit on the rate of requests, not on the client
    if kind is ErrorPage.BLOCK:
        return f"a page titled {title!r} (status {status}{f', {vendor}' if vendor else ''})"
    return _challenge(status, headers, page, vendor) if status in {200, 202, 405} else ""


def _challenge(status: int, headers: dict[str, str], page: str, vendor: str) -> str:
    low = page.lower()
    if len(page) <= _MAX_CHALLENGE_CHARACTERS and any(mark in low for mark in _CHALLENGE_MARKS):
        return f"a challenge of {vendor or 'a bot filter'} (status {status})"
    is_edge_error = page and "error from cloudfront" in headers.get("x-cache", "").lower()
    return f"an error page served by CloudFront as {status}" if is_edge_error else ""


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
        return Outcome.BUSY, f"{detail}{f', retry after {_wait(retry_after)}' if retry_after else ''}"
    if 300 <= status < 400:
        return (
            Outcome.REDIRECT,
            f"{detail}{', to ' + headers['location'] if 'location' in headers else ', without a location'}",
        )
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


def shape_of(body: bytes, content_type: str | None) -> tuple[MediaShape, str]:
    """Return the shape of a body and the text of its first megabyte, "" if it is no text.

    A body that begins like HTML is HTML, whatever its content type.
    """
    if not body.strip():
        return MediaShape.EMPTY, ""
    if body.startswith(_GZIP_MAGIC):
        return MediaShape.GZIP, ""
    if body.startswith(_BINARY_MAGIC):
        return MediaShape.BINARY, ""
    text = charset.decode(body[:PREFIX_BYTES], content_type)
    if "\0" in text[:_SNIFF_CHARACTERS]:
        return MediaShape.BINARY, ""
    return _shape_of_text(text, (content_type or "").lower()), text


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
