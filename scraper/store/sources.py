"""Table `sources`, the state of each source: last attempt and success, serving endpoint, incident, next due time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from scraper.store.codec import from_row, insert, rows, to_row

if TYPE_CHECKING:
    from datetime import datetime

    from sqlite_utils import Database

    from scraper.model import EventKind, Role


@dataclass(frozen=True, slots=True)
class SourceState:
    """Current state of a source. `incident` is the kind of the event that reported its problem, None if it has none."""

    name: str
    role: Role
    first_filled_at: datetime | None = None
    last_attempt_at: datetime | None = None
    last_success_at: datetime | None = None
    last_items: int | None = None
    failures: int = 0
    serving: str | None = None
    incident: EventKind | None = None
    incident_since_at: datetime | None = None
    incident_detail: str | None = None
    next_due_at: datetime | None = None
    interval_s: int | None = None

    @property
    def interval(self) -> timedelta | None:
        """Time from its last run to the next one, which follows its news; None if it never had a run of its own."""
        return None if self.interval_s is None else timedelta(seconds=self.interval_s)


class Sources:
    """Table of source states, by name."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def get(self, name: str, role: Role) -> SourceState:
        """Return the state of a source, a new one if it was never polled."""
        found = next(rows(self._db, "SELECT * FROM sources WHERE name = ?", [name]), None)
        return from_row(SourceState, found) if found else SourceState(name, role)

    def save(self, state: SourceState) -> None:
        """Insert or replace the state of a source. Call inside a unit of work."""
        insert(self._db, "sources", to_row(state), replace=True)

    def all(self) -> list[SourceState]:
        """Return the state of each source that was ever polled or imported, sorted by name."""
        return [from_row(SourceState, row) for row in rows(self._db, "SELECT * FROM sources ORDER BY name")]
