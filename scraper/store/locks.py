"""File locks between processes: one process holds a lock; the system releases it even if that process is killed."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING

from scraper.errors import LockedError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def lock_file(path: Path) -> Iterator[tuple[IO[str], bool]]:
    """Lock a file until the end of the block; yield the open file and True, or False if another process holds the lock.

    The file is not removed: otherwise a third process could lock a new file of the same name. Raise `StoreError` if it
    cannot be opened.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="ascii", errors="replace")
    except OSError as error:
        raise StoreError(
            f"{path} cannot be opened: {error.strerror or error}",
            hint="check its owner and permissions, and the free space of the disk",
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield file, False
        else:
            yield file, True


@contextmanager
def only_daemon(database: Path) -> Iterator[None]:
    """Hold `<database>.lock`, with our process id in it, until the end of the block.

    Raise `LockedError` with the id of the process that holds it. Only the daemon takes this lock.
    """
    with lock_file(_path(database)) as (file, is_ours):
        if not is_ours:
            file.seek(0)
            process = file.read(20).strip()
            raise LockedError(
                f"a daemon{f' (process {process})' if process.isdigit() else ''} is already running on {database}",
                hint="stop it first, or give another database with --db",
            )
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def holder(database: Path) -> int | None:
    """Return the process id of the daemon that uses a database, or None if there is none or it cannot be determined."""
    with suppress(OSError, ValueError), _path(database).open(encoding="ascii") as file:
        process = int(file.read(20))
        # Try the lock only if that process exists: a daemon that starts meanwhile must find the lock free.
        with suppress(PermissionError):  # it runs as another user
            os.kill(process, 0)
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return process
    return None


def _path(database: Path) -> Path:
    return database.resolve().with_name(database.resolve().name + ".lock")
