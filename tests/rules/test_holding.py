"""Tests of held texts and their release."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from scraper.model import Event, EventKind, Reason
from scraper.rules.holding import HeldText, explain, held_key, is_delayed, look_again

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("hours", "released"),
    [([0], False), ([0, 48], False), ([0, 1, 23], False), ([0, 12, 24], True), ([0, 24, 24, 24], False)],
)
def test_three_checks_over_a_day_release(hours: list[int], released: bool) -> None:
    held = None
    for each in hours:
        held = look_again(held, NOON + each * HOUR)
    assert held is not None
    assert held.is_released is released


def test_an_earlier_check_does_not_count() -> None:
    held = HeldText(NOON, NOON)
    assert look_again(held, NOON - HOUR) == held


def test_the_parts_of_a_text_make_its_key() -> None:
    assert held_key("a", "b") == held_key("a", "b") != held_key("ab")


def test_an_event_that_was_held_gives_that_reason() -> None:
    event = Event(EventKind.REVISED, NOON, "press", reasons=(Reason("amount", "1", "2"),))
    assert not is_delayed(event)
    for label in ("held back", "the page has no text any more"):
        late = explain(event, HeldText(NOON, NOON + 24 * HOUR, 3), label)
        assert is_delayed(late)
        assert late.reason_texts == (f"{label}: 3 checks since 2026-03-02 12:00 UTC", "amount: 1 → 2")
