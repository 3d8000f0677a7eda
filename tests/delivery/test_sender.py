"""Tests of the sender: messages are rendered once, retried with the same bytes, and fail independently."""

from __future__ import annotations

import mailbox
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from fakes.mail_server import Handler, serve
from samples import NOON, settings

from scraper.clock import countdown
from scraper.config.alerts import AlertSettings, Smtp, Watch
from scraper.config.choices import MailTransportKind, Security
from scraper.delivery.context import gather_facts
from scraper.delivery.enqueue import queue_alert
from scraper.delivery.grouping import NewAlert
from scraper.delivery.retry import GIVE_UP_AFTER, MIN_ATTEMPTS, DeliveryResult
from scraper.delivery.sender import DeliveryReport, Sender
from scraper.delivery.transports.base import SENT, DeliveryAttempt, down
from scraper.delivery.transports.factory import mail_transport, open_transports
from scraper.delivery.transports.maildir import MaildirTransport
from scraper.delivery.transports.sendmail import SendmailTransport
from scraper.delivery.transports.smtp import SmtpTransport
from scraper.delivery.transports.webhook import WebhookTransport
from scraper.errors import StoreError
from scraper.model import Channel, Event, EventKind, MessageKind, MessageState, RenderedMessage
from scraper.rules.actors import Actor
from scraper.rules.guards import Guard, Withheld
from scraper.store import Mute, NewMessage, OutboxFilter, Store

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from scraper.clock import SimulatedClock
    from scraper.delivery.transports.base import Transport
    from scraper.store import StoredMessage

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
DESK = "desk@example.org"


@dataclass
class Recorded:
    """Transport that records its messages and returns `answers` in turn, then `always`."""

    answers: list[DeliveryAttempt | Exception] = field(default_factory=list)
    given: list[tuple[str, str, bytes]] = field(default_factory=list)
    always: DeliveryAttempt = SENT

    def deliver(self, raw: bytes, *, sender: str, recipient: str, message_id: str) -> DeliveryAttempt:
        assert sender == "statewire@example.org"
        self.given.append((recipient, message_id, raw))
        answer = self.answers.pop(0) if self.answers else self.always
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        pass


def write(store: Store, message: StoredMessage) -> RenderedMessage | None:
    events = [alert.event_id for alert in store.outbox.alerts(message.id)]
    raw = f"Subject: events {events}\r\n\r\nfor {message.recipient}\r\n".encode()
    return RenderedMessage(f"events {events}", "", "", f"<{message.id}@statewire.example>", raw)


@dataclass
class Desk:
    """A store with messages in it, and what is needed to send them."""

    store: Store
    clock: SimulatedClock
    mail: Recorded = field(default_factory=Recorded)
    hook: Recorded = field(default_factory=Recorded)
    operators: tuple[str, ...] = ()

    def file(self, *recipients: str, channel: Channel = Channel.MAIL, source: str = "state") -> list[int]:
        """One new event to each, due now."""
        now = self.clock.now()
        ids = []
        for recipient in recipients or (DESK,):
            with self.store.unit():
                self.store.events.add([Event(EventKind.BROKEN, NOON, source)])
                event, reasons = self.store.events.last_id(), (("Desk", ""),)
                filing = NewAlert(event, Actor.MONITOR, "Desk", recipient, now, reasons, channel=channel)
                ids.append(queue_alert(self.store, filing, now, max_per_day=6))
        return ids

    def send(
        self,
        *,
        write: Any = write,
        transports: Mapping[Channel, Transport] | None = None,
        ahead: timedelta = timedelta(0),
        limit: int = 100,
        channels: tuple[Channel, ...] = (),
        **more: Any,
    ) -> DeliveryReport:
        known: Mapping[Channel, Transport] = {Channel.MAIL: self.mail, Channel.WEBHOOK: self.hook}
        alerts = AlertSettings(sender="statewire@example.org", operator=self.operators)
        sender = Sender(self.store, alerts, self.clock, known if transports is None else transports, write, **more)
        return sender.send_due(*channels, limit=limit, ahead=ahead)

    def after(self, wait: timedelta, **more: Any) -> DeliveryReport:
        self.clock.sleep(wait.total_seconds())
        return self.send(**more)

    def states(self) -> dict[int, MessageState]:
        return {message.id: message.state for message in self.store.outbox.find(OutboxFilter())}

    def get(self, message: int) -> StoredMessage:
        found = self.store.outbox.get(message)
        assert found is not None
        return found


