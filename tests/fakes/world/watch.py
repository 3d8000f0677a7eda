"""Run of the daemon in the simulated world, with ticks, restarts and wrong clock settings."""

from __future__ import annotations

import gc
import logging
import os
import random
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from fakes.world import faults, truth, web
from fakes.world.clock import Conductor, Turns
from fakes.world.faults import Nature
from fakes.world.promise import Health
from fakes.world.truth import CLOCK_SET, DAY, HOUR, QUIET_S
from fakes.world.wire import Wire

from scraper.config.alerts import AlertSettings, Watch
from scraper.config.choices import Topic
from scraper.config.settings import FetchSettings, Settings
from scraper.daemon import daemon, memory
from scraper.daemon.daemon import Daemon
from scraper.daemon.jobs import Job, JobRunner
from scraper.fetch import Fetcher
from scraper.model import Grade

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scraper.clock import Clock
    from scraper.config.settings import Source
    from scraper.fetch import HostMemory

READER, OPERATOR = "reader@example.org", "operator@example.org"
_POST_S = 600.0
_PER_DAY = 2000


@dataclass(frozen=True)
class Gauge:
    """Resources of the process at the end of a day: memory, Python's blocks of it, threads without a job, open files.

    `kept` counts entries that the daemon and its fetcher hold in memory: locks and times by host, resting sources.
    """

    day: int
    rss_mb: float
    blocks: int
    threads: int
    files: int
    kept: int

    def __str__(self) -> str:
        held = f"{self.rss_mb:.0f} MB, {self.blocks // 1000} thousand blocks"
        return f"day {self.day}: {held}, {self.threads} threads, {self.files} files, {self.kept} kept"


