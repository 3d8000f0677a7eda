"""Tests of the rules by which the same body of a list, read again, would change nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scraper.model import Capture, EndpointKind, Event, EventKind, Item, Outcome, Reading, Role
from scraper.rules.repeats import SeenTurn, are_settled, is_repeatable, is_settled, reading_key

NOON, HOUR = datetime(2026, 3, 2, 12, tzinfo=UTC), timedelta(hours=1)
LAMPS = Item("https://www.state.gov/lamps/", "Lamps", paragraphs=("Forty lamps.",))
ROPE = Item("https://www.state.gov/rope/", "Rope", paragraphs=("Ten ropes.",))
READING = Reading("feed", (LAMPS, ROPE), clock=NOON)


def test_only_lists_of_sources_that_give_statements_are_repeated() -> None:
    assert is_repeatable(Role.CANONICAL, EndpointKind.FEED)
    assert not is_repeatable(Role.CANONICAL, EndpointKind.PAGE)
    assert not is_repeatable(Role.MIRROR, EndpointKind.FEED)


def test_the_key_differs_with_all_that_a_reading_depends_on() -> None:
    capture = Capture("https://www.state.gov/feed/", NOON, Outcome.OK, 200, headers=(("content-type", "text/xml"),))
    others = (
        replace(capture, body=b"x"),
        replace(capture, final_url="https://www.state.gov/other/"),
        replace(capture, headers=(("content-type", "text/html"),)),
        replace(capture, detail="the label of its coding is wrong"),
    )
    keys = [reading_key(each, 1) for each in (capture, *others)]
    assert len({*keys, reading_key(capture, 2)}) == 6
    assert reading_key(replace(capture, captured_at=NOON + HOUR), 1) == keys[0]


def test_a_list_without_problems_and_events_is_settled_and_so_is_one_of_new_statements() -> None:
    assert is_settled(READING, (), NOON)
    assert is_settled(READING, (Event(EventKind.PUBLISHED, NOON, "press"),), NOON)


@pytest.mark.parametrize(
    "reading",
    [
        replace(READING, problems=("one item has no date",)),
        replace(READING, clock=NOON + HOUR),
        replace(READING, items=(replace(LAMPS, modified_at=NOON + HOUR),)),
        replace(READING, items=(LAMPS, replace(ROPE, paragraphs=None))),
        replace(READING, items=()),
        replace(READING, items=(replace(LAMPS, paragraphs=("The keep\ufffdrs have forty lamps.",)),)),
    ],
    ids=["problem", "clock ahead", "changed later", "some texts", "no items", "damaged text"],
)
def test_what_time_or_another_look_may_change_is_not_settled(reading: Reading) -> None:
    assert not is_settled(reading, (), NOON)


def test_a_change_is_not_settled() -> None:
    assert not is_settled(READING, (Event(EventKind.REVISED, NOON, "press"),), NOON)


def test_turns_are_settled_if_none_waits_to_be_reported() -> None:
    standing = SeenTurn(1, is_standing=True, turned_at=NOON - HOUR, last_seen_at=NOON)
    earlier = SeenTurn(1, is_standing=False, turned_at=NOON - 2 * HOUR, last_seen_at=NOON - 2 * HOUR)
    assert are_settled([standing, earlier], NOON)
    assert not are_settled([standing, replace(earlier, last_seen_at=NOON)], NOON)
    assert not are_settled([standing, replace(earlier, turned_at=NOON)], NOON)
