"""What politeness must remember of a host between two runs."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from scraper.model import HostState
from scraper.serialize import format_utc, parse_utc
from scraper.store.codec import insert, rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from sqlite_utils import Database

_ALMOST_A_SECOND = timedelta(microseconds=999_999)
_TIMES = ("last_request_at", "not_before", "robots_fetched_at")


class Hosts:
    """The states of hosts, by host name."""

    def __init__(self, db: Database, unit: Callable[[], AbstractContextManager[None]]) -> None:
        self._db = db
        self._unit = unit

    def load(self, host: str) -> HostState:
        """What is known of a host; an empty state where nothing is."""
        return next(iter(self._many("WHERE host = ?", [host])), HostState(host))

    def asked_on(self, day: date) -> list[HostState]:
        """The hosts that had requests on a day (UTC, today or yesterday), the busiest first."""
        return self._many("WHERE counted_on = ? AND requests > 0 ORDER BY requests DESC, host", [day.isoformat()])

    def save(self, state: HostState) -> None:
        """Keep the state of a host, at once: a unit of its own, for the next request hangs on it."""
        self.change(state.host, lambda _: state)

    def change(self, host: str, change: Callable[[HostState], HostState]) -> None:
        """Replace the state of a host, at once: what another process noted meanwhile is not lost."""
        with self._unit():
            insert(self._db, "hosts", _row(change(self.load(host))), replace=True)

    def _many(self, where: str, values: Sequence[str]) -> list[HostState]:
        return [_state(row) for row in rows(self._db, f"SELECT * FROM hosts {where}", values)]  # noqa: S608


def _row(state: HostState) -> dict[str, Any]:
    row = asdict(state)
    for key in _TIMES:
        # Stored to the second, so rounded up: a gap kept in memory may not shrink on disk.
        row[key] = format_utc(row[key] + _ALMOST_A_SECOND) if row[key] else None
    row["counted_on"] = state.counted_on.isoformat() if state.counted_on else None
    return row


def _state(row: dict[str, Any]) -> HostState:
    for key in _TIMES:
        row[key] = parse_utc(row[key]) if row[key] else None
    row["counted_on"] = date.fromisoformat(row["counted_on"]) if row["counted_on"] else None
    return HostState(**row)
