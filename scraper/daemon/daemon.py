"""Work of the daemon at each tick: starts runs of due sources, sends mail, does housekeeping, reports its health."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from scraper.clock import Clock
from scraper.daemon import memory
from scraper.daemon.due import choose, hosts_of
from scraper.daemon.heartbeat import HeartbeatReporter
from scraper.daemon.jobs import JobRunner
from scraper.daemon.run_log import ErrorThrottle, log_run
from scraper.daemon.sd_notify import Notifier
from scraper.fetch import Fetcher
from scraper.model import Outcome
from scraper.pipeline.run import record_failed_run, run_source
from scraper.source_status import next_start, requested_pauses
from scraper.store import Store
from scraper.text.normalize import count

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scraper.config.settings import FetchSettings, Settings, Source
    from scraper.fetch import HostMemory
    from scraper.model import HostState
    from scraper.pipeline.run import RunReport
    from scraper.store import SourceState
    from scraper.store.hosts import Hosts

log = logging.getLogger("statewire")

# A tick takes seconds; it may wait half a minute for a lock on the database.
_TICK_STALLED_S = 120.0
# Pause of a source, kept in memory, after a failed run that could not be recorded.
_PAUSE_S = 300.0
_LARGE_LOG_BYTES = 64 * 1024 * 1024
# Operations that may fail at every tick, as the log names them.
_LOOKUP, _ANSWER, _MAIL = "due sources could not be read", "the database does not respond", "mail"


class Stopped(BaseException):
    """Request to stop that interrupts a job. Not an `Exception`, so that no handler takes it for a failure."""


class StoppableClock(Clock):
    """Clock of the machine whose sleep ends when the daemon stops."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop

    def sleep(self, seconds: float) -> None:
        """Wait. Raise `Stopped` if the daemon is asked to stop in the meantime."""
        if self._stop.wait(seconds):
            raise Stopped


class SharedHosts(threading.local):
    """Host states for threads that share a fetcher: each thread uses those of its own store, its `hosts`."""

    hosts: Hosts

    def load(self, host: str) -> HostState:
        """Implement `HostMemory.load`."""
        return self.hosts.load(host)

    def change(self, host: str, change: Callable[[HostState], HostState]) -> None:
        """Implement `HostMemory.change`."""
        self.hosts.change(host, change)


