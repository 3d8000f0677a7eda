"""Which sources are asked now: those that are due, the longest due first, each host by one at a time (pure)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scraper import urls
from scraper.rules import schedule

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import timedelta

    from scraper.config.settings import Source
    from scraper.store import SourceState

_NEVER_ASKED = datetime.min.replace(tzinfo=UTC)


def hosts_of(source: Source) -> frozenset[str]:
    """The hosts that a source is asked at."""
    return frozenset(urls.host(endpoint.url) for endpoint in source.endpoints)


def choose(
    sources: Sequence[Source],
    states: Mapping[str, SourceState],
    now: datetime,
    *,
    room: int,
    busy: Collection[str] = (),
    busy_hosts: Collection[str] = (),
) -> list[Source]:
    """Up to `room` sources that are due, the longest due first; none whose name is in `busy`.

    Sources of one host would only wait for each other and keep workers from the rest, so a host in `busy_hosts`
    is not asked for another one. A source that waits for its host keeps it from all that are due after it, or
    it might wait for ever.
    """
    due = [source for source in sources if source.enabled and source.name not in busy and _is_due(source, states, now)]
    chosen: list[Source] = []
    taken = set(busy_hosts)
    for source in sorted(due, key=lambda source: _since(states.get(source.name))):
        if len(chosen) < room and not taken & hosts_of(source):
            chosen.append(source)
        taken |= hosts_of(source)
    return chosen


def next_start(source: Source, state: SourceState | None, now: datetime) -> datetime:
    """When a source is asked next: `now` where it is due, never outside its hours."""
    due_at = state.next_due_at if state else None
    is_due = schedule.is_due(now, due_at, _interval(source, state))
    at = now if due_at is None or is_due else due_at
    return source.hours.begin(at) if source.hours else at


def _is_due(source: Source, states: Mapping[str, SourceState], now: datetime) -> bool:
    state = states.get(source.name)
    return schedule.is_due(now, state.next_due_at if state else None, _interval(source, state), source.hours)


def _interval(source: Source, state: SourceState | None) -> timedelta:
    return schedule.current_interval(source.every, state.interval if state else None)


def _since(state: SourceState | None) -> datetime:
    return state.next_due_at if state and state.next_due_at else _NEVER_ASKED
