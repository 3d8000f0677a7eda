"""Mutes: statements and sources about which no alerts are sent."""

from dataclasses import dataclass
from datetime import datetime

from scraper.store.codec import Table, insert, load, to_row

# An event `e` is muted at `:now`.
_IN_FORCE = "u.since_at <= :now AND (u.until_at IS NULL OR u.until_at > :now)"
_OF_EVENT = "(u.statement_id = e.statement_id OR u.source = e.source)"
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
            "UPDATE messages AS m SET state = 'muted', next_attempt_at = NULL WHERE m.state IN ('sending', 'retrying')"  # noqa: S608
            " AND EXISTS (SELECT 1 FROM alerts a WHERE a.outbox_id = m.id)"
            " AND NOT EXISTS (SELECT 1 FROM alerts a JOIN events e ON e.id = a.event_id"
            f" WHERE a.outbox_id = m.id AND NOT a.muted AND NOT {IS_MUTED})",
            {"now": mute.since},
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

    def active(self, now: datetime) -> list[Mute]:
        """Return the current mutes, the oldest first."""
        sql = f"SELECT * FROM mutes u WHERE {_IN_FORCE} ORDER BY since_at, id"  # noqa: S608
        return load(Mute, self._db, sql, {"now": now})
