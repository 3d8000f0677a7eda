"""Counts of what budgets, quotas and other guards withheld, for `statewire status` and the operator's daily mail."""

from __future__ import annotations

from datetime import datetime, timedelta

from scraper.rules.guards import Guard, Withheld
from scraper.store.codec import Table, load, scalar

_DAY = timedelta(days=1)
_OLD = timedelta(days=30)


class WithheldCounts(Table):
    """Table of counts, one for each guard and subject. An open one grows until the operator's mail closes it."""

    def record(self, guard: Guard, subject: str, at: datetime, count: int = 1) -> None:
        """Count things that a guard withholds at a time. Call inside a unit, each time that something is withheld.

        `subject` is the one that they are withheld from, as a person would name it: a host, a source, a recipient, a
        watch; never a secret such as the URL of a webhook. What `count` counts is the `unit` of the guard in
        `rules.guards.GUARDS`. Status and the operator's mail follow from the call; nothing else is needed.
        """
        self._db.execute(
            "INSERT INTO withheld (guard, subject, count, since_at, last_at)"
            " VALUES (:guard, :subject, :count, :at, :at)"
            " ON CONFLICT (guard, subject) WHERE closed_at IS NULL DO UPDATE SET count = count + excluded.count,"
            " since_at = min(since_at, excluded.since_at), last_at = max(last_at, excluded.last_at)",
            {"guard": guard, "subject": subject, "count": count, "at": at},
        )

    def is_due(self, now: datetime) -> bool:
        """Return True if `close` would close counts now."""
        closed = "SELECT 1 FROM withheld WHERE closed_at > ? AND closed_at <= ?"
        if scalar(self._db, closed, [now - _DAY, now]) is not None:
            return False
        sql = "SELECT 1 FROM withheld WHERE closed_at IS NULL AND last_at >= ?"
        return scalar(self._db, sql, [now - _OLD]) is not None

    def close(self, now: datetime) -> bool:
        """Close all open counts if there are any and none was closed in the 24 hours before; return True if so.

        Counts older than 30 days come from an import of the past, and are in no mail.
        """
        if not self.is_due(now):
            return False
        sql = "UPDATE withheld SET closed_at = ? WHERE closed_at IS NULL AND last_at >= ?"
        return bool(self._db.execute(sql, [now, now - _OLD]).rowcount)

    def closed(self, at: datetime) -> list[Withheld]:
        """Return the counts that were closed at a time, those of one guard together, the largest first."""
        sql = "SELECT * FROM withheld WHERE closed_at = ? ORDER BY guard, count DESC, subject"
        return load(Withheld, self._db, sql, [at])

    def recent(self, now: datetime) -> list[Withheld]:
        """Return the counts that grew in the last 24 hours, added up by guard and subject."""
        return load(
            Withheld,
            self._db,
            "SELECT guard, subject, sum(count) AS count, min(since_at) AS since_at, max(last_at) AS last_at"
            " FROM withheld WHERE last_at > ? GROUP BY guard, subject ORDER BY guard, sum(count) DESC, subject",
            [now - _DAY],
        )

    def forget(self, now: datetime) -> None:
        """Remove counts that were closed, or grew last, more than 30 days ago."""
        self._db.execute("DELETE FROM withheld WHERE ifnull(closed_at, last_at) < ?", [now - _OLD])
