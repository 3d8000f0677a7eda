"""Opening of a database by a user who may read it and not write it.

In WAL mode SQLite needs the files `-wal` and `-shm` beside the database. While a process has it open, they exist, and a
reader uses them. Otherwise a reader would have to create them, and may not. It then reads the file as immutable, which
takes no locks; a process that writes into the file in the meantime is noticed by `Unchanging.check`.
"""

from __future__ import annotations

import os
import sqlite3
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from scraper.errors import StoreError
from scraper.store.locks import beside

if TYPE_CHECKING:
    from pathlib import Path

_TRIES = 20
_RETRY_S = 0.05
# Two writes within one tick of the kernel's clock leave the same time.
_TICK_NS = 20_000_000


def may_write(path: Path) -> bool:
    """Return True if this process may write a database file and the files beside it, or create them."""
    if not path.exists():
        return True
    if not os.access(path, os.W_OK, effective_ids=True):
        return False
    if os.access(path.resolve().parent, os.W_OK | os.X_OK, effective_ids=True):
        return True
    # As long as another process has it open, nothing has to be created.
    return all(os.access(beside(path, end), os.W_OK, effective_ids=True) for end in ("-wal", "-shm"))


@dataclass(frozen=True, slots=True)
class Unchanging:
    """State of a database file that is read as immutable: inode, size and times."""

    path: Path
    state: tuple[int, ...]

    def check(self) -> None:
        """Raise `StoreError` if a process has opened the file for writing since it was opened here."""
        if not self.holds():
            raise StoreError(
                f"the database {self.path} was changed by another process while it was read, so what was read is"
                " not reliable",
                hint="run the command again",
            )

    def holds(self) -> bool:
        """Return True if no process has opened the file for writing."""
        return not _has_log(self.path) and _state(self.path) == self.state


def open_read_only(path: Path, timeout_s: float) -> tuple[sqlite3.Connection, Unchanging | None]:
    """Open a database for reading; return the connection, and the state of the file if it is read as immutable.

    Raise `sqlite3.Error`, or `StoreError` if other processes open and close it all the time.
    """
    for _ in range(_TRIES):
        if _has_log(path):
            try:
                return _connect(path, "mode=ro", timeout_s), None
            except sqlite3.OperationalError:
                if _has_log(path):
                    raise
        else:
            if time.time_ns() - path.stat().st_mtime_ns < _TICK_NS:
                time.sleep(_TICK_NS / 1e9)
            unchanging = Unchanging(path, _state(path))
            connection = _connect(path, "mode=ro&immutable=1", timeout_s)
            if unchanging.holds():
                return connection, unchanging
            connection.close()
        time.sleep(_RETRY_S)
    raise StoreError(
        f"the database {path} is opened and closed by other processes all the time", hint="try again later"
    )


def _connect(path: Path, parameters: str, timeout_s: float) -> sqlite3.Connection:
    uri = f"file:{quote(str(path.resolve()))}?{parameters}"
    connection = sqlite3.connect(uri, timeout=timeout_s, uri=True)
    try:
        # The first query opens the files.
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _has_log(path: Path) -> bool:
    """Return True if a process has the database open, or ended without closing it; a backup may have a journal."""
    return any(beside(path, end).exists() for end in ("-wal", "-journal"))


def _state(path: Path) -> tuple[int, ...]:
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
