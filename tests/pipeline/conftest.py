"""Fixture of a monitor over a recorded site, in simulated time."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from pipeline.gazette import Gazette
from samples import Site, settings, source

from scraper.fetch import Fetcher, ReplayTransport
from scraper.pipeline.fetch_url import fetch_url
from scraper.pipeline.run import run_source
from scraper.store import EventFilter, Store

if TYPE_CHECKING:
    from datetime import datetime, timedelta
    from pathlib import Path

    from scraper.clock import SimulatedClock
    from scraper.config.settings import Settings, Source
    from scraper.model import EventKind, Statement
    from scraper.pipeline.fetch_url import FetchResult
    from scraper.pipeline.run import RunReport


@dataclass
class Watch:
    """Runs of one source against what the site says at the time."""

    store: Store
    clock: SimulatedClock
    folder: Path
    site: Site = field(default_factory=Site)
    source: Source = field(default_factory=source)
    settings: Settings = field(default_factory=settings)
    asked: list[str] = field(default_factory=list)
    cassettes: itertools.count[int] = field(default_factory=itertools.count)

    def fetcher(self) -> Fetcher:
        tape = self.site.record(self.folder / f"{next(self.cassettes)}.yaml")
        return Fetcher(self.settings.fetch, clock=self.clock, hosts=self.store.hosts, transport=ReplayTransport(tape))

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
            )

    def after(self, wait: timedelta, since: datetime | None = None) -> RunReport:
        self.clock.sleep(wait.total_seconds())
        return self.run(since)

    def look_up(self, url: str, *, dry_run: bool = False) -> FetchResult:
        with self.fetcher() as fetcher:
            return fetch_url(url, store=self.store, fetcher=fetcher, settings=self.settings, dry_run=dry_run)

    def kinds(self, *, news: bool = False) -> list[EventKind]:
        """What happened so far; with `news`, without what was already so when the watch began."""
        return [event.kind for event in self.store.events.find(EventFilter(with_backfill=not news))]

    def only(self) -> Statement:
        (statement,) = self.store.statements.find()
        return statement


@pytest.fixture
def watch(store: Store, clock: SimulatedClock, tmp_path: Path) -> Watch:
    return Watch(store, clock, tmp_path)


@pytest.fixture
def gazette(watch: Watch) -> Gazette:
    return Gazette(watch)