@pytest.fixture
def desk(store: Store, clock: SimulatedClock) -> Desk:
    return Desk(store, clock)


# As it should be


def test_a_due_message_is_rendered_sent_and_recorded(desk: Desk) -> None:
    (message,) = desk.file()
    recipients: list[str] = []
    assert desk.send(progress=recipients.append) == DeliveryReport(sent=1)
    found = desk.get(message)
    assert (found.state, found.attempts, found.sent_at) == (MessageState.SENT, 1, NOON)
    assert desk.mail.given == [(DESK, found.message_id, desk.store.outbox.raw(message))]
    assert recipients == [DESK]
    assert desk.send() == DeliveryReport()


def test_a_message_that_is_not_due_is_left(desk: Desk) -> None:
    with desk.store.unit():
        desk.store.outbox.announce(NewMessage("weekly", MessageKind.STILL_WATCHING, DESK, NOON + HOUR), NOON)
    assert desk.send() == DeliveryReport()
    assert desk.after(HOUR) == DeliveryReport(sent=1)


def test_a_run_has_a_limit(desk: Desk) -> None:
    desk.file(*[DESK] * 3)
    assert desk.send(limit=2).sent == 2
    assert desk.send(limit=2).sent == 1


def test_bytes_are_kept_before_the_first_attempt_and_never_made_again(desk: Desk) -> None:
    (message,) = desk.file()
    states = []

    class Looking(Recorded):
        def deliver(self, raw: bytes, **more: Any) -> DeliveryAttempt:
            with Store(desk.store.path) as other:
                states.append((other.outbox.raw(message), raw))
            return super().deliver(raw, **more)

    desk.mail = Looking([DeliveryAttempt(DeliveryResult.RETRY, "451 later")])
    desk.send()
    desk.after(HOUR, write=lambda *_: pytest.fail("written a second time"))
    assert desk.states() == {message: MessageState.SENT}
    assert len({raw for pair in states for raw in pair}) == 1
    assert len(states) == 2


# Trouble with one message


def test_a_refused_message_is_kept_with_the_words_and_others_go_out(desk: Desk) -> None:
    first, second, third = desk.file("a@example.org", "b@example.org", "c@example.org")
    desk.mail.answers = [SENT, DeliveryAttempt(DeliveryResult.REFUSED, "550 no such user"), SENT]
    report = desk.send()
    assert (report.sent, report.refused) == (2, 1)
    assert report.problems == (f"message {second} to b@example.org failed: 550 no such user",)
    assert desk.states() == {first: MessageState.SENT, second: MessageState.REFUSED, third: MessageState.SENT}
    assert desk.get(second).last_error == "550 no such user"
    assert desk.after(HOUR) == DeliveryReport()


def test_operators_are_notified_of_undeliverable_recipients_once_a_day(desk: Desk) -> None:
    desk.operators = ("ops@example.org", "boss@example.org")
    desk.file("a@example.org", "a@example.org", "boss@example.org")
    desk.mail.answers = [DeliveryAttempt(DeliveryResult.REFUSED, "550 no such user")] * 3
    assert desk.send().refused == 3
    reported = [m for m in desk.store.outbox.find(OutboxFilter()) if m.kind is MessageKind.REFUSED]
    assert [(m.recipient, m.note) for m in reported] == [
        ("ops@example.org", "Mail to a@example.org is refused: 550 no such user"),
        ("boss@example.org", "Mail to a@example.org is refused: 550 no such user"),
        ("ops@example.org", "Mail to boss@example.org is refused: 550 no such user"),
    ]
    # Its own refusal is not reported, or that would never end.
    desk.mail.always = DeliveryAttempt(DeliveryResult.REFUSED, "550 no such user")
    assert desk.send().refused == 3
    assert desk.send() == DeliveryReport()
    desk.file("a@example.org")
    desk.after(timedelta(days=1))
    assert len([m for m in desk.store.outbox.find(OutboxFilter()) if m.kind is MessageKind.REFUSED]) == 5


