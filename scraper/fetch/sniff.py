"""What kind of document a body is, judged by its first bytes rather than by its label (pure)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from scraper.text import charset

# Enough for State's block page, which is one page of 659,508 bytes with everything inlined.
PREFIX_BYTES = 1_048_576

_SNIFF_CHARACTERS = 4096
_GZIP_MAGIC = b"\x1f\x8b"
_BINARY_MAGIC = (b"%PDF-", b"PK\x03\x04", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"\xd0\xcf\x11\xe0", b"{\\rtf", b"RIFF")
_ROOT = re.compile(r"<([A-Za-z][\w:.-]{0,40})")
_XML_ROOTS = frozenset({"rss", "feed", "rdf:rdf", "urlset", "sitemapindex", "opml", "error"})
_MAX_PROLOGUE_PARTS = 20


class MediaShape(StrEnum):
    """The kinds that are told apart."""

    EMPTY = "nothing"
    HTML = "HTML"
    XML = "XML"
    JSON = "JSON"
    TEXT = "plain text"
    GZIP = "gzip"
    BINARY = "binary data"


@dataclass(frozen=True, slots=True)
class SniffedShape:
    """The shape of a body, and as much of its text as was looked at ("" where it is no text)."""

    shape: MediaShape
    text: str = ""


def shape_of(body: bytes, content_type: str | None) -> SniffedShape:
    """Look at the first megabyte. A page that opens like HTML is HTML, whatever it is labelled."""
    if not body.strip():
        return SniffedShape(MediaShape.EMPTY)
    if body.startswith(_GZIP_MAGIC):
        return SniffedShape(MediaShape.GZIP)
    if body.startswith(_BINARY_MAGIC):
        return SniffedShape(MediaShape.BINARY)
    text = charset.decode(body[:PREFIX_BYTES], content_type).text
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
        # Warnings of a PHP site stand before its feed, and look like HTML.
        return (
            MediaShape.XML if "xml" in content_type and re.search(r"<(?:rss|feed|urlset)\b", start) else MediaShape.HTML
        )
    if "html" in content_type and "<" in start:
        return MediaShape.HTML
    return MediaShape.TEXT


def _root(text: str) -> str:
    """The name of the first element, past declarations, comments and a document type; "" where none is near."""
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
