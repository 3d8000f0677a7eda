"""Mirrors that are hostile, broken or odd: nothing false is told, nothing real is lost, State is left in peace."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pipeline.gazette import (
    GAZETTE,
    GAZETTE_FEED,
    LAMPS,
    carried,
    page,
    post,
)
from samples import (
    Piece,
    article,
)

from scraper.model import EventKind

if TYPE_CHECKING:
    from pipeline.gazette import Gazette

    from scraper.model import Event

ALTERED = tuple(p.replace("40 lamps", "4 lamps") for p in LAMPS.body)
FOUND, CHANGED, GONE = EventKind.COPY_FOUND, EventKind.COPY_CHANGED, EventKind.COPY_GONE
CONSENT = ("We value your privacy and that of our 842 partners. Please choose what may be stored on your device.",)


def carrying(gazette: Gazette, *paragraphs: str) -> list[Event]:
    """State has said something, and the mirror carries it; what that told."""
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    carried(gazette, *(paragraphs or LAMPS.body))
    return gazette.poll()


def kinds(events: list[Event]) -> list[EventKind]:
    return [event.kind for event in events]


# Whose text is it


def test_states_own_address_in_a_mirrors_feed_is_no_copy(gazette: Gazette) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    item = post("x", LAMPS.title, LAMPS.body).replace(f"{GAZETTE}/x/", LAMPS.url)
    cut = post("y", "Lamps", (), cut=True).replace(f"{GAZETTE}/y/", Piece(9).url)
    gazette.says(item, cut)
    gazette.watch.site.says(LAMPS.url, article(LAMPS))
    gazette.watch.site.says(Piece(9).url, article(Piece(9)))
    assert kinds(gazette.poll()) == [EventKind.PUBLISHED]
    assert gazette.watch.asked == [GAZETTE_FEED]
    assert gazette.copies() == []


def test_a_claimed_address_that_leads_back_to_the_mirror_is_no_statement(gazette: Gazette) -> None:
    gazette.begins()
    exit_url = "https://www.state.gov/exit/?to=gazette"
    carried(gazette, *LAMPS.body, f"Official news published at {exit_url}")
    gazette.watch.site.says(exit_url, b"", 302, location=f"{GAZETTE}/lamps/")
    assert gazette.poll() == []
    assert [s.title for s in gazette.watch.store.statements.find()] == [Piece(1).title]


@pytest.mark.parametrize("asked", [Piece(7).url, f"{GAZETTE}/lamps/"])
def test_what_is_looked_up_by_hand_belongs_to_whom_it_leads_to(gazette: Gazette, asked: str) -> None:
    gazette.begins()
    own = asked.startswith(GAZETTE)
    target = LAMPS.url if own else f"{GAZETTE}/x/"
    gazette.watch.site.says(asked, b"", 302, location=target)
    gazette.watch.site.says(target, article(LAMPS) if own else page(LAMPS.title, LAMPS.body))
    gazette.watch.look_up(asked)
    assert gazette.copies() == []
    assert (LAMPS.title in [s.title for s in gazette.watch.store.statements.find()]) is own
