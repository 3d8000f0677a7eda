"""Confirmation of an absence: the number of checks, and the time they span, before a text counts as gone (pure)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from scraper.rules.schedule import next_recheck

if TYPE_CHECKING:
    from datetime import datetime

CONFIRM_CHECKS = 3
CONFIRM_SPAN = timedelta(hours=24)
CONFIRM_WAIT = CONFIRM_SPAN / (CONFIRM_CHECKS - 1)


def is_confirmed(missing_since: datetime, checks: int, at: datetime) -> bool:
    """Return True if `CONFIRM_CHECKS` checks that did not find a page span `CONFIRM_SPAN`."""
    return checks >= CONFIRM_CHECKS and at - missing_since >= CONFIRM_SPAN


def confirm_recheck(missing_since: datetime, checks: int, now: datetime) -> datetime:
    """Return the time of the next check of a page that was not found.

    `checks` counts the checks that did not find it, the one at `now` included; `missing_since` is the time of the
    first. After `CONFIRM_WAIT` until the absence is confirmed, then at growing intervals, for a withdrawn statement may
    be restored.
    """
    if is_confirmed(missing_since, checks, now):
        return next_recheck(missing_since, now)
    return now + CONFIRM_WAIT
