"""Tests of politeness: pauses, Retry-After, and the state after a restart."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import NOON, make_settings

from scraper.clock import countdown
from scraper.fetch import Fetcher, MemoryHosts
from scraper.fetch.request import Request, RequestFailed
from scraper.fetch.throttle import HostThrottle, read_retry_after
from scraper.model import HostState, Outcome
from scraper.urls import host_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakes.wire import Exchange, Server

    from scraper.clock import SimulatedClock

HOUR_S = 3600


@pytest.fixture
def gate(clock: SimulatedClock, hosts: MemoryHosts) -> HostThrottle:
    return HostThrottle(hosts, clock=clock, settings=make_settings())


def begins(
    gate: HostThrottle, clock: SimulatedClock, host: str, *, takes_s: float = 0.0, count: int = 3
) -> list[datetime]:
    """Return the start times of some requests to a host."""
    moments = []
    for _ in range(count):
        with gate.turn(host):
            moments.append(clock.now())
            clock.sleep(takes_s)
    return moments


def pauses(moments: list[datetime], takes_s: float = 0.0) -> list[float]:
    return [(b - a).total_seconds() - takes_s for a, b in pairwise(moments)]


@pytest.mark.parametrize(
    ("host", "gap_s"),
    [
        ("www.state.gov", 5),
        ("state.gov", 5),
        ("2021-2025.state.gov", 5),
        ("news.example", 2),
        ("notstate.gov", 2),
        ("www.state.gov.", 5),
        ("www.state.gov:8080", 5),
        ("www.state.gov.:8080", 5),
        ("[::1]:8080", 2),
    ],
)
def test_own_minimum(gate: HostThrottle, clock: SimulatedClock, host: str, gap_s: float) -> None:
    moments = begins(gate, clock, host_key(f"https://{host}/"))
    assert moments[0] == NOON
    assert pauses(moments) == [gap_s, gap_s]


def test_hosts_do_not_wait_for_each_other(gate: HostThrottle, clock: SimulatedClock) -> None:
    assert begins(gate, clock, "a.example", count=1) + begins(gate, clock, "b.example", count=1) == [NOON, NOON]


@pytest.mark.parametrize(("takes_s", "gap_s"), [(1, 2), (7, 7), (90, 60)])
def test_a_slow_host_is_asked_slowly(gate: HostThrottle, clock: SimulatedClock, takes_s: float, gap_s: float) -> None:
    assert pauses(begins(gate, clock, "slow.example", takes_s=takes_s), takes_s) == [gap_s, gap_s]


@pytest.mark.parametrize(("asked_s", "gap_s"), [("1", 2), ("9.5", 9.5), ("3600", 60), ("-4", 2), ("soon", 2)])
def test_crawl_delay(gate: HostThrottle, clock: SimulatedClock, hosts: MemoryHosts, asked_s: str, gap_s: float) -> None:
    hosts.save(HostState("news.example", robots_text=f"User-agent: *\nCrawl-delay: {asked_s}\n"))
    assert pauses(begins(gate, clock, "news.example")) == [gap_s, gap_s]


def test_the_pause_survives_a_restart(clock: SimulatedClock, hosts: MemoryHosts) -> None:
    moments = [
        *begins(HostThrottle(hosts, clock=clock, settings=make_settings()), clock, "www.state.gov", count=1),
        *begins(HostThrottle(hosts, clock=clock, settings=make_settings()), clock, "www.state.gov", count=1),
    ]
    assert pauses(moments) == [5]


def test_a_clock_set_back_costs_one_pause(gate: HostThrottle, clock: SimulatedClock, hosts: MemoryHosts) -> None:
    hosts.save(HostState("news.example", last_request_at=NOON + timedelta(days=1)))
    assert begins(gate, clock, "news.example", count=1) == [NOON + timedelta(seconds=2)]


def test_a_clock_that_was_wrong_defers_nothing(gate: HostThrottle, clock: SimulatedClock, hosts: MemoryHosts) -> None:
    hosts.save(HostState("news.example", not_before=NOON + timedelta(days=400)))
    assert begins(gate, clock, "news.example", count=1) == [NOON]


def test_a_short_quiet_is_waited_for(gate: HostThrottle, clock: SimulatedClock) -> None:
    gate.honour_retry_after("news.example", "4")
    assert begins(gate, clock, "news.example", count=1) == [NOON + timedelta(seconds=4)]


def test_row_24_a_long_quiet_is_not_waited_for(gate: HostThrottle, clock: SimulatedClock) -> None:
    gate.honour_retry_after("news.example", str(HOUR_S))
    with pytest.raises(RequestFailed) as caught, gate.turn("news.example"):
        pytest.fail("the host asked for quiet")
    assert caught.value.outcome is Outcome.DEFERRED
    assert "2026-03-02 13:00:00Z" in caught.value.detail
    clock.sleep(HOUR_S)
    assert len(begins(gate, clock, "news.example", count=1)) == 1


def test_a_request_that_fails_counts_as_one(gate: HostThrottle, clock: SimulatedClock, hosts: MemoryHosts) -> None:
    with pytest.raises(KeyError), gate.turn("news.example"):
        raise KeyError
    assert hosts.load("news.example").last_request_at == NOON
    assert begins(gate, clock, "news.example", count=1) == [NOON + timedelta(seconds=2)]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("1000000000", 86_400),
        ("9" * 5000, 86_400),
        ("Mon, 02 Mar 2026 12:05:00 GMT", 300),
        ("Mon, 02 Mar 2026 12:05:00 -0000", 300),
        ("Mon, 02 Mar 2026 13:05:00 +0100", 300),
        ("Mon, 02 Mar 2020 12:05:00 GMT", 0),
        ("Mon, 02 Mar 2099 12:05:00 GMT", 86_400),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("Mon, 99 Mar 2026 12:05:00 GMT", None),
    ],
)
def test_row_24_retry_after(value: str, seconds: int | None) -> None:
    expected = None if seconds is None else NOON + timedelta(seconds=seconds)
    assert read_retry_after(value, now=NOON, cap_s=86_400) == expected


@given(st.text(max_size=60) | st.datetimes().map(lambda at: at.strftime("%a, %d %b %Y %H:%M:%S GMT")))
def test_row_24_any_retry_after_is_bounded(value: str) -> None:
    until = read_retry_after(value, now=NOON, cap_s=60)
    assert until is None or NOON <= until <= NOON + timedelta(seconds=60)


@pytest.mark.parametrize("status", [429, 503, 403])
def test_rows_24_and_25_the_whole_host_waits_also_after_a_restart(
    server: Server, clock: SimulatedClock, hosts: MemoryHosts, status: int
) -> None:
    server.routes["/a/"] = lambda e: e.reply(b"", status=status, headers={"Retry-After": str(HOUR_S)})
    server.routes["/b/"] = lambda e: e.reply()
    with Fetcher(make_settings(server.place, retries=3), clock=clock, hosts=hosts) as fetcher:
        first = fetcher.get(Request(server.url("/a/")))
    with Fetcher(make_settings(server.place, retries=3), clock=clock, hosts=hosts) as fetcher:
        second = fetcher.get(Request(server.url("/b/")))
        asked = len(server.seen)
        clock.sleep(HOUR_S)
        third = fetcher.get(Request(server.url("/b/")))
    assert first.outcome is (Outcome.BLOCKED if status == 403 else Outcome.BUSY)
    assert server.hits("/a/") == 1, "no retry while the host wants quiet"
    assert second.outcome is Outcome.DEFERRED
    assert "13:00" in second.detail
    assert asked == 2, "robots.txt and one page"
    assert third.outcome is Outcome.OK


def test_row_24_a_short_wait_is_part_of_the_retry(server: Server, clock: SimulatedClock, hosts: MemoryHosts) -> None:
    moments: list[datetime] = []

    def handler(exchange: object) -> None:
        moments.append(clock.now())
        if len(moments) == 1:
            exchange.reply(b"", status=503, headers={"Retry-After": "20"})  # type: ignore[attr-defined]
        else:
            exchange.reply()  # type: ignore[attr-defined]

    server.routes["/a/"] = handler
    with Fetcher(make_settings(server.place, retries=1, deadline_s=30.0), clock=clock, hosts=hosts) as fetcher:
        assert fetcher.get(Request(server.url("/a/"))).outcome is Outcome.OK
    assert moments[1] - moments[0] >= timedelta(seconds=20)


def test_every_hop_waits_its_turn(server: Server, fetcher: Fetcher, clock: SimulatedClock) -> None:
    moments: list[datetime] = []

    def note(then: Callable[..., None]) -> Callable[..., None]:
        return lambda e: (moments.append(clock.now()), then(e))[1]

    server.routes["/robots.txt"] = note(lambda e: e.reply(b"", status=404))
    server.routes["/old/"] = note(lambda e: e.redirect("/new/"))
    server.routes["/new/"] = note(lambda e: e.reply())
    assert fetcher.get(Request(server.url("/old/"))).outcome is Outcome.OK
    assert [round(pause) for pause in pauses(moments)] == [2, 2]


def test_waiting_for_a_turn_does_not_count_against_the_deadline(
    server: Server, clock: SimulatedClock, hosts: MemoryHosts
) -> None:
    server.robots = "User-agent: *\nCrawl-delay: 40\n"
    server.routes["/a/"] = lambda e: e.reply()
    with Fetcher(make_settings(server.place, deadline_s=1.0), clock=clock, hosts=hosts) as fetcher:
        assert fetcher.get(Request(server.url("/a/"))).outcome is Outcome.OK
    assert clock.now() - NOON >= timedelta(seconds=40)


# The requests of a day


def test_a_host_that_had_its_requests_of_the_day_waits_for_midnight(clock: SimulatedClock, hosts: MemoryHosts) -> None:
    gate = HostThrottle(hosts, clock=clock, settings=make_settings(requests_per_day=3))
    begins(gate, clock, "news.example")
    with pytest.raises(RequestFailed, match="has had its 3 requests of today") as caught:
        begins(gate, clock, "news.example")
    assert caught.value.outcome is Outcome.DEFERRED
    assert len(begins(gate, clock, "other.example")) == 3
    clock.sleep(12 * HOUR_S)
    assert gate.requests_today("news.example") == 0
    assert len(begins(gate, clock, "news.example")) == 3


def test_rechecks_stop_before_the_daily_limit_is_reached(
    server: Server, clock: SimulatedClock, hosts: MemoryHosts
) -> None:
    server.routes["/"] = lambda exchange: exchange.reply()
    with Fetcher(make_settings(server.place, requests_per_day=4), clock=clock, hosts=hosts) as fetcher:
        seen = []
        for _ in range(5):  # and once for robots.txt
            seen.append(fetcher.has_room(server.url()))
            fetcher.get(Request(server.url()))
    assert seen == [True, True, False, False, False]
    assert len(server.seen) == 4


def test_row_27_threads_take_turns_with_one_host_only(clock: SimulatedClock, hosts: MemoryHosts) -> None:
    gate = HostThrottle(hosts, clock=clock, settings=make_settings())
    inside, overlaps, others = [0], [0], threading.Barrier(2, timeout=10)

    def ask(host: str) -> None:
        with gate.turn(host):
            if host == "a.example":
                inside[0] += 1
                overlaps[0] = max(overlaps[0], inside[0])
                time.sleep(0.002)  # long enough for others to come in, if they could
                inside[0] -= 1
            else:
                others.wait()  # two hosts have to be inside at once, or this never ends

    names = ["a.example"] * 6 + ["b.example", "c.example"]
    threads = [threading.Thread(target=ask, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert overlaps == [1]
    assert gate.requests_today("a.example") == 6


def test_no_wait_for_a_host_is_longer_than_the_time_left(
    server: Server, hosts: MemoryHosts, clock: SimulatedClock
) -> None:
    server.routes["/a/"] = lambda e: e.reply()
    with Fetcher(make_settings(server.place, gap_s=10.0), clock=clock, hosts=hosts) as fetcher:
        left_s = countdown(clock, 35)
        outcomes = [fetcher.get(Request(server.url("/a/")), time_left_s=left_s) for _ in range(4)]
    # robots.txt and three pages at ten seconds each; the fourth would have to wait until the fortieth second.
    assert [capture.outcome for capture in outcomes] == [Outcome.OK] * 3 + [Outcome.DEFERRED]
    assert outcomes[-1].detail == f"no time was left in this run to wait for {server.place}"
    assert clock.now() == NOON + timedelta(seconds=30)


def test_a_retry_that_would_come_too_late_is_left_out(
    server: Server, hosts: MemoryHosts, clock: SimulatedClock
) -> None:
    server.routes["/a/"] = lambda e: e.reply(status=503)
    with Fetcher(make_settings(server.place, retries=3, gap_s=0.001), clock=clock, hosts=hosts) as fetcher:
        capture = fetcher.get(Request(server.url("/a/")), time_left_s=lambda: 0.0)
        assert capture.outcome is Outcome.DEFERRED  # the gap after robots.txt
        clock.sleep(1)
        assert fetcher.get(Request(server.url("/a/")), time_left_s=lambda: 0.0).status == 503
    assert server.hits("/a/") == 1


def test_a_host_that_other_threads_keep_busy_is_left_when_the_time_is_used_up(
    server: Server, hosts: MemoryHosts, clock: SimulatedClock
) -> None:
    arrived, release = threading.Event(), threading.Event()

    def hold(exchange: Exchange) -> None:
        arrived.set()
        release.wait(10)
        exchange.reply()

    server.routes["/a/"] = hold
    with Fetcher(make_settings(server.place), clock=clock, hosts=hosts) as fetcher:
        holding = threading.Thread(target=fetcher.get, args=[Request(server.url("/a/"))])
        holding.start()
        assert arrived.wait(10)
        capture = fetcher.get(Request(server.url("/b/")), time_left_s=lambda: 0.05)
        release.set()
        holding.join()
    assert (capture.outcome, server.hits("/b/")) == (Outcome.DEFERRED, 0)


def test_a_request_may_ask_for_a_longer_pause(server: Server, fetcher: Fetcher, clock: SimulatedClock) -> None:
    server.routes["/a"] = lambda exchange: exchange.reply()
    before, waits = clock.monotonic(), []
    for gap_s in (0.0, 7.5, 0.0):
        fetcher.get(Request(server.url("/a"), gap_s=gap_s))
        waits.append(clock.monotonic() - before)
        before = clock.monotonic()
    assert waits[1] == pytest.approx(7.5, abs=0.1)
    assert waits[2] < 3
