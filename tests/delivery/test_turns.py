"""Tests of the order in which due messages are sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from outbox import DESK, get
from samples import NOON

from scraper.delivery.turns import in_turn
from scraper.model import MessageKind
from scraper.rules.actors import Actor
from scraper.store import NewMessage

if TYPE_CHECKING:
    from scraper.store import Store, StoredMessage

OTHER = "other@example.org"


@pytest.fixture
def message(store: Store) -> StoredMessage:
    with store.unit():
        return get(store, store.outbox.open(NewMessage("x", MessageKind.INSTANT, DESK), NOON))


def test_the_turn_is_the_recipients_and_the_message_its_oldest(message: StoredMessage) -> None:
    def mail(number: int, recipient: str, actor: Actor = Actor.STATE) -> StoredMessage:
        return replace(message, id=number, recipient=recipient, due_at=NOON + timedelta(hours=number), actor=actor)

    # As the store has them: those that were tried least come first.
    due = [mail(5, DESK), mail(3, OTHER), mail(1, DESK), mail(2, OTHER), mail(9, DESK, Actor.MONITOR)]
    assert [each.id for each in in_turn(due, lambda _: False)] == [1, 2, 5, 3, 9]
    assert [each.id for each in in_turn(due, lambda _: True)] == [5, 3, 1, 2, 9]
    assert [each.id for each in in_turn(due, lambda each: each.recipient == OTHER)] == [1, 3, 5, 2, 9]


def test_messages_about_what_others_did_have_turns_of_their_own(message: StoredMessage) -> None:
    due = [replace(message, id=number, actor=actor) for number, actor in ((5, Actor.STATE), (1, Actor.MONITOR))]
    assert [each.id for each in in_turn(due, lambda _: False)] == [5, 1]


def test_the_oldest_message_is_the_one_that_was_due_first(message: StoredMessage) -> None:
    due = [replace(message, id=number, due_at=NOON - timedelta(hours=number)) for number in (1, 3, 2)]
    assert [each.id for each in in_turn(due, lambda _: False)] == [3, 2, 1]


def test_a_server_that_goes_down_meanwhile_gets_what_was_tried_least(message: StoredMessage) -> None:
    due = [replace(message, id=number, due_at=NOON + timedelta(hours=number)) for number in (4, 3, 2, 1)]
    answers = iter([False, True, True, True])
    assert [each.id for each in in_turn(due, lambda _: next(answers))] == [1, 4, 3, 2]


def test_messages_of_one_time_come_in_the_order_of_their_events(message: StoredMessage) -> None:
    assert [each.id for each in in_turn([replace(message, id=n) for n in (3, 1, 2)], lambda _: False)] == [1, 2, 3]
    assert list(in_turn([], lambda _: False)) == []
