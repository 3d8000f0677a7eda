"""Tests of requests to a service with an account: pauses, limits and secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from samples import NOON, make_settings

from scraper.clock import SimulatedClock
from scraper.fetch.service import ServiceClient
from scraper.fetch.throttle import MemoryHosts
from scraper.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakes.wire import Server

    from scraper.fetch.poster import PostResponse

HEADERS = {"Accept": "application/json", "Authorization": "LOW access123:secret45678"}


class Asking:
    """A client, and the seconds that it waited."""

    def __init__(self, server: Server, **changes: Any) -> None:
        self.clock, self.hosts, self.url = SimulatedClock(NOON), MemoryHosts(), server.url("/save")
        self.client = ServiceClient(make_settings(server.place, **changes), clock=self.clock, hosts=self.hosts)

    def ask(self, body: bytes | None = None, **more: Any) -> tuple[PostResponse, float]:
        began_s = self.clock.monotonic()
        response = self.client.ask(self.url, HEADERS, body, **more)
        return response, self.clock.monotonic() - began_s


@pytest.fixture
def asking(server: Server) -> Iterator[Asking]:
    server.routes["/save"] = lambda exchange: exchange.reply(b'{"job_id": "1"}')
    made = Asking(server)
    yield made
    made.client.close()


def test_a_request_with_a_body_is_a_post_and_one_without_a_get(asking: Asking, server: Server) -> None:
    assert asking.ask(b"url=x")[0].body == b'{"job_id": "1"}'
    assert asking.ask()[0].status == 200
    assert [exchange.body for exchange in server.seen] == [b"url=x", b""]
    assert all(exchange.headers["authorization"] == HEADERS["Authorization"] for exchange in server.seen)


def test_requests_are_apart_and_counted(asking: Asking) -> None:
    waits = [asking.ask(gap_s=gap_s)[1] for gap_s in (10.0, 10.0, 0.0)]
    assert waits[0] == 0
    assert 9.9 < waits[1] <= 11
    assert 1.9 < waits[2] <= 3  # as for any other host
    (state,) = asking.hosts._states.values()
    assert state.requests == 3


def test_no_request_waits_longer_than_the_time_left(asking: Asking, server: Server) -> None:
    asking.ask()
    response, waited_s = asking.ask(gap_s=10.0, time_left_s=lambda: 5.0)
    assert (response.status, response.outcome, waited_s) == (None, Outcome.DEFERRED, 0)
    assert len(server.seen) == 1


def test_a_pause_that_the_service_asks_for_is_kept(asking: Asking, server: Server) -> None:
    server.routes["/save"] = lambda exchange: exchange.reply(b"later", status=429, headers={"Retry-After": "600"})
    assert asking.ask()[0].retry_after_s == 600
    assert asking.ask()[0].outcome is Outcome.DEFERRED
    asking.clock.sleep(601)
    assert asking.ask()[0].status == 429
    assert len(server.seen) == 2


def test_a_retry_after_of_a_good_answer_is_no_pause(asking: Asking, server: Server) -> None:
    server.routes["/save"] = lambda exchange: exchange.reply(b"{}", headers={"Retry-After": "600"})
    assert [asking.ask()[0].status for _ in range(2)] == [200, 200]


def test_the_key_is_in_no_answer(asking: Asking, server: Server) -> None:
    words = b"LOW access123:secret45678, access123, secret45678, low"
    server.routes["/save"] = lambda exchange: exchange.reply(words, status=500)
    response, _ = asking.ask()
    assert (response.body, response.detail) == (b"LOW ***, ***, ***, low", "LOW ***, ***, ***, low")


def test_a_redirect_gets_no_key(asking: Asking, server: Server) -> None:
    server.routes["/save"] = lambda exchange: exchange.redirect("/other")
    assert asking.ask()[0].status == 302
    assert server.hits("/other") == 0


def test_an_answer_without_end_is_cut_off(asking: Asking, server: Server) -> None:
    server.routes["/save"] = lambda exchange: exchange.reply(b"x" * 3_000_000)
    assert len(asking.ask()[0].body) <= 2_000_000
