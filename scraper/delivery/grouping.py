"""Grouping of alerts into messages: the message that an event joins or opens, and when that is due (pure).

A recipient gets an event once on each channel: if a second watch selects it, the message names both watches, and the
event goes into the earlier message (an instant message before a digest, then by time). Instant messages about one
statement share a message until it is due.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from scraper.model import Channel, MessageKind, MessageState
from scraper.serialize import format_utc
from scraper.store import NewMessage, StoredMessage

MAX_WAITING: Final = 50
"""Limit of the instant mails that wait for one recipient: a person cannot read hundreds of mails a minute."""
DAY: Final = timedelta(days=1)
"""Time in which mails about a statement are counted, and for which further ones are held."""


@dataclass(frozen=True, slots=True)
class NewAlert:
    """Event that a watch selects for one recipient, the reason (for the mail), and when it is due."""

    event_id: int
    watch: str
    reason: str
    recipient: str
    due_at: datetime
    kind: MessageKind = MessageKind.INSTANT
    channel: Channel = Channel.MAIL
    statement_id: int | None = None

    @property
    def digest_key(self) -> str:
        """Key of the digest for the alert; for an instant mail, of the one that takes what `MAX_WAITING` excludes."""
        occasion = f"{format_utc(self.due_at)} {self.watch}" if self.kind is MessageKind.DIGEST else "flood"
        return f"{MessageKind.DIGEST} {self.channel} {self.recipient} {occasion}"


@dataclass(frozen=True, slots=True)
class KnownMessages:
    """Stored messages to the recipient of an alert, on its channel.

    `holder` has the event already and is queued. `digests` were opened for the alert's `digest_key`. `about_statement`
    are instant messages about its statement that were due within the last `DAY` or later. `waiting` is the number of
    queued instant messages that are not due yet.
    """

    holder: StoredMessage | None = None
    digests: Sequence[StoredMessage] = ()
    about_statement: Sequence[StoredMessage] = ()
    waiting: int = 0


def choose_message(
    alert: NewAlert, known: KnownMessages, now: datetime, max_per_day: int
) -> StoredMessage | NewMessage:
    """Return the message for an alert: a stored one, with the due time that it then has, or one to open.

    After `max_per_day` mails about a statement in 24 hours, further events are held in one mail that is due a day after
    the first. While `MAX_WAITING` mails wait for a recipient, events of further statements go into a digest.
    """
    holder = known.holder
    if holder is not None and _urgency(alert) >= _urgency(holder):
        return holder
    if alert.kind is MessageKind.DIGEST:
        return _digest(alert, known.digests)
    shared = [m for m in known.about_statement if m.state is MessageState.QUEUED and m.due_at > now]
    if holder is not None and holder.kind is not MessageKind.DIGEST:
        shared = [holder]
    if not shared:
        return _own_message(alert, known, max_per_day)
    message = min(shared, key=lambda m: (m.note is not None, m.id))
    # A message with a note is held for a day.
    return message if message.note else replace(message, due_at=min(message.due_at, alert.due_at))


def _own_message(alert: NewAlert, known: KnownMessages, max_per_day: int) -> StoredMessage | NewMessage:
    """Return a message that the alert opens, or the digest if too many wait for the recipient."""
    due_at, note = alert.due_at, None
    if alert.kind is MessageKind.INSTANT and alert.channel is Channel.MAIL:
        if known.waiting >= MAX_WAITING:
            note = f"{MAX_WAITING} mails are already waiting for you, so later events are collected in this digest."
            return _digest(alert, known.digests, note)
        recent = sorted(m.due_at for m in known.about_statement if m.state is not MessageState.MUTED)
        if len(recent) >= max_per_day:
            due_at = max(due_at, recent[0] + DAY)
            note = (
                f"This statement changed often: after {len(recent)} mails about it within a day,"
                " later changes are collected in this mail."
            )
    key = f"{alert.kind} {alert.channel} {alert.recipient} event {alert.event_id}"
    return NewMessage(
        key, alert.kind, alert.recipient, due_at, alert.channel, statement_id=alert.statement_id, note=note
    )


def _digest(alert: NewAlert, digests: Sequence[StoredMessage], note: str | None = None) -> StoredMessage | NewMessage:
    """Return the queued digest, or one to open; after it was rendered, later events go into a successor."""
    for digest in digests:
        if digest.state is MessageState.QUEUED:
            return digest
    key = alert.digest_key
    if any(digest.key == key for digest in digests):
        key = f"{key} event {alert.event_id}"
    return NewMessage(key, MessageKind.DIGEST, alert.recipient, alert.due_at, alert.channel, note=note)


def _urgency(message: NewAlert | StoredMessage) -> tuple[bool, datetime]:
    """Return the sort key of a message by urgency: a digest after any other, then by due time."""
    return message.kind is MessageKind.DIGEST, message.due_at
