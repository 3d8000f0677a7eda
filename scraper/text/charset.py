"""Decoder of bytes by the labels of the WHATWG Encoding standard: never raises, runs no codec outside it (pure)."""

from __future__ import annotations

import re
from typing import Any

import webencodings

_IN_HEADER = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE | re.ASCII)
_IN_MARKUP = re.compile(r"(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE | re.ASCII)
_MARKUP_PREFIX_BYTES = 1024
_GB18030 = webencodings.lookup("gb18030")
_UTF_16 = {"utf-16le", "utf-16be"}
# The standard decodes nothing under the first (HZ, ISO-2022-KR), and private characters under the second.
_NO_TEXT = {"replacement", "x-user-defined"}


def decode(body: bytes, content_type: str | None = None) -> str:
    """Decode by byte order mark, then the header, then the markup's first 1,024 bytes, then UTF-8.

    A label outside the standard is ignored, as is a wrong one: UTF-16 for bytes without a NUL, or in
    markup that reads as ASCII. Bytes that are valid UTF-8 and not just ASCII are decoded as UTF-8 whatever
    their label: text in a legacy encoding is that only by rare chance. What cannot be decoded is U+FFFD.
    """
    header = _IN_HEADER.search(content_type or "")
    markup = _IN_MARKUP.search(body[:_MARKUP_PREFIX_BYTES].decode("latin-1"))
    encoding = _encoding(header, utf_16=b"\0" in body) or _encoding(markup, utf_16=False) or webencodings.UTF8
    if encoding.name not in _UTF_16 and not body.isascii() and _is_utf8(body):
        encoding = webencodings.UTF8
    return str(webencodings.decode(body, encoding)[0])  # a byte order mark outweighs `encoding`


def _encoding(label: re.Match[str] | None, *, utf_16: bool) -> Any:
    # The standard knows latin1 and not latin-1, which browsers read alike by their default.
    encoding = webencodings.lookup(label[1].lower().replace("latin-", "latin")) if label else None
    if encoding is None or encoding.name in _NO_TEXT or (encoding.name in _UTF_16 and not utf_16):
        return None
    return _GB18030 if encoding.name == "gbk" else encoding  # the standard's decoder of both is one


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
