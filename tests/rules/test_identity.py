"""Tests of the identity of items: by guid, else by title, day and URL together, never by the URL alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper import urls
from scraper.model import Item, PublicationState, Statement
from scraper.rules import state_hosts
from scraper.rules.identity import (
    guid_for,
    guid_key,
    guid_spellings,
    identify,
    is_same_guid,
    spelling_key,
    without_shared,
    without_taken_guid,
)

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


@pytest.mark.parametrize(
    "alike",
    [
        pytest.param({"title": TITLE, "published_at": None}, id="title, without a day"),
        pytest.param({"title": TITLE}, id="title and day"),
        pytest.param({"url": URL}, id="address and day"),
        pytest.param({"url": URL, "published_at": None}, id="address, without a day"),
    ],
)
def test_a_guid_and_one_more_field_are_proof(alike: dict[str, Any]) -> None:
    other = statement(url=f"{URL}x/", title="Other")
    same = statement(**{"id": 2, "guid": guid(8), "url": "https://x.org/", "title": "Else"} | alike)
    assert identify(item(guid=guid(8)), [other, same]) is same


WELLS = tuple(f"Well {n} was dug by the masons of ward {n} and {n + 1} of Tern." for n in range(9))
LAMPS = tuple(f"Lamp {n} is kept alight on pier {n} by the fishers of Karsk." for n in range(9))


@pytest.mark.parametrize(
    ("text", "is_same"),
    [
        (WELLS, True),
        (WELLS[:4], True),
        ((*WELLS[:6], *LAMPS[:3]), True),
        (LAMPS, False),
        (("Short",), False),
        ((), False),
    ],
)
def test_a_guid_and_the_text_are_proof_whatever_else_differs(text: tuple[str, ...], *, is_same: bool) -> None:
    known = statement(url="https://x.org/", title="Else", published_at=NOON - 365 * DAY)
    seen = item(guid=guid(7), paragraphs=text or None)
    assert (identify(seen, [known], lambda _: "\n\n".join(WELLS)) is known) is is_same


def test_a_guid_of_last_years_statement_is_not_that_of_this_years() -> None:
    last_year = statement(published_at=NOON - 365 * DAY)
    seen = item(guid=guid(7), paragraphs=LAMPS)
    assert identify(seen, [last_year], lambda _: "\n\n".join(WELLS)) is None
    assert without_taken_guid(seen, None, [last_year]).guid is None


def test_of_two_guids_that_swap_title_and_address_decide() -> None:
    lamps, wells = statement(), statement(id=2, guid=guid(8), url=f"{URL}x/", title="Wells")
    seen = item(guid=guid(8))
    assert identify(seen, [wells, lamps]) is lamps
    assert without_taken_guid(seen, lamps, [wells, lamps]).guid is None
    assert without_taken_guid(item(guid=guid(7)), lamps, [wells, lamps]).guid == guid(7)
    assert without_taken_guid(item(), lamps, [lamps]) == item()


def test_one_number_in_two_forms_of_a_guid_is_no_second_statement() -> None:
    known = statement(guid=guid(7))
    assert identify(item(guid="https://www.state.gov/?post_type=state_press_release&p=7"), [known]) is known
    assert identify(item(guid="https://www.state.gov/?post_type=state_press_release&p=8"), [known]) is None
    assert identify(item(guid="urn:lamps"), [known]) is known
    assert identify(item(guid="urn:lamps", title="Else"), [known]) is None
    assert identify(item(guid="urn:lamps", url=f"{URL}x/"), [known]) is None
    assert identify(item(guid="urn:lamps", published_at=None), [known]) is None


# Guids of a site that moved


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("http://www.state.gov/?p=7", "https://www.state.gov/?p=7", True),
        ("HTTPS://STATE.GOV/?p=7", "https://www.state.gov?p=7", True),
        ("https://2021-2025.state.gov/?p=7", "https://www.state.gov/?p=7", True),
        ("https://preview.state.gov/?p=7", "https://www.state.gov/?p=7", True),
        ("https://preview.state.gov/?p=7", "https://2021-2025.state.gov/?p=7", True),
        ("https://www.state.gov:443/lamps", "http://state.gov/lamps/", True),
        ("7 at http://www.state.gov", "7 at https://www.state.gov/", True),
        ("http://www.herald.example/x", "https://herald.example/x/", True),
        ("https://www.state.gov/?p=7", "http://www.state.gov/?post_type=state_press_release&p=7", True),
        ("https://www.state.gov/x?p=7", "https://www.state.gov/x?post_type=a&p=7", False),
        ("https://herald.example/?p=7", "https://herald.example/?post_type=a&p=7", False),
        ("https://herald.example:8080/x", "https://herald.example/x", False),
        ("https://herald.example/x#1", "https://herald.example/x#2", False),
        ("https://herald.example/x", "https://gazette.example/x", False),
        ("https://travel.state.gov/?p=7", "https://www.state.gov/?p=7", False),
        ("https://www.state.gov/?p=7", "https://www.state.gov/?p=70", False),
        ("urn:7", "urn:7", True),
        ("urn:7", "urn:8", False),
    ],
)
def test_scheme_www_and_slash_are_no_part_of_a_guid(one: str, other: str, *, is_same: bool) -> None:
    assert is_same_guid(one, other) is is_same_guid(other, one) is is_same
    known = statement(guid=one)
    if is_same:
        assert identify(item(guid=other), [known]) is known


@pytest.mark.parametrize(
    "given_", ["http://state.gov/?p=7", "7 at https://www.state.gov", "urn:7", "https://a.example/x"]
)
def test_each_spelling_of_a_guid_is_looked_up(given_: str) -> None:
    spelled = guid_spellings(given_)
    assert spelled[0] == given_
    hosts = len(urls.STATE_SITE) + len(state_hosts.ARCHIVE_HOSTS)
    assert len(spelled) <= 1 + 2 * 2 * hosts
    assert {guid_key(each) for each in spelled} == {guid_key(given_)}
    assert all(given_ in guid_spellings(each) for each in spelled)


# Fields that several items of one answer share


def test_a_guid_that_two_items_share_identifies_neither() -> None:
    wells, lamps, rain = (
        item(url=f"{URL}{name}/", title=name, guid="https://www.state.gov/") for name in ("a", "b", "c")
    )
    own = item(title="Own", guid=guid(7), guid_derived=True)
    odd = replace(rain, guid="http://state.gov")
    answer = without_shared([wells, lamps, odd, own])
    assert [each.guid for each in answer.items] == [None, None, None, guid(7)]
    assert not answer.is_shared(wells.url)


@pytest.mark.parametrize(
    ("other", "is_shared"),
    [
        pytest.param({}, False, id="an item that stands in the list twice"),
        pytest.param({"url": f"{URL}x/"}, False, id="one text at two addresses"),
        pytest.param({"url": f"{URL}x/", "paragraphs": None}, False, id="the text is not known"),
        pytest.param({"published_at": None}, False, id="without a day"),
        pytest.param({"url": f"{URL}x/", "paragraphs": WELLS}, True, id="two texts with one title"),
        pytest.param({"published_at": NOON + 7 * DAY}, True, id="the next call of a series"),
        pytest.param({"title": "Else"}, True, id="another title"),
    ],
)
def test_which_items_are_two(other: dict[str, Any], *, is_shared: bool) -> None:
    one = item(guid=guid(7), paragraphs=LAMPS)
    answer = without_shared([one, replace(one, **other)])
    assert (answer.items[1].guid is None) is (answer.items[0].guid is None) is is_shared


def test_an_address_that_several_items_share_identifies_none() -> None:
    wells, lamps = (item(title=name, paragraphs=(name,), url=f"{URL}#{name}") for name in ("Wells", "Lamps"))
    answer = without_shared([wells, lamps, item(title="Listed only")])
    assert answer.is_shared(URL)
    known = statement(title="Wells")
    assert identify(lamps, [known]) is known
    assert identify(lamps, [known], is_url_shared=True) is None
    assert identify(wells, [known], is_url_shared=True) is known
    assert identify(replace(lamps, guid=guid(7)), [known], is_url_shared=True) is None


def test_a_url_with_several_titles_of_those_days_identifies_none() -> None:
    wells, lamps = statement(title="Wells"), statement(id=2, title="Lamps", guid=URL, guid_derived=True)
    assert identify(item(title="Rain"), [wells, lamps]) is None
    assert identify(item(title="Lamps"), [wells, lamps]) is lamps
    last_year = statement(id=3, title="Rain", published_at=NOON - 365 * DAY)
    assert identify(item(title="Renamed"), [wells, last_year]) is wells


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
def test_a_taken_url_is_distinguished_by_day_and_number(
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


def test_a_guid_in_the_spelling_of_a_person_has_the_key_of_the_site_s() -> None:
    of_state = spelling_key("https://www.state.gov/?post_type=state_press_release&p=7")
    for written in ("www.state.gov/?p=7", "http://state.gov?p=7", "https://www.state.gov/?p=7&post_type=x"):
        assert spelling_key(written) == of_state
    assert spelling_key("https://travel.state.gov/?b=1&a=2") == spelling_key("http://travel.state.gov/?a=2&b=1")
    assert spelling_key("https://travel.state.gov/?p=7") != of_state
    assert spelling_key("https://www.state.gov/?p=8") != of_state


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Another", "published_at": NOON + 90 * DAY},
        {"guid": guid(8)},
        {"title": "Another", "published_at": None},
    ],
)
def test_a_standing_page_is_identified_by_its_url_alone(changes: dict[str, Any]) -> None:
    standing = statement(standing=True)
    assert identify(item(**changes), [statement(id=2, url=f"{URL}x/"), standing]) == standing
    assert identify(item(**changes), [statement()]) is None or "guid" not in changes
    assert identify(item(**changes | {"url": f"{URL}other/"}), [standing]) is None
    assert identify(item(**changes, authority="x.state.gov"), [standing]) is None
