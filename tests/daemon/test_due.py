"""Tests of the choice of sources: only due ones, the longest due first, one at a time for a host, no starvation."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from samples import NOON, source

from scraper.config.alerts import QuietHours
from scraper.config.settings import Endpoint, Source
from scraper.daemon.due import choose, hosts_of
from scraper.model import EndpointKind, Role
from scraper.source_status import next_start
from scraper.store import SourceState

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def on(name: str, host: str = "", **changes: object) -> Source:
    return source(
        name=name, endpoints=(Endpoint(kind=EndpointKind.FEED, url=f"https://{host or name}.example/"),), **changes
    )


def state(name: str, minutes: int | None) -> SourceState:
    """A source that is due in so many minutes."""
    return SourceState(name, Role.CANONICAL, next_due_at=None if minutes is None else NOON + minutes * MINUTE)


@given(
    st.lists(st.tuples(st.sampled_from("xyz"), st.none() | st.integers(-99, 14)), max_size=12),
    st.integers(-1, 5),
    st.frozensets(st.sampled_from(["x.example", "y.example"])),
)
def test_chosen_sources_are_due_and_never_share_a_host(
    entries: list[tuple[str, int | None]], room: int, busy: frozenset[str]
) -> None:
    sources = [on(f"s{n}", host) for n, (host, _) in enumerate(entries)]
    states = {f"s{n}": state(f"s{n}", minutes) for n, (_, minutes) in enumerate(entries)}
    chosen = choose(sources, states, NOON, room=room, busy_hosts=busy)
    hosts = [host for each in chosen for host in hosts_of(each)]
    assert len(chosen) <= max(room, 0)
    assert len(hosts) == len(set(hosts))
    assert not busy & set(hosts)
    due = {each.name: states[each.name].next_due_at or NOON - 100 * MINUTE for each in sources}
    assert all(due[each.name] <= NOON for each in chosen)
    assert [due[each.name] for each in chosen] == sorted(due[each.name] for each in chosen)
    # No source is overtaken on a host, and no free host is left idle while there is room.
    for each in chosen:
        rivals = [other for other in sources if hosts_of(other) == hosts_of(each)]
        assert due[each.name] == min(due[other.name] for other in rivals)
    if len(chosen) < room:
        idle = {host for each in sources if due[each.name] <= NOON for host in hosts_of(each)} - busy
        assert idle == set(hosts)


def test_a_source_that_waits_for_its_host_is_not_overtaken_by_one_that_shares_another_with_it() -> None:
    endpoints = tuple(Endpoint(kind=EndpointKind.FEED, url=f"https://{host}.example/") for host in ("x", "y"))
    both, one, free = source(name="both", endpoints=endpoints), on("one", "y"), on("free", "z")
    states = {"both": state("both", -9), "one": state("one", -5), "free": state("free", -1)}
    assert choose([free, one, both], states, NOON, room=4, busy_hosts={"x.example"}) == [free]
    assert choose([free, one, both], states, NOON, room=4) == [both, free]


def test_a_port_of_a_host_is_a_host_of_its_own() -> None:
    sources = [on("one", "bücher"), on("other", "xn--bcher-kva"), on("port", "bücher.example:8443/?")]
    assert [each.name for each in choose(sources, {}, NOON, room=4)] == ["one", "port"]


def test_disabled_and_running_sources_are_not_chosen() -> None:
    sources = [on("off", enabled=False), on("busy"), on("new")]
    assert [each.name for each in choose(sources, {}, NOON, room=4, busy=["busy"])] == ["new"]


def test_next_start_is_now_or_later_and_within_the_hours() -> None:
    day = on("s", active=QuietHours(start=NOON.time(), stop=(NOON + HOUR).time()))
    assert next_start(day, None, NOON) == NOON
    assert next_start(day, None, NOON - HOUR) == NOON
    assert next_start(day, state("s", 14), NOON) == NOON + 14 * MINUTE
    assert next_start(day, state("s", -5), NOON) == NOON
    assert next_start(on("s"), state("s", 600), NOON) == NOON  # the clock was set back
