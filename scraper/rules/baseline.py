"""Detection of silence and of unusual lists: their thresholds, and the baseline of a source (pure)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from scraper.model import Item


HISTORY = timedelta(weeks=8)
"""Older arrivals are ignored: they are not typical of the source now."""

_HOUR, _WEEK_HOURS = timedelta(hours=1), 168

# Silence is reported only for a source that was monitored for a month and has had enough arrivals for a baseline.
_LEAST_SPAN = timedelta(weeks=4)
_LEAST_ARRIVALS = 12
_USUAL_SHARE = 0.9
_TIMES_USUAL = 3
# A changed shape needs less history: a list has as many entries on Sunday as on Monday.
_LEAST_SHAPE_SPAN = timedelta(weeks=1)
_LEAST_SHAPE_HOURS = 24
_LEAST_USUAL_ITEMS = 6
_FEW = 1 / 3
_LEAST_ITEMS = 5
_MANY_LACK, _MORE_LACK = 0.4, 0.3


@dataclass(frozen=True, slots=True)
class ItemTally:
    """Number of items in one list, and of those without a date, a title or a text."""

    items: int = 0
    undated: int = 0
    untitled: int = 0
    textless: int = 0


@dataclass(frozen=True, slots=True)
class HourOfArrivals:
    """A clock hour in which an endpoint was polled: the number of new items, and the sums over its `reads` lists."""

    at: datetime
    news: int = 0
    reads: int = 0
    items: int = 0
    undated: int = 0
    untitled: int = 0
    textless: int = 0


@dataclass(frozen=True, slots=True)
class Silence:
    """A silence that began at `since`, in hours that usually bring news `expected` times."""

    since: datetime
    expected: float

    def __str__(self) -> str:
        return (
            f"nothing new since {self.since:%Y-%m-%d %H:%M} UTC; usually {self.expected:.0f} new items arrive in "
            "that time"
        )


def find_silence(hours: Iterable[HourOfArrivals]) -> Silence | None:
    """Return the silence of a source that has had no news for three times its usual gap, else None.

    A gap is measured in the news that its polled hours usually bring: a night or a weekend that never brings news
    has no length, nor has an hour without a poll. The usual gap is the one that nine of ten gaps do not exceed.
    """
    polled = _polled(hours)
    arrivals = sorted(at for at, is_arrival in polled.items() if is_arrival)
    if len(arrivals) < _LEAST_ARRIVALS or arrivals[-1] - min(polled) < _LEAST_SPAN:
        return None
    # The silence in question is not part of the baseline.
    rates = _rates({at: is_arrival for at, is_arrival in polled.items() if at <= arrivals[-1]})
    gaps, length = [], 0.0
    for at in sorted(polled):
        length += rates[_hour_of_week(at)]
        if polled[at]:
            gaps.append(length)
            length = 0.0
    usual = max(1.0, sorted(gaps)[int(_USUAL_SHARE * (len(gaps) - 1))])
    return Silence(arrivals[-1] + _HOUR, length) if length >= _TIMES_USUAL * usual else None


def weekly_rates(hours: Iterable[HourOfArrivals]) -> list[list[float]]:
    """Return the rate of news (0.0 to 1.0) of each hour (UTC): seven days from Monday on, each of 24 hours."""
    rates = _rates(_polled(hours))
    return [[round(rate, 3) for rate in rates[day : day + 24]] for day in range(0, _WEEK_HOURS, 24)]


def _polled(hours: Iterable[HourOfArrivals]) -> dict[datetime, bool]:
    """Map each hour with a poll to True if any endpoint had news."""
    polled: dict[datetime, bool] = defaultdict(bool)
    for hour in hours:
        polled[hour.at] |= hour.news > 0
    return polled


def _rates(polled: dict[datetime, bool]) -> list[float]:
    """Return the rate of news of each hour of the week, smoothed over its neighbours, for habits are not exact."""
    arrivals, polls = [0] * _WEEK_HOURS, [0] * _WEEK_HOURS
    for at, is_arrival in polled.items():
        for offset in (-1, 0, 1):
            hour = (_hour_of_week(at) + offset) % _WEEK_HOURS
            arrivals[hour] += is_arrival
            polls[hour] += 1
    return [came / total if total else 0.0 for came, total in zip(arrivals, polls, strict=True)]


def _hour_of_week(at: datetime) -> int:
    return at.weekday() * 24 + at.hour


def describe_unusual_list(seen: ItemTally, hours: Sequence[HourOfArrivals]) -> str:
    """Describe in words the difference of a list from the endpoint's earlier ones; return "" if there is none.

    Reported are far fewer items than usual, and a field that many items lack and few lacked before. Usual is
    the median, so that a lasting change becomes the new baseline after some weeks.
    """
    read = [hour for hour in hours if hour.reads]
    if len(read) < _LEAST_SHAPE_HOURS or read[-1].at - read[0].at < _LEAST_SHAPE_SPAN:
        return ""
    found = []
    usual_items = median(hour.items / hour.reads for hour in read)
    if usual_items >= _LEAST_USUAL_ITEMS and seen.items <= usual_items * _FEW:
        found.append(f"{seen.items} items, usually {usual_items:.0f}")
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
    """Count the items of a list, and those without a date, a title or a text."""
    return ItemTally(
        len(items),
        sum(item.published_at is None for item in items),
        sum(not item.title for item in items),
        sum(item.paragraphs is None for item in items),
    )
