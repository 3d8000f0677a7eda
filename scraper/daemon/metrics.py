"""Metrics of the daemon in the text format of Prometheus (pure).

Names and units follow https://prometheus.io/docs/practices/naming/. An unknown value (of a source that never gave
anything) has no sample, since a zero would be a time in 1970. Import this module only if there is a metrics file: the
library takes memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from scraper import __version__
from scraper.source_status import STATES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from prometheus_client.core import Metric

    from scraper.source_status import MonitorStatus


class _Families(Collector):
    """Metrics that were read once."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = [family for family in families if family.samples]

    def collect(self) -> Iterable[Metric]:
        return self._families


def render_metrics(
    status: MonitorStatus, *, last_good_tick_at: datetime, is_failing: bool, database_bytes: int
) -> bytes:
    """Render all metrics with the prefix `statewire_`; the last line ends with a line feed, as the format requires."""
    families = _Families(  # not in the library's registry, which also has metrics of the process
        [
            _gauge("build_info", "Version of statewire.", [((__version__,), 1)], "version"),
            _one(
                "last_tick_timestamp_seconds", "Time of the last check for due sources.", last_good_tick_at.timestamp()
            ),
            _one("failing", "1 if monitoring has stopped: no check for due sources, or all sources fail.", is_failing),
            *_of_sources(status),
            *_of_database(status),
            _one("database_size_bytes", "Size of the database file.", database_bytes),
        ]
    )
    return generate_latest(families)


def _of_database(status: MonitorStatus) -> Iterator[Metric]:
    requests = [((host.host,), host.requests) for host in status.hosts]
    yield _gauge("host_requests_today", "Requests to a host since midnight UTC.", requests, "host")
    if status.requests_per_day is not None:
        limit = status.requests_per_day
        yield _one("host_requests_per_day_limit", "Limit of requests per host and day.", limit)
    yield _one("statements", "Known statements.", status.statements)
    yield _one("copies", "Known copies of statements.", status.copies)
    yield CounterMetricFamily("statewire_events", "Recorded events.", status.events)
    messages = [((state.value,), number) for state, number in status.messages.items()]
    yield _gauge("outbox_messages", "Messages by state.", messages, "state")
    oldest_s = status.oldest_waiting.total_seconds()
    yield _one("outbox_oldest_age_seconds", "Seconds since the oldest waiting message was due.", oldest_s)


def _of_sources(status: MonitorStatus) -> Iterator[Metric]:
    enabled = [(each.stored.name, each) for each in status.enabled]
    news_help = "Start of the hour in which a source last brought something new."
    for what, help_text, times in (
        ("last_attempt", "Time of the last poll of a source.", [each.stored.last_attempt_at for _, each in enabled]),
        ("last_success", "Time of the last success of a source.", [each.stored.last_success_at for _, each in enabled]),
        ("next_due", "Time of the next poll of a source.", [each.stored.next_due_at for _, each in enabled]),
        ("last_news", news_help, [status.last_news.get(name) for name, _ in enabled]),
    ):
        samples = [((name,), at.timestamp()) for (name, _), at in zip(enabled, times, strict=True) if at is not None]
        yield _gauge(f"source_{what}_timestamp_seconds", help_text, samples, "source")
    yield _gauge(
        "source_interval_seconds",
        "Current interval between two polls of a source.",
        [((name,), each.interval.total_seconds()) for name, each in enabled if each.interval is not None],
        "source",
    )
    failures = [((name,), each.stored.failures) for name, each in enabled if each.is_stored]
    yield _gauge("source_consecutive_failures", "Consecutive failed runs.", failures, "source")
    yield _gauge(
        "source_state",
        "1 for the state of a source, 0 for the other states.",
        [((name, state), state == each.state) for name, each in enabled for state in STATES],
        "source",
        "state",
    )


def _gauge(name: str, help_text: str, samples: Iterable[tuple[tuple[str, ...], float]], *labels: str) -> Metric:
    family = GaugeMetricFamily(f"statewire_{name}", help_text, labels=labels)
    for values, number in samples:
        family.add_metric(values, number)
    return family


def _one(name: str, help_text: str, number: float) -> Metric:
    return _gauge(name, help_text, [((), number)])
