"""Tests of the outbox: opening, due times and states of messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from outbox import DAY, DESK, HOUR, MINUTE, WRITTEN, add_statement, event, file, get, render
from samples import NOON

from scraper.errors import StoreError
from scraper.model import Channel, MessageKind, MessageState, RenderedMessage
from scraper.store import Mute, NewMessage, OutboxFilter

if TYPE_CHECKING:
    from scraper.store import Store


@pytest.fixture
def statement(store: Store) -> int:
    return add_statement(store)


def due(store: Store, now: Any, limit: int = 100) -> list[int]:
    """Return the ids of the messages to send now, those of webhooks after the mails."""
    return [message.id for channel in Channel for message in store.outbox.due(now, limit, channel)]


# Events become messages


def test_a_message_is_announced_once(store: Store) -> None:
    with store.unit():
        ids = [store.outbox.announce(NewMessage("weekly 48", MessageKind.STILL_WATCHING, DESK), NOON) for _ in range(2)]
    assert ids[1] is None
    message = get(store, ids[0] or 0)
    assert (message.kind, message.watches, message.due_at) == (MessageKind.STILL_WATCHING, (), NOON)


def test_a_digest_is_found_by_the_key_for_which_it_was_opened_while_it_is_queued(store: Store) -> None:
    keys = ["b event 5", "a event", "a event x", "a event 5 x", "a eventual", "a%", "a event 15", "a event 5", "a"]
    with store.unit():
        ids = {key: store.outbox.open(NewMessage(key, MessageKind.DIGEST, DESK), NOON) for key in keys}

    def found(recipient: str = DESK, channel: Channel = Channel.MAIL) -> str | None:
        digest = store.outbox.open_digest("a", recipient, channel)
        return digest and digest.key

    assert (found(), found("other@example.org"), found(channel=Channel.WEBHOOK)) == ("a event 15", None, None)
    for following in ("a event 5", "a", None):
        with store.unit():
            store.outbox.mark_muted(ids[found() or ""], "")
        assert found() == following


def test_the_marker_never_goes_back(store: Store) -> None:
    assert store.outbox.queued_up_to() == 0
    with store.unit():
        store.outbox.mark_queued(7)
        store.outbox.mark_queued(5)
    assert store.outbox.queued_up_to() == 7


# What is due, and what becomes of it


def test_messages_are_due_in_the_order_of_their_time_with_those_in_trouble_last(store: Store) -> None:
    late, early, troubled = (file(store, event(store), due_at=NOON + n * HOUR) for n in (2, 1, 0))
    render(store, troubled, NOON)
    with store.unit():
        store.outbox.mark_retrying(troubled, NOON + MINUTE, "451 later", NOON)
    assert due(store, NOON) == []
    assert due(store, NOON + MINUTE) == [troubled]
    assert due(store, NOON + 2 * HOUR) == [early, late, troubled]
    assert due(store, NOON + 2 * HOUR, 1) == [early]


def test_due_messages_are_found_by_channel(store: Store) -> None:
    assert store.outbox.due_channels(NOON) == set()
    with store.unit():
        mail = store.outbox.announce(NewMessage("a", MessageKind.TEST, "a@example.org"), NOON)
        hook = NewMessage("b", MessageKind.TEST, "https://b.example/", NOON + HOUR, Channel.WEBHOOK)
        later = store.outbox.announce(hook, NOON)
    assert store.outbox.due_channels(NOON) == {Channel.MAIL}
    assert store.outbox.due_channels(NOON + HOUR) == {Channel.MAIL, Channel.WEBHOOK}
    found = [[m.id for m in store.outbox.due(NOON + HOUR, 9, channel)] for channel in Channel]
    assert found == [[mail], [later], []]
    # Of times that far ahead, the clock was set back since.
    assert store.outbox.due_channels(NOON - 20 * DAY) == {Channel.MAIL, Channel.WEBHOOK}


def test_a_message_is_rendered_once(store: Store) -> None:
    message = file(store, event(store))
    assert store.outbox.raw(message) is None
    render(store, message)
    other = RenderedMessage("other", "", "", "<2@statewire.example>", b"other")
    with store.unit():
        store.outbox.mark_rendered(message, other, NOON)
    found = get(store, message)
    assert (found.state, found.subject, found.message_id) == (MessageState.SENDING, WRITTEN.subject, WRITTEN.message_id)
    assert store.outbox.raw(message) == WRITTEN.raw
    for state in ("retrying", "refused"):
        emptied = "UPDATE messages SET state = ?, raw = x'' WHERE id = ?"
        with pytest.raises(StoreError, match="never changed"), store.unit():
            store.database.execute(emptied, [state, message])
    with pytest.raises(StoreError, match="never changed"), store.unit():
        store._db.execute("UPDATE messages SET raw = x'00'")


def test_a_message_that_is_read_has_the_time_of_its_rendering_and_members_of_its_enums(store: Store) -> None:
    message = file(store, event(store))
    assert get(store, message).rendered_at is None
    render(store, message, NOON + HOUR)
    for found in (
        get(store, message),
        *store.outbox.find(OutboxFilter()),
        *store.outbox.due(NOON + HOUR, 1, Channel.MAIL),
    ):
        assert found.rendered_at == NOON + HOUR
        # An enum member is equal to its text, so that only the type distinguishes them.
        assert [type(value) for value in (found.state, found.kind, found.channel)] == [
            MessageState, MessageKind, Channel,
        ]  # fmt: skip


def test_attempts_are_counted_and_the_words_kept(store: Store) -> None:
    message = file(store, event(store))
    render(store, message)
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


def test_postponed_messages_count_no_attempt(store: Store) -> None:
    mine, theirs = file(store, event(store)), file(store, event(store), recipient="b@example.org")
    hook = file(store, event(store), channel=Channel.WEBHOOK, recipient="https://a.example/")
    now, until = NOON + HOUR, NOON + 2 * HOUR
    with store.unit():
        assert store.outbox.postpone_due(get(store, mine), None, until, now) == 2
        assert store.outbox.postpone_due(get(store, hook), "https://b.example/", until, now) == 0
    assert due(store, now) == [hook]
    assert due(store, until) == [mine, theirs, hook]
    assert get(store, mine).attempts == 0


def test_failed_messages_are_tried_again_with_their_bytes_or_written_anew(store: Store) -> None:
    unwritten, refused, done = (file(store, event(store)) for _ in range(3))
    for message in (refused, done):
        render(store, message)
    with store.unit():
        store.outbox.mark_refused(unwritten, "poison", NOON)
        store.outbox.mark_refused(refused, "550 no such user", NOON)
        store.outbox.mark_sent(done, NOON)
    assert [(m.id, m.attempts, m.last_error) for m in store.outbox.find(OutboxFilter((MessageState.REFUSED,)))] == [
        (unwritten, 0, "poison"),
        (refused, 1, "550 no such user"),
    ]
    with store.unit():
        assert store.outbox.retry([done], NOON + DAY) == 0
        assert store.outbox.retry([refused], NOON + DAY) == 1
        assert store.outbox.retry(None, NOON + DAY) == 2
    assert (get(store, unwritten).state, get(store, refused).state) == (MessageState.QUEUED, MessageState.RETRYING)
    assert get(store, refused).attempts == 0
    assert due(store, NOON + DAY) == [unwritten, refused]


def test_what_was_put_off_with_a_failure_is_distinguished_from_what_waits_as_planned(store: Store) -> None:
    failed, put_off, quiet = (file(store, event(store), recipient=f"{name}@example.org") for name in "abc")
    assert store.outbox.failures() == []
    render(store, failed)
    with store.unit():
        store.outbox.mark_retrying(failed, NOON + HOUR, "no answer in time", NOON)
        store.outbox.postpone(put_off, NOON + HOUR)
        store.outbox.postpone(quiet, NOON + DAY)
    found = store.outbox.failures()
    assert [(each.recipient, each.error, each.waiting, each.refused) for each in found] == [
        ("a@example.org", "no answer in time", 1, 0),
        ("b@example.org", "no answer in time", 1, 0),
    ]
    assert [(each.since, each.next_attempt_at) for each in found] == [(NOON, NOON + HOUR), (None, NOON + HOUR)]
    with store.unit():
        assert store.outbox.retry(None, NOON + MINUTE) == 2
    assert due(store, NOON + MINUTE) == [failed, put_off]
    assert get(store, failed).first_failed_at == NOON


# Mutes


def test_muted_events_are_left_out_when_the_message_is_rendered(store: Store, statement: int) -> None:
    muted, other, health = event(store, statement), event(store), event(store, source="noise")
    (digest,) = {file(store, number, kind=MessageKind.DIGEST) for number in (muted, other, health)}
    instant = file(store, event(store, statement), watch="Now")
    with store.unit():
        store.mutes.add(Mute(NOON, statement_id=statement))
        store.mutes.add(Mute(NOON, source="noise"))
        assert store.mutes.mute_alerts(digest, NOON + MINUTE) is False
        assert store.mutes.mute_alerts(instant, NOON + MINUTE) is True
    assert [alert.event_id for alert in store.outbox.alerts(digest)] == [other]
    assert store.outbox.alerts(instant) == []


def test_a_mute_stops_further_attempts_of_messages_about_nothing_else(store: Store, statement: int) -> None:
    instant, mixed = file(store, event(store, statement)), file(store, event(store), kind=MessageKind.DIGEST)
    file(store, event(store, statement), kind=MessageKind.DIGEST)
    with store.unit():
        test = store.outbox.announce(NewMessage("test", MessageKind.TEST, DESK), NOON) or 0
    for message in (instant, mixed, test):
        render(store, message)
    with store.unit():
        store.mutes.add(Mute(NOON, statement_id=statement))
    assert [get(store, message).state for message in (instant, mixed, test)] == [
        MessageState.MUTED, MessageState.SENDING, MessageState.SENDING,
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
        assert store.mutes.mute_alerts(message, NOON + 2 * HOUR) is False
    assert store.mutes.active(NOON + 2 * HOUR) == []


# What there is


def test_messages_are_found_by_state_time_and_recipient(store: Store) -> None:
    first = file(store, event(store))
    second = file(store, event(store), now=NOON + HOUR, recipient="b@example.org")
    third = file(store, event(store), now=NOON + 2 * HOUR)
    render(store, second)

    def find(**wanted: Any) -> list[int]:
        return [message.id for message in store.outbox.find(OutboxFilter(**wanted))]

    assert find() == [first, second, third]
    assert find(limit=2) == [second, third]
    assert find(states=(MessageState.SENDING, MessageState.SENT)) == [second]
    assert find(since=NOON + HOUR) == [second, third]
    assert find(recipient=DESK) == [first, third]


def test_counts_and_the_oldest_that_waits(store: Store) -> None:
    assert store.outbox.oldest_waiting() is None
    first, second = file(store, event(store)), file(store, event(store), now=NOON + HOUR)
    render(store, first)
    assert store.outbox.oldest_waiting() == NOON + 5 * MINUTE
    with store.unit():
        store.outbox.mark_sent(first, NOON + DAY)
    assert store.outbox.oldest_waiting() == get(store, second).due_at
    counts = store.outbox.counts()
    assert list(counts) == list(MessageState)
    assert {state: n for state, n in counts.items() if n} == {MessageState.QUEUED: 1, MessageState.SENT: 1}


def test_the_view_shows_the_outbox(store: Store, statement: int) -> None:
    file(store, event(store, statement), {"watch": "Asia"})
    assert store._db.execute("SELECT state, recipient, watches, events, title FROM outbox").fetchall() == [
        ("queued", DESK, "Desk; Asia", 1, "Lamps")
    ]
