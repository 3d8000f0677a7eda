"""Log of runs: a line for the result, and one for each event and problem; a throttle for repeated errors."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from scraper.model import INCIDENTS
from scraper.rules.source_health import describe_failures

if TYPE_CHECKING:
    from scraper.clock import Clock
    from scraper.pipeline.run import RunReport


log = logging.getLogger("statewire")
AGAIN_S = 3600.0
"""Interval in seconds at which an unchanged error is logged again, so that the log of each hour contains it."""


def log_run(report: RunReport, *, is_put_off: bool = False) -> None:
    """Log a run. The start of an incident is a warning, so that a log of warnings shows it.

    `is_put_off` means that a host asked in this run for a pause that makes the source late.
    """
    source = {"source": report.source}
    if report.summary or report.is_idle:
        log.info("%s: %s", report.source, report.summary or "nothing was asked", extra=source)
    elif report.served_by is None:
        # An answer that could not be parsed says more about the source than a missing one.
        what = "read" if any(attempt.drifted for attempt in report.attempts) else "fetched"
        # The URL of an endpoint once: `detail` may repeat it.
        named = (replace(attempt, detail=attempt.problem or attempt.detail) for attempt in report.attempts)
        # A host that asks for a short pause is no problem.
        level = logging.INFO if report.is_good and not is_put_off else logging.WARNING
        log.log(level, "%s: nothing could be %s: %s", report.source, what, describe_failures(named), extra=source)
    else:
        log.info("%s: %d items at %s", report.source, report.items, report.served_by, extra=source)
    for event in report.events:
        if not event.backfill:
            subject = event.title or event.page_title or "; ".join(event.reason_texts)
            level = logging.WARNING if event.kind in INCIDENTS else logging.INFO
            kind = event.kind.value
            log.log(level, "%s: %s: %s", report.source, kind, subject, extra=source | {"event": kind})
    for why in report.left_over:
        log.warning("%s: %s", report.source, why, extra=source)
    for problem in report.problems:
        log.info("%s: note: %s", report.source, problem, extra=source)


class ErrorThrottle:
    """Throttle of repeated errors: keeps the last logged error of each operation, and its time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._logged: dict[str, tuple[str, float]] = {}

    def record_failure(self, operation: str, error: BaseException) -> None:
        """Log the error of an operation, unless the same one was logged within the hour."""
        kind, now_s = f"{type(error).__name__}: {error}", self._clock.monotonic()
        last_kind, at_s = self._logged.get(operation, ("", 0.0))
        if kind != last_kind or now_s - at_s >= AGAIN_S:
            self._logged[operation] = kind, now_s
            log.error("%s: %s", operation, error, exc_info=error)

    def record_success(self, operation: str, message: str) -> None:
        """Log that an operation works again, if its last call failed."""
        if self._logged.pop(operation, None) is not None:
            log.info("%s", message)
