"""Grouping of alerts into messages: the message that an event joins or opens, and when that is due (pure).

- A recipient gets an event once on each channel: if several watches select it, one message names them all, and is the
  most urgent of theirs (an instant message before a digest, then by time).
- Instant mails about one statement share a mail until it is due. An event of State's joins only a mail of State's, so
  it is sent at its own time. What others did joins that mail too if it is not delayed by this.
- The limits of mails count State's and all others apart, so that nothing that others do can hold a mail about State.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from scraper.model import Channel, MessageKind, MessageState
from scraper.rules.actors import Actor
from scraper.rules.guards import Guard
from scraper.serialize import format_utc
from scraper.store import NewMessage, StoredMessage

MAX_WAITING: Final = 50
"""Limit of the instant mails that wait for one recipient: a person cannot read hundreds of mails a minute."""
DAY: Final = timedelta(days=1)
"""Time in which mails about a statement are counted, and for which further ones are held."""


@dataclass(frozen=True, slots=True)
class NewAlert:
    """Event that watches select for one recipient, and when it is due. `actor` is the one whose action it reports.

    `watch` is the one whose message it goes into; `reasons_by_watch` are pairs of a watch and its reason, for the mail.
    """

    event_id: int
    actor: Actor
    watch: str
    recipient: str
    due_at: datetime
    reasons_by_watch: tuple[tuple[str, str], ...] = ()
    kind: MessageKind = MessageKind.INSTANT
    channel: Channel = Channel.MAIL
    statement_id: int | None = None

    @property
    def digest_key(self) -> str:
        """Key of the digest for the alert; for an instant mail, of the one that takes what `MAX_WAITING` excludes."""
        is_digest = self.kind is MessageKind.DIGEST
        occasion = f"{format_utc(self.due_at)} {self.watch}" if is_digest else f"flood {self.actor}"
        return f"{MessageKind.DIGEST} {self.channel} {self.recipient} {occasion}"

    @property
    def is_instant_mail(self) -> bool:
        """True for a mail at once: it may share a mail, and is limited. A program gets each event by itself."""
        return self.kind is MessageKind.INSTANT and self.channel is Channel.MAIL


@dataclass(frozen=True, slots=True)
class KnownMessages:
    """Stored mails to the recipient of an alert.

    `digest` is queued and was opened for the alert's `digest_key`. `about_statement` are instant mails about its
    statement that were due within the last `DAY` or later. `waiting` is the number of queued instant mails about its
    actor that are not due yet.
    """

    digest: StoredMessage | None = None
    about_statement: Sequence[StoredMessage] = ()
    waiting: int = 0


def merge(alerts: Iterable[NewAlert]) -> list[NewAlert]:
    """Return one alert for each recipient and channel of an event: the most urgent one, with the reasons of all."""
    merged: dict[tuple[str, Channel], NewAlert] = {}
    for alert in alerts:
        place = (alert.recipient, alert.channel)
        other = merged.get(place, alert)
        reasons = dict((*other.reasons_by_watch, *alert.reasons_by_watch))
        merged[place] = replace(min(other, alert, key=_urgency), reasons_by_watch=tuple(reasons.items()))
    return list(merged.values())


def choose_message(
    alert: NewAlert, known: KnownMessages, now: datetime, max_per_day: int
) -> StoredMessage | NewMessage:
    """Return the message for an alert: a stored one, as it is then, or one to open.

    After `max_per_day` mails about what an actor did with a statement in 24 hours, further events are held in one mail
    that is due a day after the first. While `MAX_WAITING` mails wait for a recipient, events of further statements go
    into a digest.
    """
    if alert.kind is MessageKind.DIGEST:
        return _digest(alert, known.digest)
    if not alert.is_instant_mail:
        return _new(alert)
    shared = [m for m in known.about_statement if m.state is MessageState.QUEUED and m.due_at > now]
    if alert.actor is not Actor.STATE:
        for message in shared:
            if message.actor is Actor.STATE and message.due_at <= alert.due_at:
                return _joined(alert, message)
    own = [message for message in shared if message.actor is alert.actor]
    if not own:
        return _own_mail(alert, known, max_per_day)
    message = min(own, key=lambda m: (m.note is not None, m.id))
    # A message with a note is held for a day.
    return _joined(alert, message, message.due_at if message.note else min(message.due_at, alert.due_at))


def guard_of(message: StoredMessage | NewMessage) -> Guard | None:
    """Return the guard because of which an event goes into a message and not into a mail of its own time, or None."""
    if message.note is None or message.kind not in {MessageKind.INSTANT, MessageKind.DIGEST}:
        return None
    return Guard.MAX_WAITING if message.kind is MessageKind.DIGEST else Guard.MAX_PER_DAY


def _own_mail(alert: NewAlert, known: KnownMessages, max_per_day: int) -> StoredMessage | NewMessage:
    """Return a mail that the alert opens, or the digest if too many wait for the recipient."""
    if known.waiting >= MAX_WAITING:
        note = f"{MAX_WAITING} mails are already waiting for you, so later events are collected in this digest."
        return _digest(alert, known.digest, note)
    counted = (m for m in known.about_statement if m.actor is alert.actor and m.state is not MessageState.MUTED)
    recent = sorted(m.due_at for m in counted)
    if len(recent) < max_per_day:
        return _new(alert)
    subject = "This statement" if alert.actor is Actor.STATE else "Copies of this statement"
    note = f"{subject} changed often: after {len(recent)} mails within a day, later events are collected in this mail."
    return replace(_new(alert), due_at=max(alert.due_at, recent[0] + DAY), note=note)


def _digest(alert: NewAlert, digest: StoredMessage | None, note: str | None = None) -> StoredMessage | NewMessage:
    """Return the queued digest, or one to open; after it was rendered, later events go into a successor."""
    if digest is not None:
        return _joined(alert, digest, min(digest.due_at, alert.due_at))
    key = f"{alert.digest_key} event {alert.event_id}"
    return replace(_new(alert), key=key, kind=MessageKind.DIGEST, statement_id=None, note=note)


def _new(alert: NewAlert) -> NewMessage:
    return NewMessage(
        f"{alert.kind} {alert.channel} {alert.recipient} event {alert.event_id}",
        alert.kind,
        alert.recipient,
        alert.due_at,
        alert.channel,
        statement_id=alert.statement_id,
        actor=alert.actor,
        watches=tuple(name for name, _ in alert.reasons_by_watch),
    )


def _joined(alert: NewAlert, message: StoredMessage, due_at: datetime | None = None) -> StoredMessage:
    """Return a stored message with an alert in it. A message with an event of State's is State's."""
    names = dict.fromkeys((*message.watches, *(name for name, _ in alert.reasons_by_watch)))
    actor = alert.actor if alert.actor is Actor.STATE else message.actor
    return replace(message, due_at=due_at or message.due_at, actor=actor, watches=tuple(names))


def _urgency(alert: NewAlert) -> tuple[bool, datetime]:
    """Return the sort key of an alert by urgency: a digest after any other, then by due time."""
    return alert.kind is MessageKind.DIGEST, alert.due_at
