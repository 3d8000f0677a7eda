"""What the log says of a run: a line for what came of it, and one for each thing that happened."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from scraper.pipeline.source_status import INCIDENTS

if TYPE_CHECKING:
    from scraper.clock import Clock
    from scraper.pipeline.run import RunReport
    from scraper.rules.source_health import EndpointAttempt


log = logging.getLogger("statewire")
AGAIN_S = 3600.0
"""After this long an error that is still the same is said again, so that it is found in the log of any hour."""

log = logging.getLogger("statewire")


def log_run(report: RunReport, *, is_put_off: bool = False) -> None:
    """Say it. Trouble is a warning where it begins, so that those who hear only of warnings hear of it.

    `is_put_off`: a host asked just now for a wait that makes the source late.
    """
    source = {"source": report.source}
    if report.served_by is None:
        # What came and was not understood says more of the source than what did not come.
        what = "read" if any(attempt.drifted for attempt in report.attempts) else "fetched"
        why = "; ".join(map(_failure, report.attempts))
        # A host that asked us to come a little later is no trouble.
        level = logging.INFO if report.is_good and not is_put_off else logging.WARNING
        log.log(level, "%s: nothing could be %s: %s", report.source, what, why, extra=source)
    else:
        log.info("%s: %d items at %s", report.source, report.items, report.served_by, extra=source)
    for event in report.events:
        if not event.backfill:
            subject = event.title or event.page_title or "; ".join(event.reasons)
            level = logging.WARNING if event.kind in INCIDENTS else logging.INFO
            kind = event.kind.value
            log.log(level, "%s: %s: %s", report.source, kind, subject, extra=source | {"event": kind})
    for problem in report.problems:
        log.info("%s: note: %s", report.source, problem, extra=source)


def _failure(attempt: EndpointAttempt) -> str:
    """How an endpoint failed, after its address; who could not read its answer begins with that address as well."""
    if not attempt.drifted:
        return f"{attempt.url}: {attempt.outcome.value.replace('_', ' ')} ({attempt.detail})"
    address, _, words = attempt.detail.partition(": ")
    return f"{attempt.url}: changed shape ({words if address.startswith(attempt.url) else attempt.detail})"


class ErrorThrottle:
    """Remembers of each thing that fails which error was said last, and when."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._said: dict[str, tuple[str, float]] = {}

    def fails(self, what: str, error: BaseException) -> None:
        """Say the error, unless the same one was said within the hour."""
        kind, now_s = f"{type(error).__name__}: {error}", self._clock.monotonic()
        said, at_s = self._said.get(what, ("", 0.0))
        if kind != said or now_s - at_s >= AGAIN_S:
            self._said[what] = kind, now_s
            log.error("%s: %s", what, error, exc_info=error)

    def works(self, what: str, words: str) -> None:
        """Say that an error has ended, where there was one."""
        if self._said.pop(what, None) is not None:
            log.info("%s", words)
