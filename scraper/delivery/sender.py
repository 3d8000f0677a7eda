"""Sends what is due: writes each message once, keeps its bytes, hands them over, and notes the answer.

Everything that is noted is a unit of its own, and bytes are kept before their first attempt. So a process that is
killed at any moment sends at worst what the other side has just taken a second time, the same to the byte.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from scraper import urls
from scraper.clock import format_duration
from scraper.delivery.retry import GIVE_UP_AFTER, Result, next_attempt
from scraper.delivery.transports.base import DeliveryAttempt, down
from scraper.errors import StoreError
from scraper.model import Channel, MessageKind, MessageState
from scraper.store import as_store_error
from scraper.store.locks import lock_file
from scraper.text.normalize import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from scraper.clock import Clock
    from scraper.config.alerts import AlertSettings
    from scraper.delivery.transports.base import MailTransport
    from scraper.model import RenderedMessage
    from scraper.store import Store, StoredMessage

# After so many attempts in a row that reached nothing, the rest of a run waits.
_MAX_DOWN = 3


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What one run did with the messages that were due.

    `sent` were taken, `postponed` tried in vain, `failed` set aside for good, `muted` left unsent because nothing
    was left to tell; `waiting` were not tried, for what they need is down, or it is quiet. `problems` say what went
    wrong, one line for each. `is_busy`: another process is sending, so this one did nothing.
    """

    sent: int = 0
    postponed: int = 0
    failed: int = 0
    muted: int = 0
    waiting: int = 0
    problems: tuple[str, ...] = ()
    is_busy: bool = False


