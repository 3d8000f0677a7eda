"""Tests of arrivals, recorded by the hour: a deviation is an incident of the source, reported once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from fakes.mirror import GAZETTE_FEED, LAMPS, Gazette, carried
from samples import FEED_URL, NOON, Piece, rss, source

from scraper.config.settings import Endpoint
from scraper.model import EndpointKind, EventKind
from scraper.rules.baseline import HourOfArrivals, ItemTally

if TYPE_CHECKING:
    from pipeline.conftest import Watch

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
LONG_AGO = NOON - 8 * WEEK
K = EventKind


@pytest.fixture
def fed(watch: Watch) -> Watch:
    """A watch over the feed, filled for the first time at noon with ten statements."""
    watch.source = source(endpoints=(Endpoint(kind=EndpointKind.FEED, url=FEED_URL),))
    watch.site.says(FEED_URL, rss(*map(Piece, range(1, 11))))
    for number in range(1, 30):
        watch.site.says(Piece(number).url, b"", 500)
    watch.run()
    return watch


def remember(watch: Watch, weeks: int) -> None:
    """Record so many weeks of hourly polls until now, with a statement at every noon."""
    with watch.store.unit():
        for number in range(weeks * 168):
            at = watch.clock.now() - number * HOUR
            watch.store.arrivals.note("state", FEED_URL, at, int(at.hour == 12), ItemTally(10))


def says(watch: Watch, *numbers: int) -> None:
    watch.site.says(FEED_URL, rss(*map(Piece, numbers), built=watch.clock.now()))


def reported_kinds(watch: Watch, wait: timedelta) -> list[EventKind]:
    return [event.kind for event in watch.after(wait).events if event.kind.startswith("source.")]


def test_each_run_is_recorded_in_its_hour_and_the_first_fill_is_not(fed: Watch) -> None:
    says(fed, *range(2, 12))
    fed.after(HOUR)
    fed.after(HOUR / 4)
    fed.after(DAY, since=NOON)  # a walk is no measure
    assert fed.store.arrivals.hours("state", LONG_AGO) == [HourOfArrivals(NOON + HOUR, news=1, reads=2, items=20)]
    assert fed.store.arrivals.hours("state", LONG_AGO, "https://elsewhere.example/") == []
    assert fed.store.arrivals.hours("state", NOON + 2 * HOUR) == []


def test_a_mirror_brings_the_pages_that_are_new(gazette: Gazette) -> None:
    gazette.begins()
    carried(gazette, *LAMPS.body)
    gazette.poll(HOUR)
    gazette.poll(HOUR)
    hours = gazette.watch.store.arrivals.hours("gazette", LONG_AGO, GAZETTE_FEED)
    assert [(hour.news, hour.items) for hour in hours] == [(1, 1), (0, 1)]


def test_silence_is_reported_once_and_its_end_with_the_duration(fed: Watch) -> None:
    remember(fed, 6)
    assert [reported_kinds(fed, DAY / 4) for _ in range(4 * 9)].count([K.SILENT]) == 1
    says(fed, *range(2, 12))
    (ended,) = [event for event in fed.after(HOUR).events if event.kind is K.RECOVERED]
    assert ended.reason_texts[0].startswith("after 9 d")


def test_nothing_is_silent_in_the_first_weeks(fed: Watch) -> None:
    remember(fed, 3)
    assert [kind for _ in range(10) for kind in reported_kinds(fed, DAY)] == []


def test_a_short_list_is_a_changed_shape_reported_once(fed: Watch) -> None:
    remember(fed, 2)
    says(fed, 9, 10)
    assert [reported_kinds(fed, HOUR) for _ in range(3)] == [[K.DRIFTED], [], []]
    state = fed.store.sources.get("state", fed.source.role)
    assert state.incident_detail == f"{FEED_URL}: 2 items, usually 10"
    says(fed, *range(1, 11))
    assert reported_kinds(fed, HOUR) == [K.RECOVERED]


def test_items_of_an_unusual_list_are_stored(fed: Watch) -> None:
    remember(fed, 2)
    says(fed, 20)
    assert [event.kind for event in fed.after(HOUR).events] == [K.PUBLISHED, K.DRIFTED]


def test_the_record_forgets(fed: Watch) -> None:
    remember(fed, 2)
    with fed.store.unit():
        assert fed.store.arrivals.forget(NOON - WEEK, NOON) == 167
    assert len(fed.store.arrivals.hours("state", LONG_AGO)) == 169
