"""Choice of the sources to poll now: due ones, the longest due first, one at a time for each host (pure)."""

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

_NEVER_POLLED = datetime.min.replace(tzinfo=UTC)


def hosts_of(source: Source) -> frozenset[str]:
    """Return the keys of the hosts of a source's endpoints."""
    return frozenset(urls.host_key(endpoint.url) for endpoint in source.endpoints)


def choose(
    sources: Sequence[Source],
    states: Mapping[str, SourceState],
    now: datetime,
    *,
    room: int,
    busy: Collection[str] = (),
    busy_hosts: Collection[str] = (),
) -> list[Source]:
    """Choose up to `room` due sources, the longest due first; none whose name is in `busy`.

    Sources of one host would only wait for each other and block workers, so no source with a host in `busy_hosts` is
    chosen. A source that waits for its host reserves it against all sources that are due later, or it might wait
    forever.
    """
    due = [source for source in sources if source.enabled and source.name not in busy and _is_due(source, states, now)]
    chosen: list[Source] = []
    taken_hosts = set(busy_hosts)
    for source in sorted(due, key=lambda source: _due_since(states.get(source.name))):
        if len(chosen) < room and not taken_hosts & hosts_of(source):
            chosen.append(source)
        taken_hosts |= hosts_of(source)
    return chosen


def next_start(source: Source, state: SourceState | None, now: datetime) -> datetime:
    """Return the time of a source's next poll: `now` if it is due, never outside its polling hours."""
    due_at = state.next_due_at if state else None
    is_due = schedule.is_due(now, due_at, _interval(source, state))
    at = now if due_at is None or is_due else due_at
    return source.hours.next_start(at) if source.hours else at


def _is_due(source: Source, states: Mapping[str, SourceState], now: datetime) -> bool:
    state = states.get(source.name)
    return schedule.is_due(now, state.next_due_at if state else None, _interval(source, state), source.hours)


def _interval(source: Source, state: SourceState | None) -> timedelta:
    return schedule.current_interval(source.every, state.interval if state else None)


def _due_since(state: SourceState | None) -> datetime:
    return state.next_due_at if state and state.next_due_at else _NEVER_POLLED
