"""What the outbox keeps and is asked for: messages, the events in them, and how far they are (values)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scraper.model import Channel, MessageKind, MessageState
from scraper.serialize import format_utc, parse_utc

if TYPE_CHECKING:
    from datetime import datetime

    from sqlite_utils import Database


_IN_FORCE = "u.since <= :now AND (u.until IS NULL OR u.until > :now)"
IS_MUTED = f"EXISTS (SELECT 1 FROM mutes u WHERE (u.statement = e.statement OR u.source = e.source) AND {_IN_FORCE})"  # noqa: S608
"""Whether the event `e` is muted at `:now`."""


@dataclass(frozen=True, slots=True)
class QueuedAlert:
    """One event that one watch wants one recipient to hear of, why (for the mail), and when."""

    event_id: int
    watch: str
    reason: str
    recipient: str
    due_at: datetime
    kind: MessageKind = MessageKind.INSTANT
    channel: Channel = Channel.MAIL


@dataclass(frozen=True, slots=True)
class Alert:
    """One event in a message. `asked` are the watches that wanted it, each with its reason."""

    event_id: int
    reasons_by_watch: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One message to one recipient, without its bytes.

    `statement` is None for digests and for what is about no statement. `note` says why it was held back, None for
    most. `next_attempt_at` is None until an attempt was put off; `first_failed_at` is when the present row of vain
    attempts began. `last_error` is in the server's words.
    """

    id: int
    key: str
    kind: MessageKind
    channel: Channel
    recipient: str
    watches: tuple[str, ...]
    statement_id: int | None
    note: str | None
    due_at: datetime
    state: MessageState
    message_id: str | None
    subject: str | None
    attempts: int
    first_failed_at: datetime | None
    next_attempt_at: datetime | None
    last_error: str | None
    created_at: datetime
    frozen_at: datetime | None
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class OutboxFilter:
    """Which messages are wanted; None or empty is no condition. `since` counts from when a message was opened."""

    states: tuple[MessageState, ...] = ()
    since: datetime | None = None
    recipient: str | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Mute:
    """A statement (by row) or a source that nobody is to hear of; `until` is None for an open end."""

    since: datetime
    statement_id: int | None = None
    source: str | None = None
    until: datetime | None = None


class Mutes:
    """The mutes. They are heeded when a message is written; what was told of an event before stays told."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, mute: Mute) -> None:
        """Mute from now (`since`) on, instead of how it was muted before. Within a unit.

        Messages that wait for another attempt and tell of nothing else are stopped.
        """
        self.end(mute, mute.since)
        until = format_utc(mute.until) if mute.until else None
        self._db.execute(
            "INSERT INTO mutes (statement, source, since, until) VALUES (?, ?, ?, ?)",
            [mute.statement_id, mute.source, format_utc(mute.since), until],
        )
        self._db.execute(
            "UPDATE messages AS m SET state = 'muted', next_attempt_at = NULL WHERE m.state = 'frozen'"  # noqa: S608
            " AND EXISTS (SELECT 1 FROM alerts a WHERE a.message = m.id)"
            " AND NOT EXISTS (SELECT 1 FROM alerts a JOIN events e ON e.id = a.event"
            f" WHERE a.message = m.id AND NOT a.muted AND NOT {IS_MUTED})",
            {"now": format_utc(mute.since)},
        )

    def end(self, mute: Mute, now: datetime) -> bool:
        """Tell of a statement or a source again, from what is pending on; whether it was muted. Within a unit."""
        return bool(
            self._db.execute(
                "UPDATE mutes SET until = :now WHERE (until IS NULL OR until > :now)"
                " AND statement IS :statement AND source IS :source",
                {"statement": mute.statement_id, "source": mute.source, "now": format_utc(now)},
            ).rowcount
        )

    def active(self, now: datetime) -> list[Mute]:
        """What is muted now, in the order in which it was."""
        rows = self._db.execute(
            f"SELECT since, statement, source, until FROM mutes u WHERE {_IN_FORCE} ORDER BY since, id",  # noqa: S608
            {"now": format_utc(now)},
        )
        return [
            Mute(parse_utc(since), statement, source, parse_utc(until) if until else None)
            for since, statement, source, until in rows
        ]
