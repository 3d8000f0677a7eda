"""One run of a source: crawls endpoints in order of preference until one serves, then does the due rechecks."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scraper.delivery import enqueue
from scraper.model import EventKind, Outcome, Role
from scraper.pipeline import ingest_pages, recheck
from scraper.pipeline.crawl import SourceCrawl
from scraper.pipeline.crawl_mirror import MirrorCrawl
from scraper.pipeline.ingest import Origin, RunProblem
from scraper.pipeline.write_buffer import WriteBuffer
from scraper.rules import baseline, schedule, source_health
from scraper.rules.baseline import HISTORY
from scraper.rules.source_health import Anomalies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from scraper.clock import Clock
    from scraper.config.settings import Settings, Source
    from scraper.fetch import Fetcher
    from scraper.model import Event
    from scraper.pipeline.recheck import RecheckResult
    from scraper.rules.source_health import EndpointAttempt
    from scraper.store import SourceState, Store


@dataclass(frozen=True, slots=True)
class RunReport:
    """Result of one run of a source. `served_by` is the URL of the endpoint that served, None if all failed."""

    source: str
    at: datetime
    served_by: str | None
    attempts: tuple[EndpointAttempt, ...]
    captures: int
    items: int
    events: tuple[Event, ...]
    problems: tuple[RunProblem, ...] = ()

    @property
    def is_good(self) -> bool:
        """True if an endpoint served, or a host asked the monitor to come back later."""
        return self.served_by is not None or any(attempt.is_postponed for attempt in self.attempts)


@dataclass(frozen=True, slots=True)
class _Success:
    """Result of a run in which an endpoint served. `news` counts the events that are no backfill, None in a walk."""

    served_by: str
    items: int
    news: int | None


def run_source(
    source: Source,
    *,
    store: Store,
    fetcher: Fetcher,
    clock: Clock,
    settings: Settings,
    since: datetime | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> RunReport:
    """Poll a source once and write all results: statements, revisions, events and the state of the source.

    `since` starts a backfill walk: the run reads the source's past instead of its present. `progress` receives each
    URL before its request.
    """
    at = clock.now()
    state = store.sources.get(source.name, source.role)
    is_mirror, is_walk = source.role is Role.MIRROR, since is not None
    buffer = WriteBuffer(store, _origin(source, state, is_walk=is_walk), settings)
    crawl = (MirrorCrawl if is_mirror else SourceCrawl)(source, store, fetcher, settings, buffer, since, progress)
    if is_mirror:
        with store.unit():
            store.pages.adopt(source.name, source.allowed_hosts, [each.name for each in settings.sources])
    attempts, served_by = _crawl_endpoints(crawl)
    # The answers of a failing source prove nothing about its statements.
    may_recheck = served_by is not None and not is_walk and fetcher.may_recheck(served_by)
    rechecked = _recheck(crawl, at, clock) if may_recheck else []
    with store.unit():
        retraced = _write(crawl, rechecked, clock)
        # The results of a first fill or of a backfill walk do not show what is usual.
        is_usual = state.first_filled_at is not None and not is_walk
        anomalies = record_arrivals(store, source, attempts, buffer.events, at) if is_usual else Anomalies()
        verdict = source_health.judge(source.name, attempts, at, _incident(state), state.failures, anomalies)
        store.events.add(verdict.events)
        success = _Success(served_by, buffer.items, None if is_walk else _count_news(buffer)) if served_by else None
        store.sources.save(_next_state(state, source, verdict, at, success))
        enqueue.queue_alerts(store, settings)
    return RunReport(
        source.name,
        at,
        served_by,
        tuple(attempts),
        buffer.captures,
        buffer.items,
        (*buffer.events, *(event for each in rechecked for event in each.events), *retraced, *verdict.events),
        tuple(buffer.problems),
    )


def _origin(source: Source, state: SourceState, *, is_walk: bool) -> Origin:
    is_mirror = source.role is Role.MIRROR
    return Origin(
        source.name,
        source.role,
        # The dates on a mirror are unreliable: all results of a backfill walk through a mirror are backfill.
        first_fill=state.first_filled_at is None or (is_mirror and is_walk),
        language=source.language,
        watched_since=state.first_filled_at if is_walk or is_mirror else None,
    )


def _crawl_endpoints(crawl: SourceCrawl) -> tuple[list[EndpointAttempt], str | None]:
    """Crawl endpoints in order of preference until one serves; return all attempts and the URL that served."""
    attempts = []
    for endpoint in crawl.source.endpoints:
        attempts.append(crawl.crawl_endpoint(endpoint))
        if attempts[-1].is_good:
            return attempts, endpoint.url
    return attempts, None


def _recheck(crawl: SourceCrawl, at: datetime, clock: Clock) -> list[RecheckResult]:
    """Recheck the pages of a mirror, or the statements of another source, that are due."""
    if isinstance(crawl, MirrorCrawl):
        crawl.recheck_pages(at)
        return []
    store = crawl.store
    due = store.rechecks.due(crawl.source.name, at, recheck.STATEMENT_RECHECKS_PER_RUN)
    if due:
        # The lists are written before the rechecks: a statement that a list names is not withdrawn.
        with store.unit():
            crawl.buffer.write()
            enqueue.queue_alerts(store, crawl.settings)
    return [recheck.recheck_statement(crawl, check, clock.now()) for check in due]


def _write(crawl: SourceCrawl, rechecked: Iterable[RecheckResult], clock: Clock) -> tuple[Event, ...]:
    """Write rechecks and buffered captures, retrace a mirror's pages and return the events of the latter.

    The caller holds a transaction (`Store.unit`).
    """
    store, source = crawl.store, crawl.source
    # Before the captures of the rechecks: a statement that an archive carries has moved, and was not restored.
    for each in rechecked:
        recheck.write(store, each)
    crawl.buffer.write()
    is_mirror = source.role is Role.MIRROR
    retraced = ingest_pages.retrace(store, source.name, clock.now()).events if is_mirror else ()
    for url in crawl.unfinished:
        store.endpoints.forget_validators(url)
    return retraced


def _count_news(buffer: WriteBuffer) -> int:
    # Backfill is no news, nor is an incident of the source: neither decides the polling interval.
    return sum(not event.backfill for event in buffer.events)


def record_failed_run(source: Source, why: str, *, store: Store, clock: Clock, settings: Settings) -> None:
    """Record a run that was aborted as a failed one, so that the source is polled again at its next due time."""
    at = clock.now()
    with store.unit():
        state = store.sources.get(source.name, source.role)
        attempts = [source_health.EndpointAttempt(source.endpoints[0].url, Outcome.UNFINISHED, why)]
        verdict = source_health.judge(source.name, attempts, at, _incident(state), state.failures)
        store.events.add(verdict.events)
        store.sources.save(_next_state(state, source, verdict, at, None))
        enqueue.queue_alerts(store, settings)


def _incident(state: SourceState) -> source_health.Incident | None:
    if state.incident is None or state.incident_since_at is None:
        return None
    return source_health.Incident(state.incident, state.incident_since_at, state.incident_detail or "")


def _next_state(
    state: SourceState, source: Source, verdict: source_health.HealthVerdict, at: datetime, success: _Success | None
) -> SourceState:
    incident = verdict.incident
    interval = schedule.current_interval(source.every, state.interval if state.first_filled_at else source.every)
    if success is not None and success.news is not None and state.first_filled_at:
        interval = schedule.next_interval(source.every, interval, success.news)
    # Jitter spreads load; it protects no secret.
    due = schedule.next_due(at, interval, random.random())  # noqa: S311
    state = replace(
        state,
        role=source.role,
        last_attempt_at=at,
        failures=verdict.failures,
        incident=incident.kind if incident else None,
        incident_since_at=incident.since if incident else None,
        incident_detail=incident.detail if incident else None,
        next_due_at=due,
        interval_s=round(interval.total_seconds()),
    )
    if success is None:
        return state
    return replace(
        state,
        first_filled_at=state.first_filled_at or at,
        last_success_at=at,
        last_items=success.items or state.last_items,
        serving=success.served_by,
    )


def record_arrivals(
    store: Store, source: Source, attempts: Iterable[EndpointAttempt], events: Iterable[Event], at: datetime
) -> Anomalies:
    """Record the arrivals of a run that began at `at`, and return their anomalies.

    The caller holds a transaction (`Store.unit`).
    """
    good = next((attempt for attempt in attempts if attempt.is_good), None)
    if good is None:
        return Anomalies()
    if source.role is Role.MIRROR:
        news = store.pages.count_since(source.name, at)
    else:
        news = sum(event.kind is EventKind.PUBLISHED and not event.backfill for event in events)
    before = store.arrivals.hours(source.name, at - HISTORY, good.url)
    store.arrivals.note(source.name, good.url, at, news, good.seen)
    return Anomalies(
        baseline.describe_unusual_list(good.seen, before) if good.seen else "",
        baseline.find_silence(store.arrivals.hours(source.name, at - HISTORY)),
        has_news=news > 0,
    )
