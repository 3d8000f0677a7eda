"""Tests of the paths of a statement: the sites that pages name as their source, contradictions, circles, and order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import NOON

from scraper.model import Precision, PublicationState, Relation, Statement
from scraper.pages import Copy, MirrorPage
from scraper.rules.copies import Since, TimeBasis, known_since
from scraper.rules.spread import Conflict, Origin, SpreadOutlet, trace_spread

MINUTE = timedelta(minutes=1)
STATEMENT = Statement(
    id=4,
    guid="g",
    url="https://www.state.gov/4/",
    title="Title",
    state=PublicationState.CURRENT,
    revision=1,
    revisions=1,
    words=100,
    first_seen_at=NOON,
    last_seen_at=NOON,
    published_at=NOON,
    precision=Precision.SECOND,
)
Carrier = tuple[Copy, MirrorPage]


def carrier(key: int, host: str, minutes: int, *via: str, **facts: Any) -> Carrier:
    """A copy that was first seen so many minutes after State published it, on a page that names these publishers."""
    at = NOON + minutes * MINUTE
    given = {"claims_department": False, "source": f"list-{key}"} | facts
    page = MirrorPage(key, f"https://{host}/{key}/", given.pop("source"), "T", Relation.VERBATIM, at, at, via=via)
    copy = Copy(
        page_id=key,
        statement_id=4,
        revision=1,
        relation=Relation.VERBATIM,
        coverage=1.0,
        fidelity=1.0,
        first_seen_at=at,
        last_seen_at=at,
    )
    return copy, replace(page, **given)


def tree(*carriers: Carrier) -> list[tuple[int, str, str | None, str | None]]:
    """Return depth, site, parent (or kind of origin) and contradiction of each row."""
    return [
        (each.depth, each.outlet, each.parent or each.origin, each.conflict)
        for each in trace_spread(STATEMENT, carriers)
    ]


def test_each_site_stands_below_the_one_that_it_names() -> None:
    assert tree(
        carrier(1, "third.example", 9, "second.example"),
        carrier(2, "www.second.example", 5, "first.example"),
        carrier(3, "first.example", 2, claims_department=True),
        carrier(4, "other.example", 1),
        carrier(5, "also.example", 3, "first.example"),
    ) == [
        (0, "first.example", "state", None),
        (1, "also.example", "first.example", None),
        (1, "second.example", "first.example", None),
        (2, "third.example", "second.example", None),
        (0, "other.example", "unknown", None),
    ]


def test_a_site_that_is_named_comes_before_the_department() -> None:
    assert tree(
        carrier(1, "first.example", 1, claims_department=True),
        carrier(2, "second.example", 2, "first.example", claims_department=True),
    )[1] == (1, "second.example", "first.example", None)


def test_a_time_alone_makes_no_path() -> None:
    assert [row[2] for row in tree(carrier(1, "a.example", 1), carrier(2, "b.example", 2))] == ["unknown", "unknown"]


@pytest.mark.parametrize(
    ("name", "parent"),
    [
        ("gazette.co.uk", "gazette.co.uk"),
        ("gazette.co.uk:8080", "gazette.co.uk"),
        ("www.gazette.co.uk", "gazette.co.uk"),
        ("The Gazette", None),
        ("GAZETTE", "gazette.co.uk"),
        ("Gazette.co", "gazette.co.uk"),
        ("News", None),  # the beginning of a host, and the name of nobody
        ("news.harbour", "news.harbour.example"),
        ("harbour-list", "news.harbour.example"),
        ("Harbour List", "news.harbour.example"),
        ("Twin", None),  # two sites are called so
        ("twin.example", "twin.example"),
        ("reader.example", None),  # itself
        ("…", None),
        ("[", None),
        ("state.gov", None),
        ("Herald", "herald.com.au"),
        ("täglich.example", "xn--tglich-bua.example"),
    ],
)
def test_names_that_mean_exactly_one_site(name: str, parent: str | None) -> None:
    found = trace_spread(
        STATEMENT,
        [
            carrier(1, "www.gazette.co.uk:8080", 1),
            carrier(2, "news.harbour.example", 1, source="harbour-list"),
            carrier(3, "twin.example", 1),
            carrier(4, "twin.test", 1),
            carrier(5, "reader.example", 2, name),
            carrier(6, "herald.com.au", 1),
            carrier(7, "täglich.example", 1),
        ],
    )
    reader = next(each for each in found if each.outlet == "reader.example")
    assert (reader.parent, reader.conflict) == (parent, None)
    assert reader.first.others == (() if parent or name == "reader.example" else (name,))


def test_sites_are_in_ascii() -> None:
    (found,) = trace_spread(STATEMENT, [carrier(1, "www.täglich.example:444", 1)])
    assert found.outlet == "xn--tglich-bua.example"


@pytest.mark.parametrize(
    ("facts", "conflict", "path"),
    [
        ({}, Conflict.SEEN_LATER, "names first.example, whose copy was first seen later"),
        (
            {"published_at": NOON + 6 * MINUTE},
            Conflict.DATED_LATER,
            "names first.example, whose copy is dated later",
        ),
        ({"published_at": NOON + 5 * MINUTE}, None, "via first.example"),
        ({"published_at": NOON + 1 * MINUTE}, None, "via first.example"),
        ({"backfill": True}, None, "via first.example"),
    ],
)
def test_a_source_that_had_it_later_is_a_contradiction(
    facts: dict[str, Any], conflict: Conflict | None, path: str
) -> None:
    found = trace_spread(
        STATEMENT, [carrier(1, "first.example", 9, **facts), carrier(2, "second.example", 5, "first.example")]
    )
    second = next(each for each in found if each.outlet == "second.example")
    assert second.parent == "first.example"
    assert (second.conflict, second.first.path) == (conflict, path)


def test_of_several_sources_the_first_without_a_contradiction_counts() -> None:
    rows = tree(
        carrier(1, "late.example", 9),
        carrier(2, "early.example", 1),
        carrier(3, "reader.example", 5, "Nobody", "late.example", "early.example"),
    )
    assert (1, "reader.example", "early.example", None) in rows


def test_the_earliest_page_that_names_a_source_speaks_for_its_site() -> None:
    found = trace_spread(
        STATEMENT,
        [
            carrier(1, "first.example", 1),
            carrier(2, "many.example", 9, "first.example"),
            carrier(3, "many.example", 5, claims_department=True),
            carrier(4, "many.example", 3),
        ],
    )
    many = next(each for each in found if each.outlet == "many.example")
    assert [each.page.id for each in many.pages] == [4, 3, 2]
    assert (many.origin, many.source and many.source.page.id) == (Origin.STATE, 3)
    assert many.first.path == ""


@pytest.mark.parametrize(("claims_department", "origin"), [(True, Origin.STATE), (False, Origin.UNKNOWN)])
def test_a_circle_is_cut_at_its_earliest_site(claims_department: bool, origin: Origin) -> None:
    found = trace_spread(
        STATEMENT,
        [
            carrier(1, "a.example", 3, "b.example"),
            carrier(2, "b.example", 2, "c.example", claims_department=claims_department),
            carrier(3, "c.example", 3, "a.example"),
            carrier(4, "b.example", 7, "c.example"),
            carrier(5, "outside.example", 9, "a.example"),
        ],
    )
    assert [(each.depth, each.outlet, each.parent) for each in found] == [
        (0, "b.example", None),
        (1, "a.example", "b.example"),
        (2, "c.example", "a.example"),
        (2, "outside.example", "a.example"),
    ]
    assert (found[0].origin, found[0].conflict) == (origin, Conflict.CIRCLE)
    assert {each.path for each in found[0].pages} == {"names c.example, whose own path leads back here"}


def test_a_copy_dated_before_state_has_the_time_of_its_first_sight() -> None:
    early = carrier(1, "early.example", 9, published_at=NOON - MINUTE, precision=Precision.SECOND)
    found = trace_spread(STATEMENT, [early, carrier(2, "other.example", 1)])
    assert [each.outlet for each in found] == ["other.example", "early.example"]
    assert found[1].first.is_dated_before
    assert found[1].first.since == Since(NOON + 9 * MINUTE, TimeBasis.SEEN, 9 * MINUTE)


@pytest.mark.parametrize(
    ("facts", "of_state", "since"),
    [
        ({}, {}, Since(NOON + 5 * MINUTE, TimeBasis.SEEN, 5 * MINUTE)),
        ({"published_at": NOON + MINUTE}, {}, Since(NOON + MINUTE, TimeBasis.DATED, MINUTE)),
        ({"backfill": True}, {}, Since(NOON + 5 * MINUTE, TimeBasis.BACKFILL, None)),
        ({"backfill": True, "published_at": NOON}, {}, Since(NOON, TimeBasis.DATED, timedelta(0))),
        ({}, {"precision": Precision.DAY}, Since(NOON + 5 * MINUTE, TimeBasis.SEEN, None)),
        ({}, {"published_at": None}, Since(NOON + 5 * MINUTE, TimeBasis.SEEN, None)),
    ],
)
def test_since_when_a_copy_is_known(facts: dict[str, Any], of_state: dict[str, Any], since: Since) -> None:
    assert known_since(*carrier(1, "a.example", 5, **facts), replace(STATEMENT, **of_state)) == since


@st.composite
def carriers(draw: st.DrawFn) -> list[Carrier]:
    hosts = [f"site{number}.example" for number in range(draw(st.integers(1, 7)))]
    names = st.sampled_from([*hosts, "Nobody", "site1"])
    return [
        carrier(
            key,
            draw(st.sampled_from(hosts)),
            draw(st.integers(0, 4)),
            *draw(st.lists(names, max_size=3, unique=True)),
            claims_department=draw(st.booleans()),
            backfill=draw(st.booleans()),
            published_at=draw(st.sampled_from([None, NOON - MINUTE, NOON + MINUTE])),
        )
        for key in range(1, draw(st.integers(0, 12)) + 1)
    ]


@given(carriers(), st.randoms())
def test_every_page_is_there_once_in_one_tree_whatever_the_order(found: list[Carrier], chance: Any) -> None:
    sites = trace_spread(STATEMENT, found)
    assert sorted(each.page.id for site in sites for each in site.pages) == [page.id for _, page in found]
    assert len({site.outlet for site in sites}) == len(sites)
    above: list[SpreadOutlet] = []
    for site in sites:
        # A row stands below the rows of its path, so no site is above itself.
        del above[site.depth :]
        assert [each.outlet for each in above[-1:]] == ([site.parent] if site.parent else [])
        assert len(above) == site.depth
        assert site.outlet not in {each.outlet for each in above}
        above.append(site)
        assert (site.origin is Origin.OUTLET) == (site.parent is not None)
    roots = [site.origin for site in sites if site.depth == 0]
    assert roots == sorted(roots, key=[Origin.STATE, Origin.UNKNOWN].index)
    shuffled = list(found)
    chance.shuffle(shuffled)
    assert trace_spread(STATEMENT, shuffled) == sites


@given(carriers())
def test_a_parent_is_named_by_a_page_of_the_site(found: list[Carrier]) -> None:
    for site in trace_spread(STATEMENT, found):
        if site.parent:
            names = {name for each in site.pages for name in each.page.via}
            assert names & {site.parent, site.parent.partition(".")[0]}
        elif site.origin is Origin.STATE:
            assert any(each.page.claims_department for each in site.pages)


def test_a_path_may_be_longer_than_a_recursion() -> None:
    chain = [carrier(key, f"site{key}.example", key, f"site{key - 1}.example") for key in range(3_000)]
    assert [each.depth for each in trace_spread(STATEMENT, chain)] == list(range(3_000))


def test_the_name_of_a_search_is_that_of_no_site() -> None:
    carriers = (
        carrier(1, "first.example", 1, source="gdelt", claims_department=True),
        carrier(2, "second.example", 5, "gdelt", source="herald"),
        carrier(3, "third.example", 9, "herald", source="gdelt"),
    )
    found = {each.outlet: each for each in trace_spread(STATEMENT, carriers, {"gdelt"})}
    assert (found["second.example"].parent, found["second.example"].first.others) == (None, ("gdelt",))
    assert found["third.example"].parent == "second.example"
    assert {each.outlet: each for each in trace_spread(STATEMENT, carriers[:2])}["second.example"].parent == (
        "first.example"
    )