def send_due(
    store: Store,
    settings: AlertSettings,
    clock: Clock,
    ways: Mapping[Channel, MailTransport],
    write: Callable[[Store, StoredMessage], RenderedMessage | None],
    *,
    limit: int = 100,
    ahead: timedelta = timedelta(0),
    held: Callable[[StoredMessage, datetime], datetime | None] | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> DeliveryReport:
    """Send up to `limit` messages that are due, each in its own right: one that fails holds back no other.

    With `ahead`, for a pass after which nothing will come for a while, instant messages do not wait that long for
    further events. `write` puts a message into words; it reads and writes nothing, and gives None where nothing is
    left to tell. `held` says until when a message is to wait although it is due (`alerting.quiet_until`). `progress`
    hears of each message before it is sent. Raises `StoreError` where the database fails, nothing else.
    """
    with _sender_lock(store.path) as is_alone:
        if not is_alone:
            return DeliveryReport(is_busy=True)
        run = _Delivery(store, settings, clock, ways, write, held, progress)
        now = clock.now()
        for message in store.outbox.due(now + ahead, limit):
            is_gathering = message.state is MessageState.PENDING and message.kind is MessageKind.INSTANT
            is_early = now < (message.next_attempt_at or message.due_at) <= now + ahead
            if is_gathering or not is_early:
                run.send_due(message)
        return run.report()


@dataclass(slots=True)
class _Delivery:
    """The work of one run, and what came of it so far."""

    store: Store
    settings: AlertSettings
    clock: Clock
    ways: Mapping[Channel, MailTransport]
    write: Callable[[Store, StoredMessage], RenderedMessage | None]
    held: Callable[[StoredMessage, datetime], datetime | None] | None
    progress: Callable[[str], None]
    done: list[MessageState] = field(default_factory=list)  # FROZEN: tried in vain
    waiting: int = 0
    problems: list[str] = field(default_factory=list)
    down_in_a_row: dict[tuple[Channel, str | None], int] = field(default_factory=dict)

    def send_due(self, message: StoredMessage) -> None:
        # Mail has one server for all; each address of a webhook is a server of its own.
        lane = (message.channel, message.recipient if message.channel is Channel.WEBHOOK else None)
        if self.down_in_a_row.get(lane, 0) >= _MAX_DOWN:
            self.waiting += 1
            return
        if self.held and (quiet_until := self.held(message, self.clock.now())):
            with self.store.unit():
                self.store.outbox.hold(message.id, quiet_until)
            self.waiting += 1
            return
        raw_and_id = self._rendered(message)
        if raw_and_id is None:
            return
        self.progress(message.recipient)
        attempt = self._deliver(message, *raw_and_id)
        until = self._note(message, attempt)
        self.down_in_a_row[lane] = self.down_in_a_row.get(lane, 0) + 1 if attempt.is_down else 0
        if self.down_in_a_row[lane] == _MAX_DOWN and until is not None:
            with self.store.unit():
                self.store.outbox.defer(*lane, until, self.clock.now())

    def report(self) -> DeliveryReport:
        count = self.done.count
        return DeliveryReport(
            count(MessageState.SENT),
            count(MessageState.FROZEN),
            count(MessageState.FAILED),
            count(MessageState.MUTED),
            self.waiting,
            tuple(self.problems),
        )

    def _rendered(self, message: StoredMessage) -> tuple[bytes, str] | None:
        """The bytes and the Message-ID of a message, written now where they were not before; None: not to be sent.

        One unit from reading what is to be told to keeping it: no event can join, and no mute come, in between.
        """
        outbox = self.store.outbox
        with self.store.unit():
            now = self.clock.now()
            known = outbox.get(message.id)
            if known is None or known.state not in {MessageState.PENDING, MessageState.FROZEN}:
                return None  # it was muted or taken back since the run began
            if known.state is MessageState.PENDING:
                if outbox.mute_alerts(message.id, now):
                    self._mute(message, "all that it tells of is muted")
                    return None
                try:
                    written = self.write(self.store, known)
                except Exception as error:
                    # A database that fails is no fault of the message.
                    if isinstance(error, StoreError) or as_store_error(error, self.store.path):
                        raise
                    words = f"it could not be written ({type(error).__name__}: {clean(str(error))[:300]})"
                    self._fail(message, words)
                    return None
                if written is None:
                    self._mute(message, "nothing was left to tell")
                    return None
                outbox.render_once(message.id, written, now)
                return written.raw, written.message_id
            raw = outbox.raw(message.id)
        assert raw is not None  # noqa: S101 - the schema says so of what is frozen
        assert known.message_id is not None  # noqa: S101
        return raw, known.message_id

    def _deliver(self, message: StoredMessage, raw: bytes, message_id: str) -> DeliveryAttempt:
        way = self.ways.get(message.channel)
        if way is None:
            return down(f"no way to send by {message.channel} is set up")
        try:
            return way.deliver(raw, sender=self.settings.sender, recipient=message.recipient, message_id=message_id)
        except Exception as error:  # one message never stops the others
            words = f"sending it failed, which is a bug ({type(error).__name__}: {clean(str(error))[:300]})"
            return DeliveryAttempt(Result.RETRY, words)

    def _note(self, message: StoredMessage, attempt: DeliveryAttempt) -> datetime | None:
        """Keep what came of an attempt; when the next one is, None where there is none."""
        now = self.clock.now()
        until = next_attempt(message.attempts + 1, message.first_failed_at or now, now)
        with self.store.unit():
            if attempt.result is Result.SENT:
                self.store.outbox.mark_sent(message.id, now)
                self.done.append(MessageState.SENT)
                return None
            if attempt.result is Result.REFUSED:
                self._fail(message, attempt.words, "is refused")
                return None
            if until is None:
                self._fail(message, f"given up after {format_duration(GIVE_UP_AFTER)}: {attempt.words}")
                return None
            until = max(until, now + timedelta(seconds=attempt.pause_s))
            self.store.outbox.mark_retrying(message.id, until, attempt.words, now)
            self.done.append(MessageState.FROZEN)
            self.problems.append(f"message {message.id} to {_recipient(message)} waits: {attempt.words}")
        return until

    def _fail(self, message: StoredMessage, words: str, how: str = "failed") -> None:
        self.store.outbox.mark_failed(message.id, words)
        self.done.append(MessageState.FAILED)
        self.problems.append(f"message {message.id} to {_recipient(message)} failed: {words}")
        if message.kind is MessageKind.REFUSED:
            return  # or the mails of two operators that nobody takes tell of each other for ever
        now = self.clock.now()
        note = f"{message.channel.capitalize()} to {_recipient(message)} {how}: {words}"
        for operator in self.settings.operator:
            if operator != message.recipient:
                key = f"{MessageKind.REFUSED} {message.channel} {message.recipient} {now:%Y-%m-%d} {operator}"
                self.store.outbox.announce(key, MessageKind.REFUSED, operator, now, note=note)

    def _mute(self, message: StoredMessage, words: str) -> None:
        self.store.outbox.mark_muted(message.id, words)
        self.done.append(MessageState.MUTED)


def _recipient(message: StoredMessage) -> str:
    """The recipient as logs and mails may name it: the path of a webhook is as good as a password."""
    return urls.host(message.recipient) if message.channel is Channel.WEBHOOK else message.recipient


@contextmanager
def _sender_lock(database: Path) -> Iterator[bool]:
    """Whether no other process or thread is sending from this database; the system lets go even of what is killed.

    Two that send at once would send everything twice.
    """
    with lock_file(database.with_name(database.name + ".sending")) as (_, is_ours):
        yield is_ours
