"""Views by subject and by what happened: the same statements as `statewire list`, in years and parts, and indexes."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from lists import tags, titles
from samples import NOON

from scraper.model import EventKind, Relation
from scraper.store import Audience, Store
from scraper.web import countries, view_pages

if TYPE_CHECKING:
    from collections.abc import Callable

    from command import Said
    from lists import Database

    from scraper.web.page import Response

HOUR = timedelta(hours=1)
TITLES = (
    "Visit to Laos",
    "South Sudan’s Independence",
    "Sudan and Its Neighbours",
    "The U.S. and the Bahamas",
    "Côte d'Ivoire National Day",
    "CÔTE D’IVOIRE AGAIN",
    "Türkiye and Turkey",
    "ＬＡＯＳ in Full Width",
    "Lao\u200bs Across an Invisible Character",
    "Laotian Lamps",
    "Guinea-Bissau",
    "Democratic Republic of the Congo",
    "National Day",
    "Lamps",
    "%",
)
TAGS = ((), ("South Sudan",), ("Turkey",), ("Côte d’Ivoire", "Atlantis"), ("Bahamas, The", 'A "Place"'))


@pytest.fixture
def named(lists: Database) -> Database:
    """Statements that name countries in many ways, with and without tags."""
    for number, title in enumerate(TITLES):
        for step, own in enumerate(TAGS):
            lists.add(
                title, NOON + number * HOUR + timedelta(minutes=step), number=number * 10 + step + 1, countries=own
            )
    lists.event(
        EventKind.UNSOURCED, page_url="https://a.example/", page_title="Laos Loses Aid", relation=Relation.UNSOURCED
    )
    return lists


COUNTRIES = (
    "Laos",
    "Sudan",
    "South Sudan",
    "Bahamas, The",
    "Côte d’Ivoire",
    "Turkey",
    "Guinea",
    "Guinea-Bissau",
    "Atlantis",
)


@pytest.mark.parametrize("name", COUNTRIES)
def test_country_has_the_statements_that_list_gives(
    named: Database, page: Callable[..., Response], run: Callable[..., Said], name: str
) -> None:
    said = run("--db", str(named.path), "list", "--country", name, "--json") if name != "Atlantis" else None
    with Store(named.path, audience=Audience.PAGES) as store, store.snapshot():
        country = countries.find_named(store, name)
        assert country is not None
        about = countries.about(store, country)
        all_at_once = countries.index(store)[country]
        shown = {store.entries.statements([each])[each].title for each in about.statement_ids}
    assert sorted(about.statement_ids) == sorted(all_at_once.statement_ids)
    assert about.event_ids == all_at_once.event_ids
    if said is not None:
        assert sorted(about.statement_ids) == sorted(row["id"] for row in json.loads(said.out))
    listed = set(titles(page(f"countries/{country.slug}/", db=named.path).body))
    assert {title for title in shown if title.isascii() and "'" not in title} <= listed


def test_claim_that_names_a_country_is_in_its_view(named: Database, page: Callable[..., Response]) -> None:
    assert "Laos Loses Aid" in titles(page("countries/laos/", db=named.path).body)
    assert "Laos Loses Aid" not in titles(page("countries/sudan/", db=named.path).body)


def test_indexes_count_statements_and_link_to_views(named: Database, page: Callable[..., Response]) -> None:
    body = page("countries/", db=named.path).body
    for path, label, count in re.findall(
        r'<a href="\.\./(countries/[^"]+)">([^<]+)</a> <span class="number">(\d+)', body
    ):
        assert page(path, db=named.path).status == 200
        assert int(count) or label == "Laos"
    assert '<a href="../countries/atlantis/">Atlantis</a> <span class="number">15</span>' in body
    assert (
        '<a href="../types/press-statement/">Press Statement</a> <span class="number">75</span>'
        in page("types/", db=named.path).body
    )
    assert '<a href="../speakers/rosalind-p-quill/">' in page("speakers/", db=named.path).body


def test_views_by_what_happened_have_their_events_only(page: Callable[..., Response]) -> None:
    assert tags(page("changed/").body) == ["revised", "material"]
    assert tags(page("withdrawn/").body) == ["withdrawn"]
    assert sorted(tags(page("altered/").body)) == ["altered copy", "outdated copy", "unsourced"]
    assert len(titles(page("copied/").body)) == 6
    assert titles(page("countries/laos/").body) == []


def test_view_of_a_source_has_what_it_brought(page: Callable[..., Response]) -> None:
    body = page("sources/state-press-releases/statements/").body
    assert "Valdovia National Day" in body
    assert "pmdnews.example</a> names" not in body
    assert page("sources/nothing/statements/").status == 404


@pytest.mark.parametrize(
    "path",
    [
        "countries/nowhere/",
        "types/nothing/",
        "speakers/-/",
        "months/2026-13/",
        "months/2026-04/",
        "months/2026-05/1/",
        "months/2026-05/9999/",
        "changed/1999/",
        "changed/2026/2/",
        "changed/2026/1/",
        "things/laos/",
        "countries/%00/",
        "countries/\ud800/",
        "sources/x/feed.atom",
    ],
)
def test_view_that_does_not_exist_is_not_found(page: Callable[..., Response], path: str) -> None:
    assert page(path).status == 404


@pytest.mark.parametrize("count", [1, 60, 61, 79, 80, 81, 119, 120, 200])
def test_every_entry_is_reached_and_older_parts_stay(
    lists: Database, page: Callable[..., Response], count: int
) -> None:
    for number in range(1, count + 1):
        lists.add(f"Lamps {number}", datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=number), number=number)
    newest_first = [f"Lamps {number}" for number in range(count, 0, -1)]
    body = page("types/press-statement/", db=lists.path).body
    assert titles(body) == newest_first[: view_pages.NEWEST]
    assert ("By year" in body) == (count > view_pages.NEWEST)
    for path in ("types/press-statement/2026/", "months/2026-01/"):
        first = page(path, db=lists.path).body
        parts = re.findall(rf'href="(?:\.\./)+({re.escape(path)}(?:\d+/)?)"[^>]*>Part', first)
        seen = [title for part in parts or [path] for title in titles(page(part, db=lists.path).body)]
        assert seen == newest_first
        assert len(parts) == (count // view_pages.PART if count >= 2 * view_pages.PART else 0)
        for part in parts[1:]:
            assert len(titles(page(part, db=lists.path).body)) == view_pages.PART


def test_months_are_listed_with_their_numbers(lists: Database, page: Callable[..., Response]) -> None:
    number = lists.add("Lamps", datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC))
    lists.add("Lamps Again", datetime(2026, 1, 1, tzinfo=UTC), number=2)
    lists.event(EventKind.WITHDRAWN, datetime(2026, 2, 1, tzinfo=UTC), number)
    body = page("months/", db=lists.path).body
    found = re.findall(r'href="\.\./(months/[^"]+)">([^<]+)</a> <span class="number">(\d+)', body)
    assert found == [
        ("months/2026-02/", "February 2026", "1"),
        ("months/2026-01/", "January 2026", "1"),
        ("months/2025-12/", "December 2025", "1"),
    ]
    assert titles(page("months/2025-12/", db=lists.path).body) == ["Lamps"]
    assert tags(page("months/2026-02/", db=lists.path).body) == ["withdrawn"]


def test_current_view_is_marked_and_its_feed_linked(page: Callable[..., Response]) -> None:
    body = page("changed/").body
    assert '<a href="../changed/" aria-current="page">Changed</a>' in body
    assert '<link rel="alternate" type="application/atom+xml" title="Changed" href="../changed/feed.atom">' in body
    assert body.count('aria-current="page"') == 2  # in the main navigation and among the views
