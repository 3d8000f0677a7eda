"""Status of sources: state, lateness, requested waits and last failure, and detection of a stop of all polling."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from scraper import urls
from scraper.clock import format_duration
from scraper.model import INCIDENTS
from scraper.rules import schedule, source_health

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from scraper.config.settings import Source
    from scraper.store import SourceState, Store


GRACE: Final = timedelta(hours=1)
"""Tolerance for the lateness of a run: a run may take a quarter of an hour, and its host may serve another source
first."""
# A single failed run is ignored, and so are two in a row (see `rules.source_health`).
_LATE_RUNS = 3


WELL: Final = "well"
UNASKED: Final = "unasked"
STATES: Final = (WELL, UNASKED, *(kind.verb for kind in INCIDENTS))
"""All states of a source: well, not polled yet, or in an incident."""


def requested_pauses(source: Source, store: Store) -> dict[str, datetime]:
    """Return the hosts of a source that have ever asked for a pause in requests, and when each pause ends."""
    hosts = dict.fromkeys(urls.host_with_port(endpoint.url) for endpoint in source.endpoints)
    polled = ((host, store.hosts.load(host).not_before) for host in hosts)
    return {host: until for host, until in polled if until is not None}


def waiting_for(source: Source, store: Store, now: datetime) -> str:
    """Return a phrase that names the hosts of a source that ask for no requests at `now`, and until when, or ""."""
    return "; ".join(
        f"{host} asks for no requests before {until:%Y-%m-%d %H:%M} UTC"
        for host, until in requested_pauses(source, store).items()
        if until > now
    )


def last_failure(state: SourceState, store: Store) -> str:
    """Return a phrase with the answers of a source's URLs in its last run if all of them failed; else ""."""
    if not state.failures or state.last_attempt_at is None:
        return ""
    answers = store.captures.answers(state.name, state.last_attempt_at)
    return "; ".join(f"{url}: {outcome.value.replace('_', ' ')} ({detail})" for url, outcome, detail in answers)


def state_of(state: SourceState | None) -> str:
    """Return one of `STATES`."""
    if state is None or state.last_attempt_at is None:
        return UNASKED
    return state.incident.verb if state.incident else WELL


def stopped_polling(sources: Sequence[Source], states: Mapping[str, SourceState], now: datetime) -> str:
    """Return a phrase that says for how long polling has stopped, or "".

    It has if a source has been due for longer than `GRACE` and no source was polled in that time. Sources of which
    none was ever polled give "".
    """
    waiting = [(due_at, source) for source, state in _enabled(sources, states) if (due_at := _due_at(source, state))]
    last_polled_at = newest_of(state.last_attempt_at for _, state in _enabled(sources, states))
    if last_polled_at is None or not waiting:
        return ""
    due_at, source = min(waiting, key=lambda each: each[0])
    if now <= last_polled_at + GRACE or now <= _after_grace(source, due_at):
        return ""
    return (
        f"no source has been asked for {format_duration(now - last_polled_at)}, and {source.name} has been due for"
        f" {format_duration(now - due_at)}"
    )


def no_answers(
    sources: Sequence[Source],
    states: Mapping[str, SourceState],
    now: datetime,
    *,
    since: datetime | None = None,
) -> str:
    """Return a phrase that says for how long no source has given anything, or "".

    Each polled source is blocked, broken or late (`is_late`) then. Sources of which none was ever polled give "".
    Runs before `since` are ignored.
    """
    polled = [(source, state) for source, state in _enabled(sources, states) if state.last_attempt_at is not None]
    if not polled or not all(_gives_nothing(source, state, now, since) for source, state in polled):
        return ""
    last = newest_of(state.last_success_at for _, state in polled)
    return (
        f"no source has given anything for {format_duration(now - last)}"
        if last
        else "no source has ever given anything"
    )


def is_late(source: Source, state: SourceState, now: datetime, *, since: datetime | None = None) -> bool:
    """Decide if a source is late: three of its intervals and `GRACE` have passed since its last success.

    Count from `since` if that is later, and from the report of its incident if it never had a success. Only its polling
    hours count.
    """
    # Each run moves `last_attempt_at`, so that is only the last choice for a source without any success.
    from_at = newest_of((state.last_success_at or state.incident_since_at, since)) or state.last_attempt_at
    if from_at is None:
        return False
    interval = schedule.current_interval(source.every, state.interval)
    return now > _after_grace(source, _in_polling_hours(source, from_at + _LATE_RUNS * interval))


def _gives_nothing(source: Source, state: SourceState, now: datetime, since: datetime | None) -> bool:
    attempted_at = state.last_attempt_at
    is_current = since is None or (attempted_at is not None and attempted_at >= since)
    return (is_current and state.incident in source_health.UNANSWERED) or is_late(source, state, now, since=since)


def newest_of(times: Iterable[datetime | None]) -> datetime | None:
    """Return the latest time that is not None, or None."""
    return max((time for time in times if time is not None), default=None)


def _enabled(sources: Sequence[Source], states: Mapping[str, SourceState]) -> Iterable[tuple[Source, SourceState]]:
    return [(each, states[each.name]) for each in sources if each.enabled and each.name in states]


def _due_at(source: Source, state: SourceState) -> datetime | None:
    return _in_polling_hours(source, state.next_due_at) if state.next_due_at else None


def _after_grace(source: Source, at: datetime) -> datetime:
    """Return `at` plus `GRACE`, moved to the next polling hours of the source if it falls outside of them."""
    return _in_polling_hours(source, at + GRACE)


def _in_polling_hours(source: Source, at: datetime) -> datetime:
    return source.hours.next_start(at) if source.hours else at
