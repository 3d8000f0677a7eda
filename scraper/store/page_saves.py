"""Tables of pages that the Internet Archive is asked to save, and of the mails that name them."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from scraper.model import Channel, MessageState
from scraper.rules.page_saves import LONGEST_WAIT, PageSave, SaveService
from scraper.store.codec import Table, from_row, insert, load, rows, scalar, to_row, update

_IS_DUE = "due_at IS NOT NULL AND (due_at <= ? OR due_at > ?)"


@dataclass(frozen=True, slots=True)
class MailedEvent:
    """Event in a mail to a recipient, and the watches that selected it."""

    event_id: int
    recipient: str
    watches: tuple[str, ...]


class SaveReader(NamedTuple):
    """Event after which a watch has a page saved."""

    event_id: int
    watch: str


class SaveCounts(NamedTuple):
    """Numbers of saves: that wait or are under way, and of all that were saved or given up."""

    waiting: int
    saved: int
    given_up: int


class PageSaves(Table):
    """Tables of saves, their readers, and the state of the service."""

    def service(self) -> SaveService | None:
        """Return the state of the service; None before the first run."""
        return next(iter(load(SaveService, self._db, "SELECT * FROM page_save_service")), None)

    def save_service(self, service: SaveService) -> None:
        """Insert or replace the state of the service."""
        insert(self._db, "page_save_service", {"id": 1, **to_row(service)}, replace=True)

    def mailed(self, after_id: int, upto: int) -> list[MailedEvent]:
        """Return the events after one, up to another one, that are in mails to recipients of watches."""
        found = self._db.execute(
            "SELECT event_id, recipient, reasons_by_watch FROM alerts"
            " WHERE event_id > ? AND event_id <= ? AND channel = ? AND NOT muted ORDER BY event_id, recipient",
            [after_id, upto, Channel.MAIL],
        )
        return [MailedEvent(event, recipient, tuple(json.loads(watches))) for event, recipient, watches in found]

    def want(self, url: str, since: datetime, *, with_errors: bool) -> int:
        """Return the id of a save of a page after an event: one that is not requested yet, or a new one due at once."""
        waiting = (
            "SELECT id FROM page_saves WHERE url = ? AND with_errors = ? AND requested_at IS NULL"
            " AND due_at IS NOT NULL"
        )
        if (known := scalar(self._db, waiting, [url, with_errors])) is not None:
            update(self._db, "page_saves", {"id": known}, {"since_at": since})
            return int(known)
        return insert(
            self._db, "page_saves", {"url": url, "since_at": since, "with_errors": with_errors, "due_at": since}
        )

    def add_reader(self, save_id: int, event_id: int, watch: str, recipient: str) -> None:
        """Let the next mail of a watch to a recipient name a save, as that of an event."""
        row = {"save_id": save_id, "event_id": event_id, "watch": watch, "recipient": recipient}
        insert(self._db, "page_save_readers", row, conflict="ON CONFLICT DO NOTHING")

    def open(self, until: datetime) -> list[PageSave]:
        """Return the saves that wait or are under way after events up to a time, the oldest first."""
        return self._load("WHERE due_at IS NOT NULL AND since_at <= ? ORDER BY id", until)

    def unrequested(self) -> list[tuple[SaveReader, PageSave]]:
        """Return the saves that wait for a request, once for each event and watch for which they do."""
        found = rows(
            self._db,
            "SELECT DISTINCT s.*, r.event_id, r.watch FROM page_saves s JOIN page_save_readers r ON r.save_id = s.id"
            " WHERE s.due_at IS NOT NULL AND s.job IS NULL ORDER BY s.id",
        )
        return [(SaveReader(row["event_id"], row["watch"]), from_row(PageSave, row)) for row in found]

    def due(self, at: datetime, *, has_job: bool, limit: int = -1) -> list[PageSave]:
        """Return the saves that are due: to be asked for their result (`has_job`), or to be requested."""
        where = f"WHERE {_IS_DUE} AND (job IS NOT NULL) = ? ORDER BY due_at, id LIMIT ?"
        return self._load(where, at, at + LONGEST_WAIT, has_job, limit)

    def active(self) -> int:
        """Return the number of saves that the service works on."""
        return int(scalar(self._db, "SELECT count(*) FROM page_saves WHERE due_at IS NOT NULL AND job IS NOT NULL"))

    def requests_of(self, url: str, since: datetime) -> int:
        """Return the most requests to save a URL that can have been sent since a time."""
        sql = "SELECT ifnull(sum(attempts), 0) FROM page_saves WHERE url = ? AND requested_at >= ?"
        return int(scalar(self._db, sql, [url, since]))

    def save(self, save: PageSave) -> None:
        """Store a save as it is now."""
        update(self._db, "page_saves", {"id": save.id}, to_row(save))

    def counts(self) -> SaveCounts:
        """Return the counts of all saves."""
        sql = (
            "SELECT ifnull(sum(due_at IS NOT NULL), 0) AS waiting, ifnull(sum(saved_at IS NOT NULL), 0) AS saved,"
            " ifnull(sum(due_at IS NULL AND saved_at IS NULL), 0) AS given_up FROM page_saves"
        )
        return SaveCounts(*self._db.execute(sql).fetchone())

    # Mails

    def unnamed(self, recipient: str, watches: Collection[str], limit: int) -> list[tuple[int, PageSave]]:
        """Return saves that are over and that no mail of these watches to a recipient has named, the oldest first.

        Each is with the id of its last event.
        """
        found = rows(
            self._db,
            "SELECT s.*, max(r.event_id) AS event_id FROM page_save_readers r JOIN page_saves s ON s.id = r.save_id"
            " WHERE r.recipient = ? AND r.outbox_id IS NULL AND s.due_at IS NULL"
            " AND r.watch IN (SELECT value FROM json_each(?)) GROUP BY s.id ORDER BY s.id LIMIT ?",
            [recipient, tuple(watches), limit],
        )
        return [(row["event_id"], from_row(PageSave, row)) for row in found]

    def mark_named(self, save_ids: Iterable[int], recipient: str, outbox_id: int) -> None:
        """Record that a mail to a recipient names saves."""
        self._db.execute(
            "UPDATE page_save_readers SET outbox_id = ? WHERE recipient = ? AND outbox_id IS NULL"
            " AND save_id IN (SELECT value FROM json_each(?))",
            [outbox_id, recipient, tuple(save_ids)],
        )

    def forget_named(self, outbox_id: int) -> None:
        """Let another mail name the saves that a mail named which was not delivered, once.

        A server may refuse a mail for the links in it, and would refuse each later one that has them.
        """
        self._db.execute(
            "UPDATE page_save_readers SET outbox_id = NULL WHERE outbox_id = :id AND NOT EXISTS (SELECT 1"
            " FROM messages m JOIN page_saves s ON s.id = page_save_readers.save_id"
            " WHERE m.recipient = page_save_readers.recipient AND m.state = :refused AND m.id <> :id"
            " AND m.rendered_at >= ifnull(s.saved_at, s.since_at))",
            {"id": outbox_id, "refused": MessageState.REFUSED},
        )

    def _load(self, where: str, *values: object) -> list[PageSave]:
        return load(PageSave, self._db, f"SELECT * FROM page_saves {where}", values)  # noqa: S608
