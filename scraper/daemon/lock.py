"""Lets one daemon at a time watch over a database."""

from __future__ import annotations

import os
from contextlib import contextmanager
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
    path = database.resolve().with_name(database.resolve().name + ".lock")
    with lock_file(path) as (file, is_ours):
        if not is_ours:
            file.seek(0)
            holder = file.read(20).strip()
            raise LockedError(
                f"a daemon{f' (process {holder})' if holder.isdigit() else ''} watches over {database} already",
                hint="stop it first, or name another database with --db",
            )
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
