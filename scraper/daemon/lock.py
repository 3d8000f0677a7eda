"""Lets one daemon at a time watch over a database."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from scraper.errors import LockedError
from scraper.locking import lock_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


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
