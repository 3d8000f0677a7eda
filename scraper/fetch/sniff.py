"""Detection of a body's media type (HTML, XML, JSON, text, gzip, binary) by its first bytes, not its label (pure)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from scraper.text import charset

# Enough for the block page of state.gov: 659,508 bytes, because everything is inlined.
PREFIX_BYTES = 1_048_576

_SNIFF_CHARACTERS = 4096
_GZIP_MAGIC = b"\x1f\x8b"
_BINARY_MAGIC = (b"%PDF-", b"PK\x03\x04", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"\xd0\xcf\x11\xe0", b"{\\rtf", b"RIFF")
_ROOT = re.compile(r"<([A-Za-z][\w:.-]{0,40})")
_XML_ROOTS = frozenset({"rss", "feed", "rdf:rdf", "urlset", "sitemapindex", "opml", "error"})
_MAX_PROLOGUE_PARTS = 20


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
