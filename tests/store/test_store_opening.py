"""Tests of opening a database: the right mode, the right schema, no other file changed."""

from __future__ import annotations

import ast
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from samples import NOON, ROOT

from scraper.errors import NotADatabaseError, SchemaVersionError, StoreError
from scraper.store import Store, database
from scraper.store.upgrade import APPLICATION_ID, SCHEMA_VERSION, rebuild_search

if TYPE_CHECKING:
    from collections.abc import Callable

PLAIN_VIEWS = {"statement_list", "revision_list", "event_list", "capture_list", "copy_list", "outbox", "search_texts"}


def ask(path: Path, sql: str) -> list[tuple[object, ...]]:
    """An answer by a connection of our own, as any other program would get it."""
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def test_row_51_every_connection_is_in_the_safe_mode(db: Path) -> None:
    # A process of its own, because tests do not wait for the disk: what is shipped counts here.
    script = """\
import sys
from pathlib import Path
from scraper.store import database
opened = database.connect(Path(sys.argv[1]))
names = ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
print({name: opened.execute(f"PRAGMA {name}").fetchone()[0] for name in names})
"""
    done = subprocess.run([sys.executable, "-c", script, db], capture_output=True, text=True, check=True)
    modes = ast.literal_eval(done.stdout)
    assert modes == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "busy_timeout": 30_000}


def test_the_file_says_whose_it_is_and_of_which_age(db: Path) -> None:
    Store(db).close()
    assert ask(db, "PRAGMA application_id") == [(APPLICATION_ID,)]
    assert ask(db, "PRAGMA user_version") == [(SCHEMA_VERSION,)]


def test_folders_on_the_way_are_made(tmp_path: Path) -> None:
    Store(tmp_path / "a" / "b" / "x.db").close()
    assert (tmp_path / "a" / "b" / "x.db").is_file()


def test_all_our_tables_are_strict_and_all_times_checked(db: Path) -> None:
    Store(db).close()
    loose = ask(
        db,
        "SELECT name FROM pragma_table_list WHERE type = 'table' AND NOT strict AND schema = 'main'"
        " AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'revisions_fts%'",
    )
    assert loose == []
    with sqlite3.connect(db) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute(
            "INSERT INTO events (kind, detected_at, reasons, source, backfill)"
            " VALUES ('x', '2026-03-02 12:00', '[]', 's', 0)"
        )
    connection.close()


def test_views_have_plain_names_and_open(db: Path) -> None:
    Store(db).close()
    views = {name for (name,) in ask(db, "SELECT name FROM sqlite_master WHERE type = 'view'")}  # type: ignore[misc]
    assert views == PLAIN_VIEWS
    for view in views:
        assert ask(db, f'SELECT * FROM "{view}"') == []


def test_opening_again_migrates_nothing(db: Path) -> None:
    Store(db).close()
    before = ask(db, "PRAGMA schema_version"), ask(db, "SELECT sql FROM sqlite_master ORDER BY name")
    Store(db).close()
    assert (ask(db, "PRAGMA schema_version"), ask(db, "SELECT sql FROM sqlite_master ORDER BY name")) == before


def test_search_triggers_are_there(db: Path) -> None:
    Store(db).close()
    triggers = {name for (name,) in ask(db, "SELECT name FROM sqlite_master WHERE type = 'trigger'")}  # type: ignore[misc]
    assert triggers >= {"revisions_ai", "revisions_ad", "revisions_au", "events_immutable"}


def test_transform_drops_the_search_triggers_and_rebuild_search_brings_them_back(db: Path) -> None:
    Store(db).close()
    opened = database.connect(db)
    opened.execute("PRAGMA foreign_keys = OFF")
    opened.table("revisions").transform(types={})
    assert "revisions_ai" not in {trigger.name for trigger in opened.triggers}
    rebuild_search(opened)
    assert {"revisions_ai", "revisions_ad", "revisions_au"} <= {trigger.name for trigger in opened.triggers}
    opened.conn.close()


def junk(path: Path) -> None:
    path.write_bytes(b"This is a letter to the editor, and no database. " * 200)


def short_junk(path: Path) -> None:
    path.write_bytes(b"hm\n")


