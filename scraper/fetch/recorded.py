"""Conversion of a recorded response (from a WARC file) to a capture, decoded and classified like a live one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scraper.fetch.classify import MediaShape, classify, shape_of
from scraper.fetch.decode import BodyDecoder, BodyLimits
from scraper.fetch.request import RawResponse, Request, RequestFailed
from scraper.model import Capture, EndpointKind, Outcome
from scraper.rules.untrusted import clean_capture

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

_SUPPORTED_ENCODINGS = frozenset({"", "identity", "gzip", "x-gzip"})
_KINDS = {MediaShape.XML: EndpointKind.FEED, MediaShape.JSON: EndpointKind.FEED, MediaShape.GZIP: EndpointKind.SITEMAP}


@dataclass(frozen=True, slots=True)
class RecordedResponse:
    """Response as an archive holds it. `wire` is its body with content encoding, without transfer framing.

    `is_cut`: the record holds fewer bytes than it announces. `final_url` gave it, "" for `url`.
    """

    url: str
    captured_at: datetime
    status: int
    headers: Sequence[tuple[str, str]]
    wire: bytes
    is_cut: bool = False
    final_url: str = ""


def recorded_capture(response: RecordedResponse, *, kind: EndpointKind | None, max_bytes: int) -> Capture:
    """Convert a recorded response to a clean capture. `kind` None accepts a document of any kind.

    Archives often store the decoded body with the header of its encoding: the bytes decide. If the
    header names an encoding that is not supported here, the body counts as decoded only if it begins
    like a document.
    """
    return clean_capture(_capture(response, kind, max_bytes))


def _capture(response: RecordedResponse, kind: EndpointKind | None, max_bytes: int) -> Capture:
    url, final_url, wire = response.url, response.final_url or response.url, response.wire
    pairs = tuple((name.lower(), value) for name, value in response.headers)
    raw = RawResponse(final_url, response.status, pairs)
    encoding = (raw.header("content-encoding") or "").strip().lower()
    try:
        body = BodyDecoder(encoding, BodyLimits(wire_bytes=max_bytes, decoded_bytes=max_bytes))
        body.feed(wire)
        if response.is_cut:
            raise RequestFailed(Outcome.TRUNCATED, f"the record ends after {len(wire)} bytes")
        body.finish()
    except RequestFailed as failure:
        return Capture(
            url, response.captured_at, failure.outcome, response.status, final_url, pairs, b"", failure.detail
        )
    raw = replace(raw, body=bytes(body.data))
    if kind is None:
        kind = _KINDS.get(shape_of(raw.body, raw.header("content-type"))[0], EndpointKind.PAGE)
    outcome, detail = classify(Request(url, kind), raw)
    if outcome is Outcome.OK and encoding not in _SUPPORTED_ENCODINGS:
        detail = body.problem  # a body that was kept unpacked is usual in archives
    return Capture(url, response.captured_at, outcome, response.status, final_url, pairs, raw.body, detail)
