"""Mutes: statements and sources about which no alerts are sent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from scraper.store.codec import Table, insert, load, to_row

# An event `e` is muted at `:now`.
_IN_FORCE = "u.since_at <= :now AND (u.until_at IS NULL OR u.until_at > :now)"
_OF_EVENT = "(u.statement_id = e.statement_id OR u.source = e.source)"
ALL_MUTED: Final = "all of its events were muted"
"""Reason of a muted message, as it is shown. It stays muted when the mute ends."""
IS_MUTED = f"EXISTS (SELECT 1 FROM mutes u WHERE {_OF_EVENT} AND {_IN_FORCE})"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Mute:
    """Mute of a statement or a source: no alerts about it from `since` to `until`, None for no end."""

    since: datetime
    statement_id: int | None = None
    source: str | None = None
    until: datetime | None = None


class Mutes(Table):
    """Table of mutes. They apply when a message is rendered; messages that were sent before are not affected."""

    def add(self, mute: Mute) -> None:
        """Mute from now (`since`) on, in place of an earlier mute.

        Messages that wait for another attempt and contain no other event are stopped.
        """
        self.end(mute, mute.since)
        insert(self._db, "mutes", to_row(mute))
        self._db.execute(
            "UPDATE messages AS m SET state = 'muted', next_attempt_at = NULL, last_error = :reason"  # noqa: S608
            " WHERE m.state IN ('sending', 'retrying')"
            " AND EXISTS (SELECT 1 FROM alerts a WHERE a.outbox_id = m.id)"
            " AND NOT EXISTS (SELECT 1 FROM alerts a JOIN events e ON e.id = a.event_id"
            f" WHERE a.outbox_id = m.id AND NOT a.muted AND NOT {IS_MUTED})",
            {"now": mute.since, "reason": ALL_MUTED},
        )

    def end(self, mute: Mute, now: datetime) -> bool:
        """End a mute, also for queued messages, and return True if there was one."""
        return bool(
            self._db.execute(
                "UPDATE mutes SET until_at = :now WHERE (until_at IS NULL OR until_at > :now)"
                " AND statement_id IS :statement_id AND source IS :source",
                {"statement_id": mute.statement_id, "source": mute.source, "now": now},
            ).rowcount
        )

    def stopped_messages(self, mute: Mute) -> list[int]:
        """Return the ids of the messages that are muted and have an event about what a mute names."""
        sql = """SELECT DISTINCT m.id FROM events e
            JOIN alerts a ON a.event_id = e.id JOIN messages m ON m.id = a.outbox_id
            WHERE m.state = 'muted' AND (e.statement_id = :statement_id OR e.source = :source) ORDER BY m.id"""
        found = self._db.execute(sql, {"statement_id": mute.statement_id, "source": mute.source})
        return [message_id for (message_id,) in found]

    def mute_alerts(self, outbox_id: int, now: datetime) -> bool:
        """Mark the events of a queued message that are muted now, and return True if none is left."""
        self._db.execute(
            "UPDATE alerts SET muted = 1 FROM events e"  # noqa: S608
            f" WHERE e.id = alerts.event_id AND outbox_id = :outbox_id AND {IS_MUTED}",
            {"outbox_id": outbox_id, "now": now},
        )
        row = self._db.execute("SELECT count(*), sum(muted) FROM alerts WHERE outbox_id = ?", [outbox_id]).fetchone()
        return bool(row[0]) and row[0] == row[1]

    def active(self, now: datetime) -> list[Mute]:
        """Return the current mutes, the oldest first."""
        sql = f"SELECT * FROM mutes u WHERE {_IN_FORCE} ORDER BY since_at, id"  # noqa: S608
        return load(Mute, self._db, sql, {"now": now})
