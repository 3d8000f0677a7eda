"""Tests of pages dated before the statement that they carry: a wrong date does not make news backfill."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.mirror import DAY, GAZETTE, HOUR, LAMPS, WEATHER, names, page, post
from samples import Piece

from scraper.cli.copies import copy_lines
from scraper.model import EventKind

if TYPE_CHECKING:
    from fakes.mirror import Gazette

OLD = "2025-11-05T09:00:00+00:00"
BEFORE = "carries it, but is dated before State's"


def shows(gazette: Gazette, date: str, *paragraphs: str, title: str = LAMPS.title) -> None:
    """Let the mirror list a page, and show it with a date."""
    gazette.says(post("lamps", title, (), cut=True, at="Wed, 05 Nov 2025 09:00:00 GMT"))
    gazette.shows("lamps", page(title, paragraphs).replace(b"2026-03-02T12:20:00+00:00", date.encode()))


def page_of(gazette: Gazette) -> bool:
    (copy,) = gazette.copies()
    stored = gazette.watch.store.pages.by_id(copy.page_id)
    assert stored is not None
    return stored.backfill


@pytest.mark.parametrize("date", [OLD, "2025-11-05"])
def test_a_copy_with_an_old_date_is_news_with_that_reason(gazette: Gazette, date: str) -> None:
    gazette.begins()
    gazette.state_says(LAMPS, Piece(1))
    shows(gazette, date, *LAMPS.body)
    found = gazette.poll()[-1]
    assert (found.kind, found.reason_texts) == (EventKind.COPY_FOUND, (BEFORE,))
    assert not page_of(gazette)
    (copy,) = gazette.copies()
    stored, statement = gazette.watch.store.pages.by_id(copy.page_id), gazette.watch.store.statements.by_id(2)
    assert stored is not None
    assert statement is not None
    assert f"    {BEFORE}: 2025-11-05" in "\n".join(copy_lines(copy, stored, statement))
    assert gazette.poll(25 * HOUR) == []


def test_a_statement_of_before_the_watch_with_a_wrongly_dated_copy_is_news(gazette: Gazette) -> None:
    old = LAMPS.but(published_at=LAMPS.published_at - DAY)
    gazette.state_says(old)
    gazette.says(post("weather", "Weather", WEATHER))
    gazette.poll()
    shows(gazette, OLD, *old.body)
    assert [event.kind for event in gazette.poll(HOUR)] == [EventKind.COPY_FOUND]


def test_a_copy_whose_date_may_be_true_is_history(gazette: Gazette) -> None:
    old = LAMPS.but(published_at=LAMPS.published_at - 200 * DAY)
    gazette.state_says(old)
    gazette.says(post("weather", "Weather", WEATHER))
    gazette.poll()
    shows(gazette, OLD, *old.body)
    assert gazette.poll(HOUR) == []
    assert page_of(gazette)


def test_in_the_first_fill_a_wrong_date_makes_no_news(gazette: Gazette) -> None:
    gazette.state_says(LAMPS)
    shows(gazette, OLD, *LAMPS.body)
    assert gazette.poll() == []
    assert page_of(gazette)


def test_a_wrongly_dated_page_that_is_faster_than_state_is_news_once_state_publishes(gazette: Gazette) -> None:
    gazette.begins()
    shows(gazette, OLD, *LAMPS.body)
    assert gazette.poll() == []
    gazette.watch.clock.sleep(HOUR.total_seconds())
    gazette.state_says(LAMPS.but(published_at=gazette.watch.clock.now()), Piece(1))
    published, found = gazette.poll()
    assert (published.kind, found.kind, found.reason_texts) == (EventKind.PUBLISHED, EventKind.COPY_FOUND, (BEFORE,))
    assert not page_of(gazette)


def test_an_old_page_without_a_statement_stays_history(gazette: Gazette) -> None:
    gazette.begins()
    shows(gazette, OLD, *WEATHER, names(LAMPS), title="Rain")
    assert gazette.poll() == []
    assert gazette.poll(25 * HOUR) == []
    stored = gazette.watch.store.pages.by_url(f"{GAZETTE}/lamps/")
    assert stored is not None
    assert stored.backfill
