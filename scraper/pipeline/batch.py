"""Batches of captured readings, each of which one transaction stores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scraper.model import EndpointKind, Outcome
from scraper.pipeline import repeats
from scraper.pipeline.reading import RunProblem
from scraper.rules import baseline
from scraper.rules.repeats import is_settled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scraper.clock import Clock
    from scraper.model import Capture, Event, Reading
    from scraper.pipeline.ingest import IngestResult, Origin
    from scraper.store import Store
    from scraper.store.last_readings import LastReading

# A backfill walk through years is written in several transactions, each far below the size of memory. News does not
# wait long for pages that come slowly.
_MAX_CAPTURES = 50
_MAX_BYTES = 32_000_000
_MAX_AGE_S = 60.0


@dataclass(frozen=True, slots=True)
class CapturedReading:
    """A capture with its reading, or with the reason why there is none (`error`).

    `origin` is None for a list without news, of which only the capture of `source` is stored.
    `clock_url` is the URL of the endpoint whose clock the answer sets, empty for none. `is_listed`: it is a list of the
    source, or a page that such a list names. `last_reading` is that of a list with the same body, which is not read
    again. `key` is that of a list of which the same holds the next time, if its reading brings nothing more.
    """

    capture: Capture
    source: str
    origin: Origin | None
    kind: EndpointKind | None
    reading: Reading | None = None
    error: RunProblem | None = None
    clock_url: str = ""
    is_listed: bool = False
    last_reading: LastReading | None = None
    key: str = ""

    @property
    def tally(self) -> baseline.ItemTally | None:
        """Number of its items, read now or by the last reading; None if it could not be read."""
        if self.last_reading is not None:
            return self.last_reading.tally
        return baseline.tally(self.reading.items) if self.reading else None


@dataclass(frozen=True, slots=True)
class Batch:
    """Captured readings in the order of their requests: of a minute, 50, or 32 MB. Only the last is not full."""

    captured: tuple[CapturedReading, ...] = ()
    is_full: bool = False


@dataclass(frozen=True, slots=True)
class Committed:
    """Result of a batch that was written. `items` counts those of lists."""

    captures: int
    items: int
    events: tuple[Event, ...]
    problems: tuple[RunProblem, ...]


def batches(crawled: Iterable[CapturedReading], clock: Clock) -> Iterator[Batch]:
    """Group what a crawl yields into full batches and, at last, one of the rest, which may be empty."""
    waiting: list[CapturedReading] = []
    size, began_s = 0, clock.monotonic()
    for captured in crawled:
        waiting.append(captured)
        size += len(captured.capture.body)
        is_old = clock.monotonic() - began_s >= _MAX_AGE_S
        if is_old or len(waiting) >= _MAX_CAPTURES or size >= _MAX_BYTES:
            yield Batch(tuple(waiting), is_full=True)
            waiting.clear()
            size, began_s = 0, clock.monotonic()
    yield Batch(tuple(waiting))


def commit(store: Store, batch: Batch) -> Committed:
    """Store the captures of a batch and all that follows from them. The caller holds a transaction (`Store.unit`)."""
    results = [result for each in batch.captured if (result := _commit_one(store, each)) is not None]
    return Committed(
        len(batch.captured),
        sum(map(_listed_items, batch.captured)),
        tuple(event for result in results for event in result.events),
        tuple(RunProblem(problem) for result in results for problem in result.problems),
    )


def _listed_items(captured: CapturedReading) -> int:
    tally = captured.tally if captured.kind is not EndpointKind.PAGE else None
    return tally.items if tally else 0


def _commit_one(store: Store, captured: CapturedReading) -> IngestResult | None:
    capture, reading = captured.capture, captured.reading
    if captured.last_reading is not None:
        repeats.store_as_read(store, captured.source, capture, captured.last_reading)
        store.endpoints.remember_validators(capture)
        return None
    result = None
    if captured.origin is None:
        row = store.captures.add(captured.source, capture)
        if row is not None and reading is not None:
            store.captures.mark_read(
                row, parser=reading.parser, items=len(reading.items), stale=False, problems=reading.problems
            )
    else:
        from scraper.pipeline.ingest import ingest  # with all parsers and the matcher, for news only

        if captured.clock_url and reading is not None:
            store.last_readings.forget(capture.url)
        result = ingest(store, captured.origin, capture, reading, captured.clock_url, is_listed=captured.is_listed)
    if capture.outcome is Outcome.NOT_MODIFIED:
        store.endpoints.count_unmodified(capture.url)
        if captured.kind is EndpointKind.PAGE:
            repeats.note_unmodified(store, capture)
    elif captured.clock_url and reading is not None and not (result and result.stale) and not reading.problems:
        store.endpoints.remember_validators(capture)
        is_remembered = (
            captured.key
            and result
            and not result.problems
            and is_settled(reading, result.events, capture.captured_at)
            and repeats.remember(store, capture, captured.key, reading, captured.clock_url)
        )
        if captured.kind is EndpointKind.PAGE and not is_remembered:
            # Nothing but the next full answer confirms an edit: a cache may have shown an old page.
            store.endpoints.forget_validators(capture.url)
    elif captured.clock_url:
        store.endpoints.forget_validators(capture.url)
    return result
