"""Table of mutes: statements and sources about which no alerts are sent."""

from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from scraper.serialize import format_utc, parse_utc

_IN_FORCE = "u.since_at <= :now AND (u.until_at IS NULL OR u.until_at > :now)"
_OF_EVENT = "(u.statement_id = e.statement_id OR u.source = e.source)"
IS_MUTED = f"EXISTS (SELECT 1 FROM mutes u WHERE {_OF_EVENT} AND {_IN_FORCE})"  # noqa: S608
"""SQL condition: the event `e` is muted at `:now`."""


@dataclass(frozen=True, slots=True)
class Mute:
    """Mute of a statement or a source: no alerts about it from `since` to `until`, None for no end."""

    since: datetime
    statement_id: int | None = None
    source: str | None = None
    until: datetime | None = None


class Mutes:
    """Table of mutes. They apply when a message is rendered; messages that were sent before are not affected."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, mute: Mute) -> None:
        """Mute from now (`since`) on, in place of an earlier mute. Call inside a unit of work.

        Messages that wait for another attempt and contain no other event are stopped.
        """
        self.end(mute, mute.since)
        until = format_utc(mute.until) if mute.until else None
        self._db.execute(
            "INSERT INTO mutes (statement_id, source, since_at, until_at) VALUES (?, ?, ?, ?)",
            [mute.statement_id, mute.source, format_utc(mute.since), until],
        )
        self._db.execute(
            "UPDATE messages AS m SET state = 'muted', next_attempt_at = NULL WHERE m.state IN ('sending', 'retrying')"  # noqa: S608
            " AND EXISTS (SELECT 1 FROM alerts a WHERE a.outbox_id = m.id)"
            " AND NOT EXISTS (SELECT 1 FROM alerts a JOIN events e ON e.id = a.event_id"
            f" WHERE a.outbox_id = m.id AND NOT a.muted AND NOT {IS_MUTED})",
            {"now": format_utc(mute.since)},
        )

    def end(self, mute: Mute, now: datetime) -> bool:
        """End a mute, also for queued messages, and return True if there was one. Call inside a unit of work."""
        return bool(
            self._db.execute(
                "UPDATE mutes SET until_at = :now WHERE (until_at IS NULL OR until_at > :now)"
                " AND statement_id IS :statement_id AND source IS :source",
                {"statement_id": mute.statement_id, "source": mute.source, "now": format_utc(now)},
            ).rowcount
        )

    def active(self, now: datetime) -> list[Mute]:
        """Return the current mutes, the oldest first."""
        rows = self._db.execute(
            f"SELECT since_at, statement_id, source, until_at FROM mutes u WHERE {_IN_FORCE} ORDER BY since_at, id",  # noqa: S608
            {"now": format_utc(now)},
        )
        return [
            Mute(parse_utc(since), statement, source, parse_utc(until) if until else None)
            for since, statement, source, until in rows
        ]
