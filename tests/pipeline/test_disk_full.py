"""Tests of a full disk: nothing is half written or marked as done, and the next run continues."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from samples import FEED_URL, Piece, rss, source

from scraper.config.settings import Endpoint
from scraper.errors import StoreFullError
from scraper.model import EndpointKind, EventKind

if TYPE_CHECKING:
    from pipeline.conftest import Watch

    from scraper.store import Store

HOUR = timedelta(hours=1)


def bound(store: Store, spare_pages: int) -> None:
    (pages,) = store.database.execute("PRAGMA page_count").fetchone()
    store.database.execute(f"PRAGMA max_page_count = {pages + spare_pages}")


def counts(store: Store) -> tuple[int, ...]:
    return (store.captures.count(), store.statements.count(), store.events.last_id(), store.outbox.queued_up_to())


@pytest.mark.parametrize("spare_pages", [0, 1, 3])
def test_a_run_on_a_full_disk_writes_nothing_and_the_next_one_has_it_all(watch: Watch, spare_pages: int) -> None:
    watch.source = source(endpoints=(Endpoint(kind=EndpointKind.FEED, url=FEED_URL),))
    watch.site.says(FEED_URL, rss(Piece(1)))
    watch.run()
    before, state = counts(watch.store), watch.store.sources.all()
    pieces = [Piece(number, body=tuple(f"Lamp {number} of {n} keepers." for n in range(200))) for number in range(2, 9)]
    watch.site.says(FEED_URL, rss(*pieces, built=watch.clock.now()))
    bound(watch.store, spare_pages)
    with pytest.raises(StoreFullError, match="is full") as error:
        watch.after(HOUR / 4)
    assert error.value.exit_code == 5
    assert (counts(watch.store), watch.store.sources.all()) == (before, state)
    bound(watch.store, 100_000)
    reported = [event.kind for event in watch.run().events]
    assert reported == [EventKind.PUBLISHED] * 7
