"""Main loop of the daemon: start, timers, signals, reloads, the watchdog, and an orderly stop."""

from __future__ import annotations

import logging
import os
import queue
import signal
import threading
import time
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from scraper.clock import format_duration
from scraper.config import loader
from scraper.daemon import memory
from scraper.daemon.daemon import Daemon
from scraper.daemon.jobs import StoppableClock
from scraper.daemon.sd_notify import Notifier
from scraper.daemon.timers import Calendar, ClockWatch, call_every
from scraper.errors import StatewireError
from scraper.files import Access, unreadable_folder
from scraper.store import Store, paths
from scraper.store.locks import only_daemon
from scraper.text.normalize import count

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from scraper.config.settings import Settings

log = logging.getLogger("statewire")

STALLED = 70
_MINUTE_S, _HOUR_S = 60, 3600


def serve(path: Path, named: Path | None) -> int:
    """Run the daemon until SIGTERM or SIGINT and return the exit code.

    The configuration at `path` is read now and at each SIGHUP; `named` is the database from the command line.
    Call it in the main thread of a separate process: it replaces the signal handlers, and a second SIGTERM or SIGINT,
    a job that does not end, or a stall end the process at once. Raise `LockedError` if another daemon is running, and
    the errors of the configuration, the database and the address guard.
    """
    signals: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        # A handler can do nothing else safely.
        signal.signal(number, lambda number, _: signals.put(number))
    settings = loader.load(path)
    configuration = Configuration(path, named)
    database = loader.database_path(settings, named)
    stop = threading.Event()
    access = Access.of(settings.database_group)
    is_new = paths.is_missing(database)
    with only_daemon(database, access):
        with Store(database, access) as store:  # create or upgrade it here, not in several threads at once
            configuration.warn(settings, store)  # after the lock: a second daemon exits without warnings
        if is_new:
            log.info("created %s", database)
        if hint := unreadable_folder(database, access):
            log.warning("%s", hint)
        notifier = Notifier.from_environment(os.environ)
        daemon = Daemon(database, settings, StoppableClock(stop), stop, notifier)
        calendar = Calendar(partial(_next_calendar_time, daemon), daemon.send_calendar_mail)
        memory.settle()
        threading.Thread(target=_run_watchdog, args=(daemon, calendar), name="watchdog", daemon=True).start()
        enabled = count(sum(source.enabled for source in settings.sources), "source")
        log.info("monitoring %s, database %s (process %d)", enabled, database, os.getpid())
        notifier.send("READY=1", f"STATUS={enabled}")
        _start_timers(daemon)  # after READY, so that no status message precedes it
        calendar.arm()
        while _next_signal(signals) == signal.SIGHUP:
            notifier.send("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
            configuration.read_again(daemon)
            calendar.arm()
            daemon.is_calendar_due.set()
            notifier.send("READY=1", "STATUS=")
        _stop(daemon, calendar)
    return 0


class Configuration:
    """The configuration file at `path`, read again at each reload. `named` is the database from the command line."""

    def __init__(self, path: Path, named: Path | None) -> None:
        self._path = path
        self._named = named
        self._warned: tuple[str, ...] = ()

    def warn(self, settings: Settings, store: Store | None = None) -> None:
        """Log warnings about the settings, except those of the last call. `store` has the names that State uses."""
        from scraper.delivery import watch_report

        warnings = [*loader.warnings(settings), *watch_report.find_unknown(settings, store)]
        if not any(watch.enabled for watch in settings.watches):
            warnings.append(f"{watch_report.NO_WATCH}; {watch_report.ADD_WATCH}")
        for warning in warnings:
            if warning not in self._warned:
                log.warning("%s", warning)
        self._warned = tuple(warnings)

    def read_again(self, daemon: Daemon) -> None:
        """Load the settings again for a daemon. If they are invalid, log the errors and keep the current ones."""
        try:
            wanted = loader.load(self._path, if_missing="restore it, then send SIGHUP again")
            with Store(daemon.database) as store:
                self.warn(wanted, store)
        except StatewireError as error:
            log.error("the new configuration cannot be used, the current one stays active")
            for line in str(error).splitlines():
                log.error("%s", line)
            return
        for difference in self._changes_at_next_start(wanted, daemon):
            log.warning("%s", difference)
        log.info("the configuration was read again")
        daemon.pending_settings = wanted

    def _changes_at_next_start(self, wanted: Settings, daemon: Daemon) -> Iterator[str]:
        """Yield the settings that only take effect at the next start, compared with those of the running daemon."""
        database, tick_s = loader.database_path(wanted, self._named), wanted.daemon.tick_s
        if database != daemon.database:
            yield f"database: {database} takes effect at the next start; until then it is {daemon.database}"
        if wanted.database_group != daemon.database_group:
            yield f"database_group: {wanted.database_group} takes effect at the next start"
        if tick_s != daemon.tick_s:
            yield f"daemon.tick_s: {tick_s:g} takes effect at the next start; until then it is {daemon.tick_s:g}"


def _next_signal(signals: queue.SimpleQueue[int]) -> int:
    """Return the next signal. Wait in short steps: a signal just before a wait is noticed only at its end."""
    while True:
        with suppress(queue.Empty):
            return signals.get(timeout=1.0)


def _start_timers(daemon: Daemon) -> None:
    """Start the intervals, each in its own thread: a tick that waits for the database delays no report of it."""
    for work, seconds in (
        (daemon.tick, daemon.tick_s),
        (daemon.send_mail, daemon.tick_s),
        (daemon.report, _MINUTE_S),
        (daemon.tidy, _HOUR_S),
    ):
        call_every(seconds, work, daemon.stop)


def _next_calendar_time(daemon: Daemon, now: datetime) -> datetime | None:
    from scraper.delivery import operator_mails

    return operator_mails.next_calendar_time(daemon.pending_settings or daemon.settings, now)


def _run_watchdog(daemon: Daemon, calendar: Calendar) -> None:
    """Supervise the daemon every few seconds, by the monotonic clock."""
    tick_s, watchdog_s = daemon.tick_s, daemon.notifier.watchdog_s
    step_s = min(tick_s, (watchdog_s or 30.0) / 3)
    clock_watch = ClockWatch(daemon.clock)
    slept_at_s = daemon.clock.monotonic()
    # After a stop signal the main thread ends the process; before that only this thread can.
    while not daemon.stop.wait(step_s):
        try:
            # A paused container or a SIGSTOP: if this thread oversleeps, the whole process was suspended.
            overslept_s = daemon.clock.monotonic() - slept_at_s - step_s
            if overslept_s > max(step_s, 2.0):
                log.info("was suspended for %.0f s", overslept_s)
                daemon.ignore_suspension(overslept_s)
            daemon.watchdog_checked_s = daemon.clock.monotonic()
            _check(daemon, calendar, clock_watch)
        except Exception as error:  # the watchdog must survive to notice the next error
            log.exception("watchdog: %s", error)
        slept_at_s = daemon.clock.monotonic()


def _check(daemon: Daemon, calendar: Calendar, clock_watch: ClockWatch) -> None:
    """End a process that has stalled beyond recovery, notice a clock that was set, notify systemd's watchdog."""
    stalled = daemon.stalled()
    if stalled:
        log.critical("stalled: %s; the process exits, so that its supervisor can restart it", stalled)
        logging.shutdown()
        os._exit(STALLED)
    if (shift := clock_watch.jump()) is not None:
        direction = "forward" if shift > timedelta(0) else "back"
        log.warning("the clock of this machine went %s by %s", direction, format_duration(abs(shift)))
        daemon.clock_was_set(shift)
        calendar.arm()
    if daemon.notifier.watchdog_s is not None and daemon.is_alive():
        daemon.notifier.send("WATCHDOG=1")


def _stop(daemon: Daemon, calendar: Calendar) -> None:
    """Stop the daemon: jobs may finish their current write; the exit of the process ends those that exceed the grace.

    Interrupted work was not committed and is repeated after the next start.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: os._exit(128 + number))
    log.info("stop signal received")
    daemon.notifier.send("STOPPING=1")
    daemon.stop.set()
    until_s = time.monotonic() + daemon.settings.daemon.grace_s
    calendar.stop()
    if not daemon.tick_lock.acquire(timeout=daemon.settings.daemon.grace_s):
        os._exit(0)  # a tick waits for the database and has not started any run
    daemon.tick_lock.release()
    is_idle = all(
        runner.wait(max(0.0, until_s - time.monotonic())) for runner in (daemon.source_jobs, daemon.background_jobs)
    )
    if is_idle:
        daemon.close()
        log.info("stopped")
        return
    unfinished = ", ".join([*daemon.source_jobs.names(), *daemon.background_jobs.names()])
    log.warning("stopped without waiting for %s", unfinished)
    logging.shutdown()
    os._exit(0)
