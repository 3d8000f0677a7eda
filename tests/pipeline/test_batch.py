"""Tests of batches of a crawl: bounded, in order, and committed before the crawl continues."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from samples import FEED_URL, NOON

from scraper.model import Capture, EndpointKind, Outcome, Role
from scraper.pipeline.batch import Batch, CapturedReading, batches
from scraper.pipeline.ingest import Origin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scraper.clock import SimulatedClock

ORIGIN = Origin("state", Role.CANONICAL)


def captured(size: int = 0) -> CapturedReading:
    capture = Capture(FEED_URL, NOON, Outcome.OK, 200, FEED_URL, (), b"x" * size)
    return CapturedReading(capture, ORIGIN.source, ORIGIN, EndpointKind.PAGE)


@pytest.mark.parametrize(("number", "sizes"), [(0, [0]), (49, [49]), (50, [50, 0]), (120, [50, 50, 20])])
def test_a_batch_has_at_most_fifty_captures_and_the_last_is_the_rest(
    number: int, sizes: list[int], clock: SimulatedClock
) -> None:
    crawled = [captured() for _ in range(number)]
    made = list(batches(crawled, clock))
    assert [len(batch.captured) for batch in made] == sizes
    assert [batch.is_full for batch in made] == [True] * (len(sizes) - 1) + [False]
    assert [each for batch in made for each in batch.captured] == crawled


def test_a_batch_ends_with_the_capture_that_makes_it_32_megabytes(clock: SimulatedClock) -> None:
    made = list(batches([captured(12_000_000), captured(12_000_000), captured(8_000_000), captured(1)], clock))
    assert [len(batch.captured) for batch in made] == [3, 1]
    assert [batch.is_full for batch in made] == [True, False]


def test_a_crawl_goes_on_only_after_its_full_batch_is_taken(clock: SimulatedClock) -> None:
    crawled = 0

    def crawl() -> Iterator[CapturedReading]:
        nonlocal crawled
        for _ in range(60):
            crawled += 1
            yield captured()

    made = batches(crawl(), clock)
    first: Batch = next(made)
    assert (len(first.captured), crawled) == (50, 50)
    assert (len(next(made).captured), crawled) == (10, 60)


def test_a_batch_ends_after_a_minute_so_that_news_does_not_wait_for_slow_pages(clock: SimulatedClock) -> None:
    def crawl() -> Iterator[CapturedReading]:
        for _ in range(5):
            clock.sleep(25)
            yield captured()

    assert [len(batch.captured) for batch in batches(crawl(), clock)] == [3, 2]
