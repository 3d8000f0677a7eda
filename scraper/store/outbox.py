"""Outbox: messages and their alerts, from the first queued event until a message is sent, failed or muted."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from scraper.model import Channel, MessageKind, MessageState
from scraper.serialize import format_utc, parse_utc
from scraper.store.codec import rows
from scraper.store.messages import NewAlert, NewMessage, OutboxFilter, QueuedAlert, StoredMessage
from scraper.store.mutes import IS_MUTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlite_utils import Database

    from scraper.model import RenderedMessage


_DAY = timedelta(days=1)
# A weekly message is due after a week; quiet hours delay it by a day at most.
_LONGEST_WAIT = timedelta(days=9)

MAX_WAITING: Final = 50
"""Limit of the instant mails that wait for one recipient."""
_TIMES = ("due_at", "first_failed_at", "next_attempt_at", "created_at", "frozen_at", "sent_at")
_COLUMNS = ", ".join(
    "m.statement AS statement_id" if field.name == "statement_id" else f"m.{field.name}"
    for field in fields(StoredMessage)
)
_WAITING = "m.state IN ('pending', 'frozen')"


class Outbox:
    """Table of messages. Call the methods that write inside a unit of work."""

    def __init__(self, db: Database) -> None:
        self._db = db

    # Events become messages

    def queued_up_to(self) -> int:
        """Return the id of the last event for which alerts have been queued."""
        return int(self._db.execute("SELECT upto FROM filing").fetchone()[0])

    def mark_queued(self, upto: int) -> None:
        """Record that alerts have been queued for the events up to this id."""
        self._db.execute("UPDATE filing SET upto = max(upto, ?)", [upto])

    def queue(self, alert: NewAlert, now: datetime, *, max_per_day: int) -> int:
        """Add an event to the message to its recipient that it belongs to, or open that message; return its id.

        A recipient gets the same event once on each channel: if a second watch selects it, the message names both
        watches, and the event goes into the earlier message (an instant message before a digest, then by time).
        Instant mails about one statement share a message until it is due. After `max_per_day` of them in 24 hours,
        further events are held in one message that is due a day after the first mail. While `MAX_WAITING` mails wait
        for a recipient, events of further statements go into a digest, because a person cannot read hundreds of mails
        a minute.
        """
        place = (alert.event_id, alert.recipient, alert.channel)
        old = self._row(
            "SELECT m.id, m.kind, m.due_at, m.state, a.asked FROM alerts a JOIN messages m ON m.id = a.message"
            " WHERE a.event = ? AND a.recipient = ? AND a.channel = ?",
            place,
        )
        reasons = json.loads(old["asked"]) if old else {}
        if old and (alert.watch in reasons or old["state"] != MessageState.PENDING):
            return int(old["id"])
        reasons[alert.watch] = alert.reason
        urgency = _urgency(alert.kind, alert.due_at)
        stays = old is not None and urgency >= _urgency(old["kind"], parse_utc(old["due_at"]))
        message = int(old["id"]) if old and stays else self._find_or_open(alert, now, max_per_day)
        self._db.execute(
            "INSERT INTO alerts (event, recipient, channel, message, asked) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET message = excluded.message, asked = excluded.asked",
            [*place, message, json.dumps(reasons, ensure_ascii=False)],
        )
        self._update_watches(message)
        if old and old["id"] != message:
            self._remove_if_empty(int(old["id"]))
        return message

    def announce(self, message: NewMessage, now: datetime) -> int | None:
        """Open a message about no event (the weekly mail, a test) and return its id, or None if its key exists."""
        if self._row("SELECT 1 FROM messages WHERE key = ?", [message.key]):
            return None
        return self._insert(message, now)

    def alerts(self, outbox_id: int) -> list[QueuedAlert]:
        """Return the events of a message in the order in which they became known, without the muted ones."""
        rows = self._db.execute(
            "SELECT event, asked FROM alerts WHERE message = ? AND NOT muted ORDER BY event", [outbox_id]
        )
        return [QueuedAlert(event, tuple(json.loads(reasons).items())) for event, reasons in rows]

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
        """Mark the events of a pending message that are muted now, and return True if none is left."""
        self._db.execute(
            "UPDATE alerts SET muted = 1 FROM events e"  # noqa: S608
            f" WHERE e.id = alerts.event AND message = :message AND {IS_MUTED}",
            {"message": outbox_id, "now": format_utc(now)},
        )
        row = self._row("SELECT count(*) AS n, ifnull(sum(muted), 0) AS m FROM alerts WHERE message = ?", [outbox_id])
        return bool(row and row["n"] and row["n"] == row["m"])

    def render_once(self, outbox_id: int, rendered: RenderedMessage, now: datetime) -> None:
        """Store the bytes of a pending message; every later attempt sends the same bytes."""
        self._db.execute(
            "UPDATE messages SET state = 'frozen', message_id = ?, subject = ?, raw = ?, frozen_at = ?"
            " WHERE id = ? AND state = 'pending'",
            [rendered.message_id, rendered.subject, rendered.raw, format_utc(now), outbox_id],
        )

    def mark_sent(self, outbox_id: int, now: datetime) -> None:
        """Record that the receiving side has accepted a message."""
        self._db.execute(
            "UPDATE messages SET state = 'sent', sent_at = ?, attempts = attempts + 1, next_attempt_at = NULL,"
            " last_error = NULL WHERE id = ?",
            [format_utc(now), outbox_id],
        )

    def mark_retrying(self, outbox_id: int, until: datetime, error: str, now: datetime) -> None:
        """Record a failed attempt, its error, and the time of the next attempt."""
        self._db.execute(
            "UPDATE messages SET attempts = attempts + 1, next_attempt_at = ?, last_error = ?,"
            " first_failed_at = ifnull(first_failed_at, ?) WHERE id = ?",
            [format_utc(until), error, format_utc(now), outbox_id],
        )

    def postpone(self, outbox_id: int, until: datetime) -> None:
        """Postpone a message without counting an attempt."""
        self._db.execute("UPDATE messages SET next_attempt_at = ? WHERE id = ?", [format_utc(until), outbox_id])

    def postpone_due(self, channel: Channel, recipient: str | None, until: datetime, now: datetime) -> int:
        """Postpone all due messages of a channel (to one recipient, None for all), without counting an attempt.

        Return their number.
        """
        return self._db.execute(
            f"UPDATE messages AS m SET next_attempt_at = :until WHERE {_WAITING} AND m.channel = :channel"  # noqa: S608
            " AND ifnull(m.next_attempt_at, m.due_at) <= :now AND m.recipient = ifnull(:recipient, m.recipient)",
            {"until": format_utc(until), "channel": channel, "recipient": recipient, "now": format_utc(now)},
        ).rowcount

    def mark_failed(self, outbox_id: int, error: str) -> None:
        """Record that a message failed for good: it was refused, given up, or could not be rendered."""
        self._db.execute(
            "UPDATE messages SET state = 'failed', attempts = attempts + (state = 'frozen'), next_attempt_at = NULL,"
            " last_error = ? WHERE id = ?",
            [error, outbox_id],
        )

    def mark_muted(self, outbox_id: int, reason: str) -> None:
        """Record that a message is muted and will not be sent, and why."""
        self._db.execute(
            "UPDATE messages SET state = 'muted', next_attempt_at = NULL, last_error = ? WHERE id = ?",
            [reason, outbox_id],
        )

    def retry(self, ids: Iterable[int] | None, now: datetime) -> int:
        """Make failed or retrying messages due at once (`ids` None: all failed ones) and return their number.

        A message that has bytes is sent unchanged; one that could not be rendered is rendered again.
        """
        where = "m.state = 'failed'"
        if ids is not None:
            where = f"m.state IN ('failed', 'frozen') AND m.id IN ({', '.join(str(int(key)) for key in ids)})"
        return self._db.execute(
            "UPDATE messages AS m SET state = CASE WHEN raw IS NULL THEN 'pending' ELSE 'frozen' END, attempts = 0,"  # noqa: S608
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

    def oldest_pending(self) -> datetime | None:
        """Return the earliest due time of the messages that still wait, or None."""
        row = self._row(f"SELECT min(m.due_at) AS due_at FROM messages m WHERE {_WAITING}")  # noqa: S608
        return parse_utc(row["due_at"]) if row and row["due_at"] else None

    # Choice of the message for an event

    def _find_or_open(self, alert: NewAlert, now: datetime, max_per_day: int) -> int:
        event = self._row("SELECT statement FROM events WHERE id = ?", [alert.event_id])
        statement = event["statement"] if event and alert.kind is MessageKind.INSTANT else None
        place = f"{alert.kind} {alert.channel} {alert.recipient}"
        key = f"{place} event {alert.event_id}"
        if alert.kind is MessageKind.DIGEST:
            return self._open_digest(f"{place} {format_utc(alert.due_at)} {alert.watch}", alert, now)
        if own := self._row("SELECT id FROM messages WHERE key = ? AND state = 'pending'", [key]):
            # Another watch opened it for the same event, with a later due time than this one.
            return self._make_due_by(int(own["id"]), alert.due_at)
        due_at, note = alert.due_at, None
        if statement is not None:
            if shared := self._shared_message(alert, statement, now):
                return shared
            if alert.channel is Channel.MAIL:
                recent = self._recent_due_times(alert.recipient, statement, now)
                if len(recent) >= max_per_day:
                    due_at = max(due_at, recent[0] + _DAY)
                    note = (
                        f"This statement changed often: after {len(recent)} mails about it within a day,"
                        " what came since is told together here."
                    )
        if alert.kind is MessageKind.INSTANT and alert.channel is Channel.MAIL:
            waiting = self._row(
                "SELECT count(*) AS n FROM messages WHERE state = 'pending' AND recipient = ? AND channel = ?"
                " AND kind = ? AND due_at >= ?",
                [alert.recipient, alert.channel, alert.kind, format_utc(now)],
            )
            if waiting and waiting["n"] >= MAX_WAITING:
                note = f"{MAX_WAITING} mails wait for you already: what came beyond them is told together here."
                overflow = f"{MessageKind.DIGEST} {alert.channel} {alert.recipient} flood"
                return self._open_digest(overflow, alert, now, note)
        return self._insert(
            NewMessage(key, alert.kind, alert.recipient, due_at, alert.channel, statement_id=statement, note=note), now
        )

    def _open_digest(self, key: str, alert: NewAlert, now: datetime, note: str | None = None) -> int:
        """Return the pending digest with this key, or open one; after it is sent, later events go into a new one."""
        row = self._row(
            "SELECT id FROM messages WHERE state = 'pending' AND (key = :key"
            " OR (substr(key, 1, :size) = :begin AND substr(key, :size + 1) NOT GLOB '*[^0-9]*'))",
            {"key": key, "size": len(f"{key} event "), "begin": f"{key} event "},
        )
        if row:
            return int(row["id"])
        if self._row("SELECT 1 FROM messages WHERE key = ?", [key]):
            key = f"{key} event {alert.event_id}"
        digest = NewMessage(key, MessageKind.DIGEST, alert.recipient, alert.due_at, alert.channel, note=note)
        return self._insert(digest, now)

    def _shared_message(self, alert: NewAlert, statement_id: int, now: datetime) -> int | None:
        """Return the pending message that collects events of a statement, or None.

        It becomes due at the earliest time that one of them needs; only a message that is held for a day keeps its
        due time.
        """
        row = self._row(
            "SELECT id, note FROM messages WHERE statement = ? AND recipient = ? AND channel = ? AND kind = ?"
            " AND state = 'pending' AND due_at > ? ORDER BY note IS NOT NULL, id LIMIT 1",
            [statement_id, alert.recipient, alert.channel, alert.kind, format_utc(now)],
        )
        if row is None:
            return None
        return int(row["id"]) if row["note"] else self._make_due_by(int(row["id"]), alert.due_at)

    def _make_due_by(self, outbox_id: int, due_at: datetime) -> int:
        self._db.execute("UPDATE messages SET due_at = min(due_at, ?) WHERE id = ?", [format_utc(due_at), outbox_id])
        return outbox_id

    def _recent_due_times(self, recipient: str, statement_id: int, now: datetime) -> list[datetime]:
        """Return the due times, within the last day or later, of the instant mails about a statement."""
        rows = self._db.execute(
            "SELECT due_at FROM messages WHERE statement = ? AND recipient = ? AND channel = ? AND kind = ?"
            " AND state <> 'muted' AND due_at > ? ORDER BY due_at",
            [statement_id, recipient, Channel.MAIL, MessageKind.INSTANT, format_utc(now - _DAY)],
        )
        return [parse_utc(due_at) for (due_at,) in rows]

    def _insert(self, message: NewMessage, now: datetime) -> int:
        cursor = self._db.execute(
            "INSERT INTO messages (key, kind, channel, recipient, watches, statement, note, due_at, state, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'pending', ?)",
            [
                message.key,
                message.kind,
                message.channel,
                message.recipient,
                json.dumps(message.watches, ensure_ascii=False),
                message.statement_id,
                message.note,
                format_utc(message.due_at or now),
                format_utc(now),
            ],
        )
        return int(cursor.lastrowid or 0)

    def _remove_if_empty(self, outbox_id: int) -> None:
        """Delete a pending message whose last event moved to an earlier one; otherwise update its watches."""
        if self._row("SELECT 1 FROM alerts WHERE message = ?", [outbox_id]):
            self._update_watches(outbox_id)
        else:
            self._db.execute("DELETE FROM messages WHERE id = ?", [outbox_id])

    def _update_watches(self, outbox_id: int) -> None:
        names = dict.fromkeys(name for alert in self.alerts(outbox_id) for name, _ in alert.reasons_by_watch)
        self._db.execute(
            "UPDATE messages SET watches = ? WHERE id = ?", [json.dumps(list(names), ensure_ascii=False), outbox_id]
        )

    def _row(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> dict[str, Any] | None:
        return next(iter(rows(self._db, sql, values)), None)

    def _many(self, where: str, values: Sequence[Any]) -> list[StoredMessage]:
        return [_message(row) for row in rows(self._db, f"SELECT {_COLUMNS} FROM messages m {where}", values)]  # noqa: S608


def _urgency(kind: str, due_at: datetime) -> tuple[bool, datetime]:
    """Return the sort key of a message by urgency: a digest after any other, then by due time."""
    return kind == MessageKind.DIGEST, due_at


def _message(row: dict[str, Any]) -> StoredMessage:
    row |= {name: parse_utc(row[name]) if row[name] else None for name in _TIMES}
    row["watches"] = tuple(json.loads(row["watches"]))
    row["kind"], row["channel"] = MessageKind(row["kind"]), Channel(row["channel"])
    row["state"] = MessageState(row["state"])
    return StoredMessage(**row)
