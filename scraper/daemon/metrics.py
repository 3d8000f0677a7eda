"""What the daemon knows of itself, in the text format that Prometheus reads (pure).

Names and units follow https://prometheus.io/docs/practices/naming/, the format
https://prometheus.io/docs/instrumenting/exposition_formats/. What is not known (a source that never gave anything) has
no sample, for a zero would be a moment in 1970.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scraper.pipeline.source_status import STATES, state_of
from scraper.rules import schedule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from scraper.config.settings import Source
    from scraper.model import HostState, MessageState
    from scraper.store import SourceState


_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", '"': '\\"'})


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What there is to say at one moment. `sources` are those that are enabled, each with its state (None: not asked
    yet); `last_news` is by the name of the source; `trouble` is empty where the watch works.
    """

    version: str
    looked_at: datetime
    trouble: str
    sources: Sequence[tuple[Source, SourceState | None]]
    last_news: Mapping[str, datetime]
    hosts: Sequence[HostState]
    requests_per_day: int | None
    statements: int
    copies: int
    events: int
    messages: Mapping[MessageState, int]
    oldest_waiting_s: float
    database_bytes: int


@dataclass(frozen=True, slots=True)
class _Family:
    """One metric: its samples are numbers, each with its labels."""

    name: str
    about: str
    samples: Iterable[tuple[float, dict[str, str]]]
    kind: str = field(default="gauge", kw_only=True)

    def lines(self) -> Iterator[str]:
        samples = [_sample(self.name, labels, number) for number, labels in self.samples]
        if samples:
            yield f"# HELP {self.name} {self.about}"
            yield f"# TYPE {self.name} {self.kind}"
            yield from samples


def render_metrics(look: Snapshot) -> str:
    """All metrics, each name with `statewire_` before it, ended by a line feed as the format asks."""
    return "".join(f"{line}\n" for family in _families(look) for line in family.lines())


def _families(look: Snapshot) -> Iterator[_Family]:
    yield _one("build_info", "The version that is running.", 1, version=look.version)
    yield _one("last_tick_timestamp_seconds", "When it was last looked what is due.", look.looked_at.timestamp())
    yield _one("failing", "Whether nobody looks what is due, or no source gives anything.", bool(look.trouble))
    yield from _of_sources(look)
    requests = [(host.requests, {"host": host.host}) for host in look.hosts]
    yield _Family("statewire_host_requests_today", "Requests to a host since midnight UTC.", requests)
    if look.requests_per_day is not None:
        yield _one("host_requests_per_day_limit", "Requests that any one host gets in a day.", look.requests_per_day)
    yield _one("statements", "Statements that are known.", look.statements)
    yield _one("copies", "Copies of statements that are known.", look.copies)
    yield _one("events_total", "Events that were recorded.", look.events, kind="counter")
    messages = [(number, {"state": state.value}) for state, number in look.messages.items()]
    yield _Family("statewire_outbox_messages", "Messages by how far they are.", messages)
    yield _one("outbox_oldest_age_seconds", "How long ago the oldest waiting message was due.", look.oldest_waiting_s)
    yield _one("database_size_bytes", "The size of the database file.", look.database_bytes)


def _of_sources(look: Snapshot) -> Iterator[_Family]:
    asked = [state for _, state in look.sources if state is not None]
    for moment, about in (
        ("last_attempt", "When a source was last asked."),
        ("last_success", "When a source last gave something."),
        ("next_due", "When a source is due next."),
    ):
        times = ((getattr(state, f"{moment}_at"), state.name) for state in asked)
        yield _times(moment, about, times)
    news = ((look.last_news.get(source.name), source.name) for source, _ in look.sources)
    yield _times("last_news", "The beginning of the hour in which a source last brought something new.", news)
    intervals = [
        (schedule.current_interval(source.every, state.interval if state else None), source.name)
        for source, state in look.sources
    ]
    yield _Family(
        "statewire_source_interval_seconds",
        "How long from one look at a source to the next, as news come.",
        [(interval.total_seconds(), _of(name)) for interval, name in intervals],
    )
    failures = [(state.failures, _of(state.name)) for state in asked]
    yield _Family("statewire_source_consecutive_failures", "Runs without a good answer, in a row.", failures)
    yield _Family(
        "statewire_source_state",
        "1 for the state that a source is in, 0 for the others.",
        [
            (each == state_of(state), {**_of(source.name), "state": each})
            for source, state in look.sources
            for each in STATES
        ],
    )


def _one(name: str, about: str, number: float, *, kind: str = "gauge", **labels: str) -> _Family:
    return _Family(f"statewire_{name}", about, [(number, labels)], kind=kind)


def _times(name: str, about: str, times: Iterable[tuple[datetime | None, str]]) -> _Family:
    samples = [(moment.timestamp(), _of(source)) for moment, source in times if moment is not None]
    return _Family(f"statewire_source_{name}_timestamp_seconds", about, samples)


def _of(source: str) -> dict[str, str]:
    return {"source": source}


def _sample(name: str, labels: Mapping[str, str], number: float) -> str:
    inside = ",".join(f'{key}="{value.translate(_ESCAPES)}"' for key, value in labels.items())
    # Whole numbers as such: a time with an exponent, which is allowed, is a time that nobody can read.
    shown = str(int(number)) if number == int(number) else repr(number)
    return f"{name}{{{inside}}} {shown}" if labels else f"{name} {shown}"
