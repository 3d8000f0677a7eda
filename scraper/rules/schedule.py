"""When a source is asked next, and when a statement's own page is looked at again (pure).

All times are aware UTC. A wait that a server asked for is no due time: it is kept where requests are sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

SPREAD = 0.1
"""The part of an interval by which looks are spread, so that sources with one interval do not meet for ever."""

CONFIRM_CHECKS = 3
CONFIRM_SPAN = timedelta(hours=24)
CONFIRM_WAIT = CONFIRM_SPAN / (CONFIRM_CHECKS - 1)

LONGEST_RECHECK = timedelta(days=30)

RETRY = timedelta(hours=1)
"""After this long a page is looked at again that told nothing (blocked, timed out), or whose list alone was read."""

SHORTEST_INTERVAL = timedelta(minutes=5)
"""State renews its feeds every ten minutes: asking more often than this brings load and no news."""
MUCH_NEWS = 3
RECHECK_SHARE = 0.7
"""The part of a host's requests of a day up to which known statements are looked at again; the rest is for news."""

# Fifteen runs that bring nothing, of growing length, lead from `every` to four times as much: a source asked every
# quarter of an hour gets there in seven and a half quiet hours, so that a night slows it and an afternoon hardly.
_SLOWER = 1.1

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# State edits early: half of all edits come within 3 hours, nine of ten within 21. Looked at on time, a page is
# seen at the age of 1 hour, 6 hours, 1 day, 3 days and a week, then monthly.
_RECHECKS = ((_HOUR, _HOUR), (6 * _HOUR, 5 * _HOUR), (_DAY, 18 * _HOUR), (3 * _DAY, 2 * _DAY), (7 * _DAY, 4 * _DAY))

_PAGE_RECHECKS = (_DAY, 7 * _DAY, 30 * _DAY)


@dataclass(frozen=True, slots=True)
class ActiveHours:
    """The hours of the day in which a source is asked: from `start` up to `stop` on the clocks of a zone, past
    midnight where `stop` is the earlier.
    """

    start: time
    stop: time
    zone: ZoneInfo

    def holds(self, at: datetime) -> bool:
        """Whether the clocks show one of these hours; `stop` is none of them."""
        shown = at.astimezone(self.zone).time()
        if self.start < self.stop:
            return self.start <= shown < self.stop
        return shown >= self.start or shown < self.stop

    def begin(self, at: datetime) -> datetime:
        """`at` where it is within these hours, else when they begin next."""
        if self.holds(at):
            return at
        # Minute by minute, for the clocks may skip their beginning, or show it twice.
        minute = at.replace(second=0, microsecond=0)
        while not self.holds(minute):
            minute += _MINUTE
        return minute


def next_due(last_started_at: datetime, interval: timedelta, jitter: float) -> datetime:
    """When a source is asked again: after `interval`, or up to a tenth of it earlier.

    `jitter` is a random number from 0 (exactly `interval`) to 1. Never later than `interval`, so that a due time
    further ahead than that betrays a clock that jumped (`is_due`).
    """
    return last_started_at + interval * (1 - SPREAD * jitter)


def is_due(now: datetime, due_at: datetime | None, interval: timedelta, hours: ActiveHours | None = None) -> bool:
    """Whether a source is to be asked now: its time has come, it was never asked (None), or its due time lies
    further ahead than one interval, which only a clock that was set back explains. Outside its hours it never is.
    """
    has_come = due_at is None or due_at <= now or due_at > now + interval
    return has_come and (hours is None or hours.holds(now))


def bounds(every: timedelta) -> tuple[timedelta, timedelta]:
    """The shortest and the longest interval of a source that is to be asked `every` so often: half and four times it.

    Never shorter than `SHORTEST_INTERVAL`, except where `every` itself is.
    """
    return min(every, max(every / 2, SHORTEST_INTERVAL)), 4 * every


def current_interval(every: timedelta, interval: timedelta | None) -> timedelta:
    """The interval in force: what was kept (None: nothing was) within what the configuration now allows."""
    shortest, longest = bounds(every)
    return every if interval is None else min(max(interval, shortest), longest)


def next_interval(every: timedelta, interval: timedelta | None, news: int) -> timedelta:
    """The interval after a run that brought so much news.

    None: a tenth longer. Some: back to `every` at once, where it was longer. Much: half of that.
    """
    now = current_interval(every, interval)
    shortest, longest = bounds(every)
    if news == 0:
        return min(now * _SLOWER, longest)
    now = min(now, every)
    return max(now / 2, shortest) if news >= MUCH_NEWS else now


def has_room_for_rechecks(requests: int, per_day: int | None) -> bool:
    """Whether a host that had so many requests today is still to be bothered with what is known already."""
    return per_day is None or requests < RECHECK_SHARE * per_day


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


def next_try(first_failed_at: datetime, last_failed_at: datetime) -> datetime:
    """When a page that a list names and that could not be read is asked for again.

    At the next run, for it may be news; then ever more rarely while it stays so, but every three hours: where a whole
    site failed for days, its news are not to wait much longer.
    """
    return last_failed_at + min((last_failed_at - first_failed_at) / 2, 3 * _HOUR)


def confirm_recheck(missing_since: datetime, checks: int, now: datetime) -> datetime:
    """When a page that was not found is looked at again.

    `checks` counts the looks that did not find it, the one at `now` included; `missing_since` is the first of
    them. Every 12 hours until `CONFIRM_CHECKS` looks span `CONFIRM_SPAN` and the absence is confirmed; from
    then on ever more rarely, for what was withdrawn may be restored.
    """
    if checks >= CONFIRM_CHECKS and now - missing_since >= CONFIRM_SPAN:
        return next_recheck(missing_since, now)
    return now + CONFIRM_WAIT
