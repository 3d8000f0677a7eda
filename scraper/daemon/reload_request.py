"""Request to the running daemon of a database, from another process, to read its configuration again."""

from __future__ import annotations

import os
import signal
from enum import Enum, auto
from pathlib import Path
from typing import NamedTuple

from scraper.store import locks


class ReloadOutcome(Enum):
    """Outcomes of a request to reload."""

    NO_DAEMON = auto()
    """No daemon runs on the database."""
    REQUESTED = auto()
    """The daemon was sent SIGHUP."""
    FORBIDDEN = auto()
    """The daemon, or the lock file of the database, belongs to another user."""
    ELSEWHERE = auto()
    """The daemon runs in another container, where its process has another id."""


class ReloadRequest(NamedTuple):
    """Result of a request: its outcome, and the process id of the daemon if it is known."""

    outcome: ReloadOutcome
    process: int | None = None


def request_reload(database: Path) -> ReloadRequest:
    """Send SIGHUP to the daemon of a database, if there is one and it may be signalled from here."""
    lock = locks.beside(database, locks.DAEMON)
    try:
        # Otherwise a lock file that cannot be read would look like no daemon.
        with lock.open("rb"):
            pass
    except FileNotFoundError:
        return ReloadRequest(ReloadOutcome.NO_DAEMON)
    except PermissionError:
        return ReloadRequest(ReloadOutcome.FORBIDDEN)
    process = locks.holder(database)
    if process is None:
        return ReloadRequest(ReloadOutcome.NO_DAEMON)
    try:
        # A daemon in a container wrote the id that its process has there; here it may be that of any other process.
        if not _has_open(process, lock):
            return ReloadRequest(ReloadOutcome.ELSEWHERE, process)
        os.kill(process, signal.SIGHUP)
    except PermissionError:
        return ReloadRequest(ReloadOutcome.FORBIDDEN, process)
    except (FileNotFoundError, ProcessLookupError):
        return ReloadRequest(ReloadOutcome.ELSEWHERE, process)
    return ReloadRequest(ReloadOutcome.REQUESTED, process)


def _has_open(process: int, file: Path) -> bool:
    """Return True if a process has a file open. Raise `OSError` if that cannot be determined."""
    wanted = file.stat()
    for descriptor in Path(f"/proc/{process}/fd").iterdir():
        try:
            found = descriptor.stat()
        except FileNotFoundError:  # closed meanwhile
            continue
        if os.path.samestat(found, wanted):
            return True
    return False
