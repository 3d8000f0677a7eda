"""Due time of a message: at once, daily or weekly in the reader's local time, and never in quiet hours (pure).

- A local time that the clocks skip means the moment to which they jump; one that occurs twice means the first.
- Quiet hours follow the reader's local clock, so an hour that occurs twice is quiet twice.
- There is one digest per local day (or ISO week). If two would fall on one (the clocks skip the end of a day, in Nuuk
  every spring, or all of it, as in Apia in 2011), the later one contains the events of both.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from scraper.config.choices import Cadence
from scraper.rules.schedule import is_between

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from scraper.config.alerts import Watch

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


def due(watch: Watch, at: datetime, group: timedelta) -> datetime:
    """Return the due time, in UTC, of the message about an event at `at`.

    `group` is how long an instant message waits for further events of its statement. For a digest it is the next digest
    strictly after `at`; a digest that quiet hours delay includes the events that happen meanwhile.
    """
    if watch.deliver.cadence is Cadence.INSTANT:
        return after_quiet(watch, at + group)
    step = 7 if watch.deliver.cadence is Cadence.WEEKLY else 1
    # Start far enough back for a digest that quiet hours, or a day that the clocks skip, moved past midnight.
    day = _local(watch, at).date() - (step + 1) * _DAY
    if step == 7:
        day += (watch.deliver.weekday - day.weekday()) % 7 * _DAY
    moment = _digest(watch, day)
    while True:
        day += step * _DAY
        following = _digest(watch, day)
        if moment > at and slot(watch, moment) != slot(watch, following):
            return moment
        moment = following


def slot(watch: Watch, due_at: datetime) -> str:
    """Return the key of the digest that is due at `due_at`: its local day `2026-03-08`, or its ISO week `2026-W10`.

    No two digests of a watch share a key.
    """
    day = _local(watch, due_at).date()
    if watch.deliver.cadence is Cadence.WEEKLY:
        year, week, _ = day.isocalendar()
        return f"{year:04}-W{week:02}"
    return day.isoformat()


def after_quiet(watch: Watch, at: datetime) -> datetime:
    """Return this moment, or the end of the quiet hours that contain it; their end is not part of them."""
    if watch.quiet is None:
        return at
    start, stop = watch.quiet.start, watch.quiet.stop
    # More than one round where the clocks skip from one night into the next.
    while True:
        local = _local(watch, at)
        now = local.time()
        if not is_between(now, start, stop):
            return at
        day = local.date() if now < stop else local.date() + _DAY
        end = _to_utc(day, stop, watch.timezone)
        # In an hour that occurs a second time, the first end has passed.
        at = end if end > at else _to_utc(day, stop, watch.timezone, fold=1)


def _digest(watch: Watch, day: date) -> datetime:
    return after_quiet(watch, _to_utc(day, watch.deliver.at, watch.timezone))


def _to_utc(day: date, at: time, zone: ZoneInfo, fold: int = 0) -> datetime:
    """Return the UTC time of a time of day in a zone; `fold` 1 selects its second occurrence if it has one."""
    shown = datetime.combine(day, at, zone)
    first, second = (shown.replace(fold=n).astimezone(UTC) for n in (0, 1))
    if second >= first:
        return second if fold else first
    # The clocks skip this time. Computed with the offsets before and after, the two results enclose the jump.
    offset = first.astimezone(zone).utcoffset()
    seconds = range(int((first - second) / _SECOND))
    jump = bisect_left(seconds, True, key=lambda s: (second + s * _SECOND).astimezone(zone).utcoffset() == offset)
    return second + jump * _SECOND


def _local(watch: Watch, at: datetime) -> datetime:
    return at.astimezone(watch.timezone)
