"""WARC captures and JSON Lines statements, each taken at its own time on the same way as a live poll."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from scraper import urls
from scraper.delivery import enqueue
from scraper.fetch.recorded import recorded_capture
from scraper.formats import Recordings, is_jsonl, lines
from scraper.model import Capture, EndpointKind, Item, Outcome, Reading, Role
from scraper.parsers.html_text import paragraphs_of_html
from scraper.pipeline import ingest_pages
from scraper.pipeline.ingest import Origin, ingest, read
from scraper.text.normalize import clean_block, paragraphs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from scraper.clock import Clock
    from scraper.config.settings import Settings, Source
    from scraper.formats import Line, Record
    from scraper.store import Store

# Enough that syncing the file is no cost, few enough that a kill costs little.
_UNIT_CAPTURES = 64
JSONL_PARSER = "jsonl"
# Clocks of machines that collect captures differ a little from ours.
_CLOCK_SKEW = timedelta(hours=1)


@dataclass(slots=True)
class ImportReport:
    """What an import found. `captures` and `stale` count what the files hold, `known` what of it was kept before.

    `statements` are those in the database afterwards; `published` and `events` what this import brought.
    """

    captures: int = 0
    known: int = 0
    stale: int = 0
    unread: int = 0
    statements: int = 0
    published: int = 0
    events: int = 0
    problems: list[str] = field(default_factory=list)


def import_files(
    paths: Sequence[Path],
    *,
    store: Store,
    settings: Settings,
    clock: Clock,
    alerts: bool = False,
    progress: Callable[[int, int | None], None] = lambda _done, _total: None,
) -> ImportReport:
    """Take in files: all WARC files together in the order of time, then JSON Lines in the order given.

    What is kept already changes nothing, so an import that was stopped is simply started again. With `alerts` the
    watches hear of what is found, each event at its own time; without, nobody does. `progress` hears how many captures
    are done, and of how many where that is known. Raises `InputError` for a file that cannot be used; what was taken
    before it stays.
    """
    report = ImportReport()
    intake = _Intake(store, settings, report, alerts, progress, clock.now() + _CLOCK_SKEW)
    warcs = [path for path in paths if not is_jsonl(path)]
    if warcs:
        with Recordings(warcs, settings.fetch.max_decoded_bytes) as recordings:
            intake.total = len(recordings)
            report.problems.extend(recordings.problems)
            for record in recordings:
                intake.add(_Waiting(*_recorded(record, settings)))
            intake.flush()
    intake.total = None
    for path in paths:
        if is_jsonl(path):
            try:
                for line in lines(path):
                    intake.add(_from_line(line, clock.now()))
            finally:
                intake.flush()
    intake.finish()
    report.statements = store.statements.count()
    return report


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A capture on its way to the store."""

    capture: Capture
    source: str
    role: Role
    kind: EndpointKind | None
    clock_url: str = ""
    reading: Reading | None = None


