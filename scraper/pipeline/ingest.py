"""Ingest of a capture: stores it with the statements, revisions and events that follow, for a poll, a file or a URL."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from scraper import parsers
from scraper.model import EventKind, Role
from scraper.pipeline import ingest_pages
from scraper.pipeline.ingest_items import Origin, ingest_item
from scraper.pipeline.reread import EarlierAnswer
from scraper.rules import identity
from scraper.rules.statement_history import ItemObservation

if TYPE_CHECKING:
    from datetime import datetime

    from scraper.model import Capture, Event, Item, Reading
    from scraper.store import Store

__all__ = ["IngestResult", "Origin", "ingest"]

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class IngestResult:
    """Result of the ingest of one capture. `is_new` is False if it was stored already; then it changes nothing."""

    is_new: bool
    stale: bool = False
    published: int = 0
    events: tuple[Event, ...] = ()
    problems: tuple[str, ...] = ()


def ingest(
    store: Store,
    origin: Origin,
    capture: Capture,
    reading: Reading | None,
    clock_url: str = "",
    *,
    is_listed: bool = False,
) -> IngestResult:
    """Store a capture and all changes that its items cause. The caller holds a transaction (`Store.unit`).

    `reading` is None for a capture that could not be read, or must not be. `clock_url` is the endpoint whose own
    clock decides staleness; empty for answers without one, such as pages. `is_listed`: the capture is a list of the
    source, or a page that such a list names.
    """
    row = store.captures.add(origin.source, capture)
    if row is None:
        return IngestResult(False)
    if reading is None:
        events = ingest_pages.ingest_unread(store, capture) if origin.role is Role.MIRROR else []
        return IngestResult(True, events=store.events.add(events))
    poll = _poll(store, origin, capture, reading, clock_url)
    events = []
    problems = list(reading.problems)
    if origin.role is Role.MIRROR:
        found, page_problems = ingest_pages.ingest_pages(
            store, poll, capture, reading, watched_since=origin.watched_since, only_carriers=origin.only_carriers
        )
        events.extend(found)
        problems.extend(page_problems)
    else:
        # Lists begin with the newest; events are stored in the order of publication.
        earlier = EarlierAnswer(store, capture, reading.parser, origin.role)
        answer = identity.without_shared(_with_absences(reading))
        for item in sorted(answer.items, key=lambda item: item.published_at or capture.captured_at):
            is_shared = answer.is_shared(item.url)
            item_events, problem = ingest_item(
                store, item, origin, poll, earlier, is_url_shared=is_shared, is_listed=is_listed
            )
            events.extend(item_events)
            problems.extend([problem] if problem else [])
    stored = store.events.add(events)
    store.captures.mark_read(
        row, parser=reading.parser, items=len(reading.items), stale=poll.stale, problems=tuple(problems)
    )
    published = sum(event.kind is EventKind.PUBLISHED for event in events)
    return IngestResult(True, poll.stale, published, stored, tuple(problems))


def _poll(store: Store, origin: Origin, capture: Capture, reading: Reading, clock_url: str) -> ItemObservation:
    """Compare the clock of an answer with the newest one of its endpoint, and store it if it is newer."""
    clock = _past(reading.clock, capture) if clock_url else None
    newest = store.endpoints.clock(clock_url) if clock_url else None
    is_ahead = newest is not None and newest > capture.captured_at
    if is_ahead and store.captures.last_answer(capture.url, capture.captured_at + _SECOND)[0] is None:
        newest = _past(newest, capture)  # of a capture that is imported late, the future is known
    progressed = clock is not None and (newest is None or clock > newest)
    if progressed and clock:
        store.endpoints.set_clock(clock_url, clock)
    return ItemObservation(
        origin.source,
        origin.role,
        reading.parser,
        capture.captured_at,
        stale=bool(clock and newest and clock < newest),
        progressed=progressed,
        first_fill=origin.first_fill,
        clock=clock,
        version=parsers.VERSION,
        standing=origin.recheck_after is not None,
    )


def _past(clock: datetime | None, capture: Capture) -> datetime | None:
    """Return a clock, or None if it lies in the future of a capture: that is a mistake, and would make all stale."""
    return None if clock and clock > capture.captured_at else clock


def _with_absences(reading: Reading) -> list[Item]:
    """Return the items of a reading; in a list without any text, the absence of one says nothing."""
    is_textless = len(reading.items) > 1 and not any(item.paragraphs for item in reading.items)
    return [replace(item, absence=None) if is_textless and item.absence else item for item in reading.items]