def another_program(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.executescript("PRAGMA application_id = 77; CREATE TABLE recipes (name); INSERT INTO recipes VALUES (1);")
    connection.close()


def another_program_in_wal_mode(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.executescript("PRAGMA journal_mode = wal; CREATE TABLE recipes (name); INSERT INTO recipes VALUES (1);")
    connection.close()


def later_statewire(path: Path) -> None:
    Store(path).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()


def early_statewire(path: Path) -> None:
    Store(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 7")
    connection.close()


def damaged(path: Path) -> None:
    Store(path).close()
    data = bytearray(path.read_bytes())
    data[20:90] = b"\xff" * 70
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (junk, NotADatabaseError, "not an SQLite database"),
        (short_junk, NotADatabaseError, "not an SQLite database"),
        (another_program, NotADatabaseError, "another program"),
        (another_program_in_wal_mode, NotADatabaseError, "another program"),
        (later_statewire, SchemaVersionError, "later statewire"),
        (early_statewire, SchemaVersionError, r"\(schema 7,.*has not been changed.*statewire of commit dd99803"),
        (damaged, NotADatabaseError, "damaged"),
    ],
)
def test_row_55_a_file_that_is_not_ours_is_refused_and_left_as_it_was(
    db: Path, make: Callable[[Path], None], error: type[StoreError], words: str
) -> None:
    make(db)
    before = db.read_bytes()
    with pytest.raises(error, match=words) as raised:
        Store(db)
    assert str(db) in str(raised.value)
    assert raised.value.hint
    assert raised.value.exit_code == 5
    assert db.read_bytes() == before
    assert [path.name for path in db.parent.iterdir()] == [db.name]


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="unable to open"):
        Store(tmp_path)


def test_a_file_where_a_folder_must_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(StoreError, match=r"file.*cannot be opened|cannot be opened.*file"):
        Store(tmp_path / "file" / "x.db")
    assert (tmp_path / "file").read_text(encoding="utf-8") == "x"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc is Linux")
def test_row_55_a_folder_without_write_permission() -> None:
    # Even root may not: what chmod forbids, a test that runs as root would not notice.
    with pytest.raises(StoreError, match="cannot be opened"):
        Store(Path("/proc/statewire/x.db"))
    with pytest.raises(StoreError, match="unable to open"):
        Store(Path("/proc/statewire.db"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_row_55_a_read_only_folder(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(0o500)
    with pytest.raises(StoreError, match="unable to open"):
        Store(folder / "x.db")
    folder.chmod(0o700)


def test_an_old_sqlite_is_named(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_OLDEST_SQLITE", (99, 0, 0))
    with pytest.raises(StoreError, match=r"SQLite 3\."):
        Store(db)
    assert not db.exists()


OPENERS = """
import os, pathlib, sys, traceback
from scraper.store import Store
for number in range(16):
    gate, starter = os.pipe()
    children = []
    for _ in range(6):
        if (child := os.fork()) == 0:
            os.close(starter)
            os.read(gate, 1)
            try:
                Store(pathlib.Path(sys.argv[1], f"{number}.db")).close()
            except BaseException:
                traceback.print_exc()
            os._exit(0)
        children.append(child)
    os.close(gate)
    os.close(starter)
    for child in children:
        os.waitpid(child, 0)
"""


def test_several_processes_open_a_new_database_at_once(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", OPENERS, str(tmp_path)], cwd=ROOT, capture_output=True, text=True)
    assert done.stderr == ""
    for number in range(16):
        path = tmp_path / f"{number}.db"
        assert ask(path, "SELECT * FROM alert_cursor") == [(1, 0)]
        assert ask(path, "PRAGMA user_version") == [(SCHEMA_VERSION,)]


def test_row_57_a_copy_made_by_sqlite_holds_everything_while_the_database_is_open(db: Path, store: Store) -> None:
    with store.unit():
        store.endpoints.set_clock("x", NOON)
    copy = db.with_name("copy.db")
    source, target = sqlite3.connect(db), sqlite3.connect(copy)
    source.backup(target)
    source.close()
    target.close()
    with Store(copy) as copied:
        assert copied.endpoints.clock("x") == NOON
