"""Tests of network faults, each against a real server that causes it."""

from __future__ import annotations

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from datetime import timedelta

import httpcore
import pytest
from fakes.wire import PAGE, Exchange, Handler, Server
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import NOON, make_settings

from scraper.clock import SimulatedClock
from scraper.fetch import Fetcher, MemoryHosts
from scraper.fetch.request import Request
from scraper.fetch.transport import GuardedTransport
from scraper.model import Capture, EndpointKind, HostState, Outcome

Get = Callable[..., Capture]


@pytest.fixture
def get(server: Server) -> Iterator[Get]:
    """Serve one page by a handler and get it, with half a second for everything."""
    fetchers: list[Fetcher] = []

    def run(handler: Handler, **changes: object) -> Capture:
        server.routes["/page/"] = handler
        chosen = make_settings(server.place, **{"deadline_s": 0.5, **changes})
        fetchers.append(Fetcher(chosen, clock=SimulatedClock(NOON), hosts=MemoryHosts()))
        return fetchers[-1].get(Request(server.url("/page/")))

    yield run
    for fetcher in fetchers:
        fetcher.close()


def drip(exchange: Exchange, first: bytes, piece: bytes) -> None:
    exchange.send(first)
    for _ in range(100):
        exchange.send(piece)
        time.sleep(0.05)


def head(**fields: str) -> bytes:
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{lines}\r\n".encode()


def test_a_whole_page_comes_with_the_headers_that_matter(get: Get, server: Server) -> None:
    capture = get(
        lambda e: e.reply(headers={"ETag": '"v1"', "Set-Cookie": "id=1", "X-WP-Total": "7", "Server": "test"})
    )
    assert (capture.outcome, capture.status, capture.body) == (Outcome.OK, 200, PAGE)
    assert capture.url == capture.final_url == server.url("/page/")
    assert capture.captured_at >= NOON
    assert dict(capture.headers) == {
        "content-type": "text/html; charset=utf-8",
        "content-length": str(len(PAGE)),
        "etag": '"v1"',
        "x-wp-total": "7",
        "server": "test",
    }


def test_what_is_sent(get: Get, server: Server) -> None:
    get(lambda e: e.reply(headers={"Set-Cookie": "id=1"}))
    get(lambda e: e.reply())
    sent = server.seen[-1].headers
    assert sent["user-agent"].startswith("Mozilla/5.0 (compatible; statewire/")
    assert sent["user-agent"].endswith("; +https://watch.example/about)")
    assert sent["accept-encoding"] == "gzip"
    assert "cookie" not in sent
    assert "authorization" not in sent


def test_cookies_are_not_kept(server: Server, fetcher: Fetcher) -> None:
    server.routes["/page/"] = lambda e: e.reply(headers={"Set-Cookie": "id=1; Path=/"})
    fetcher.get(Request(server.url("/page/")))
    fetcher.get(Request(server.url("/page/")))
    assert server.hits("/page/") == 2
    assert "cookie" not in server.seen[-1].headers


def test_row_83_credentials_in_an_address_are_dropped(server: Server, fetcher: Fetcher) -> None:
    server.routes["/page/"] = lambda e: e.reply()
    capture = fetcher.get(Request(f"http://user:secret@{server.place}/page/#part"))
    assert capture.outcome is Outcome.OK
    assert capture.final_url == server.url("/page/")
    assert "authorization" not in server.seen[-1].headers


def test_row_1_connection_refused(start: Callable[..., Server]) -> None:
    server = start()
    server.close()
    with Fetcher(make_settings(server.place), clock=SimulatedClock(NOON), hosts=MemoryHosts()) as fetcher:
        capture = fetcher.get(Request(server.url("/page/")))
    assert capture.outcome is Outcome.CONNECT
    assert "refused" in capture.detail
    assert capture.status is None


def test_row_1_reset(get: Get) -> None:
    capture = get(lambda e: e.reset())
    assert capture.outcome is Outcome.CONNECT


