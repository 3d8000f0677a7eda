"""Tests of alerts from events: queued in the transaction of the events, rendered with all known facts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from samples import BLOCK_PAGE, FEED_URL, NOON, Piece, rss, settings, source

from scraper.config.alerts import AlertSettings, Watch
from scraper.config.choices import Topic
from scraper.config.settings import Endpoint
from scraper.delivery import context, enqueue, operator_mails
from scraper.model import Channel, EndpointKind, Event, EventKind, MessageKind, MessageState, Reason
from scraper.rules import holding
from scraper.rules.guards import Guard
from scraper.store import EventFilter, NewMessage, OutboxFilter

if TYPE_CHECKING:
    from conftest import Watch as Runs

    from scraper.config.settings import Settings
    from scraper.store import StoredMessage

DESK, OPS = "desk@example.org", "ops@example.org"
QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)


def watching(*watches: Watch, **alerts: Any) -> Settings:
    return settings(source(endpoints=(Endpoint(kind=EndpointKind.FEED, url=FEED_URL),))).model_copy(
        update={"watches": watches, "alerts": AlertSettings(**alerts)}
    )


def watch_of(name: str = "All", **changes: Any) -> Watch:
    return Watch.model_validate({"name": name, "to": (DESK,), "when": tuple(Topic)} | changes)


@pytest.fixture
def runs(watch: Runs) -> Runs:
    """A feed that has carried statement 1 since noon."""
    watch.settings = watching(watch_of())
    watch.source = watch.settings.sources[0]
    watch.site.says(FEED_URL, rss(Piece(1)))
    watch.run()
    return watch


def queue(runs: Runs) -> list[StoredMessage]:
    return runs.store.outbox.find(OutboxFilter())


def subjects(runs: Runs) -> list[str]:
    """The subjects of all that waits, as it would be written now."""
    write = context.message_renderer(runs.settings, runs.clock.now)
    written = [write(runs.store, message) for message in queue(runs) if message.channel is Channel.MAIL]
    return [mail.subject.removeprefix("[statewire] ") for mail in written if mail]


def test_the_first_fill_notifies_no_recipient_and_later_events_do(runs: Runs) -> None:
    assert queue(runs) == []
    runs.site.says(FEED_URL, rss(Piece(2), Piece(1), built=NOON + QUARTER))
    runs.after(QUARTER)
    (message,) = queue(runs)
    assert (message.kind, message.recipient, message.watches, message.state) == (
        MessageKind.INSTANT,
        DESK,
        ("All",),
        MessageState.QUEUED,
    )
    assert subjects(runs) == ["Published: Lamps for Harbour 2"]
    runs.after(QUARTER)
    assert len(queue(runs)) == 1


def test_an_alert_is_in_the_transaction_of_its_event(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    runs.site.says(FEED_URL, rss(Piece(2), Piece(1), built=NOON + QUARTER))

    def fails(*_: object) -> None:
        raise RuntimeError("the power went")

    before = list(runs.store.events.find(EventFilter()))
    with monkeypatch.context() as patch:
        patch.setattr(enqueue, "queue_alerts", fails)
        with pytest.raises(RuntimeError):
            runs.after(QUARTER)
    assert list(runs.store.events.find(EventFilter())) == before
    runs.after(QUARTER)
    assert len(queue(runs)) == 1


def test_events_of_one_statement_within_minutes_are_one_mail(runs: Runs) -> None:
    piece = Piece(1, title="Lamps for Harbour One", body=("The United States gives 9 lamps.",))
    runs.site.says(FEED_URL, rss(piece, built=NOON + QUARTER))
    runs.after(QUARTER)
    (message,) = queue(runs)
    assert {
        event.kind for event in runs.store.events.by_ids(a.event_id for a in runs.store.outbox.alerts(message.id))
    } == {
        EventKind.REVISED,
        EventKind.RETITLED,
    }


def test_two_watches_of_one_reader_are_one_mail_that_names_both(runs: Runs) -> None:
    runs.settings = watching(watch_of("A"), watch_of("B"), watch_of("C", to=("other@example.org",)))
    runs.site.says(FEED_URL, rss(Piece(2), Piece(1), built=NOON + QUARTER))
    runs.after(QUARTER)
    assert [(message.recipient, message.watches) for message in queue(runs)] == [
        (DESK, ("A", "B")),
        ("other@example.org", ("C",)),
    ]


def test_a_digest_gathers_a_day(runs: Runs) -> None:
    runs.settings = watching(watch_of(deliver="daily 07:00"))
    for number in (2, 3):
        pieces = [Piece(n) for n in range(number, 0, -1)]
        runs.site.says(FEED_URL, rss(*pieces, built=NOON + number * HOUR))
        runs.after(HOUR)
    (message,) = queue(runs)
    assert (message.kind, message.due_at) == (MessageKind.DIGEST, NOON.replace(day=3, hour=7))
    assert subjects(runs) == ["Daily digest: 2 published"]
    written = context.gather_facts(runs.store, runs.settings, message, runs.clock.now())
    assert [(source.name, source.trouble) for source in written.lines] == [(runs.source.name, "")]


def test_a_weekly_digest_is_called_so_however_late_in_the_week_things_happened(runs: Runs) -> None:
    runs.settings = watching(watch_of(deliver="weekly Tue 07:00"))  # it is Monday
    runs.site.says(FEED_URL, rss(Piece(2), Piece(1), built=NOON + HOUR))
    runs.after(HOUR)
    assert subjects(runs) == ["Weekly digest: 1 published"]
    runs.settings = watching(watch_of("Weekly", deliver="weekly Tue 07:00"), watch_of("Daily", deliver="daily 06:00"))
    runs.site.says(FEED_URL, rss(Piece(3), Piece(2), Piece(1), built=NOON + 2 * HOUR))
    runs.after(HOUR)
    assert subjects(runs)[-1] == "Daily digest: 1 published"


def test_an_incident_is_reported_only_to_the_operator_once_and_at_its_end(runs: Runs) -> None:
    runs.settings = watching(watch_of(), operator=(OPS,))
    runs.site.says(FEED_URL, BLOCK_PAGE)
    for _ in range(4):
        runs.after(QUARTER)
    runs.site.says(FEED_URL, rss(Piece(1), built=NOON + DAY))
    runs.after(QUARTER)
    assert [(message.kind, message.recipient) for message in queue(runs)] == [(MessageKind.HEALTH, OPS)] * 2
    assert subjects(runs) == ["Source blocked: state", "Recovered: state after 1 h"]
    written = context.message_renderer(runs.settings, runs.clock.now)(runs.store, queue(runs)[0])
    assert written is not None
    assert "You receive this because you are configured as an operator of this monitor." in " ".join(
        written.text.split()
    )


def test_a_program_gets_each_event_at_once_as_json(runs: Runs) -> None:
    runs.settings = watching(watch_of(to=(), webhook="https://chat.example/hook"))
    runs.site.says(FEED_URL, rss(Piece(3), Piece(2), Piece(1), built=NOON + QUARTER))
    runs.after(QUARTER)
    first, second = queue(runs)
    assert {first.channel, second.channel} == {Channel.WEBHOOK}
    assert first.due_at <= runs.clock.now()
    written = context.message_renderer(runs.settings, runs.clock.now)(runs.store, first)
    assert written is not None
    assert b'"kind": "statement.published"' in written.raw
    assert written.raw.startswith(b'{"watches": ["All"]')


def test_the_operator_is_notified_of_refused_mails(runs: Runs) -> None:
    runs.site.says(FEED_URL, rss(Piece(2), Piece(1), built=NOON + QUARTER))
    runs.after(QUARTER)
    (message,) = queue(runs)
    write = context.message_renderer(runs.settings, runs.clock.now)
    written = write(runs.store, message)
    assert written is not None
    with runs.store.unit():
        runs.store.outbox.mark_rendered(message.id, written, NOON)
        runs.store.outbox.mark_refused(message.id, "550 no", NOON)
        note = f"Mail to {DESK} is refused: 550 no"
        runs.store.outbox.announce(NewMessage("refused", MessageKind.REFUSED, OPS, note=note), NOON)
    (refused,) = (message for message in queue(runs) if message.kind is MessageKind.REFUSED)
    mail = write(runs.store, refused)
    assert mail is not None
    assert mail.subject == f"[statewire] {note}"
    assert f"{message.id}: [statewire] Published: Lamps for Harbour 2" in mail.text


def test_a_test_of_a_webhook_says_that_it_is_one(runs: Runs) -> None:
    with runs.store.unit():
        runs.store.outbox.announce(
            NewMessage("t", MessageKind.TEST, "https://x.example/", channel=Channel.WEBHOOK), NOON
        )
    written = context.message_renderer(runs.settings, runs.clock.now)(runs.store, queue(runs)[0])
    assert written is not None
    assert written.raw == b'{"watches": [], "events": [], "test": true}'


def test_an_import_notifies_only_on_request(runs: Runs) -> None:
    runs.site.says(FEED_URL, rss(Piece(2), Piece(1), built=NOON + QUARTER))
    runs.settings = watching()
    runs.after(QUARTER)
    runs.settings = watching(watch_of())
    runs.after(QUARTER)
    assert queue(runs) == []  # a new watch does not fire for earlier events


def test_the_weekly_mail_reports_that_the_monitor_works(runs: Runs) -> None:
    runs.settings = watching(operator=(OPS,))

    def announce() -> list[StoredMessage]:
        with runs.store.unit():
            operator_mails.queue_still_watching(runs.store, runs.settings, runs.clock.now())
        return queue(runs)

    assert announce() == []  # a watch that has just begun
    for _ in range(25):
        runs.after(DAY)
        announce()
    reported = queue(runs)
    # The watch began on Monday, 2 March at noon; a week old on the 9th at noon. The mail is due on Mondays at seven.
    assert [message.due_at.date().isoformat() for message in reported] == ["2026-03-16", "2026-03-23"]
    (first, *_) = subjects(runs)
    assert first.startswith("Still watching")


def test_why_each_watch_does_or_does_not_want_an_event(runs: Runs) -> None:
    runs.settings = watching(
        watch_of("Lamps", about={"words": ("lamps",)}), watch_of("Nets", about={"words": ("nets",)})
    )
    runs.site.says(FEED_URL, rss(Piece(2), Piece(1), built=NOON + QUARTER))
    runs.after(QUARTER)
    event = list(runs.store.events.find(EventFilter()))[-1]
    verdicts = {watch.name: verdict for watch, verdict in enqueue.explain(runs.store, runs.settings, event)}
    assert verdicts["Lamps"].fires
    assert "lamps" in verdicts["Lamps"].reason
    assert not verdicts["Nets"].fires


@pytest.mark.parametrize(
    ("deliver", "operator", "following"),
    [
        ("instant", (), None),
        ("daily 09:00", (), "2026-03-03 09:00"),
        ("instant", (OPS,), "2026-03-09 07:00"),  # noon is that of Monday, 2 March
        ("daily 09:00", (OPS,), "2026-03-03 09:00"),
        ("weekly Tue 08:00", (OPS,), "2026-03-03 08:00"),
    ],
)
def test_the_next_time_of_the_calendar_is_that_of_a_digest_or_of_the_weekly_mail(
    deliver: str, operator: tuple[str, ...], following: str | None
) -> None:
    at = operator_mails.next_calendar_time(watching(watch_of(deliver=deliver), operator=operator), NOON)
    assert (f"{at:%Y-%m-%d %H:%M}" if at else None) == following


def test_the_weekly_mail_counts_the_events_of_the_week_by_kind(runs: Runs) -> None:
    now = runs.clock.now()
    with runs.store.unit():
        runs.store.events.add(Event(kind, now - DAY, "state") for kind in EventKind)
        runs.store.events.add([Event(EventKind.COPY_GONE, now - 8 * DAY, "state")])
        key = runs.store.outbox.announce(NewMessage("weekly", MessageKind.STILL_WATCHING, OPS), now)
    queued = runs.store.outbox.get(key or 0)
    assert queued is not None
    assert context.gather_facts(runs.store, watching(operator=(OPS,)), queued, now).found == (
        "Published: 1",
        "Revised: 1",
        "Retitled: 1",
        "Withdrawn: 1",
        "Restored: 1",
        "Copies found: 1",
        "Copies changed: 1",
        "Copies gone: 1",
        "Quotations: 1",
        "Misquotations: 1",
        "Unsourced claims: 1",
    )


def test_delayed_events_that_are_released_at_once_are_one_digest(runs: Runs) -> None:
    pieces = [Piece(number) for number in range(1, 7)]
    runs.site.says(FEED_URL, rss(*pieces, built=NOON + HOUR))
    runs.after(HOUR)
    before = len(queue(runs))
    changed = [piece.but(body=(piece.body[0].replace("gives", "sells"), piece.body[1])) for piece in pieces]
    runs.site.says(FEED_URL, rss(*changed, built=NOON))  # its clock was set back
    events = [event for _ in range(4) for event in runs.after(12 * HOUR).events]
    assert [event.kind for event in events] == [EventKind.REVISED] * 6
    (digest,) = queue(runs)[before:]
    assert (digest.kind, len(runs.store.outbox.alerts(digest.id))) == (MessageKind.DIGEST, 6)


def test_one_delayed_event_is_a_mail_of_its_own(runs: Runs) -> None:
    piece = Piece(1)
    changed = piece.but(body=(piece.body[0].replace("gives", "sells"), piece.body[1]))
    runs.site.says(FEED_URL, rss(changed, built=NOON - HOUR))
    for _ in range(4):
        runs.after(12 * HOUR)
    assert [message.kind for message in queue(runs)] == [MessageKind.INSTANT]


def test_row_119_delayed_events_about_others_make_no_digest_of_one_about_state(runs: Runs) -> None:
    """Four events are released at once: one about State, and an hour later three about copies."""
    before, hour = runs.store.events.last_id(), timedelta(hours=1)
    delayed = (Reason(holding.HELD, "for a day"),)
    copies = [Event(EventKind.COPY_GONE, NOON + hour, "x", page_url=f"{n}", reasons=delayed) for n in range(3)]
    with runs.store.unit():
        runs.store.events.add([*copies, Event(EventKind.RESTORED, NOON, "state", statement_id=1, reasons=delayed)])
        enqueue.queue_alerts(runs.store, runs.settings)
    digest, restored = sorted(queue(runs), key=lambda message: message.kind)
    assert [alert.event_id for alert in runs.store.outbox.alerts(digest.id)] == [before + n for n in (1, 2, 3)]
    assert (digest.kind, digest.due_at) == (MessageKind.DIGEST, NOON + hour + timedelta(minutes=5))
    assert (restored.kind, restored.due_at) == (MessageKind.INSTANT, NOON + timedelta(minutes=5))


def test_row_120_each_operator_gets_one_mail_a_day_about_what_was_withheld(runs: Runs) -> None:
    runs.settings = watching(operator=(OPS, "boss@example.org"))

    def withhold_and_queue() -> list[tuple[str, str]]:
        with runs.store.unit():
            runs.store.withheld.record(Guard.MAX_WAITING, DESK, runs.clock.now())
            operator_mails.queue_operator_mails(runs.store, runs.settings, runs.clock.now())
        return [(message.recipient, message.kind) for message in queue(runs)]

    reported = [(OPS, MessageKind.WITHHELD), ("boss@example.org", MessageKind.WITHHELD)]
    assert withhold_and_queue() == reported
    runs.clock.sleep(3600)
    assert withhold_and_queue() == reported
    runs.clock.sleep(23 * 3600)
    assert withhold_and_queue() == reported * 2
    assert subjects(runs) == ["Withheld: alerts: waiting mails"] * 4
    write = context.message_renderer(runs.settings, runs.clock.now)
    texts = [" ".join(mail.text.split()) for message in queue(runs) if (mail := write(runs.store, message))]
    for text, number in zip(texts, ("1 event", "1 event", "2 events", "2 events"), strict=True):
        assert f"{DESK}: {number} put into one digest" in text
