"""What politeness must remember of a host between two runs."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING

from scraper.model import HostState
from scraper.store.database import insert, moment, stamp

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlite_utils import Database

_ALMOST_A_SECOND = timedelta(microseconds=999_999)


class Hosts:
    """The states of hosts, by host name."""

    def __init__(self, db: Database, unit: Callable[[], AbstractContextManager[None]]) -> None:
        self._db = db
        self._unit = unit

    def load(self, host: str) -> HostState:
        """What is known of a host; an empty state where nothing is."""
        row = self._db.execute(
            "SELECT last_request_at, not_before, robots_text, robots_fetched_at FROM hosts WHERE host = ?", [host]
        ).fetchone()
        if row is None:
            return HostState(host)
        last, not_before, robots, fetched = row
        return HostState(
            host,
            moment(last) if last else None,
            moment(not_before) if not_before else None,
            robots,
            moment(fetched) if fetched else None,
        )

    def save(self, state: HostState) -> None:
        """Keep the state of a host, at once: a unit of its own, for the next request hangs on it."""
        row = asdict(state)
        for key in ("last_request_at", "not_before", "robots_fetched_at"):
            # Stored to the second, so rounded up: a gap kept in memory may not shrink on disk.
            row[key] = stamp(row[key] + _ALMOST_A_SECOND) if row[key] else None
        with self._unit():
            insert(self._db, "hosts", row, replace=True)