@pytest.mark.parametrize(
    "resolve",
    [
        pytest.param(lambda host, port: [], id="no address"),
        pytest.param(lambda host, port: (_ for _ in ()).throw(socket.gaierror(-2, "Name not known")), id="unknown"),
        pytest.param(lambda host, port: (_ for _ in ()).throw(UnicodeError("label too long")), id="no name"),
        pytest.param(lambda host, port: time.sleep(5), id="silent"),
    ],
)
def test_row_2_no_address(resolve: Callable[[str, int], list[str]]) -> None:
    chosen = make_settings(connect_timeout_s=0.2)
    with Fetcher(chosen, clock=SimulatedClock(NOON), hosts=MemoryHosts(), resolver=resolve) as fetcher_:
        capture = fetcher_.get(Request("https://www.state.test/page/"))
    assert capture.outcome is Outcome.DNS
    assert "www.state.test" in capture.detail


def test_row_3_silence_ends_at_the_read_timeout(get: Get, server: Server) -> None:
    # Without it, this would take as long as the deadline.
    capture = get(lambda e: server.closing.wait(600), deadline_s=600.0, read_timeout_s=0.3)
    assert capture.outcome is Outcome.TIMEOUT


@pytest.mark.parametrize(
    ("first", "piece"),
    [
        pytest.param(head(Content_Length="1000"), b"x", id="row 4: body"),
        pytest.param(b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n", id="row 5: headers"),
        pytest.param(head(Transfer_Encoding="chunked"), b"1\r\nx\r\n", id="row 4: chunks"),
        pytest.param(b"", b"HTTP/1.1 100 Continue\r\n\r\n", id="row 14: interim answers"),
    ],
)
def test_rows_4_and_5_a_drip_ends_at_the_deadline(get: Get, first: bytes, piece: bytes) -> None:
    began = time.monotonic()
    capture = get(lambda e: drip(e, first, piece))
    assert capture.outcome is Outcome.TIMEOUT
    assert "no complete response within 0.5 s" in capture.detail
    assert time.monotonic() - began > 0.4


def test_row_4_the_deadline_spans_the_redirects(server: Server, get: Get) -> None:
    def slow(exchange: Exchange) -> None:
        time.sleep(0.3)
        exchange.redirect(f"/page/?{len(server.seen)}")

    capture = get(slow, max_redirects=50)
    assert capture.outcome is Outcome.TIMEOUT
    assert server.hits("/page/") == 1
    assert len(server.seen) == 3


def test_row_4_a_drip_is_not_tried_again(server: Server, get: Get) -> None:
    capture = get(lambda e: drip(e, head(), b"x"), retries=3)
    assert (capture.outcome, capture.detail) == (Outcome.TIMEOUT, "no complete response within 0.5 s")
    assert server.hits("/page/") == 1


def test_row_4_retries_share_one_deadline(server: Server, get: Get) -> None:
    def break_late(exchange: Exchange) -> None:
        time.sleep(0.3)
        exchange.reset()

    assert get(break_late, retries=3).outcome is Outcome.TIMEOUT
    assert server.hits("/page/") == 2


def test_row_26_a_robots_txt_that_drips_is_not_tried_again_and_costs_a_known_page_nothing(
    server: Server, clock: SimulatedClock, hosts: MemoryHosts
) -> None:
    server.routes["/robots.txt"] = lambda e: drip(e, head(), b"x")
    server.routes["/page/"] = lambda e: e.reply()
    quick = make_settings(server.place, deadline_s=0.3, retries=3)
    with Fetcher(quick, clock=clock, hosts=hosts) as fetcher:
        unknown = fetcher.get(Request(server.url("/page/")))
        assert (unknown.outcome, unknown.detail) == (
            Outcome.TIMEOUT,
            "robots.txt: no complete response within 0.3 s",
        )
        assert server.hits("/robots.txt") == 1
        hosts.save(HostState(server.place, robots_text="", robots_fetched_at=NOON - timedelta(days=2)))
        assert fetcher.get(Request(server.url("/page/"))).outcome is Outcome.OK
    assert (server.hits("/robots.txt"), server.hits("/page/")) == (2, 1)


@pytest.mark.parametrize(
    "wire",
    [
        pytest.param(head(Content_Length="1000") + b"<html>too", id="length"),
        pytest.param(head(Transfer_Encoding="chunked") + b"100\r\n<html>too", id="chunk"),
        pytest.param(head(Transfer_Encoding="chunked") + b"5\r\n<html\r\n", id="no last chunk"),
        pytest.param(head(Transfer_Encoding="chunked") + b"zz\r\n<html\r\n", id="no chunk"),
        pytest.param(head() + b"<!DOCTYPE html><html><body><p>The Secre", id="row 7: until close"),
    ],
)
def test_rows_6_and_7_a_cut_body_is_truncated(get: Get, wire: bytes) -> None:
    capture = get(lambda e: e.send(wire))
    assert capture.outcome is Outcome.TRUNCATED
    assert capture.detail


def test_row_6_reset_within_the_body(get: Get) -> None:
    def handler(exchange: Exchange) -> None:
        exchange.send(head(Content_Length="1000") + b"<html>too")
        time.sleep(0.1)
        exchange.reset()

    capture = get(handler)
    assert capture.outcome is Outcome.TRUNCATED
    assert capture.body == b"<html>too"


@pytest.mark.parametrize(
    "wire",
    [
        pytest.param(head() + PAGE, id="page with its end"),
        pytest.param(head(Content_Length="17") + b"<!DOCTYPE html><p", id="announced length"),
        pytest.param(
            head(Content_Encoding="gzip") + gzip.compress(b"<!DOCTYPE html><p>whole by its gzip end", mtime=0),
            id="gzip",
        ),
    ],
)
def test_row_7_a_complete_body_is_not_truncated(get: Get, wire: bytes) -> None:
    assert get(lambda e: e.send(wire)).outcome is Outcome.OK


def test_row_7_an_error_page_without_end_is_an_error_page(get: Get) -> None:
    capture = get(lambda e: e.send(b"HTTP/1.0 404 No\r\nContent-Type: text/html\r\n\r\n<html><h1>No"))
    assert capture.outcome is Outcome.GONE


def test_row_8_gzip_cut_by_a_server_that_counts_right(get: Get) -> None:
    wire = gzip.compress(PAGE * 50)[:100]
    capture = get(lambda e: e.reply(wire, headers={"Content-Encoding": "gzip"}))
    assert capture.outcome is Outcome.TRUNCATED


def test_row_9_two_gzip_members(get: Get) -> None:
    wire = gzip.compress(PAGE[:40]) + gzip.compress(PAGE[40:])
    assert get(lambda e: e.reply(wire, headers={"Content-Encoding": "gzip"})).body == PAGE


def test_row_10_a_bomb(get: Get) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(bytes(1_000_000)) for _ in range(50)) + packer.flush()
    capture = get(lambda e: e.reply(bomb, headers={"Content-Encoding": "gzip"}), deadline_s=5.0)
    assert (capture.outcome, capture.status, capture.body) == (Outcome.TOO_LARGE, 200, b"")


