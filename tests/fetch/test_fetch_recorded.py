"""Tests of responses recorded by other programs: they become captures by the rules of our own."""

from __future__ import annotations

import gzip
import zlib
from datetime import UTC, datetime

import pytest

from scraper.fetch.recorded import RecordedResponse, recorded_capture
from scraper.model import Capture, EndpointKind, Outcome

AT = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
URL = "https://www.state.gov/a-statement/"
PAGE = b"<html><head><title>A statement</title></head><body><h1>A statement</h1><p>Words.</p></body></html>"
FEED = b'<?xml version="1.0"?><rss version="2.0"><channel></channel></rss>'


def take(
    wire: bytes,
    *headers: tuple[str, str],
    status: int = 200,
    kind: EndpointKind | None = None,
    is_cut: bool = False,
    max_bytes: int = 100_000,
) -> Capture:
    response = RecordedResponse(
        url=URL,
        captured_at=AT,
        status=status,
        headers=headers or (("Content-Type", "text/html; charset=UTF-8"),),
        wire=wire,
        is_cut=is_cut,
    )
    return recorded_capture(response, kind=kind, max_bytes=max_bytes)


def test_a_page_comes_as_it_is_with_lower_case_headers() -> None:
    capture = take(PAGE)
    assert capture == Capture(URL, AT, Outcome.OK, 200, URL, (("content-type", "text/html; charset=UTF-8"),), PAGE, "")


def test_a_packed_body_is_unpacked() -> None:
    capture = take(gzip.compress(PAGE, mtime=0), ("Content-Type", "text/html"), ("Content-Encoding", "gzip"))
    assert (capture.outcome, capture.body) == (Outcome.OK, PAGE)


def test_a_body_kept_unpacked_under_a_header_that_says_packed_is_taken_by_its_bytes() -> None:
    capture = take(PAGE, ("Content-Type", "text/html"), ("Content-Encoding", "gzip"))
    assert (capture.outcome, capture.body) == (Outcome.OK, PAGE)


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip"])
@pytest.mark.parametrize(
    "wire",
    [zlib.compress(PAGE), b"\x8b\x0f\x80" + b"<p>\xff\xfe" * 40, b"\x1b\x0f words"],
    ids=["zlib", "noise", "words"],
)
def test_an_unsupported_encoding_is_named(wire: bytes, encoding: str) -> None:
    capture = take(wire, ("Content-Type", "text/html"), ("Content-Encoding", encoding))
    assert (capture.outcome, capture.body) == (Outcome.BAD_ENCODING, b"")
    assert encoding in capture.detail


@pytest.mark.parametrize("body", [PAGE, FEED, b'{"items": []}'])
def test_a_document_kept_unpacked_under_such_an_encoding_is_read(body: bytes) -> None:
    capture = take(body, ("Content-Encoding", "BR "))
    assert (capture.outcome, capture.body) == (Outcome.OK, body)


@pytest.mark.parametrize("encoding", ["br", "none", "gzip, gzip"])
def test_row_102_the_bytes_decide_and_not_the_coding_that_is_named(encoding: str) -> None:
    capture = take(gzip.compress(PAGE, mtime=0), ("Content-Type", "text/html"), ("Content-Encoding", encoding))
    assert (capture.outcome, capture.body) == (Outcome.OK, PAGE)
    assert encoding in capture.detail


def test_an_answer_without_body_is_read_whatever_its_encoding() -> None:
    assert take(b"", ("Content-Encoding", "br"), status=304).outcome is Outcome.NOT_MODIFIED


@pytest.mark.parametrize(
    ("wire", "encoding", "is_cut", "outcome"),
    [
        (PAGE[:40], "", True, Outcome.TRUNCATED),
        (gzip.compress(PAGE, mtime=0)[:-9], "gzip", False, Outcome.TRUNCATED),
        (b"x" * 100_001, "", False, Outcome.TOO_LARGE),
        (gzip.compress(bytes(200_000), mtime=0), "gzip", False, Outcome.TOO_LARGE),
        (b"\x1f\x8b" + b"junk" * 20, "gzip", False, Outcome.BAD_ENCODING),
    ],
)
def test_damaged_or_too_large_records_are_reported_and_give_nothing(
    wire: bytes, encoding: str, is_cut: bool, outcome: Outcome
) -> None:
    capture = take(wire, ("content-type", "text/html"), ("content-encoding", encoding), is_cut=is_cut)
    assert (capture.outcome, capture.body) == (outcome, b"")
    assert capture.detail


def test_row_29_a_block_page_in_an_archive_is_a_block() -> None:
    body = b"<html><head><title>Technical Difficulties</title></head><body>Exception: forbidden</body></html>"
    assert take(body).outcome is Outcome.BLOCKED


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/rss+xml; charset=UTF-8", FEED),
        ("text/html", FEED),
        ("application/json", b'{"version": "https://jsonfeed.org/version/1.1", "items": []}'),
        ("application/xhtml+xml", PAGE),
    ],
)
def test_without_a_kind_any_document_is_taken_for_what_it_is(content_type: str, body: bytes) -> None:
    assert take(body, ("content-type", content_type)).outcome is Outcome.OK


def test_a_kind_that_is_named_counts() -> None:
    assert take(PAGE, kind=EndpointKind.WORDPRESS).outcome is Outcome.UNEXPECTED_TYPE
