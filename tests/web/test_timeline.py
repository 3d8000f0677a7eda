"""Time line: delays after State as exactly as they are known, and a shape and words for each kind of point."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from samples import NOON

from scraper.model import Event, EventKind, Precision, PublicationState, Relation, Statement
from scraper.pages import Copy, MirrorPage
from scraper.rules.spread import trace_spread
from scraper.web import timeline

MINUTE = timedelta(minutes=1)
STATEMENT = Statement(
    id=4,
    guid="g",
    url="https://www.state.gov/4/",
    title="Title",
    state=PublicationState.CURRENT,
    revision=2,
    revisions=2,
    words=100,
    first_seen_at=NOON + MINUTE,
    last_seen_at=NOON,
    published_at=NOON,
    precision=Precision.SECOND,
)


def copy_on_page(minutes: int, relation: Relation = Relation.VERBATIM, **changes: Any) -> tuple[Copy, MirrorPage]:
    """A copy that was first seen so many minutes after State published, on a page without a date."""
    at = NOON + minutes * MINUTE
    page = MirrorPage(minutes, f"https://site{minutes}.example/", "site", "Title", relation, at, at)
    of_page = {name: changes.pop(name) for name in ("backfill", "published_at") if name in changes}
    given = {"revision": 1, "coverage": 0.4, "fidelity": 1.0} | changes
    found = Copy(page_id=minutes, statement_id=4, relation=relation, first_seen_at=at, last_seen_at=at, **given)
    return found, replace(page, **of_page)


def plain(words: str) -> str:
    return words.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("relation", "changes", "shape", "tags", "facts"),
    [
        (Relation.VERBATIM, {}, "faithful", ("verbatim",), "all of revision 1, word for word"),
        (Relation.EXCERPT, {}, "faithful", ("excerpt",), "40% of revision 1, word for word"),
        (Relation.ALTERED, {}, "altered", ("altered",), "40% of revision 1, with other words"),
        (
            Relation.ALTERED,
            {"outdated": True},
            "altered",
            ("altered", "outdated"),
            "40% of revision 1, with other words",
        ),
        (Relation.VERBATIM, {"outdated": True}, "outdated", ("outdated",), "all of revision 1, word for word"),
        (Relation.VERBATIM, {"gone_at": NOON}, "gone", ("verbatim", "gone"), "all of revision 1, word for word"),
        (
            Relation.TRANSLATED,
            {},
            "faithful",
            ("translated",),
            "translation of revision 1; its wording is not compared",
        ),
        (
            Relation.ALTERED,
            {"differences": ("amount: $1 → $2", "name: A → B", "c", "d")},
            "altered",
            ("altered",),
            "40% of revision 1, with other words; amount: $1 → $2; name: A → B; and 2 more",
        ),
    ],
)
def test_a_copy_has_a_shape_and_words(
    relation: Relation, changes: dict[str, Any], shape: str, tags: tuple[str, ...], facts: str
) -> None:
    found = timeline.point(*copy_on_page(5, relation, **changes), STATEMENT)
    assert (found.shape, found.tags, "; ".join(found.facts)) == (shape, tags, facts)


@pytest.mark.parametrize(
    ("changes", "of_state", "delay", "note"),
    [
        ({}, {}, "+ 5 min", "first seen"),
        ({"published_at": NOON + 2 * MINUTE}, {}, "+ 2 min", "by its own date"),
        ({"published_at": NOON + timedelta(seconds=30)}, {}, "within a minute", "by its own date"),
        ({"published_at": NOON + timedelta(seconds=31)}, {}, "+ 1 min", "by its own date"),
        ({"backfill": True}, {}, "", "there when monitoring began"),
        ({"backfill": True, "published_at": NOON + 2 * MINUTE}, {}, "+ 2 min", "by its own date"),
        ({}, {"precision": Precision.DAY}, "", "first seen"),
        ({}, {"published_at": None}, "", "first seen"),
        ({}, {"published_at": NOON + 60 * MINUTE}, "", "first seen"),
    ],
)
def test_a_delay_is_as_exact_as_what_is_known(
    changes: dict[str, Any], of_state: dict[str, Any], delay: str, note: str
) -> None:
    found = timeline.point(*copy_on_page(5, **changes), replace(STATEMENT, **of_state))
    assert (plain(found.delay), found.note) == (delay, note)


def test_the_outlet_that_a_page_names_follows_what_it_carries() -> None:
    first, second = copy_on_page(1), copy_on_page(5)
    named = first[0], replace(first[1], via=("site5.example",))
    claims = {each.page.id: each for outlet in trace_spread(STATEMENT, [named, second]) for each in outlet.pages}
    points = timeline.build(STATEMENT, [named, second], [], claims)
    assert [each.facts[1:] for each in points] == [
        (),
        ("names site5.example, whose copy was first seen later",),
        (),
    ]


def test_points_are_in_the_order_of_their_times_with_those_of_state_first() -> None:
    def event(kind: EventKind, minutes: int, **changes: Any) -> Event:
        return Event(kind, NOON + minutes * MINUTE, "state", statement_id=4, **changes)

    events = [
        event(EventKind.REVISED, 5, revision=2),
        event(EventKind.WITHDRAWN, 90),
        event(EventKind.MOVED, 6),
        event(EventKind.RETITLED, 1, revision=2, backfill=True),
    ]
    points = timeline.build(STATEMENT, [copy_on_page(9), copy_on_page(5)], events)
    assert [(plain(each.delay), each.act or each.url) for each in points] == [
        ("", "State publishes"),
        ("+ 5 min", "State revises: revision 2"),
        ("+ 5 min", "https://site5.example/"),
        ("+ 9 min", "https://site9.example/"),
        ("+ 1 h 30 min", "State’s page is absent"),
    ]


def test_a_statement_without_a_date_begins_when_it_was_first_seen() -> None:
    (first,) = timeline.build(replace(STATEMENT, published_at=None), [], [])
    assert (first.at, first.act) == (NOON + MINUTE, "first seen; State gives no date")


def test_a_page_whose_url_is_not_safe_to_link_to_has_no_link() -> None:
    copy, page = copy_on_page(5)
    assert timeline.point(copy, replace(page, url="javascript:alert(1)"), STATEMENT).url == ""
