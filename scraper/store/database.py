"""Connection to the database: open, create or upgrade it, units of work, and translation of SQLite's errors."""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from scraper import files
from scraper.errors import NotADatabaseError, SchemaVersionError, StoreError, StoreFullError, as_disk_error
from scraper.store import paths, public, readonly, upgrade
from scraper.store.locks import LOCKS, beside
from scraper.store.plain_sqlite import Database
from scraper.store.upgrade import APPLICATION_ID, SCHEMA_VERSION
from scraper.text import scripts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scraper.files import Access
    from scraper.store.readonly import Unchanging


log = logging.getLogger("statewire")

SYNCHRONOUS = "FULL"  # in WAL mode, NORMAL may lose the last transactions if the power fails
_BUSY_S = 30.0
_JOURNAL_BYTES = 64 * 1024 * 1024
_OLDEST_SQLITE = (3, 37, 0)  # STRICT tables
# SQLite reports a quota, or a file that may not grow, as a write error and not as a full disk.
_FULL = frozenset({"SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE"})
_UPGRADES_OLDER = "dd99803"  # the last commit with the upgrades of schemas 1 to 7, the one of 0.1.0, to schema 8


class ReadOnlyDatabase(Database):
    """Database that is only read; `unchanging` is the state of its file if that is read as immutable."""

    def __init__(self, path: Path, connection: sqlite3.Connection, unchanging: Unchanging | None) -> None:
        super().__init__(connection, execute_plugins=False, strict=True)
        self.unchanging = unchanging
        self._path = path
        self._file = _identity(path)

    def is_current(self) -> bool:
        """Return False if the path has another file now, or if the file is read as immutable and was changed.

        So it is if another process has upgraded it: then it cannot be opened again, and the error says why.
        """
        if _identity(self._path) != self._file or (self.unchanging is not None and not self.unchanging.holds()):
            return False
        return _version(self) == SCHEMA_VERSION


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


def connect(path: Path, access: Access | None = None) -> Database:
    """Open the database, create or upgrade it where needed. Each thread opens its own connection.

    `access` is who may read its files; existing ones of this user are changed to that. By default it is their owner,
    and a group if the database has exactly its permissions (0640). A user who may not write it gets a
    `ReadOnlyDatabase`.

    Raise `NotADatabaseError` for any other file, `SchemaVersionError` for the database of a later statewire or of one
    before schema 8, and `StoreError` if the file cannot be opened. In these cases the file is not changed.
    """
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise StoreError(
            f"this Python has SQLite {sqlite3.sqlite_version}, but statewire needs 3.37 or later",
            hint="use a newer Python or operating system",
        )
    try:
        may_write = readonly.may_write(path)
    except OSError as error:
        raise as_disk_error(error, f"the database {path} cannot be opened") from error
    with store_errors(path):
        if not may_write:
            return _connect_read_only(path)
        access = access or files.Access.like(path)
        is_new = _create(path, access)
        connection = sqlite3.connect(path, timeout=_BUSY_S)
        try:
            _check_ours(connection, path)
            db = Database(connection, execute_plugins=False, strict=True)
            _configure(db)
            _create_or_upgrade(db)
            db.execute("PRAGMA foreign_keys = ON")
            _restrict(path, access)
        except BaseException:
            connection.close()
            if is_new:
                _remove_if_empty(path)
            raise
    return db


def connect_for(path: Path, audience: public.Audience) -> ReadOnlyDatabase:
    """Open the database for reading only, and only what an audience may read.

    Raise `StoreError` if there is none, or if it has another schema; see `connect`.
    """
    paths.check_existing(path)
    with store_errors(path):
        db = _connect_read_only(path)
    public.restrict(db.conn, audience)
    return db


def _connect_read_only(path: Path) -> ReadOnlyDatabase:
    connection, unchanging = readonly.open_read_only(path, _BUSY_S)
    try:
        _check_ours(connection, path)
        if (version := _version(connection)) != SCHEMA_VERSION:
            raise SchemaVersionError(
                f"{path} has schema {version}, must be upgraded to {SCHEMA_VERSION}, and here it is only read",
                hint="let its owner open it once: statewire status",
            )
        db = ReadOnlyDatabase(path, connection, unchanging)
        _add_functions(db)
    except BaseException:
        connection.close()
        raise
    return db


def _create(path: Path, access: Access) -> bool:
    """Create an empty database file that no other user may read, and its folder; return False if it exists."""
    try:
        files.make_folder(path.parent, access)
    except OSError as error:
        raise as_disk_error(error, f"the database {path} cannot be opened: {path.parent}") from error
    if path.exists():
        return False
    try:
        os.close(files.open_private(path.resolve(), os.O_RDWR | os.O_EXCL, access))
    except FileExistsError:  # another process was faster
        return False
    except OSError as error:
        raise as_disk_error(error, f"the database {path} failed: unable to open database file") from error
    return True


