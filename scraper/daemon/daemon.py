"""Work of the daemon at each tick: starts runs of due sources, sends mail, does housekeeping, reports its health."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from scraper.daemon import memory
from scraper.daemon.due import choose, hosts_of
from scraper.daemon.heartbeat import HeartbeatReporter
from scraper.daemon.jobs import Job, JobRunner, Stopped
from scraper.daemon.page_saver import PageSaver
from scraper.daemon.run_log import ErrorThrottle, log_run
from scraper.daemon.sd_notify import Notifier
from scraper.daemon.site_writer import SiteWriter
from scraper.fetch import Fetcher
from scraper.model import Channel, Outcome
from scraper.pipeline.run import record_failed_run, run_source
from scraper.source_status import next_start, requested_pauses
from scraper.store import Store
from scraper.text.normalize import count

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scraper.clock import Clock
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
# Retention waits for a day after the clock was set forward: by a wrong clock, all that it keeps would be too old.
_RETENTION_PAUSE_S = 86_400.0
# Operations that may fail at every tick, as the log names them.
_LOOKUP, _ANSWER, _OUTBOX = "due sources could not be read", "the database does not respond", "outbox"
_CHANNELS = {Channel.MAIL: "mail", Channel.WEBHOOK: "webhooks", Channel.FEED: "feeds"}


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
    """The daemon without its timers, which call `tick`, `send_mail`, `tidy` and `report` from any thread.

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
        self.tick_s = self.settings.daemon.tick_s  # its timer keeps it; `pending_settings` do not change it
        self.database_group = self.settings.database_group  # set at the start, too
        self.source_jobs = JobRunner(self.clock)
        self.background_jobs = JobRunner(self.clock)
        self.last_tick_s = self.last_good_tick_s = self.clock.monotonic()
        self.last_good_tick_at = self.clock.now()
        self.watchdog_checked_s: float | None = None  # last check by the watchdog, if there is one
        self.reporter = HeartbeatReporter(self.database, self.clock)
        self.tick_lock = threading.Lock()
        self.is_calendar_due = threading.Event()  # the weekly mail may be due
        self.is_calendar_due.set()
        self._retention_from_s = self.clock.monotonic()
        self._error_throttle = ErrorThrottle(self.clock)
        self._paused_until_s: dict[str, float] = {}
        self.site = SiteWriter(self.database, self.clock, self.stop, self._error_throttle)
        self.page_saver = PageSaver(self.database, self.clock, self._error_throttle)

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
        """Send due messages, mail and requests to webhooks each in a separate thread."""
        self._start_background("outbox", self._start_sending)

    def send_calendar_mail(self) -> None:
        """Send the mail of a time of the calendar: digests, and the weekly mail to the operator."""
        self.is_calendar_due.set()
        self.send_mail()

    def tidy(self) -> None:
        """Do the housekeeping of the database in a separate thread."""
        self._start_background("housekeeping", self._tidy)

    def report(self) -> None:
        """Write the metrics file and send the heartbeat, as configured, in a separate thread."""
        is_configured = self.settings.daemon.heartbeat_url or self.settings.daemon.metrics_file
        if is_configured:
            self._start_background("report", self._report)

    def clock_was_set(self, shift: timedelta) -> None:
        """Adapt to a wall clock that was set forward, or back if `shift` is below 0. Due times adapt by themselves."""
        self.is_calendar_due.set()
        self.reporter.begin_again()
        if shift > timedelta(0):
            self._retention_from_s = self.clock.monotonic() + _RETENTION_PAUSE_S

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
            if job.is_stalled():
                return f"{job.name} has made no progress for {job.idle_s():.0f} s"
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
        for job in self.source_jobs.newly_late() if self._ran_continuously() else ():
            self._fail_late_run(job)
        if self.stop.is_set() or not self._apply_pending_settings():
            return
        # Before the states are read: a run that ends after that may have its due time from before it.
        running = self.source_jobs.running()
        with Store(self.database) as store:
            states = {state.name: state for state in store.sources.all()}
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
        if self.site.is_due(self.settings):
            self._start_background("site", partial(self.site.write, self.settings))
        if self.page_saver.is_due(self.settings):
            saving = partial(self.page_saver.run, self.settings, self._continue)
            self._start_background("page saves", saving, self.settings.fetch.deadline_s)
        self._send_status(states)
        self._error_throttle.record_success(_LOOKUP, "the database responds again, polling continues")

    def _start(self, source: Source) -> None:
        settings, fetcher = self.settings, self._fetcher

        def work(job: Job) -> None:
            self._run_source(source, settings, fetcher, job)
            memory.release()

        self.source_jobs.start(
            source.name,
            work,
            budget_s=settings.daemon.deadline_s,
            step_s=settings.fetch.deadline_s,
            hosts=hosts_of(source),
        )

    def _start_background(self, name: str, work: Callable[[Job], None], step_s: float = 0.0) -> None:
        if not self.stop.is_set():
            self.background_jobs.start(name, work, budget_s=self.settings.daemon.deadline_s, step_s=step_s)

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
        self.site.request()
        log.info("the new configuration is active")
        return True

    def _run_source(self, source: Source, settings: Settings, fetcher: Fetcher, job: Job) -> None:
        try:
            with Store(self.database) as store:
                self._hosts.hosts = store.hosts
                report = run_source(
                    source,
                    store=store,
                    fetcher=fetcher,
                    clock=self.clock,
                    settings=settings,
                    progress=lambda url: self._continue(job, "requesting", url),
                    time_left_s=job.time_left_s,
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
            if report.captures or report.events:
                self.site.request()

    def _is_put_off(self, source: Source, report: RunReport, store: Store) -> bool:
        """Decide if a host of the source asked in this run for a pause that is longer than the source's interval.

        Only the answer that asks for it counts, not the later runs that honour it, so that the log warns once.
        """
        if not any(attempt.outcome is Outcome.BUSY for attempt in report.attempts):
            return False
        now = self.clock.now()
        pauses = requested_pauses(source, store.hosts.pauses(now, now + self.settings.fetch.longest_pause))
        return any(until - now > source.every for until in pauses.values())

    def _fail_late_run(self, job: Job) -> None:
        length = f"{job.budget_s:.0f} s"
        log.error("%s: no progress for %s (daemon.deadline_s); the run counts as failed", job.name, length)
        source = next((source for source in self.settings.sources if source.name == job.name), None)
        if source is not None:
            self._record_failed_run(source, f"no progress for {length}")

    def _record_failed_run(self, source: Source, why: str) -> None:
        self.site.request()
        try:
            with Store(self.database) as store:
                record_failed_run(source, why, store=store, clock=self.clock, settings=self.settings)
        except Exception as error:  # ends neither the tick nor the job that calls it
            # Its due time in the database is unchanged: without a pause each tick would start it again.
            log.exception("%s: the failed run could not be recorded: %s", source.name, error)
            self._paused_until_s[source.name] = self.clock.monotonic() + _PAUSE_S

    def _paused(self) -> list[str]:
        return [name for name, until_s in list(self._paused_until_s.items()) if until_s > self.clock.monotonic()]

    def _start_sending(self, _job: Job) -> None:
        from scraper.delivery import operator_mails
        from scraper.delivery.transports.factory import longest_attempt_s

        try:
            with Store(self.database) as store:
                channels = store.outbox.due_channels(self.clock.now())
                for channel, name in _CHANNELS.items():  # mail first: it starts whatever webhooks do
                    if channel in channels:
                        step_s = longest_attempt_s(self.settings, channel)
                        self._start_background(name, partial(self._send, channel), step_s)
                # The operator's mails are queued after that, and sent at the next tick: they delay no other mail.
                if self.is_calendar_due.is_set() or store.withheld.is_due(self.clock.now()):
                    self.is_calendar_due.clear()
                    with store.unit():
                        operator_mails.queue_operator_mails(store, self.settings, self.clock.now())
        except Exception as error:  # repeated at every tick: one line an hour is enough
            self.is_calendar_due.set()
            self._error_throttle.record_failure(_OUTBOX, error)
        else:
            self._error_throttle.record_success(_OUTBOX, "outbox: works again")

    def _send(self, channel: Channel, job: Job) -> None:
        name = _CHANNELS[channel]
        try:
            self._send_due(channel, job)
        except Stopped:
            log.info("%s: interrupted by the stop, the rest is sent after the next start", name)
        except Exception as error:  # repeated at every tick, too
            self._error_throttle.record_failure(name, error)
        else:
            self._error_throttle.record_success(name, f"{name}: works again")

    def _send_due(self, channel: Channel, job: Job) -> None:
        from scraper.delivery.sending import open_sender

        settings = self.settings
        progress = partial(self._continue, job, "sending to")
        with (
            Store(self.database) as store,
            open_sender(store, settings, self.clock, settings.watches, progress, job.time_left_s) as sender,
        ):
            report = sender.send_due(channel)
        memory.release()
        if report.sent:
            log.info("%s: %d sent", job.name, report.sent)
        for problem in report.problems:
            log.warning("%s: %s", job.name, problem)
        if report.left:
            log.warning(
                "%s: the time for sending (daemon.deadline_s) is used up; %s left for the next pass",
                job.name,
                count(report.left, "message"),
            )

    def _tidy(self, job: Job) -> None:
        from scraper.store import retention

        def should_continue() -> bool:
            job.record_progress()
            return not self.stop.is_set() and job.time_left_s() > 0

        if self.clock.monotonic() >= self._retention_from_s:
            with Store(self.database) as store:
                retention.run(store, self.settings.keep, self.clock.now(), should_continue=should_continue)
        write_ahead = self.database.with_name(self.database.name + "-wal")
        if write_ahead.exists() and (size := write_ahead.stat().st_size) > _LARGE_LOG_BYTES:
            log.warning(
                "%s has grown to %d MB: another program reads it in one long transaction, end that",
                write_ahead,
                size // 1_000_000,
            )

    def _report(self, _job: Job) -> None:
        silent_s = self.clock.monotonic() - self.last_good_tick_s
        stalled = f"the check for due sources has not run for {silent_s:.0f} s" if silent_s > self._tick_late_s else ""
        self.reporter.report(self.settings, self.last_good_tick_at, stalled)

    def _continue(self, job: Job, what: str, about: str) -> None:
        if self.stop.is_set():
            raise Stopped
        job.record_progress()
        memory.release()  # leftovers of the last answer: with several workers they add up
        log.debug("%s %s", what, about)
