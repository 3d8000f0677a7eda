"""Tests of transactions: all or nothing, never nested, and safe beside other processes."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from samples import NOON, ROOT

from scraper.errors import StoreError
from scraper.model import Capture, Outcome
from scraper.store import Store

if TYPE_CHECKING:
    from pathlib import Path


def capture(number: int) -> Capture:
    return Capture(f"https://www.state.gov/{number}", NOON, Outcome.OK, 200, body=b"x" * number)


def fail_within(store: Store, taken: Capture, error: type[BaseException]) -> None:
    with store.unit():
        store.captures.add("s", taken)
        raise error


def test_written_rows_are_visible_to_others_only_after_the_unit(db: Path, store: Store) -> None:
    with Store(db) as other:
        with store.unit():
            store.captures.add("s", capture(1))
            assert other.captures.count() == 0
        assert other.captures.count() == 1


def test_a_unit_is_never_nested(store: Store) -> None:
    with store.unit():
        store.captures.add("s", capture(1))
        with pytest.raises(StoreError, match="inside another"), store.unit():
            pass
        store.captures.add("s", capture(2))
    assert store.captures.count() == 2


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_any_exception_takes_all_of_it_back(store: Store, error: type[BaseException]) -> None:
    with store.unit():
        store.captures.add("s", capture(1))
    with pytest.raises(error):
        fail_within(store, capture(2), error)
    assert store.captures.count() == 1
    with store.unit():
        store.captures.add("s", capture(3))
    assert store.captures.count() == 2


def test_a_commit_that_fails_takes_all_of_it_back(db: Path, store: Store) -> None:
    connection = store._db.conn

    def break_the_commit() -> None:
        with store.unit():
            store.captures.add("s", capture(1))
            connection.execute("PRAGMA defer_foreign_keys = ON")
            connection.execute("INSERT INTO renderings (revision_id, title, text, replaced_at) VALUES (99, '', '', '')")

    with pytest.raises(StoreError, match="FOREIGN KEY"):
        break_the_commit()
    assert not connection.in_transaction
    assert store.captures.count() == 0
    with store.unit():
        store.captures.add("s", capture(2))
    assert store.captures.count() == 1


def test_row_52_a_full_disk_takes_all_of_it_back(store: Store) -> None:
    with store.unit():
        store.captures.add("s", capture(1))
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count = {pages + 2}")
    big = Capture("https://www.state.gov/big", NOON, Outcome.OK, 200, body=random.Random(1).randbytes(200_000))

    def write_too_much() -> None:
        with store.unit():
            store.captures.add("s", capture(2))
            store.captures.add("s", big)

    with pytest.raises(StoreError, match="full"):
        write_too_much()
    assert store.captures.count() == 1
    assert store._db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_foreign_key_is_kept(store: Store) -> None:
    with pytest.raises(StoreError, match="FOREIGN KEY"), store.unit():
        store._db.execute("INSERT INTO renderings (revision_id, title, text, replaced_at) VALUES (99, '', '', '')")


def test_a_writer_that_waits_too_long_gets_an_error_that_another_one_writes(db: Path, store: Store) -> None:
    with Store(db) as other:
        other._db.execute("PRAGMA busy_timeout = 50")
        with store.unit(), pytest.raises(StoreError, match="locked") as raised, other.unit():
            pass
    assert "another process" in raised.value.hint


COUNTER = """
import pathlib, sys
from datetime import timedelta
from scraper.store import Store
from scraper.serialize import parse_utc
path, times = pathlib.Path(sys.argv[1]), int(sys.argv[2])
with Store(path) as store:
    for _ in range(times):
        with store.unit():
            # Read, then write: what a deferred transaction would be refused for.
            then = store.endpoints.clock("counter")
            store.endpoints.set_clock("counter", then + timedelta(seconds=1))
"""


def test_row_53_three_processes_that_read_and_then_write_lose_nothing(db: Path, store: Store) -> None:
    with store.unit():
        store.endpoints.set_clock("counter", NOON)
    command = [sys.executable, "-c", COUNTER, str(db), "60"]
    writers = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    assert [writer.communicate()[1] for writer in writers] == [""] * 3
    assert store.endpoints.clock("counter") == NOON + timedelta(seconds=180)


PAIRS = """
import pathlib, sys
from scraper.store import Store
with Store(pathlib.Path(sys.argv[1])) as store:
    for number in range(100_000):
        with store.unit():
            store._db.execute("INSERT INTO endpoints (url) VALUES (?)", [f"a{number}"])
            store._db.execute("INSERT INTO endpoints (url) VALUES (?)", [f"b{number}"])
        print(number, flush=True)
"""


@pytest.fixture
def killed(db: Path) -> int:
    """The last number that a writer of pairs acknowledged before it was killed in the middle of its work."""
    Store(db).close()
    writer = subprocess.Popen([sys.executable, "-c", PAIRS, str(db)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    writer.stdout.readline()
    time.sleep(random.Random().uniform(0.0, 0.05))
    writer.send_signal(signal.SIGKILL)
    output = writer.stdout.read().split()
    writer.stdout.close()
    writer.wait()
    return int(output[-1]) if output else 0


@pytest.mark.parametrize("_", range(2))
def test_row_50_a_killed_writer_leaves_whole_units_and_all_that_it_acknowledged(db: Path, killed: int, _: int) -> None:
    connection = sqlite3.connect(db)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    urls = {url for (url,) in connection.execute("SELECT url FROM endpoints")}
    connection.close()
    assert {url[1:] for url in urls if url[0] == "a"} == {url[1:] for url in urls if url[0] == "b"}
    assert {f"a{number}" for number in range(killed + 1)} <= urls
