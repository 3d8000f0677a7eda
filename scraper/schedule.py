"""When a source is asked next, and when a statement's own page is looked at again (pure).

All times are aware UTC. A wait that a server asked for is no due time: it is kept where requests are sent.
"""

from __future__ import annotations

from datetime import datetime, timedelta

SPREAD = 0.1
"""The part of an interval by which looks are spread, so that sources with one interval do not meet for ever."""

CONFIRM_CHECKS = 3
CONFIRM_SPAN = timedelta(hours=24)
CONFIRM_WAIT = CONFIRM_SPAN / (CONFIRM_CHECKS - 1)

LONGEST_RECHECK = timedelta(days=30)

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
# State edits early: half of all edits come within 3 hours, nine of ten within 21. Looked at on time, a page is
# seen at the age of 1 hour, 6 hours, 1 day, 3 days and a week, then monthly.
_RECHECKS = ((_HOUR, _HOUR), (6 * _HOUR, 5 * _HOUR), (_DAY, 18 * _HOUR), (3 * _DAY, 2 * _DAY), (7 * _DAY, 4 * _DAY))

_PAGE_RECHECKS = (_DAY, 7 * _DAY, 30 * _DAY)


def next_due(last_started_at: datetime, every: timedelta, jitter: float) -> datetime:
    """When a source is asked again: after `every`, or up to a tenth of it earlier.

    `jitter` is a random number from 0 (exactly `every`) to 1. Never later than `every`, so that a due time
    further ahead than that betrays a clock that jumped (`is_due`).
    """
    return last_started_at + every * (1 - SPREAD * jitter)


def is_due(now: datetime, due_at: datetime | None, every: timedelta) -> bool:
    """Whether a source is to be asked now: its time has come, it was never asked (None), or its due time lies
    further ahead than one interval, which only a clock that was set back explains.
    """
    return due_at is None or due_at <= now or due_at > now + every


def next_recheck(first_seen_at: datetime, last_checked_at: datetime) -> datetime:
    """When a statement's own page is looked at again: the older it was at the last look, the longer the wait.

    At the most `LONGEST_RECHECK` after `last_checked_at`.
    """
    age = last_checked_at - first_seen_at
    wait = next((wait for until, wait in _RECHECKS if age < until), LONGEST_RECHECK)
    return last_checked_at + wait


def next_page_check(first_seen_at: datetime, last_checked_at: datetime) -> datetime:
    """When another site's page is looked at again: at the age of a day, a week and a month, then monthly."""
    age = last_checked_at - first_seen_at
    wait = next((until - age for until in _PAGE_RECHECKS if age < until), LONGEST_RECHECK)
    # What is seen an hour before the week is up need not be seen again then.
    return last_checked_at + max(wait, _DAY)


def next_retry(last_seen_at: datetime, now: datetime) -> datetime:
    """When a page is asked for again that did not answer: after an hour, then ever more rarely while it stays so."""
    return now + min(max(_HOUR, (now - last_seen_at) / 2), 7 * _DAY)


def confirm_recheck(missing_since: datetime, checks: int, now: datetime) -> datetime:
    """When a page that was not found is looked at again.

    `checks` counts the looks that did not find it, the one at `now` included; `missing_since` is the first of
    them. Every 12 hours until `CONFIRM_CHECKS` looks span `CONFIRM_SPAN` and the absence is confirmed; from
    then on ever more rarely, for what was withdrawn may be restored.
    """
    if checks >= CONFIRM_CHECKS and now - missing_since >= CONFIRM_SPAN:
        return next_recheck(missing_since, now)
    return now + CONFIRM_WAIT