def test_failed_renderings_and_abandoned_messages_are_reported_to_the_operator(desk: Desk) -> None:
    desk.operators = ("ops@example.org",)
    desk.file("https://hooks.example/T0/secret", channel=Channel.WEBHOOK)
    desk.hook.always = DeliveryAttempt(DeliveryResult.RETRY, "status 500: no /T0/secret")
    report = desk.send()
    for _ in range(MIN_ATTEMPTS - 2):
        desk.after(HOUR)
    desk.after(GIVE_UP_AFTER)
    (reported,) = [m for m in desk.store.outbox.find(OutboxFilter()) if m.kind is MessageKind.REFUSED]
    assert reported.note == "Webhook to hooks.example failed: given up after 5 d: status 500: no ***"
    assert "secret" not in "".join(report.problems)


def test_a_message_that_cannot_be_written_is_set_aside(desk: Desk) -> None:
    poison, good = desk.file(*[DESK] * 2)

    def picky(store: Store, message: StoredMessage) -> RenderedMessage | None:
        if message.id == poison:
            raise UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed")
        return write(store, message)

    assert desk.send(write=picky).sent == 1
    assert desk.states() == {poison: MessageState.REFUSED, good: MessageState.SENT}
    assert "could not be rendered (UnicodeEncodeError" in (desk.get(poison).last_error or "")
    with desk.store.unit():
        desk.store.outbox.retry(None, NOON)
    assert desk.send().sent == 1


def test_a_database_that_fails_is_no_fault_of_the_message(desk: Desk) -> None:
    (message,) = desk.file()

    def broken(store: Store, _: StoredMessage) -> RenderedMessage | None:
        store._db.execute("SELECT * FROM no_such_table")
        return None

    with pytest.raises(StoreError, match="no_such_table"):
        desk.send(write=broken)
    assert desk.states() == {message: MessageState.QUEUED}


def test_a_transport_that_raises_is_a_bug_that_stops_nothing(desk: Desk) -> None:
    first, second = desk.file(*[DESK] * 2)
    desk.mail.answers = [RuntimeError("oh")]
    report = desk.send()
    assert (report.sent, report.retrying) == (1, 1)
    assert desk.states() == {first: MessageState.RETRYING, second: MessageState.SENT}
    assert desk.get(first).last_error == "sending it failed, which is a bug (RuntimeError: oh)"


def test_a_message_with_nothing_left_to_report_is_not_sent(desk: Desk) -> None:
    (message,) = desk.file()
    assert desk.send(write=lambda *_: None) == DeliveryReport(muted=1)
    assert desk.states() == {message: MessageState.MUTED}
    assert desk.mail.given == []


def test_a_message_muted_by_its_due_time_is_not_sent(desk: Desk) -> None:
    noise, news = [desk.file(source=source)[0] for source in ("noise", "news")]
    with desk.store.unit():
        desk.store.mutes.add(Mute(NOON, source="noise"))
    assert desk.send() == DeliveryReport(sent=1, muted=1)
    assert desk.states() == {noise: MessageState.MUTED, news: MessageState.SENT}


def test_a_message_muted_during_sending_is_not_sent(desk: Desk) -> None:
    first, second = desk.file(*[DESK] * 2)

    def mute_meanwhile(_: str) -> None:
        with Store(desk.store.path) as other, other.unit():
            other.outbox.mark_muted(second, "muted")

    assert desk.send(progress=mute_meanwhile) == DeliveryReport(sent=1)
    assert desk.states() == {first: MessageState.SENT, second: MessageState.MUTED}


# Trouble with the other side


def test_attempts_are_put_off_for_longer_and_longer_and_given_up_after_five_days(desk: Desk) -> None:
    (message,) = desk.file()
    desk.mail.always = DeliveryAttempt(DeliveryResult.RETRY, "451 later")
    pauses = []
    while desk.states()[message] is not MessageState.REFUSED:
        desk.send()
        until = desk.get(message).next_attempt_at or desk.clock.now()
        pauses.append(until - desk.clock.now())
        desk.clock.sleep(pauses[-1].total_seconds())
    assert pauses[:6] == [MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, HOUR]
    assert GIVE_UP_AFTER <= desk.clock.now() - NOON <= GIVE_UP_AFTER + HOUR
    assert desk.get(message).last_error == "given up after 5 d: 451 later"
    assert len(set(desk.mail.given)) == 1


def test_a_pause_that_is_asked_for_is_kept(desk: Desk) -> None:
    (message,) = desk.file("https://hooks.example.org/1", channel=Channel.WEBHOOK)
    desk.hook.answers = [DeliveryAttempt(DeliveryResult.RETRY, "status 429", pause_s=7200.0)]
    desk.send()
    assert desk.get(message).next_attempt_at == NOON + 2 * HOUR


