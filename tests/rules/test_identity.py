"""Which statement an item is: by guid, else by title, day and address together, never by the address alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.model import Item, PublicationState, Statement
from scraper.rules.identity import guid_for, identify

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
URL = "https://www.state.gov/harbour-national-day/"
TITLE = "Harbour National Day"


def guid(number: int, *, kind: str = "page_id") -> str:
    return f"https://www.state.gov/?{kind}={number}"


def item(**given_: Any) -> Item:
    return Item(**{"url": URL, "title": TITLE, "published_at": NOON} | given_)


def statement(**given_: Any) -> Statement:
    known = {
        "id": 1,
        "guid": guid(7),
        "url": URL,
        "title": TITLE,
        "published_at": NOON,
        "state": PublicationState.CURRENT,
    }
    counts = {"revision": 1, "revisions": 1, "words": 40, "first_seen_at": NOON, "last_seen_at": NOON}
    return Statement(**known | counts | given_)


def test_the_guid_is_proof_whatever_else_differs() -> None:
    other, same = statement(id=1), statement(id=2, guid=guid(8), url="https://x.org/", title="Else", published_at=None)
    assert identify(item(guid=guid(8)), [other, same]) is same


def test_two_guids_that_the_authority_gave_are_two_statements() -> None:
    assert identify(item(guid=guid(8)), [statement()]) is None


@pytest.mark.parametrize(
    ("seen", "known"),
    [
        pytest.param({"guid": guid(8), "guid_derived": True}, {}, id="a page on a slug that moved on within the hour"),
        pytest.param({"guid": guid(8)}, {"guid_derived": True}, id="a feed's item and a derived guid"),
        pytest.param({"guid": guid(8), "guid_derived": True}, {"guid_derived": True}, id="two derived guids"),
    ],
)
def test_another_number_is_another_statement(seen: dict[str, Any], known: dict[str, Any]) -> None:
    assert identify(item(**seen), [statement(**known)]) is None


@pytest.mark.parametrize(
    ("seen", "known"),
    [
        pytest.param({"guid": guid(7, kind="p"), "guid_derived": True}, {}, id="derived now, given before"),
        pytest.param({"guid": guid(7)}, {"guid": guid(7, kind="p"), "guid_derived": True}, id="given now"),
        pytest.param({"guid": guid(7)}, {"guid": URL, "guid_derived": True}, id="given now, an address before"),
        pytest.param({"guid": URL, "guid_derived": True}, {}, id="an address now"),
        pytest.param({}, {}, id="a listing"),
        pytest.param({}, {"guid": URL, "guid_derived": True}, id="a listing before and now"),
    ],
)
@pytest.mark.parametrize("days", [-2, 0, 2])
def test_a_derived_guid_is_adopted_where_title_or_address_and_day_agree(
    seen: dict[str, Any], known: dict[str, Any], days: int
) -> None:
    before = statement(**known)
    assert identify(item(published_at=NOON + days * DAY, **seen), [before]) is before
    assert identify(item(published_at=NOON + days * DAY, title="Renamed", **seen), [before]) is before
    assert identify(item(published_at=NOON + days * DAY, url=f"{URL}x/", **seen), [before]) is before


@pytest.mark.parametrize("apart", [2 * DAY + timedelta(seconds=1), -3 * DAY, 365 * DAY])
def test_the_same_address_and_title_on_another_day_is_another_statement(apart: timedelta) -> None:
    assert identify(item(published_at=NOON + apart), [statement()]) is None


def test_neither_address_nor_title_is_no_statement_however_near() -> None:
    assert identify(item(title="Else", url=f"{URL}x/"), [statement()]) is None


@pytest.mark.parametrize(("seen", "known"), [(None, NOON), (NOON, None), (None, None)])
def test_without_a_day_the_title_decides(seen: datetime | None, known: datetime | None) -> None:
    before = statement(published_at=known)
    assert identify(item(published_at=seen, title="HARBOUR — National Day"), [before]) is before
    assert identify(item(published_at=seen, title="Harbour Day"), [before]) is None


def test_slash_scheme_and_tracking_are_the_same_address() -> None:
    before = statement()
    seen = item(title="Renamed", url="http://state.gov/harbour-national-day?utm_source=rss")
    assert identify(seen, [before]) is before


def test_the_first_candidate_that_agrees_is_it() -> None:
    last_year = statement(id=1, guid=guid(3), published_at=NOON - 365 * DAY)
    this_year, later = statement(id=2), statement(id=3, guid=guid(9))
    assert identify(item(), [last_year, this_year, later]) is this_year
    assert identify(item(), []) is None


# The guid of a new statement


def test_a_new_statement_keeps_the_guid_of_its_item() -> None:
    assert guid_for(item(guid=guid(7)), [statement()]) == guid(7)


def test_without_a_guid_it_is_the_address_in_one_spelling() -> None:
    assert guid_for(item(url="http://state.gov/a?utm_source=rss"), []) == "https://www.state.gov/a"


@pytest.mark.parametrize(
    ("taken", "published_at", "expected"),
    [
        ([], NOON, URL),
        ([guid(7)], NOON, URL),
        ([URL], NOON, f"{URL}#2026-03-02"),
        ([URL, f"{URL}#2026-03-02"], NOON, f"{URL}#2026-03-02#2"),
        ([URL, f"{URL}#2026-03-02", f"{URL}#2026-03-02#2"], NOON, f"{URL}#2026-03-02#3"),
        ([URL, f"{URL}#2025-03-02"], NOON, f"{URL}#2026-03-02"),
        ([URL], None, f"{URL}#2"),
        ([URL, f"{URL}#2"], None, f"{URL}#3"),
        ([URL, f"{URL}#3"], None, f"{URL}#2"),
    ],
)
def test_a_taken_address_is_told_apart_by_day_and_number(
    taken: list[str], published_at: datetime | None, expected: str
) -> None:
    assert guid_for(item(published_at=published_at), [statement(guid=name) for name in taken]) == expected


@given(st.lists(st.none() | st.datetimes(timezones=st.just(UTC)), max_size=6))
def test_no_guid_is_given_twice(days: list[datetime | None]) -> None:
    taken: list[Statement] = []
    for day in days:
        new = guid_for(item(published_at=day), taken)
        assert new not in {before.guid for before in taken}
        taken.append(statement(guid=new))
