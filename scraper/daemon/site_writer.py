"""Job of the daemon that keeps the static site up to date, in a share of the time that other work never waits for."""

import logging
import threading
from pathlib import Path
from typing import Final

from scraper.clock import Clock
from scraper.config.settings import Settings
from scraper.daemon import memory
from scraper.daemon.jobs import Job
from scraper.daemon.run_log import ErrorThrottle
from scraper.errors import LockedError, StatewireError

log = logging.getLogger("statewire")

_NAME: Final = "site"
# At least so long after each run, and so many times as long as the run took: a tenth of one processor.
_PAUSE_S: Final = 30.0
_PAUSE_FACTOR: Final = 10
_AFTER_FAILURE_S: Final = 300.0
# Between two pages, so that threads that poll and send need not wait for Python's lock.
_YIELD_S: Final = 0.001


class SiteWriter:
    """Writer of the folder `web.site_dir` for the daemon. `request` asks for a run; `is_due` decides when it begins."""

    def __init__(self, database: Path, clock: Clock, stop: threading.Event, throttle: ErrorThrottle) -> None:
        self._database = database
        self._clock = clock
        self._stop = stop
        self._throttle = throttle
        self._wanted = threading.Event()
        self._wanted.set()  # the first run finds what was stored before the start
        self._from_s = clock.monotonic()

    def request(self) -> None:
        """Ask for a run: something was stored, or the settings have changed."""
        self._wanted.set()

    def is_due(self, settings: Settings) -> bool:
        """Decide if a run may begin now."""
        is_configured = settings.web.site_dir is not None
        return is_configured and self._wanted.is_set() and self._clock.monotonic() >= self._from_s

    def write(self, settings: Settings, job: Job) -> None:
        """Write what has changed. Failures are logged, not raised, and the next run tries again."""
        from scraper.web.site import write_site

        folder = settings.web.site_dir
        if folder is None:
            return
        began_s = self._clock.monotonic()
        pause_s = _PAUSE_S
        self._wanted.clear()  # before the database is read: what is stored meanwhile is for the next run

        def should_continue() -> bool:
            job.record_progress()
            return not self._stop.wait(_YIELD_S) and job.time_left_s() > 0

        try:
            report = write_site(self._database, folder, settings, self._clock, should_continue)
            if report.failed:
                raise StatewireError(f"{len(report.failed)} pages could not be rendered, such as {report.failed[0]}")
        except LockedError as error:  # of `statewire site`
            log.debug("%s: %s", _NAME, error)
            self._wanted.set()
        except Exception as error:  # the daemon goes on without its pages
            self._throttle.record_failure(_NAME, error)
            self._wanted.set()
            pause_s = _AFTER_FAILURE_S
        else:
            self._throttle.record_success(_NAME, f"{_NAME}: works again")
            if report.written or report.removed:
                log.info("%s: %d files written, %d removed", _NAME, report.written, report.removed)
            if not report.is_complete:
                self._wanted.set()
        ended_s = self._clock.monotonic()
        self._from_s = ended_s + max(pause_s, _PAUSE_FACTOR * (ended_s - began_s))
        memory.release()