def test_quiet_hours_hold_what_is_tried_again_and_what_would_go_out_early(desk: Desk) -> None:
    awake = Watch.model_validate({"name": "Awake", "to": (DESK,)})
    quiet = Watch.model_validate({"name": "Desk", "to": (DESK,), "quiet": "12:30-18:00"})
    (message,) = desk.file()
    desk.mail.answers = [DeliveryAttempt(DeliveryResult.RETRY, "451 later")]
    assert desk.send(watches=(quiet, awake)).retrying == 1
    assert desk.after(HOUR, watches=(quiet, awake)) == DeliveryReport()
    now = desk.clock.now()
    with desk.store.unit():
        desk.store.events.add([Event(EventKind.UNSOURCED, NOON, "x", page_url=f"https://{n}.example/") for n in "xy"])
        early_event, actor = desk.store.events.last_id(), Actor.THIRD_PARTY
        reasons = (("Desk", ""), ("Awake", ""))
        queue_alert(desk.store, NewAlert(early_event - 1, actor, "Awake", DESK, now, reasons), now, max_per_day=6)
        early = NewAlert(early_event, actor, "Desk", DESK, now + 5 * MINUTE, reasons[:1])
        early_id = queue_alert(desk.store, early, now, max_per_day=6)
        desk.store.outbox.announce(NewMessage("test", MessageKind.TEST, DESK), desk.clock.now())
    report = desk.send(ahead=5 * MINUTE, watches=(quiet, awake))
    assert report.sent == 2  # what a watch that is awake asks for as well, and the test
    assert desk.states()[early_id] is MessageState.QUEUED
    assert desk.after(4 * HOUR, watches=(quiet, awake)) == DeliveryReport()
    assert desk.after(HOUR, watches=(quiet, awake)) == DeliveryReport(sent=2)
    assert desk.states()[message] is MessageState.SENT


def waiting_mail(desk: Desk, wait: timedelta, **row: Any) -> int:
    """A queued mail of the watch Desk that is due after a wait."""
    with desk.store.unit():
        message = NewMessage(f"mail {desk.store.outbox.counts()}", MessageKind.INSTANT, DESK, **row)
        return desk.store.outbox.open(replace(message, due_at=desk.clock.now() + wait, watches=("Desk",)), NOON)


def test_only_what_waits_for_further_events_is_sent_early(desk: Desk) -> None:
    """The server was down a moment ago: what was put off for it waits like what failed; so does what is held."""
    desk.file(*[DESK] * 5)
    desk.mail.always = down("no server")
    desk.send()
    desk.mail.always, desk.mail.given = SENT, []
    waiting_mail(desk, 5 * MINUTE, note="held for a day")
    gathering = waiting_mail(desk, 5 * MINUTE)
    assert desk.send(ahead=5 * MINUTE) == DeliveryReport(sent=1)
    assert desk.states()[gathering] is MessageState.SENT
    assert desk.after(MINUTE, ahead=5 * MINUTE) == DeliveryReport(sent=5)
    assert desk.after(5 * MINUTE) == DeliveryReport(sent=1)


def test_a_clock_that_was_set_back_holds_no_message_for_years(desk: Desk) -> None:
    year = timedelta(days=365)
    desk.clock.sleep(year.total_seconds())
    (waiting,) = desk.file()
    desk.mail.answers = [DeliveryAttempt(DeliveryResult.RETRY, "451 later")]
    assert desk.send().retrying == 1
    (filed,) = desk.file("other@example.org")
    desk.clock.sleep(-year.total_seconds())
    assert desk.send().sent == 2
    assert desk.states() == {waiting: MessageState.SENT, filed: MessageState.SENT}


def test_a_server_that_is_down_is_tried_three_times_and_the_rest_waits_for_it(desk: Desk) -> None:
    messages = desk.file(*[DESK] * 10)
    desk.mail.always = down("no server")
    report = desk.send()
    assert (report.retrying, len(desk.mail.given)) == (3, 3)
    assert {desk.get(message).next_attempt_at for message in messages} == {NOON + MINUTE}
    assert [desk.get(message).attempts for message in messages] == [1] * 3 + [0] * 7
    assert desk.send() == DeliveryReport()
    desk.mail.always = SENT
    assert desk.after(MINUTE) == DeliveryReport(sent=10)
    assert Counter(recipient for recipient, _, _ in desk.mail.given)[DESK] == 13


