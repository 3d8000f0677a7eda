"""Locks between processes: a file that one holds at a time, and that the system lets go of even for what is killed."""

from __future__ import annotations

import fcntl
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from scraper.errors import StoreError

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
