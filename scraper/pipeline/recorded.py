"""Captures of the responses that WARC files hold, classified as fetched ones are."""

from scraper.fetch.recorded import RecordedResponse, recorded_capture
from scraper.formats.warc import WarcRecord
from scraper.model import Capture, EndpointKind


def capture_of(record: WarcRecord, *, kind: EndpointKind | None, max_bytes: int) -> Capture:
    """Return a record as a capture; see `fetch.recorded.recorded_capture` for the kind and the limit."""
    response = RecordedResponse(
        url=record.url,
        captured_at=record.captured_at,
        status=record.status,
        headers=record.headers,
        wire=record.body,
        is_cut=record.is_cut,
        final_url=record.final_url,
    )
    return recorded_capture(response, kind=kind, max_bytes=max_bytes)
