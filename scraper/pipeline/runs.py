"""One run of a source: its endpoints in order of preference until one serves, then pages and looks that are due."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from scraper import health, identity, schedule, sites, withdrawal
from scraper.errors import ParseError
from scraper.model import Event, EventKind, Kind, Outcome, Request, Role
from scraper.pipeline.intake import Origin, Taken, is_known, take

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from scraper.clock import Clock
    from scraper.config import Endpoint, FetchSettings, Source
    from scraper.fetch import Fetcher
    from scraper.model import Capture, Item, Reading
    from scraper.store import SourceState, Store
    from scraper.store.checks import DueCheck

# Looks at statements' own addresses in one run: at five seconds each, a run stays under a minute.
CHECKS_PER_RUN = 10
# A look that told nothing (blocked, timed out) is repeated after this many of the source's intervals.
_RETRY_INTERVALS = 4
# What is fetched waits in memory for its unit of work; a walk through years is cut into several.
_UNIT_CAPTURES = 50
_UNIT_BYTES = 32_000_000


@dataclass(frozen=True, slots=True)
class RunReport:
    """What one run of a source did. `served_by` is the endpoint that gave the answer, None when none did."""

    source: str
    at: datetime
    served_by: str | None
    attempts: tuple[health.Attempt, ...]
    captures: int
    items: int
    events: tuple[Event, ...]
    problems: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether some endpoint gave what was asked for, or the host asked us to come later."""
        return self.served_by is not None or any(attempt.is_postponed for attempt in self.attempts)


@dataclass(frozen=True, slots=True)
class _Sight:
    """A capture on its way to the store, with what was read in it."""

    capture: Capture
    reading: Reading | None = None
    clock_url: str = ""
    kind: Kind = Kind.PAGE


@dataclass(slots=True)
class _Ledger:
    """What a run has fetched and not yet written, and what it has written."""

    store: Store
    origin: Origin
    waiting: list[_Sight] = field(default_factory=list)
    captures: int = 0
    items: int = 0
    events: list[Event] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def add(self, sight: _Sight) -> None:
        """Let a capture wait; write all that waits where it has become much."""
        self.waiting.append(sight)
        if len(self.waiting) >= _UNIT_CAPTURES or sum(len(s.capture.body) for s in self.waiting) >= _UNIT_BYTES:
            with self.store.unit():
                self.write()

    def write(self) -> None:
        """Write what waits. Within a unit."""
        for sight in self.waiting:
            taken = self._take(sight)
            self.captures += 1
            self.events.extend(taken.events)
            self.problems.extend(taken.problems)
        self.waiting.clear()

    def _take(self, sight: _Sight) -> Taken:
        capture, reading = sight.capture, sight.reading
        taken = take(self.store, self.origin, capture, reading, sight.clock_url)
        if capture.outcome is Outcome.NOT_MODIFIED:
            self.store.endpoints.count_unmodified(capture.url)
        elif sight.clock_url and reading is not None and not taken.stale and not reading.problems:
            self.store.endpoints.remember_validators(capture)
        elif sight.clock_url:
            self.store.endpoints.forget_validators(capture.url)
        if reading is not None and sight.kind is not Kind.PAGE:
            self.items += len(reading.items)
        return taken


