"""Tests of redirects: followed by hand, limited in number and targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.wire import PAGE, Exchange, Server
from hypothesis import given
from hypothesis import strategies as st
from samples import NOON, make_settings

from scraper.clock import SimulatedClock
from scraper.fetch import Fetcher, MemoryHosts
from scraper.fetch.classify import classify
from scraper.fetch.error_pages import refresh_target
from scraper.fetch.exchange import next_hop, parse_url
from scraper.fetch.request import RawResponse, Request, RequestFailed
from scraper.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_followed(server: Server, fetcher: Fetcher, status: int) -> None:
    server.routes["/old/"] = lambda e: e.redirect("../new/?a=1#part", status=status)
    server.routes["/new/"] = lambda e: e.reply()
    capture = fetcher.get(Request(server.url("/old/"), etag='"v1"'))
    assert (capture.outcome, capture.status, capture.body) == (Outcome.OK, 200, PAGE)
    assert capture.url == server.url("/old/")
    assert capture.final_url == server.url("/new/?a=1")
    assert server.seen[-1].headers["if-none-match"] == '"v1"'


@pytest.mark.parametrize("url", ["https://xn--/feed/", "https://xn--a80/"])
def test_a_host_that_stands_for_no_international_name(server: Server, fetcher: Fetcher, url: str) -> None:
    server.routes["/old/"] = lambda e: e.redirect(url)
    assert fetcher.get(Request(server.url("/old/"))).outcome is Outcome.BAD_SCHEME
    assert fetcher.get(Request(url)).outcome is Outcome.BAD_SCHEME


def test_row_15_a_circle(server: Server, fetcher: Fetcher) -> None:
    server.routes["/a/"] = lambda e: e.redirect("/b/")
    server.routes["/b/"] = lambda e: e.redirect("/a/")
    capture = fetcher.get(Request(server.url("/a/")))
    assert capture.outcome is Outcome.REDIRECT
    assert f"{server.url('/a/')} -> {server.url('/b/')} -> {server.url('/a/')}" in capture.detail
    assert server.hits("/a/") == 1


@pytest.mark.parametrize(("hops", "outcome"), [(5, Outcome.OK), (6, Outcome.REDIRECT)])
def test_row_15_five_hops_and_no_more(server: Server, fetcher: Fetcher, hops: int, outcome: Outcome) -> None:
    for hop in range(hops):
        server.routes[f"/{hop}/"] = lambda e, hop=hop: e.redirect(f"/{hop + 1}/")
    server.routes[f"/{hops}/"] = lambda e: e.reply()
    capture = fetcher.get(Request(server.url("/0/")))
    assert capture.outcome is outcome
    assert len(server.seen) == 1 + 6


def test_the_body_of_a_redirect_is_not_read(server: Server, fetcher: Fetcher) -> None:
    def heavy(exchange: Exchange) -> None:
        exchange.send(
            b"HTTP/1.1 302 Found\r\nLocation: /new/\r\nContent-Encoding: br\r\nContent-Length: 99999\r\n\r\nx"
        )

    server.routes["/old/"] = heavy
    server.routes["/new/"] = lambda e: e.reply()
    assert fetcher.get(Request(server.url("/old/"))).outcome is Outcome.OK


def test_a_redirect_without_location(server: Server, fetcher: Fetcher) -> None:
    server.routes["/old/"] = lambda e: e.reply(b"", status=302)
    capture = fetcher.get(Request(server.url("/old/")))
    assert (capture.outcome, capture.status) == (Outcome.REDIRECT, 302)
    assert "without a location" in capture.detail


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "ftp://host/x", "javascript:alert(1)", "data:,x", "http://[::1/", "gopher:x"]
)
def test_row_19_other_schemes(server: Server, fetcher: Fetcher, location: str) -> None:
    server.routes["/page/"] = lambda e: e.redirect(location)
    capture = fetcher.get(Request(server.url("/page/")))
    assert capture.outcome is Outcome.BAD_SCHEME
    assert location in capture.detail
    assert (capture.status, capture.header("location")) == (302, location)


def test_row_21_another_host(start: Callable[..., Server], server: Server) -> None:
    other = start(address="127.0.0.3")
    other.routes["/page/"] = lambda e: e.reply()
    server.routes["/page/"] = lambda e: e.redirect(other.url("/page/"))
    settings = make_settings(server.place, other.place)
    with Fetcher(settings, clock=SimulatedClock(NOON), hosts=MemoryHosts()) as fetcher:
        only = fetcher.get(Request(server.url("/page/"), hosts=frozenset({"127.0.0.1"})))
        both = fetcher.get(Request(server.url("/page/"), hosts=frozenset({"127.0.0.1", "127.0.0.3"})))
        any_ = fetcher.get(Request(server.url("/page/")))
    assert only.outcome is Outcome.OFFSITE
    assert other.url("/page/") in only.detail
    assert only.final_url == server.url("/page/")
    assert [both.outcome, any_.outcome] == [Outcome.OK, Outcome.OK]


@pytest.mark.parametrize(
    "host", ["www.state.gov.evil.test", "evil-www.state.gov", "state.gov", "www.state.gov@evil.test", "WWW.STATE.GOV.X"]
)
def test_row_21_lookalikes(host: str) -> None:
    with pytest.raises(RequestFailed) as caught:
        next_hop(
            [parse_url("https://www.state.gov/a/")],
            f"https://{host}/a/",
            hosts=frozenset({"www.state.gov"}),
            allow_private=(),
        )
    assert caught.value.outcome is Outcome.OFFSITE


@pytest.mark.parametrize(
    "location", ["https://WWW.state.gov./b/", "//www.state.gov/b/", "/b/", "https://www.state.gov:443/b/"]
)
def test_row_21_the_same_host(location: str) -> None:
    hop = next_hop(
        [parse_url("https://www.state.gov/a/")], location, hosts=frozenset({"www.state.gov"}), allow_private=()
    )
    assert hop.path == "/b/"


@pytest.mark.parametrize("listed", ["bücher.example", "xn--bcher-kva.example", "Bücher.example."])
def test_a_redirect_within_an_international_name(listed: str) -> None:
    start = parse_url("https://bücher.example/a/")
    assert next_hop([start], "https://BÜCHER.example/b/", hosts=frozenset({listed}), allow_private=()).path == "/b/"


@given(st.text(max_size=40))
def test_any_location_is_an_address_or_a_failure(location: str) -> None:
    try:
        hop = next_hop([parse_url("https://www.state.gov/a/")], location, hosts=None, allow_private=())
    except RequestFailed:
        return
    assert hop.scheme == "https"
    assert hop.host
    assert not hop.userinfo


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_a_failure(text: str) -> None:
    try:
        url = parse_url(text)
    except RequestFailed:
        return
    assert url.scheme in {"http", "https"}
    assert url.host


def stub(target: str, text: str = "<p>If you are not redirected, click here.</p>", delay: str = "0") -> bytes:
    return (
        f'<!doctype html><html><head><title>To</title><META content="{delay}; URL={target}" HTTP-EQUIV=refresh></head>'
        f"<body>{text}</body></html>"
    ).encode()


@pytest.mark.parametrize("target", ["/new/", "../new/", "'/new/'", "/new/?a=1&amp;b=2"])
def test_a_page_that_only_sends_browsers_on_is_a_redirect(server: Server, fetcher: Fetcher, target: str) -> None:
    server.routes["/old/"] = lambda e: e.reply(stub(target))
    server.routes["/new/"] = lambda e: e.reply()
    capture = fetcher.get(Request(server.url("/old/")))
    assert (capture.outcome, capture.body) == (Outcome.OK, PAGE)
    assert "/new/" in capture.final_url


@pytest.mark.parametrize("content", ["0 url=/new/", ".5;url=/new/", "0.0, /new/", "0;/new/", "0 ; URL = '/new/'"])
def test_every_form_in_which_browsers_are_sent_on_is_read(content: str) -> None:
    page = f'<html><head><meta http-equiv="refresh" content="{content}"></head><body></body></html>'
    assert refresh_target(page) == "/new/"


@pytest.mark.parametrize("content", ["60", "60.", "60;", "0; ", "new", "60 ,"])
def test_a_refresh_without_a_target_only_reloads(content: str) -> None:
    page = f'<html><head><meta http-equiv="refresh" content="{content}"></head><body></body></html>'
    assert refresh_target(page) is None


def test_a_page_that_sends_browsers_on_keeps_the_rules_of_redirects(server: Server, fetcher: Fetcher) -> None:
    server.routes["/a/"] = lambda e: e.reply(stub("/b/"))
    server.routes["/b/"] = lambda e: e.reply(stub("/a/"))
    assert fetcher.get(Request(server.url("/a/"))).outcome is Outcome.REDIRECT
    server.routes["/off/"] = lambda e: e.reply(stub("https://elsewhere.example/"))
    hosts = frozenset({"127.0.0.1"})
    assert fetcher.get(Request(server.url("/off/"), hosts=hosts)).outcome is Outcome.OFFSITE
    server.routes["/script/"] = lambda e: e.reply(stub("javascript:alert(1)"))
    assert fetcher.get(Request(server.url("/script/"))).outcome is Outcome.BAD_SCHEME


@pytest.mark.parametrize(
    "body",
    [
        stub("/old/"),
        stub("/new/", "<article><p>" + "The keepers lit the lamps of Harbour again. " * 20 + "</p></article>"),
        stub("/new/", delay="600"),
        b'<!doctype html><html><head><meta http-equiv="refresh" content="60"><title>T</title></head>'
        b"<body>A</body></html>",
        b'<!doctype html><html><head><noscript><meta http-equiv="refresh" content="0;url=/new/"></noscript></head>'
        b"<body>A</body></html>",
        b"<!doctype html><html><head><title>Refresh of the lamps</title></head><body>A</body></html>",
        b"<!doctype html><html><!-- " + b"refresh " * 4_000 + b"--><body>A</body></html>",
    ],
    ids=["itself", "article", "later", "reload", "without scripts", "only words", "long"],
)
def test_a_page_that_reloads_or_has_a_text_is_a_document(server: Server, fetcher: Fetcher, body: bytes) -> None:
    server.routes["/old/"] = lambda e: e.reply(body)
    capture = fetcher.get(Request(server.url("/old/")))
    assert (capture.outcome, capture.body) == (Outcome.OK, body)


def test_a_recorded_page_that_sends_browsers_on_is_no_document() -> None:
    response = RawResponse("https://herald.example/old/", 200, (), stub("/new/"))
    outcome, detail = classify(Request("https://herald.example/old/"), response)
    assert (outcome, detail) == (Outcome.REDIRECT, "a page that only redirects to /new/")


def test_a_secret_header_goes_to_the_first_url_only(server: Server, fetcher: Fetcher) -> None:
    server.routes["/asked"] = lambda exchange: exchange.redirect("/elsewhere")
    server.routes["/elsewhere"] = lambda exchange: exchange.reply()
    request = Request(server.url("/asked"), headers=(("X-Api-Key", "lamps"),))
    assert fetcher.get(request).outcome is Outcome.OK
    keys = {exchange.target: exchange.headers.get("x-api-key") for exchange in server.seen}
    assert keys == {"/robots.txt": None, "/asked": "lamps", "/elsewhere": None}
    assert "lamps" not in repr(request)
