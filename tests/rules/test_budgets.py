"""Tests of daily budgets: the share that belongs to a host's own sources, and the claims of each mirror."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import NOON

from scraper.rules.budgets import (
    WithheldRequests,
    claims_of_mirror,
    describe_used,
    has_room,
    open_requests,
    paced_requests,
)
from scraper.rules.guards import Guard


@pytest.mark.parametrize(("requests", "room"), [(0, True), (69, True), (70, False), (100, False)])
def test_the_last_30_percent_is_for_a_hosts_own_news(requests: int, room: bool) -> None:
    assert has_room(requests, 100) is room
    assert has_room(requests, None)


@given(st.integers(1, 10**6))
def test_a_budget_has_an_open_share_and_a_reserved_one(per_day: int) -> None:
    assert 0.7 * per_day <= open_requests(per_day) < 0.7 * per_day + 1
    assert has_room(open_requests(per_day) - 1, per_day)
    assert not has_room(open_requests(per_day), per_day)


@pytest.mark.parametrize(
    ("claims_per_day", "per_day", "mirrors", "expected"),
    [(20, 3000, 1, 20), (20, 3000, 105, 20), (20, 3000, 210, 10), (20, None, 500, 20), (0, 3000, 1, 0)],
)
def test_claims_of_a_mirror(claims_per_day: int, per_day: int | None, mirrors: int, expected: int) -> None:
    assert claims_of_mirror(claims_per_day, per_day, mirrors) == expected


@given(st.integers(0, 100), st.integers(1, 5000), st.integers(0, 100))
def test_all_mirrors_together_stay_within_the_open_share(claims_per_day: int, per_day: int, mirrors: int) -> None:
    each = claims_of_mirror(claims_per_day, per_day, mirrors)
    assert 0 <= each <= claims_per_day
    assert each * mirrors <= max(open_requests(per_day), mirrors)
    assert each > 0 or claims_per_day == 0


def test_withheld_requests_as_text() -> None:
    withheld = WithheldRequests(Guard.CLAIMS_PER_DAY, "herald", "1 claim", "20 of 20 today")
    assert str(withheld) == "1 claim: 20 of 20 today"


MIDNIGHT = NOON - timedelta(hours=12)


@pytest.mark.parametrize(("hours", "expected"), [(0, 3), (1, 6), (12, 38), (23, 70), (23.9, 70)])
def test_requests_to_a_host_are_spread_over_the_day(hours: float, expected: int) -> None:
    assert paced_requests(100, MIDNIGHT + timedelta(hours=hours)) == expected


@given(st.integers(1, 5_000), st.integers(0, 1_439), st.integers(0, 1_439))
def test_paced_requests_grow_with_the_day_up_to_the_open_share(per_day: int, one: int, other: int) -> None:
    earlier, later = (MIDNIGHT + timedelta(minutes=minute) for minute in sorted((one, other)))
    assert 1 <= paced_requests(per_day, earlier) <= paced_requests(per_day, later) <= open_requests(per_day)


def test_what_the_requests_of_a_day_withhold_is_said() -> None:
    assert describe_used(99, None) == describe_used(69, 100) == ""
    assert describe_used(70, 100).startswith("the rest is for news of its own sources")
    assert describe_used(100, 100).startswith("none is left")