def run_source(
    source: Source,
    *,
    store: Store,
    fetcher: Fetcher,
    clock: Clock,
    settings: FetchSettings,
    since: datetime | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> RunReport:
    """Ask a source once and write all that it brings: statements, revisions, events, its own state.

    `since` walks its past instead of its present. `progress` hears of each address before it is asked.
    """
    at = clock.now()
    state = store.sources.get(source.name, source.role)
    ledger = _Ledger(store, Origin(source.name, source.role, first_fill=state.first_filled_at is None))
    run = _Run(source, store, fetcher, settings, ledger, since, progress)
    attempts: list[health.Attempt] = []
    served_by = None
    for endpoint in source.endpoints:
        attempts.append(run.ask(endpoint))
        if attempts[-1].is_good:
            served_by = endpoint.url
            break
    looks = [run.look(due, clock.now()) for due in run.due_looks(at)] if served_by else []
    with store.unit():
        ledger.write()
        for look in looks:
            _write_look(store, look, ledger)
        verdict = health.judge(source.name, attempts, at, _incident(state), state.failures)
        store.events.add(verdict.events)
        store.sources.save(_after(state, source, verdict, at, served_by, ledger.items))
    return RunReport(
        source.name,
        at,
        served_by,
        tuple(attempts),
        ledger.captures,
        ledger.items,
        (*ledger.events, *verdict.events),
        tuple(ledger.problems),
    )


@dataclass(frozen=True, slots=True)
class _Look:
    """A look at a statement's own address: what it means, and when the next one is due."""

    due: DueCheck
    check: withdrawal.Check
    at: datetime
    next_at: datetime
    events: tuple[Event, ...]


@dataclass(slots=True)
class _Run:
    """The fetching half of a run: nothing here writes but through the ledger."""

    source: Source
    store: Store
    fetcher: Fetcher
    settings: FetchSettings
    ledger: _Ledger
    since: datetime | None
    progress: Callable[[str], None]

    def ask(self, endpoint: Endpoint) -> health.Attempt:
        """Ask one endpoint, page by page as far as there is news, then the pages that it only names."""
        attempt: health.Attempt | None = None
        named: list[Item] = []
        for sight, error in self._lists(endpoint):
            self.ledger.add(sight)
            if attempt is None:
                attempt = _attempt(endpoint, sight, error)
            elif error or sight.capture.outcome is not Outcome.OK:
                self.ledger.problems.append(f"{sight.capture.url}: {error or sight.capture.detail}")
            if sight.reading is not None and self.source.role is not Role.MIRROR:
                named.extend(i for i in sight.reading.items if i.paragraphs is None)
        unread = [item for item in named if self._is_wanted(item)]
        for item in unread[: self.settings.max_pages_per_run]:
            self.ledger.add(self._page(item.url))
        if len(unread) > self.settings.max_pages_per_run:
            left = len(unread) - self.settings.max_pages_per_run
            self.ledger.problems.append(f"{endpoint.url}: {left} more pages wait for the next run")
        assert attempt is not None  # noqa: S101 - an endpoint gives at least one answer
        return attempt

    def _lists(self, endpoint: Endpoint) -> Iterator[tuple[_Sight, str]]:
        """The answers of an endpoint, each with what was wrong in reading it.

        The next page is asked for only while a page brought nothing but news (it may have overflowed),
        or in a walk through the past; never in the first fill, which begins with the present.
        """
        url: str | None = sites.first_url(endpoint.kind, endpoint.url, since=self.since)
        waiting: list[str] = []
        asked: set[str] = set()
        is_first = True
        while url is not None and len(asked) < self.settings.max_pages_per_run:
            asked.add(url)
            sight, error = self._list(endpoint, url, is_first=is_first)
            is_first = False
            yield sight, error
            if sight.reading is None:
                return
            if endpoint.kind is Kind.SITEMAP:
                waiting += [child for child in sites.children(sight.capture) if child not in asked]
                url = waiting.pop(0) if waiting else None
                continue
            following = sight.reading.next_url
            url = following if following not in asked and self._goes_on(sight.reading) else None

    def _goes_on(self, reading: Reading) -> bool:
        if self.since is not None:
            dates = [item.published_at for item in reading.items if item.published_at]
            return not dates or min(dates) >= self.since
        if self.ledger.origin.first_fill or self.source.role is Role.MIRROR:
            return False
        return bool(reading.items) and not any(is_known(self.store, item) for item in reading.items)

    def _list(self, endpoint: Endpoint, url: str, *, is_first: bool) -> tuple[_Sight, str]:
        validators = self.store.endpoints.validators(url) if is_first and self.since is None else None
        self.progress(url)
        capture = self.fetcher.get(
            Request(
                url,
                endpoint.kind,
                self.source.allowed_hosts,
                validators.etag if validators else None,
                validators.last_modified if validators else None,
                self.settings.max_sitemap_bytes if endpoint.kind is Kind.SITEMAP else None,
            )
        )
        # Only the first page of the present has a clock: what stands on later ones moves there as news comes.
        clock_url = endpoint.url if is_first and self.since is None else ""
        reading, error = _read(capture, endpoint.kind)
        return _Sight(capture, reading, clock_url, endpoint.kind), error

    def _page(self, url: str) -> _Sight:
        self.progress(url)
        capture = self.fetcher.get(Request(url, Kind.PAGE, self.source.allowed_hosts))
        reading, error = _read(capture, Kind.PAGE)
        if error:
            self.ledger.problems.append(f"{url}: {error}")
        return _Sight(capture, reading)

    def _is_wanted(self, item: Item) -> bool:
        if self.since is not None and item.published_at is not None and item.published_at < self.since:
            return False
        return not is_known(self.store, item)

    def due_looks(self, at: datetime) -> list[DueCheck]:
        """Statements of this source whose own address is due for a look."""
        if self.since is not None or self.source.role is Role.MIRROR:
            return []
        return self.store.checks.due(self.source.name, at, CHECKS_PER_RUN)

    def look(self, due: DueCheck, at: datetime) -> _Look:
        """Look at a statement's own address."""
        statement = self.store.statements.by_id(due.statement)
        if statement is None:
            raise LookupError(f"no statement {due.statement}")
        sight = self._page(statement.url)
        if sight.reading is not None and not any(identity.identify(item, [statement]) for item in sight.reading.items):
            # Another statement stands there by now, or a page that we cannot read: no proof of anything.
            sight = replace(sight, reading=None)
            outcome = Outcome.ERROR_PAGE
        else:
            outcome = sight.capture.outcome
        self.ledger.add(sight)
        check, events = withdrawal.judge_check(statement, due.check, outcome, at, self.source.name)
        if check.missing_since is not None:
            next_at = schedule.confirm_recheck(check.missing_since, check.misses, at)
        elif outcome in {Outcome.OK, Outcome.NOT_MODIFIED}:
            next_at = schedule.next_recheck(statement.first_seen_at, at)
        else:
            next_at = at + self.source.every * _RETRY_INTERVALS
        return _Look(due, check, at, next_at, events)


def _read(capture: Capture, kind: Kind) -> tuple[Reading | None, str]:
    """What stands in a capture, or why that cannot be said."""
    if capture.outcome is not Outcome.OK:
        return None, "" if capture.outcome is Outcome.NOT_MODIFIED else capture.detail or capture.outcome.value
    try:
        return sites.read(capture, kind), ""
    except ParseError as error:
        return None, str(error)


def _attempt(endpoint: Endpoint, sight: _Sight, error: str) -> health.Attempt:
    drifted = sight.capture.outcome is Outcome.OK and sight.reading is None
    return health.Attempt(endpoint.url, sight.capture.outcome, error, drifted)


def _write_look(store: Store, look: _Look, ledger: _Ledger) -> None:
    store.checks.save(look.due.statement, look.check, look.next_at, look.at)
    for event in look.events:
        if event.kind is EventKind.WITHDRAWN and event.statement is not None:
            store.checks.withdraw(event.statement)
    store.events.add(look.events)
    ledger.events.extend(look.events)


def _incident(state: SourceState) -> health.Incident | None:
    if state.incident is None or state.incident_since_at is None:
        return None
    return health.Incident(EventKind(state.incident), state.incident_since_at, state.incident_detail or "")


def _after(
    state: SourceState, source: Source, verdict: health.Verdict, at: datetime, served_by: str | None, items: int
) -> SourceState:
    incident = verdict.incident
    # Jitter spreads load; nothing secret hangs on it.
    due = schedule.next_due(at, source.every, random.random())  # noqa: S311
    state = replace(
        state,
        role=source.role,
        last_attempt_at=at,
        failures=verdict.failures,
        incident=incident.kind.value if incident else None,
        incident_since_at=incident.since if incident else None,
        incident_detail=incident.detail if incident else None,
        next_due_at=due,
    )
    if served_by is None:
        return state
    return replace(
        state,
        first_filled_at=state.first_filled_at or at,
        last_success_at=at,
        last_items=items if items else state.last_items,
        serving=served_by,
    )
