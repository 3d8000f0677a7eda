"""Tests of SQLite's work for a poll, counted in instructions of its virtual machine."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from samples import FEED_URL, Piece, rss, source

from scraper.config.settings import Endpoint
from scraper.model import EndpointKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Watch

HOUR = timedelta(hours=1)
INSTRUCTIONS = 100  # per call of the handler


def steps(watch: Watch, run: Callable[[], object]) -> int:
    """Return the hundreds of instructions that SQLite runs."""
    calls = 0

    def count() -> int:
        nonlocal calls
        calls += 1
        return 0

    connection = watch.store.statements._db.conn
    assert connection is not None
    connection.set_progress_handler(count, INSTRUCTIONS)
    try:
        run()
    finally:
        connection.set_progress_handler(None, INSTRUCTIONS)
    return calls


def test_a_poll_costs_no_more_beside_many_stored_statements(watch: Watch) -> None:
    watch.source = source(endpoints=(Endpoint(kind=EndpointKind.FEED, url=FEED_URL),))

    def poll(numbers: range) -> int:
        pieces = [Piece(number, title=f"Readout {number} about lamps") for number in numbers]
        watch.site.says(FEED_URL, rss(*pieces, built=watch.clock.now() + HOUR))
        return steps(watch, lambda: watch.after(HOUR))

    poll(range(1, 21))
    new, known = poll(range(21, 31)), poll(range(21, 30))
    poll(range(100, 900))
    assert poll(range(901, 911)) < 1.5 * new
    assert poll(range(901, 910)) < 1.5 * known
