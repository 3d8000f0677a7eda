"""Decoder of response bodies (plain or gzip) with size limits: a document is complete or a failure.

The decoder of httpx is not used: it unpacks without a limit, ignores a missing end, drops all gzip
members but the first, and passes unknown encodings through.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from scraper.fetch.classify import MediaShape, shape_of
from scraper.fetch.request import RequestFailed
from scraper.model import Outcome

_GZIP = frozenset({"gzip", "x-gzip"})
_IDENTITY = frozenset({"", "identity"})
_GZIP_MAGIC = b"\x1f\x8b"
_DOCUMENTS = frozenset({MediaShape.HTML, MediaShape.XML, MediaShape.JSON, MediaShape.EMPTY})
# Enough to recognise a document.
_HEAD_BYTES = 1_024
_MAX_LAYERS = 2
_WBITS_GZIP = 31
# Writers that split their output into members make them of 64 KB; thousands of tiny ones only waste time.
_MAX_MEMBERS = 1000


# A server may send each byte as a chunk of its own, which costs 15 µs and five more bytes. Real chunks have kilobytes.
_FREE_PIECES = 10_000
_MIN_PIECE_BYTES = 64


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """Maximum size of a body in bytes, before and after its content encoding is undone."""

    wire_bytes: int
    decoded_bytes: int


class BodyDecoder:
    """Body that is decoded chunk by chunk. `data` holds the decoded bytes, also after a `RequestFailed`.

    The bytes decide, not the label: a document under a wrong label is read, and `problem` names the label.
    """

    def __init__(self, encoding: str, limits: BodyLimits) -> None:
        self.data = bytearray()
        self.problem = ""
        self._label = encoding.strip().lower()
        self._head = None if self._label in _IDENTITY else bytearray()
        self._gzip = False
        self._has_ended = False
        self._wire_bytes = 0
        self._pieces = 0
        self._limits = limits
        self._member: zlib._Decompress | None = None
        self._member_bytes = 0
        self._members = 0

    def feed(self, chunk: bytes) -> None:
        """Decode the next chunk. Raise `RequestFailed` (too_large or bad_encoding)."""
        room = self._limits.wire_bytes - self._wire_bytes
        self._wire_bytes += len(chunk)
        self._pieces += 1
        if self._pieces > _FREE_PIECES + self._wire_bytes // _MIN_PIECE_BYTES:
            raise RequestFailed(Outcome.TOO_LARGE, f"{self._pieces} pieces for {self._wire_bytes} bytes")
        if self._head is None:
            self._decode(chunk[:room])
        else:
            self._head += chunk[:room]
            if len(self._head) >= _HEAD_BYTES:
                self._begin(self._head)
        if len(chunk) > room:
            raise RequestFailed(Outcome.TOO_LARGE, f"more than {self._limits.wire_bytes} bytes on the wire")

    def finish(self) -> None:
        """End the body. Raise `RequestFailed` (truncated or bad_encoding) if the document is incomplete."""
        if self._head is not None:
            self._begin(self._head)
        if self._member is not None:
            raise RequestFailed(Outcome.TRUNCATED, f"the gzip stream ends early, after {self._wire_bytes} bytes")
        # Without a label, it is a document of its own kind, such as a packed sitemap.
        if self._label and (inner := unpacked(bytes(self.data), self._limits.decoded_bytes)) is not None:
            self.problem = self.problem or f"compressed once more than its content-encoding {self._label!r} says"
            self.data = bytearray(inner)

    def _begin(self, head: bytearray) -> None:
        """Choose the decoder by the first bytes. Raise `RequestFailed` (bad_encoding) if they are no document."""
        self._head = None
        is_packed = head.startswith(_GZIP_MAGIC)
        if self._label in _GZIP:
            self._gzip = is_packed or _GZIP_MAGIC.startswith(head)
        else:
            self._gzip = is_packed
        if not self._gzip:
            if shape_of(bytes(head), None)[0] not in _DOCUMENTS:
                said = "declared as gzip, but it is not" if self._label in _GZIP else "was not offered"
                raise RequestFailed(Outcome.BAD_ENCODING, f"content-encoding {self._label!r}: {said}")
            self.problem = f"not compressed, although its content-encoding is {self._label!r}"
        elif self._label not in _GZIP:
            self.problem = f"compressed with gzip, although its content-encoding is {self._label!r}"
        self._decode(bytes(head))

    def _decode(self, data: bytes) -> None:
        if self._gzip:
            self._inflate(data)
        else:
            self._append(data)

    def _append(self, piece: bytes) -> None:
        room = self._limits.decoded_bytes - len(self.data)
        self.data += piece[:room]
        if len(piece) > room:
            raise RequestFailed(Outcome.TOO_LARGE, f"more than {self._limits.decoded_bytes} bytes decoded")

    def _inflate(self, data: bytes) -> None:
        while data and not self._has_ended:
            if self._member is None:
                if self._members:
                    data = data.lstrip(b"\0")  # padding between members
                    if not data:
                        return
                if self._members == _MAX_MEMBERS:
                    raise RequestFailed(Outcome.BAD_ENCODING, f"more than {_MAX_MEMBERS} gzip members")
                self._member = zlib.decompressobj(_WBITS_GZIP)
                self._members += 1
                self._member_bytes = 0
            try:
                # One byte more than there is room for distinguishes "exactly full" from "too much".
                piece = self._member.decompress(data, self._limits.decoded_bytes - len(self.data) + 1)
            except zlib.error as error:
                if self._members == 1 or self._member_bytes:
                    raise RequestFailed(Outcome.BAD_ENCODING, f"declared as gzip, but: {error}") from error
                # As browsers do: what follows a whole stream and is none itself is ignored.
                self.problem = self.problem or "bytes after the end of the gzip stream are ignored"
                self._member, self._has_ended = None, True
                return
            self._append(piece)
            self._member_bytes += len(piece)
            data = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
            if self._member.eof:
                self._member = None


def unpacked(body: bytes, max_bytes: int) -> bytes | None:
    """Return the document in a body that is still packed with gzip, up to twice; None if it has no whole one."""
    opened = body
    for _ in range(_MAX_LAYERS):
        if not opened.startswith(_GZIP_MAGIC):
            break
        member = zlib.decompressobj(_WBITS_GZIP)
        try:
            opened = member.decompress(opened, max_bytes + 1)
        except zlib.error:
            return None
        if not member.eof or len(opened) > max_bytes:
            return None
    is_document = opened is not body and shape_of(opened, None)[0] in _DOCUMENTS
    return opened if is_document else None
