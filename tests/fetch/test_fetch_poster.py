"""Tests of POST requests to real servers on loopback, with the same address guard and limits as fetching."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from samples import NOON, make_settings

from scraper.clock import SimulatedClock
from scraper.delivery.retry import DeliveryResult
from scraper.delivery.transports.base import SENT
from scraper.delivery.transports.webhook import WebhookTransport, signature
from scraper.errors import FetchError
from scraper.fetch import Poster
from scraper.fetch.poster import PostResponse
from scraper.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fakes.wire import Exchange, Server

BODY = b'{"kind": "statement.revised"}'


def post(url: str, *allowed: str, resolver: Any = None, **changes: Any) -> PostResponse:
    more = {"resolver": resolver} if resolver else {}
    with Poster(make_settings(*allowed, **changes), clock=SimulatedClock(NOON), **more) as poster:
        return poster.post(url, BODY, {"Content-Type": "application/json", "X-Statewire-Signature": "sha256=1"})


def test_a_body_arrives_with_its_headers(server: Server) -> None:
    server.routes["/hook"] = lambda exchange: exchange.reply(b"thanks", status=202)
    assert post(server.url("/hook"), server.place) == PostResponse(202, Outcome.OK, "thanks", body=b"thanks")
    (asked,) = server.seen
    assert asked.body == BODY
    assert (asked.headers["content-type"], asked.headers["x-statewire-signature"]) == ("application/json", "sha256=1")
    assert asked.headers["content-length"] == str(len(BODY))
    assert asked.headers["user-agent"].startswith("statewire/")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed_wherever_it_leads(server: Server, status: int) -> None:
    server.routes["/hook"] = lambda exchange: exchange.redirect("/inside", status=status)
    posted = post(server.url("/hook"), server.place)
    assert posted == PostResponse(
        status, Outcome.ERROR_PAGE, "it redirects to /inside, and its redirects are not followed"
    )
    assert server.hits("/inside") == 0


def test_row_16_a_redirect_to_a_private_address_reaches_nothing(start: Callable[..., Server]) -> None:
    inside, outside = start(), start()
    outside.routes["/hook"] = lambda exchange: exchange.redirect(inside.url("/latest/meta-data"), status=307)
    assert post(outside.url("/hook"), outside.place, inside.place).status == 307
    assert inside.connections == 0


def test_a_private_address_is_not_asked(server: Server) -> None:
    def leads_here(host: str, port: int) -> Sequence[str]:
        return ["93.184.215.14", "127.0.0.1"]

    posted = [post(server.url("/hook")), post("http://hooks.example.org/", resolver=leads_here)]
    assert [(p.status, p.outcome) for p in posted] == [(None, Outcome.BLOCKED_ADDRESS)] * 2
    assert "127.0.0.1, which is not a public IP address" in posted[1].detail
    assert server.connections == 0


def test_webhook_urls_that_are_invalid() -> None:
    assert post("ftp://example.org/").outcome is Outcome.BAD_SCHEME


@pytest.mark.parametrize(("value", "seconds"), [("120", 120.0), ("99999999", 86_400.0), ("soon", 0.0)])
def test_a_server_says_when_to_come_again(server: Server, value: str, seconds: float) -> None:
    server.routes["/hook"] = lambda exchange: exchange.reply(b"slow down", status=429, headers={"Retry-After": value})
    posted = post(server.url("/hook"), server.place, retry_after_cap_s=86_400.0)
    assert posted == PostResponse(429, Outcome.ERROR_PAGE, "slow down", seconds, b"slow down")


def test_an_answer_without_end_does_not_change_what_it_says(server: Server) -> None:
    def flood(exchange: Exchange) -> None:
        exchange.send(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(10_000):
            exchange.send(b"x" * 1000)

    server.routes["/hook"] = flood
    posted = post(server.url("/hook"), server.place)
    assert (posted.status, posted.outcome, len(posted.detail)) == (200, Outcome.OK, 300)


def test_the_beginning_of_a_long_answer_is_kept_if_all_of_it_comes_at_once(server: Server) -> None:
    def answer(exchange: Exchange) -> None:
        exchange.send(b"HTTP/1.1 200 OK\r\n\r\n")
        server.closing.wait(0.2)  # the client has read the head, and waits
        exchange.send(b"x" * 60_000)

    server.routes["/hook"] = answer
    posted = post(server.url("/hook"), server.place)
    assert (posted.status, posted.outcome, posted.detail) == (200, Outcome.OK, "x" * 300)


def test_row_4_a_server_that_drips_is_bounded_as_a_whole(server: Server) -> None:
    def drip(exchange: Exchange) -> None:
        while not server.closing.wait(0.05):
            exchange.send(b"H")

    server.routes["/hook"] = drip
    posted = post(server.url("/hook"), server.place, deadline_s=0.3)
    assert (posted.status, posted.outcome) == (None, Outcome.TIMEOUT)


def test_a_connection_that_breaks(server: Server) -> None:
    server.routes["/hook"] = lambda exchange: exchange.reset()
    posted = post(server.url("/hook"), server.place)
    assert posted.status is None
    assert posted.outcome in {Outcome.CONNECT, Outcome.PROTOCOL}


def test_where_the_guard_does_not_hold_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scraper.fetch.exchange.is_guarded", lambda _: False)
    with pytest.raises(FetchError, match="guard"):
        Poster(make_settings(), clock=SimulatedClock(NOON))


def test_a_webhook_from_end_to_end(start: Callable[..., Server]) -> None:
    inside, outside = start(), start()
    outside.routes["/hook"] = lambda exchange: exchange.reply(b"", status=204)
    outside.routes["/trap"] = lambda exchange: exchange.redirect(inside.url("/"), status=308)
    clock = SimulatedClock(NOON)
    hook, trap = outside.url("/hook"), outside.url("/trap")
    with Poster(make_settings(outside.place), clock=clock) as poster:
        delivery = WebhookTransport(poster.post, clock=clock, secrets={hook: "KEY"}, environ={"KEY": "secret"})
        to_hook, to_trap, to_inside = (
            delivery.deliver(BODY, sender="", recipient=url, message_id="<1@statewire.example>")
            for url in (hook, trap, inside.url("/"))
        )
    assert to_hook == SENT
    asked = outside.seen[0]
    assert asked.headers["x-statewire-signature"] == signature(b"secret", asked.headers["x-statewire-timestamp"], BODY)
    assert [to_trap.result, to_inside.result] == [DeliveryResult.REFUSED] * 2
    assert to_inside.detail.startswith("blocked address: ")
    assert inside.connections == 0
