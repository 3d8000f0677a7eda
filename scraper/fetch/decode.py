"""Bytes from the wire to the bytes of the document, within bounds, whole or not at all.

httpx unpacks without a limit, ignores a missing end, drops all gzip members but the first, and
passes unknown encodings through; so it is not asked to.
"""

from __future__ import annotations

import zlib

from scraper.fetch.failure import RequestFailed
from scraper.model import Outcome

_GZIP = frozenset({"gzip", "x-gzip"})
_WBITS_GZIP = 31
# Writers that cut their output into members make them of 64 KB; thousands of tiny ones only burn time.
_MAX_MEMBERS = 1000


class Body:
    """Takes a body piece by piece. `data` is what was decoded, also after a `Failure`."""

    def __init__(self, encoding: str, *, max_wire_bytes: int, max_decoded_bytes: int) -> None:
        name = encoding.strip().lower()
        if name not in _GZIP | {"", "identity"}:
            raise RequestFailed(Outcome.BAD_ENCODING, f"content-encoding {name!r} was not offered")
        self.data = bytearray()
        self._gzip = name in _GZIP
        self._wire_bytes = 0
        self._max_wire_bytes = max_wire_bytes
        self._max_decoded_bytes = max_decoded_bytes
        self._member: zlib._Decompress | None = None
        self._members = 0

    def feed(self, chunk: bytes) -> None:
        """Take the next piece; raises `Failure` too_large or bad_encoding."""
        room = self._max_wire_bytes - self._wire_bytes
        self._wire_bytes += len(chunk)
        if self._gzip:
            self._inflate(chunk[:room])
        else:
            self._take(chunk[:room])
        if len(chunk) > room:
            raise RequestFailed(Outcome.TOO_LARGE, f"more than {self._max_wire_bytes} bytes on the wire")

    def finish(self) -> None:
        """Say that the wire has ended; raises `Failure` truncated where the document has not."""
        if self._member is not None:
            raise RequestFailed(Outcome.TRUNCATED, f"the gzip stream breaks off after {self._wire_bytes} bytes")

    def _take(self, piece: bytes) -> None:
        room = self._max_decoded_bytes - len(self.data)
        self.data += piece[:room]
        if len(piece) > room:
            raise RequestFailed(Outcome.TOO_LARGE, f"more than {self._max_decoded_bytes} bytes decoded")

    def _inflate(self, data: bytes) -> None:
        while data:
            if self._member is None:
                if self._members:
                    data = data.lstrip(b"\0")  # padding after a member is none of it
                    if not data:
                        return
                if self._members == _MAX_MEMBERS:
                    raise RequestFailed(Outcome.BAD_ENCODING, f"more than {_MAX_MEMBERS} gzip members")
                self._member = zlib.decompressobj(_WBITS_GZIP)
                self._members += 1
            try:
                # One byte more than there is room for tells "exactly full" from "too much".
                piece = self._member.decompress(data, self._max_decoded_bytes - len(self.data) + 1)
            except zlib.error as error:
                raise RequestFailed(Outcome.BAD_ENCODING, f"labelled gzip, but: {error}") from error
            self._take(piece)
            data = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
            if self._member.eof:
                self._member = None
