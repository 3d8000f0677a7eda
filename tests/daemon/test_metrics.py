"""Tests of the metrics, read by Prometheus's own parser, with any names of sources and hosts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families
from samples import NOON, source

from scraper import __version__, source_status
from scraper.daemon import metrics
from scraper.model import EventKind, HostState, MessageState, Role
from scraper.source_status import STATES
from scraper.store import SourceState

if TYPE_CHECKING:
    from prometheus_client import Metric

    from scraper.source_status import MonitorStatus

HOSTILE = 'a"} 1\nforged{x="\\'
A, B, C = (source(name=name) for name in "abc")

STATUS = replace(
    source_status.assess(
        [A, B, C],
        {
            "a": SourceState("a", Role.CANONICAL, last_attempt_at=NOON, last_success_at=NOON, interval_s=450),
            "b": SourceState("b", Role.MIRROR, last_attempt_at=NOON, failures=3, incident=EventKind.BROKEN),
        },
        NOON,
    ),
    last_news={"a": NOON - timedelta(hours=2), "gone": NOON},
    hosts=(HostState("www.state.gov", requests=12),),
    requests_per_day=3000,
    statements=7,
    copies=3,
    events=11,
    messages=dict.fromkeys(MessageState, 0) | {MessageState.REFUSED: 2},
    oldest_waiting=timedelta(seconds=90.5),
)


def render(status: MonitorStatus, *, is_failing: bool = False) -> str:
    content = metrics.render_metrics(status, last_good_tick_at=NOON, is_failing=is_failing, database_bytes=4096)
    return content.decode()


def families(status: MonitorStatus) -> dict[str, Metric]:
    read = list(text_string_to_metric_families(render(status)))
    assert len({family.name for family in read}) == len(read)
    return {family.name: family for family in read}


def values(status: MonitorStatus, name: str) -> dict[tuple[str, ...], float]:
    return {tuple(sample.labels.values()): sample.value for sample in families(status)[f"statewire_{name}"].samples}


def test_every_metric_has_a_description() -> None:
    for name, family in families(STATUS).items():
        assert name.startswith("statewire_")
        assert family.documentation.endswith(".")
        assert family.type == ("counter" if name == "statewire_events" else "gauge")  # the parser drops _total
        assert not {"ms", "minutes", "kilobytes", "mb"} & set(name.split("_"))
    assert "# TYPE statewire_events_total counter\nstatewire_events_total 11.0\n" in render(STATUS)
    assert render(STATUS).endswith("\n")


def test_the_watch_as_a_whole() -> None:
    said = {name: values(STATUS, name) for name in ("build_info", "last_tick_timestamp_seconds", "failing", "copies")}
    assert said == {
        "build_info": {(__version__,): 1},
        "last_tick_timestamp_seconds": {(): NOON.timestamp()},
        "failing": {(): 0},
        "copies": {(): 3},
    }
    assert "\nstatewire_failing 1.0\n" in render(STATUS, is_failing=True)
    assert values(STATUS, "outbox_oldest_age_seconds") == {(): 90.5}
    assert values(STATUS, "outbox_messages")["refused",] == 2
    assert values(STATUS, "database_size_bytes") == {(): 4096}


def test_each_source() -> None:
    at = NOON.timestamp()
    assert values(STATUS, "source_last_attempt_timestamp_seconds") == {("a",): at, ("b",): at}
    assert values(STATUS, "source_last_success_timestamp_seconds") == {("a",): at}
    assert values(STATUS, "source_last_news_timestamp_seconds") == {("a",): at - 7200}
    assert values(STATUS, "source_interval_seconds") == {("a",): 450, ("b",): 900, ("c",): 900}
    assert values(STATUS, "source_consecutive_failures") == {("a",): 0, ("b",): 3}
    standing = {key for key, number in values(STATUS, "source_state").items() if number}
    assert standing == {("a", "well"), ("b", "broken"), ("c", "unasked")}
    assert len(values(STATUS, "source_state")) == 3 * len(STATES)


def test_requests_beside_what_a_host_gets() -> None:
    assert values(STATUS, "host_requests_today") == {("www.state.gov",): 12}
    assert values(STATUS, "host_requests_per_day_limit") == {(): 3000}
    unbounded = families(replace(STATUS, requests_per_day=None, hosts=()))
    assert not {name for name in unbounded if name.startswith("statewire_host")}


@pytest.mark.parametrize("name", [HOSTILE, "\\n", "\\", '"', "é\u2028\U0001f4a5", "a\r\nb"])
def test_no_name_breaks_out_of_its_label(name: str) -> None:
    hostile = source(name="x").model_copy(update={"name": name})
    stored = {name: SourceState(name, Role.MIRROR, last_attempt_at=NOON)}
    hosts = (HostState(name, requests=1),)
    status = replace(STATUS, sources=source_status.assess([hostile], stored, NOON).sources, hosts=hosts)
    assert values(status, "source_last_attempt_timestamp_seconds") == {(name,): NOON.timestamp()}
    assert values(status, "host_requests_today") == {(name,): 1}
    assert set(families(status)) <= set(families(STATUS))
