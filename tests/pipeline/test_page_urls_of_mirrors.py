"""Tests of several URLs of one page: sessions, renderings, sections, wrong canonical URLs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.mirror import DAY, GAZETTE, HOUR, LAMPS, WEATHER, page, post
from samples import Piece

from scraper.model import EventKind

if TYPE_CHECKING:
    from fakes.mirror import Gazette

OWN = f"{GAZETTE}/lamps-for-the-harbour-of-tern/"
SLUG = OWN.removeprefix(f"{GAZETTE}/").strip("/")
K = EventKind


def shows(gazette: Gazette, url: str, canonical: str, *, title: str = LAMPS.title, body: tuple[str, ...] = ()) -> None:
    """Let the mirror list an address, and show there a page that calls another one canonical."""
    listed = post("x", title, (), cut=True).replace(f"{GAZETTE}/x/", url)
    gazette.says(listed)
    head = f'<head><link rel="canonical" href="{canonical}">'
    shown = page(title, body or LAMPS.body).replace(b"<head>", head.encode(), 1)
    gazette.watch.site.says(url, shown)


def found(gazette: Gazette) -> list[str]:
    return [event.kind.value for event in gazette.poll(HOUR)]


def begin(gazette: Gazette) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))


@pytest.mark.parametrize(
    "others",
    [
        (f"{GAZETTE}/{SLUG}?sid=a1", f"{GAZETTE}/{SLUG}?sid=b2", OWN),
        (OWN, f"{OWN}?sid=b2"),
        (f"{OWN}amp/", f"{OWN}print/", OWN),
        (f"{GAZETTE}/world/{SLUG}/", f"{GAZETTE}/harbours/{SLUG}/", f"{GAZETTE}/world/{SLUG}/"),
    ],
)
def test_one_page_at_several_addresses_is_one_copy(gazette: Gazette, others: tuple[str, ...]) -> None:
    begin(gazette)
    reported = []
    for url in others:
        shows(gazette, url, OWN)
        reported += found(gazette)
    assert reported == [K.PUBLISHED, K.COPY_FOUND]
    (copy,) = gazette.copies()
    stored = gazette.watch.store.pages.by_id(copy.page_id)
    assert stored is not None
    assert stored.url == OWN
    gazette.poll(HOUR)
    assert others[-1] not in gazette.watch.asked  # it is known, and not fetched at each poll


def test_a_rendering_that_shows_less_changes_nothing(gazette: Gazette) -> None:
    begin(gazette)
    shows(gazette, OWN, OWN)
    assert found(gazette) == [K.PUBLISHED, K.COPY_FOUND]
    shows(gazette, f"{OWN}amp/", OWN, body=LAMPS.body[:1])
    assert found(gazette) == []


@pytest.mark.parametrize("canonical", [GAZETTE, f"{GAZETTE}/news/", f"https://herald.example/{SLUG}/", f"{GAZETTE}/a/"])
def test_a_canonical_address_of_something_else_is_ignored(gazette: Gazette, canonical: str) -> None:
    begin(gazette)
    shows(gazette, OWN, canonical)
    assert found(gazette) == [K.PUBLISHED, K.COPY_FOUND]
    shows(gazette, f"{GAZETTE}/rain/", canonical, title="Rain", body=WEATHER)
    assert found(gazette) == []
    assert gazette.watch.store.pages.by_url(OWN) is not None
    assert gazette.watch.store.pages.by_url(f"{GAZETTE}/rain/") is not None


def test_a_canonical_address_that_is_later_another_article(gazette: Gazette) -> None:
    begin(gazette)
    shows(gazette, f"{GAZETTE}/world/{SLUG}/", OWN)
    assert found(gazette) == [K.PUBLISHED, K.COPY_FOUND]
    shows(gazette, OWN, OWN, title="Rain over Tern", body=WEATHER)
    shown = [event.kind for event in gazette.poll(DAY)]
    for _ in range(4):
        shown += [event.kind for event in gazette.poll(DAY)]
    assert shown == []
    (copy,) = gazette.copies()
    stored = gazette.watch.store.pages.by_id(copy.page_id)
    assert stored is not None
    assert stored.url == f"{GAZETTE}/world/{SLUG}/"


def test_a_canonical_address_that_is_not_there_is_no_copy_gone(gazette: Gazette) -> None:
    begin(gazette)
    shows(gazette, f"{GAZETTE}/world/{SLUG}/", OWN)
    assert found(gazette) == [K.PUBLISHED, K.COPY_FOUND]
    gazette.watch.site.says(OWN, b"<html><head><title>404</title></head><body>Not found</body></html>", 404)
    assert [event for _ in range(5) for event in gazette.poll(DAY)] == []


def test_a_page_that_is_given_another_title_stays_itself(gazette: Gazette) -> None:
    begin(gazette)
    shows(gazette, f"{OWN}?sid=a1", OWN)
    shows(gazette, OWN, OWN)
    assert found(gazette) == [K.PUBLISHED, K.COPY_FOUND]
    gazette.watch.site.says(OWN, page("Lamps at last", LAMPS.body))
    assert [event for _ in range(3) for event in gazette.poll(DAY)] == []
    assert len(gazette.copies()) == 1
