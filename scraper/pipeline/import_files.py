"""Import of WARC files, evidence bundles and JSON Lines: ingests each capture as a poll would have at its time."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from scraper import urls
from scraper.delivery import enqueue
from scraper.formats.jsonl import is_jsonl, lines
from scraper.formats.wacz_check import facts_of, indexed_keys, is_bundle, opened, record_in
from scraper.formats.warc import Recordings
from scraper.model import AUTHORITY, Capture, EndpointKind, Item, Outcome, Reading, Role
from scraper.parsers.html_text import read_html
from scraper.pipeline import ingest_pages
from scraper.pipeline.ingest import Origin, ingest
from scraper.pipeline.origin import is_by_host, is_own, origin_of
from scraper.pipeline.reading import RunProblem, try_read
from scraper.pipeline.recorded import capture_of
from scraper.rules import state_hosts, untrusted
from scraper.store import evidence
from scraper.text.normalize import clean_block, paragraphs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from scraper.clock import Clock
    from scraper.config.settings import Settings
    from scraper.formats.jsonl import JsonlStatement
    from scraper.formats.warc import WarcRecord
    from scraper.store import Store

# Enough to make the cost of a disk sync negligible, few enough to lose little if the process is killed.
_UNIT_CAPTURES = 64
# A line of JSON is one statement; each transaction writes most pages of the index of fingerprints again.
_UNIT_LINES = 1_000
_UNIT_BYTES = 32_000_000
JSONL_PARSER = "jsonl"
# Tolerance for the clocks of the machines that recorded the captures.
_CLOCK_SKEW = timedelta(hours=1)


@dataclass(slots=True)
class ImportReport:
    """Totals of an import. Each of the `captures` in the files is `new`, `known` from before, or `skipped` (by reason).

    `stale` and `unread` count those that are older than what was known, and that no parser reads. `statements` counts
    those in the database afterwards; `published` and `events` are those of this import.
    """

    captures: int = 0
    new: int = 0
    known: int = 0
    stale: int = 0
    unread: int = 0
    statements: int = 0
    published: int = 0
    events: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def skip(self, reason: str) -> None:
        """Count a new capture from which nothing is read."""
        self.unread += 1
        self.skipped[reason] = self.skipped.get(reason, 0) + 1


def import_files(
    paths: Sequence[Path],
    *,
    store: Store,
    settings: Settings,
    clock: Clock,
    alerts: bool = False,
    progress: Callable[[int, int | None], None] = lambda _done, _total: None,
) -> ImportReport:
    """Import files: all WARC files together in the order of time, then JSON Lines files in the order given.

    Stored captures change nothing, so an interrupted import can be started again. With `alerts`, events are queued for
    the watches, each at its own time; without, they cause no alerts. `progress` receives the number of captures that
    are done, and the total if that is known. Raise `InputError` for a file that cannot be used; captures that were
    stored before it stay.
    """
    report = ImportReport()
    importer = _Importer(store, settings, report, alerts, progress, clock.now() + _CLOCK_SKEW)
    warcs = [path for path in paths if not is_jsonl(path)]
    if warcs:
        with Recordings(warcs, settings.fetch.max_decoded_bytes) as recordings:
            importer.total = len(recordings)
            report.problems.extend(recordings.problems)
            for record in recordings:
                importer.add_record(record)
            importer.flush()
    importer.total = None
    for path in paths:
        if is_jsonl(path):
            try:
                for line in lines(path):
                    importer.add(_from_line(line, clock.now()), _UNIT_LINES)
            finally:
                importer.flush()
    importer.finish()
    for path in filter(is_bundle, paths):
        _keep_evidence(path, store)
    report.statements = store.statements.count()
    return report


@dataclass(slots=True)
class _Waiting:
    """A capture that waits to be stored. `reading` is None until it is parsed, and if it cannot be read."""

    capture: Capture
    source: str
    role: Role
    kind: EndpointKind | None
    clock_url: str = ""
    reading: Reading | None = None

    @property
    def is_by_host(self) -> bool:
        """True if only the host of its URL gave it its role."""
        return is_by_host(self.capture.url, self.role, self.kind)


@dataclass(slots=True)
class _Importer:
    """Importer of captures in transactions."""

    store: Store
    settings: Settings
    report: ImportReport
    alerts: bool
    progress: Callable[[int, int | None], None]
    latest_at: datetime
    total: int | None = None
    waiting: list[_Waiting] = field(default_factory=list)
    size: int = 0
    newest_at: datetime | None = None
    pages_since: dict[str, datetime] = field(default_factory=dict)

    def add_record(self, record: WarcRecord) -> None:
        """Append a capture of a WARC file, unless its URL names no web server: it says whose the text is."""
        if urls.is_http(record.url):
            self.add(_Waiting(*_recorded(record, self.settings)))
            return
        self.report.captures += 1
        self.report.skip("of no web server")
        self.report.problems.append(f"{record.url}: not an http or https URL, so the record was not read")

    def add(self, waiting: _Waiting, at_most: int = _UNIT_CAPTURES) -> None:
        """Append a capture; write all waiting captures if there are enough for a transaction.

        A capture with a time in the future is skipped: it would make all later captures stale.
        """
        if waiting.capture.captured_at > self.latest_at:
            self.report.captures += 1
            self.report.skip("with a time in the future")
            at = waiting.capture.captured_at
            self.report.problems.append(f"{waiting.capture.url} of {at:%Y-%m-%d %H:%M:%S}: this time is in the future")
            return
        self.waiting.append(waiting)
        self.size += len(waiting.capture.body)
        if len(self.waiting) >= at_most or self.size >= _UNIT_BYTES:
            self.flush()

    def flush(self) -> None:
        """Parse all waiting captures that are new, and write all in one transaction."""
        if not self.waiting:
            return
        # A transaction locks the database for other processes, and parsing is most of the work.
        problems = [self._parse(waiting) for waiting in self.waiting]
        with self.store.unit():
            for waiting, problem in zip(self.waiting, problems, strict=True):
                self._ingest(waiting, problem)
            self._queue_alerts()
        self.waiting.clear()
        self.size = 0
        self.progress(self.report.captures, self.total)

    def _queue_alerts(self) -> None:
        """Queue alerts, or skip them. The caller holds a transaction (`Store.unit`)."""
        if self.alerts:
            enqueue.queue_alerts(self.store, self.settings)
        else:
            enqueue.skip_alerts(self.store)

    def _parse(self, waiting: _Waiting) -> RunProblem | None:
        """Parse a capture unless an import that was interrupted has done it; return why it cannot be read."""
        if waiting.reading is not None or self.store.captures.read_before(waiting.source, waiting.capture) is not None:
            return None
        waiting.reading, problem = try_read(waiting.capture, waiting.kind, waiting.role)
        url = waiting.capture.url
        if waiting.reading and waiting.is_by_host and not is_own(waiting.reading.items, url):
            waiting.source, waiting.role = urls.host_key(url), Role.MIRROR
            waiting.reading, problem = try_read(waiting.capture, waiting.kind, waiting.role)
        return problem

    def _ingest(self, waiting: _Waiting, problem: RunProblem | None) -> None:
        at = waiting.capture.captured_at
        label = f"{waiting.capture.url} of {at:%Y-%m-%d %H:%M:%S}"
        self.report.captures += 1
        self.newest_at = max(at, self.newest_at or at)
        if waiting.role is Role.MIRROR:
            since = self.pages_since.setdefault(waiting.source, at)
            self.pages_since[waiting.source] = min(at, since)
        before = self.store.captures.read_before(waiting.source, waiting.capture)
        if before is not None:
            stale, problems = before
            self.report.known += 1
            self.report.stale += stale
            self.report.problems.extend(f"{label}: {each}" for each in problems)
            return
        state = self.store.sources.get(waiting.source, waiting.role)
        reading = waiting.reading
        # No source watches another system of the Department unless it is configured, so its pages are no news.
        other = state_hosts.namespace(waiting.capture.url) not in {None, AUTHORITY}
        is_unwatched = other and waiting.source == urls.host_key(waiting.capture.url)
        origin = Origin(
            waiting.source,
            waiting.role,
            first_fill=state.first_filled_at is None or is_unwatched,
            only_site=state_hosts.site_of(waiting.capture.url) if waiting.is_by_host else None,
        )
        if waiting.role is Role.MIRROR:
            self.report.events += len(ingest_pages.retrace(self.store, waiting.source, at).events)
        is_listed = waiting.kind not in {None, EndpointKind.PAGE}
        result = ingest(self.store, origin, waiting.capture, reading, waiting.clock_url, is_listed=is_listed)
        self.report.known += not result.is_new
        self.report.stale += result.stale
        if result.is_new and reading is None:
            self.report.skip("not readable")
        else:
            self.report.new += result.is_new
            self.report.unread += reading is None
        self.report.published += result.published
        self.report.events += len(result.events)
        self.report.problems.extend(f"{label}: {each}" for each in (*result.problems, *([problem] if problem else [])))
        if not result.is_new or reading is None:
            return
        # All of a JSON Lines file belongs to the first fill; for a site's list, only its first capture does.
        is_filled = reading.parser != JSONL_PARSER
        if is_filled and not is_listed and waiting.source != urls.host_key(waiting.capture.url):
            return  # a page does not show that the lists of its configured source were read
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
        """Retrace the pages of mirrors, as their next run would, and mark sources of JSON Lines files as filled."""
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
                retraced = ingest_pages.retrace(self.store, source, at, since)
                self._queue_alerts()
                self.report.events += len(retraced.events)
                is_more = retraced.is_more


def _keep_evidence(path: Path, store: Store) -> None:
    """Record which of the imported responses a bundle has of its statement and page, so that its next export has them.

    A bundle cannot name others: only responses of its own index count.
    """
    with opened(path) as bundle:
        facts = facts_of(bundle)
        own = indexed_keys(bundle)
        record = record_in(bundle)
    statement = store.statements.by_guid(facts.statement[1]) if facts.statement else None
    if statement is not None and facts.statement and statement.authority != facts.statement[0]:
        statement = None
    page = store.pages.by_url(facts.page) if facts.page else None
    with store.unit():
        if record is not None:
            store.evidence.keep_record(*record)
        for name, part in ((evidence.STATEMENT, statement), (evidence.PAGE, page)):
            if part is not None:
                keys = (key for key, names in facts.responses if name in names and key in own)
                store.evidence.keep_imported(name, part.id, keys)


def _recorded(record: WarcRecord, settings: Settings) -> tuple[Capture, str, Role, EndpointKind | None, str]:
    source, role, kind = origin_of(record.url, settings)
    capture = capture_of(record, kind=kind, max_bytes=settings.fetch.max_decoded_bytes)
    return capture, source, role, kind, urls.canonical(record.url)


def _from_line(line: JsonlStatement, now: datetime) -> _Waiting:
    at = line.captured_at or now
    body = (
        read_html(line.html).paragraphs
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
    reading = untrusted.clean_reading(Reading(JSONL_PARSER, (item,), problems=tuple(filter(None, [line.problem]))))
    return _Waiting(untrusted.clean_capture(capture), "import", Role.CANONICAL, None, "", reading)
