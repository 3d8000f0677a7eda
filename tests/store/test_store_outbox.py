"""The outbox: which message an event goes into, what is due, and what becomes of a message."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from samples import NOON
from sqlite_utils import Database

from scraper.errors import StoreError
from scraper.model import (
    Capture,
    Channel,
    Event,
    EventKind,
    Item,
    MessageKind,
    MessageState,
    Outcome,
    Reading,
    RenderedMessage,
    Role,
)
from scraper.pipeline.ingest import Origin, ingest
from scraper.store import Mute, NewAlert, NewMessage, OutboxFilter, QueuedAlert
from scraper.store.database import unit
from scraper.store.migrations import first_schema, migrations

if TYPE_CHECKING:
    from pathlib import Path

    from scraper.store import Store, StoredMessage

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DESK = "desk@example.org"
WRITTEN = RenderedMessage(
    "[statewire] Revised", "text", "<p>html", "<1@statewire.example>", b"Subject: x\r\n\r\nbody\r\n"
)


@pytest.fixture
def statement(store: Store) -> int:
    item = Item("https://www.state.gov/1/", "Lamps", "guid-1", paragraphs=("A lamp.",))
    capture = Capture(item.url, NOON, Outcome.OK, 200, item.url, body=b"x")
    with store.unit():
        ingest(store, Origin("state", Role.CANONICAL), capture, Reading("feed", (item,)), "")
    known = store.statements.by_guid("guid-1")
    assert known is not None
    return known.id


def event(store: Store, statement: int | None = None, source: str = "state") -> int:
    with store.unit():
        store.events.add([Event(EventKind.REVISED, NOON, source, statement_id=statement)])
    return store.events.last_id()


def file(store: Store, event: int, *, now: Any = NOON, cap: int = 6, **changes: Any) -> int:
    given: dict[str, Any] = {
        "event_id": event,
        "watch": "Desk",
        "reason": "asks for revised",
        "recipient": DESK,
        "due_at": now + 5 * MINUTE,
    }
    with store.unit():
        return store.outbox.queue(NewAlert(**(given | changes)), now, max_per_day=cap)


def get(store: Store, message: int) -> StoredMessage:
    found = store.outbox.get(message)
    assert found is not None
    return found


def freeze(store: Store, message: int, now: Any = NOON + HOUR) -> None:
    with store.unit():
        store.outbox.render_once(message, WRITTEN, now)


def due(store: Store, now: Any, limit: int = 100) -> list[int]:
    return [message.id for message in store.outbox.due(now, limit)]


# Which message an event goes into


def test_an_event_opens_a_message_that_is_due_when_its_watch_wants(store: Store, statement: int) -> None:
    number = event(store, statement)
    message = get(store, file(store, number))
    assert (message.kind, message.channel, message.recipient) == (MessageKind.INSTANT, Channel.MAIL, DESK)
    assert (message.state, message.statement_id, message.watches) == (MessageState.PENDING, statement, ("Desk",))
    assert (message.due_at, message.created_at, message.note) == (NOON + 5 * MINUTE, NOON, None)
    assert store.outbox.alerts(message.id) == [QueuedAlert(number, (("Desk", "asks for revised"),))]


def test_events_of_one_statement_share_a_message_until_it_is_due(store: Store, statement: int) -> None:
    first = file(store, event(store, statement))
    second = file(store, event(store, statement), now=NOON + 4 * MINUTE)
    third = file(store, event(store, statement), now=NOON + 5 * MINUTE)
    assert (first == second, first == third) == (True, False)
    assert get(store, first).due_at == NOON + 5 * MINUTE
    assert len(store.outbox.alerts(first)) == 2


@pytest.mark.parametrize("changes", [{"recipient": "other@example.org"}, {"channel": Channel.WEBHOOK}])
def test_other_recipients_and_channels_have_messages_of_their_own(
    store: Store, statement: int, changes: dict[str, Any]
) -> None:
    number = event(store, statement)
    assert file(store, number) != file(store, number, **changes)


def test_events_about_no_statement_share_nothing(store: Store) -> None:
    assert file(store, event(store)) != file(store, event(store))


def test_a_frozen_message_takes_no_more(store: Store, statement: int) -> None:
    first = file(store, event(store, statement))
    freeze(store, first)
    assert file(store, event(store, statement)) != first
    assert len(store.outbox.alerts(first)) == 1


def test_the_hastiest_event_says_when_they_go_out(store: Store, statement: int) -> None:
    message = file(store, event(store, statement), due_at=NOON + 8 * HOUR)
    assert file(store, event(store, statement), due_at=NOON + MINUTE) == message
    assert file(store, event(store, statement), due_at=NOON + HOUR) == message
    assert get(store, message).due_at == NOON + MINUTE


def test_an_event_that_two_watches_ask_for_reaches_a_person_once_and_names_both(store: Store, statement: int) -> None:
    number = event(store, statement)
    message = file(store, number)
    assert file(store, number, watch="Asia", reason="everything") == message
    assert file(store, number, watch="Asia", reason="again") == message
    assert store.outbox.alerts(message) == [QueuedAlert(number, (("Desk", "asks for revised"), ("Asia", "everything")))]
    assert get(store, message).watches == ("Desk", "Asia")
    assert len(store.outbox.find(OutboxFilter())) == 1


@pytest.mark.parametrize("digest_first", [True, False])
def test_an_instant_watch_wins_over_a_digest(store: Store, statement: int, digest_first: bool) -> None:
    both, other = event(store, statement), event(store)
    weekly: dict[str, Any] = {"kind": MessageKind.DIGEST, "due_at": NOON + MINUTE, "watch": "Weekly"}
    digest = file(store, other, **weekly)
    if digest_first:
        assert file(store, both, **weekly) == digest
    instant = file(store, both)
    if not digest_first:
        assert file(store, both, **weekly) == instant
    assert [alert.event_id for alert in store.outbox.alerts(digest)] == [other]
    assert sorted(get(store, instant).watches) == ["Desk", "Weekly"]
    assert get(store, digest).watches == ("Weekly",)


def test_a_digest_that_lost_its_only_event_is_no_message(store: Store, statement: int) -> None:
    number = event(store, statement)
    digest = file(store, number, kind=MessageKind.DIGEST)
    instant = file(store, number, watch="Other")
    assert store.outbox.get(digest) is None
    assert [message.id for message in store.outbox.find(OutboxFilter())] == [instant]


def test_of_two_digests_the_sooner_has_the_event(store: Store) -> None:
    number = event(store)
    file(store, number, kind=MessageKind.DIGEST, watch="Weekly", due_at=NOON + 7 * DAY)
    daily = file(store, number, kind=MessageKind.DIGEST, watch="Daily", due_at=NOON + DAY)
    assert file(store, number, kind=MessageKind.DIGEST, watch="Other", due_at=NOON + 2 * DAY) == daily
    assert [(m.id, m.watches) for m in store.outbox.find(OutboxFilter())] == [(daily, ("Weekly", "Daily", "Other"))]


def test_what_comes_too_late_to_be_named_changes_nothing(store: Store, statement: int) -> None:
    number = event(store, statement)
    message = file(store, number)
    freeze(store, message)
    before = get(store, message)
    assert file(store, number, watch="Asia") == message
    assert get(store, message) == before


def test_a_digest_gathers_events_of_all_statements_and_one_more_follows_it(store: Store, statement: int) -> None:
    daily: dict[str, Any] = {"kind": MessageKind.DIGEST, "due_at": NOON + DAY}
    first = file(store, event(store, statement), **daily)
    assert file(store, event(store), **daily) == first
    assert file(store, event(store), watch="Other", **daily) != first
    assert get(store, first).statement_id is None
    freeze(store, first)
    assert file(store, event(store), **daily) not in {first, 0}


def test_a_statement_that_flaps_is_held_until_a_day_after_the_first(store: Store, statement: int) -> None:
    mails = [file(store, event(store, statement), now=NOON + n * HOUR, cap=3) for n in range(6)]
    assert len(set(mails)) == 4
    held = get(store, mails[3])
    assert mails[3] == mails[4] == mails[5]
    assert held.due_at == NOON + 5 * MINUTE + DAY
    assert held.note is not None
    assert "after 3 mails" in held.note
    # Once it is out, the oldest no longer counts, but it does itself: one a day, and not three at once.
    later = NOON + DAY + 6 * MINUTE
    again = get(store, file(store, event(store, statement), now=later, cap=3))
    assert again.due_at == NOON + HOUR + 5 * MINUTE + DAY


def test_what_is_held_is_not_hastened(store: Store, statement: int) -> None:
    file(store, event(store, statement), cap=1)
    held = file(store, event(store, statement), now=NOON + HOUR, cap=1)
    assert file(store, event(store, statement), now=NOON + HOUR, due_at=NOON + HOUR, cap=1) == held
    assert get(store, held).due_at == NOON + 5 * MINUTE + DAY


def test_requests_are_not_capped_and_other_people_are_counted_apart(store: Store, statement: int) -> None:
    for n in range(4):
        now = NOON + n * HOUR
        file(store, event(store, statement), now=now, cap=2, channel=Channel.WEBHOOK)
        file(store, event(store, statement), now=now, cap=2, recipient=f"{n}@example.org")
    assert [message.note for message in store.outbox.find(OutboxFilter())] == [None] * 8


def test_what_is_announced_is_announced_once(store: Store) -> None:
    with store.unit():
        ids = [
            store.outbox.announce(NewMessage("weekly 48", MessageKind.STILL_WATCHING, DESK, watches=("Desk",)), NOON)
            for _ in range(2)
        ]
    assert ids[1] is None
    message = get(store, ids[0] or 0)
    assert (message.kind, message.watches, message.due_at) == (MessageKind.STILL_WATCHING, ("Desk",), NOON)


def test_filing_belongs_to_its_unit(store: Store, statement: int) -> None:
    number = event(store, statement)

    def interrupted() -> None:
        with store.unit():
            store.outbox.queue(NewAlert(number, "Desk", "", DESK, NOON), NOON, max_per_day=6)
            store.outbox.mark_queued(number)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        interrupted()
    assert store.outbox.find(OutboxFilter()) == []
    assert store.outbox.queued_up_to() < number


def test_the_marker_never_goes_back(store: Store) -> None:
    assert store.outbox.queued_up_to() == 0
    with store.unit():
        store.outbox.mark_queued(7)
        store.outbox.mark_queued(5)
    assert store.outbox.queued_up_to() == 7


def test_what_happened_before_there_were_alerts_is_no_news(tmp_path: Path) -> None:
    db = Database(tmp_path / "old.db", strict=True)
    with unit(db):
        first_schema(db)
        db.execute(
            "INSERT INTO events (kind, at, reasons, source, backfill) VALUES ('x', ?, '[]', 's', 0)",
            ["2026-03-02T12:00:00Z"],
        )
        for step in migrations.pending(db)[1:]:
            step.fn(db)
    assert db.execute("SELECT upto FROM filing").fetchone() == (1,)
    db.conn.close()


# What is due, and what becomes of it


def test_messages_are_due_in_the_order_of_their_time_with_those_in_trouble_last(store: Store) -> None:
    late, early, troubled = (file(store, event(store), due_at=NOON + n * HOUR) for n in (2, 1, 0))
    freeze(store, troubled, NOON)
    with store.unit():
        store.outbox.mark_retrying(troubled, NOON + MINUTE, "451 later", NOON)
    assert due(store, NOON) == []
    assert due(store, NOON + MINUTE) == [troubled]
    assert due(store, NOON + 2 * HOUR) == [early, late, troubled]
    assert due(store, NOON + 2 * HOUR, 1) == [early]


def test_a_message_is_frozen_once(store: Store) -> None:
    message = file(store, event(store))
    assert store.outbox.raw(message) is None
    freeze(store, message)
    other = RenderedMessage("other", "", "", "<2@statewire.example>", b"other")
    with store.unit():
        store.outbox.render_once(message, other, NOON)
    found = get(store, message)
    assert (found.state, found.subject, found.message_id) == (MessageState.FROZEN, WRITTEN.subject, WRITTEN.message_id)
    assert store.outbox.raw(message) == WRITTEN.raw
    for state in ("frozen", "failed"):
        emptied = "UPDATE messages SET state = ?, raw = x'' WHERE id = ?"
        with pytest.raises(StoreError, match="never changed"), store.unit():
            store.database.execute(emptied, [state, message])
    with pytest.raises(StoreError, match="never changed"), store.unit():
        store._db.execute("UPDATE messages SET raw = x'00'")


def test_attempts_are_counted_and_the_words_kept(store: Store) -> None:
    message = file(store, event(store))
    freeze(store, message)
    with store.unit():
        store.outbox.mark_retrying(message, NOON + 2 * HOUR, "451 later", NOON + HOUR)
        store.outbox.mark_retrying(message, NOON + 4 * HOUR, "452 still", NOON + 3 * HOUR)
    found = get(store, message)
    assert (found.attempts, found.last_error, found.first_failed_at) == (2, "452 still", NOON + HOUR)
    with store.unit():
        store.outbox.mark_sent(message, NOON + 5 * HOUR)
    found = get(store, message)
    assert (found.state, found.attempts, found.last_error, found.sent_at) == (
        MessageState.SENT, 3, None, NOON + 5 * HOUR,
    )  # fmt: skip
    assert due(store, NOON + DAY) == []


def test_what_waits_for_a_way_that_is_down_waits_without_an_attempt(store: Store) -> None:
    mine, theirs = file(store, event(store)), file(store, event(store), recipient="b@example.org")
    hook = file(store, event(store), channel=Channel.WEBHOOK, recipient="https://a.example/")
    now, until = NOON + HOUR, NOON + 2 * HOUR
    with store.unit():
        assert store.outbox.postpone_due(Channel.MAIL, None, until, now) == 2
        assert store.outbox.postpone_due(Channel.WEBHOOK, "https://b.example/", until, now) == 0
    assert due(store, now) == [hook]
    assert due(store, until) == [hook, mine, theirs]
    assert get(store, mine).attempts == 0


def test_failed_messages_are_tried_again_with_their_bytes_or_written_anew(store: Store) -> None:
    unwritten, refused, done = (file(store, event(store)) for _ in range(3))
    for message in (refused, done):
        freeze(store, message)
    with store.unit():
        store.outbox.mark_failed(unwritten, "poison")
        store.outbox.mark_failed(refused, "550 no such user")
        store.outbox.mark_sent(done, NOON)
    assert [(m.id, m.attempts, m.last_error) for m in store.outbox.find(OutboxFilter((MessageState.FAILED,)))] == [
        (unwritten, 0, "poison"),
        (refused, 1, "550 no such user"),
    ]
    with store.unit():
        assert store.outbox.retry([done], NOON + DAY) == 0
        assert store.outbox.retry([refused], NOON + DAY) == 1
        assert store.outbox.retry(None, NOON + DAY) == 1
    assert (get(store, unwritten).state, get(store, refused).state) == (MessageState.PENDING, MessageState.FROZEN)
    assert get(store, refused).attempts == 0
    assert due(store, NOON + DAY) == [unwritten, refused]


# Mutes


def test_what_is_muted_is_left_out_when_the_message_is_written(store: Store, statement: int) -> None:
    muted, other, health = event(store, statement), event(store), event(store, source="noise")
    (digest,) = {file(store, number, kind=MessageKind.DIGEST) for number in (muted, other, health)}
    instant = file(store, event(store, statement), watch="Now")
    with store.unit():
        store.mutes.add(Mute(NOON, statement_id=statement))
        store.mutes.add(Mute(NOON, source="noise"))
        assert store.outbox.mute_alerts(digest, NOON + MINUTE) is False
        assert store.outbox.mute_alerts(instant, NOON + MINUTE) is True
    assert [alert.event_id for alert in store.outbox.alerts(digest)] == [other]
    assert store.outbox.alerts(instant) == []


def test_a_mute_stops_further_attempts_of_what_tells_of_nothing_else(store: Store, statement: int) -> None:
    instant, mixed = file(store, event(store, statement)), file(store, event(store), kind=MessageKind.DIGEST)
    file(store, event(store, statement), kind=MessageKind.DIGEST)
    with store.unit():
        test = store.outbox.announce(NewMessage("test", MessageKind.TEST, DESK), NOON) or 0
    for message in (instant, mixed, test):
        freeze(store, message)
    with store.unit():
        store.mutes.add(Mute(NOON, statement_id=statement))
    assert [get(store, message).state for message in (instant, mixed, test)] == [
        MessageState.MUTED, MessageState.FROZEN, MessageState.FROZEN,
    ]  # fmt: skip


def test_a_mute_ends(store: Store, statement: int) -> None:
    message = file(store, event(store, statement))
    mute, late = Mute(NOON, statement_id=statement), Mute(NOON, source="state", until=NOON + HOUR)
    with store.unit():
        store.mutes.add(mute)
        store.mutes.add(mute)
        store.mutes.add(late)
    assert store.mutes.active(NOON) == [mute, late]
    assert store.mutes.active(NOON + HOUR) == [mute]
    with store.unit():
        assert store.mutes.end(mute, NOON + 2 * HOUR) is True
        assert store.mutes.end(mute, NOON + 2 * HOUR) is False
        assert store.outbox.mute_alerts(message, NOON + 2 * HOUR) is False
    assert store.mutes.active(NOON + 2 * HOUR) == []


def test_a_muted_statement_does_not_count_as_flapping(store: Store, statement: int) -> None:
    first = file(store, event(store, statement), cap=1)
    with store.unit():
        store.outbox.mark_muted(first, "muted")
    assert get(store, file(store, event(store, statement), now=NOON + HOUR, cap=1)).note is None


# What there is


def test_messages_are_found_by_state_time_and_recipient(store: Store) -> None:
    first = file(store, event(store))
    second = file(store, event(store), now=NOON + HOUR, recipient="b@example.org")
    third = file(store, event(store), now=NOON + 2 * HOUR)
    freeze(store, second)

    def find(**wanted: Any) -> list[int]:
        return [message.id for message in store.outbox.find(OutboxFilter(**wanted))]

    assert find() == [first, second, third]
    assert find(limit=2) == [second, third]
    assert find(states=(MessageState.FROZEN, MessageState.SENT)) == [second]
    assert find(since=NOON + HOUR) == [second, third]
    assert find(recipient=DESK) == [first, third]


def test_counts_and_the_oldest_that_waits(store: Store) -> None:
    assert store.outbox.oldest_pending() is None
    first, second = file(store, event(store)), file(store, event(store), now=NOON + HOUR)
    freeze(store, first)
    assert store.outbox.oldest_pending() == NOON + 5 * MINUTE
    with store.unit():
        store.outbox.mark_sent(first, NOON + DAY)
    assert store.outbox.oldest_pending() == get(store, second).due_at
    counts = store.outbox.counts()
    assert list(counts) == list(MessageState)
    assert {state: n for state, n in counts.items() if n} == {MessageState.PENDING: 1, MessageState.SENT: 1}


def test_the_view_shows_the_outbox(store: Store, statement: int) -> None:
    number = event(store, statement)
    file(store, number)
    file(store, number, watch="Asia")
    assert store._db.execute("SELECT state, recipient, watches, events, title FROM outbox").fetchall() == [
        ("pending", DESK, "Desk; Asia", 1, "Lamps")
    ]


def test_the_sooner_of_two_instant_watches_has_what_is_about_no_statement(store: Store) -> None:
    number = event(store)
    file(store, number, watch="Quiet", due_at=NOON + 8 * HOUR)
    message = file(store, number, watch="Awake", due_at=NOON + 5 * MINUTE)
    assert (get(store, message).due_at, get(store, message).watches) == (NOON + 5 * MINUTE, ("Quiet", "Awake"))
    assert len(store.outbox.find(OutboxFilter())) == 1


def test_row_79_a_flood_is_fifty_mails_and_one_digest(store: Store, statement: int) -> None:
    known = file(store, event(store, statement))
    numbers = [event(store) for _ in range(200)]
    messages = [get(store, file(store, number)) for number in numbers]
    assert [m.kind for m in messages] == [MessageKind.INSTANT] * 49 + [MessageKind.DIGEST] * 151
    (digest,) = {m.id for m in messages if m.kind is MessageKind.DIGEST}
    assert len(store.outbox.alerts(digest)) == 151
    assert "told together here" in (get(store, digest).note or "")
    # Another watch of the same reader changes nothing, another reader and what a mail is open for are not concerned.
    assert file(store, numbers[-1], watch="Other") == digest
    assert file(store, event(store, statement)) == known
    assert get(store, file(store, numbers[-1], recipient="other@example.org")).kind is MessageKind.INSTANT
    # It is over once they are sent, and what it told stays told.
    later = NOON + HOUR
    assert get(store, file(store, event(store), now=later)).kind is MessageKind.INSTANT


def test_what_comes_after_a_digest_has_left_is_one_more_digest_and_not_one_each(store: Store) -> None:
    daily: dict[str, Any] = {"kind": MessageKind.DIGEST, "due_at": NOON + DAY}
    first = file(store, event(store), **daily)
    with store.unit():
        store.outbox.mark_muted(first, "")
    late = {file(store, event(store), **daily) for _ in range(3)}
    assert len(late) == 1
    assert first not in late
