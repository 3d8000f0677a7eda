"""Tests of cassettes instead of the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from samples import NOON, make_settings

from scraper.clock import SimulatedClock
from scraper.errors import InputError
from scraper.fetch import Fetcher, MemoryHosts, ReplayTransport
from scraper.fetch.request import Request
from scraper.model import Capture, EndpointKind, Outcome

if TYPE_CHECKING:
    from pathlib import Path

CASSETTE = """
interactions:
- request: {method: GET, uri: "https://www.state.gov/feed/"}
  response:
    status: {code: 200, message: OK}
    headers: {Content-Type: [application/rss+xml], ETag: ['"v1"'], Content-Encoding: [gzip], Content-Length: ['7']}
    body: {string: "<rss><channel><title>Bürger</title></channel></rss>"}
- request: {method: GET, uri: "https://www.state.gov/feed/"}
  response:
    status: {code: 200, message: OK}
    headers: {Content-Type: application/rss+xml, Last-Modified: ["Mon, 02 Mar 2026 11:00:00 GMT"]}
    body: {file: pages/second.xml}
- request: {method: GET, uri: "https://www.state.gov/gone/"}
  response:
    status: {code: 410, message: Gone}
    headers: null
    body: null
version: 1
"""
FIRST = "<rss><channel><title>Bürger</title></channel></rss>".encode()
SECOND = b"<rss><channel><title>Second</title></channel></rss>"


@pytest.fixture
def cassette(tmp_path: Path) -> Path:
    path = tmp_path / "feed.yaml"
    path.write_text(CASSETTE, encoding="utf-8")
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "second.xml").write_bytes(SECOND)
    return path


def get(transport: ReplayTransport, *requests: Request) -> list[Capture]:
    with Fetcher(make_settings(), clock=SimulatedClock(NOON), hosts=MemoryHosts(), transport=transport) as fetcher:
        return [fetcher.get(request) for request in requests]


def feed(**validators: str) -> Request:
    return Request("https://www.state.gov/feed/", kind=EndpointKind.FEED, **validators)  # type: ignore[arg-type]


def test_answers_come_in_order_and_the_last_repeats(cassette: Path) -> None:
    captures = get(ReplayTransport(cassette), feed(), feed(), feed())
    assert [capture.body for capture in captures] == [FIRST, SECOND, SECOND]
    assert all(capture.outcome is Outcome.OK for capture in captures)
    assert captures[0].header("etag") == '"v1"'


@pytest.mark.parametrize(
    ("turn", "validators", "outcome"),
    [
        (0, {"etag": '"v1"'}, Outcome.NOT_MODIFIED),
        (0, {"etag": '"v0"'}, Outcome.OK),
        (1, {"last_modified": "Mon, 02 Mar 2026 11:00:00 GMT"}, Outcome.NOT_MODIFIED),
        (1, {"etag": '"v1"'}, Outcome.OK),
    ],
)
def test_validators(cassette: Path, turn: int, validators: dict[str, str], outcome: Outcome) -> None:
    captures = get(ReplayTransport(cassette), *[feed()] * turn, feed(**validators))
    assert captures[-1].outcome is outcome


def test_a_request_that_was_not_recorded_is_named(cassette: Path) -> None:
    (capture,) = get(ReplayTransport(cassette), Request("https://www.state.gov/other/"))
    assert capture.outcome is Outcome.CONNECT
    assert "no recorded response for GET https://www.state.gov/other/" in capture.detail


def test_a_status_without_headers_and_body(cassette: Path) -> None:
    (capture,) = get(ReplayTransport(cassette), Request("https://www.state.gov/gone/"))
    assert capture.outcome is Outcome.GONE


def test_a_recorded_robots_txt_is_heeded(tmp_path: Path) -> None:
    path = tmp_path / "robots.yaml"
    path.write_text(
        "interactions:\n"
        "- request: {method: GET, uri: 'https://www.state.gov/robots.txt'}\n"
        "  response:\n"
        "    status: {code: 200}\n"
        "    headers: {Content-Type: [text/plain]}\n"
        '    body: {string: "User-agent: *\\r\\nDisallow: /"}\n'
    )
    assert get(ReplayTransport(path), feed())[0].outcome is Outcome.DISALLOWED


def test_several_cassettes_are_one_after_another(cassette: Path, tmp_path: Path) -> None:
    later = tmp_path / "later.yaml"
    later.write_text(CASSETTE.replace("Bürger", "Third"), encoding="utf-8")
    bodies = [capture.body for capture in get(ReplayTransport([cassette, later]), *[feed()] * 3)]
    assert bodies == [FIRST, SECOND, FIRST.replace("Bürger".encode(), b"Third")]


def test_bytes_are_played_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "binary.yaml"
    path.write_text(
        "interactions:\n- request: {method: get, uri: 'http://a.test/x'}\n"
        "  response: {status: {code: 200}, body: {string: !!binary JVBERi0xLjc=}}\n"
    )
    response = ReplayTransport(path).handle_request(httpx.Request("GET", "http://a.test/x"))
    assert response.read() == b"%PDF-1.7"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("interactions: [", "is not YAML"),
        ("- a", "is not a cassette"),
        ("interactions: {}", "is not a cassette"),
        ("interactions: [{request: {method: GET, uri: 'http://a/'}}]", r"interactions\[0\].*KeyError: 'response'"),
        ("interactions: [1]", r"interactions\[0\]"),
        (
            "interactions: [{request: {method: GET, uri: 'http://a/'}, "
            "response: {status: {code: 200}, body: {file: none}}}]",
            "No such file",
        ),
        ("!!python/object/apply:os.getcwd []", "is not YAML"),
    ],
)
def test_a_file_that_is_no_cassette_is_reported(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=words) as caught:
        ReplayTransport(path)
    assert str(path) in str(caught.value)


def test_a_cassette_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        ReplayTransport(tmp_path / "none.yaml")
