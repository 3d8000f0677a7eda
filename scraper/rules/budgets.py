"""Rules of daily budgets: to whom a host's requests belong, and how many claims a mirror may cause (pure)."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from scraper.rules.guards import Guard

OPEN_PERCENT: Final = 70
"""Percentage of a host's daily requests that anything may use. The rest belongs to the news of the host's own sources:
it is not for rechecks of what is known, nor for pages that the sources of other hosts name."""

_AHEAD = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class WithheldRequests:
    """Requests that a guard withheld from a host or a source (`subject`): those for `what`, and the reason."""

    guard: Guard
    subject: str
    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


def open_requests(per_day: int) -> int:
    """Return how many of a host's daily requests may be for something other than the news of its own sources."""
    return -(-per_day * OPEN_PERCENT // 100)


def has_room(requests: int, per_day: int | None) -> bool:
    """Return True if a host with that many requests today has some left that are not for its sources' news only."""
    return per_day is None or requests < open_requests(per_day)


def describe_used(requests: int, per_day: int | None) -> str:
    """Return a phrase for what the requests to a host today withhold, "" if nothing."""
    if per_day is None or has_room(requests, per_day):
        return ""
    if requests < per_day:
        return "the rest is for news of its own sources: rechecks and claims wait until midnight UTC"
    return "none is left: every request waits until midnight UTC"


def paced_requests(per_day: int, at: datetime) -> int:
    """Return how many of a host's open requests may be used up to a time of its day (UTC), so that they last all day.

    They run ahead of the clock by an hour.
    """
    begin = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    share = min(1.0, (at - begin + _AHEAD) / timedelta(days=1))
    return math.ceil(open_requests(per_day) * share)


def claims_of_mirror(claims_per_day: int, per_day: int | None, mirrors: int) -> int:
    """Return how many claims of each mirror may be requested in a day.

    All mirrors together get no more than the open share of one host (`per_day`: its requests), each the same part of
    it and at least one.
    """
    if per_day is None:
        return claims_per_day
    return min(claims_per_day, max(1, open_requests(per_day) // max(1, mirrors)))
