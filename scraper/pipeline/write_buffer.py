"""Write buffer of a run: holds captured readings until a transaction writes them to the store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scraper.delivery import enqueue
from scraper.model import EndpointKind, Outcome
from scraper.pipeline.ingest import IngestResult, Origin, RunProblem, ingest

if TYPE_CHECKING:
    from scraper.config.settings import Settings
    from scraper.model import Capture, Event, Reading
    from scraper.store import Store

# A backfill walk through years is written in several transactions, each far below the size of memory.
_UNIT_CAPTURES = 50
_UNIT_BYTES = 32_000_000


@dataclass(frozen=True, slots=True)
class CapturedReading:
    """A capture with its reading, or with the reason why there is none (`error`).

    `clock_url` is the URL of the endpoint whose clock the answer sets, empty for none. `origin` replaces that of
    the run if the URL belongs to another source.
    """

    capture: Capture
    kind: EndpointKind
    reading: Reading | None = None
    error: RunProblem | None = None
    clock_url: str = ""
    origin: Origin | None = None


@dataclass(slots=True)
class WriteBuffer:
    """Captured readings that wait to be written, and the totals of the run so far."""

    store: Store
    origin: Origin
    settings: Settings
    waiting: list[CapturedReading] = field(default_factory=list)
    captures: int = 0
    items: int = 0
    events: list[Event] = field(default_factory=list)
    problems: list[RunProblem] = field(default_factory=list)

    def add(self, captured: CapturedReading) -> None:
        """Append a captured reading; write all if 50 captures or 32 MB are waiting."""
        self.waiting.append(captured)
        if len(self.waiting) >= _UNIT_CAPTURES or sum(len(s.capture.body) for s in self.waiting) >= _UNIT_BYTES:
            with self.store.unit():
                self.write()
                enqueue.queue_alerts(self.store, self.settings)

    def write(self) -> None:
        """Write all waiting captures. The caller holds a transaction (`Store.unit`)."""
        for captured in self.waiting:
            result = self._ingest(captured)
            self.captures += 1
            self.events.extend(result.events)
            self.problems.extend(map(RunProblem, result.problems))
        self.waiting.clear()

    def _ingest(self, captured: CapturedReading) -> IngestResult:
        capture, reading = captured.capture, captured.reading
        result = ingest(self.store, captured.origin or self.origin, capture, reading, captured.clock_url)
        if capture.outcome is Outcome.NOT_MODIFIED:
            self.store.endpoints.count_unmodified(capture.url)
        elif captured.clock_url and reading is not None and not result.stale and not reading.problems:
            self.store.endpoints.remember_validators(capture)
        elif captured.clock_url:
            self.store.endpoints.forget_validators(capture.url)
        if reading is not None and captured.kind is not EndpointKind.PAGE:
            self.items += len(reading.items)
        return result