@pytest.mark.parametrize("encoding", ["br", "zstd", "deflate", "gzip, gzip", "x-foo"])
def test_rows_11_and_12_other_encodings(get: Get, encoding: str) -> None:
    capture = get(lambda e: e.reply(b"\x1b\x0f\x00 packed in another way", headers={"Content-Encoding": encoding}))
    assert (capture.outcome, capture.body) == (Outcome.BAD_ENCODING, b"")


@pytest.mark.parametrize("encoding", ["none", "utf-8", "gzip"])
def test_row_102_a_document_under_a_wrong_label_is_kept_with_a_problem(get: Get, encoding: str) -> None:
    capture = get(lambda e: e.reply(headers={"Content-Encoding": encoding}))
    assert capture.outcome is Outcome.OK
    assert encoding in capture.detail


def test_row_13_an_endless_body(get: Get) -> None:
    def endless(exchange: Exchange) -> None:
        exchange.send(head(Transfer_Encoding="chunked"))
        for _ in range(1000):
            exchange.send(b"1000\r\n" + b"x" * 4096 + b"\r\n")

    capture = get(endless, max_wire_bytes=100_000, deadline_s=5.0)
    assert capture.outcome is Outcome.TOO_LARGE


def test_a_body_in_chunks_of_one_byte_is_refused_early(get: Get) -> None:
    sent = 0

    def crumbs(exchange: Exchange) -> None:
        nonlocal sent
        exchange.send(head(Transfer_Encoding="chunked"))
        for _ in range(2_000):
            exchange.send(b"1\r\nx\r\n" * 1_000)
            sent += 1

    capture = get(crumbs, deadline_s=30.0)
    assert capture.outcome is Outcome.TOO_LARGE
    assert "pieces" in capture.detail
    assert sent < 500


