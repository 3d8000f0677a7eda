"""When a message goes out: at once, every day or every week in the reader's own time, and never in quiet hours (pure).

- A time of day that the clocks skip is the moment to which they jump; of one that they show twice, the first.
- Quiet is what the clock on the reader's wall says, so an hour that comes twice is quiet twice.
- One digest a local day (or ISO week). Where two would fall on one (the clocks skip the end of a day, in Nuuk every
  spring, or all of it, as in Apia in 2011), the later one tells what both had to tell.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from scraper.config.alerts import Cadence

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from scraper.config.alerts import Watch

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


def due(watch: Watch, at: datetime, group: timedelta) -> datetime:
    """When the message about an event at `at` goes out, in UTC.

    `group` is how long a message that goes out at once waits for further events of its statement. A digest is the next
    one strictly after `at`; one that was held in quiet hours takes what happens meanwhile.
    """
    if watch.deliver.cadence is Cadence.INSTANT:
        return after_quiet(watch, at + group)
    step = 7 if watch.deliver.cadence is Cadence.WEEKLY else 1
    # Far enough back for a digest that quiet hours, or a day that the clocks skip, have moved past midnight.
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
    """The key of the digest that goes out at `due_at`: its local day `2026-03-08`, or for a weekly one its ISO week
    `2026-W10`. No two digests of a watch share one.
    """
    day = _local(watch, due_at).date()
    if watch.deliver.cadence is Cadence.WEEKLY:
        year, week, _ = day.isocalendar()
        return f"{year:04}-W{week:02}"
    return day.isoformat()


def is_quiet(watch: Watch, at: datetime) -> bool:
    """Whether the reader's clock shows one of the quiet hours; their end is none of them."""
    if watch.quiet is None:
        return False
    now, start, stop = _local(watch, at).time(), watch.quiet.start, watch.quiet.stop
    return start <= now < stop if start < stop else now >= start or now < stop


def _digest(watch: Watch, day: date) -> datetime:
    return after_quiet(watch, _moment(day, watch.deliver.at, watch.timezone))


def after_quiet(watch: Watch, at: datetime) -> datetime:
    """This moment, or the end of the quiet hours that it falls into."""
    # More than once where the clocks skip from one night into the next.
    while watch.quiet is not None and is_quiet(watch, at):
        here, stop = _local(watch, at), watch.quiet.stop
        day = here.date() if here.time() < stop else here.date() + _DAY
        end = _moment(day, stop, watch.timezone)
        # In an hour that comes a second time, the first end is over.
        at = end if end > at else _moment(day, stop, watch.timezone, fold=1)
    return at


def _moment(day: date, at: time, zone: ZoneInfo, fold: int = 0) -> datetime:
    """The moment at which the clocks of a zone show a time of day; `fold` 1 is its second time where it has one."""
    shown = datetime.combine(day, at, zone)
    first, second = (shown.replace(fold=n).astimezone(UTC) for n in (0, 1))
    if second >= first:
        return second if fold else first
    # The clocks skip it. It is reckoned by the offset before and after, and they jump between those two moments.
    offset = first.astimezone(zone).utcoffset()
    seconds = range(int((first - second) / _SECOND))
    jump = bisect_left(seconds, True, key=lambda s: (second + s * _SECOND).astimezone(zone).utcoffset() == offset)
    return second + jump * _SECOND


def _local(watch: Watch, at: datetime) -> datetime:
    return at.astimezone(watch.timezone)
