"""Hourly counts of the items that each endpoint delivered: the history from which a baseline is computed."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from scraper.rules.baseline import HourOfArrivals, ItemTally
from scraper.serialize import format_utc, parse_utc
from scraper.store.codec import from_row, rows

if TYPE_CHECKING:
    from datetime import datetime

    from sqlite_utils import Database


class Arrivals:
    """Table of arrivals, one row for each hour of the clock in which an endpoint was polled."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def note(self, source: str, endpoint: str, at: datetime, news: int, seen: ItemTally | None) -> None:
        """Add the counts of one run; `seen` is None for a response that was not read (304).

        Call inside a unit of work.
        """
        hour = format_utc(at.astimezone(UTC).replace(minute=0, second=0))
        tally = seen or ItemTally()
        self._db.execute(
            "INSERT INTO arrivals (source, endpoint, hour_at, news, reads, items, undated, untitled, textless)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET news = news + excluded.news,"
            " reads = reads + excluded.reads, items = items + excluded.items, undated = undated + excluded.undated,"
            " untitled = untitled + excluded.untitled, textless = textless + excluded.textless",
            [
                source,
                endpoint,
                hour,
                news,
                seen is not None,
                tally.items,
                tally.undated,
                tally.untitled,
                tally.textless,
            ],
        )

    def hours(self, source: str, since: datetime, endpoint: str | None = None) -> list[HourOfArrivals]:
        """Return the hours since a time, the oldest first: those of one endpoint, or of all endpoints of the source."""
        found = rows(
            self._db,
            "SELECT *, hour_at AS detected_at FROM arrivals"
            " WHERE source = ? AND endpoint = ifnull(?, endpoint) AND hour_at >= ? ORDER BY hour_at",
            [source, endpoint, format_utc(since)],
        )
        return [from_row(HourOfArrivals, row) for row in found]

    def forget(self, before: datetime) -> int:
        """Delete the hours before a time and return the number of rows. Call inside a unit of work."""
        return int(self._db.execute("DELETE FROM arrivals WHERE hour_at < ?", [format_utc(before)]).rowcount)

    def last_news(self) -> dict[str, datetime]:
        """Return the start of the last hour with news for each source that ever had news."""
        found = self._db.execute("SELECT source, max(hour_at) FROM arrivals WHERE news > 0 GROUP BY source")
        return {source: parse_utc(hour) for source, hour in found}