def test_the_framing_of_a_body_is_bounded_too(get: Get) -> None:
    def padded(exchange: Exchange) -> None:
        exchange.send(head(Transfer_Encoding="chunked"))
        for _ in range(1_000):
            exchange.send(b"40;" + b"x" * 10_000 + b"\r\n" + b"y" * 64 + b"\r\n")

    capture = get(padded, max_wire_bytes=200_000, deadline_s=30.0)
    assert capture.outcome is Outcome.TOO_LARGE
    assert "its framing included" in capture.detail


def test_a_body_in_many_small_chunks_is_read(get: Get) -> None:
    body = PAGE.replace(b"<h1>", b"<p>lamps and nets</p>" * 30_000 + b"<h1>")

    def pieces(exchange: Exchange) -> None:
        exchange.send(head(Transfer_Encoding="chunked"))
        sent = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in (body[i : i + 80] for i in range(0, len(body), 80)))
        exchange.send(sent + b"0\r\n\r\n")

    assert get(pieces, deadline_s=30.0).body == body


def test_a_request_may_ask_for_more_or_less(server: Server, fetcher: Fetcher) -> None:
    server.routes["/map.xml"] = lambda e: e.reply(b"<urlset>" + b" " * 5000, headers={"Content-Type": "text/xml"})
    small = fetcher.get(Request(server.url("/map.xml"), kind=EndpointKind.SITEMAP, max_bytes=1000))
    large = fetcher.get(Request(server.url("/map.xml"), kind=EndpointKind.SITEMAP, max_bytes=10_000))
    assert [small.outcome, large.outcome] == [Outcome.TOO_LARGE, Outcome.OK]


