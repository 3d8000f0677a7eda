"""What Prometheus reads: by its own parser, and whatever sources and hosts are called."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families
from samples import NOON, source

from scraper.daemon import metrics
from scraper.daemon.metrics import Snapshot
from scraper.model import INCIDENTS, EventKind, HostState, MessageState, Role
from scraper.pipeline import source_status
from scraper.pipeline.source_status import STATES
from scraper.store import SourceState

if TYPE_CHECKING:
    from prometheus_client import Metric

HOSTILE = 'a"} 1\nforged{x="\\'
A, B, C = (source(name=name) for name in "abc")

LOOK = Snapshot(
    version="1.2.3",
    last_good_tick_at=NOON,
    trouble="",
    sources=[
        (A, SourceState("a", Role.CANONICAL, last_attempt_at=NOON, last_success_at=NOON, interval_s=450)),
        (B, SourceState("b", Role.MIRROR, last_attempt_at=NOON, failures=3, incident=EventKind.BROKEN)),
        (C, None),
    ],
    last_news={"a": NOON - timedelta(hours=2), "gone": NOON},
    hosts=[HostState("www.state.gov", requests=12)],
    requests_per_day=3000,
    statements=7,
    copies=3,
    events=11,
    messages=dict.fromkeys(MessageState, 0) | {MessageState.FAILED: 2},
    oldest_waiting_s=90.5,
    database_bytes=4096,
)


def families(look: Snapshot) -> dict[str, Metric]:
    read = list(text_string_to_metric_families(metrics.render_metrics(look)))
    assert len({family.name for family in read}) == len(read)
    return {family.name: family for family in read}


def values(look: Snapshot, name: str) -> dict[tuple[str, ...], float]:
    return {tuple(sample.labels.values()): sample.value for sample in families(look)[f"statewire_{name}"].samples}


def test_every_metric_says_what_it_is() -> None:
    for name, family in families(LOOK).items():
        assert name.startswith("statewire_")
        assert family.documentation.endswith(".")
        assert family.type == ("counter" if name == "statewire_events" else "gauge")  # the parser drops _total
        assert not {"ms", "minutes", "kilobytes", "mb"} & set(name.split("_"))
    assert "# TYPE statewire_events_total counter\nstatewire_events_total 11\n" in metrics.render_metrics(LOOK)
    assert metrics.render_metrics(LOOK).endswith("\n")


def test_the_watch_as_a_whole() -> None:
    said = {name: values(LOOK, name) for name in ("build_info", "last_tick_timestamp_seconds", "failing", "copies")}
    assert said == {
        "build_info": {("1.2.3",): 1},
        "last_tick_timestamp_seconds": {(): NOON.timestamp()},
        "failing": {(): 0},
        "copies": {(): 3},
    }
    assert values(replace(LOOK, trouble="no source gives anything"), "failing") == {(): 1}
    assert values(LOOK, "outbox_oldest_age_seconds") == {(): 90.5}
    assert values(LOOK, "outbox_messages")["failed",] == 2
    assert values(LOOK, "database_size_bytes") == {(): 4096}


def test_each_source() -> None:
    at = NOON.timestamp()
    assert values(LOOK, "source_last_attempt_timestamp_seconds") == {("a",): at, ("b",): at}
    assert values(LOOK, "source_last_success_timestamp_seconds") == {("a",): at}
    assert values(LOOK, "source_last_news_timestamp_seconds") == {("a",): at - 7200}
    assert values(LOOK, "source_interval_seconds") == {("a",): 450, ("b",): 900, ("c",): 900}
    assert values(LOOK, "source_consecutive_failures") == {("a",): 0, ("b",): 3}
    standing = {key for key, number in values(LOOK, "source_state").items() if number}
    assert standing == {("a", "well"), ("b", "broken"), ("c", "unasked")}
    assert len(values(LOOK, "source_state")) == 3 * len(STATES)


def test_every_incident_of_a_source_is_a_state() -> None:
    for kind in INCIDENTS:
        assert source_status.state_of(SourceState("a", Role.CANONICAL, last_attempt_at=NOON, incident=kind)) in STATES


def test_requests_beside_what_a_host_gets() -> None:
    assert values(LOOK, "host_requests_today") == {("www.state.gov",): 12}
    assert values(LOOK, "host_requests_per_day_limit") == {(): 3000}
    unbounded = families(replace(LOOK, requests_per_day=None, hosts=[]))
    assert not {name for name in unbounded if name.startswith("statewire_host")}


@pytest.mark.parametrize("name", [HOSTILE, "\\n", "\\", '"', "é\u2028\U0001f4a5", "a\r\nb"])
def test_no_name_breaks_out_of_its_label(name: str) -> None:
    hostile = source(name="x").model_copy(update={"name": name})
    state = SourceState(name, Role.MIRROR, last_attempt_at=NOON)
    look = replace(LOOK, sources=[(hostile, state)], hosts=[HostState(name, requests=1)])
    assert values(look, "source_last_attempt_timestamp_seconds") == {(name,): NOON.timestamp()}
    assert values(look, "host_requests_today") == {(name,): 1}
    assert set(families(look)) <= set(families(LOOK))
