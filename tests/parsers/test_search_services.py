"""Tests of the adapters of search services on invented answers, each after its documentation."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.config.searches import SearchSettings
from scraper.errors import DriftError, ParseError
from scraper.model import Capture, Outcome
from scraper.parsers import search_services
from scraper.parsers.search_answers import SearchAnswer, SearchRequest

ANSWERS = Path(__file__).with_name("search_answers")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LAMPS, TERN = "https://merrow.example/2026/03/lamps/", "https://tern.example/news/7"
REQUEST = SearchRequest("lamps for the pier & its keepers", datetime(2026, 3, 1, 9, tzinfo=UTC), NOON, 100)
GDELT = SearchSettings.model_validate({"service": "gdelt"})
CLOUD = SearchSettings.model_validate({"service": "mediacloud", "key_env": "CLOUD_KEY"})
NESTED = SearchSettings.model_validate({"service": "json", "items": "data.items", "link": "page.link"})
FEED = SearchSettings.model_validate({"service": "feed"})


def capture(body: bytes, kind: str = "application/json") -> Capture:
    url = "https://search.example/?q=lamps"
    return Capture(url, NOON, Outcome.OK, 200, url, (("content-type", kind),), body)


def read(settings: SearchSettings, name: str) -> SearchAnswer:
    kind = "text/xml" if name.endswith("xml") else "application/json"
    return search_services.read(settings, capture((ANSWERS / name).read_bytes(), kind))


@pytest.mark.parametrize(
    ("settings", "name", "urls"),
    [
        (GDELT, "synthetic-gdelt-artlist.json", (LAMPS, TERN)),
        (GDELT, "synthetic-gdelt-none.json", ()),
        (CLOUD, "synthetic-mediacloud-story-list.json", (LAMPS,)),
        (CLOUD, "synthetic-mediacloud-none.json", ()),
        (NESTED, "synthetic-json-nested.json", (LAMPS, "")),
        (FEED, "synthetic-feed.xml", (LAMPS, "")),
        (FEED, "synthetic-feed-none.xml", ()),
    ],
)
def test_the_urls_of_an_answer(settings: SearchSettings, name: str, urls: tuple[str, ...]) -> None:
    assert read(settings, name) == SearchAnswer(urls)


def test_an_answer_may_be_the_list_itself() -> None:
    settings = SearchSettings.model_validate({"service": "json"})
    assert search_services.read(settings, capture(b'[{"url": "https://a.example/b"}]')).urls == ("https://a.example/b",)


def test_fields_that_no_result_has_are_named() -> None:
    answer = search_services.read(GDELT, capture(b'{"articles": [{"url": "https://a.example/b", "title": "Lamps"}]}'))
    assert answer.missing == ("seendate", "domain")


@pytest.mark.parametrize("settings", [GDELT, CLOUD, NESTED])
@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"lamps"', b'{"articles": 5, "stories": 5, "data": {"items": {}}}', b"[" * 200_000],
)
def test_any_other_answer_is_drift(settings: SearchSettings, body: bytes) -> None:
    with pytest.raises(DriftError):
        search_services.read(settings, capture(body))


def test_the_words_of_an_error_are_no_answer() -> None:
    with pytest.raises(DriftError):
        read(GDELT, "synthetic-gdelt-too-short.txt")


def test_results_without_any_url_are_drift() -> None:
    with pytest.raises(DriftError):
        search_services.read(GDELT, capture(b'{"articles": [{"link": "https://a.example/b"}, 5]}'))


def test_thousands_of_results_are_read_up_to_a_bound() -> None:
    rows = b",".join([b'{"url": "https://a.example/b"}'] * 20_000)
    assert len(search_services.read(GDELT, capture(b'{"articles": [' + rows + b"]}")).urls) == 10_000


def test_a_page_is_no_feed() -> None:
    with pytest.raises(ParseError):
        search_services.read(FEED, capture(b"<html><body>Error</body></html>", "text/html"))


@given(st.binary(max_size=200))
def test_any_bytes_are_an_answer_or_an_error(body: bytes) -> None:
    for settings in (GDELT, CLOUD, NESTED, FEED):
        try:
            answer = search_services.read(settings, capture(body))
        except ParseError:
            continue
        assert all(isinstance(url, str) for url in answer.urls)


def query_of(settings: SearchSettings, endpoint: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(search_services.url_of(settings, endpoint, REQUEST)).query, strict_parsing=True)


def test_the_url_of_gdelt() -> None:
    assert query_of(GDELT, "https://api.gdeltproject.org/api/v2/doc/doc") == {
        "query": ['"lamps for the pier & its keepers"'],
        "mode": ["artlist"],
        "format": ["json"],
        "sort": ["datedesc"],
        "maxrecords": ["100"],
        "startdatetime": ["20260301090000"],
        "enddatetime": ["20260302120000"],
    }


def test_the_url_and_the_key_of_media_cloud() -> None:
    assert query_of(CLOUD, "https://search.mediacloud.org/api/search/story-list?ss=5") == {
        "ss": ["5"],
        "q": ['"lamps for the pier & its keepers"'],
        "start": ["2026-03-01"],
        "end": ["2026-03-02"],
        "platform": ["onlinenews-mediacloud"],
        "page_size": ["100"],
    }
    assert search_services.key_header(CLOUD, "KEY") == ("Authorization", "Token KEY")


def test_the_url_and_the_key_of_any_other_service() -> None:
    url = search_services.url_of(NESTED, "https://search.example/api?n=50&q={phrase}", REQUEST)
    assert url == "https://search.example/api?n=50&q=%22lamps%20for%20the%20pier%20%26%20its%20keepers%22"
    named = SearchSettings.model_validate({"service": "json", "key_env": "K", "key_header": "X-Api-Key"})
    assert search_services.key_header(named, "KEY") == ("X-Api-Key", "KEY")
