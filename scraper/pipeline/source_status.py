"""How a source stands, in words: who keeps it waiting, and how it answered last when it gave nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from scraper import urls
from scraper.clock import format_duration
from scraper.model import EventKind
from scraper.rules import schedule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from scraper.config.settings import Source
    from scraper.store import SourceState, Store


GRACE: Final = timedelta(hours=1)
"""How much later than is usual something may come: a run may take a quarter of an hour, and its host be asked first for
another source."""
# One run without an answer is weather, and so are two (see `health`).
_RUNS = 3
# Of other incidents it is still heard what the source says.
_MUTE = frozenset({EventKind.BLOCKED, EventKind.BROKEN})


WELL: Final = "well"
UNASKED: Final = "unasked"
INCIDENTS: Final = (EventKind.BLOCKED, EventKind.BROKEN, EventKind.DRIFTED, EventKind.FALLBACK, EventKind.SILENT)
STATES: Final = (WELL, UNASKED, *(kind.value.partition(".")[2] for kind in INCIDENTS))
"""What a source can be: well, not asked yet, or in an incident."""


def quiet_until(source: Source, store: Store) -> dict[str, datetime]:
    """Which hosts of a source have ever asked to be left alone, and until when."""
    hosts = dict.fromkeys(urls.host_with_port(endpoint.url) for endpoint in source.endpoints)
    asked = ((host, store.hosts.load(host).not_before) for host in hosts)
    return {host: until for host, until in asked if until is not None}


def waiting_for(source: Source, store: Store, now: datetime) -> str:
    """Which hosts of a source ask to be left alone at a time, and until when, in words; empty where none does."""
    return "; ".join(
        f"{host} asks for no requests before {until:%Y-%m-%d %H:%M} UTC"
        for host, until in quiet_until(source, store).items()
        if until > now
    )


def last_failure(state: SourceState, store: Store) -> str:
    """What a source's addresses answered in its last run, where none of them gave anything; else empty."""
    if not state.failures or state.last_attempt_at is None:
        return ""
    answers = store.captures.answers(state.name, state.last_attempt_at)
    return "; ".join(f"{url}: {outcome.value.replace('_', ' ')} ({detail})" for url, outcome, detail in answers)


def state_of(state: SourceState | None) -> str:
    """One of `STATES`."""
    if state is None or state.last_attempt_at is None:
        return UNASKED
    return state.incident.partition(".")[2] if state.incident else WELL


def stopped_polling(sources: Sequence[Source], states: Mapping[str, SourceState], now: datetime) -> str:
    """In words, that nobody asks any more: a source has been due for longer than `GRACE`, and in that time none was
    asked. Empty where that is not so, and where none was ever asked.
    """
    waiting = [(due_at, source) for source, state in _enabled(sources, states) if (due_at := _due_at(source, state))]
    newest = newest_of(state.last_attempt_at for _, state in _enabled(sources, states))
    if newest is None or not waiting:
        return ""
    due_at, source = min(waiting, key=lambda each: each[0])
    if now <= newest + GRACE or now <= _later(source, due_at):
        return ""
    return (
        f"no source has been asked for {format_duration(now - newest)}, and {source.name} has been due for"
        f" {format_duration(now - due_at)}"
    )


def no_answers(
    sources: Sequence[Source],
    states: Mapping[str, SourceState],
    now: datetime,
    *,
    since: datetime | None = None,
) -> str:
    """In words, that no source gives anything: each is blocked, broken or late (`is_late`). Empty where that is not so,
    and where none was ever asked. What was before `since` counts for nothing.
    """
    asked = [(source, state) for source, state in _enabled(sources, states) if state.last_attempt_at is not None]
    if not asked or not all(_gives_nothing(source, state, now, since) for source, state in asked):
        return ""
    last = newest_of(state.last_success_at for _, state in asked)
    return (
        f"no source has given anything for {format_duration(now - last)}"
        if last
        else "no source has ever given anything"
    )


def is_late(source: Source, state: SourceState, now: datetime, *, since: datetime | None = None) -> bool:
    """Whether a source should have given something by now: three of its intervals and `GRACE` after it last did, or
    after `since`, or after its trouble was told, in the hours in which it is asked at all.
    """
    # Each run moves `last_attempt_at`: of a source that never gave anything it is the last resort.
    from_at = newest_of((state.last_success_at or state.incident_since_at, since)) or state.last_attempt_at
    if from_at is None:
        return False
    interval = schedule.current_interval(source.every, state.interval)
    return now > _later(source, _within(source, from_at + _RUNS * interval))


def _gives_nothing(source: Source, state: SourceState, now: datetime, since: datetime | None) -> bool:
    asked_at = state.last_attempt_at
    is_current = since is None or (asked_at is not None and asked_at >= since)
    return (is_current and state.incident in _MUTE) or is_late(source, state, now, since=since)


def newest_of(moments: Iterable[datetime | None]) -> datetime | None:
    """The latest of some moments; None where there is none."""
    return max((moment for moment in moments if moment is not None), default=None)


def _enabled(sources: Sequence[Source], states: Mapping[str, SourceState]) -> Iterable[tuple[Source, SourceState]]:
    return [(each, states[each.name]) for each in sources if each.enabled and each.name in states]


def _due_at(source: Source, state: SourceState) -> datetime | None:
    return _within(source, state.next_due_at) if state.next_due_at else None


def _later(source: Source, at: datetime) -> datetime:
    """When there is no more excuse: in hours in which a source is not asked, it need not have been."""
    return _within(source, at + GRACE)


def _within(source: Source, at: datetime) -> datetime:
    return source.hours.begin(at) if source.hours else at