def test_after_an_outage_each_recipient_gets_the_oldest_message_first(desk: Desk) -> None:
    """Seven messages to two recipients, some tried twice, some once, some never."""
    messages = desk.file(DESK, DESK, "b@example.org", DESK)
    desk.mail.always = down("no server")
    desk.send()
    desk.after(MINUTE)
    desk.clock.sleep(60)
    messages += desk.file("b@example.org", DESK, DESK)
    assert {desk.get(message).attempts for message in messages} == {0, 1, 2}
    desk.mail.always, desk.mail.given = SENT, []
    assert desk.after(HOUR) == DeliveryReport(sent=7)
    sent = [(recipient, int(message_id[1:].partition("@")[0])) for recipient, message_id, _ in desk.mail.given]
    for recipient in (DESK, "b@example.org"):
        own = [message for message in messages if desk.get(message).recipient == recipient]
        assert [message for to, message in sent if to == recipient] == own


def test_a_message_that_comes_in_a_long_outage_is_tried_again_soon(desk: Desk) -> None:
    """The oldest message is tried first, but its next attempt an hour later is not that of the new one."""
    desk.file(*[DESK] * 5)
    desk.mail.always = down("no server")
    for _ in range(12):
        desk.after(HOUR)
    desk.clock.sleep(HOUR.total_seconds())
    (new,) = desk.file()
    desk.send()
    assert (desk.get(new).attempts, desk.get(new).next_attempt_at) == (1, desk.clock.now() + MINUTE)


def test_occasional_failures_do_not_delay_other_messages(desk: Desk) -> None:
    desk.file(*[DESK] * 9)
    desk.mail.answers = [down("x"), down("x"), SENT] * 3
    report = desk.send()
    assert (report.sent, report.retrying) == (3, 6)


def test_a_webhook_that_is_down_makes_only_its_own_requests_wait(desk: Desk) -> None:
    desk.file(*["https://a.example/"] * 5, channel=Channel.WEBHOOK)
    desk.file("https://b.example/", channel=Channel.WEBHOOK)
    desk.file()
    desk.hook.answers = [down("no server")] * 3
    report = desk.send()
    assert (report.sent, report.retrying) == (2, 3)


def test_a_channel_without_a_way(desk: Desk) -> None:
    (message,) = desk.file()
    assert desk.send(transports={}).retrying == 1
    assert desk.get(message).last_error == "no transport for mail is configured"


# Only one sends


def test_two_never_send_at_once(desk: Desk) -> None:
    desk.file()
    reports = []

    def another(_: str) -> None:
        with Store(desk.store.path) as other:
            reports.append(Desk(other, desk.clock, desk.mail).send())

    assert desk.send(progress=another) == DeliveryReport(sent=1)
    assert reports == [DeliveryReport(is_busy=True)]
    assert len(desk.mail.given) == 1


def test_nothing_is_sent_where_locks_do_not_work(desk: Desk) -> None:
    desk.file()
    desk.store.path.with_name(f"{desk.store.path.name}.sending").mkdir()
    with pytest.raises(StoreError, match="cannot be opened"):
        desk.send()
    assert desk.mail.given == []


# Real ways


def test_one_of_two_recipients_is_refused_by_a_real_server_that_also_drops(desk: Desk) -> None:
    handler = Handler(answers=["451 4.3.0 later"])
    server = serve(handler)
    smtp = SmtpTransport(
        Smtp(host="127.0.0.1", port=server.port, security=Security.NONE, timeout_s=2.0), after_dot_s=2.0
    )
    try:
        good, bad = desk.file(DESK, handler.bad)
        assert desk.send(transports={Channel.MAIL: smtp}).retrying == 1
        handler.drop_at = "dot"
        assert desk.after(HOUR, transports={Channel.MAIL: smtp}).retrying == 1
        handler.drop_at = ""
        assert desk.after(HOUR, transports={Channel.MAIL: smtp}).sent == 1
    finally:
        smtp.close()
        server.stop()
    assert desk.states() == {good: MessageState.SENT, bad: MessageState.REFUSED}
    assert desk.get(bad).last_error == "550 5.1.1 no such user here"
    assert handler.taken == [("statewire@example.org", DESK, desk.store.outbox.raw(good))] * 2


