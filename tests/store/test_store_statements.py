"""Tests of stored statements: every wording, rendering and URL, and the lookups."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from samples import NOON, Piece, words_of

from scraper.model import (
    AUTHORITY,
    Capture,
    EventKind,
    Grade,
    Item,
    Outcome,
    Precision,
    PublicationState,
    Reading,
    Role,
    Wording,
)
from scraper.pipeline.ingest import Origin, ingest
from scraper.store import StatementFilter

if TYPE_CHECKING:
    from pathlib import Path

    from scraper.model import Event, Statement
    from scraper.store import Store

HOUR = timedelta(hours=1)


def item(piece: Piece, **changes: Any) -> Item:
    given: dict[str, Any] = {
        "guid": piece.guid,
        "paragraphs": piece.body,
        "byline": piece.byline,
        "type": "Press Statement",
        "published_at": piece.published_at,
        "precision": Precision.SECOND,
    }
    return Item(piece.url, piece.title, **(given | changes))


def see(
    store: Store, *items: Item, at: datetime = NOON, parser: str = "feed", role: Role = Role.CANONICAL
) -> list[Event]:
    """Take one answer that holds these items; its own clock is the time at which it came."""
    capture = Capture(f"https://www.state.gov/{parser}", at, Outcome.OK, 200, body=repr(items).encode())
    with store.unit():
        taken = ingest(store, Origin("state", Role.CANONICAL), capture, Reading(parser, items, clock=at), capture.url)
    return list(taken.events)


def kinds(events: list[Event]) -> list[EventKind]:
    return [event.kind for event in events]


def only(store: Store) -> Statement:
    (statement,) = store.statements.find()
    return statement


def test_fingerprints_are_written_at_the_end_of_their_unit_and_forgotten_if_it_fails(store: Store) -> None:
    def indexed() -> int:
        return int(store.database.execute("SELECT count(*) FROM fingerprints").fetchone()[0])

    def take(number: int) -> None:
        one = item(Piece(number))
        capture = Capture(f"https://www.state.gov/{number}", NOON, Outcome.OK, 200, body=b"x")
        ingest(store, Origin("state", Role.CANONICAL), capture, Reading("feed", (one,)))

    def fail() -> None:
        with store.unit():
            take(2)
            raise ValueError

    with store.unit():
        take(1)
        assert indexed() == 0
    kept = indexed()
    assert kept > 0
    with pytest.raises(ValueError):  # noqa: PT011 - raised right above
        fail()
    with store.unit():
        store.captures.count()
    assert indexed() == kept


def test_statements_come_back_with_every_field(store: Store) -> None:
    whole = item(
        Piece(7),
        speaker="Rosalind P. Quill",
        bureau="Office of the Spokesperson",
        place="Port Merrow",
        modified_at=NOON - HOUR,
        language="en",
        countries=("Norway", "Chad"),
        subjects=("Lamps",),
        links=("https://www.state.gov/lamps/",),
        precision=Precision.MINUTE,
    )
    see(store, whole)
    statement = only(store)
    for name in (
        "guid", "title", "byline", "type", "speaker", "bureau", "place", "published_at", "precision", "modified_at",
        "language", "countries", "subjects", "links", "authority", "guid_derived",
    ):  # fmt: skip
        assert getattr(statement, name) == getattr(whole, name), name
    assert (statement.state, statement.revision, statement.revisions) == (PublicationState.CURRENT, 1, 1)
    assert statement.words == 36
    assert (statement.first_seen_at, statement.last_seen_at) == (NOON, NOON)
    (revision,) = store.statements.revisions(statement.id)
    assert revision.wording == Wording("Lamps for Harbour 7", "\n\n".join(words_of(7)))
    assert revision.grade is None
    assert store.statements.by_id(statement.id) == store.statements.by_guid(whole.guid or "") == statement


def test_times_are_stored_as_utc_to_the_second(db: Path, store: Store) -> None:
    see(store, item(Piece(1, published_at=datetime.fromisoformat("2026-03-02T07:30:15.9-05:00"))))
    connection = sqlite3.connect(db)
    (row,) = connection.execute("SELECT published_at, first_seen_at, last_seen_at FROM statements")
    connection.close()
    assert row == ("2026-03-02T12:30:15Z", "2026-03-02T12:00:00Z", "2026-03-02T12:00:00Z")
    assert only(store).published_at == datetime(2026, 3, 2, 12, 30, 15, tzinfo=UTC)


def test_old_years_keep_their_four_digits(store: Store) -> None:
    see(store, item(Piece(1, published_at=datetime(812, 5, 1, tzinfo=UTC))))
    assert only(store).published_at == datetime(812, 5, 1, tzinfo=UTC)


def test_a_revision_is_kept_beside_the_one_before(store: Store) -> None:
    piece = Piece(7)
    see(store, item(piece))
    edited = piece.but(body=(piece.body[0].replace("gives 7 lamps", "gives 8 lamps"), piece.body[1]))
    (event,) = see(store, item(edited), at=NOON + HOUR)
    assert (event.kind, event.grade) == (EventKind.REVISED, Grade.MATERIAL)
    statement = only(store)
    assert (statement.revision, statement.revisions, statement.last_seen_at) == (2, 2, NOON + HOUR)
    first, second = store.statements.revisions(statement.id)
    assert "gives 7 lamps" in first.wording.text
    assert "gives 8 lamps" in second.wording.text
    assert (first.first_seen_at, first.last_seen_at) == (NOON, NOON)
    assert (second.first_seen_at, second.last_seen_at, second.grade) == (NOON + HOUR, NOON + HOUR, Grade.MATERIAL)


def test_going_back_to_an_earlier_wording_makes_no_third_one(store: Store) -> None:
    piece = Piece(7)
    edited = piece.but(body=(piece.body[0], "Nothing is lit."))
    for step, seen in enumerate((piece, edited, piece)):
        see(store, item(seen), at=NOON + timedelta(days=2 * step))
    statement = only(store)
    assert (statement.revision, statement.revisions) == (1, 2)
    first, second = store.statements.revisions(statement.id)
    assert first.last_seen_at == NOON + timedelta(days=4)
    assert second.last_seen_at == NOON + timedelta(days=2)


def test_a_touch_replaces_the_rendering_and_keeps_the_old_one(store: Store) -> None:
    piece = Piece(7)
    see(store, item(piece))
    (event,) = see(store, item(piece.but(title="Lamps for HARBOUR 7")), at=NOON + HOUR)
    assert event.kind is EventKind.TOUCHED
    statement = only(store)
    assert (statement.title, statement.revisions) == ("Lamps for HARBOUR 7", 1)
    ((number, look, until),) = store.statements.renderings(statement.id)
    assert (number, look.title, until) == (1, "Lamps for Harbour 7", NOON + HOUR)
    known = store.statements.known(statement, "feed", statement.url)
    assert known.renderings == {Wording("Lamps for Harbour 7", "\n\n".join(piece.body))}


def test_each_parser_is_compared_with_what_it_read_itself(store: Store) -> None:
    piece = Piece(7)
    see(store, item(piece))
    otherwise = piece.but(body=(piece.body[0], piece.body[1], "Footnote of the page."))
    assert see(store, item(otherwise), at=NOON + HOUR, parser="page") == []
    statement = only(store)
    read = {
        parser: store.statements.known(statement, parser, statement.url).last_read
        for parser in ("feed", "page", "rest")
    }
    assert read["feed"] == Wording(piece.title, "\n\n".join(piece.body))
    assert read["page"] == Wording(piece.title, "\n\n".join(otherwise.body))
    assert read["rest"] is None
    assert see(store, item(piece), at=NOON + 2 * HOUR) == []
    assert see(store, item(otherwise), at=NOON + 3 * HOUR, parser="page") == []
    edited = otherwise.but(body=("Nothing is given.", *otherwise.body[1:]))
    assert kinds(see(store, item(edited), at=NOON + 4 * HOUR, parser="page")) == [EventKind.REVISED]


def test_a_given_guid_takes_the_place_of_a_derived_one(store: Store) -> None:
    piece = Piece(7)
    see(store, item(piece, guid=piece.guid, guid_derived=True), parser="page")
    real = "https://www.state.gov/?page_id=7"
    assert see(store, item(piece, guid=real), at=NOON + HOUR) == []
    statement = only(store)
    assert (statement.guid, statement.guid_derived) == (real, False)
    assert store.statements.by_guid(piece.guid) is None


def test_two_given_guids_are_two_statements_even_at_one_address(store: Store) -> None:
    old = Piece(7, slug="national-day", published_at=NOON - timedelta(days=365))
    new = Piece(8, slug="national-day")
    see(store, item(old), at=NOON - timedelta(days=365))
    see(store, item(new))
    assert [s.guid for s in store.statements.by_url(new.url)] == [new.guid, old.guid]
    assert [s.guid for s in store.statements.by_url(new.url.rstrip("/") + "?utm_source=x")] == [new.guid, old.guid]
    assert store.statements.by_url("https://www.state.gov/elsewhere/") == []


def test_every_address_is_an_alias_with_its_time(store: Store) -> None:
    piece = Piece(7)
    see(store, item(piece))
    (event,) = see(store, item(piece.but(slug="moved")), at=NOON + HOUR)
    assert event.kind is EventKind.MOVED
    first, second = store.statements.aliases(only(store).id)
    assert (first.url, first.first_seen_at, first.last_seen_at) == (piece.url, NOON, NOON)
    assert (second.url, second.first_seen_at) == (piece.but(slug="moved").url, NOON + HOUR)
    assert only(store).url == piece.but(slug="moved").url


def test_guids_of_two_authorities_are_not_mixed_up(store: Store) -> None:
    see(store, item(Piece(7), guid="17"))
    see(store, item(Piece(8), guid="17", authority="treasury.example"), at=NOON + HOUR)
    assert {(s.authority, s.title) for s in store.statements.find()} == {
        ("state.gov", "Lamps for Harbour 7"),
        ("treasury.example", "Lamps for Harbour 8"),
    }


def test_withdrawn_and_restored(store: Store) -> None:
    see(store, item(Piece(7)))
    with store.unit():
        store.rechecks.withdraw(only(store).id)
    assert only(store).state is PublicationState.WITHDRAWN
    assert list(store.statements.find(StatementFilter(state=PublicationState.CURRENT))) == []
    assert kinds(see(store, item(Piece(7)), at=NOON + HOUR)) == [EventKind.RESTORED]
    assert only(store).state is PublicationState.CURRENT


def test_a_day_does_not_replace_the_second_that_was_known(store: Store) -> None:
    piece = Piece(7, published_at=NOON - HOUR)
    see(store, item(piece))
    day = replace(item(piece), published_at=NOON.replace(hour=0), precision=Precision.DAY)
    see(store, day, at=NOON + HOUR, parser="page")
    assert (only(store).published_at, only(store).precision) == (NOON - HOUR, Precision.SECOND)
    see(store, replace(day, published_at=NOON - timedelta(days=9)), at=NOON + 2 * HOUR, parser="page")
    assert (only(store).published_at, only(store).precision) == (NOON - timedelta(days=9), Precision.DAY)
    see(store, item(piece), at=NOON + 3 * HOUR)
    assert (only(store).published_at, only(store).precision) == (NOON - HOUR, Precision.SECOND)


def test_a_month_does_not_replace_the_day_that_was_known(store: Store) -> None:
    piece = Piece(7, published_at=NOON - HOUR)
    see(store, item(piece))
    first = (NOON - HOUR).replace(day=1, hour=0)
    month = replace(item(piece), published_at=first, precision=Precision.MONTH)
    see(store, month, at=NOON + HOUR, parser="page")
    assert (only(store).published_at, only(store).precision) == (NOON - HOUR, Precision.SECOND)
    see(store, replace(month, published_at=first - timedelta(days=62)), at=NOON + 2 * HOUR, parser="page")
    assert only(store).precision is Precision.MONTH


def test_a_field_that_a_later_answer_lacks_stays(store: Store) -> None:
    see(store, item(Piece(7), place="Port Merrow", countries=("Chad",)))
    see(store, item(Piece(7), type=None), at=NOON + HOUR)
    assert (only(store).place, only(store).countries, only(store).type) == ("Port Merrow", ("Chad",), "Press Statement")


def test_the_same_body_under_another_guid_is_found_only_where_it_is_long_enough(store: Store) -> None:
    piece, short = Piece(7), Piece(9, body=("Remarks as prepared.",))
    see(store, item(piece), item(short))
    same = Wording("Other", "\n\n".join(piece.body))
    assert store.statements.find_repost(same, AUTHORITY) == store.statements.by_guid(piece.guid)
    assert store.statements.find_repost(same, "foo.state.gov") is None
    assert store.statements.find_repost(Wording("Other", "Remarks as prepared."), AUTHORITY) is None
    reposted = see(store, item(piece.but(number=8, slug="again")), at=NOON + HOUR)
    assert kinds(reposted) == [EventKind.PUBLISHED, EventKind.REPOSTED]
    assert (reposted[1].before, reposted[1].after) == (piece.guid, Piece(8).guid)


def test_find_by_time_source_and_state(store: Store) -> None:
    early = Piece(1, published_at=NOON - timedelta(days=3))
    undated = item(Piece(2), published_at=None, precision=None)
    see(store, item(early, type="Readout"), undated)
    late = store.statements.by_guid(Piece(2).guid)
    assert late is not None

    def titles(limit: int | None = None, **wanted: Any) -> list[int]:
        found = store.statements.find(StatementFilter(**wanted), limit)
        return [int(statement.title.rpartition(" ")[2]) for statement in found]

    assert titles() == [2, 1]  # what has no date counts from when it was first seen
    assert titles(limit=1) == [2]
    assert titles(since=NOON) == [2]
    assert titles(until=NOON) == [1]
    assert titles(since=NOON - timedelta(days=3), until=NOON) == [1]
    assert titles(since=NOON - timedelta(days=3), until=NOON, limit=1) == [1]
    assert titles(source="state") == [2, 1]
    assert titles(source="elsewhere") == []
    assert titles(state=PublicationState.CURRENT) == [2, 1]
    assert titles(state=PublicationState.WITHDRAWN) == []
    assert store.statements.count() == 2


def test_an_item_that_a_list_still_has_changes_only_when_it_was_last_seen(store: Store) -> None:
    see(store, item(Piece(1)))
    written: list[str] = []
    store.database.conn.set_trace_callback(written.append)
    see(store, item(Piece(1)), at=NOON + HOUR)
    store.database.conn.set_trace_callback(None)
    verbs = ("INSERT", "UPDATE", "DELETE", "REPLACE")
    of_items = [sql for sql in written if sql.startswith(verbs) and not re.search("captures|bodies|endpoints", sql)]
    assert [sql.partition(" WHERE ")[0] for sql in of_items] == [
        "UPDATE statements SET last_seen_at = '2026-03-02T13:00:00Z', clock_at = '2026-03-02T13:00:00Z'",
        "UPDATE revisions SET last_seen_at = '2026-03-02T13:00:00Z'",
        "UPDATE statement_urls SET last_seen_at = '2026-03-02T13:00:00Z', claimed = 0",
    ]


@pytest.mark.parametrize(
    "title", ["'); DROP TABLE statements; --", "\x1b[31mred\x1b[0m", "{{7*7}} %s {0.__class__}", "نص عربي", "x" * 5000]
)
def test_row_87_any_title_is_only_a_title(store: Store, title: str) -> None:
    see(store, item(Piece(7, title=title)))
    assert only(store).title == title