def _remove_if_empty(path: Path) -> None:
    with suppress(OSError):
        if path.stat().st_size == 0:
            path.unlink()


def _restrict(path: Path, access: Access) -> None:
    """Give the files of the database the permissions of `access`; log those that it had to change.

    SQLite creates the files beside the database with its mode, but with the group of the process.
    """
    others = [beside(path, end) for end in ("-wal", "-shm", "-journal", *LOCKS)]
    try:
        widest = files.restrict([path, *others], access)
    except OSError as error:
        raise as_disk_error(error, f"the permissions of the database {path} cannot be set") from error
    if widest:
        names = ", ".join(file.name for file in widest)
        log.info("made readable for %s only: %s in %s", access.who, names, path.parent)


def _check_ours(connection: sqlite3.Connection, path: Path) -> None:
    # One transaction, so one snapshot of the file: another process may be creating it at the same time.
    connection.execute("BEGIN")
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    version = _version(connection)
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    connection.execute("ROLLBACK")
    if tables and application != APPLICATION_ID:
        raise NotADatabaseError(f"{path} is a database of another program", hint="give another file with --db")
    if version > SCHEMA_VERSION:
        raise SchemaVersionError(
            f"{path} was written by a later statewire (schema {version}, this version supports {SCHEMA_VERSION})",
            hint="update statewire, or give another file with --db",
        )
    if 0 < version < min(upgrade.UPGRADES):
        raise SchemaVersionError(
            f"{path} was written by an early statewire (schema {version}, this one upgrades {min(upgrade.UPGRADES)} and"
            " later); the file has not been changed",
            hint=f"back it up, open it once with statewire of commit {_UPGRADES_OLDER} (`statewire --db FILE status`),"
            " then with this one",
        )


def _add_functions(db: Database) -> None:
    db.conn.create_function("search_text", 1, scripts.index_text, deterministic=True)


def _configure(db: Database) -> None:
    _add_functions(db)
    db.execute(f"PRAGMA synchronous = {SYNCHRONOUS}")
    db.execute(f"PRAGMA journal_size_limit = {_JOURNAL_BYTES}")
    # If several processes open a new file at once, SQLite lets one of them change to WAL and refuses the others
    # without waiting.
    until_s = time.monotonic() + _BUSY_S
    while True:
        try:
            if db.journal_mode != "wal":
                db.enable_wal()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until_s:
                raise
            time.sleep(0.01)
        else:
            return


def _create_or_upgrade(db: Database) -> None:
    if _version(db) == SCHEMA_VERSION:
        return
    with unit(db):
        # Another process may have done it in the meantime.
        version = _version(db)
        if version == 0:
            upgrade.create(db)
        elif version < SCHEMA_VERSION:
            log.warning("upgrading the database from schema %d to %d", version, SCHEMA_VERSION)
            upgrade.upgrade(db, version)


def _version(db: Database | sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


@contextmanager
def unit(db: Database) -> Iterator[None]:
    """Run the block as one transaction: commit everything written inside, or nothing if an exception is raised.

    The transaction is IMMEDIATE, because SQLite refuses a deferred one that reads before it writes at once if another
    process has committed in between. Units are not nested, so that no function commits half of its caller's work.
    """
    connection = db.conn
    if connection.in_transaction:
        raise StoreError("a unit of work was started inside another one; this is a bug in statewire")
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Raise SQLite's errors in the block as `StoreError`, with the file and what to do."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise as_store_error(error, path) or error from error


def as_store_error(error: Exception, path: Path) -> StoreError | None:
    """Return the `StoreError` for an error of SQLite, with the file and what to do; None for any other error."""
    if not isinstance(error, sqlite3.DatabaseError):
        return None
    message = str(error)
    if "not a database" in message or "malformed" in message:
        return NotADatabaseError(
            f"{path} is not an SQLite database, or is damaged ({message})",
            hint="give another file with --db, or restore a backup",
        )
    name = getattr(error, "sqlite_errorname", "")
    if name in _FULL:
        return StoreFullError(
            f"the disk of the database {path} is full: {message}",
            hint="free some space and run the command again; what was stored is intact, the rest is fetched again",
        )
    hint = "check that the folder exists, is writable and has free space"
    if "locked" in message:
        hint = "another process is writing; retry in a moment"
    elif name.startswith("SQLITE_READONLY"):
        hint = "run the command as its owner, in a folder that is writable"
    return StoreError(f"the database {path} failed: {message}", hint=hint)
