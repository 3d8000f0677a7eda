"""Tests of backups: complete, private, and replacing a good one only by another good one."""

from __future__ import annotations

import sqlite3
import stat
import threading
from typing import TYPE_CHECKING

import pytest
from samples import NOON

from scraper.errors import InputError, StoreError
from scraper.model import Capture, Outcome
from scraper.store import Store
from scraper.store.backup import backup

if TYPE_CHECKING:
    from pathlib import Path


def fill(store: Store, number: int) -> None:
    with store.unit():
        for part in range(2):
            url = f"https://www.state.gov/{number}/{part}/"
            store.captures.add("state", Capture(url, NOON, Outcome.OK, 200, url, (), b"%d" % number * 5000))


def test_a_backup_has_what_was_there_and_is_its_owners_alone(store: Store, tmp_path: Path) -> None:
    fill(store, 1)
    target = tmp_path / "copy.db"
    assert backup(store, target) == target.stat().st_size
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.glob("copy*")] == ["copy.db"]
    with Store(target) as copy:
        assert copy.captures.get(1) == store.captures.get(1)


def test_an_existing_file_is_replaced_only_on_request(store: Store, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    target.write_text("dear")
    with pytest.raises(InputError, match="--force"):
        backup(store, target)
    assert target.read_text() == "dear"
    backup(store, target, replace=True)
    assert target.read_bytes().startswith(b"SQLite format 3")


def test_the_database_is_no_backup_of_itself(store: Store, tmp_path: Path) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(store.path)
    for target in (store.path, link):
        with pytest.raises(InputError, match="itself"):
            backup(store, target, replace=True)


def test_a_missing_folder_is_reported(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"nowhere.*cannot be written.*Give a file"):
        backup(store, tmp_path / "nowhere" / "copy.db")


def test_a_copy_that_is_not_whole_leaves_the_old_backup_alone(store: Store, tmp_path: Path) -> None:
    fill(store, 1)
    target = tmp_path / "copy.db"
    target.write_text("dear")
    # An index that no longer has what its table has.
    store.database.execute("PRAGMA writable_schema = ON")
    store.database.execute(
        "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name ="
        " 'captures_by_url') WHERE name = 'captures_unique'"
    )
    store.database.conn.commit()
    with pytest.raises(StoreError, match=r"not whole|damaged"):
        backup(store, target, replace=True)
    assert target.read_text() == "dear"
    assert [path.name for path in tmp_path.glob("copy*")] == ["copy.db"]


def test_row_57_a_backup_while_others_write_is_one_moment_of_them(store: Store, tmp_path: Path) -> None:
    done = threading.Event()

    def write() -> None:
        with Store(store.path) as mine:
            number = 0
            while not done.is_set():
                number += 1
                fill(mine, number)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        counts = []
        for number in range(5):
            target = tmp_path / f"copy-{number}.db"
            backup(store, target)
            connection = sqlite3.connect(target)
            counts.append(connection.execute("SELECT count(*) FROM captures").fetchone()[0])
            connection.close()
    finally:
        done.set()
        writer.join()
    assert all(count % 2 == 0 for count in counts)
    assert counts == sorted(counts)