@dataclass
class Daemon:
    """The daemon without its scheduler, which calls `tick`, `send_mail`, `tidy` and `report` from any thread.

    None of these raises an exception. The settings in `pending_settings` take effect at the next tick.
    """

    database: Path
    settings: Settings
    clock: Clock
    stop: threading.Event = field(default_factory=threading.Event)
    notifier: Notifier = field(default_factory=Notifier)
    new_fetcher: Callable[[FetchSettings, Clock, HostMemory], Fetcher] = lambda settings, clock, hosts: Fetcher(
        settings, clock=clock, hosts=hosts
    )
    pending_settings: Settings | None = None

    def __post_init__(self) -> None:
        self._hosts = SharedHosts()
        self._fetcher = self.new_fetcher(self.settings.fetch, self.clock, self._hosts)
        self.tick_s = self.settings.daemon.tick_s  # the scheduler keeps it; `pending_settings` do not change it
        self.database_group = self.settings.database_group  # set at the start, too
        self.source_jobs = JobRunner(self.clock)
        self.background_jobs = JobRunner(self.clock)
        self.last_tick_s = self.last_good_tick_s = self.clock.monotonic()
        self.last_good_tick_at = self.clock.now()
        self.watchdog_checked_s: float | None = None  # last check by the watchdog, if there is one
        self.reporter = HeartbeatReporter(self.database, self.clock)
        self.tick_lock = threading.Lock()
        self._error_throttle = ErrorThrottle(self.clock)
        self._paused_until_s: dict[str, float] = {}

    def tick(self) -> None:
        """Fail late runs, apply a new configuration, and start the runs of due sources."""
        with self.tick_lock:
            try:
                self._tick()
            except Exception as error:  # the next tick has to come
                self._error_throttle.record_failure(_LOOKUP, error)
            else:
                self.last_good_tick_s, self.last_good_tick_at = self.clock.monotonic(), self.clock.now()
            finally:
                self.last_tick_s = self.clock.monotonic()

    def send_mail(self) -> None:
        """Send due mail in a separate thread."""
        if not self.stop.is_set():
            self.background_jobs.start("mail", self._send_mail)

    def tidy(self) -> None:
        """Do the housekeeping of the database in a separate thread."""
        if not self.stop.is_set():
            self.background_jobs.start("housekeeping", self._tidy)

    def report(self) -> None:
        """Write the metrics file and send the heartbeat, as configured, in a separate thread."""
        is_configured = self.settings.daemon.heartbeat_url or self.settings.daemon.metrics_file
        if is_configured and not self.stop.is_set():
            self.background_jobs.start("report", self._report)

    def ignore_suspension(self, seconds: float) -> None:
        """Ignore a period in which the whole process was suspended, so that nothing counts as stalled because of it."""
        self.last_tick_s += seconds
        self.last_good_tick_s += seconds
        self.source_jobs.ignore_suspension(seconds)
        self.background_jobs.ignore_suspension(seconds)

    def stalled(self) -> str | None:
        """Return a phrase that names what has stalled beyond recovery, or None. Read memory only, not the database."""
        since_tick_s = self.clock.monotonic() - self.last_tick_s
        if since_tick_s > max(_TICK_STALLED_S, 10 * self.tick_s):
            return f"no check for due sources for {since_tick_s:.0f} s"
        for job in (*self.source_jobs.running(), *self.background_jobs.running()):
            running_s = self.clock.monotonic() - job.began_s
            if running_s > 2 * self.settings.daemon.deadline_s:
                return f"{job.name} has been running for {running_s:.0f} s"
        return None

    def is_alive(self) -> bool:
        """Decide if the database answers and the last tick is recent."""
        try:
            with Store(self.database) as store:
                store.events.last_id()
        except Exception as error:  # the watchdog asks, and has to go on
            self._error_throttle.record_failure(_ANSWER, error)
            return False
        self._error_throttle.record_success(_ANSWER, "the database responds again")
        return self.clock.monotonic() - self.last_tick_s < self._tick_late_s

    def _ran_continuously(self) -> bool:
        """Return False if the process may have been suspended and `ignore_suspension` was not called for it yet."""
        return self.watchdog_checked_s is None or self.clock.monotonic() - self.watchdog_checked_s < 2 * self.tick_s + 2

    @property
    def _tick_late_s(self) -> float:
        return max(_TICK_STALLED_S / 2, 2 * self.tick_s)

    def close(self) -> None:
        """Close all connections."""
        self._fetcher.close()

    def _tick(self) -> None:
        for name in self.source_jobs.newly_late(self.settings.daemon.deadline_s) if self._ran_continuously() else ():
            self._fail_late_run(name)
        if self.stop.is_set() or not self._apply_pending_settings():
            return
        with Store(self.database) as store:
            states = {state.name: state for state in store.sources.all()}
        running = self.source_jobs.running()
        on_time = [job for job in running if not job.is_late]
        sources = choose(
            self.settings.sources,
            states,
            self.clock.now(),
            room=self.settings.daemon.workers - len(on_time),
            busy={*(job.name for job in running), *self._paused()},
            busy_hosts=frozenset().union(*(job.hosts for job in on_time)),
        )
        for source in sources:
            self._start(source)
        self._send_status(states)
        self._error_throttle.record_success(_LOOKUP, "the database responds again, polling continues")

    def _start(self, source: Source) -> None:
        settings, fetcher = self.settings, self._fetcher

        def work() -> None:
            self._run_source(source, settings, fetcher)
            memory.release()

        self.source_jobs.start(source.name, work, hosts_of(source))

    def _send_status(self, states: dict[str, SourceState]) -> None:
        enabled = [source for source in self.settings.sources if source.enabled]
        now = self.clock.now()
        following = min((next_start(s, states.get(s.name), now) for s in enabled), default=None)
        text = f"{count(len(enabled), 'source')}, {len(self.source_jobs.names())} being polled"
        self.notifier.send(f"STATUS={text}, next due {following:%H:%M} UTC" if following else f"STATUS={text}")

    def _apply_pending_settings(self) -> bool:
        """Apply the pending configuration if possible, and return True if it is in force.

        New settings of the fetcher wait until all runs have ended: two fetchers at once could both send requests to one
        host.
        """
        pending = self.pending_settings
        if pending is None:
            return True
        if pending.fetch != self.settings.fetch:
            if self.source_jobs.names():
                return False
            fetcher = self.new_fetcher(pending.fetch, self.clock, self._hosts)
            self._fetcher.close()
            self._fetcher = fetcher
        self.settings, self.pending_settings = pending, None
        log.info("the new configuration is active")
        return True

    def _run_source(self, source: Source, settings: Settings, fetcher: Fetcher) -> None:
        try:
            with Store(self.database) as store:
                self._hosts.hosts = store.hosts
                report = run_source(
                    source,
                    store=store,
                    fetcher=fetcher,
                    clock=self.clock,
                    settings=settings,
                    progress=lambda url: self._continue("requesting", url),
                )
                is_put_off = self._is_put_off(source, report, store)
        except Stopped:
            log.info("%s: run interrupted by the stop, repeated after the next start", source.name)
        except (Exception, SystemExit) as error:  # SystemExit would end the thread without a record of the run
            if self.stop.is_set():
                log.info("%s: run interrupted by the stop: %s", source.name, error)
                return
            log.exception("%s: the run failed: %s", source.name, error)
            self._record_failed_run(source, f"{type(error).__name__}: {error}")
        else:
            log_run(report, is_put_off=is_put_off)

    def _is_put_off(self, source: Source, report: RunReport, store: Store) -> bool:
        """Decide if a host of the source asked in this run for a pause that is longer than the source's interval.

        Only the answer that asks for it counts, not the later runs that honour it, so that the log warns once.
        """
        if not any(attempt.outcome is Outcome.BUSY for attempt in report.attempts):
            return False
        now = self.clock.now()
        pauses = requested_pauses(source, store.hosts.pauses(now))
        return any(until - now > source.every for until in pauses.values())

    def _fail_late_run(self, name: str) -> None:
        length = f"{self.settings.daemon.deadline_s:.0f} s"
        log.error("%s: still running after %s (daemon.deadline_s); it counts as failed", name, length)
        source = next((source for source in self.settings.sources if source.name == name), None)
        if source is not None:
            self._record_failed_run(source, f"not finished after {length}")

    def _record_failed_run(self, source: Source, why: str) -> None:
        try:
            with Store(self.database) as store:
                record_failed_run(source, why, store=store, clock=self.clock, settings=self.settings)
        except Exception as error:  # ends neither the tick nor the job that calls it
            # Its due time in the database is unchanged: without a pause each tick would start it again.
            log.exception("%s: the failed run could not be recorded: %s", source.name, error)
            self._paused_until_s[source.name] = self.clock.monotonic() + _PAUSE_S

    def _paused(self) -> list[str]:
        return [name for name, until_s in list(self._paused_until_s.items()) if until_s > self.clock.monotonic()]

    def _send_mail(self) -> None:
        try:
            self._send_due()
        except Stopped:
            log.info("mail: interrupted by the stop, the rest is sent after the next start")
        except Exception as error:  # repeated at every tick: one line an hour is enough
            self._error_throttle.record_failure(_MAIL, error)
        else:
            self._error_throttle.record_success(_MAIL, "mail: works again")

    def _send_due(self) -> None:
        from scraper.delivery import enqueue
        from scraper.delivery.sending import open_sender

        settings = self.settings
        with Store(self.database) as store:
            with store.unit():
                enqueue.queue_operator_mails(store, settings, self.clock.now())
            if not store.outbox.due(self.clock.now(), 1):
                return
            progress = partial(self._continue, "sending to")
            with open_sender(store, settings, self.clock, settings.watches, progress) as sender:
                report = sender.send_due()
        memory.release()
        if report.sent:
            log.info("mail: %d sent", report.sent)
        for problem in report.problems:
            log.warning("mail: %s", problem)

    def _tidy(self) -> None:
        from scraper.store import retention

        with Store(self.database) as store:
            retention.run(store, self.settings.keep, self.clock.now(), should_continue=lambda: not self.stop.is_set())
        write_ahead = self.database.with_name(self.database.name + "-wal")
        if write_ahead.exists() and (size := write_ahead.stat().st_size) > _LARGE_LOG_BYTES:
            log.warning(
                "%s has grown to %d MB: another program reads it in one long transaction, end that",
                write_ahead,
                size // 1_000_000,
            )

    def _report(self) -> None:
        silent_s = self.clock.monotonic() - self.last_good_tick_s
        stalled = f"the check for due sources has not run for {silent_s:.0f} s" if silent_s > self._tick_late_s else ""
        self.reporter.report(self.settings, self.last_good_tick_at, stalled)

    def _continue(self, what: str, about: str) -> None:
        if self.stop.is_set():
            raise Stopped
        memory.release()  # leftovers of the last answer: with several workers they add up
        log.debug("%s %s", what, about)
