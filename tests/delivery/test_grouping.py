"""Tests of grouping: the message of an event, and its due time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from outbox import DAY, DESK, HOUR, MINUTE, add_statement, alert, event, file, get, render
from samples import NOON

from scraper.alerts.event_specs import actor_of
from scraper.delivery.enqueue import queue_alert
from scraper.model import Channel, Event, EventKind, MessageKind, MessageState
from scraper.rules.actors import Actor
from scraper.rules.guards import Guard, Withheld
from scraper.store import OutboxFilter, QueuedAlert

if TYPE_CHECKING:
    from scraper.store import Store


@pytest.fixture
def statement(store: Store) -> int:
    return add_statement(store)


def test_an_event_opens_a_message_that_is_due_when_its_watch_wants(store: Store, statement: int) -> None:
    number = event(store, statement)
    message = get(store, file(store, number))
    assert (message.kind, message.channel, message.recipient) == (MessageKind.INSTANT, Channel.MAIL, DESK)
    assert (message.state, message.statement_id, message.watches) == (MessageState.QUEUED, statement, ("Desk",))
    assert (message.due_at, message.created_at, message.note) == (NOON + 5 * MINUTE, NOON, None)
    assert store.outbox.alerts(message.id) == [QueuedAlert(number, (("Desk", "selects revised"),))]


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


def test_a_rendered_message_takes_no_more(store: Store, statement: int) -> None:
    first = file(store, event(store, statement))
    render(store, first)
    assert file(store, event(store, statement)) != first
    assert len(store.outbox.alerts(first)) == 1


def test_the_earliest_event_sets_the_due_time(store: Store, statement: int) -> None:
    message = file(store, event(store, statement), due_at=NOON + 8 * HOUR)
    assert file(store, event(store, statement), due_at=NOON + MINUTE) == message
    assert file(store, event(store, statement), due_at=NOON + HOUR) == message
    assert get(store, message).due_at == NOON + MINUTE


def test_an_event_that_two_watches_ask_for_reaches_a_person_once_and_names_both(store: Store, statement: int) -> None:
    number = event(store, statement)
    message = file(store, number, {"watch": "Asia", "reason": "everything"}, {"watch": "Asia", "reason": "everything"})
    assert store.outbox.alerts(message) == [QueuedAlert(number, (("Desk", "selects revised"), ("Asia", "everything")))]
    assert get(store, message).watches == ("Desk", "Asia")
    assert len(store.outbox.find(OutboxFilter())) == 1


@pytest.mark.parametrize("digest_first", [True, False])
def test_an_instant_watch_wins_over_a_digest(store: Store, statement: int, digest_first: bool) -> None:
    both, other = event(store, statement), event(store)
    weekly: dict[str, Any] = {"kind": MessageKind.DIGEST, "due_at": NOON + MINUTE, "watch": "Weekly"}
    at_once: dict[str, Any] = {"kind": MessageKind.INSTANT, "due_at": NOON + 5 * MINUTE, "watch": "Desk"}
    digest = file(store, other, **weekly)
    first, second = (weekly, at_once) if digest_first else (at_once, weekly)
    instant = file(store, both, second, **first)
    assert get(store, instant).kind is MessageKind.INSTANT
    assert [alert.event_id for alert in store.outbox.alerts(digest)] == [other]
    assert sorted(get(store, instant).watches) == ["Desk", "Weekly"]
    assert get(store, digest).watches == ("Weekly",)


def test_of_two_digests_the_sooner_has_the_event(store: Store) -> None:
    digests = {"Weekly": 7, "Daily": 1, "Other": 2}
    first, *others = ({"watch": name, "due_at": NOON + days * DAY} for name, days in digests.items())
    daily = file(store, event(store), *others, kind=MessageKind.DIGEST, **first)
    assert [(m.id, m.due_at, m.watches) for m in store.outbox.find(OutboxFilter())] == [
        (daily, NOON + DAY, tuple(digests))
    ]
    # It is the digest of the daily watch, which others of its events join.
    assert file(store, event(store), kind=MessageKind.DIGEST, watch="Daily", due_at=NOON + DAY) == daily


def test_a_digest_gathers_events_of_all_statements_and_one_more_follows_it(store: Store, statement: int) -> None:
    daily: dict[str, Any] = {"kind": MessageKind.DIGEST, "due_at": NOON + DAY}
    first = file(store, event(store, statement), **daily)
    assert file(store, event(store), **daily) == first
    assert file(store, event(store), watch="Other", **daily) != first
    assert get(store, first).statement_id is None
    render(store, first)
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


def test_a_held_message_keeps_its_due_time(store: Store, statement: int) -> None:
    file(store, event(store, statement), cap=1)
    held = file(store, event(store, statement), now=NOON + HOUR, cap=1)
    assert file(store, event(store, statement), now=NOON + HOUR, due_at=NOON + HOUR, cap=1) == held
    assert get(store, held).due_at == NOON + 5 * MINUTE + DAY


def test_a_second_watch_does_not_hasten_the_mail_that_its_event_opened_and_that_is_held(
    store: Store, statement: int
) -> None:
    file(store, event(store, statement), cap=1)
    held = file(store, event(store, statement), {"watch": "Asia", "due_at": NOON + HOUR}, now=NOON + HOUR, cap=1)
    assert (get(store, held).due_at, get(store, held).watches) == (NOON + 5 * MINUTE + DAY, ("Desk", "Asia"))


def test_requests_are_not_capped_and_other_people_are_counted_apart(store: Store, statement: int) -> None:
    for n in range(4):
        now = NOON + n * HOUR
        file(store, event(store, statement), now=now, cap=2, channel=Channel.WEBHOOK)
        file(store, event(store, statement), now=now, cap=2, recipient=f"{n}@example.org")
    assert [message.note for message in store.outbox.find(OutboxFilter())] == [None] * 8


def test_a_muted_statement_does_not_count_as_flapping(store: Store, statement: int) -> None:
    first = file(store, event(store, statement), cap=1)
    with store.unit():
        store.outbox.mark_muted(first, "muted")
    assert get(store, file(store, event(store, statement), now=NOON + HOUR, cap=1)).note is None


def test_the_sooner_of_two_instant_watches_has_what_is_about_no_statement(store: Store) -> None:
    awake = {"watch": "Awake", "due_at": NOON + 5 * MINUTE}
    message = file(store, event(store), awake, watch="Quiet", due_at=NOON + 8 * HOUR)
    assert (get(store, message).due_at, get(store, message).watches) == (NOON + 5 * MINUTE, ("Quiet", "Awake"))
    assert len(store.outbox.find(OutboxFilter())) == 1


def test_row_79_a_flood_is_fifty_mails_and_one_digest(store: Store, statement: int) -> None:
    known = file(store, event(store, statement))
    numbers = [event(store) for _ in range(200)]
    messages = [get(store, file(store, number)) for number in numbers]
    assert [m.kind for m in messages] == [MessageKind.INSTANT] * 49 + [MessageKind.DIGEST] * 151
    (digest,) = {m.id for m in messages if m.kind is MessageKind.DIGEST}
    assert len(store.outbox.alerts(digest)) == 151
    assert "collected in this digest" in (get(store, digest).note or "")
    # Another reader and what a mail is open for are not concerned.
    assert file(store, event(store, statement)) == known
    assert get(store, file(store, numbers[-1], recipient="other@example.org")).kind is MessageKind.INSTANT
    # It ends once they are sent, and its events are not reported again.
    later = NOON + HOUR
    assert get(store, file(store, event(store), now=later)).kind is MessageKind.INSTANT


def test_events_after_a_sent_digest_go_into_one_more_digest(store: Store) -> None:
    daily: dict[str, Any] = {"kind": MessageKind.DIGEST, "due_at": NOON + DAY}
    first = file(store, event(store), **daily)
    with store.unit():
        store.outbox.mark_muted(first, "")
    late = {file(store, event(store), **daily) for _ in range(3)}
    assert len(late) == 1
    assert first not in late


def test_filing_belongs_to_its_unit(store: Store, statement: int) -> None:
    number = event(store, statement)

    def interrupted() -> None:
        with store.unit():
            queue_alert(store, alert(store, number), NOON, max_per_day=6)
            store.outbox.mark_queued(number)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        interrupted()
    assert store.outbox.find(OutboxFilter()) == []
    assert store.outbox.queued_up_to() < number


# State and others


def altered(store: Store, statement: int | None = None) -> int:
    return event(store, statement, "gazette", EventKind.COPY_CHANGED)


def test_each_kind_of_event_has_an_actor() -> None:
    expected = {
        "statement": Actor.STATE,
        "copy": Actor.THIRD_PARTY,
        "claim": Actor.THIRD_PARTY,
        "quote": Actor.THIRD_PARTY,
    }
    for kind in EventKind:
        assert actor_of(Event(kind, NOON, "x")) is expected.get(kind.subject, Actor.MONITOR)


def test_row_119_mails_about_others_hold_none_about_state(store: Store, statement: int) -> None:
    for n in range(4):
        file(store, altered(store, statement), now=NOON + n * HOUR, cap=3)
    held = get(store, file(store, altered(store, statement), now=NOON + 5 * HOUR, cap=3))
    assert (held.note or "").startswith("Copies of this statement changed often: after 3 mails")
    own = get(store, file(store, event(store, statement), now=NOON + 5 * HOUR, cap=3))
    assert (own.note, own.due_at, own.actor) == (None, NOON + 5 * HOUR + 5 * MINUTE, Actor.STATE)
    # What is held by its own limit may go with State's mail at once, and State's own limit counts as before.
    assert file(store, altered(store, statement), now=NOON + 5 * HOUR + MINUTE, cap=3) == own.id
    mails = [get(store, file(store, event(store, statement), now=NOON + n * HOUR, cap=3)) for n in (6, 7, 8)]
    assert [bool(mail.note) for mail in mails] == [False, False, True]


def test_row_119_an_event_of_state_joins_no_mail_about_others_and_sets_the_time_of_its_own(
    store: Store, statement: int
) -> None:
    theirs = file(store, altered(store, statement))
    own = file(store, event(store, statement), now=NOON + 3 * MINUTE)
    assert own != theirs
    assert (get(store, theirs).due_at, get(store, own).due_at) == (NOON + 5 * MINUTE, NOON + 8 * MINUTE)
    # What others do goes into State's mail, whose time it does not change.
    assert file(store, altered(store, statement), {"watch": "Asia"}, now=NOON + 4 * MINUTE) == own
    assert (get(store, own).due_at, get(store, own).watches) == (NOON + 8 * MINUTE, ("Desk", "Asia"))


def test_others_do_not_wait_for_a_mail_about_state_that_is_due_later(store: Store, statement: int) -> None:
    own = file(store, event(store, statement), due_at=NOON + 8 * HOUR)
    theirs = file(store, altered(store, statement))
    assert theirs != own
    assert file(store, altered(store, statement), now=NOON + MINUTE) == theirs


def test_row_119_a_flood_about_others_takes_no_event_of_state(store: Store, statement: int) -> None:
    """The mails wait for the end of the quiet hours of their watch; that about State has no such hours."""
    morning = NOON + 18 * HOUR
    floods = {file(store, altered(store), due_at=morning, watch="Quiet") for _ in range(60)}
    assert len(floods) == 51
    own = get(store, file(store, event(store, statement)))
    assert (own.kind, own.due_at) == (MessageKind.INSTANT, NOON + 5 * MINUTE)
    # A flood of State's own is a digest of its own, at the time of its earliest event.
    for _ in range(60):
        last = get(store, file(store, event(store), due_at=morning))
    assert (last.kind, last.actor, last.id in floods) == (MessageKind.DIGEST, Actor.STATE, False)
    assert file(store, event(store), due_at=NOON + HOUR) == last.id
    assert get(store, last.id).due_at == NOON + HOUR


def test_a_digest_with_an_event_of_state_is_sent_as_one_about_state(store: Store) -> None:
    daily: dict[str, Any] = {"kind": MessageKind.DIGEST, "due_at": NOON + DAY}
    digest = file(store, altered(store), **daily)
    assert get(store, digest).actor is Actor.THIRD_PARTY
    assert file(store, event(store), **daily) == digest
    assert file(store, altered(store), **daily) == digest
    assert get(store, digest).actor is Actor.STATE


def test_row_120_what_limits_hold_is_counted(store: Store, statement: int) -> None:
    for n in range(5):
        file(store, altered(store, statement), now=NOON + n * HOUR, cap=3)
    for _ in range(52):
        file(store, altered(store), now=NOON + 5 * HOUR, recipient="other@example.org")
    assert store.withheld.recent(NOON + 6 * HOUR) == [
        Withheld(Guard.MAX_PER_DAY, f"{DESK}, statement {statement}", 2, NOON + 3 * HOUR, NOON + 4 * HOUR),
        Withheld(Guard.MAX_WAITING, "other@example.org", 2, NOON + 5 * HOUR, NOON + 5 * HOUR),
    ]
