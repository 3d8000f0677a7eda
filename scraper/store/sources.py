"""How each source is doing: when it last gave what, from which endpoint, and what trouble it is in."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from scraper.model import Role
from scraper.serialize import format_utc, parse_utc
from scraper.store.codec import insert, rows

if TYPE_CHECKING:
    from datetime import datetime

    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source as it stands. `incident` is the kind of the event that told of its trouble, None when well."""

    name: str
    role: Role
    first_filled_at: datetime | None = None
    last_attempt_at: datetime | None = None
    last_success_at: datetime | None = None
    last_items: int | None = None
    failures: int = 0
    serving: str | None = None
    incident: str | None = None
    incident_since_at: datetime | None = None
    incident_detail: str | None = None
    next_due_at: datetime | None = None
    interval_s: int | None = None

    @property
    def interval(self) -> timedelta | None:
        """How long from its last run to the next, as news came; None where it never had a run of its own."""
        return None if self.interval_s is None else timedelta(seconds=self.interval_s)


_TIMES = [f.name for f in fields(SourceState) if f.name.endswith("_at")]


class Sources:
    """The states of sources, by name."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def get(self, name: str, role: Role) -> SourceState:
        """The state of a source; a fresh one where it was never polled."""
        found = next(rows(self._db, "SELECT * FROM sources WHERE name = ?", [name]), None)
        return _state(found) if found else SourceState(name, role)

    def save(self, state: SourceState) -> None:
        """Keep the state of a source; within a unit."""
        row: dict[str, Any] = asdict(state)
        for key in _TIMES:
            row[key] = format_utc(row[key]) if row[key] else None
        insert(self._db, "sources", row, replace=True)

    def all(self) -> list[SourceState]:
        """Every source that was ever polled or imported, by name."""
        return [_state(row) for row in rows(self._db, "SELECT * FROM sources ORDER BY name")]


def _state(row: dict[str, Any]) -> SourceState:
    for key in _TIMES:
        row[key] = parse_utc(row[key]) if row[key] else None
    return SourceState(**{**row, "role": Role(row["role"])})
