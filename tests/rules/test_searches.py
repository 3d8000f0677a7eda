"""Tests of the rules of searches: when a query is asked, and which results may be articles."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.rules import searches

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SOURCES = frozenset({"gazette.example", "search.example:8080"})


def test_a_query_is_asked_at_once_after_a_day_and_after_a_week() -> None:
    rounds = [searches.next_round(NOON, number, is_past=False) for number in range(4)]
    assert rounds == [NOON, NOON + DAY, NOON + 7 * DAY, None]
    assert searches.next_round(NOON, 1, is_past=True) is None


def test_waits_double_up_to_a_day() -> None:
    waits = [searches.backoff(failures) for failures in range(1, 9)]
    assert waits[:3] == [HOUR / 2, HOUR, 2 * HOUR]
    assert waits[-1] == searches.backoff(10_000) == DAY
    assert searches.backoff(0) == HOUR / 2


def test_only_statements_published_since_the_source_was_enabled_and_lately_are_searched_for() -> None:
    assert searches.begins_at(NOON, NOON) == NOON - DAY
    assert searches.begins_at(NOON, NOON + 30 * DAY) == NOON + 22 * DAY


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://news.example/2026/03/02/lamps/", ""),
        ("https://news.example/?p=7", ""),
        ("https://news.example/2026", ""),
        ("https://news.example/index.php?id=7", ""),
        ("https://news.example/topics/lamps/keepers-get-lamps", ""),
        ("https://news.example/search-for-survivors-goes-on", ""),
        ("https://news.example/", searches.FRONT_PAGE),
        ("https://news.example", searches.FRONT_PAGE),
        ("https://news.example/index.html", searches.FRONT_PAGE),
        ("https://news.example/tag/lamps/", searches.LIST),
        ("https://news.example/world/page/3", searches.LIST),
        ("https://news.example/2026/03/", searches.LIST),
        ("https://news.example/?s=lamps", searches.LIST),
        ("https://news.example/find?lang=en&q=lamps", searches.LIST),
        ("https://news.example/lamps/feed/", searches.LIST),
        ("https://www.state.gov/releases/lamps/", searches.OF_STATE),
        ("https://tern.usembassy.state.gov/lamps/", searches.OF_STATE),
        ("https://www.gazette.example/lamps/", searches.OF_SOURCE),
        ("http://search.example:8080/lamps/", searches.OF_SOURCE),
        ("http://search.example/lamps/", ""),
        ("", searches.NO_URL),
        ("javascript:alert(1)", searches.NO_URL),
        ("ftp://news.example/lamps", searches.NO_URL),
        ("https://", searches.NO_URL),
    ],
)
def test_results_that_are_no_articles_of_other_sites(url: str, reason: str) -> None:
    assert searches.reason_left_out(url, SOURCES) == reason


@given(st.text(max_size=100))
def test_any_text_in_place_of_a_url_gets_an_answer(text: str) -> None:
    assert isinstance(searches.reason_left_out(f"https://news.example/{text}", SOURCES), str)
    assert isinstance(searches.reason_left_out(text, SOURCES), str)


def test_variants_of_one_url_have_one_key() -> None:
    keys = {
        searches.result_key(url)
        for url in (
            "http://www.news.example/lamps/",
            "https://news.example/lamps",
            "https://news.example/lamps?utm_id=5",
        )
    }
    assert len(keys) == 1


def test_what_waits_in_words() -> None:
    assert searches.describe_waiting(0, None, 0) == ""
    assert searches.describe_waiting(1, NOON, 0) == "1 query to ask, the longest since 2026-03-02 12:00 UTC"
    words = searches.describe_waiting(1200, NOON, 3)
    assert words == "1,200 queries to ask, the longest since 2026-03-02 12:00 UTC; 3 results to fetch"
