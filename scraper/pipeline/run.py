"""One run of a source: its endpoints in order of preference until one serves, then looks that are due."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scraper.delivery import enqueue
from scraper.model import Event, EventKind, Outcome, Role
from scraper.pipeline import ingest_pages, recheck
from scraper.pipeline.crawl import SourceCrawl
from scraper.pipeline.crawl_mirror import MirrorCrawl
from scraper.pipeline.ingest import Origin
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
    from scraper.rules.source_health import EndpointAttempt
    from scraper.store import SourceState, Store


@dataclass(frozen=True, slots=True)
class RunReport:
    """What one run of a source did. `served_by` is the endpoint that gave the answer, None when none did."""

    source: str
    at: datetime
    served_by: str | None
    attempts: tuple[source_health.EndpointAttempt, ...]
    captures: int
    items: int
    events: tuple[Event, ...]
    problems: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether some endpoint gave what was asked for, or the host asked us to come later."""
        return self.served_by is not None or any(attempt.is_postponed for attempt in self.attempts)


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
    """Ask a source once and write all that it brings: statements, revisions, events, its own state.

    `since` walks its past instead of its present. `progress` hears of each address before it is asked.
    """
    at = clock.now()
    state = store.sources.get(source.name, source.role)
    is_mirror, is_walk = source.role is Role.MIRROR, since is not None
    origin = Origin(
        source.name,
        source.role,
        # A mirror's own dates say little: all that a walk through its past brings is history.
        first_fill=state.first_filled_at is None or (is_mirror and is_walk),
        language=source.language,
        watched_since=state.first_filled_at if is_walk or is_mirror else None,
    )
    ledger = WriteBuffer(store, origin, settings)
    crawl = (MirrorCrawl if is_mirror else SourceCrawl)(source, store, fetcher, settings, ledger, since, progress)
    if is_mirror:
        with store.unit():
            store.pages.adopt(source.name, source.allowed_hosts, [each.name for each in settings.sources])
    attempts: list[source_health.EndpointAttempt] = []
    served_by = None
    for endpoint in source.endpoints:
        attempts.append(crawl.crawl_endpoint(endpoint))
        if attempts[-1].is_good:
            served_by = endpoint.url
            break
    # A source in trouble proves nothing about what stands on it.
    is_looking = served_by is not None and not is_walk and fetcher.may_recheck(served_by)
    due = store.rechecks.due(source.name, at, recheck.RECHECKS_PER_RUN) if is_looking and not is_mirror else []
    if is_looking and isinstance(crawl, MirrorCrawl):
        crawl.recheck_pages(at)
    if due:
        # What the lists name now is written first: a statement that stands in one is not withdrawn.
        with store.unit():
            ledger.write()
            enqueue.queue_alerts(store, settings)
    done = [recheck.recheck_statement(crawl, check, clock.now()) for check in due]
    with store.unit():
        # Before what was read there: a statement that stands in an archive has moved, and was not restored.
        for each in done:
            recheck.write(store, each)
        ledger.write()
        retraced = ingest_pages.retrace(store, source.name, clock.now()).events if is_mirror else ()
        for url in crawl.unfinished:
            store.endpoints.forget_validators(url)
        # What the first fill brings, or a walk, is no measure of what is usual.
        is_usual = state.first_filled_at is not None and not is_walk
        signs = record_arrivals(store, source, attempts, ledger.events, at) if is_usual else source_health.Anomalies()
        verdict = source_health.judge(source.name, attempts, at, _incident(state), state.failures, signs)
        store.events.add(verdict.events)
        # What was there before the watch is no news, nor is trouble: neither says how often to ask.
        news = sum(not event.backfill for event in ledger.events) if served_by and not is_walk else None
        store.sources.save(_after(state, source, verdict, at, served_by, ledger.items, news))
        enqueue.queue_alerts(store, settings)
    looked = [event for each in done for event in each.events]
    return RunReport(
        source.name,
        at,
        served_by,
        tuple(attempts),
        ledger.captures,
        ledger.items,
        (*ledger.events, *looked, *retraced, *verdict.events),
        tuple(ledger.problems),
    )


def record_failed_run(source: Source, why: str, *, store: Store, clock: Clock, settings: Settings) -> None:
    """Note a run that did not end by itself: a failure like any other, so that the source is asked again in time."""
    at = clock.now()
    with store.unit():
        state = store.sources.get(source.name, source.role)
        attempts = [source_health.EndpointAttempt(source.endpoints[0].url, Outcome.UNFINISHED, why)]
        verdict = source_health.judge(source.name, attempts, at, _incident(state), state.failures)
        store.events.add(verdict.events)
        store.sources.save(_after(state, source, verdict, at, None, 0, None))
        enqueue.queue_alerts(store, settings)


def _incident(state: SourceState) -> source_health.Incident | None:
    if state.incident is None or state.incident_since_at is None:
        return None
    return source_health.Incident(EventKind(state.incident), state.incident_since_at, state.incident_detail or "")


def _after(
    state: SourceState,
    source: Source,
    verdict: source_health.HealthVerdict,
    at: datetime,
    served_by: str | None,
    items: int,
    news: int | None,
) -> SourceState:
    incident = verdict.incident
    kept = state.interval if state.first_filled_at else source.every
    interval = schedule.current_interval(source.every, kept)
    if news is not None and state.first_filled_at:
        interval = schedule.next_interval(source.every, interval, news)
    # Jitter spreads load; nothing secret hangs on it.
    due = schedule.next_due(at, interval, random.random())  # noqa: S311
    state = replace(
        state,
        role=source.role,
        last_attempt_at=at,
        failures=verdict.failures,
        incident=incident.kind.value if incident else None,
        incident_since_at=incident.since if incident else None,
        incident_detail=incident.detail if incident else None,
        next_due_at=due,
        interval_s=round(interval.total_seconds()),
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


def record_arrivals(
    store: Store, source: Source, attempts: Iterable[EndpointAttempt], events: Iterable[Event], at: datetime
) -> Anomalies:
    """Note what a run brought that began at `at`, and say what is odd in it. Within a unit."""
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
        baseline.oddity(good.seen, before) if good.seen else "",
        baseline.silence(store.arrivals.hours(source.name, at - HISTORY)),
        has_news=news > 0,
    )
