"""Fixture of a monitor over a recorded site, in simulated time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from fakes.mirror import Gazette
from fakes.web import Web
from samples import settings, source

from scraper.clock import countdown, unlimited
from scraper.fetch import Fetcher
from scraper.pipeline.fetch_url import fetch_url
from scraper.pipeline.run import run_source
from scraper.store import EventFilter, Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from scraper.clock import SimulatedClock
    from scraper.config.settings import Settings, Source
    from scraper.model import EventKind, Statement
    from scraper.pipeline.fetch_url import FetchResult
    from scraper.pipeline.run import RunReport


@dataclass
class Watch:
    """Runs of one source against the present responses of the site."""

    store: Store
    clock: SimulatedClock
    site: Web = field(default_factory=Web)
    source: Source = field(default_factory=source)
    settings: Settings = field(default_factory=settings)
    asked: list[str] = field(default_factory=list)
    time_left_s: Callable[[], float] = unlimited

    def fetcher(self) -> Fetcher:
        transport = self.site.transport()
        return Fetcher(self.settings.fetch, clock=self.clock, hosts=self.store.hosts, transport=transport)

    def run(self, since: datetime | None = None) -> RunReport:
        """One run now; `asked` are then the addresses that it asked for."""
        self.asked.clear()
        with self.fetcher() as fetcher:
            return run_source(
                self.source,
                store=self.store,
                fetcher=fetcher,
                clock=self.clock,
                settings=self.settings,
                since=since,
                progress=self.asked.append,
                time_left_s=self.time_left_s,
            )

    def after(self, wait: timedelta, since: datetime | None = None) -> RunReport:
        self.clock.sleep(wait.total_seconds())
        return self.run(since)

    def fetch_url(self, url: str, *, dry_run: bool = False) -> FetchResult:
        with self.fetcher() as fetcher:
            return fetch_url(url, store=self.store, fetcher=fetcher, settings=self.settings, dry_run=dry_run)

    def kinds(self, *, news: bool = False) -> list[EventKind]:
        """Return the kinds of all events; with `news`, without backfill."""
        return [event.kind for event in self.store.events.find(EventFilter(with_backfill=not news))]

    def only(self) -> Statement:
        (statement,) = self.store.statements.find()
        return statement


@pytest.fixture
def watch(store: Store, clock: SimulatedClock) -> Watch:
    return Watch(store, clock)


@pytest.fixture
def left_of(watch: Watch) -> Callable[[float], None]:
    """Limits the next run to a number of seconds after the wait before it."""

    def limit(seconds: float) -> None:
        left: list[Callable[[], float]] = []

        def time_left_s() -> float:
            if not left:
                left.append(countdown(watch.clock, seconds))
            return left[0]()

        watch.time_left_s = time_left_s

    return limit


@pytest.fixture
def gazette(watch: Watch) -> Gazette:
    return Gazette(watch)