@dataclass(slots=True)
class _Intake:
    """Writes captures in units of some dozens."""

    store: Store
    settings: Settings
    report: ImportReport
    alerts: bool
    progress: Callable[[int, int | None], None]
    latest_at: datetime
    total: int | None = None
    waiting: list[_Waiting] = field(default_factory=list)
    newest_at: datetime | None = None
    pages_since: dict[str, datetime] = field(default_factory=dict)

    def add(self, waiting: _Waiting) -> None:
        """Let a capture wait for its unit; write the unit where it is full.

        One that claims to come from the future is left out: nothing seen after it would count.
        """
        if waiting.capture.captured_at > self.latest_at:
            self.report.captures += 1
            self.report.unread += 1
            at = waiting.capture.captured_at
            self.report.problems.append(f"{waiting.capture.url} of {at:%Y-%m-%d %H:%M:%S}: that is yet to come")
            return
        self.waiting.append(waiting)
        if len(self.waiting) >= _UNIT_CAPTURES:
            self.flush()

    def flush(self) -> None:
        """Write what waits as one unit."""
        if not self.waiting:
            return
        with self.store.unit():
            for waiting in self.waiting:
                self._take(waiting)
            self._file_alerts()
        self.waiting.clear()
        self.progress(self.report.captures, self.total)

    def _file_alerts(self) -> None:
        """Within a unit."""
        if self.alerts:
            enqueue.queue_alerts(self.store, self.settings)
        else:
            enqueue.skip_alerts(self.store)

    def _take(self, waiting: _Waiting) -> None:
        at = waiting.capture.captured_at
        where = f"{waiting.capture.url} of {at:%Y-%m-%d %H:%M:%S}"
        self.report.captures += 1
        self.newest_at = max(at, self.newest_at or at)
        if waiting.role is Role.MIRROR:
            since = self.pages_since.setdefault(waiting.source, at)
            self.pages_since[waiting.source] = min(at, since)
        before = self.store.captures.read_before(waiting.source, waiting.capture)
        if before is not None:
            # Reading it is most of the work, and an import that goes on where it was stopped has had that.
            stale, problems = before
            self.report.known += 1
            self.report.stale += stale
            self.report.problems.extend(f"{where}: {what}" for what in problems)
            return
        state = self.store.sources.get(waiting.source, waiting.role)
        reading, problem = waiting.reading, ""
        if reading is None:
            reading, problem = read(waiting.capture, waiting.kind)
        origin = Origin(waiting.source, waiting.role, first_fill=state.first_filled_at is None)
        if waiting.role is Role.MIRROR:
            self.report.events += len(ingest_pages.retrace(self.store, waiting.source, at).events)
        taken = ingest(self.store, origin, waiting.capture, reading, waiting.clock_url)
        self.report.known += not taken.is_new
        self.report.stale += taken.stale
        self.report.unread += reading is None
        self.report.published += taken.published
        self.report.events += len(taken.events)
        self.report.problems.extend(f"{where}: {what}" for what in (*taken.problems, *([problem] if problem else [])))
        if not taken.is_new or reading is None:
            return
        # A file of statements is the first fill as a whole, a list of a site when it is first seen.
        is_filled = reading.parser != JSONL_PARSER
        self.store.sources.save(
            replace(
                state,
                first_filled_at=state.first_filled_at or (at if is_filled else None),
                last_success_at=max(at, state.last_success_at or at),
                last_items=len(reading.items),
                serving=waiting.capture.url,
            )
        )

    def finish(self) -> None:
        """Compare pages with what State published after them, as their next run would; note that the sources that
        were filled from files of statements are filled now.
        """
        for state in self.store.sources.all():
            if state.role is Role.MIRROR and self.newest_at is not None:
                self._retrace(state.name, self.newest_at)
        with self.store.unit():
            for state in self.store.sources.all():
                if state.first_filled_at is None and state.last_success_at is not None:
                    self.store.sources.save(replace(state, first_filled_at=state.last_success_at))

    def _retrace(self, source: str, at: datetime) -> None:
        since = min(self.pages_since.get(source, at), at - ingest_pages.RETRACED_FOR)
        is_more = True
        while is_more:
            with self.store.unit():
                told = ingest_pages.retrace(self.store, source, at, since)
                self._file_alerts()
                self.report.events += len(told.events)
                is_more = told.is_more


def origin_of(url: str, settings: Settings) -> tuple[str, Role, EndpointKind | None]:
    """The configured source whose endpoint an address is, else one named after the host that it is on."""
    configured = _configured(url, settings.sources)
    if configured is not None:
        return configured
    name = urls.host(url)
    return name, role_of(name), None


def role_of(host: str) -> Role:
    """What a host nobody configured is to the statements on it."""
    if urls.is_archive(host):
        return Role.ARCHIVE
    return Role.CANONICAL if urls.is_state(host) else Role.MIRROR


def _configured(url: str, sources: Sequence[Source]) -> tuple[str, Role, EndpointKind | None] | None:
    for source in sources:
        for endpoint in source.endpoints:
            if urls.same(endpoint.url, url):
                return source.name, source.role, endpoint.kind
    return None


def _recorded(record: Record, settings: Settings) -> tuple[Capture, str, Role, EndpointKind | None, str]:
    source, role, kind = origin_of(record.url, settings)
    capture = recorded_capture(
        url=record.url,
        captured_at=record.captured_at,
        status=record.status,
        headers=record.headers,
        wire=record.body,
        is_cut=record.is_cut,
        kind=kind,
        max_bytes=settings.fetch.max_decoded_bytes,
    )
    return capture, source, role, kind, urls.canonical(record.url)


def _from_line(line: Line, now: datetime) -> _Waiting:
    at = line.captured_at or now
    body = (
        paragraphs_of_html(line.html)
        if line.html is not None
        else tuple(clean_block(p) for p in paragraphs(line.text or ""))
    )
    item = Item(
        line.url,
        line.title,
        line.guid,
        paragraphs=tuple(p for p in body if p),
        byline=line.byline,
        type=line.type,
        published_at=line.published_at,
        precision=line.precision,
        authority=line.authority,
    )
    headers = (("content-type", "application/json; charset=utf-8"),)
    capture = Capture(line.url, at, Outcome.OK, None, line.url, headers, line.raw, json.dumps(line.number))
    return _Waiting(capture, "import", Role.CANONICAL, None, "", Reading(JSONL_PARSER, (item,)))
