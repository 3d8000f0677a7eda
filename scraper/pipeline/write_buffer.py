"""What a run has fetched and not yet written: captures wait here for their unit of work."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scraper.delivery import enqueue
from scraper.model import EndpointKind, Outcome
from scraper.pipeline.ingest import IngestResult, Origin, ingest

if TYPE_CHECKING:
    from scraper.config.settings import Settings
    from scraper.model import Capture, Event, Reading
    from scraper.store import Store

# A walk through years is cut into several units; each is far from what memory holds.
_UNIT_CAPTURES = 50
_UNIT_BYTES = 32_000_000


@dataclass(frozen=True, slots=True)
class CapturedReading:
    """A capture on its way to the store, with what was read in it, or why nothing was (`error`).

    `clock_url` names the endpoint whose clock the answer sets, empty for none. `origin` replaces that of the
    run, where what was asked belongs to another source.
    """

    capture: Capture
    kind: EndpointKind
    reading: Reading | None = None
    error: str = ""
    clock_url: str = ""
    origin: Origin | None = None


@dataclass(slots=True)
class WriteBuffer:
    """What waits to be written, and what one run has written so far."""

    store: Store
    origin: Origin
    settings: Settings
    waiting: list[CapturedReading] = field(default_factory=list)
    captures: int = 0
    items: int = 0
    events: list[Event] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def add(self, sight: CapturedReading) -> None:
        """Let a capture wait; write all that waits where it has become much."""
        self.waiting.append(sight)
        if len(self.waiting) >= _UNIT_CAPTURES or sum(len(s.capture.body) for s in self.waiting) >= _UNIT_BYTES:
            with self.store.unit():
                self.write()
                enqueue.queue_alerts(self.store, self.settings)

    def write(self) -> None:
        """Write what waits. Within a unit."""
        for sight in self.waiting:
            taken = self._take(sight)
            self.captures += 1
            self.events.extend(taken.events)
            self.problems.extend(taken.problems)
        self.waiting.clear()

    def _take(self, sight: CapturedReading) -> IngestResult:
        capture, reading = sight.capture, sight.reading
        taken = ingest(self.store, sight.origin or self.origin, capture, reading, sight.clock_url)
        if capture.outcome is Outcome.NOT_MODIFIED:
            self.store.endpoints.count_unmodified(capture.url)
        elif sight.clock_url and reading is not None and not taken.stale and not reading.problems:
            self.store.endpoints.remember_validators(capture)
        elif sight.clock_url:
            self.store.endpoints.forget_validators(capture.url)
        if reading is not None and sight.kind is not EndpointKind.PAGE:
            self.items += len(reading.items)
        return taken
