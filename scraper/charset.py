"""Bytes to text by an allow-list of character sets: never raises, never runs a codec that a server picked (pure)."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

# Labels as the WHATWG Encoding standard reads them: latin-1 and ascii pages are cp1252 in truth.
_CODECS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "windows-1252": "cp1252",
    "cp1252": "cp1252",
    "utf-16": "utf-16-le",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
}
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_IN_HEADER = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_IN_MARKUP = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_MARKUP_PREFIX_BYTES = 1024


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the codec that gave it, and how many characters could not be read (each is U+FFFD)."""

    text: str
    charset: str
    replaced: int


def decode(body: bytes, content_type: str | None = None) -> Decoded:
    """Decode by byte order mark, then the header, then the markup's first 1,024 bytes, then UTF-8.

    A label outside the allow-list is ignored, as is UTF-16 for bytes without a NUL: such a label lies.
    Bytes that a label calls single-byte but that are valid multi-byte UTF-8 are read as UTF-8.
    """
    for bom, bom_codec in _BOMS:
        if body.startswith(bom):
            return _read(body[len(bom) :], bom_codec)
    codec = _named(_IN_HEADER.search(content_type or ""), body) or _named(
        _IN_MARKUP.search(body[:_MARKUP_PREFIX_BYTES]), body
    )
    if codec == "cp1252" or codec is None:
        try:
            return Decoded(body.decode("utf-8"), "utf-8", 0)
        except UnicodeDecodeError:
            return _read(body, codec or "utf-8")
    return _read(body, codec)


def _named(match: re.Match[str] | re.Match[bytes] | None, body: bytes) -> str | None:
    if match is None:
        return None
    label = match.group(1)
    name = label.decode("ascii", "replace") if isinstance(label, bytes) else label
    codec = _CODECS.get(name.lower())
    return None if codec and codec.startswith("utf-16") and b"\0" not in body else codec


def _read(body: bytes, codec: str) -> Decoded:
    text = body.decode(codec, "replace")
    return Decoded(text, codec, text.count("�"))
