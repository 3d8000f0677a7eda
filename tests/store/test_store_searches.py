"""Tests of the tables of searches: what is due, in which order, and what waits."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from outbox import add_statement
from samples import NOON

from scraper.store.searches import SearchCounts, SearchQuery, SearchResult, SearchStart

if TYPE_CHECKING:
    from scraper.store import Store

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def statement_id(store: Store) -> int:
    return add_statement(store)


@pytest.fixture
def query(store: Store, statement_id: int) -> SearchQuery:
    with store.unit():
        store.searches.add("gdelt", statement_id, ["lamps for the pier"], NOON, is_past=False)
    (found,) = store.searches.due("gdelt", NOON)
    return found


def test_a_query_is_due_once_its_time_has_come(store: Store, query: SearchQuery) -> None:
    assert (query.phrase, query.rounds, query.attempts, query.is_past) == ("lamps for the pier", 0, 0, False)
    assert store.searches.due("gdelt", NOON - HOUR) == []
    assert store.searches.due("other", NOON) == []
    with store.unit():
        store.searches.add("gdelt", query.statement_id, [query.phrase], NOON + DAY, is_past=True)
    assert store.searches.due("gdelt", NOON) == [query]  # it is known


def test_a_due_time_of_a_wrong_clock_counts_as_due(store: Store, query: SearchQuery) -> None:
    with store.unit():
        store.searches.answer(query, NOON, NOON + 300 * DAY, 5, 2)
    (found,) = store.searches.due("gdelt", NOON + DAY)
    assert found.rounds == 1


def test_rounds_attempts_and_postponement(store: Store, query: SearchQuery) -> None:
    with store.unit():
        store.searches.retry(query, NOON + HOUR)
    assert store.searches.due("gdelt", NOON) == []
    (tried,) = store.searches.due("gdelt", NOON + HOUR)
    assert tried.attempts == 1
    with store.unit():
        store.searches.postpone("gdelt", NOON + 2 * HOUR)
    assert store.searches.due("gdelt", NOON + HOUR) == []
    counts = store.searches.counts("gdelt", NOON + HOUR)
    assert (counts.due, counts.due_since) == (1, NOON)  # it waits, but it is due
    (later,) = store.searches.due("gdelt", NOON + 2 * HOUR)
    with store.unit():
        store.searches.give_up(later, NOON + DAY)
    (second,) = store.searches.due("gdelt", NOON + DAY)
    assert (second.rounds, second.attempts) == (1, 0)
    with store.unit():
        store.searches.answer(second, NOON + DAY, None, 5, 2)
        store.searches.postpone("gdelt", NOON + 2 * DAY)
    assert store.searches.due("gdelt", NOON + 8 * DAY) == []
    row = store.database.execute("SELECT found, left_out, answered_at FROM search_queries").fetchone()
    assert row[:2] == (5, 2)


def test_results_wait_until_they_are_settled_or_tried_too_often(store: Store, query: SearchQuery) -> None:
    table = store.searches
    with store.unit():
        table.add_results(query, ["https://a.example/1", "https://a.example/2"], NOON)
        table.add_results(query, ["https://a.example/1"], NOON + DAY)
    assert table.waiting("gdelt") == [SearchResult(f"https://a.example/{n}", is_past=False) for n in (1, 2)]
    assert table.known_results("gdelt", query.statement_id, ["https://a.example/2", "x"]) == {"https://a.example/2"}
    with store.unit():
        table.count_try("gdelt", "https://a.example/1", 2, NOON)
    assert [result.url for result in table.waiting("gdelt")] == ["https://a.example/2", "https://a.example/1"]
    with store.unit():
        table.count_try("gdelt", "https://a.example/1", 2, NOON)
        table.settle("gdelt", "https://a.example/2", NOON)
    assert table.waiting("gdelt") == []
    with store.unit():
        table.forget_results("gdelt", NOON + HOUR)
    assert table.known_results("gdelt", query.statement_id, ["https://a.example/2"]) == set()


def test_counts_and_the_start(store: Store, query: SearchQuery) -> None:
    assert store.searches.start("gdelt") is None
    start = SearchStart(NOON, query.statement_id, 2)
    with store.unit():
        store.searches.save_start("gdelt", start)
        store.searches.add_results(query, ["https://a.example/1"], NOON)
    assert store.searches.start("gdelt") == start
    assert store.searches.counts("gdelt", NOON + HOUR) == SearchCounts(1, NOON, 1, None)
    assert store.searches.statements_after(0, NOON - 365 * DAY) == [query.statement_id]
    assert store.searches.statements_after(query.statement_id, NOON - 365 * DAY) == []
    assert store.searches.unsearched("gdelt", NOON - 365 * DAY) == []
    assert store.searches.unsearched("other", NOON - 365 * DAY) == [query.statement_id]
