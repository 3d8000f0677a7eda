"""Metrics of the daemon in the text format of Prometheus (pure).

Names and units follow https://prometheus.io/docs/practices/naming/, the format
https://prometheus.io/docs/instrumenting/exposition_formats/. An unknown value (of a source that never gave
anything) has no sample, since a zero would be a time in 1970.
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
    """All values at one time. `sources` are the enabled ones, each with its state (None: not polled yet); the keys
    of `last_news` are names of sources; `trouble` is empty if the monitor works.
    """

    version: str
    last_good_tick_at: datetime
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
    """A metric with its samples: numbers with labels."""

    name: str
    help_text: str
    samples: Iterable[tuple[float, dict[str, str]]]
    kind: str = field(default="gauge", kw_only=True)

    def lines(self) -> Iterator[str]:
        samples = [_sample(self.name, labels, number) for number, labels in self.samples]
        if samples:
            yield f"# HELP {self.name} {self.help_text}"
            yield f"# TYPE {self.name} {self.kind}"
            yield from samples


def render_metrics(snapshot: Snapshot) -> str:
    """Render all metrics with the prefix `statewire_`; the text ends with a line feed, as the format requires."""
    return "".join(f"{line}\n" for family in _families(snapshot) for line in family.lines())


def _families(snapshot: Snapshot) -> Iterator[_Family]:
    yield _one("build_info", "The version that is running.", 1, version=snapshot.version)
    yield _one(
        "last_tick_timestamp_seconds", "When it was last looked what is due.", snapshot.last_good_tick_at.timestamp()
    )
    yield _one("failing", "Whether nobody looks what is due, or no source gives anything.", bool(snapshot.trouble))
    yield from _of_sources(snapshot)
    requests = [(host.requests, {"host": host.host}) for host in snapshot.hosts]
    yield _Family("statewire_host_requests_today", "Requests to a host since midnight UTC.", requests)
    if snapshot.requests_per_day is not None:
        yield _one(
            "host_requests_per_day_limit", "Requests that any one host gets in a day.", snapshot.requests_per_day
        )
    yield _one("statements", "Statements that are known.", snapshot.statements)
    yield _one("copies", "Copies of statements that are known.", snapshot.copies)
    yield _one("events_total", "Events that were recorded.", snapshot.events, kind="counter")
    messages = [(number, {"state": state.value}) for state, number in snapshot.messages.items()]
    yield _Family("statewire_outbox_messages", "Messages by how far they are.", messages)
    yield _one(
        "outbox_oldest_age_seconds", "How long ago the oldest waiting message was due.", snapshot.oldest_waiting_s
    )
    yield _one("database_size_bytes", "The size of the database file.", snapshot.database_bytes)


def _of_sources(snapshot: Snapshot) -> Iterator[_Family]:
    states = [state for _, state in snapshot.sources if state is not None]
    for moment, help_text in (
        ("last_attempt", "When a source was last asked."),
        ("last_success", "When a source last gave something."),
        ("next_due", "When a source is due next."),
    ):
        times = ((getattr(state, f"{moment}_at"), state.name) for state in states)
        yield _times(moment, help_text, times)
    news = ((snapshot.last_news.get(source.name), source.name) for source, _ in snapshot.sources)
    yield _times("last_news", "The beginning of the hour in which a source last brought something new.", news)
    intervals = [
        (schedule.current_interval(source.every, state.interval if state else None), source.name)
        for source, state in snapshot.sources
    ]
    yield _Family(
        "statewire_source_interval_seconds",
        "How long from one look at a source to the next, as news come.",
        [(interval.total_seconds(), _source_label(name)) for interval, name in intervals],
    )
    failures = [(state.failures, _source_label(state.name)) for state in states]
    yield _Family("statewire_source_consecutive_failures", "Runs without a good answer, in a row.", failures)
    yield _Family(
        "statewire_source_state",
        "1 for the state that a source is in, 0 for the others.",
        [
            (each == state_of(state), {**_source_label(source.name), "state": each})
            for source, state in snapshot.sources
            for each in STATES
        ],
    )


def _one(name: str, help_text: str, number: float, *, kind: str = "gauge", **labels: str) -> _Family:
    return _Family(f"statewire_{name}", help_text, [(number, labels)], kind=kind)


def _times(name: str, help_text: str, times: Iterable[tuple[datetime | None, str]]) -> _Family:
    samples = [(moment.timestamp(), _source_label(source)) for moment, source in times if moment is not None]
    return _Family(f"statewire_source_{name}_timestamp_seconds", help_text, samples)


def _source_label(source: str) -> dict[str, str]:
    return {"source": source}


def _sample(name: str, labels: Mapping[str, str], number: float) -> str:
    label_text = ",".join(f'{key}="{value.translate(_ESCAPES)}"' for key, value in labels.items())
    # Whole numbers without an exponent, which is allowed but makes times unreadable.
    value_text = str(int(number)) if number == int(number) else repr(number)
    return f"{name}{{{label_text}}} {value_text}" if labels else f"{name} {value_text}"
