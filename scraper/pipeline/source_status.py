"""How a source stands, in words: who keeps it waiting, and how it answered last when it gave nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scraper import urls
from scraper.model import EventKind

if TYPE_CHECKING:
    from datetime import datetime

    from scraper.config.settings import Source
    from scraper.store import SourceState, Store


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


def waiting(source: Source, store: Store, now: datetime) -> str:
    """Which hosts of a source ask to be left alone at a time, and until when, in words; empty where none does."""
    return "; ".join(
        f"{host} asks for no requests before {until:%Y-%m-%d %H:%M} UTC"
        for host, until in quiet_until(source, store).items()
        if until > now
    )


def last_trouble(state: SourceState, store: Store) -> str:
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
