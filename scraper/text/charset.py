"""Decoder of bytes by an allow-list of character sets: never raises, never runs a codec that a server picked (pure)."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

# Labels as the WHATWG Encoding standard reads them: pages labelled latin-1 or ascii are really cp1252.
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
_BYTEWISE = {"utf-8", "cp1252"}
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_IN_HEADER = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_IN_MARKUP = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_MARKUP_PREFIX_BYTES = 1024


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the codec that decoded it, and the number of characters that it could not decode (each is U+FFFD)."""

    text: str
    charset: str
    replaced: int


def decode(body: bytes, content_type: str | None = None) -> Decoded:
    """Decode by byte order mark, then the header, then the markup's first 1,024 bytes, then UTF-8.

    A label outside the allow-list is ignored, as is a wrong one: UTF-16 for bytes without a NUL, or in
    markup that reads as ASCII. Bytes that are valid UTF-8 are decoded as UTF-8 even if their label names
    a single-byte character set.
    """
    for bom, bom_codec in _BOMS:
        if body.startswith(bom):
            return _decode_with(body[len(bom) :], bom_codec)
    codec = _codec_from_header(content_type or "", body) or _codec_from_markup(body) or "utf-8"
    return _decode_with(body, "utf-8" if codec == "cp1252" and _is_utf8(body) else codec)


def _codec_from_header(content_type: str, body: bytes) -> str | None:
    match = _IN_HEADER.search(content_type)
    codec = _CODECS.get(match.group(1).lower()) if match else None
    return codec if codec in _BYTEWISE or b"\0" in body else None


def _codec_from_markup(body: bytes) -> str | None:
    match = _IN_MARKUP.search(body[:_MARKUP_PREFIX_BYTES])
    codec = _CODECS.get(match.group(1).decode("ascii").lower()) if match else None
    return codec if codec in _BYTEWISE else None


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _decode_with(body: bytes, codec: str) -> Decoded:
    text = body.decode(codec, "replace")
    return Decoded(text, codec, text.count("�"))
