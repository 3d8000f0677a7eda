"""Backup of the database while other processes write: by SQLite's backup API, checked before it gets its name."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from scraper import files
from scraper.errors import InputError, StoreError
from scraper.store.database import store_errors

if TYPE_CHECKING:
    from pathlib import Path

    from scraper.store import Store


def backup(store: Store, target: Path, *, replace: bool = False) -> int:
    """Write a copy of the database to a file that only its owner may read, and return its size in bytes.

    Raise `InputError` if the target exists (unless `replace` is set) or is the database itself, and `StoreError` if the
    copy cannot be written or is not whole; the previous file is then unchanged.
    """
    if target.exists() and not replace:
        raise InputError(f"{target} exists", hint="give another file, or replace it with --force")
    if target.exists() and target.samefile(store.path):
        raise InputError(f"{target} is the database itself", hint="give another file")
    try:
        target = files.target_of(target)
        part = target.with_name(f"{target.name}.part")
        part.unlink(missing_ok=True)
        # Create the file here, so that no other user can read it even while it grows.
        os.close(files.open_private(part, os.O_EXCL | os.O_WRONLY))
        try:
            _copy(store, part)
            size = part.stat().st_size
            part.replace(target)
        finally:
            for leftover in (part, *(part.with_name(part.name + end) for end in ("-journal", "-wal", "-shm"))):
                leftover.unlink(missing_ok=True)
        _sync(target.parent)
    except OSError as error:
        raise StoreError(
            f"the backup {target} cannot be written: {error.strerror or error}",
            hint="give a file in an existing, writable folder with enough space",
        ) from error
    return size


def _copy(store: Store, part: Path) -> None:
    with store_errors(part), closing(sqlite3.connect(part)) as copy:
        # Copy in one step: in several steps SQLite would start again after each write of another process.
        store.database.conn.backup(copy, pages=-1)
        # The backup is one file, without a journal beside it.
        copy.execute("PRAGMA journal_mode = DELETE")
        found = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise StoreError(
            f"the copy of {store.path} is damaged ({found})",
            hint="check the database with `statewire doctor`; an old backup, if any, is unchanged",
        )
    _sync(part)


def _sync(path: Path) -> None:
    """Sync a file, or a folder, so that the new name of the file survives a power loss too."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
