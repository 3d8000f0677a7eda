"""Tests of paging: up to the items of the previous run, and on from the limit of that run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import NOON

from scraper.model import Capture, Outcome
from scraper.rules.paging import (
    MAX_LEFT,
    ListProgress,
    ListRound,
    advance,
    end_run,
    in_round,
    is_reached,
    may_pass,
    round_of,
)

URLS = st.lists(st.sampled_from("abcdefgh"), unique=True)


def test_a_known_item_on_top_does_not_end_the_list() -> None:
    assert not is_reached(["pinned", "new 3", "new 2"], ["pinned", "old 2", "old 1"])
    assert is_reached(["pinned", "new 1", "old 2"], ["pinned", "old 2", "old 1"])


def test_a_page_without_items_reaches_nothing() -> None:
    assert not is_reached([], ["old"])


@given(URLS, URLS)
def test_a_page_whose_last_item_is_new_has_a_next_one(page: list[str], seen: list[str]) -> None:
    assert not is_reached([*page, "new"], seen)


def test_a_run_that_read_all_remembers_its_first_page_only() -> None:
    before = ListProgress(("a",), "page 4", ("z",))
    assert advance(before, ["b", "a"], None, None) == ListProgress(("b", "a"))


def test_an_unmodified_list_keeps_the_first_page_of_before() -> None:
    assert advance(ListProgress(("a",)), [], None, None) == ListProgress(("a",))


def test_a_limit_leaves_the_rest_to_the_next_run_up_to_what_was_seen_before() -> None:
    limited = advance(ListProgress(("a",)), ["c"], "page 3", None)
    assert limited == ListProgress(("c",), "page 3", ("a",))
    again = advance(limited, ["d"], None, "page 5")
    assert again == ListProgress(("d",), "page 5", ("a",))
    assert advance(again, ["e"], None, None) == ListProgress(("e",))


def test_a_second_limit_keeps_the_end_of_the_first() -> None:
    limited = ListProgress(("c",), "page 3", ("a",))
    assert advance(limited, ["f"], "page 2", "page 4") == ListProgress(("f",), "page 2", ("a",))


@pytest.mark.parametrize(
    ("outcome", "status", "expected"),
    [
        (Outcome.TIMEOUT, None, True),
        (Outcome.BLOCKED, 403, True),
        (Outcome.ERROR_PAGE, 503, True),
        (Outcome.ERROR_PAGE, 400, False),
        (Outcome.GONE, 404, False),
        (Outcome.OK, 200, False),
    ],
)
def test_a_page_of_a_list_that_was_not_received_may_be_there_later(
    outcome: Outcome, status: int | None, expected: bool
) -> None:
    assert may_pass(Capture("https://a.example/", NOON, outcome, status)) is expected


def test_a_round_goes_on_where_the_last_run_ended_and_is_over_when_nothing_is_left() -> None:
    first = end_run(ListRound(), ["c", "d", "e"], has_failed=False)
    assert first == ListRound(("c", "d", "e"))
    assert round_of(first.progress) == first
    second = end_run(first, ["e"], has_failed=True)
    third = end_run(second, ["e"], has_failed=False)
    assert round_of(second.progress) == second == third == ListRound(("e",), has_failed=True)
    assert end_run(third, [], has_failed=False) == round_of(ListProgress()) == ListRound()


def test_a_round_with_more_documents_than_are_kept_is_not_whole() -> None:
    found = end_run(ListRound(), [str(number) for number in range(MAX_LEFT + 1)], has_failed=False)
    assert (len(found.unread), found.has_failed) == (MAX_LEFT, True)


def test_of_a_round_half_of_the_room_is_for_what_changed_last() -> None:
    named = list("abcdefgh")
    assert in_round(named, ListProgress(), 8) == named
    assert in_round(named, ListRound(("g", "h")).progress, 8) == named
    assert in_round(named, ListProgress(), 4) == named
    assert in_round(named, ListRound(("e", "a", "f", "gone")).progress, 4) == ["a", "b", "e", "f", "gone"]
    assert in_round(named, ListRound(("a",)).progress, 4) == named
    assert in_round(named, ListProgress(), 1) == named
