"""Job of the daemon that asks the Internet Archive to save pages, in a thread that no other work waits for."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from scraper.clock import Clock
from scraper.config.settings import Settings
from scraper.daemon.jobs import Job, Stopped
from scraper.daemon.run_log import ErrorThrottle
from scraper.store import Store
from scraper.text.normalize import count

log = logging.getLogger("statewire")

_NAME: Final = "page saves"


class PageSaver:
    """Saver of pages for watches with `save_pages`."""

    def __init__(self, database: Path, clock: Clock, throttle: ErrorThrottle) -> None:
        self._database = database
        self._clock = clock
        self._throttle = throttle
        self._settings: Settings | None = None
        self._problem = ""

    def is_due(self, settings: Settings) -> bool:
        """Return True if a watch has pages saved, or if passes with other settings left saves that have not ended."""
        return settings.saves_pages or settings is not self._settings

    def run(self, settings: Settings, progress: Callable[[Job, str, str], None], job: Job) -> None:
        """Do a pass. Failures are logged, not raised, and the next pass goes on."""
        from scraper.pipeline.save_pages import save_pages

        try:
            with Store(self._database) as store:
                report = save_pages(
                    store,
                    settings,
                    self._clock,
                    progress=lambda url: progress(job, "requesting", url),
                    time_left_s=job.time_left_s,
                )
                is_over = not store.page_saves.counts().waiting
        except Stopped:
            log.info("%s: interrupted by the stop, continued after the next start", _NAME)
        except Exception as error:  # the daemon goes on without it
            self._throttle.record_failure(_NAME, error)
        else:
            # What the service works on still gets its result, and another process may have been doing a pass.
            self._settings = settings if is_over else None
            self._throttle.record_success(_NAME, f"{_NAME}: works again")
            if report.saved:
                log.info("%s: %s saved by the Internet Archive", _NAME, count(report.saved, "page"))
            if report.given_up:
                log.warning("%s: %s given up", _NAME, count(report.given_up, "page"))
            if report.problem not in {"", self._problem}:
                log.warning("%s: the Internet Archive: %s", _NAME, report.problem)
            if report.problem or report.requested or report.saved:
                self._problem = report.problem