def test_by_default_mail_goes_into_a_folder_beside_the_database(desk: Desk) -> None:
    desk.file(*[DESK] * 2)
    with open_transports(settings(), desk.store.path, desk.clock) as transports:
        assert desk.send(transports=transports).sent == 2
        assert set(transports) == {Channel.MAIL}
    assert len(mailbox.Maildir(desk.store.path.parent / "mail", create=False)) == 2


def test_transports_are_those_of_the_settings(tmp_path: Path, clock: SimulatedClock) -> None:
    def opened(**given: Any) -> Transport:
        return mail_transport(settings().model_copy(update={"alerts": AlertSettings(**given)}), tmp_path / "x.db")

    assert isinstance(opened(deliver=MailTransportKind.SENDMAIL), SendmailTransport)
    assert isinstance(opened(deliver=MailTransportKind.SMTP, smtp=Smtp(host="mail.example.org")), SmtpTransport)
    assert isinstance(opened(maildir=tmp_path / "else"), MaildirTransport)
    watch = Watch(name="Hook", webhook="https://hooks.example.org/1", webhook_secret_env="HOOK")
    with open_transports(settings().model_copy(update={"watches": (watch,)}), tmp_path / "x.db", clock) as transports:
        assert isinstance(transports[Channel.WEBHOOK], WebhookTransport)


# State's messages and others


def of_state(desk: Desk, wait: timedelta = timedelta(0), recipient: str = DESK) -> int:
    """A new message about State, due after a wait."""
    now = desk.clock.now()
    with desk.store.unit():
        desk.store.events.add([Event(EventKind.REVISED, now, "state")])
        filing = NewAlert(desk.store.events.last_id(), Actor.STATE, "Desk", recipient, now + wait, (("Desk", ""),))
        return queue_alert(desk.store, filing, now, max_per_day=6)


def test_row_119_messages_about_state_are_sent_first_whatever_their_time_and_attempts(desk: Desk) -> None:
    others = desk.file(*[DESK] * 3)
    tried = of_state(desk)
    desk.mail.answers = [DeliveryAttempt(DeliveryResult.RETRY, "451 later")] * 4
    desk.send()
    desk.clock.sleep(60)
    new_other, new = *desk.file(), of_state(desk)
    desk.clock.sleep(60)
    desk.mail.given.clear()
    desk.send()
    sent = [message_id for _, message_id, _ in desk.mail.given]
    assert sent == [desk.get(message).message_id for message in (tried, new, *others, new_other)]


def test_row_119_a_message_about_state_that_becomes_due_in_a_run_is_sent_next(desk: Desk) -> None:
    """Each delivery takes a minute. State's message fails once, and its next attempt is at its time too."""
    own = of_state(desk, 3 * MINUTE)
    desk.file(*[DESK] * 10)
    desk.mail.answers = [*[SENT] * 3, DeliveryAttempt(DeliveryResult.RETRY, "451 later")]
    times: dict[str, list[timedelta]] = {}
    report = desk.send(progress=lambda _: desk.clock.sleep(60), transports={Channel.MAIL: Timed(desk, times)})
    assert (report.sent, report.retrying) == (11, 1)
    assert times[str(desk.get(own).message_id)] == [4 * MINUTE, 6 * MINUTE]


@dataclass
class Timed:
    """Transport that notes the times of the attempts of each message."""

    desk: Desk
    times: dict[str, list[timedelta]]

    def deliver(self, raw: bytes, *, message_id: str, **more: Any) -> DeliveryAttempt:
        self.times.setdefault(message_id, []).append(self.desk.clock.now() - NOON)
        return self.desk.mail.deliver(raw, message_id=message_id, **more)

    def close(self) -> None:
        pass


def test_row_119_attempts_of_others_that_wait_for_an_hour_delay_none_about_state(desk: Desk) -> None:
    """The server is down for hours; the mail about State that comes then has its own first attempts."""
    desk.file(*[DESK] * 5)
    desk.mail.always = down("no server")
    for _ in range(12):
        desk.after(HOUR)
    own = of_state(desk, recipient="other@example.org")
    desk.send()
    assert desk.get(own).next_attempt_at == desk.clock.now() + MINUTE
    desk.mail.always = SENT
    assert desk.after(MINUTE).sent == 1
    assert desk.states()[own] is MessageState.SENT


