"""Tests of retention: old responses are deleted, but no wording, and no body from which one was first read."""

from __future__ import annotations

import itertools
import random
import zlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError
from samples import NOON, Piece, rss

from scraper import parsers
from scraper.config.settings import KeepSettings
from scraper.model import Capture, EndpointKind, HostState, MessageKind, Outcome, RenderedMessage, Role
from scraper.pipeline.ingest import IngestResult, Origin, ingest
from scraper.rules.baseline import HISTORY, ItemTally
from scraper.store import NewMessage, retention
from scraper.store.captures import PACKING_LEVEL
from scraper.store.retention import RetentionResult

if TYPE_CHECKING:
    from scraper.store import Store

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
URL = "https://www.state.gov/feed/"
NOW = NOON + 1000 * DAY


def capture(body: bytes, days: float = 0, url: str = URL) -> Capture:
    return Capture(url, NOON + days * DAY, Outcome.OK, 200, url, (), body)


def keep(store: Store, *captures: Capture) -> list[int]:
    with store.unit():
        return [store.captures.add("state", one) or 0 for one in captures]


def read(store: Store, one: Capture) -> IngestResult:
    with store.unit():
        return ingest(store, Origin("state", Role.CANONICAL), one, parsers.read(one, EndpointKind.FEED), "")


def tidy(store: Store, **changes: Any) -> RetentionResult:
    return retention.run(store, KeepSettings(**changes), NOW)


def bodies(store: Store, rows: list[int]) -> list[bool]:
    return [bool(store.captures.get(row).body) for row in rows]


def test_old_bodies_go_and_young_ones_stay(store: Store) -> None:
    rows = keep(store, capture(b"old", 909), capture(b"young", 911))
    tidied = tidy(store)
    assert (tidied.bodies, tidied.captures) == (1, 0)
    assert tidied.bytes > 0
    assert bodies(store, rows) == [False, True]
    assert tidy(store) == RetentionResult()


def test_a_body_stays_as_long_as_its_youngest_capture(store: Store) -> None:
    rows = keep(store, capture(b"same", 1), capture(b"same", 999))
    assert tidy(store, captures="2000d").bodies == 0
    assert bodies(store, rows) == [True, True]


def test_the_body_from_which_a_wording_was_first_read_is_never_deleted(store: Store) -> None:
    first = capture(rss(Piece(1)))
    again = capture(rss(Piece(1), built=NOON + HOUR), 1)
    edit = capture(rss(Piece(1, body=("Nothing is given.",)), built=NOON + 2 * DAY), 2)
    for one in (first, again, edit):
        read(store, one)
    assert tidy(store, max_bytes=1) == RetentionResult(1, len(zlib.compress(again.body, PACKING_LEVEL)), 1, 0)
    kept = [store.captures.get(row) for row in (1, 3)]
    assert kept == [first, edit]
    assert store.captures.count() == 2
    assert [revision.number for revision in store.statements.revisions(1)] == [1, 2]


def test_a_deleted_body_is_recognised_by_an_import_and_restored_by_a_new_capture(store: Store) -> None:
    old = capture(b"old", 909)
    (row,) = keep(store, old)
    tidy(store)
    assert keep(store, old) == [0]
    keep(store, capture(b"old", 950))
    assert store.captures.get(row).body == b"old"


def test_old_captures_go_with_their_bodies(store: Store) -> None:
    keep(store, capture(b"ancient", 1), capture(b"", 2), capture(b"young", 999))
    assert tidy(store).captures == 2
    assert store.captures.count() == 1
    assert store.database.execute("SELECT count(*) FROM bodies").fetchone() == (1,)


def test_beyond_the_bound_the_oldest_go_first(store: Store) -> None:
    noise = [random.Random(number).randbytes(10_000) for number in range(5)]
    rows = keep(store, *(capture(body, 990 + number) for number, body in enumerate(noise)))
    assert tidy(store, max_bytes=25_000).bodies == 3
    assert bodies(store, rows) == [False, False, False, True, True]


def test_the_work_is_cut_into_units_and_can_be_stopped(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(store, *(capture(b"%d" % number, 700, f"{URL}{number}/") for number in range(1203)))
    left = itertools.chain([True, True], itertools.repeat(False))
    assert retention.run(store, KeepSettings(), NOW, should_continue=lambda: next(left)).bodies == 1000
    assert tidy(store).bodies == 203
    keep(store, *(capture(b"%d" % number, 1, f"{URL}{number}/") for number in range(1203)))
    assert tidy(store).captures == 1203


def test_old_hours_of_yields_go(store: Store) -> None:
    with store.unit():
        for at in (NOW - HISTORY - 2 * HOUR, NOW):
            store.arrivals.note("state", URL, at, 1, ItemTally(1))
    tidy(store)
    assert [hour.at for hour in store.arrivals.hours("state", NOW - 2 * HISTORY)] == [NOW]


def test_hosts_that_were_not_asked_for_long_are_forgotten_unless_they_pause(store: Store) -> None:
    for name, days, pause in (("old.example", 31, None), ("young.example", 29, None), ("pauses.example", 31, DAY)):
        until = NOW + pause if pause else None
        store.hosts.save(HostState(name, NOW - days * DAY, until, robots_text="User-agent: *"))
    tidy(store)
    kept = {name for name in ("old", "young", "pauses") if store.hosts.load(f"{name}.example").last_request_at}
    assert kept == {"young", "pauses"}


def test_nothing_is_written_outside_a_unit(store: Store) -> None:
    connection = store.database.conn
    inside, outside = set[str](), set[str]()
    connection.set_trace_callback(lambda sql: (inside if connection.in_transaction else outside).add(sql))
    retention.run(store, KeepSettings(), NOON)
    assert "ANALYZE" in inside - outside
    assert outside == {"BEGIN IMMEDIATE", "PRAGMA wal_checkpoint(PASSIVE)"}


def test_row_58_the_log_is_written_back(store: Store) -> None:
    keep(store, capture(b"young", 999))
    tidy(store)
    busy, logged, written = store.database.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    assert (busy, logged) == (0, written)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"bodies": "12h"}, "1d or more"),
        ({"captures": "30d"}, "no shorter than bodies"),
        ({"captures": "12h"}, "1d or more"),
        ({"max_bytes": 0}, "greater than or equal to 1"),
    ],
)
def test_invalid_retention_settings_are_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        KeepSettings(**given)


def test_of_delivered_mail_the_bytes_go_and_nothing_else_of_a_message(store: Store) -> None:
    written = RenderedMessage(
        "[statewire] Lamps", "text", "<p>html", "<1@statewire.example>", b"Subject: x\r\n\r\nbody\r\n"
    )
    with store.unit():
        messages = [store.outbox.open(NewMessage(key, MessageKind.TEST, "desk@example.org"), NOON) for key in "123"]
        for message in messages:
            store.outbox.mark_rendered(message, written, NOON)
        store.outbox.mark_sent(messages[0], NOW - 91 * DAY)
        store.outbox.mark_sent(messages[1], NOW - 89 * DAY)
    assert tidy(store) == RetentionResult(mails=1)
    assert [store.outbox.raw(message) for message in messages] == [b"", written.raw, written.raw]
    assert store.outbox.get(messages[0]) is not None
    assert tidy(store) == RetentionResult()