@pytest.mark.parametrize(
    "wire",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 300_000 + b"\r\n\r\n", id="long header"),
        pytest.param(b"HTTP/1.1 200 OK\r\nno header at all\r\n\r\n", id="bad header"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" * 50_000, id="interim answers"),
        pytest.param(b"SSH-2.0-OpenSSH_9.6\r\n", id="another protocol"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", id="two lengths"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_row_14_responses_that_are_not_http(get: Get, wire: bytes) -> None:
    assert get(lambda e: e.send(wire), deadline_s=5.0).outcome is Outcome.PROTOCOL


def test_row_23_a_proxy_in_the_environment_is_ignored(
    get: Get, start: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = start()
    monkeypatch.setenv("HTTP_PROXY", proxy.url())
    monkeypatch.setenv("ALL_PROXY", proxy.url())
    assert get(lambda e: e.reply()).outcome is Outcome.OK
    assert proxy.connections == 0


def test_row_28_validators_are_sent_and_304_understood(server: Server, fetcher: Fetcher) -> None:
    server.routes["/page/"] = lambda e: e.send(b'HTTP/1.1 304 Not Modified\r\nETag: "v1"\r\n\r\n')
    date = "Mon, 02 Mar 2026 11:00:00 GMT"
    capture = fetcher.get(Request(server.url("/page/"), etag='"v1"', last_modified=date))
    assert capture.outcome is Outcome.NOT_MODIFIED
    sent = server.seen[-1].headers
    assert (sent["if-none-match"], sent["if-modified-since"]) == ('"v1"', date)


def test_row_28_an_unrequested_304_is_an_error(server: Server, fetcher: Fetcher) -> None:
    server.routes["/page/"] = lambda e: e.send(b"HTTP/1.1 304 Not Modified\r\n\r\n")
    capture = fetcher.get(Request(server.url("/page/"), etag='"broken \r\n'))
    assert capture.outcome is Outcome.ERROR_PAGE
    assert "if-none-match" not in server.seen[-1].headers


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://host/x", "no address", "", "http://[::1/", "http:///x"])
def test_row_20_only_http_is_fetched(fetcher: Fetcher, url: str) -> None:
    assert fetcher.get(Request(url)).outcome is Outcome.BAD_SCHEME


def test_row_29_a_block_page_is_classified_on_the_way(get: Get) -> None:
    page = b"<html><head><title>Technical Difficulties</title></head><body>Exception: forbidden</body></html>"
    capture = get(lambda e: e.reply(page, headers={"Server": "AmazonS3", "X-Cache": "Error from cloudfront"}))
    assert (capture.outcome, capture.body) == (Outcome.BLOCKED, page)


@pytest.mark.parametrize(
    ("statuses", "outcome", "asked"),
    [
        ([503, 503, 200], Outcome.OK, 3),
        ([500, 502, 504, 503], Outcome.ERROR_PAGE, 3),
        ([408, 200], Outcome.OK, 2),
        ([429, 200], Outcome.OK, 2),
        ([403, 200], Outcome.BLOCKED, 1),
        ([404, 200], Outcome.GONE, 1),
        ([400, 200], Outcome.ERROR_PAGE, 1),
    ],
)
def test_row_1_passing_failures_are_tried_again(
    get: Get, server: Server, statuses: list[int], outcome: Outcome, asked: int
) -> None:
    left = iter(statuses)
    capture = get(lambda e: e.reply(status=next(left)), retries=2, deadline_s=5.0)
    assert capture.outcome is outcome
    assert server.hits("/page/") == asked


def test_row_1_a_broken_connection_is_tried_again(get: Get, server: Server) -> None:
    def handler(exchange: Exchange) -> None:
        if server.hits("/page/") == 1:
            exchange.reset()
        else:
            exchange.reply()

    assert get(handler, retries=1).outcome is Outcome.OK


PIECES = st.sampled_from(
    [
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 302 Found\r\n",
        b"HTTP/1.1 404 \xff\xe9\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/9.9 999\r\n",
        b"Location: http://[::1/\r\n",
        b"Location: \xff\xfe//\x80\r\n",
        b"Location: javascript:alert(1)\r\n",
        b"Content-Length: 5\r\n",
        b"Content-Length: -5\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Content-Encoding: gzip\r\n",
        b"Content-Type: text/html; charset=zlib_codec\r\n",
        b"Retry-After: \xb2\r\n",
        b"Set-Cookie: a=b; expires=\xff; domain=.\r\n",
        b"Server: \xe9\x01\r\n",
        b" folded\r\n",
        b"\r\n",
        b"5\r\n<html\r\n0\r\n\r\n",
        b"ffffffffffffffffffffff\r\n",
        b"\x1f\x8b\x08\x00",
        b"\x16\x03\x01\x02\x00",
        b"<html>\xff\x00</html>",
    ]
)


@given(st.lists(PIECES | st.binary(max_size=20), max_size=12))
@settings(max_examples=300, deadline=None)
def test_row_14_no_bytes_of_a_server_make_get_raise(pieces: list[bytes]) -> None:
    transport = GuardedTransport(
        resolver=lambda host, port: ["93.184.215.14"], dial=httpcore.MockBackend([b"".join(pieces), b""])
    )
    with Fetcher(make_settings(), clock=SimulatedClock(NOON), hosts=MemoryHosts(), transport=transport) as fetcher:
        capture = fetcher.get(Request("http://site.test/page/"))
    assert bool(capture.detail) is (capture.outcome is not Outcome.OK)


def test_row_27_threads_share_a_fetcher_and_take_turns(server: Server, fetcher: Fetcher) -> None:
    under_way = 0
    most = 0

    def handler(exchange: Exchange) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        time.sleep(0.02)
        under_way -= 1
        exchange.reply()

    server.routes["/page/"] = handler
    outcomes: list[Outcome] = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(fetcher.get(Request(server.url("/page/"))).outcome))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [Outcome.OK] * 8
    assert server.hits("/robots.txt") == 1
    assert most == 1