def test_row_119_failures_of_others_postpone_none_about_state(desk: Desk) -> None:
    """State's message becomes due while the third attempt of others fails: it has its own attempt then."""
    others = desk.file(*[DESK] * 5)
    own = of_state(desk, MINUTE)
    desk.mail.always = down("no server")
    desk.send(progress=lambda _: desk.clock.sleep(20))
    assert [desk.get(message).attempts for message in others] == [1, 1, 1, 0, 0]
    assert desk.get(own).attempts == 1


def test_row_119_the_operator_is_mailed_about_an_undelivered_mail_about_state_first(desk: Desk) -> None:
    """A refusal of another mail in the morning does not hide it, nor do twenty later ones."""
    desk.operators = ("ops@example.org",)
    desk.mail.answers = [DeliveryAttempt(DeliveryResult.REFUSED, "550 no such user")] * 30
    desk.file()
    desk.send()
    of_state(desk)
    desk.send()
    reported = [m for m in desk.store.outbox.find(OutboxFilter()) if m.kind is MessageKind.REFUSED]
    assert len(reported) == 2
    desk.file(*[DESK] * 25)
    desk.send()
    message = gather_facts(desk.store, settings(), reported[-1], desk.clock.now())
    assert len(message.queue) == 20
    assert message.queue[0].startswith(f"{max(m.id for m in desk.store.outbox.find(OutboxFilter(actor=Actor.STATE)))}:")


def test_row_120_events_that_a_mail_does_not_show_are_counted(desk: Desk) -> None:
    desk.file()

    def cut(store: Store, message: StoredMessage) -> RenderedMessage:
        return RenderedMessage("x", "", "", f"<{message.id}@statewire.example>", b"x", hidden=7)

    desk.send(write=cut)
    assert desk.store.withheld.recent(NOON) == [Withheld(Guard.MAIL_LENGTH, DESK, 7, NOON, NOON)]


# Channels and time

HOOK = "https://hooks.example/T0/secret"


def test_mail_goes_first_and_each_channel_can_be_sent_alone(desk: Desk) -> None:
    hook, mail = *desk.file(HOOK, channel=Channel.WEBHOOK), *desk.file()
    order: list[str] = []
    desk.send(progress=order.append)
    assert order == [DESK, "hooks.example"]
    hook, mail = *desk.file(HOOK, channel=Channel.WEBHOOK), *desk.file()
    assert desk.send(channels=(Channel.WEBHOOK,)).sent == 1
    assert (desk.get(hook).state, desk.get(mail).state) == (MessageState.SENT, MessageState.QUEUED)
    assert desk.send(channels=(Channel.MAIL,)).sent == 1


@pytest.mark.parametrize("busy", [Channel.MAIL, Channel.WEBHOOK])
def test_a_process_that_sends_one_channel_does_not_hold_up_the_other(desk: Desk, busy: Channel) -> None:
    desk.file(HOOK, channel=Channel.WEBHOOK)
    desk.file()
    inner: list[DeliveryReport] = []

    def meanwhile(_: str) -> None:
        if not inner:
            inner.append(DeliveryReport())
            inner.append(desk.send())

    assert desk.send(channels=(busy,), progress=meanwhile).sent == 1
    assert (inner[-1].sent, inner[-1].is_busy) == (1, True)


def test_messages_for_which_no_time_is_left_are_due_in_the_next_run(desk: Desk) -> None:
    desk.file(*["a@example.org", "b@example.org", "c@example.org"])

    def slow(_: str) -> None:
        desk.clock.sleep(10)

    report = desk.send(progress=slow, time_left_s=countdown(desk.clock, 15))
    assert (report.sent, report.left) == (2, 1)
    assert desk.send().sent == 1


def test_messages_about_state_that_become_due_in_a_run_have_its_time_too(desk: Desk) -> None:
    desk.file(DESK)
    for _ in range(3):
        of_state(desk, MINUTE)
    desk.file(DESK)

    def slow(_: str) -> None:
        desk.clock.sleep(60)

    # The first mail takes a minute, in which those about State become due; the time ends with the second of them.
    report = desk.send(progress=slow, time_left_s=countdown(desk.clock, 150))
    assert (report.sent, report.left) == (3, 1)
    assert desk.send().sent == 2
