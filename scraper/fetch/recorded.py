"""An answer that somebody else recorded -> a capture, by the same decoding and classification as our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scraper.fetch.classify import classify
from scraper.fetch.decode import Body
from scraper.fetch.failure import RequestFailed
from scraper.fetch.sniff import MediaShape, shape_of
from scraper.model import Capture, EndpointKind, Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

_GZIP_MAGIC = b"\x1f\x8b"
_NAMED_AS_READ = frozenset({"", "identity", "gzip", "x-gzip"})
_PLAIN = frozenset({MediaShape.HTML, MediaShape.XML, MediaShape.JSON, MediaShape.EMPTY})
_KINDS = {MediaShape.XML: EndpointKind.FEED, MediaShape.JSON: EndpointKind.FEED, MediaShape.GZIP: EndpointKind.SITEMAP}


def recorded_capture(
    *,
    url: str,
    captured_at: datetime,
    status: int,
    headers: Sequence[tuple[str, str]],
    wire: bytes,
    is_cut: bool,
    kind: EndpointKind | None,
    max_bytes: int,
) -> Capture:
    """The capture of a recorded answer; `wire` is its body with content encoding, without transfer framing.

    Archives often keep the body unpacked and the header that says it is packed: the bytes decide.
    Under the name of an encoding that is not read here, only what opens as a document is taken for one.
    `kind` None takes whatever shape the document has.
    """
    pairs = tuple((name.lower(), value) for name, value in headers)
    encoding = next((value for name, value in pairs if name == "content-encoding"), "").strip().lower()
    try:
        named = encoding if wire.startswith(_GZIP_MAGIC) else ""
        body = Body(named, max_wire_bytes=max_bytes, max_decoded_bytes=max_bytes)
        body.feed(wire)
        if is_cut:
            raise RequestFailed(Outcome.TRUNCATED, f"the record ends after {len(wire)} bytes")
        body.finish()
        # Without the content type, by which packed bytes with a "<" among them would be HTML.
        if encoding not in _NAMED_AS_READ and shape_of(bytes(body.data), None).shape not in _PLAIN:
            raise RequestFailed(Outcome.BAD_ENCODING, f"content-encoding {encoding!r}, kept packed, is not read here")
    except RequestFailed as failure:
        return Capture(url, captured_at, failure.outcome, status, url, pairs, b"", failure.detail)
    data = bytes(body.data)
    outcome, detail = classify(
        url=url, final_url=url, status=status, headers=pairs, body=data, kind=kind or _kind_of(data, pairs)
    )
    return Capture(url, captured_at, outcome, status, url, pairs, data, detail)


def _kind_of(body: bytes, headers: Sequence[tuple[str, str]]) -> EndpointKind:
    shape = shape_of(body, next((value for name, value in headers if name == "content-type"), None)).shape
    return _KINDS.get(shape, EndpointKind.PAGE)
