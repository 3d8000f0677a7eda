"""Values of the outbox: messages and the events in them."""

from dataclasses import dataclass
from datetime import datetime

from scraper.model import Channel, MessageKind, MessageState


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


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One message to one recipient, without its bytes.

    `statement_id` is None for digests and for messages about no statement. `note` is the reason why the message was
    held back, None for most. `next_attempt_at` is None until an attempt was postponed; `first_failed_at` is the start
    of the current series of failed attempts. `last_error` is the server's text.
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
