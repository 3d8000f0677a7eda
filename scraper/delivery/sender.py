"""Sender of due messages: renders each message once, stores its bytes, sends them and records the result.

Each record is a unit of its own, and bytes are stored before their first attempt. So a process that is killed at any
moment sends at worst the message that the other side has just accepted a second time, with the same bytes.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from scraper import urls
from scraper.clock import format_duration, unlimited
from scraper.delivery import waiting
from scraper.delivery.retry import GIVE_UP_AFTER, DeliveryResult, next_attempt
from scraper.delivery.transports.base import DeliveryAttempt, down
from scraper.delivery.turns import in_turn
from scraper.errors import StoreError
from scraper.model import Channel, MessageKind, MessageState
from scraper.rules.actors import Actor
from scraper.rules.guards import Guard
from scraper.rules.untrusted import MAX_DETAIL_CHARS, line
from scraper.store import NewMessage, as_store_error
from scraper.store.locks import SENDING, SENDING_WEBHOOKS, WRITING_FEEDS, lock_file
from scraper.store.mutes import ALL_MUTED
from scraper.text.normalize import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from scraper.clock import Clock
    from scraper.config.alerts import AlertSettings, Watch
    from scraper.delivery.transports.base import Transport
    from scraper.model import RenderedMessage
    from scraper.store import Store, StoredMessage

# After so many attempts in a row that reached no server, the other messages to it wait until a later run.
_MAX_DOWN = 3
_UNWANTED = "the configuration does not name this recipient any more"
# Suffix of the lock file of each channel, in the order in which they are sent.
_LOCKS = {Channel.MAIL: SENDING, Channel.WEBHOOK: SENDING_WEBHOOKS, Channel.FEED: WRITING_FEEDS}


class _Server(NamedTuple):
    """Server whose failures are counted together.

    Failures of other messages, which may be retried an hour later, do not postpone those about State.
    """

    channel: Channel
    recipient: str | None
    is_of_state: bool


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """Result of one run over the messages that were due.

    Counts: `sent` were accepted, `retrying` failed for now, `refused` failed for good, `muted` were not sent because
    nothing was left to report. Messages of a server that is down and of a quiet hour are not tried. `problems`
    has one line for each failure. `left` messages are due and were not tried, because the time was used up.
    `is_busy`: another process is sending, so this run did nothing for at least one channel. `sent_mails` of the `sent`
    messages are mails, the others requests to webhooks and entries of feeds.
    """

    sent: int = 0
    retrying: int = 0
    refused: int = 0
    muted: int = 0
    problems: tuple[str, ...] = ()
    left: int = 0
    is_busy: bool = False
    sent_mails: int = field(default=0, compare=False)


@dataclass(slots=True)
class Sender:
    """One run over the messages of a store that are due, and its results so far.

    `render` renders a message; it does not write to the store, and returns None if nothing is left to report.
    A due mail waits while every watch in it that is among `watches` has quiet hours; it was queued for a time after
    them, but a retry, or a mail sent early, can fall into them.
    A message whose recipient is not wanted (see `recipients`) when it is to be sent is muted.
    `progress` is called with the recipient before each attempt; none begins when no `time_left_s` is left.
    """

    store: Store
    settings: AlertSettings
    clock: Clock
    transports: Mapping[Channel, Transport]
    render: Callable[[Store, StoredMessage], RenderedMessage | None]
    watches: Sequence[Watch] = ()
    is_wanted: Callable[[StoredMessage], bool] = lambda _message: True
    progress: Callable[[str], None] = lambda _recipient: None
    time_left_s: Callable[[], float] = unlimited
    _sent_mails: int = field(default=0, init=False)
    _outcomes: list[MessageState] = field(default_factory=list, init=False)
    _problems: list[str] = field(default_factory=list, init=False)
    _down_in_a_row: Counter[_Server] = field(default_factory=Counter, init=False)

    def send_due(self, *channels: Channel, limit: int = 100, ahead: timedelta = timedelta(0)) -> DeliveryReport:
        """Send up to `limit` due messages of each channel, each independently: a failing message delays no other.

        Without `channels`, send all: mail first, so that it does not wait for a webhook that hangs. With `ahead`, for a
        run that no other follows for a while, instant messages that are due within that time do not wait for further
        events. Raise `StoreError` if the database fails, and nothing else.
        """
        left, is_busy = 0, False
        for channel in channels or _LOCKS:
            # Two senders at once would send every message twice. The system releases the lock of a killed process.
            with lock_file(self.store.path, _LOCKS[channel]) as (_, is_alone):
                if is_alone:
                    left += self._send_channel(channel, limit, ahead)
                is_busy = is_busy or not is_alone
        states = (MessageState.SENT, MessageState.RETRYING, MessageState.REFUSED, MessageState.MUTED)
        sent, retrying, refused, muted = map(self._outcomes.count, states)
        return DeliveryReport(
            sent, retrying, refused, muted, tuple(self._problems), left, is_busy, sent_mails=self._sent_mails
        )

    def _send_channel(self, channel: Channel, limit: int, ahead: timedelta) -> int:
        """Send due messages of a channel, and return the number of those for which no time was left."""
        now = self.clock.now()
        found = self.store.outbox.due(now + ahead, limit, channel)
        # What has failed, waits for a server or is held keeps its time.
        due = [each for each in found if waiting.is_gathering(each) or not _is_early(each, now, now + ahead)]
        for number, message in enumerate(in_turn(due, self._is_down)):
            if self.time_left_s() <= 0:
                return len(due) - number
            self._send_of_state(message, limit)
            if self.time_left_s() <= 0:
                return len(due) - number
            self._send(message)
        return 0

    def _is_down(self, message: StoredMessage) -> bool:
        return self._down_in_a_row[_server(message)] > 0

    def _send_of_state(self, following: StoredMessage, limit: int) -> None:
        """Send the messages about State that became due in this run, before a following one about anything else.

        Each of the others may take a minute, and there may be a hundred of them.
        """
        if following.actor is not Actor.STATE:
            due = self.store.outbox.due(self.clock.now(), limit, following.channel, only_of_state=True)
            for message in in_turn(due, self._is_down):
                if self.time_left_s() > 0:
                    self._send(message)

    def _send(self, message: StoredMessage) -> None:
        server = _server(message)
        if self._down_in_a_row[server] >= _MAX_DOWN:
            return
        now = self.clock.now()
        if (held_until := waiting.after_quiet(message, self.watches, now)) > now:
            with self.store.unit():
                self.store.outbox.postpone(message.id, held_until)
            return
        raw_and_id = self._rendered(message)
        if raw_and_id is None:
            return
        self.progress(_recipient(message))
        attempt = self._deliver(message, *raw_and_id)
        next_at = self._record(message, attempt)
        self._down_in_a_row[server] = self._down_in_a_row[server] + 1 if attempt.is_down else 0
        if self._down_in_a_row[server] == _MAX_DOWN and next_at is not None:
            with self.store.unit():
                self.store.outbox.postpone_due(message, server.recipient, next_at, self.clock.now())

    def _rendered(self, message: StoredMessage) -> tuple[bytes, str] | None:
        """Return the bytes and the Message-ID of a message, rendered now if necessary; None: it must not be sent.

        Reading the facts and keeping the bytes is one unit, so that no event can join and no mute start in between.
        """
        outbox = self.store.outbox
        with self.store.unit():
            now = self.clock.now()
            current = outbox.get(message.id)
            if current is None or current.state in {MessageState.SENT, MessageState.REFUSED, MessageState.MUTED}:
                return None  # it was muted or removed after the run began
            if not self.is_wanted(current):
                self._mute(message, _UNWANTED)
                self._problems.append(f"message {message.id} to {_recipient(message)} is not sent: {_UNWANTED}")
                return None
            if current.state is MessageState.QUEUED:
                if self.store.mutes.mute_alerts(message.id, now):
                    self._mute(message, ALL_MUTED)
                    return None
                try:
                    rendered = self.render(self.store, current)
                except Exception as error:
                    # A database error is not the fault of the message.
                    if isinstance(error, StoreError) or as_store_error(error, self.store.path):
                        raise
                    detail = f"it could not be rendered ({type(error).__name__}: {clean(str(error))[:300]})"
                    self._refuse(message, detail)
                    return None
                if rendered is None:
                    self._mute(message, "it has no events left")
                    return None
                outbox.mark_rendered(message.id, rendered, now)
                if rendered.hidden:
                    self.store.withheld.record(Guard.MAIL_LENGTH, message.recipient, now, rendered.hidden)
                if rendered.saves:
                    self.store.page_saves.mark_named(rendered.saves, message.recipient, message.id)
                return rendered.raw, rendered.message_id
            raw = outbox.raw(message.id)
        assert raw is not None  # noqa: S101 - the schema guarantees it for a rendered message
        assert current.message_id is not None  # noqa: S101
        return raw, current.message_id

    def _deliver(self, message: StoredMessage, raw: bytes, message_id: str) -> DeliveryAttempt:
        transport = self.transports.get(message.channel)
        if transport is None:
            return down(f"no transport for {message.channel} is configured")
        sender = self.settings.sender
        try:
            attempt = transport.deliver(raw, sender=sender, recipient=message.recipient, message_id=message_id)
        except Exception as error:  # one message must not stop the others
            detail = f"sending it failed, which is a bug ({type(error).__name__}: {clean(str(error))[:300]})"
            attempt = DeliveryAttempt(DeliveryResult.RETRY, detail)
        # Without the secret before it is cut: half of it would not be found.
        return replace(attempt, detail=line(_redacted(attempt.detail, message), MAX_DETAIL_CHARS))

    def _record(self, message: StoredMessage, attempt: DeliveryAttempt) -> datetime | None:
        """Store the result of an attempt. Return the time of the next one, or None."""
        now = self.clock.now()
        next_at = next_attempt(message.attempts + 1, message.first_failed_at or now, now)
        with self.store.unit():
            if attempt.result is DeliveryResult.SENT:
                self.store.outbox.mark_sent(message.id, now)
                self._outcomes.append(MessageState.SENT)
                self._sent_mails += message.channel is Channel.MAIL
                return None
            if attempt.result is DeliveryResult.REFUSED:
                self._refuse(message, attempt.detail, "is refused")
                return None
            if next_at is None:
                self._refuse(message, f"given up after {format_duration(GIVE_UP_AFTER)}: {attempt.detail}")
                return None
            next_at = max(next_at, now + timedelta(seconds=attempt.pause_s))
            self.store.outbox.mark_retrying(message.id, next_at, attempt.detail, now)
            self._outcomes.append(MessageState.RETRYING)
            self._problems.append(f"message {message.id} to {_recipient(message)} waits: {attempt.detail}")
        return next_at

    def _refuse(self, message: StoredMessage, detail: str, verb: str = "failed") -> None:
        now = self.clock.now()
        self.store.outbox.mark_refused(message.id, detail, now)
        self.store.page_saves.forget_named(message.id)
        self._outcomes.append(MessageState.REFUSED)
        self._problems.append(f"message {message.id} to {_recipient(message)} failed: {detail}")
        if message.kind is MessageKind.REFUSED:
            return  # two operators whose mail fails would get mails about each other's mails without end
        note = f"{message.channel.capitalize()} to {_recipient(message)} {verb}: {detail}"
        for operator in self.settings.operator:
            if operator != message.recipient:
                key = f"{MessageKind.REFUSED} {message.channel} {message.recipient} {now:%Y-%m-%d} {operator}"
                key += f" {Actor.STATE}" if message.actor is Actor.STATE else ""
                self.store.outbox.announce(NewMessage(key, MessageKind.REFUSED, operator, note=note), now)

    def _mute(self, message: StoredMessage, reason: str) -> None:
        self.store.outbox.mark_muted(message.id, reason)
        self._outcomes.append(MessageState.MUTED)


def _is_early(message: StoredMessage, now: datetime, until: datetime) -> bool:
    # A time after `until` is due: the clock was set back.
    return now < waiting.sending_time(message) <= until


def _server(message: StoredMessage) -> _Server:
    # All mail has one server; each URL of a webhook, and each file of a feed, is one of its own.
    recipient = None if message.channel is Channel.MAIL else message.recipient
    return _Server(message.channel, recipient, message.actor is Actor.STATE)


def _recipient(message: StoredMessage) -> str:
    return _redacted(message.recipient, message)


def _redacted(text: str, message: StoredMessage) -> str:
    """Make a text fit for logs and mails: anyone who knows the URL of a webhook may post there."""
    return urls.redact(text, message.recipient) if message.channel is Channel.WEBHOOK else text
