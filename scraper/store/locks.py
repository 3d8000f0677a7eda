"""Locks between processes: one process holds a lock; the system releases it even if that process is killed."""

from __future__ import annotations

import errno
import fcntl
import os
import struct
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Final

from scraper import files
from scraper.errors import LockedError, StoreError, as_disk_error

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scraper.files import Access

DAEMON, SENDING, SENDING_WEBHOOKS, WRITING_FEEDS = ".lock", ".sending", ".sending-webhooks", ".writing-feeds"
SAVING_PAGES = ".saving-pages"
LOCKS: Final = (DAEMON, SENDING, SENDING_WEBHOOKS, WRITING_FEEDS, SAVING_PAGES)
"""Ends of the names of the lock files beside the database."""
# A byte far behind any page of a database and behind the bytes that SQLite itself locks.
_DAEMON_BYTE = 1 << 62
_RUNNING_HINT = "stop it first, or give another database with --db"


@contextmanager
def lock_file(database: Path, end: str, access: Access | None = None) -> Iterator[tuple[IO[str], bool]]:
    """Lock the file beside a database whose name ends with `end` until the end of the block.

    Yield the open file and True, or False if another process holds the lock. The file is not removed: otherwise a third
    process could lock a new file of the same name. Raise `StoreError` if it cannot be opened.
    """
    path = beside(database, end)
    access = access or files.Access.like(database)
    try:
        files.make_folder(path.parent, access)
        file = files.open_lock(path, access)
    except OSError as error:
        raise as_disk_error(error, f"{path} cannot be opened") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield file, False
        else:
            yield file, True


@contextmanager
def only_daemon(database: Path, access: Access | None = None) -> Iterator[None]:
    """Hold `<database>.lock`, with our process id in it, and the database file itself until the end of the block.

    Create the database file if it is missing. Raise `LockedError` if another daemon has it, with its process id if that
    is known, and `StoreError` if the lock cannot be taken. Only the daemon takes this lock.
    """
    access = access or files.Access.like(database)
    with lock_file(database, DAEMON, access) as (file, is_ours):
        if not is_ours:
            file.seek(0)
            process = file.read(20).strip()
            raise LockedError(
                f"a daemon{f' (process {process})' if process.isdigit() else ''} is already running on {database}",
                hint=_RUNNING_HINT,
            )
        with _only_daemon_of_file(database, access):
            try:
                # Not through the buffer of `file`, which would fail again when it is closed.
                os.ftruncate(file.fileno(), 0)
                os.write(file.fileno(), f"{os.getpid()}\n".encode("ascii"))
            except OSError as error:
                raise as_disk_error(error, f"{beside(database, DAEMON)} cannot be written") from error
            yield


@contextmanager
def _only_daemon_of_file(database: Path, access: Access) -> Iterator[None]:
    """Lock a byte of the database file: the lock counts for each name of the file, hard links included.

    Its descriptor is closed after all connections, since SQLite's own locks on the file end with any close of it in
    this process.
    """
    try:
        descriptor = files.open_private(database.resolve(), os.O_RDWR, access)
    except OSError as error:
        raise as_disk_error(error, f"the database {database} cannot be opened") from error
    try:
        # Locks of the open file description (fcntl(2)): unlike others, they do not end with the close of another one.
        lock = struct.pack("hhqqi", fcntl.F_WRLCK, os.SEEK_SET, _DAEMON_BYTE, 1, 0)
        try:
            fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, lock)
        except OSError as error:
            if error.errno not in {errno.EAGAIN, errno.EACCES}:
                raise StoreError(
                    f"the database {database} cannot be locked: {error.strerror or error}",
                    hint="put it on a local disk",
                ) from error
            raise LockedError(
                f"a daemon is already running on the file {database}, under another name of that file",
                hint=f"{_RUNNING_HINT}; `find FOLDER -samefile {database}` finds the other names",
            ) from None
        yield
    finally:
        os.close(descriptor)


def holder(database: Path) -> int | None:
    """Return the process id of the daemon that uses a database, or None if there is none or it cannot be determined."""
    with suppress(OSError, ValueError), beside(database, DAEMON).open(encoding="ascii") as file:
        process = int(file.read(20))
        # Try the lock only if that process exists: a daemon that starts meanwhile must find the lock free.
        with suppress(PermissionError):  # it runs as another user
            os.kill(process, 0)
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return process
    return None


def beside(database: Path, end: str) -> Path:
    """Return the path of a file beside the database, also if the database is named by a symbolic link."""
    return database.resolve().with_name(database.resolve().name + end)
