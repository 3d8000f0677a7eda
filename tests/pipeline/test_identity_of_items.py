"""Tests of polls whose guids or URLs identify nothing: shared, respelled, swapped, reused for another text."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from samples import FEED_URL, NOON, Piece, article, rss, source

from scraper.config.settings import Endpoint
from scraper.model import EndpointKind, EventKind

if TYPE_CHECKING:
    from conftest import Watch

K = EventKind
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
A, B, C = (Piece(number, title=f"Readout about {what}") for number, what in ((1, "lamps"), (2, "wells"), (3, "boats")))


@pytest.fixture
def fed(watch: Watch) -> Watch:
    """A watch over the feed, which had statement 9 at noon."""
    watch.source = source(endpoints=(Endpoint(kind=EndpointKind.FEED, url=FEED_URL),))
    watch.site.says(FEED_URL, rss(Piece(9)))
    watch.run()
    return watch


def says(watch: Watch, *pieces: Piece, replacing: dict[str, str] | None = None, wait: timedelta = HOUR) -> list[str]:
    """Let the feed say something in another spelling, and return the kinds of the events."""
    body = rss(*pieces, built=watch.clock.now() + wait).decode()
    for old, new in (replacing or {}).items():
        assert old in body
        body = body.replace(old, new)
    watch.site.says(FEED_URL, body.encode())
    return [event.kind.value for event in watch.after(wait).events]


def spelled(piece: Piece) -> str:
    """The guid as the feed has it."""
    return piece.guid.replace("&", "&amp;#038;")


def all_as(guid: str, *pieces: Piece) -> dict[str, str]:
    return {spelled(piece): guid for piece in pieces}


def count(watch: Watch) -> int:
    return len(list(watch.store.statements.find()))


@pytest.mark.parametrize("guid", ["https://www.state.gov/", "0", "https://www.state.gov/?p=0", "urn:uuid:0"])
def test_one_guid_for_all_items_identifies_none(fed: Watch, guid: str) -> None:
    assert says(fed, B, A, replacing=all_as(guid, A, B)) == [K.PUBLISHED] * 2
    assert says(fed, B, A, replacing=all_as(guid, A, B)) == []
    assert says(fed, A, replacing=all_as(guid, A)) == []  # it stands alone there once the others have left the list
    assert says(fed, B, replacing=all_as(guid, B)) == []
    assert says(fed, C, B, replacing=all_as(guid, B, C)) == [K.PUBLISHED]
    changed = C.but(body=(C.body[0].replace("gives 3", "gives 5"), C.body[1]))
    assert says(fed, changed, B, replacing=all_as(guid, B, C)) == [K.REVISED]
    assert count(fed) == 4


def test_a_guid_that_another_item_had_alone_before_revises_nothing(fed: Watch) -> None:
    assert says(fed, A, replacing=all_as("urn:0", A)) == [K.PUBLISHED]
    assert says(fed, B, A, replacing=all_as("urn:0", A, B)) == [K.PUBLISHED]
    assert says(fed, B, replacing=all_as("urn:0", B)) == []
    assert says(fed, C, replacing=all_as("urn:0", C)) == [K.PUBLISHED]
    assert says(fed, A, replacing=all_as("urn:0", A)) == []
    assert says(fed, C, B, A) == []  # the site is repaired
    assert says(fed, A, B, C.but(title="Readout about forty boats", slug="forty-boats")) == [K.RETITLED, K.MOVED]
    assert count(fed) == 4


def test_one_guid_and_one_link_for_all_items_identify_none(fed: Watch) -> None:
    def shared(*pieces: Piece) -> dict[str, str]:
        return all_as("urn:0", *pieces) | {piece.url: "https://www.state.gov/press-releases/" for piece in pieces}

    assert says(fed, B, A, replacing=shared(A, B)) == [K.PUBLISHED] * 2
    assert says(fed, C, B, A, replacing=shared(A, B, C)) == [K.PUBLISHED]
    assert says(fed, B, A, replacing=shared(A, B)) == []
    assert says(fed, A, replacing=shared(A)) == []
    assert count(fed) == 4


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("http://www.state.gov/?p=1", "https://www.state.gov/?p=1"),
        ("https://state.gov/?p=1", "http://www.state.gov?p=1"),
        ("https://2021-2025.state.gov/?p=1", "https://www.state.gov/?p=1"),
        ("1 at http://www.state.gov", "1 at https://www.state.gov"),
        ("https://www.state.gov/?p=1", "https://www.state.gov/?post_type=state_press_release&amp;p=1"),
    ],
)
def test_a_guid_that_is_spelled_anew_is_the_same(fed: Watch, before: str, after: str) -> None:
    assert says(fed, A, replacing=all_as(before, A)) == [K.PUBLISHED]
    assert says(fed, A, replacing=all_as(after, A)) == []
    moved = A.but(title="Lamps were given", slug="lamps-were-given")
    assert says(fed, moved, replacing=all_as(after, A)) == [K.RETITLED, K.MOVED]
    assert says(fed, moved, replacing=all_as(before, A)) == []
    assert count(fed) == 2


def test_guids_that_swap_change_nothing(fed: Watch) -> None:
    says(fed, B, A)
    swapped = {spelled(A): "urn:swap", spelled(B): spelled(A), "urn:swap": spelled(B)}
    assert says(fed, B, A, replacing=swapped) == []
    assert says(fed, B, A) == []
    assert count(fed) == 3


def test_a_guid_used_again_for_next_years_statement_is_another_one(fed: Watch) -> None:
    says(fed, A)
    later = A.but(body=C.body, published_at=NOON + 365 * DAY)
    assert says(fed, later, wait=366 * DAY) == [K.PUBLISHED]
    assert says(fed, later) == []
    corrected = later.but(body=(later.body[0].replace("gives 3", "gives 5"), later.body[1]))
    assert says(fed, corrected) == [K.REVISED]
    assert count(fed) == 3


def test_a_statement_that_is_dated_anew_stays_itself(fed: Watch) -> None:
    says(fed, A)
    assert says(fed, A.but(published_at=NOON - 300 * DAY)) == []
    assert says(fed, A.but(published_at=NOON + DAY, slug="forty-lamps"), wait=2 * DAY) == [K.MOVED]
    assert count(fed) == 2


def test_the_address_of_one_item_as_the_guid_of_another_stops_nothing(fed: Watch) -> None:
    assert says(fed, A, replacing=all_as(B.url, A)) == [K.PUBLISHED]
    without = {f'<guid isPermaLink="false">{spelled(B)}</guid>': ""}
    assert says(fed, B, A, replacing=without | all_as(B.url, A)) == [K.PUBLISHED]
    assert says(fed, B, A, replacing=without | all_as(B.url, A)) == []


def page(piece: Piece, canonical: str) -> bytes:
    """A page of State's that calls an address canonical, and gives no number."""
    body = re.sub('<link rel="alternate"[^>]*>', "", article(piece).decode())
    return body.replace(f'rel="canonical" href="{piece.url}"', f'rel="canonical" href="{canonical}"').encode()


@pytest.mark.parametrize("canonical", ["/press-releases/", "/", "/releases/office-of-the-spokesperson/", C.url])
def test_pages_that_call_a_list_canonical_are_statements_of_their_own(fed: Watch, canonical: str) -> None:
    for piece in (A, B, A):
        fed.site.says(piece.url, page(piece, canonical))
        fed.fetch_url(piece.url)
    assert fed.kinds() == [K.PUBLISHED] * 3
    assert {A.url, B.url} < {statement.url for statement in fed.store.statements.find()}
    fed.site.says(C.url, page(C, C.url))
    fed.fetch_url(C.url)
    assert fed.kinds() == [K.PUBLISHED] * 4


def test_a_rendering_of_states_page_is_the_statement(fed: Watch) -> None:
    for url in (f"{A.url}print/", A.url, f"{A.url}?output=amp"):
        fed.site.says(url, page(A, A.url))
        fed.fetch_url(url)
    assert fed.kinds() == [K.PUBLISHED] * 2
