"""Tests of the integrity check: problems are found, named, and repaired where the data can be rebuilt."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

import pytest
from samples import NOON, Piece, rss

from scraper import parsers
from scraper.model import Capture, EndpointKind, Outcome, Role
from scraper.pipeline.ingest import Origin, ingest
from scraper.store import Store, integrity
from scraper.store.integrity import IndexState

URL = "https://www.state.gov/feed/"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WELL = IndexState(0, 0, 0)


@pytest.fixture
def full(store: Store) -> Store:
    """Two statements and their fingerprints; one has the words of another."""
    same = Piece(2).body
    capture = Capture(
        URL, NOON, Outcome.OK, 200, URL, (), rss(Piece(1), Piece(2), Piece(3, "Lamps for Harbour 2", same))
    )
    with store.unit():
        ingest(store, Origin("state", Role.CANONICAL), capture, parsers.read(capture, EndpointKind.FEED), "")
    return store


def change(store: Store, sql: str) -> None:
    with store.unit():
        store.database.execute(sql)


def test_a_whole_database_is_well(full: Store) -> None:
    assert integrity.damage(full) == ()
    assert integrity.broken_references(full) == ()
    assert integrity.missing_triggers(full) == ()
    assert integrity.search_fault(full) == ""
    assert integrity.check_index(full) == WELL
    assert integrity.repair(full) == ()


def test_an_index_that_lost_rows_is_damage(full: Store) -> None:
    full.database.execute("PRAGMA writable_schema = ON")
    change(
        full,
        "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'revisions_by_words')"
        " WHERE name = 'statements_by_number'",
    )
    full.database.execute("PRAGMA writable_schema = RESET")
    found = integrity.damage(full)
    assert found
    assert "2nd reference to page" in found[0]


def test_references_to_nothing_are_counted_by_table(full: Store) -> None:
    full.database.execute("PRAGMA foreign_keys = OFF")
    change(full, "DELETE FROM statements WHERE id > 1")
    full.database.execute("PRAGMA foreign_keys = ON")
    assert "2 of revisions refer to no statements" in integrity.broken_references(full)


def test_search_without_triggers_falls_out_of_step_and_is_repaired(full: Store) -> None:
    change(full, "DROP TRIGGER revisions_au")
    assert integrity.missing_triggers(full) == ("revisions_au",)
    change(full, "UPDATE revisions SET text = 'Kestrels were seen.' WHERE id = 1")
    assert integrity.search_fault(full) != ""
    assert full.statements.search("kestrels", 5) == []
    assert integrity.repair(full)[0] == "full-text search was rebuilt"
    assert (integrity.missing_triggers(full), integrity.search_fault(full)) == ((), "")
    assert len(full.statements.search("kestrels", 5)) == 1


def test_a_missing_guard_is_named(full: Store) -> None:
    change(full, "DROP TRIGGER events_immutable")
    assert integrity.missing_triggers(full) == ("events_immutable",)


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("DELETE FROM fingerprints WHERE statement_id = 1", IndexState(1, 0, 0)),
        ("DELETE FROM fingerprints", IndexState(3, 0, 0)),
        ("UPDATE fingerprints SET hash = hash + 1 WHERE statement_id = 1", IndexState(0, 1, 0)),
        ("INSERT INTO fingerprints VALUES (7, 1, 9)", IndexState(0, 0, 1)),
    ],
)
def test_fingerprints_out_of_step_are_counted_and_repaired(full: Store, sql: str, found: IndexState) -> None:
    change(full, sql)
    assert integrity.check_index(full) == found
    assert integrity.repair(full) == ("fingerprints were rebuilt",)
    assert integrity.check_index(full) == WELL


# The clock


def answer(store: Store, at_minutes: float, date: str | None) -> None:
    at = NOON + at_minutes * MINUTE
    headers = (("date", date),) if date else ()
    with store.unit():
        store.captures.add("state", Capture(URL, at, Outcome.OK, 200, URL, headers, b""))


def test_the_lead_of_our_clock_is_the_median_of_the_last_answers(store: Store) -> None:
    assert integrity.clock_lead(store, NOON) is None
    for number, lead in enumerate([5, 5, 6, -600]):
        answer(store, number, format_datetime(NOON + (number - lead) * MINUTE, usegmt=True))
    for number, date in enumerate(["yesterday", "Mon, 02 Mar 2026 12:00:00 -0000", None]):
        answer(store, 10 + number, date)
    assert integrity.clock_lead(store, NOON + HOUR) == 5 * MINUTE
    assert integrity.clock_lead(store, NOON + 8 * DAY) is None


def test_the_newest_stamp_is_that_of_the_last_answer_or_event(full: Store) -> None:
    assert integrity.newest_time(full) == NOON
    answer(full, 90, None)
    assert integrity.newest_time(full) == NOON + 90 * MINUTE


def test_an_empty_database_has_no_newest_stamp(store: Store) -> None:
    assert integrity.newest_time(store) is None
