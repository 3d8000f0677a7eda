"""Outbox: messages and their alerts, from the first queued event until a message is sent, refused or muted."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from scraper.model import Channel, MessageKind, MessageState
from scraper.serialize import format_utc, parse_utc
from scraper.store.codec import insert, rows
from scraper.store.messages import NewMessage, OutboxFilter, QueuedAlert, StoredMessage
from scraper.store.mutes import IS_MUTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlite_utils import Database

    from scraper.model import RenderedMessage


# A weekly message is due after a week; quiet hours delay it by a day at most.
_LONGEST_WAIT = timedelta(days=9)
_TIMES = ("due_at", "first_failed_at", "next_attempt_at", "created_at", "rendered_at", "sent_at")
_COLUMNS = ", ".join(f"m.{field.name}" for field in fields(StoredMessage))
_WAITING = "m.state IN ('queued', 'sending', 'retrying')"


class Outbox:
    """Table of messages. Call the methods that write inside a unit of work."""

    def __init__(self, db: Database) -> None:
        self._db = db

    # Events become messages

    def queued_up_to(self) -> int:
        """Return the id of the last event for which alerts have been queued."""
        return int(self._db.execute("SELECT event_id FROM alert_cursor").fetchone()[0])

    def mark_queued(self, upto: int) -> None:
        """Record that alerts have been queued for the events up to this id."""
        self._db.execute("UPDATE alert_cursor SET event_id = max(event_id, ?)", [upto])

    def find_alert(self, event_id: int, recipient: str, channel: Channel) -> tuple[int, QueuedAlert] | None:
        """Return the id of the message that has an event for a recipient, and the event in it; or None."""
        row = self._row(
            "SELECT outbox_id, reasons_by_watch FROM alerts WHERE event_id = ? AND recipient = ? AND channel = ?",
            [event_id, recipient, channel],
        )
        return (int(row["outbox_id"]), _alert(event_id, row["reasons_by_watch"])) if row else None

    def series(self, key: str) -> list[StoredMessage]:
        """Return the message that was opened for a key, and its successors, whose keys are `<key> event <number>`."""
        begin = f"{key} event "
        return self._many(
            "WHERE m.key = ? OR (m.key > ? AND m.key < ? AND substr(m.key, ?) NOT GLOB '*[^0-9]*') ORDER BY m.id",
            [key, begin, f"{begin}:", len(begin) + 1],
        )

    def about(self, statement_id: int, recipient: str, channel: Channel, due_after: datetime) -> list[StoredMessage]:
        """Return the instant messages about a statement that were due after a time."""
        return self._many(
            "WHERE m.statement_id = ? AND m.recipient = ? AND m.channel = ? AND m.due_at > ? ORDER BY m.id",
            [statement_id, recipient, channel, format_utc(due_after)],
        )

    def count_waiting(self, recipient: str, channel: Channel, now: datetime) -> int:
        """Return the number of queued instant messages to a recipient that are not due yet."""
        row = self._db.execute(
            "SELECT count(*) FROM messages WHERE state = 'queued' AND recipient = ? AND channel = ?"
            " AND kind = ? AND due_at >= ?",
            [recipient, channel, MessageKind.INSTANT, format_utc(now)],
        ).fetchone()
        return int(row[0])

    def open(self, message: NewMessage, now: datetime) -> int:
        """Open a message whose key is new and return its id."""
        row = asdict(message) | {
            "watches": "[]",
            "due_at": format_utc(message.due_at or now),
            "state": MessageState.QUEUED,
            "created_at": format_utc(now),
        }
        return insert(self._db, "messages", row)

    def set_due_at(self, outbox_id: int, due_at: datetime) -> None:
        """Change the time at which a message is due."""
        self._set(outbox_id, "due_at = ?", format_utc(due_at))

    def put(self, alert: QueuedAlert, outbox_id: int, moved_from: int | None = None) -> None:
        """Put an event into a message, out of the one that had it; that one is deleted if it had no other event."""
        self._db.execute(
            "INSERT INTO alerts (event_id, recipient, channel, outbox_id, reasons_by_watch)"
            " SELECT ?, recipient, channel, id, ? FROM messages WHERE id = ?"
            " ON CONFLICT DO UPDATE SET outbox_id = excluded.outbox_id, reasons_by_watch = excluded.reasons_by_watch",
            [alert.event_id, json.dumps(dict(alert.reasons_by_watch), ensure_ascii=False), outbox_id],
        )
        self._update_watches(outbox_id)
        if moved_from is not None and moved_from != outbox_id:
            if self.alerts(moved_from):
                self._update_watches(moved_from)
            else:
                self._db.execute("DELETE FROM messages WHERE id = ?", [moved_from])

    def announce(self, message: NewMessage, now: datetime) -> int | None:
        """Open a message about no event (the weekly mail, a test) and return its id, or None if its key exists."""
        if self._row("SELECT 1 FROM messages WHERE key = ?", [message.key]):
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

    def due(self, now: datetime, limit: int) -> list[StoredMessage]:
        """Return messages to send now, the fewest attempts first, so that a failing one does not block others.

        A message that would wait longer than 9 days, the longest regular wait, shows that the clock was set back: it is
        due as well.
        """
        return self._many(
            f"WHERE {_WAITING} AND (ifnull(m.next_attempt_at, m.due_at) <= ?"
            " OR ifnull(m.next_attempt_at, m.due_at) > ?)"
            " ORDER BY m.attempts, ifnull(m.next_attempt_at, m.due_at), m.id LIMIT ?",
            [format_utc(now), format_utc(now + _LONGEST_WAIT), limit],
        )

    def mute_alerts(self, outbox_id: int, now: datetime) -> bool:
        """Mark the events of a queued message that are muted now, and return True if none is left."""
        self._db.execute(
            "UPDATE alerts SET muted = 1 FROM events e"  # noqa: S608
            f" WHERE e.id = alerts.event_id AND outbox_id = :outbox_id AND {IS_MUTED}",
            {"outbox_id": outbox_id, "now": format_utc(now)},
        )
        row = self._db.execute("SELECT count(*), sum(muted) FROM alerts WHERE outbox_id = ?", [outbox_id]).fetchone()
        return bool(row[0]) and row[0] == row[1]

    def mark_rendered(self, outbox_id: int, rendered: RenderedMessage, now: datetime) -> None:
        """Store the bytes of a queued message; every later attempt sends the same bytes."""
        self._db.execute(
            "UPDATE messages SET state = 'sending', message_id = ?, subject = ?, raw = ?, rendered_at = ?"
            " WHERE id = ? AND state = 'queued'",
            [rendered.message_id, rendered.subject, rendered.raw, format_utc(now), outbox_id],
        )

    def mark_sent(self, outbox_id: int, now: datetime) -> None:
        """Record that the receiving side has accepted a message."""
        self._set(
            outbox_id,
            "state = 'sent', sent_at = ?, attempts = attempts + 1, next_attempt_at = NULL, last_error = NULL",
            format_utc(now),
        )

    def mark_retrying(self, outbox_id: int, until: datetime, error: str, now: datetime) -> None:
        """Record a failed attempt, its error, and the time of the next attempt."""
        self._set(
            outbox_id,
            "state = 'retrying', attempts = attempts + 1, next_attempt_at = ?, last_error = ?,"
            " first_failed_at = ifnull(first_failed_at, ?)",
            *(format_utc(until), error, format_utc(now)),
        )

    def postpone(self, outbox_id: int, until: datetime) -> None:
        """Postpone a message without counting an attempt."""
        self._set(outbox_id, "next_attempt_at = ?", format_utc(until))

    def postpone_due(self, channel: Channel, recipient: str | None, until: datetime, now: datetime) -> int:
        """Postpone all due messages of a channel (to one recipient, None for all), without counting an attempt.

        Return their number.
        """
        return self._db.execute(
            f"UPDATE messages AS m SET next_attempt_at = :until WHERE {_WAITING} AND m.channel = :channel"  # noqa: S608
            " AND ifnull(m.next_attempt_at, m.due_at) <= :now AND m.recipient = ifnull(:recipient, m.recipient)",
            {"until": format_utc(until), "channel": channel, "recipient": recipient, "now": format_utc(now)},
        ).rowcount

    def mark_refused(self, outbox_id: int, error: str) -> None:
        """Record that a message failed for good: it was refused, given up, or could not be rendered."""
        attempts = "attempts + (state IN ('sending', 'retrying'))"
        columns = f"state = 'refused', attempts = {attempts}, next_attempt_at = NULL, last_error = ?"
        self._set(outbox_id, columns, error)

    def mark_muted(self, outbox_id: int, reason: str) -> None:
        """Record that a message is muted and will not be sent, and why."""
        self._set(outbox_id, "state = 'muted', next_attempt_at = NULL, last_error = ?", reason)

    def retry(self, ids: Iterable[int] | None, now: datetime) -> int:
        """Make messages due at once that are refused, retrying or sending, and return their number.

        `ids` None means all refused ones. A message that has bytes is sent unchanged; one that could not be rendered is
        rendered again.
        """
        where = "m.state = 'refused'"
        if ids is not None:
            keys = ", ".join(str(int(key)) for key in ids)
            where = f"m.state IN ('refused', 'retrying', 'sending') AND m.id IN ({keys})"
        return self._db.execute(
            "UPDATE messages AS m SET state = CASE WHEN raw IS NULL THEN 'queued'"  # noqa: S608
            " WHEN state = 'sending' THEN state ELSE 'retrying' END, attempts = 0,"
            f" first_failed_at = NULL, next_attempt_at = ? WHERE {where}",
            [format_utc(now)],
        ).rowcount

    # Queries

    def get(self, outbox_id: int) -> StoredMessage | None:
        """Return a message by its id, or None."""
        return next(iter(self._many("WHERE m.id = ?", [outbox_id])), None)

    def raw(self, outbox_id: int) -> bytes | None:
        """Return the rendered bytes of a message, or None before it was rendered."""
        row = self._row("SELECT raw FROM messages WHERE id = ?", [outbox_id])
        return row["raw"] if row else None

    def find(self, conditions: OutboxFilter) -> list[StoredMessage]:
        """Return matching messages in the order in which they were opened; with a limit, the newest ones."""
        where, values = ["1"], list[Any]()
        if conditions.states:
            where.append(f"m.state IN ({', '.join('?' * len(conditions.states))})")
            values.extend(conditions.states)
        if conditions.since:
            where.append("m.created_at >= ?")
            values.append(format_utc(conditions.since))
        if conditions.recipient:
            where.append("m.recipient = ?")
            values.append(conditions.recipient)
        bound = f" LIMIT {int(conditions.limit)}" if conditions.limit is not None else ""
        return self._many(f"WHERE {' AND '.join(where)} ORDER BY m.created_at DESC, m.id DESC{bound}", values)[::-1]

    def counts(self) -> dict[MessageState, int]:
        """Return the number of messages in each state."""
        found = dict(self._db.execute("SELECT state, count(*) FROM messages GROUP BY state").fetchall())
        return {state: found.get(state, 0) for state in MessageState}

    def oldest_waiting(self) -> datetime | None:
        """Return the earliest due time of the messages that still wait, or None."""
        row = self._row(f"SELECT min(m.due_at) AS due_at FROM messages m WHERE {_WAITING}")  # noqa: S608
        return parse_utc(row["due_at"]) if row and row["due_at"] else None

    def _update_watches(self, outbox_id: int) -> None:
        names = dict.fromkeys(name for alert in self.alerts(outbox_id) for name, _ in alert.reasons_by_watch)
        self._set(outbox_id, "watches = ?", json.dumps(list(names), ensure_ascii=False))

    def _set(self, outbox_id: int, columns: str, *values: str) -> None:
        self._db.execute(f"UPDATE messages SET {columns} WHERE id = ?", [*values, outbox_id])  # noqa: S608

    def _row(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> dict[str, Any] | None:
        return next(iter(rows(self._db, sql, values)), None)

    def _many(self, where: str, values: Sequence[Any]) -> list[StoredMessage]:
        return [_message(row) for row in rows(self._db, f"SELECT {_COLUMNS} FROM messages m {where}", values)]  # noqa: S608


def _alert(event_id: int, reasons: str) -> QueuedAlert:
    return QueuedAlert(event_id, tuple(json.loads(reasons).items()))


def _message(row: dict[str, Any]) -> StoredMessage:
    row |= {name: parse_utc(row[name]) if row[name] else None for name in _TIMES}
    row["watches"] = tuple(json.loads(row["watches"]))
    row["kind"], row["channel"] = MessageKind(row["kind"]), Channel(row["channel"])
    row["state"] = MessageState(row["state"])
    return StoredMessage(**row)
