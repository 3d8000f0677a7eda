"""Schedule of polls of a source, of rechecks of statements and mirror pages, and of retries (pure).

All times are aware UTC. A wait that a server requested is not a due time: it is stored with the host's state.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

SPREAD = 0.1
"""Share of an interval by which polls are spread, so that sources with equal intervals do not stay synchronised."""

LONGEST_RECHECK = timedelta(days=30)

# A text counts as gone after this number of checks that missed it, over this time: sites have bad hours.
CONFIRM_CHECKS = 3
CONFIRM_SPAN = timedelta(hours=24)
CONFIRM_WAIT = CONFIRM_SPAN / (CONFIRM_CHECKS - 1)

WALL_SPAN = timedelta(days=14)
"""Time after which a page that shows something else in its place counts as that: no wall is waited for for ever."""

RETRY = timedelta(hours=1)
"""Wait before a page is fetched again that gave no result (blocked, timed out), or of which only the list was read."""

SHORTEST_INTERVAL = timedelta(minutes=5)
"""State updates its feeds every ten minutes: more frequent polls than this cause load and bring no news."""
MUCH_NEWS = 3
MAX_GAP_S = 60.0
"""Longest pause before a request for a Crawl-delay or a slow host; more would stop a source."""

# Fifteen runs without news, at growing intervals, lead from `every` to four times as much: a source polled every
# quarter of an hour gets there in seven and a half quiet hours, so that a night slows it and an afternoon hardly.
_SLOWER = 1.1

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# State edits early: half of all edits come within 3 hours, nine of ten within 21. If rechecks are on time, a page is
# fetched at the age of 1 hour, 6 hours, 1 day, 3 days and a week, then monthly.
_RECHECKS = ((_HOUR, _HOUR), (6 * _HOUR, 5 * _HOUR), (_DAY, 18 * _HOUR), (3 * _DAY, 2 * _DAY), (7 * _DAY, 4 * _DAY))

_PAGE_RECHECKS = (_DAY, 7 * _DAY, 30 * _DAY)


@dataclass(frozen=True, slots=True)
class ActiveHours:
    """Hours of the day in which a source is polled: from `start` to before `stop` in local time of a zone, past
    midnight if `stop` is the earlier.
    """

    start: time
    stop: time
    zone: ZoneInfo

    def contains(self, at: datetime) -> bool:
        """Return True if the local time is within these hours; `stop` itself is not."""
        return is_between(at.astimezone(self.zone).time(), self.start, self.stop)

    def next_start(self, at: datetime) -> datetime:
        """Return `at` if it is within these hours, else the time when they begin next."""
        if self.contains(at):
            return at
        # Minute by minute, because at a change to or from summer time the start may be skipped or come twice.
        minute = at.replace(second=0, microsecond=0)
        while not self.contains(minute):
            minute += _MINUTE
        return minute


def is_between(now: time, start: time, stop: time) -> bool:
    """Return True if a time of day is from `start` to before `stop`, past midnight if `stop` is the earlier."""
    return start <= now < stop if start < stop else now >= start or now < stop


def next_due(last_started_at: datetime, interval: timedelta, jitter: float) -> datetime:
    """Return the time of the next poll of a source: after `interval`, or up to a tenth of it earlier.

    `jitter` is a random number from 0 (exactly `interval`) to 1. Never later than `interval`, so that a due time
    further ahead than that reveals a clock that jumped (`is_due`).
    """
    return last_started_at + interval * (1 - SPREAD * jitter)


def is_due(now: datetime, due_at: datetime | None, interval: timedelta, hours: ActiveHours | None = None) -> bool:
    """Return True if a source is due: its time has come, it was never polled (None), or its due time lies
    further ahead than one interval, which only a clock that was set back explains. It is never due outside its hours.
    """
    has_come = due_at is None or due_at <= now or due_at > now + interval
    return has_come and (hours is None or hours.contains(now))


def bounds(every: timedelta) -> tuple[timedelta, timedelta]:
    """Return the shortest and the longest interval of a source configured with `every`: half and four times it.

    Never shorter than `SHORTEST_INTERVAL`, unless `every` itself is.
    """
    return min(every, max(every / 2, SHORTEST_INTERVAL)), 4 * every


def current_interval(every: timedelta, interval: timedelta | None) -> timedelta:
    """Return the interval in force: the stored one (None: none was stored) within the bounds of the configuration."""
    shortest, longest = bounds(every)
    return every if interval is None else min(max(interval, shortest), longest)


def next_interval(every: timedelta, interval: timedelta | None, news: int) -> timedelta:
    """Return the interval after a run with that many new items.

    None: a tenth longer. Some: back to `every` at once, if it was longer. `MUCH_NEWS` or more: half of that.
    """
    now = current_interval(every, interval)
    shortest, longest = bounds(every)
    if news == 0:
        return min(now * _SLOWER, longest)
    now = min(now, every)
    return max(now / 2, shortest) if news >= MUCH_NEWS else now


def next_recheck(first_seen_at: datetime, last_checked_at: datetime) -> datetime:
    """Return the time of the next check of a statement's own page: the older it was at the last, the longer the wait.

    At most `LONGEST_RECHECK` after `last_checked_at`.
    """
    age = _age(first_seen_at, last_checked_at)
    wait = next((wait for until, wait in _RECHECKS if age < until), LONGEST_RECHECK)
    return last_checked_at + wait


def _age(first_seen_at: datetime, at: datetime) -> timedelta:
    """Return the age of what was first seen by a clock that may have been set since: the distance of the times."""
    return abs(at - first_seen_at)


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


def next_page_check(first_seen_at: datetime, last_checked_at: datetime) -> datetime:
    """Return the time of the next check of another site's page: at the age of a day, a week, a month, then monthly."""
    age = _age(first_seen_at, last_checked_at)
    wait = next((until - age for until in _PAGE_RECHECKS if age < until), LONGEST_RECHECK)
    # A page that was checked an hour before it is a week old need not be checked again at a week.
    return last_checked_at + max(wait, _DAY)


def next_retry(last_seen_at: datetime, now: datetime) -> datetime:
    """Return the time of the next request for a page that did not respond: in an hour, then at growing intervals."""
    return now + min(max(_HOUR, (now - last_seen_at) / 2), 7 * _DAY)


def next_try(first_failed_at: datetime, last_failed_at: datetime) -> datetime:
    """Return the time of the next request for a page that a list names and that could not be read.

    At the next run, for it may be news; then at growing intervals, but at least every three hours: after a failure of
    a whole site for days, its news should not wait much longer.
    """
    return last_failed_at + min((last_failed_at - first_failed_at) / 2, 3 * _HOUR)


def is_backing_off(failures: tuple[datetime, datetime] | None, at: datetime) -> bool:
    """Decide if a page has failed for so long, from the first to the last failure, that not every run requests it."""
    # A failure that was recorded by a clock that was ahead does not count.
    return failures is not None and failures[1] <= at < next_try(*failures)
