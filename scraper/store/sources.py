"""State of each source, and hourly counts of the items that its endpoints delivered."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from scraper.rules.baseline import HourOfArrivals, ItemTally
from scraper.serialize import parse_utc
from scraper.store.codec import Table, insert, load, to_row

if TYPE_CHECKING:
    from datetime import datetime

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


class Sources(Table):
    """Table of source states, by name."""

    def get(self, name: str, role: Role) -> SourceState:
        """Return the state of a source, a new one if it was never polled."""
        found = load(SourceState, self._db, "SELECT * FROM sources WHERE name = ?", [name])
        return found[0] if found else SourceState(name, role)

    def save(self, state: SourceState) -> None:
        """Insert or replace the state of a source."""
        insert(self._db, "sources", to_row(state), replace=True)

    def all(self) -> list[SourceState]:
        """Return the state of each source that was ever polled or imported, sorted by name."""
        return load(SourceState, self._db, "SELECT * FROM sources ORDER BY name")


class Arrivals(Table):
    """Table of arrivals, one row for each hour in which an endpoint was polled, from which a baseline is computed."""

    def note(self, source: str, endpoint: str, at: datetime, news: int, seen: ItemTally | None) -> None:
        """Add the counts of one run; `seen` is None for a response that was not read (304)."""
        key = {"source": source, "endpoint": endpoint, "hour_at": at.astimezone(UTC).replace(minute=0, second=0)}
        counts = {"news": news, "reads": seen is not None} | asdict(seen or ItemTally())
        sums = ", ".join(f"{column} = {column} + excluded.{column}" for column in counts)
        insert(self._db, "arrivals", key | counts, conflict=f"ON CONFLICT DO UPDATE SET {sums}")

    def hours(self, source: str, since: datetime, endpoint: str | None = None) -> list[HourOfArrivals]:
        """Return the hours since a time, the oldest first: those of one endpoint, or of all endpoints of the source."""
        return load(
            HourOfArrivals,
            self._db,
            "SELECT *, hour_at AS detected_at FROM arrivals"
            " WHERE source = ? AND endpoint = ifnull(?, endpoint) AND hour_at >= ? ORDER BY hour_at",
            [source, endpoint, since],
        )

    def forget(self, before: datetime, after: datetime) -> int:
        """Delete the hours before a time, and those after another, of a wrong clock; return the number of rows."""
        return int(self._db.execute("DELETE FROM arrivals WHERE hour_at < ? OR hour_at > ?", [before, after]).rowcount)

    def last_news(self) -> dict[str, datetime]:
        """Return the start of the last hour with news for each source that ever had news."""
        found = self._db.execute("SELECT source, max(hour_at) FROM arrivals WHERE news > 0 GROUP BY source")
        return {source: parse_utc(hour) for source, hour in found}
