"""Tests of the dates of mirror pages: the page's own one, else the one that a list of its site gives."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from command import CONFIG
from fakes.mirror import DAY, GAZETTE, GAZETTE_FEED, HOUR, LAMPS, names, page, post
from samples import NOON, Piece

from scraper.model import Item, Precision, Reading
from scraper.parsers import PageReading
from scraper.parsers.dates import DatedTime
from scraper.pipeline.page_dates import date_page, listed_dates
from scraper.rules.copies import TimeBasis, known_since
from scraper.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from command import Said
    from fakes.mirror import Gazette

    from scraper.pages import MirrorPage

FEED_TIME = "Mon, 02 Mar 2026 12:14:00 GMT"
FEED_AT = datetime(2026, 3, 2, 12, 14, tzinfo=UTC)
OWN_AT = datetime(2026, 3, 2, 12, 20, tzinfo=UTC)  # that of `fakes.mirror.page`
URL = f"{GAZETTE}/lamps/"
DATED = DatedTime(FEED_AT, Precision.SECOND)


def undated(*paragraphs: str) -> bytes:
    """The page of the copy without any date."""
    return re.sub(rb"<meta [^>]*>", b"", page(LAMPS.title, paragraphs or (*LAMPS.body, names(LAMPS))))


def carries(gazette: Gazette, body: bytes, at: str = FEED_TIME) -> None:
    gazette.says(post("lamps", LAMPS.title, (*LAMPS.body, names(LAMPS)), at=at))
    gazette.shows("lamps", body)


def stored(gazette: Gazette) -> MirrorPage:
    found = gazette.watch.store.pages.by_url(URL)
    assert found is not None
    return found


def date_of(gazette: Gazette) -> tuple[datetime | None, bool]:
    found = stored(gazette)
    return found.published_at, found.is_date_listed


def test_a_page_without_a_date_has_the_one_of_its_feed(gazette: Gazette) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    carries(gazette, undated())
    gazette.poll(HOUR)
    assert date_of(gazette) == (FEED_AT, True)
    (copy,) = gazette.copies()
    statement = gazette.watch.store.statements.by_id(copy.statement_id)
    assert statement is not None
    # The site cannot have carried it before State published it.
    before = replace(statement, published_at=FEED_AT + HOUR)
    since = known_since(copy, stored(gazette), before)
    assert (since.at, since.basis) == (copy.first_seen_at, TimeBasis.SEEN)
    after = replace(statement, published_at=FEED_AT - HOUR)
    since = known_since(copy, stored(gazette), after)
    assert (since.at, since.basis, since.delay) == (FEED_AT, TimeBasis.LISTED, HOUR)


def test_the_date_of_the_feed_stays_until_the_page_has_one(gazette: Gazette) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    carries(gazette, undated())
    gazette.poll()
    # Rechecks without the feed, then with the page's own date.
    gazette.says(post("weather", "Weather", ()))
    gazette.shows("lamps", undated(*LAMPS.body, "The pier is wet."))
    gazette.poll(DAY)
    assert date_of(gazette) == (FEED_AT, True)
    gazette.shows("lamps", page(LAMPS.title, (*LAMPS.body, "The pier is dry.")))
    gazette.poll(7 * DAY)
    assert date_of(gazette) == (OWN_AT, False)


def test_a_page_with_a_date_keeps_its_own(gazette: Gazette) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    carries(gazette, page(LAMPS.title, LAMPS.body))
    gazette.poll()
    assert date_of(gazette) == (OWN_AT, False)


def test_a_page_that_its_feed_dates_before_monitoring_is_history(gazette: Gazette) -> None:
    gazette.begins()
    gazette.state_says(replace(LAMPS, published_at=NOON - 3 * DAY), Piece(1))
    carries(gazette, undated(), at="Sat, 28 Feb 2026 09:00:00 GMT")
    gazette.poll(HOUR)
    assert stored(gazette).backfill


def test_the_origin_of_a_date_is_shown(run: Callable[..., Said], gazette: Gazette, tmp_path: Path) -> None:
    gazette.begins()
    gazette.state_says(replace(LAMPS, published_at=FEED_AT - timedelta(minutes=4)), Piece(1))
    carries(gazette, undated())
    gazette.poll(HOUR)
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    db = str(gazette.watch.store.path)
    assert "2026-03-02 12:14 UTC (by the date in a list of its site, 4 min after State)" in run("copies", db=db).out
    (row,) = run("copies", "--json", db=db).json
    assert (row["carried_since_basis"], row["carried_since_is_dated"]) == ("list", True)
    with Store(gazette.watch.store.path) as other:
        assert other.pages.by_url(URL) == stored(gazette)


# Decisions


def test_dates_of_a_list_are_those_of_pages_of_its_site() -> None:
    other = "https://elsewhere.example/1/"
    items = (
        Item(URL, "A", published_at=FEED_AT, precision=Precision.SECOND),
        Item(URL, "A", published_at=FEED_AT, precision=Precision.SECOND),
        Item(f"{GAZETTE}/two/", "B", published_at=FEED_AT, precision=Precision.SECOND),
        Item(f"{GAZETTE}/two/", "B", published_at=FEED_AT + HOUR, precision=Precision.SECOND),
        Item(f"{GAZETTE}/none/", "C"),
        Item(other, "D", published_at=FEED_AT, precision=Precision.SECOND),
    )
    assert listed_dates(Reading("feed", items), GAZETTE_FEED) == {URL: DATED}


def test_the_pages_own_date_comes_first_then_the_list_then_an_earlier_list(gazette: Gazette) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    carries(gazette, undated())
    gazette.poll()
    of_list = stored(gazette)
    of_page = replace(of_list, published_at=OWN_AT, precision=Precision.MINUTE, is_date_listed=False)
    plain = Item(URL, "A")
    own = replace(plain, published_at=OWN_AT, precision=Precision.MINUTE)
    document, named = PageReading("page", ()), PageReading("page", (), listed_date=DatedTime(NOON, Precision.DAY))
    a_list = Reading("feed", ())

    def dated(item: Item, reading: Reading, known: MirrorPage | None) -> tuple[datetime | None, bool]:
        found, is_listed = date_page(item, reading, known)
        return found.published_at, is_listed

    assert dated(own, named, of_list) == (OWN_AT, False)
    assert dated(plain, named, of_list) == (NOON, True)
    assert dated(plain, document, of_list) == (FEED_AT, True)
    assert dated(plain, document, of_page) == (None, False)
    assert dated(plain, document, None) == (None, False)
    assert dated(own, a_list, None) == (OWN_AT, True)
    assert dated(plain, a_list, of_page) == (OWN_AT, False)
    assert dated(plain, a_list, of_list) == (FEED_AT, True)
    assert dated(replace(own, published_at=NOON), a_list, of_page) == (OWN_AT, False)