@dataclass
class Course:
    """Simulation and its results. `errors` are the daemon's log records of level ERROR."""

    folder: Path
    seed: int
    days: float
    scale: web.Scale
    runs: int = 0
    restarts: int = 0
    cpu_s: float = 0.0
    gauges: list[Gauge] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.some = random.Random(f"watch {self.seed}")
        self.sources = web.watched(self.scale)
        self.truth = truth.draw(
            self.seed, self.days, self.scale.topics, self.scale.sections_by_site, self.scale.statements_a_day
        )
        self.clock = Conductor(web.START)
        outages = faults.draw(self.seed, self.sources, self.days * DAY - QUIET_S)
        self.wire = Wire(
            web.Web(self.truth, self.sources), self.clock, outages, random.Random(f"wire {self.seed}"), _PER_DAY
        )
        self.health = {source.name: Health() for source in self.sources}
        self.settings = Settings(
            fetch=FetchSettings(contact="https://monitor.invalid/about", requests_per_day=_PER_DAY),
            sources=self.sources,
            alerts=AlertSettings(maildir=self.folder / "mail", operator=(OPERATOR,), max_per_day=100),
            watches=(Watch(name="all", to=(READER,), when=tuple(Topic), at_least=Grade.COSMETIC),),
        )

    @property
    def database(self) -> Path:
        """Path of the daemon's database."""
        return self.folder / "statewire.db"

    def go(self) -> None:
        """Run all days."""
        began_s = time.process_time()
        memory.settle()  # as the daemon does at its start
        random.seed(self.seed)  # the daemon's jitter
        daemon = self._daemon()
        deeds = self._deeds()
        with self._observed():
            for at_s in _steps(self.days * DAY, self.scale.tick_s):
                while deeds and deeds[0][0] <= at_s:
                    daemon = self._do(deeds.pop(0)[1], daemon)
                daemon = self._tick(daemon, at_s)
                self.clock.go_to(at_s + self.scale.tick_s, self._names(daemon))
                if (at_s + self.scale.tick_s) % DAY == 0:
                    self.gauges.append(self._gauge(daemon, len(self.gauges) + 1))
            self._stop(daemon)
        gc.unfreeze()
        self.cpu_s = time.process_time() - began_s

    def _tick(self, daemon: Daemon, at_s: float) -> Daemon:
        """Do what the daemon's timers do; return the daemon, or the one that replaces it."""
        daemon.tick()
        if at_s % _POST_S == 0:
            daemon.send_mail()
        if at_s % DAY == DAY / 2:
            daemon.tidy()
        return daemon

    def _daemon(self) -> Daemon:
        self.clock.stop = threading.Event()
        daemon = Daemon(
            self.database,
            self.settings,
            self.clock,
            stop=self.clock.stop,
            new_fetcher=self._fetcher,
        )
        daemon.source_jobs, daemon.background_jobs = _InTurn(self.clock), _InTurn(self.clock)
        return daemon

    def _fetcher(self, settings: FetchSettings, clock: Clock, hosts: HostMemory) -> Fetcher:
        fetcher = Fetcher(settings, clock=clock, hosts=hosts, transport=self.wire, rng=self.some)
        # A holder of these locks may sleep, so a thread that waits for one has to sleep in simulated time, too.
        fetcher._throttle._locks = Turns(self.clock)
        fetcher._robots._locks = Turns(self.clock)
        return fetcher

    def _deeds(self) -> list[tuple[float, str | timedelta]]:
        """Return what operators do, with its time: restart the daemon, set the clock wrong and right again."""
        last_s = self.days * DAY - QUIET_S
        found: list[tuple[float, str | timedelta]] = []
        t_s = 0.0
        while (t_s := t_s + self.some.expovariate(1 / (18 * HOUR))) < last_s:
            found.append((t_s, "restart"))
        for share, by_s, for_s in CLOCK_SET:
            by = timedelta(seconds=by_s)
            found += [(share * last_s, by), (share * last_s + for_s, -by)]
        return sorted(found, key=lambda deed: deed[0])

    def _do(self, deed: str | timedelta, daemon: Daemon) -> Daemon:
        if isinstance(deed, timedelta):
            self.clock.offset += deed
            daemon.clock_was_set(deed)  # as the watchdog notices
            self.wire.forget_times()
            return daemon
        self._stop(daemon)
        self.restarts += 1
        return self._daemon()

    def _stop(self, daemon: Daemon) -> None:
        daemon.stop.set()
        self.clock.finish(self._names(daemon))
        daemon.close()

    def _names(self, daemon: Daemon) -> Callable[[], list[str]]:
        return lambda: [*daemon.source_jobs.names(), *daemon.background_jobs.names()]

    @contextmanager
    def _observed(self) -> Iterator[None]:
        """Record the true natures of the responses in each finished run, and every error in the log."""
        truly = daemon.run_source

        def run(source: Source, **kept: object) -> object:
            self.wire.natures.pop(source.name, None)
            report = truly(source, **kept)  # a run that is stopped records nothing
            self.runs += 1
            self._note_run(source)
            return report

        handler = _Errors(self.errors)
        log = logging.getLogger("statewire")
        log.addHandler(handler)
        propagates, log.propagate = log.propagate, False
        daemon.run_source = run
        try:
            yield
        finally:
            daemon.run_source = truly
            log.removeHandler(handler)
            log.propagate = propagates

    def _note_run(self, source: Source) -> None:
        self.health[source.name].run(self._natures(source))

    def _natures(self, source: Source) -> list[Nature]:
        seen = self.wire.natures.get(source.name, {})
        found = []
        for endpoint in source.endpoints:
            host = self.wire.hosts[endpoint.url.split("/")[2]]
            unasked = Nature.FAILURE if host.disallows else Nature.LATER
            found.append(seen.get(endpoint.url, unasked))
            if found[-1] is Nature.SOUND:
                break
        return found

    def _gauge(self, daemon: Daemon, day: int) -> Gauge:
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        gate, robots = daemon._fetcher._throttle, daemon._fetcher._robots
        kept = [gate._locks, gate._last_took_s, robots._locks, robots._retry_at_s, daemon._paused_until_s]
        return Gauge(
            day,
            pages * os.sysconf("SC_PAGE_SIZE") / 1e6,
            sys.getallocatedblocks(),
            threading.active_count() - len(self._names(daemon)()),
            len(list(Path("/proc/self/fd").iterdir())),
            sum(map(len, kept)),
        )


def _steps(end_s: float, step_s: float) -> Iterator[float]:
    return (step * step_s for step in range(round(end_s / step_s)))


class _InTurn(JobRunner):
    """Job runner whose threads wait for their turn before they begin."""

    def _do(self, job: Job, work: Callable[[Job], None]) -> None:
        self._clock.now()
        super()._do(job, work)


class _Errors(logging.Handler):
    def __init__(self, kept: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._kept = kept

    def emit(self, record: logging.LogRecord) -> None:
        self._kept.append(self.format(record))
