"""What the outbox keeps and is asked for: messages, the events in them, and how far they are (values)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scraper.alerts.model import Channel, MessageKind

if TYPE_CHECKING:
    from datetime import datetime


class MessageState(StrEnum):
    """How far a message is. `PENDING` gathers events, `FROZEN` has its bytes and waits for the other side."""

    PENDING = "pending"
    FROZEN = "frozen"
    SENT = "sent"
    FAILED = "failed"
    MUTED = "muted"


@dataclass(frozen=True, slots=True)
class Filing:
    """One event that one watch wants one recipient to hear of, why (for the mail), and when."""

    event: int
    watch: str
    because: str
    recipient: str
    due_at: datetime
    kind: MessageKind = MessageKind.INSTANT
    channel: Channel = Channel.MAIL


@dataclass(frozen=True, slots=True)
class Alert:
    """One event in a message. `asked` are the watches that wanted it, each with its reason."""

    event: int
    asked: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Queued:
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
    statement: int | None
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
