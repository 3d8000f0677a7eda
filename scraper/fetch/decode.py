"""Decoder of response bodies (identity or gzip) with size limits: a document is complete or a failure.

The decoder of httpx is not used: it unpacks without a limit, ignores a missing end, drops all gzip
members but the first, and passes unknown encodings through.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from scraper.fetch.request import RequestFailed
from scraper.model import Outcome

_GZIP = frozenset({"gzip", "x-gzip"})
_WBITS_GZIP = 31
# Writers that split their output into members make them of 64 KB; thousands of tiny ones only waste time.
_MAX_MEMBERS = 1000


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """Maximum size of a body in bytes, before and after its content encoding is undone."""

    wire_bytes: int
    decoded_bytes: int


class BodyDecoder:
    """Body that is decoded chunk by chunk. `data` holds the decoded bytes, also after a `RequestFailed`.

    Raise `RequestFailed` (bad_encoding) on construction for an encoding other than gzip and identity.
    """

    def __init__(self, encoding: str, limits: BodyLimits) -> None:
        name = encoding.strip().lower()
        if name not in _GZIP | {"", "identity"}:
            raise RequestFailed(Outcome.BAD_ENCODING, f"content-encoding {name!r} was not offered")
        self.data = bytearray()
        self._gzip = name in _GZIP
        self._wire_bytes = 0
        self._limits = limits
        self._member: zlib._Decompress | None = None
        self._members = 0

    def feed(self, chunk: bytes) -> None:
        """Decode the next chunk. Raise `RequestFailed` (too_large or bad_encoding)."""
        room = self._limits.wire_bytes - self._wire_bytes
        self._wire_bytes += len(chunk)
        if self._gzip:
            self._inflate(chunk[:room])
        else:
            self._append(chunk[:room])
        if len(chunk) > room:
            raise RequestFailed(Outcome.TOO_LARGE, f"more than {self._limits.wire_bytes} bytes on the wire")

    def finish(self) -> None:
        """End the body. Raise `RequestFailed` (truncated) if the document is incomplete."""
        if self._member is not None:
            raise RequestFailed(Outcome.TRUNCATED, f"the gzip stream ends early, after {self._wire_bytes} bytes")

    def _append(self, piece: bytes) -> None:
        room = self._limits.decoded_bytes - len(self.data)
        self.data += piece[:room]
        if len(piece) > room:
            raise RequestFailed(Outcome.TOO_LARGE, f"more than {self._limits.decoded_bytes} bytes decoded")

    def _inflate(self, data: bytes) -> None:
        while data:
            if self._member is None:
                if self._members:
                    data = data.lstrip(b"\0")  # padding between members
                    if not data:
                        return
                if self._members == _MAX_MEMBERS:
                    raise RequestFailed(Outcome.BAD_ENCODING, f"more than {_MAX_MEMBERS} gzip members")
                self._member = zlib.decompressobj(_WBITS_GZIP)
                self._members += 1
            try:
                # One byte more than there is room for distinguishes "exactly full" from "too much".
                piece = self._member.decompress(data, self._limits.decoded_bytes - len(self.data) + 1)
            except zlib.error as error:
                raise RequestFailed(Outcome.BAD_ENCODING, f"declared as gzip, but: {error}") from error
            self._append(piece)
            data = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
            if self._member.eof:
                self._member = None
