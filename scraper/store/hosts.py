"""Throttle state of hosts between two runs: last request, earliest next request, robots.txt, requests of the day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from scraper.model import HostState
from scraper.serialize import parse_utc
from scraper.store.codec import insert, load, to_row

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from datetime import date

    from sqlite_utils import Database

# Searches lead to new hosts every day. Longer than any wait between two polls of a source.
_OLD = timedelta(days=30)
_ALMOST_A_SECOND = timedelta(microseconds=999_999)


class Hosts:
    """Table of host states, by host name."""

    def __init__(self, db: Database, unit: Callable[[], AbstractContextManager[None]]) -> None:
        self._db = db
        self._unit = unit

    def load(self, host: str) -> HostState:
        """Return the state of a host, or an empty state if the host is unknown."""
        return next(iter(self._many("WHERE host = ?", [host])), HostState(host))

    def asked_on(self, day: date) -> list[HostState]:
        """Return the hosts that had requests on a day (UTC, today or yesterday), the busiest first."""
        return self._many("WHERE counted_on = ? AND requests > 0 ORDER BY requests DESC, host", [day])

    def pauses(self, now: datetime, latest: datetime) -> dict[str, datetime]:
        """Return the hosts that ask for no requests at `now`, each with the end of its pause.

        A pause beyond `latest`, the end of the longest one that is allowed, was stored by a wrong clock.
        """
        sql = "SELECT host, not_before_at FROM hosts WHERE not_before_at > ? AND not_before_at <= ?"
        found = self._db.execute(sql, [now, latest + _ALMOST_A_SECOND])
        return {host: parse_utc(until) for host, until in found}

    def save(self, state: HostState) -> None:
        """Store the state of a host at once, in a unit of work of its own, because the next request depends on it."""
        self.change(state.host, lambda _: state)

    def change(self, host: str, change: Callable[[HostState], HostState]) -> None:
        """Change the stored state of a host at once, so that changes by another process are not lost."""
        with self._unit():
            row = to_row(change(self.load(host)))
            # Times are stored to the second: a gap must not be shorter on disk than in memory.
            row = {column: it + _ALMOST_A_SECOND if isinstance(it, datetime) else it for column, it in row.items()}
            insert(self._db, "hosts", row, replace=True)

    def forget(self, now: datetime) -> None:
        """Remove hosts that got their last request long ago and ask for no pause. The caller holds a transaction."""
        sql = "DELETE FROM hosts WHERE last_request_at < ? AND ifnull(not_before_at, '') <= ?"
        self._db.execute(sql, [now - _OLD, now])

    def _many(self, where: str, values: Sequence[Any]) -> list[HostState]:
        return load(HostState, self._db, f"SELECT * FROM hosts {where}", values)  # noqa: S608
