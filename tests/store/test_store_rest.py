"""Tests of captures, events, sources, endpoints, hosts and rechecks: stored values come back, once."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from samples import NOON

from scraper.errors import StoreError
from scraper.model import Capture, Event, EventKind, Grade, HostState, Item, Outcome, Part, Reading, Reason, Role
from scraper.pipeline.ingest import Origin, ingest
from scraper.rules.withdrawal import WithdrawalCheck
from scraper.store import EventFilter, SourceState
from scraper.store.captures import FULL_EVERY, Validators
from scraper.store.rechecks import DueRecheck

if TYPE_CHECKING:
    from pathlib import Path

    from scraper.store import Store

HOUR = timedelta(hours=1)
URL = "https://www.state.gov/feed/"


def capture(body: bytes = b"<p>Lamps</p>", **changes: Any) -> Capture:
    given: dict[str, Any] = {
        "url": URL,
        "captured_at": NOON,
        "outcome": Outcome.OK,
        "status": 200,
        "final_url": "https://www.state.gov/feed/final/",
        "headers": (("content-type", "text/html"), ("link", "<a>"), ("link", "<b>")),
        "body": body,
        "detail": "as it came",
    }
    return Capture(**(given | changes))


def statement(store: Store, number: int = 1) -> int:
    item = Item(
        f"https://www.state.gov/{number}/", f"Lamps {number}", f"guid-{number}", paragraphs=(f"Lamp {number}.",)
    )
    with store.unit():
        ingest(store, Origin("state", Role.CANONICAL), capture(b"%d" % number), Reading("feed", (item,)), "")
    known = store.statements.by_guid(f"guid-{number}")
    assert known is not None
    return known.id


# Captures


@pytest.mark.parametrize("body", [b"", b"<p>Lamps</p>", bytes(range(256)) * 100])
def test_a_capture_comes_back_byte_for_byte(store: Store, body: bytes) -> None:
    with store.unit():
        row = store.captures.add("state", capture(body))
    assert row is not None
    assert store.captures.get(row) == capture(body)


def test_an_answer_that_never_came_is_kept_too(store: Store) -> None:
    nothing = Capture(URL, NOON, Outcome.TIMEOUT, detail="the server stopped sending")
    with store.unit():
        row = store.captures.add("state", nothing)
    assert store.captures.get(row or 0) == nothing


def test_a_capture_is_kept_once(store: Store) -> None:
    with store.unit():
        rows = [store.captures.add("state", capture()) for _ in range(2)]
        empty = [store.captures.add("state", capture(b"", outcome=Outcome.TIMEOUT)) for _ in range(2)]
    assert [row is None for row in (*rows, *empty)] == [False, True, False, True]
    assert store.captures.count() == 2


def test_a_body_is_kept_once_and_packed(db: Path, store: Store) -> None:
    body = b"<p>The same words again and again.</p>" * 500
    with store.unit():
        for minute in range(5):
            store.captures.add("state", capture(body, captured_at=NOON + timedelta(minutes=minute)))
    (row,) = store._db.execute("SELECT count(*), sum(size), sum(length(packed)) FROM bodies")
    assert row[:2] == (1, len(body))
    assert row[2] < len(body) / 10
    assert store.captures.count() == 5


def test_row_86_the_name_of_a_body_is_its_hash_whatever_the_address_says(store: Store) -> None:
    with store.unit():
        store.captures.add("state", capture(url="https://www.state.gov/../../etc/passwd"))
    ((name,),) = store._db.execute("SELECT sha256 FROM bodies").fetchall()
    assert len(name) == 64
    assert set(name) <= set("0123456789abcdef")


def test_the_result_of_parsing_is_stored(store: Store) -> None:
    with store.unit():
        row = store.captures.add("state", capture())
        store.captures.mark_read(row or 0, parser="feed", items=10, stale=True, problems=("no date",))
    assert store._db.execute("SELECT parser, items, stale, problems FROM captures").fetchone() == (
        "feed", 10, 1, '["no date"]',
    )  # fmt: skip
    assert store.captures.read_before("state", capture()) == (True, ("no date",))
    assert store.captures.read_before("state", capture(captured_at=NOON + HOUR)) is None
    assert store.captures.read_before("state", capture(b"another body")) is None
    with store.unit():
        store.captures.add("state", capture(b""))
    assert store.captures.read_before("state", capture(b"")) is None  # kept, but never read


# Events


def event(**changes: Any) -> Event:
    given: dict[str, Any] = {
        "kind": EventKind.REVISED,
        "at": NOON,
        "source": "state",
        "guid": "g",
        "url": URL,
        "title": "Lamps – “more”",
        "grade": Grade.MATERIAL,
        "reasons": (Reason("amount", "$80", "$58", Grade.MATERIAL), Reason("", "and 1 more", "", Grade.MINOR, True)),
        "part": Part.BODY,
        "before": "$80",
        "after": "$58",
        "backfill": True,
    }
    return Event(**(given | changes))


def add(store: Store, *events: Event) -> None:
    with store.unit():
        store.events.add(events)


def find(store: Store, **wanted: Any) -> list[int]:
    return [event.id or 0 for event in store.events.find(EventFilter(**wanted))]


def test_an_event_comes_back_as_it_was_stored(store: Store) -> None:
    bare = Event(EventKind.BLOCKED, NOON + HOUR, "state")
    add(store, event(), bare)
    assert list(store.events.find(EventFilter())) == [event(id=1), replace(bare, id=2)]
    assert store.events.last_id() == 2


def test_the_reasons_of_an_event_are_kept_in_words_too(store: Store) -> None:
    add(store, event())
    (found,) = store._db.execute("SELECT reasons FROM events").fetchall()
    assert json.loads(found[0]) == ["amount: $80 → $58", "State has changed since: and 1 more"]


def test_an_event_is_never_changed(store: Store) -> None:
    add(store, event())
    with pytest.raises(StoreError, match="never changed"), store.unit():
        store._db.execute("UPDATE events SET grade = 'minor'")
    assert next(iter(store.events.find(EventFilter()))).grade is Grade.MATERIAL


def test_an_event_of_a_statement_that_is_not_there_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="FOREIGN KEY"):
        add(store, event(statement_id=99))


def test_events_are_listed_in_the_order_of_their_time_and_a_limit_takes_the_newest(store: Store) -> None:
    add(store, event(at=NOON + 2 * HOUR), event(at=NOON), event(at=NOON + HOUR), event(at=NOON + HOUR))
    assert find(store) == [2, 3, 4, 1]
    assert find(store, limit=2) == [4, 1]
    assert store.events.last_id() == 4


def test_no_events(store: Store) -> None:
    assert find(store) == []
    assert store.events.last_id() == 0


def test_filters(store: Store) -> None:
    key = statement(store)  # event 1, a publication
    add(
        store,
        event(statement_id=key),
        event(kind=EventKind.TOUCHED, grade=Grade.COSMETIC, at=NOON + HOUR, backfill=False),
        event(kind=EventKind.RETITLED, grade=Grade.MINOR, at=NOON + 2 * HOUR, source="other"),
        Event(EventKind.BLOCKED, NOON + 3 * HOUR, "state"),
    )
    assert find(store, kinds=("statement",)) == [1, 2, 3, 4]
    assert find(store, kinds=("source",)) == [5]
    assert find(store, kinds=("statement.revised", "source.blocked")) == [2, 5]
    assert find(store, kinds=("statement.r",)) == []
    assert find(store, since=NOON + HOUR) == [3, 4, 5]
    assert find(store, until=NOON + HOUR) == [1, 2]
    assert find(store, statement_id=key) == [1, 2]
    assert find(store, source="other") == [4]
    assert find(store, at_least=Grade.MINOR) == [1, 2, 4, 5]
    assert find(store, at_least=Grade.MATERIAL) == [1, 2, 5]
    assert find(store, after_id=3) == [4, 5]
    assert find(store, with_backfill=False) == [1, 3, 5]
    assert find(store, kinds=("statement",), source="state", limit=1) == [3]


# Sources, endpoints, hosts


def test_a_source_comes_back_as_it_was_saved(store: Store) -> None:
    assert store.sources.get("state", Role.MIRROR) == SourceState("state", Role.MIRROR)
    whole = SourceState(
        "state", Role.CANONICAL, NOON, NOON + HOUR, NOON, 10, 2, URL, EventKind.BLOCKED, NOON, "a block", NOON + HOUR
    )  # fmt: skip
    with store.unit():
        store.sources.save(whole)
        store.sources.save(SourceState("a-mirror", Role.MIRROR))
    assert store.sources.get("state", Role.CANONICAL) == whole
    assert [state.name for state in store.sources.all()] == ["a-mirror", "state"]
    with store.unit():
        store.sources.save(replace(whole, incident=None))
    assert store.sources.get("state", Role.CANONICAL).incident is None


def test_the_clock_of_an_endpoint(store: Store) -> None:
    assert store.endpoints.clock(URL) is None
    with store.unit():
        store.endpoints.set_clock(URL, NOON)
        store.endpoints.set_clock(URL, NOON + HOUR)
    assert store.endpoints.clock(URL) == NOON + HOUR


def test_validators_are_those_of_the_last_answer_that_was_read(store: Store) -> None:
    assert store.endpoints.validators(URL) == Validators()
    with store.unit():
        store.endpoints.set_clock(URL, NOON)
        store.endpoints.remember_validators(capture(headers=(("etag", '"1"'), ("last-modified", "Mon"))))
    assert store.endpoints.validators(URL) == Validators('"1"', "Mon")
    with store.unit():
        store.endpoints.remember_validators(capture(headers=(("last-modified", "Tue"),)))
    assert store.endpoints.validators(URL) == Validators(None, "Tue")
    with store.unit():
        store.endpoints.forget_validators(URL)
    assert store.endpoints.validators(URL) == Validators()
    assert store.endpoints.clock(URL) == NOON


def test_row_28_after_many_answers_unmodified_the_whole_document_is_asked_for(store: Store) -> None:
    with store.unit():
        store.endpoints.remember_validators(capture(headers=(("etag", '"1"'),)))
        for _ in range(FULL_EVERY - 1):
            store.endpoints.count_unmodified(URL)
    assert store.endpoints.validators(URL) == Validators('"1"')
    with store.unit():
        store.endpoints.count_unmodified(URL)
    assert store.endpoints.validators(URL) == Validators()
    with store.unit():
        store.endpoints.remember_validators(capture(headers=(("etag", '"2"'),)))
    assert store.endpoints.validators(URL) == Validators('"2"')


def test_the_stored_state_of_a_host_never_goes_back(store: Store) -> None:
    assert store.hosts.load("www.state.gov") == HostState("www.state.gov")
    late = datetime(2026, 3, 2, 12, 0, 0, 1, tzinfo=UTC)
    store.hosts.save(HostState("www.state.gov", late, NOON, "User-agent: *", None))
    assert store.hosts.load("www.state.gov") == HostState(
        "www.state.gov", NOON + timedelta(seconds=1), NOON, "User-agent: *", None
    )
    store.hosts.save(HostState("www.state.gov", NOON))
    assert store.hosts.load("www.state.gov") == HostState("www.state.gov", NOON)


def test_a_host_is_kept_at_once(db: Path, store: Store) -> None:
    store.hosts.save(HostState("www.state.gov", NOON))
    connection = sqlite3.connect(db)
    assert connection.execute("SELECT host FROM hosts").fetchall() == [("www.state.gov",)]
    connection.close()


# Looks


def test_rechecks_are_due_in_the_order_of_their_time_and_only_for_their_source(store: Store) -> None:
    keys = [statement(store, number) for number in (1, 2, 3)]
    with store.unit():
        for key, hours in zip(keys, (3, 1, 2), strict=True):
            store.rechecks.save(key, WithdrawalCheck(), NOON + hours * HOUR)
    assert store.rechecks.due("state", NOON, 10) == []
    assert [d.statement_id for d in store.rechecks.due("state", NOON + 3 * HOUR, 10)] == [keys[1], keys[2], keys[0]]
    assert [d.statement_id for d in store.rechecks.due("state", NOON + 3 * HOUR, 1)] == [keys[1]]
    assert [d.statement_id for d in store.rechecks.due("state", NOON + 2 * HOUR, 10)] == [keys[1], keys[2]]
    assert store.rechecks.due("other", NOON + 3 * HOUR, 10) == []
    # Of times that far ahead, the clock was set back since.
    assert len(store.rechecks.due("state", NOON - 7300 * 24 * HOUR, 10)) == 3


def test_a_recheck_is_stored_with_the_count_of_earlier_ones(store: Store) -> None:
    key = statement(store)
    with store.unit():
        store.rechecks.save(key, WithdrawalCheck(2, NOON), NOON + HOUR, NOON + HOUR / 2)
    assert store.rechecks.due("state", NOON + HOUR, 1) == [DueRecheck(key, WithdrawalCheck(2, NOON))]
    with store.unit():
        store.rechecks.save(key, WithdrawalCheck(), NOON + 2 * HOUR, NOON + HOUR)
    assert store.rechecks.due("state", NOON + HOUR, 1) == []


def test_views_show_what_is_there(store: Store) -> None:
    key = statement(store)
    add(store, event(statement_id=key, backfill=False, reasons=("one", "two")), Event(EventKind.BLOCKED, NOON, "state"))
    rows = {view: store._db.execute(f"SELECT * FROM {view}").fetchall() for view in ("statement_list", "revision_list")}
    assert [row[1] for row in rows["statement_list"]] == ["Lamps 1"]
    assert [row[4] for row in rows["revision_list"]] == ["Lamp 1."]
    found = store._db.execute("SELECT kind, reasons FROM event_list").fetchall()
    assert set(found) == {("statement.published", None), ("statement.revised", "one; two")}
    assert store._db.execute("SELECT url, outcome FROM capture_list").fetchall() == [(URL, "ok")]
