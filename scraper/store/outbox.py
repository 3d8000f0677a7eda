"""Messages on their way to people: filed with the events they tell of, frozen once, kept until they are delivered."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from scraper.model import Channel, MessageKind, MessageState
from scraper.serialize import format_utc, parse_utc
from scraper.store.codec import rows
from scraper.store.messages import IS_MUTED, Alert, OutboxFilter, QueuedAlert, StoredMessage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlite_utils import Database

    from scraper.model import RenderedMessage


_DAY = timedelta(days=1)
# A weekly message is due after a week, and by quiet hours a day later at most.
_LONGEST_WAIT = timedelta(days=9)

MAX_WAITING: Final = 50
"""So many instant mails wait for one recipient at most."""
_TIMES = ("due_at", "first_failed_at", "next_attempt_at", "created_at", "frozen_at", "sent_at")
_COLUMNS = ", ".join(
    "m.statement AS statement_id" if field.name == "statement_id" else f"m.{field.name}"
    for field in fields(StoredMessage)
)
_WAITING = "m.state IN ('pending', 'frozen')"


class Outbox:
    """The messages. Whatever writes does so within a unit."""

    def __init__(self, db: Database) -> None:
        self._db = db

    # Events become messages

    def queued_up_to(self) -> int:
        """The id of the last event that has been turned into alerts."""
        return int(self._db.execute("SELECT upto FROM filing").fetchone()[0])

    def mark_queued(self, upto: int) -> None:
        """Note that events up to this id have been turned into alerts."""
        self._db.execute("UPDATE filing SET upto = max(upto, ?)", [upto])

    def queue(self, filing: QueuedAlert, now: datetime, *, max_per_day: int) -> int:
        """Put an event into the message to its recipient that it belongs to, or open that message; its row.

        The same event reaches a recipient once on each channel: where a second watch asks for it, the message
        names both, and of an instant message and a digest, or of two times, the sooner has it. Instant mails of
        one statement share a message until it is due. After `max_per_day` of those in 24 hours the rest is held
        in one that is due a day after the first of them. While `MAX_WAITING` mails wait for a recipient, what is
        about further statements gathers in a digest: nobody reads hundreds of mails of one minute.
        """
        place = (filing.event_id, filing.recipient, filing.channel)
        old = self._row(
            "SELECT m.id, m.kind, m.due_at, m.state, a.asked FROM alerts a JOIN messages m ON m.id = a.message"
            " WHERE a.event = ? AND a.recipient = ? AND a.channel = ?",
            place,
        )
        asked = json.loads(old["asked"]) if old else {}
        if old and (filing.watch in asked or old["state"] != MessageState.PENDING):
            return int(old["id"])
        asked[filing.watch] = filing.reason
        stays = old is not None and _haste(filing.kind, filing.due_at) >= _haste(old["kind"], parse_utc(old["due_at"]))
        message = int(old["id"]) if old and stays else self._open(filing, now, max_per_day)
        self._db.execute(
            "INSERT INTO alerts (event, recipient, channel, message, asked) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET message = excluded.message, asked = excluded.asked",
            [*place, message, json.dumps(asked, ensure_ascii=False)],
        )
        self._name_watches(message)
        if old and old["id"] != message:
            self._leave(int(old["id"]))
        return message

    def announce(
        self,
        key: str,
        kind: MessageKind,
        recipient: str,
        now: datetime,
        *,
        due_at: datetime | None = None,
        channel: Channel = Channel.MAIL,
        watches: Sequence[str] = (),
        note: str | None = None,
    ) -> int | None:
        """Open a message about no event (the weekly mail, a test); None where one with this key was opened before."""
        if self._row("SELECT 1 FROM messages WHERE key = ?", [key]):
            return None
        return self._insert(key, kind, channel, recipient, due_at or now, now, note=note, watches=watches)

    def alerts(self, message: int) -> list[Alert]:
        """The events of a message in the order in which they became known, without those that were muted."""
        rows = self._db.execute(
            "SELECT event, asked FROM alerts WHERE message = ? AND NOT muted ORDER BY event", [message]
        )
        return [Alert(event, tuple(json.loads(asked).items())) for event, asked in rows]

    # Messages leave

    def due(self, now: datetime, limit: int) -> list[StoredMessage]:
        """Messages to send now: those with fewest attempts first, so that one in trouble holds back no other.

        One that waits for longer than any message does betrays a clock that was set back, and is due as well.
        """
        return self._many(
            f"WHERE {_WAITING} AND (ifnull(m.next_attempt_at, m.due_at) <= ?"
            " OR ifnull(m.next_attempt_at, m.due_at) > ?)"
            " ORDER BY m.attempts, ifnull(m.next_attempt_at, m.due_at), m.id LIMIT ?",
            [format_utc(now), format_utc(now + _LONGEST_WAIT), limit],
        )

    def mute_alerts(self, message: int, now: datetime) -> bool:
        """Leave out the events of a pending message that are muted now; whether that was all it had."""
        self._db.execute(
            f"UPDATE alerts SET muted = 1 FROM events e WHERE e.id = alerts.event AND message = :message AND {IS_MUTED}",  # noqa: S608
            {"message": message, "now": format_utc(now)},
        )
        row = self._row("SELECT count(*) AS n, ifnull(sum(muted), 0) AS m FROM alerts WHERE message = ?", [message])
        return bool(row and row["n"] and row["n"] == row["m"])

    def render_once(self, message: int, written: RenderedMessage, now: datetime) -> None:
        """Keep the bytes of a pending message, the same for every attempt from here on."""
        self._db.execute(
            "UPDATE messages SET state = 'frozen', message_id = ?, subject = ?, raw = ?, frozen_at = ?"
            " WHERE id = ? AND state = 'pending'",
            [written.message_id, written.subject, written.raw, format_utc(now), message],
        )

    def mark_sent(self, message: int, now: datetime) -> None:
        """Note that the other side has taken a message."""
        self._db.execute(
            "UPDATE messages SET state = 'sent', sent_at = ?, attempts = attempts + 1, next_attempt_at = NULL,"
            " last_error = NULL WHERE id = ?",
            [format_utc(now), message],
        )

    def mark_retrying(self, message: int, until: datetime, words: str, now: datetime) -> None:
        """Note an attempt in vain, and when the next is."""
        self._db.execute(
            "UPDATE messages SET attempts = attempts + 1, next_attempt_at = ?, last_error = ?,"
            " first_failed_at = ifnull(first_failed_at, ?) WHERE id = ?",
            [format_utc(until), words, format_utc(now), message],
        )

    def hold(self, message: int, until: datetime) -> None:
        """Let a message wait without an attempt."""
        self._db.execute("UPDATE messages SET next_attempt_at = ? WHERE id = ?", [format_utc(until), message])

    def defer(self, channel: Channel, recipient: str | None, until: datetime, now: datetime) -> int:
        """Let all that is due on a channel (to one recipient, None for all) wait without an attempt; how many."""
        return self._db.execute(
            f"UPDATE messages AS m SET next_attempt_at = :until WHERE {_WAITING} AND m.channel = :channel"  # noqa: S608
            " AND ifnull(m.next_attempt_at, m.due_at) <= :now AND m.recipient = ifnull(:recipient, m.recipient)",
            {"until": format_utc(until), "channel": channel, "recipient": recipient, "now": format_utc(now)},
        ).rowcount

    def mark_failed(self, message: int, words: str) -> None:
        """Set a message aside for good: it was refused, given up, or could not be written."""
        self._db.execute(
            "UPDATE messages SET state = 'failed', attempts = attempts + (state = 'frozen'), next_attempt_at = NULL,"
            " last_error = ? WHERE id = ?",
            [words, message],
        )

    def mark_muted(self, message: int, words: str) -> None:
        """Set a message aside that nobody is to get, and say why."""
        self._db.execute(
            "UPDATE messages SET state = 'muted', next_attempt_at = NULL, last_error = ? WHERE id = ?",
            [words, message],
        )

    def retry(self, ids: Iterable[int] | None, now: datetime) -> int:
        """Try messages again at once that failed or wait for their next attempt, None for all that failed; how many.

        What has bytes is sent as it is; what could not be written is written again.
        """
        where = "m.state = 'failed'"
        if ids is not None:
            where = f"m.state IN ('failed', 'frozen') AND m.id IN ({', '.join(str(int(key)) for key in ids)})"
        return self._db.execute(
            "UPDATE messages AS m SET state = CASE WHEN raw IS NULL THEN 'pending' ELSE 'frozen' END, attempts = 0,"  # noqa: S608
            f" first_failed_at = NULL, next_attempt_at = ? WHERE {where}",
            [format_utc(now)],
        ).rowcount

    # What there is

    def get(self, message: int) -> StoredMessage | None:
        """A message by its row."""
        return next(iter(self._many("WHERE m.id = ?", [message])), None)

    def raw(self, message: int) -> bytes | None:
        """The frozen bytes of a message; None before it was written."""
        row = self._row("SELECT raw FROM messages WHERE id = ?", [message])
        return row["raw"] if row else None

    def find(self, wanted: OutboxFilter) -> list[StoredMessage]:
        """Messages in the order in which they were opened; with a limit, the newest of them."""
        where, values = ["1"], list[Any]()
        if wanted.states:
            where.append(f"m.state IN ({', '.join('?' * len(wanted.states))})")
            values.extend(wanted.states)
        if wanted.since:
            where.append("m.created_at >= ?")
            values.append(format_utc(wanted.since))
        if wanted.recipient:
            where.append("m.recipient = ?")
            values.append(wanted.recipient)
        bound = f" LIMIT {int(wanted.limit)}" if wanted.limit is not None else ""
        return self._many(f"WHERE {' AND '.join(where)} ORDER BY m.created_at DESC, m.id DESC{bound}", values)[::-1]

    def counts(self) -> dict[MessageState, int]:
        """How many messages are in each state."""
        found = dict(self._db.execute("SELECT state, count(*) FROM messages GROUP BY state").fetchall())
        return {state: found.get(state, 0) for state in MessageState}

    def oldest_pending(self) -> datetime | None:
        """When the oldest message that still waits was due."""
        row = self._row(f"SELECT min(m.due_at) AS due_at FROM messages m WHERE {_WAITING}")  # noqa: S608
        return parse_utc(row["due_at"]) if row and row["due_at"] else None

    # Which message an event goes into

    def _open(self, filing: QueuedAlert, now: datetime, max_per_day: int) -> int:
        event = self._row("SELECT statement FROM events WHERE id = ?", [filing.event_id])
        statement = event["statement"] if event and filing.kind is MessageKind.INSTANT else None
        place = f"{filing.kind} {filing.channel} {filing.recipient}"
        key = f"{place} event {filing.event_id}"
        if filing.kind is MessageKind.DIGEST:
            return self._gathering(f"{place} {format_utc(filing.due_at)} {filing.watch}", filing, now)
        if own := self._row("SELECT id FROM messages WHERE key = ? AND state = 'pending'", [key]):
            # Another watch opened it for the same event, and wants it later than this one does.
            return self._hasten(int(own["id"]), filing.due_at)
        due_at, note = filing.due_at, None
        if statement is not None:
            if shared := self._shared(filing, statement, now):
                return shared
            if filing.channel is Channel.MAIL:
                recent = self._recent(filing.recipient, statement, now)
                if len(recent) >= max_per_day:
                    due_at = max(due_at, recent[0] + _DAY)
                    note = (
                        f"This statement changed often: after {len(recent)} mails about it within a day,"
                        " what came since is told together here."
                    )
        if filing.kind is MessageKind.INSTANT and filing.channel is Channel.MAIL:
            waiting = self._row(
                "SELECT count(*) AS n FROM messages WHERE state = 'pending' AND recipient = ? AND channel = ?"
                " AND kind = ? AND due_at >= ?",
                [filing.recipient, filing.channel, filing.kind, format_utc(now)],
            )
            if waiting and waiting["n"] >= MAX_WAITING:
                note = f"{MAX_WAITING} mails wait for you already: what came beyond them is told together here."
                flood = f"{MessageKind.DIGEST} {filing.channel} {filing.recipient} flood"
                return self._gathering(flood, filing, now, note)
        return self._insert(key, filing.kind, filing.channel, filing.recipient, due_at, now, statement, note)

    def _gathering(self, key: str, filing: QueuedAlert, now: datetime, note: str | None = None) -> int:
        """The digest with this key in which events gather; once it has left, what comes after gathers in one more."""
        row = self._row(
            "SELECT id FROM messages WHERE state = 'pending' AND (key = :key"
            " OR (substr(key, 1, :size) = :begin AND substr(key, :size + 1) NOT GLOB '*[^0-9]*'))",
            {"key": key, "size": len(f"{key} event "), "begin": f"{key} event "},
        )
        if row:
            return int(row["id"])
        if self._row("SELECT 1 FROM messages WHERE key = ?", [key]):
            key = f"{key} event {filing.event_id}"
        return self._insert(key, MessageKind.DIGEST, filing.channel, filing.recipient, filing.due_at, now, note=note)

    def _shared(self, filing: QueuedAlert, statement: int, now: datetime) -> int | None:
        """The message in which events of a statement still gather; it goes out as soon as its hastiest event wants.

        Only what is held for a day waits until then.
        """
        row = self._row(
            "SELECT id, note FROM messages WHERE statement = ? AND recipient = ? AND channel = ? AND kind = ?"
            " AND state = 'pending' AND due_at > ? ORDER BY note IS NOT NULL, id LIMIT 1",
            [statement, filing.recipient, filing.channel, filing.kind, format_utc(now)],
        )
        if row is None:
            return None
        return int(row["id"]) if row["note"] else self._hasten(int(row["id"]), filing.due_at)

    def _hasten(self, message: int, due_at: datetime) -> int:
        self._db.execute("UPDATE messages SET due_at = min(due_at, ?) WHERE id = ?", [format_utc(due_at), message])
        return message

    def _recent(self, recipient: str, statement: int, now: datetime) -> list[datetime]:
        """When the instant mails about a statement within the last day left, or were to leave."""
        rows = self._db.execute(
            "SELECT due_at FROM messages WHERE statement = ? AND recipient = ? AND channel = ? AND kind = ?"
            " AND state <> 'muted' AND due_at > ? ORDER BY due_at",
            [statement, recipient, Channel.MAIL, MessageKind.INSTANT, format_utc(now - _DAY)],
        )
        return [parse_utc(due_at) for (due_at,) in rows]

    def _insert(
        self,
        key: str,
        kind: MessageKind,
        channel: Channel,
        recipient: str,
        due_at: datetime,
        now: datetime,
        statement: int | None = None,
        note: str | None = None,
        watches: Sequence[str] = (),
    ) -> int:
        cursor = self._db.execute(
            "INSERT INTO messages (key, kind, channel, recipient, watches, statement, note, due_at, state, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'pending', ?)",
            [
                key,
                kind,
                channel,
                recipient,
                json.dumps(watches, ensure_ascii=False),
                statement,
                note,
                format_utc(due_at),
                format_utc(now),
            ],
        )
        return int(cursor.lastrowid or 0)

    def _leave(self, message: int) -> None:
        """An event left a pending message for a sooner one: forget it where that was all it had."""
        if self._row("SELECT 1 FROM alerts WHERE message = ?", [message]):
            self._name_watches(message)
        else:
            self._db.execute("DELETE FROM messages WHERE id = ?", [message])

    def _name_watches(self, message: int) -> None:
        names = dict.fromkeys(name for alert in self.alerts(message) for name, _ in alert.reasons_by_watch)
        self._db.execute(
            "UPDATE messages SET watches = ? WHERE id = ?", [json.dumps(list(names), ensure_ascii=False), message]
        )

    def _row(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> dict[str, Any] | None:
        return next(iter(rows(self._db, sql, values)), None)

    def _many(self, where: str, values: Sequence[Any]) -> list[StoredMessage]:
        return [_message(row) for row in rows(self._db, f"SELECT {_COLUMNS} FROM messages m {where}", values)]  # noqa: S608


def _haste(kind: str, due_at: datetime) -> tuple[bool, datetime]:
    """What sorts the sooner message first: any other before a digest, then by time."""
    return kind == MessageKind.DIGEST, due_at


def _message(row: dict[str, Any]) -> StoredMessage:
    row |= {name: parse_utc(row[name]) if row[name] else None for name in _TIMES}
    row["watches"] = tuple(json.loads(row["watches"]))
    row["kind"], row["channel"] = MessageKind(row["kind"]), Channel(row["channel"])
    row["state"] = MessageState(row["state"])
    return StoredMessage(**row)
