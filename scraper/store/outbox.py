"""Outbox: messages and their alerts, from the first queued event until a message is sent, refused or muted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from scraper.model import Channel, MessageKind, MessageState, RenderedMessage
from scraper.rules.actors import Actor
from scraper.serialize import parse_utc
from scraper.store.codec import Table, insert, load, matching, scalar, scalar_time, to_row, update

# A weekly message is due after a week; quiet hours delay it by a day at most.
_LONGEST_WAIT = timedelta(days=9)
# Failed, or put off with one that failed (`postpone_due`); not what waits for the end of quiet hours.
_HAS_FAILED = (
    "m.state IN ('retrying', 'refused', 'queued', 'sending') AND (m.state IN ('retrying', 'refused')"
    " OR (m.channel, m.next_attempt_at) IN (SELECT f.channel, f.next_attempt_at FROM messages f"
    " INDEXED BY messages_by_state WHERE f.state = 'retrying'))"
)
# Nearly all messages are sent: after ANALYZE, SQLite's planner reads all of them instead.
_BY_STATE = "messages m INDEXED BY messages_by_state"
_WAITING = "m.state IN ('queued', 'sending', 'retrying')"
_IS_DUE = (
    f"{_WAITING} AND (ifnull(m.next_attempt_at, m.due_at) <= :now OR ifnull(m.next_attempt_at, m.due_at) > :latest)"
)


@dataclass(frozen=True, slots=True)
class QueuedAlert:
    """Event in a message. `reasons_by_watch` are pairs of the name of a watch that selected it and the reason."""

    event_id: int
    reasons_by_watch: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class NewMessage:
    """Message to open. `key` identifies its occasion, so that it is opened once; `due_at` None means at once."""

    key: str
    kind: MessageKind
    recipient: str
    due_at: datetime | None = None
    channel: Channel = Channel.MAIL
    statement_id: int | None = None
    note: str | None = None
    actor: Actor = Actor.MONITOR
    watches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One message to one recipient, without its bytes.

    `statement_id` is None for digests and for messages about no statement. `note` is the reason why the message was
    held back, None for most. `actor` is State if it reports an action of State's. `next_attempt_at` is None until an
    attempt was postponed; `first_failed_at` is the start of the current series of failed attempts. `last_error` is the
    server's text.
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
    rendered_at: datetime | None
    sent_at: datetime | None
    actor: Actor


@dataclass(frozen=True, slots=True)
class DeliveryFailure:
    """Messages of a channel to a recipient whose delivery fails, with the words of the latest failure.

    `waiting` messages are tried again from `next_attempt_at` on, those included that were put off because of it;
    `refused` ones are not tried again by themselves. `since` is the first failed attempt, None if it is not known.
    """

    channel: Channel
    recipient: str
    error: str
    waiting: int
    refused: int
    since: datetime | None
    next_attempt_at: datetime | None


@dataclass(frozen=True, slots=True)
class OutboxFilter:
    """Conditions on messages; None or empty is no condition. `since` is compared with the time of creation."""

    states: tuple[MessageState, ...] = ()
    since: datetime | None = None
    recipient: str | None = None
    actor: Actor | None = None
    limit: int | None = None


# Without the bytes, which are large.
_COLUMNS = ", ".join(f"m.{field.name}" for field in fields(StoredMessage))


class Outbox(Table):
    """Table of messages."""

    # Events become messages

    def queued_up_to(self) -> int:
        """Return the id of the last event for which alerts have been queued."""
        return int(scalar(self._db, "SELECT event_id FROM alert_cursor"))

    def mark_queued(self, upto: int) -> None:
        """Record that alerts have been queued for the events up to this id."""
        self._db.execute("UPDATE alert_cursor SET event_id = max(event_id, ?)", [upto])

    def open_digest(self, key: str, recipient: str, channel: Channel) -> StoredMessage | None:
        """Return the queued digest that was opened for a key, or None; its own key is `<key> event <number>`."""
        begin = f"{key} event "
        found = self._many(
            # A digest of an earlier statewire may have the key itself.
            "INDEXED BY messages_queued WHERE m.state = 'queued' AND m.recipient = ? AND m.channel = ? AND m.kind = ?"
            " AND (m.key = ? OR substr(m.key, 1, ?) = ? AND substr(m.key, ?) NOT GLOB '*[^0-9]*')"
            " ORDER BY m.id LIMIT 1",
            [recipient, channel, MessageKind.DIGEST, key, len(begin), begin, len(begin) + 1],
        )
        return found[0] if found else None

    def about(self, statement_id: int, recipient: str, due_after: datetime) -> list[StoredMessage]:
        """Return the instant mails to a recipient about a statement that were due after a time."""
        return self._many(
            "WHERE m.statement_id = ? AND m.recipient = ? AND m.channel = ? AND m.due_at > ? ORDER BY m.id",
            [statement_id, recipient, Channel.MAIL, due_after],
        )

    def count_waiting(self, recipient: str, actor: Actor, now: datetime) -> int:
        """Return the number of queued instant mails to a recipient about an actor that are not due yet."""
        found = scalar(
            self._db,
            "SELECT count(*) FROM messages WHERE state = 'queued' AND recipient = ? AND channel = ?"
            " AND kind = ? AND actor = ? AND due_at >= ?",
            [recipient, Channel.MAIL, MessageKind.INSTANT, actor, now],
        )
        return int(found)

    def open(self, message: NewMessage, now: datetime) -> int:
        """Open a message whose key is new and return its id."""
        row = {"due_at": message.due_at or now, "state": MessageState.QUEUED, "created_at": now}
        return insert(self._db, "messages", to_row(message) | row)

    def join(self, message: StoredMessage) -> None:
        """Change the due time, the actor and the watches of a queued message, which an event joins, to those given."""
        self._set(message.id, "due_at = ?, actor = ?, watches = ?", message.due_at, message.actor, message.watches)

    def put(self, alert: QueuedAlert, outbox_id: int) -> None:
        """Put an event into a message. A recipient gets an event once on each channel."""
        self._db.execute(
            "INSERT INTO alerts (event_id, recipient, channel, outbox_id, reasons_by_watch)"
            " SELECT ?, recipient, channel, id, ? FROM messages WHERE id = ?",
            [alert.event_id, json.dumps(dict(alert.reasons_by_watch), ensure_ascii=False), outbox_id],
        )

    def announce(self, message: NewMessage, now: datetime) -> int | None:
        """Open a message about no event (the weekly mail, a test) and return its id, or None if its key exists."""
        if scalar(self._db, "SELECT 1 FROM messages WHERE key = ?", [message.key]):
            return None
        return self.open(message, now)

    def alerts(self, outbox_id: int) -> list[QueuedAlert]:
        """Return the events of a message in the order in which they became known, without the muted ones."""
        rows = self._db.execute(
            "SELECT event_id, reasons_by_watch FROM alerts WHERE outbox_id = ? AND NOT muted ORDER BY event_id",
            [outbox_id],
        )
        return [_alert(event, reasons) for event, reasons in rows]

    # Messages leave

    def due(self, now: datetime, limit: int, channel: Channel, *, only_of_state: bool = False) -> list[StoredMessage]:
        """Return messages of a channel to send now: those about State first, then all others.

        With `only_of_state`, return none of the others. Of either, those with the fewest attempts come first, so that a
        failing one does not block others; `delivery.turns` changes the order within a recipient. A message that would
        wait longer than 9 days, the longest regular wait, shows that the clock was set back: it is due as well.
        """
        return self._many(
            f"INDEXED BY messages_waiting WHERE {_IS_DUE} AND m.channel = :channel"
            " AND (m.actor <> 'state') <= :others"
            " ORDER BY m.actor <> 'state', m.attempts, ifnull(m.next_attempt_at, m.due_at), m.id LIMIT :limit",
            {
                "now": now,
                "latest": now + _LONGEST_WAIT,
                "channel": channel,
                "others": not only_of_state,
                "limit": limit,
            },
        )

    def has_waiting(self) -> bool:
        """Return True if a message waits to be sent, now or later."""
        return bool(scalar(self._db, f"SELECT EXISTS (SELECT 1 FROM messages m WHERE {_WAITING})"))  # noqa: S608

    def due_channels(self, now: datetime) -> set[Channel]:
        """Return the channels that have messages to send now, see `due`."""
        sql = f"SELECT DISTINCT m.channel FROM messages m WHERE {_IS_DUE}"  # noqa: S608
        found = self._db.execute(sql, {"now": now, "latest": now + _LONGEST_WAIT})
        return {Channel(channel) for (channel,) in found}

    def mark_rendered(self, outbox_id: int, rendered: RenderedMessage, now: datetime) -> None:
        """Store the bytes of a queued message; every later attempt sends the same bytes."""
        changes = to_row(rendered, {"message_id", "subject", "raw"}) | {
            "state": MessageState.SENDING,
            "rendered_at": now,
        }
        update(self._db, "messages", {"id": outbox_id, "state": MessageState.QUEUED}, changes)

    def mark_sent(self, outbox_id: int, now: datetime) -> None:
        """Record that the receiving side has accepted a message."""
        columns = "state = 'sent', sent_at = ?, attempts = attempts + 1, next_attempt_at = NULL, last_error = NULL"
        self._set(outbox_id, columns, now)

    def mark_retrying(self, outbox_id: int, until: datetime, error: str, now: datetime) -> None:
        """Record a failed attempt, its error, and the time of the next attempt."""
        columns = "state = 'retrying', attempts = attempts + 1, next_attempt_at = ?, last_error = ?"
        self._set(outbox_id, f"{columns}, first_failed_at = ifnull(first_failed_at, ?)", until, error, now)

    def postpone(self, outbox_id: int, until: datetime) -> None:
        """Postpone a message without counting an attempt."""
        self._set(outbox_id, "next_attempt_at = ?", until)

    def postpone_due(self, failed: StoredMessage, recipient: str | None, until: datetime, now: datetime) -> int:
        """Postpone all due messages of a failed one's channel and actor like `postpone`; return how many.

        `recipient` limits them to one recipient, None means all.
        """
        return self._db.execute(
            f"UPDATE messages AS m SET next_attempt_at = :until WHERE {_WAITING} AND m.channel = :channel"  # noqa: S608
            " AND (m.actor = 'state') = (:actor = 'state')"
            " AND ifnull(m.next_attempt_at, m.due_at) <= :now AND m.recipient = ifnull(:recipient, m.recipient)",
            {"until": until, "channel": failed.channel, "actor": failed.actor, "recipient": recipient, "now": now},
        ).rowcount

    def mark_refused(self, outbox_id: int, error: str, now: datetime) -> None:
        """Record that a message failed for good: it was refused, given up, or could not be rendered."""
        attempts = "attempts + (state IN ('sending', 'retrying'))"
        columns = f"state = 'refused', attempts = {attempts}, next_attempt_at = NULL, last_error = ?"
        self._set(outbox_id, f"{columns}, first_failed_at = ifnull(first_failed_at, ?)", error, now)

    def mark_muted(self, outbox_id: int, reason: str) -> None:
        """Record that a message is muted and will not be sent, and why."""
        self._set(outbox_id, "state = 'muted', next_attempt_at = NULL, last_error = ?", reason)

    def retry(self, ids: Iterable[int] | None, now: datetime) -> int:
        """Make messages due at once that are refused, retrying, sending or muted, and return their number.

        `ids` None means all that failed, and those that were put off because of it. A message that has bytes is sent
        unchanged; one that was never rendered is rendered now. Events that were muted in it stay so, unless all were.
        """
        if ids is not None:
            ids = tuple(ids)
            self._db.execute(
                "UPDATE alerts SET muted = 0 FROM messages m WHERE m.id = outbox_id AND m.state = 'muted'"
                " AND m.raw IS NULL AND m.id IN (SELECT value FROM json_each(?))",
                [ids],
            )
        chosen = "state IN ('refused', 'retrying', 'sending', 'muted') AND id IN (SELECT value FROM json_each(:ids))"
        return self._db.execute(
            "UPDATE messages AS m SET state = CASE WHEN raw IS NULL THEN 'queued'"  # noqa: S608
            " WHEN state IN ('refused', 'muted') THEN 'retrying' ELSE state END, attempts = 0,"
            " first_failed_at = CASE WHEN state <> 'refused' THEN first_failed_at END,"
            f" next_attempt_at = :now WHERE {_HAS_FAILED if ids is None else chosen}",
            {"now": now} | ({} if ids is None else {"ids": ids}),
        ).rowcount

    # Queries

    def get(self, outbox_id: int) -> StoredMessage | None:
        """Return a message by its id, or None."""
        return next(iter(self._many("WHERE m.id = ?", [outbox_id])), None)

    def with_event(self, event_id: int) -> list[StoredMessage]:
        """Return the mails that hold an event, without those in which it is muted: those that were sent first."""
        return self._many(
            "JOIN alerts a ON a.outbox_id = m.id WHERE a.event_id = ? AND NOT a.muted AND m.channel = ?"
            " AND m.state <> 'muted' ORDER BY m.state <> 'sent', m.id",
            [event_id, Channel.MAIL],
        )

    def of_event(self, event_id: int) -> list[StoredMessage]:
        """Return the messages of all channels and states with an event, also those in which it is muted."""
        return self._many("JOIN alerts a ON a.outbox_id = m.id WHERE a.event_id = ? ORDER BY m.id", [event_id])

    def feed_entries(self, feed: str, limit: int) -> list[tuple[datetime, bytes]]:
        """Return the time and the bytes of the newest entries of a feed that were rendered, the newest first."""
        rows = self._db.execute(
            # CROSS: in the order of the primary key of `alerts`, so that of a long history only the end is read.
            "SELECT m.due_at, m.raw FROM alerts a CROSS JOIN messages m ON m.id = a.outbox_id WHERE a.recipient = ?"
            " AND a.channel = ? AND m.state IN ('sending', 'retrying', 'sent') AND length(m.raw) > 0"
            " ORDER BY a.event_id DESC LIMIT ?",
            [feed, Channel.FEED, limit],
        )
        return sorted(((parse_utc(at), raw) for at, raw in rows), key=lambda row: row[0], reverse=True)

    def raw(self, outbox_id: int) -> bytes | None:
        """Return the rendered bytes of a message, or None before it was rendered."""
        found: bytes | None = scalar(self._db, "SELECT raw FROM messages WHERE id = ?", [outbox_id])
        return found

    def find(self, conditions: OutboxFilter) -> list[StoredMessage]:
        """Return matching messages in the order in which they were opened; with a limit, the newest ones."""
        where, values = matching(
            {
                "m.state IN (SELECT value FROM json_each(?))": conditions.states or None,
                "m.created_at >= ?": conditions.since,
                "m.recipient = ?": conditions.recipient or None,
                "m.actor = ?": conditions.actor,
            }
        )
        values.append(-1 if conditions.limit is None else conditions.limit)
        return self._many(f"WHERE {where} ORDER BY m.created_at DESC, m.id DESC LIMIT ?", values)[::-1]

    def failures(self) -> list[DeliveryFailure]:
        """Return the failing deliveries, one for each channel and recipient, those with the most messages first."""
        errors: dict[tuple[str, str | None], str] = {}
        for channel, recipient, error in self._db.execute(
            f"SELECT channel, recipient, last_error FROM {_BY_STATE} WHERE state IN ('retrying', 'refused')"  # noqa: S608
            " ORDER BY ifnull(next_attempt_at, first_failed_at), id"
        ):
            errors[channel, recipient] = errors[channel, None] = error or ""
        rows = self._db.execute(
            "SELECT m.channel, m.recipient, sum(m.state <> 'refused'), sum(m.state = 'refused'),"  # noqa: S608
            f" min(m.first_failed_at), min(m.next_attempt_at) FROM {_BY_STATE} WHERE {_HAS_FAILED}"
            " GROUP BY m.channel, m.recipient ORDER BY count(*) DESC, m.channel, m.recipient"
        )
        return [
            DeliveryFailure(
                Channel(channel),
                recipient,
                # What only waits for others has no error of its own.
                errors.get((channel, recipient), errors[channel, None]),
                waiting,
                refused,
                *(parse_utc(at) if at else None for at in times),
            )
            for channel, recipient, waiting, refused, *times in rows
        ]

    def planned(self, now: datetime) -> list[StoredMessage]:
        """Return the messages that are to be sent later than now and have not failed, the next one first."""
        return self._many(
            f"INDEXED BY messages_waiting WHERE {_WAITING} AND NOT ({_HAS_FAILED})"
            " AND ifnull(m.next_attempt_at, m.due_at) > :now ORDER BY ifnull(m.next_attempt_at, m.due_at), m.id",
            {"now": now},
        )

    def counts(self) -> dict[MessageState, int]:
        """Return the number of messages in each state."""
        found = dict(self._db.execute("SELECT state, count(*) FROM messages GROUP BY state").fetchall())
        return {state: found.get(state, 0) for state in MessageState}

    def oldest_waiting(self) -> datetime | None:
        """Return the earliest due time of the messages that still wait, or None."""
        return scalar_time(self._db, f"SELECT min(m.due_at) FROM messages m WHERE {_WAITING}")  # noqa: S608

    def _set(self, outbox_id: int, columns: str, *values: Any) -> None:
        self._db.execute(f"UPDATE messages SET {columns} WHERE id = ?", [*values, outbox_id])  # noqa: S608

    def _many(self, where: str, values: Sequence[Any] | dict[str, Any]) -> list[StoredMessage]:
        return load(StoredMessage, self._db, f"SELECT {_COLUMNS} FROM messages m {where}", values)  # noqa: S608


def _alert(event_id: int, reasons: str) -> QueuedAlert:
    return QueuedAlert(event_id, tuple(json.loads(reasons).items()))
