"""Tests of the rules of standing pages: patterns, what follows from a list, intervals."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import NOON

from scraper.model import Item
from scraper.rules.holding import HeldText
from scraper.rules.standing import (
    OWN,
    NamedPage,
    Shown,
    StandingPage,
    counts_as_listed,
    describe_fault,
    has_stood,
    is_due_at_once,
    is_fault_of_site,
    is_included,
    list_key,
    next_interval,
    update,
    without_update_lines,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MAP, KEY = "https://www.state.gov/sitemap.xml", "k"
URLS = [f"https://www.state.gov/countries/{number}/" for number in range(4)]
PAGE = StandingPage(URLS[0], MAP, KEY, is_new=False, modified_at=NOON, listed_at=NOON, statement_id=7)


@pytest.mark.parametrize(
    ("path", "include", "exclude", "expected"),
    [
        ("/countries/x/", (), (), True),
        ("", (), (), True),
        ("", ("/",), (), True),
        ("/countries/x/", ("/countries/*",), (), True),
        ("/countries", ("/countries/*",), (), False),
        ("/Countries/x/", ("/countries/*",), (), False),
        ("/fact-sheet-x/", ("/countries/*", "*fact-sheet*"), (), True),
        ("/countries/x/page/2/", ("/countries/*",), ("*/page/*",), False),
        ("/x?page=2", (), ("*[?]page=*",), False),
        ("/x/", ("/?/",), (), True),
        ("/xy/", ("/?/",), (), False),
    ],
)
def test_patterns(path: str, include: tuple[str, ...], exclude: tuple[str, ...], expected: bool) -> None:
    assert is_included(f"https://www.state.gov{path}", include, exclude) is expected


def test_a_long_path_and_many_stars_take_linear_time() -> None:
    assert not is_included(f"https://www.state.gov/{'a' * 5_000}", ["*a" * 60 + "b"], ())


def test_a_list_with_another_configuration_has_another_key() -> None:
    keys = {list_key(MAP, (), ()), list_key(URLS[0], (), ()), list_key(MAP, ("/a",), ()), list_key(MAP, (), ("/a",))}
    assert len(keys) == 4


def named(*numbers: int, modified_at: timedelta | None = None) -> list[NamedPage]:
    return [NamedPage(URLS[number], MAP, NOON + modified_at if modified_at else None) for number in numbers]


def test_the_pages_of_the_first_whole_list_have_not_appeared() -> None:
    partial = update({}, named(0), {MAP}, KEY, is_whole=False, at=NOON)
    assert (partial[URLS[0]].is_new, partial[URLS[0]].list_key) == (False, "")
    whole = update(partial, named(0, 1), {MAP}, KEY, is_whole=True, at=NOON)
    assert {(page.is_new, page.list_key) for page in whole.values()} == {(False, KEY)}
    later = update(whole, named(0, 1, 2), {MAP}, KEY, is_whole=False, at=NOON + DAY)
    assert [(page.url, page.is_new, page.listed_at) for page in later.values()] == [(URLS[2], True, NOON + DAY)]
    other = update(whole | later, named(0, 1, 2, 3), {MAP}, "another", is_whole=True, at=NOON)
    assert [other[url].is_new for url in URLS] == [False, False, True, False]


def test_pages_of_the_configuration_never_appear() -> None:
    first = update({}, [NamedPage(URLS[0], "")], {""}, "", is_whole=True, at=NOON)
    second = update(first, [NamedPage(url, "") for url in URLS[:2]], {""}, "", is_whole=True, at=NOON)
    assert [page.is_new for page in (first | second).values()] == [False, False]
    assert not counts_as_listed(first[URLS[0]], None, NOON)


def test_what_a_list_says_again_changes_nothing() -> None:
    known = update({}, named(0, 1), {MAP}, KEY, is_whole=True, at=NOON)
    assert update(known, named(0, 1), {MAP}, KEY, is_whole=True, at=NOON + DAY) == {}
    assert update(known, [], set(), KEY, is_whole=True, at=NOON + DAY) == {}  # it has not changed


def test_a_page_that_leaves_its_list_or_comes_back_is_due() -> None:
    known = update({}, named(0, 1), {MAP}, KEY, is_whole=True, at=NOON)
    left = update(known, named(0), {MAP}, KEY, is_whole=True, at=NOON + DAY)
    assert left == {URLS[1]: replace(known[URLS[1]], unlisted_at=NOON + DAY)}
    assert is_due_at_once(known[URLS[1]], left[URLS[1]])
    back = update(known | left, named(0, 1), {MAP}, KEY, is_whole=True, at=NOON + 2 * DAY)
    assert back == {URLS[1]: known[URLS[1]]}
    assert is_due_at_once(left[URLS[1]], back[URLS[1]])


def test_another_time_of_change_makes_a_page_due() -> None:
    assert not is_due_at_once(None, PAGE)
    assert not is_due_at_once(replace(PAGE, modified_at=None), PAGE)  # the sitemap begins to state it
    assert is_due_at_once(PAGE, replace(PAGE, modified_at=NOON - DAY))
    assert not is_due_at_once(PAGE, replace(PAGE, is_new=True))
    without = update({PAGE.url: PAGE}, named(0), {MAP}, KEY, is_whole=True, at=NOON)
    assert without == {}  # the sitemap states it no longer


def test_a_list_that_names_a_missing_page_is_out_of_date_after_a_week() -> None:
    assert counts_as_listed(PAGE, None, NOON)
    assert counts_as_listed(PAGE, NOON, NOON + 7 * DAY - HOUR)
    assert not counts_as_listed(PAGE, NOON, NOON + 7 * DAY)
    assert not counts_as_listed(replace(PAGE, unlisted_at=NOON), NOON, NOON)


BOUNDS = st.tuples(st.integers(1, 720), st.integers(0, 720)).map(lambda pair: (pair[0] * HOUR, sum(pair) * HOUR))
INTERVALS = st.none() | st.integers(0, 2_000).map(lambda hours: hours * HOUR)


@given(BOUNDS, INTERVALS, st.booleans())
def test_intervals_stay_within_their_bounds(
    bounds: tuple[timedelta, timedelta], interval: timedelta | None, is_changed: bool
) -> None:
    shortest, longest = bounds
    found = next_interval(shortest, longest, interval, is_changed=is_changed)
    assert shortest <= found <= longest
    if is_changed:
        assert found == shortest
    elif interval is not None and shortest <= interval < longest:
        assert found > interval


def test_each_check_without_a_change_waits_half_as_long_again() -> None:
    assert next_interval(6 * HOUR, 7 * DAY, None, is_changed=False) == 6 * HOUR
    assert next_interval(6 * HOUR, 7 * DAY, 6 * HOUR, is_changed=False) == 9 * HOUR
    assert next_interval(6 * HOUR, 7 * DAY, 6 * DAY, is_changed=False) == 7 * DAY


@given(BOUNDS)
def test_an_interval_reaches_the_longest(bounds: tuple[timedelta, timedelta]) -> None:
    shortest, longest = bounds
    interval: timedelta | None = None
    for _ in range(20):
        interval = next_interval(shortest, longest, interval, is_changed=False)
    assert interval == longest


@pytest.mark.parametrize(
    "line",
    [
        "Last updated: March 3, 2026",
        "Last Updated: 3 Mar 2026.",
        "This page was last updated on 2026-03-03",
        "Page last reviewed: 03/03/2026 10:15 AM",
        "Updated March 3, 2026",
        "Date last modified: Sept. 3, 2026",
    ],
)
def test_a_line_that_says_when_a_page_was_updated_is_no_text(line: str) -> None:
    item = Item("https://www.state.gov/x/", "X", paragraphs=("Lamps.", line))
    assert without_update_lines(item).paragraphs == ("Lamps.",)


@pytest.mark.parametrize(
    "line",
    [
        "Updated guidance of March 3, 2026",
        "Last updated: March 3, 2026, after the ministers had met.",
        "The list was updated on March 3, 2026",
        "Last updated",
        "March 3, 2026",
        "Last updated: " + "March 3, 2026 " * 8,
    ],
)
def test_other_lines_with_a_date_are_text(line: str) -> None:
    item = Item("https://www.state.gov/x/", "X", paragraphs=("Lamps.", line))
    assert without_update_lines(item) is item
    assert without_update_lines(replace(item, paragraphs=None)).paragraphs is None


NOTICE, FRONT = Shown("has the title “Maintenance”", "1"), Shown("leads to https://www.state.gov/")


@pytest.mark.parametrize(
    ("others", "pages", "expected"),
    [
        ((NOTICE, NOTICE), 200, True),
        ((NOTICE,), 2, True),
        ((NOTICE, OWN), 200, False),
        ((OWN,), 200, False),
        ((NOTICE, FRONT), 200, False),
        ((NOTICE, Shown(NOTICE.words, "2")), 200, False),
        ((None, NOTICE), 200, True),
        ((None, OWN), 200, False),
        ((), 1, False),
    ],
)
def test_what_many_pages_show_at_once_is_a_fault_of_the_site(
    others: tuple[Shown | None, ...], pages: int, expected: bool
) -> None:
    assert is_fault_of_site(NOTICE, others, pages) is expected


def test_the_words_of_a_fault() -> None:
    assert describe_fault(FRONT, 3) == (
        "3 pages or more show the same in place of their own text: each leads to https://www.state.gov/"
    )
    assert describe_fault(FRONT, 1) == "no page shows its own text, and one leads to https://www.state.gov/"


@pytest.mark.parametrize(
    ("shown", "days", "expected"),
    [
        (Shown("has a title", "00"), 0.9, False),
        (Shown("has a title", "00"), 1.0, True),
        (Shown("is missing"), 1.0, False),
        (Shown("is missing"), 6.9, False),
        (Shown("is missing"), 7.0, True),
    ],
)
def test_a_text_has_stood_after_a_day_and_an_absence_after_a_week(shown: Shown, days: float, expected: bool) -> None:
    held = HeldText(NOON, NOON + timedelta(days=days), 3)
    assert has_stood(shown, held) is expected
    assert not has_stood(shown, replace(held, looks=2))


def test_looks_at_different_absences_are_counted_apart() -> None:
    assert len({Shown(words).key for words in ("is missing", "leads to https://www.state.gov/")}) == 2
    assert Shown("has a title", "00").key == "00"
