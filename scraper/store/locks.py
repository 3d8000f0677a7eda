"""Locks between processes: a file that one holds at a time, and that the system lets go of even for what is killed."""

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
    """The open file, and whether it is ours until the end of the block (False: somebody else holds it).

    The file stays: were it removed, a third process could lock another one of the same name. Raises `StoreError`
    where it cannot be opened.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="ascii", errors="replace")
    except OSError as error:
        raise StoreError(
            f"{path} cannot be opened: {error.strerror or error}", hint="see who owns it, and whether the disk has room"
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
    """Hold `<database>.lock`, with our process id in it; the system lets go even of what is killed.

    Raises `LockedError` that names the process which holds it. Other commands do not ask for it.
    """
    with lock_file(_path(database)) as (file, is_ours):
        if not is_ours:
            file.seek(0)
            process = file.read(20).strip()
            raise LockedError(
                f"a daemon{f' (process {process})' if process.isdigit() else ''} watches over {database} already",
                hint="stop it first, or name another database with --db",
            )
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def holder(database: Path) -> int | None:
    """The process of the daemon that watches over a database; None where there is none, or it cannot be told."""
    with suppress(OSError, ValueError), _path(database).open(encoding="ascii") as file:
        process = int(file.read(20))
        # Only a lock that a living process may hold is tried: a daemon that starts meanwhile must find it free.
        with suppress(PermissionError):  # it lives, as another user
            os.kill(process, 0)
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return process
    return None


def _path(database: Path) -> Path:
    return database.resolve().with_name(database.resolve().name + ".lock")
