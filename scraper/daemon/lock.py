"""Lets one daemon at a time watch over a database."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from scraper.errors import LockedError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def only_daemon(database: Path) -> Iterator[None]:
    """Hold `<database>.lock`, with our process id in it; the system lets go even of what is killed.

    Raises `LockedError` that names the process which holds it. Other commands do not ask for it, and the file
    stays: were it removed, a third process could lock another file of the same name.
    """
    path = database.resolve().with_name(database.resolve().name + ".lock")
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
            file.seek(0)
            holder = file.read(20).strip()
            raise LockedError(
                f"a daemon{f' (process {holder})' if holder.isdigit() else ''} watches over {database} already",
                hint="stop it first, or name another database with --db",
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
