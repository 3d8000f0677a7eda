"""Errors that meet every turn of the daemon until somebody helps, such as a full disk: said, but not at every turn."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scraper.clock import Clock

log = logging.getLogger("statewire")

AGAIN_S = 3600.0
"""After this long an error that is still the same is said again, so that it is found in the log of any hour."""


class Complaints:
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
