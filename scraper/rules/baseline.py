"""What is usual of a source: at which hours of the week it brings something, how much, and in which shape (pure)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from scraper.model import Item


HISTORY = timedelta(weeks=8)
"""What is older says nothing of what is usual now."""

_HOUR, _WEEK_HOURS = timedelta(hours=1), 168

# Silence is told of a source that has been watched for a month, and long enough to have habits.
_LEAST_SPAN = timedelta(weeks=4)
_LEAST_ARRIVALS = 12
_USUAL_SHARE = 0.9
_TIMES_USUAL = 3
# A changed shape needs less: a list has as many entries on Sunday as on Monday.
_LEAST_SHAPE_SPAN = timedelta(weeks=1)
_LEAST_SHAPE_HOURS = 24
_LEAST_USUAL_ITEMS = 6
_FEW = 1 / 3
_LEAST_ITEMS = 5
_MANY_LACK, _MORE_LACK = 0.4, 0.3


@dataclass(frozen=True, slots=True)
class ItemTally:
    """How many items one list had, and how many of them without a date, a title, a text."""

    items: int = 0
    undated: int = 0
    untitled: int = 0
    textless: int = 0


@dataclass(frozen=True, slots=True)
class HourOfArrivals:
    """An hour of the clock in which an endpoint was asked: what was new, and the sum over its `reads` lists."""

    at: datetime
    news: int = 0
    reads: int = 0
    items: int = 0
    undated: int = 0
    untitled: int = 0
    textless: int = 0


@dataclass(frozen=True, slots=True)
class Silence:
    """That nothing new has come `since` then, in hours that usually bring something so many times."""

    since: datetime
    expected: float

    def __str__(self) -> str:
        return (
            f"nothing new since {self.since:%Y-%m-%d %H:%M} UTC; in such a time something new usually comes"
            f" {self.expected:.0f} times"
        )


def silence(hours: Iterable[HourOfArrivals]) -> Silence | None:
    """Whether a source has brought nothing for three times as long as is usual, by the hours in which it was asked.

    A gap is as long as the news that its hours usually bring: a night or a weekend in which nothing ever
    comes is no gap, nor is an hour in which nobody asked. Usual is what nine of ten gaps do not exceed.
    """
    asked = _asked(hours)
    arrivals = sorted(at for at, is_arrival in asked.items() if is_arrival)
    if len(arrivals) < _LEAST_ARRIVALS or arrivals[-1] - min(asked) < _LEAST_SPAN:
        return None
    # The silence in question is no part of what is usual.
    rates = _rates({at: is_arrival for at, is_arrival in asked.items() if at <= arrivals[-1]})
    gaps, length = [], 0.0
    for at in sorted(asked):
        length += rates[_of_week(at)]
        if asked[at]:
            gaps.append(length)
            length = 0.0
    usual = max(1.0, sorted(gaps)[int(_USUAL_SHARE * (len(gaps) - 1))])
    return Silence(arrivals[-1] + _HOUR, length) if length >= _TIMES_USUAL * usual else None


def week(hours: Iterable[HourOfArrivals]) -> list[list[float]]:
    """How often each hour brings something: seven days from Monday on, each of 24 hours (UTC), 1.0 for every time."""
    rates = _rates(_asked(hours))
    return [[round(rate, 3) for rate in rates[day : day + 24]] for day in range(0, _WEEK_HOURS, 24)]


def _asked(hours: Iterable[HourOfArrivals]) -> dict[datetime, bool]:
    """The hours in which somebody asked, and whether anything new came, from whatever endpoint."""
    asked: dict[datetime, bool] = defaultdict(bool)
    for hour in hours:
        asked[hour.at] |= hour.news > 0
    return asked


def _rates(asked: dict[datetime, bool]) -> list[float]:
    """How often each hour of the week brings something, taken with its neighbours: a habit is no minute."""
    came, watched = [0] * _WEEK_HOURS, [0] * _WEEK_HOURS
    for at, is_arrival in asked.items():
        for near in (-1, 0, 1):
            place = (_of_week(at) + near) % _WEEK_HOURS
            came[place] += is_arrival
            watched[place] += 1
    return [arrivals / of if of else 0.0 for arrivals, of in zip(came, watched, strict=True)]


def _of_week(at: datetime) -> int:
    return at.weekday() * 24 + at.hour


def oddity(seen: ItemTally, hours: Sequence[HourOfArrivals]) -> str:
    """In which way a list is unlike those that its endpoint gave before, in words; empty where it is not.

    Told are far fewer items than usual, and a field that many items lack and few lacked before. Usual is
    the median, so that a lasting change is the new habit after some weeks.
    """
    read = [hour for hour in hours if hour.reads]
    if len(read) < _LEAST_SHAPE_HOURS or read[-1].at - read[0].at < _LEAST_SHAPE_SPAN:
        return ""
    found = []
    usual_items = median(hour.items / hour.reads for hour in read)
    if usual_items >= _LEAST_USUAL_ITEMS and seen.items <= usual_items * _FEW:
        found.append(f"{seen.items} items where {usual_items:.0f} are usual")
    full = [hour for hour in read if hour.items]
    for lacking, what in (("undated", "date"), ("untitled", "title"), ("textless", "text")):
        if seen.items < _LEAST_ITEMS or not full:
            break
        usual = median(getattr(hour, lacking) / hour.items for hour in full)
        now = getattr(seen, lacking)
        if now / seen.items >= max(_MANY_LACK, usual + _MORE_LACK):
            found.append(f"{now} of {seen.items} items have no {what} ({usual:.0%} is usual)")
    return "; ".join(found)


def tally(items: Sequence[Item]) -> ItemTally:
    """What the items of a list have and lack."""
    return ItemTally(
        len(items),
        sum(item.published_at is None for item in items),
        sum(not item.title for item in items),
        sum(item.paragraphs is None for item in items),
    )
