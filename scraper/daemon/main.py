"""Keeps the daemon going: APScheduler as its clock, signals, the watchdog, and an orderly end."""

from __future__ import annotations

import logging
import os
import queue
import signal
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from apscheduler.schedulers.background import BackgroundScheduler

from scraper.alerts.format import count
from scraper.daemon import memory
from scraper.daemon.daemon import Daemon, StoppableClock
from scraper.daemon.reload import Configuration
from scraper.daemon.sd_notify import Notifier
from scraper.store import Store
from scraper.store.locks import only_daemon

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger("statewire")

STALLED = 70
_MINUTE_S, _HOUR_S = 60, 3600


def serve(path: Path, named: Path | None) -> int:
    """Watch until SIGTERM or SIGINT; the exit code. The configuration at `path` is read now and at each SIGHUP;
    `named` is the database that the command line names.

    For the main thread of a process of its own: it takes the signals over, and a second SIGTERM or SIGINT, a job
    that does not end, or a stall end the process at once. Raises `LockedError` where another daemon is at work,
    and what the configuration, the database and the address guard raise.
    """
    signals: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        # All that a handler may do safely is to pass it on.
        signal.signal(number, lambda number, _: signals.put(number))
    configuration = Configuration(path, named)
    settings = configuration.read()
    database = configuration.database(settings)
    stop = threading.Event()
    with only_daemon(database):
        configuration.warn(settings)  # not by one that goes again, for another is at work
        Store(database).close()  # made or migrated now, not by several threads at once
        notifier = Notifier.of(os.environ)
        daemon = Daemon(database, settings, StoppableClock(stop), stop, notifier)
        scheduler = _scheduler(daemon)
        memory.settle()
        scheduler.start(paused=True)
        threading.Thread(target=_watch, args=(daemon, scheduler), name="watchdog", daemon=True).start()
        enabled = count(sum(source.enabled for source in settings.sources), "source")
        log.info("watching %s, keeping what they bring in %s (process %d)", enabled, database, os.getpid())
        notifier.ready(enabled)
        scheduler.resume()  # only now, so that no status comes before it
        while _next(signals) == signal.SIGHUP:
            notifier.reloading()
            configuration.read_again(daemon)
            notifier.ready()
        _end(daemon, scheduler)
    return 0


def _next(signals: queue.SimpleQueue[int]) -> int:
    """The next signal. In short waits: one that comes just before a wait begins is noticed only when that ends."""
    while True:
        with suppress(queue.Empty):
            return signals.get(timeout=1.0)


def _scheduler(daemon: Daemon) -> BackgroundScheduler:
    """APScheduler as a clock only: what is due stands in the database, so that it may forget everything."""
    options = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    scheduler = BackgroundScheduler(timezone=UTC, job_defaults=options)
    for work, seconds in (
        (daemon.tick, daemon.tick_s),
        (daemon.send_mail, daemon.tick_s),
        (daemon.report, _MINUTE_S),
        (daemon.tidy, _HOUR_S),
    ):
        scheduler.add_job(work, "interval", seconds=seconds, id=work.__name__, next_run_time=datetime.now(UTC))
    return scheduler


def wake(scheduler: BackgroundScheduler) -> None:
    """Let all jobs run now: the scheduler goes by the wall clock, and sleeps an hour when that is set back by one."""
    for job in scheduler.get_jobs():
        job.modify(next_run_time=datetime.now(UTC))


def _watch(daemon: Daemon, scheduler: BackgroundScheduler) -> None:
    """The watchdog: looks after the daemon every few seconds by a clock that nobody sets."""
    tick_s, watchdog_s = daemon.tick_s, daemon.notifier.watchdog_s
    step_s = min(tick_s, (watchdog_s or 30.0) / 3)
    slept_at_s = daemon.clock.monotonic()
    # Told to stop, the main thread takes care of the end; before that only this one can.
    while not daemon.stop.wait(step_s):
        try:
            # A container that was paused, a SIGSTOP: who oversleeps here stood still with everybody else.
            overslept_s = daemon.clock.monotonic() - slept_at_s - step_s
            if overslept_s > max(step_s, 2.0):
                log.info("stood still for %.0f s", overslept_s)
                daemon.excuse(overslept_s)
            daemon.watched_s = daemon.clock.monotonic()
            _look_after(daemon, scheduler)
        except Exception as error:  # without a watchdog, nothing would notice the next one
            log.exception("watchdog: %s", error)
        slept_at_s = daemon.clock.monotonic()


def _look_after(daemon: Daemon, scheduler: BackgroundScheduler) -> None:
    """End a process that has stalled past help, wake a scheduler that oversleeps, tell systemd of what lives."""
    stalled = daemon.stalled()
    if stalled:
        log.critical("stalled: %s; the process ends, for its supervisor to start it anew", stalled)
        logging.shutdown()
        os._exit(STALLED)
    if daemon.clock.monotonic() - daemon.ticked_s > 3 * daemon.tick_s:
        wake(scheduler)
    if daemon.notifier.watchdog_s is not None and daemon.is_alive():
        daemon.notifier.alive()


def _end(daemon: Daemon, scheduler: BackgroundScheduler) -> None:
    """Stop: what runs may finish what it is writing; what does not end within its grace is left to the system.

    Whatever is cut off so was not committed, and is done again after the next start.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: os._exit(128 + number))
    log.info("told to stop")
    daemon.notifier.stopping()
    daemon.stop.set()
    until_s = time.monotonic() + daemon.settings.daemon.grace_s
    with suppress(Exception):
        scheduler.shutdown(wait=False)
    if not daemon.turn.acquire(timeout=daemon.settings.daemon.grace_s):
        os._exit(0)  # it waits for the database, and has not begun anything
    daemon.turn.release()
    is_idle = all(crew.wait(max(0.0, until_s - time.monotonic())) for crew in (daemon.crew, daemon.errands))
    if is_idle:
        daemon.close()
        log.info("stopped")
        return
    left = ", ".join([*daemon.crew.names(), *daemon.errands.names()])
    log.warning("stopped without waiting longer for %s", left)
    logging.shutdown()
    os._exit(0)
