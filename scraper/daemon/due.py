"""Choice of the sources to poll now: due ones, the longest due first, one at a time for each host (pure)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scraper import urls
from scraper.rules import schedule
from scraper.source_status import current_interval

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

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


def _is_due(source: Source, states: Mapping[str, SourceState], now: datetime) -> bool:
    state = states.get(source.name)
    due_at, interval = state.next_due_at if state else None, current_interval(source, state)
    return schedule.is_due(now, due_at, interval, source.hours)


def _due_since(state: SourceState | None) -> datetime:
    return state.next_due_at if state and state.next_due_at else _NEVER_POLLED
