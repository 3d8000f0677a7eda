"""One run of a source: crawls endpoints in order of preference until one serves, then does the due rechecks."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

from scraper import urls
from scraper.clock import unlimited
from scraper.model import EndpointKind, EventKind, Outcome, Role
from scraper.pipeline.batch import Batch, batches, commit
from scraper.pipeline.crawl_state import StateCrawl
from scraper.rules import baseline, budgets, schedule, source_health, unresponsive_hosts
from scraper.rules.baseline import HISTORY
from scraper.rules.guards import Guard
from scraper.rules.source_health import Anomalies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from scraper.clock import Clock
    from scraper.config.settings import Settings, Source
    from scraper.fetch import Fetcher
    from scraper.model import Event
    from scraper.pipeline.batch import CapturedReading, Committed
    from scraper.pipeline.crawl import Crawl
    from scraper.pipeline.reading import RunProblem
    from scraper.rules.budgets import WithheldRequests
    from scraper.rules.source_health import EndpointAttempt
    from scraper.store import SourceState, Store


@dataclass(frozen=True, slots=True)
class RunReport:
    """Result of one run of a source. `served_by` is the URL of the endpoint that served, None if all failed.

    `unresponsive_hosts` are the keys of the hosts that got no further requests (`rules.unresponsive_hosts`). `is_cut`:
    its time was used up, and the next run does the rest. `withheld` are the requests that a limit of the day withheld.
    `summary` has the counts of a search in words; it is idle if nothing was to be asked.
    """

    source: str
    at: datetime
    served_by: str | None
    attempts: tuple[EndpointAttempt, ...]
    captures: int
    items: int
    events: tuple[Event, ...]
    problems: tuple[RunProblem, ...] = ()
    unresponsive_hosts: tuple[str, ...] = ()
    is_cut: bool = False
    withheld: tuple[WithheldRequests, ...] = ()
    summary: str = ""

    @property
    def is_idle(self) -> bool:
        """True if no endpoint had to be asked: no query of a search was due."""
        return not self.attempts

    @property
    def is_good(self) -> bool:
        """True if an endpoint served, none had to, or a host asked the monitor to come back later."""
        return self.is_idle or self.served_by is not None or any(attempt.is_postponed for attempt in self.attempts)

    @property
    def left_over(self) -> tuple[str, ...]:
        """Phrases that say why requests of this run were left to the next."""
        unanswered = (f"{unresponsive_hosts.describe(host)}, its other URLs wait" for host in self.unresponsive_hosts)
        cut = ("the time of a run (daemon.deadline_s) was used up, the rest waits",) if self.is_cut else ()
        return tuple(f"{why} for the next run" for why in (*unanswered, *cut))


def run_source(
    source: Source,
    *,
    store: Store,
    fetcher: Fetcher,
    clock: Clock,
    settings: Settings,
    since: datetime | None = None,
    progress: Callable[[str], None] = lambda _: None,
    time_left_s: Callable[[], float] = unlimited,
) -> RunReport:
    """Poll a source once and write all results: statements, revisions, events and the state of the source.

    `since` starts a backfill walk: the run reads the source's past instead of its present. `progress` receives each
    URL before its request. When no `time_left_s` is left, the run ends after the current request: what it has is
    stored, and the rest is left to the next run.
    """
    at = clock.now()
    state = store.sources.get(source.name, source.role)
    is_walk = since is not None
    first_fill, watched_since = _history(state, source.role, at, is_walk=is_walk)
    crawl = _strategy(source)(
        source, first_fill, watched_since, store, fetcher, settings, at, since, progress, clock, time_left_s
    )
    done: list[Committed] = []
    rest = _commit_full(crawl.crawl(), done, crawl)
    if not is_walk and (rechecks := _rechecks(crawl, at, clock)):
        # The lists are written before the rechecks: a statement that a list names is not withdrawn.
        with store.unit():
            done.append(commit(store, rest))
            crawl.save_progress()
            _queue_alerts(store, settings)
        rest = _commit_full(chain.from_iterable(rechecks), done, crawl)
    with store.unit():
        # Before the captures of the rechecks: a statement that an archive carries has moved, and was not restored.
        rechecked = crawl.write_rechecks()
        done.append(commit(store, rest))
        crawl.save_progress()
        retraced = crawl.finish(clock.now())
        events = [event for each in done for event in each.events]
        # The results of a first fill, of a backfill walk or of a search do not show what is usual.
        is_usual = state.first_filled_at is not None and not is_walk and source.search is None
        anomalies = record_arrivals(store, source, crawl.attempts, events, at) if is_usual else Anomalies()
        # Backfill is no news, nor is an incident of the source: neither decides the polling interval.
        news = None if is_walk else sum(not event.backfill for event in events)
        items = sum(each.items for each in done)
        is_idle = not crawl.attempts and state.incident is None and not state.failures
        served_by = source.endpoints[0].url if is_idle else crawl.served_by
        success = _Success(served_by, items, news) if served_by else None
        incidents = _judge(store, source, state, crawl.attempts, at, anomalies, success)
        for withheld, count in (+crawl.withheld).items():
            store.withheld.record(withheld.guard, withheld.subject, at, count)
        _queue_alerts(store, settings)
    return _report(crawl, done, (*events, *rechecked, *retraced, *incidents))


def _report(crawl: Crawl, done: Sequence[Committed], events: tuple[Event, ...]) -> RunReport:
    return RunReport(
        crawl.source.name,
        crawl.started_at,
        crawl.served_by,
        tuple(crawl.attempts),
        sum(each.captures for each in done),
        sum(each.items for each in done),
        events,
        (*crawl.problems, *(problem for each in done for problem in each.problems)),
        tuple(crawl.unresponsive.names()),
        crawl.is_cut,
        tuple(crawl.withheld),
        crawl.summary,
    )


def _rechecks(crawl: Crawl, at: datetime, clock: Clock) -> list[Iterator[CapturedReading]]:
    """Return the rechecks that are due; none if the source fails, for its answers prove nothing about statements."""
    if crawl.served_by is None:
        return []
    due = crawl.rechecks(at, clock)
    if due and not crawl.fetcher.has_room(crawl.served_by):
        host = urls.host_key(crawl.served_by)
        why = f"{budgets.OPEN_PERCENT} % of the requests to {host} of today are used up"
        crawl.withhold(Guard.REQUESTS_PER_DAY, host, "rechecks", why, len(due))
        return []
    return due


def record_failed_run(source: Source, why: str, *, store: Store, clock: Clock, settings: Settings) -> None:
    """Record a run that was aborted as a failed one, so that the source is polled again at its next due time."""
    with store.unit():
        state = store.sources.get(source.name, source.role)
        attempts = [source_health.EndpointAttempt(source.endpoints[0].url, Outcome.UNFINISHED, why)]
        _judge(store, source, state, attempts, clock.now(), Anomalies(), None)
        _queue_alerts(store, settings)


def _queue_alerts(store: Store, settings: Settings) -> None:
    if store.events.last_id() != store.outbox.queued_up_to():
        from scraper.delivery import enqueue  # with the texts of mails, for news only

        enqueue.queue_alerts(store, settings)


def _commit_full(crawled: Iterable[CapturedReading], done: list[Committed], crawl: Crawl) -> Batch:
    """Commit each full batch of a crawl in a transaction of its own, and return the last batch, which is not."""
    store = crawl.store
    for batch in batches(crawled, crawl.clock):
        if not batch.is_full:
            return batch
        with store.unit():
            done.append(commit(store, batch))
            crawl.save_progress()
            for each in batch.captured:
                # If the process ends now, the next run has to read the list again.
                if each.clock_url and each.kind is not EndpointKind.PAGE:
                    store.endpoints.forget_validators(each.capture.url)
                    store.last_readings.forget(each.capture.url)
            _queue_alerts(store, crawl.settings)
    return Batch()


@dataclass(frozen=True, slots=True)
class _Success:
    """Result of a run in which an endpoint served. `news` counts the events that are no backfill, None in a walk."""

    served_by: str
    items: int
    news: int | None


def _strategy(source: Source) -> type[Crawl]:
    if source.search is not None:
        from scraper.pipeline.crawl_search import SearchCrawl

        return SearchCrawl
    if source.has_standing_pages:
        from scraper.pipeline.crawl_pages import PagesCrawl

        return PagesCrawl
    if source.role is Role.MIRROR:
        from scraper.pipeline.crawl_mirror import MirrorCrawl  # with the matcher

        return MirrorCrawl
    return StateCrawl


def _history(state: SourceState, role: Role, at: datetime, *, is_walk: bool) -> tuple[bool, datetime | None]:
    """Return what decides about backfill: True in a first fill, and since when the source is watched (`Origin`)."""
    filled_at = state.first_filled_at
    # A first fill in the future was stored by a wrong clock, by which every statement would be too old for an alert.
    watched_since = filled_at if filled_at is not None and filled_at <= at else None
    is_mirror = role is Role.MIRROR
    # The dates on a mirror are unreliable: all results of a backfill walk through a mirror are backfill.
    return filled_at is None or (is_mirror and is_walk), watched_since if is_walk or is_mirror else None


def _judge(
    store: Store,
    source: Source,
    state: SourceState,
    attempts: Sequence[EndpointAttempt],
    at: datetime,
    anomalies: Anomalies,
    success: _Success | None,
) -> tuple[Event, ...]:
    """Store the next state of a source after a run, and return the events of its incident."""
    verdict = source_health.judge(source.name, attempts, at, _incident(state, at), state.failures, anomalies)
    events = store.events.add(verdict.events)
    store.sources.save(_next_state(state, source, verdict, at, success))
    return events


def _incident(state: SourceState, at: datetime) -> source_health.Incident | None:
    if state.incident is None or state.incident_since_at is None:
        return None
    return source_health.Incident(state.incident, min(state.incident_since_at, at), state.incident_detail or "")


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
    before = store.arrivals.hours(source.name, at - HISTORY, good.url) if good.seen else []
    store.arrivals.note(source.name, good.url, at, news, good.seen)
    return Anomalies(
        baseline.describe_unusual_list(good.seen, before) if good.seen else "",
        baseline.find_silence(store.arrivals.hours(source.name, at - HISTORY)),
        has_news=news > 0,
    )
