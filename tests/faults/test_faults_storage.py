"""Tests of database faults: a limit of the file size, an interrupted upgrade, a reader that never ends."""

from __future__ import annotations

import random
import resource
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from fakes.mirror import STATE
from faults.places import QUARTER, XML
from samples import FEED_URL, NOON, Piece, rss

from scraper.errors import StoreFullError
from scraper.model import Capture, EventKind, Outcome
from scraper.store import OutboxFilter, Store, database, upgrade
from scraper.store.upgrade import SCHEMA_VERSION

if TYPE_CHECKING:
    from pathlib import Path

    from faults.places import Watch
    from sqlite_utils import Database


def test_row_52_a_file_that_may_not_grow_loses_nothing_and_the_next_run_has_it_all(faulty: Watch, db: Path) -> None:
    pieces = [Piece(number, body=tuple(f"Lamp {number} of {n} keepers." for n in range(400))) for number in range(5, 9)]
    faulty.says(FEED_URL, rss(*pieces, built=faulty.clock.now()), XML)
    events = faulty.store.events.last_id()
    log = db.with_name(f"{db.name}-wal")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (max(log.stat().st_size, db.stat().st_size) + 8_192, hard))
    try:
        with pytest.raises(StoreFullError, match="is full") as raised:
            faulty.after(QUARTER, STATE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert raised.value.exit_code == 5
    assert (faulty.store.events.last_id(), faulty.store.outbox.find(OutboxFilter())) == (events, [])
    assert [event.kind for event in faulty.run(STATE).events] == [EventKind.PUBLISHED] * 4
    assert faulty.store.database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_row_56_an_update_that_stops_half_way_leaves_the_old_database(
    db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = upgrade._run

    def half(opened: Database, script: str) -> None:
        whole(opened, script[: script.index("CREATE VIEW")])
        assert opened.table_names()
        raise KeyboardInterrupt

    def as_it_is() -> tuple[list[object], list[object]]:
        with closing(sqlite3.connect(db)) as connection:
            tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
            return tables, connection.execute("PRAGMA user_version").fetchall()

    monkeypatch.setattr(upgrade, "_run", half)
    with pytest.raises(KeyboardInterrupt):
        Store(db)
    assert as_it_is() == ([], [(0,)])
    monkeypatch.undo()
    with Store(db) as store:
        assert store.captures.count() == 0
    assert as_it_is()[1] == [(SCHEMA_VERSION,)]


def test_row_58_a_log_that_a_reader_made_grow_is_cut_when_it_has_gone(
    db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bound = 100_000
    monkeypatch.setattr(database, "_JOURNAL_BYTES", bound)
    log, chance = db.with_name(f"{db.name}-wal"), random.Random(1)

    def write(store: Store, number: int, size: int) -> None:
        body = chance.randbytes(size)
        with store.unit():
            store.captures.add("s", Capture(f"https://www.state.gov/{number}", NOON, Outcome.OK, 200, body=body))

    with Store(db) as store:
        with closing(sqlite3.connect(db)) as reader:
            reader.execute("BEGIN")
            assert reader.execute("SELECT count(*) FROM captures").fetchone() == (0,)
            for number in range(3):
                write(store, number, 2_000_000)
            assert log.stat().st_size > 40 * bound
            assert reader.execute("SELECT count(*) FROM captures").fetchone() == (0,)
        for number in range(3, 6):
            write(store, number, 10)
        assert log.stat().st_size <= bound
        assert store.captures.count() == 6
