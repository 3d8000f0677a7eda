"""Tests of the address guard: allowed targets, and no connection to any other."""

from __future__ import annotations

import socket
import ssl
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpcore
import httpx
import pytest
import trustme
from fakes.wire import Exchange, Server
from samples import NOON, make_settings

from scraper.clock import SimulatedClock
from scraper.errors import FetchError
from scraper.fetch import Fetcher, MemoryHosts
from scraper.fetch.exchange import to_failure
from scraper.fetch.request import Request, RequestFailed
from scraper.fetch.transport import GuardedBackend, GuardedTransport, system_resolver
from scraper.model import Capture, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

PUBLIC = "93.184.215.14"
OTHER_PUBLIC = "93.184.215.15"


class Detour(httpcore.NetworkBackend):
    """Dials a local server whatever address is meant, and keeps which was."""

    def __init__(self, *ports: int, dead: Sequence[str] = ()) -> None:
        self.ports = list(ports)
        self.dead = dead
        self.dialled: list[tuple[str, int]] = []

    def connect_tcp(self, host: str, port: int, timeout: float | None = None, *rest: Any) -> httpcore.NetworkStream:
        self.dialled.append((host, port))
        if host in self.dead:
            raise httpcore.ConnectError(f"{host} is dead")
        return httpcore.SyncBackend().connect_tcp("127.0.0.1", self.ports[0], timeout, *rest)


class TlsServer(Server):
    """A TLS server with a certificate of its own."""

    def __init__(self, *names: str, ca: trustme.CA, **options: Any) -> None:
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ca.issue_cert(*names, **options).configure_cert(self.context)
        super().__init__()

    def wrap(self, sock: socket.socket) -> socket.socket:
        return self.context.wrap_socket(sock, server_side=True)


class PlainServer(Server):
    """A server that answers a handshake with words."""

    def _answer(self, sock: socket.socket) -> None:
        sock.recv(65536)
        sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def get(
    url: str,
    *,
    answers: Iterable[Sequence[str]] = ([PUBLIC],),
    dial: httpcore.NetworkBackend | None = None,
    context: ssl.SSLContext | None = None,
    allow: tuple[str, ...] = (),
    connect_timeout_s: float = 2.0,
) -> Capture:
    """One request by a resolver that gives each of `answers` in turn, the last for ever."""
    left = [list(answer) for answer in answers]

    def resolver(host: str, port: int) -> Sequence[str]:
        return left.pop(0) if len(left) > 1 else left[0]

    transport = GuardedTransport(resolver=resolver, dial=dial, ssl_context=context, allow_private=allow)
    settings = make_settings(*allow, connect_timeout_s=connect_timeout_s)
    with Fetcher(settings, clock=SimulatedClock(NOON), hosts=MemoryHosts(), transport=transport) as fetcher:
        return fetcher.get(Request(url))


@pytest.fixture
def private(start: Callable[..., Server]) -> Server:
    """The server that must never be asked: 127.0.0.2 plays a host of the inner network."""
    server = start(address="127.0.0.2")
    server.routes["/"] = lambda e: e.reply()
    return server


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.2:{port}/",
        "//127.0.0.2:{port}/",
        "http://2130706434:{port}/",
        "http://0x7f.2:{port}/",
        "http://127.2:{port}/",
        "http://[::ffff:127.0.0.2]:{port}/",
        "http://[::ffff:7f00:2]:{port}/",
        "http://127.0.0.2/",
        "http://user:pw@127.0.0.2:{port}/",
        "http://localhost/",
        "http://[::1]/",
        "http://169.254.169.254/latest/meta-data/",
        "https://10.0.0.1/",
    ],
)
def test_row_16_redirects_to_private_places(server: Server, fetcher: Fetcher, private: Server, target: str) -> None:
    server.routes["/page/"] = lambda e: e.redirect(target.format(port=private.port))
    capture = fetcher.get(Request(server.url("/page/")))
    assert capture.outcome is Outcome.BLOCKED_ADDRESS
    assert capture.detail
    assert private.connections == 0


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.2/",
        "//127.0.0.2/",
        "http://2130706434/",
        "http://0x7f000002/",
        "http://0x7f.2/",
        "http://[::ffff:127.0.0.2]/",
        "http://[::ffff:7f00:2]/",
        "http://169.254.169.254/",
    ],
)
def test_row_16_no_spelling_of_a_private_address_is_dialled_on_a_usual_port(server: Server, target: str) -> None:
    server.routes["/page/"] = lambda e: e.redirect(target)
    dial = Detour(server.port)
    transport = GuardedTransport(dial=dial, allow_private=(server.place,))
    settings = make_settings(server.place)
    with Fetcher(settings, clock=SimulatedClock(NOON), hosts=MemoryHosts(), transport=transport) as fetcher:
        capture = fetcher.get(Request(server.url("/page/")))
    assert capture.outcome is Outcome.BLOCKED_ADDRESS
    assert "not a public IP address" in capture.detail
    assert set(dial.dialled) == {("127.0.0.1", server.port)}


def test_row_16_an_octal_address_is_none(fetcher: Fetcher) -> None:
    assert fetcher.get(Request("http://0177.0.0.2/")).outcome is Outcome.BAD_SCHEME


def test_row_16_another_spelling_of_a_listed_place_is_not_listed(server: Server, fetcher: Fetcher) -> None:
    capture = fetcher.get(Request(f"http://2130706433:{server.port}/"))
    assert capture.outcome is Outcome.BLOCKED_ADDRESS
    assert server.connections == 0


def test_row_16_a_listed_host_is_listed_for_one_port_only(server: Server, fetcher: Fetcher, start: Any) -> None:
    other = start()
    assert fetcher.get(Request(other.url())).outcome is Outcome.BLOCKED_ADDRESS
    assert other.connections == 0


@pytest.mark.parametrize("port", [22, 25, 8080, 6379])
def test_other_ports_of_public_hosts_are_refused(port: int) -> None:
    dial = Detour(1)
    assert get(f"http://site.test:{port}/", dial=dial).outcome is Outcome.BLOCKED_ADDRESS
    assert dial.dialled == []


def test_row_17_a_name_is_resolved_once_and_what_was_checked_is_dialled(server: Server) -> None:
    server.routes["/"] = lambda e: e.reply()
    dial = Detour(server.port)
    flips = [[PUBLIC], ["127.0.0.2"]]
    capture = get("http://rebinding.test/", answers=flips, dial=dial)
    # The first connection went to the address that was checked; the second was checked anew.
    assert dial.dialled == [(PUBLIC, 80)]
    assert capture.outcome is Outcome.BLOCKED_ADDRESS
    assert server.hits("/") == 0


@pytest.mark.parametrize(
    "addresses", [[PUBLIC, "10.0.0.1"], ["10.0.0.1", PUBLIC], [PUBLIC, "::1"], [PUBLIC, "::ffff:10.0.0.1"]]
)
def test_row_18_one_private_answer_refuses_them_all(addresses: list[str]) -> None:
    dial = Detour(1)
    capture = get("http://mixed.test/", answers=[addresses], dial=dial)
    assert capture.outcome is Outcome.BLOCKED_ADDRESS
    assert "not a public IP address" in capture.detail
    assert dial.dialled == []


def test_the_next_address_is_tried(server: Server) -> None:
    server.routes["/"] = lambda e: e.reply()
    dial = Detour(server.port, dead=[PUBLIC])
    capture = get("http://two.test/", answers=[[PUBLIC, OTHER_PUBLIC]], dial=dial)
    assert capture.outcome is Outcome.OK
    assert dial.dialled == [(PUBLIC, 80), (OTHER_PUBLIC, 80)] * 2


def test_all_addresses_dead() -> None:
    capture = get("http://two.test/", answers=[[PUBLIC, OTHER_PUBLIC]], dial=Detour(1, dead=[PUBLIC, OTHER_PUBLIC]))
    assert capture.outcome is Outcome.CONNECT


def test_a_resolver_that_breaks_is_no_address() -> None:
    def broken(host: str, port: int) -> Sequence[str]:
        raise KeyError(host)

    with pytest.raises(RequestFailed) as caught:
        GuardedBackend(resolver=broken).connect_tcp("site.test", 80)
    assert caught.value.outcome is Outcome.DNS


def test_the_guard_holds_without_a_fetcher_around_it(server: Server, private: Server) -> None:
    server.routes["/page/"] = lambda e: e.reply()
    with httpx.Client(transport=GuardedTransport(allow_private=(server.place,)), trust_env=False) as client:
        assert client.get(server.url("/page/")).status_code == 200
        with pytest.raises(RequestFailed):
            client.get(private.url())
    assert private.connections == 0


def test_sockets_of_this_machine_are_refused() -> None:
    with pytest.raises(RequestFailed) as caught:
        GuardedBackend().connect_unix_socket("/run/docker.sock")
    assert caught.value.outcome is Outcome.BLOCKED_ADDRESS


def test_the_system_resolver_gives_each_address_once() -> None:
    found = system_resolver("localhost", 80)
    assert "127.0.0.1" in found
    assert len(found) == len(set(found))


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def context(ca: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    ca.configure_trust(context)
    return context


class TestRow22Tls:
    """Row 22: certificates are verified for the name in the address, although an IP is dialled."""

    def test_good(self, start: Any, ca: trustme.CA, context: ssl.SSLContext) -> None:
        server = start(lambda: TlsServer("good.test", ca=ca))
        server.routes["/page/"] = lambda e: e.reply()
        dial = Detour(server.port)
        capture = get("https://good.test/page/", dial=dial, context=context)
        assert capture.outcome is Outcome.OK
        assert dial.dialled[0] == (PUBLIC, 443)
        assert server.seen[-1].headers["host"] == "good.test"

    @pytest.mark.parametrize("url", ["https://other.test/", f"https://{PUBLIC}/"])
    def test_wrong_name(self, start: Any, ca: trustme.CA, context: ssl.SSLContext, url: str) -> None:
        server = start(lambda: TlsServer("good.test", ca=ca))
        capture = get(url, dial=Detour(server.port), context=context)
        assert capture.outcome is Outcome.TLS
        host = url.split("/")[2]
        assert f"no trusted connection to {host}: its certificate is for another host; check" in capture.detail
        assert capture.detail.endswith("a login page or a proxy of this network answers in its place")
        assert server.seen == []

    def test_expired(self, start: Any, ca: trustme.CA, context: ssl.SSLContext) -> None:
        server = start(lambda: TlsServer("good.test", ca=ca, not_after=datetime(2020, 1, 2, tzinfo=UTC)))
        capture = get("https://good.test/", dial=Detour(server.port), context=context)
        assert capture.outcome is Outcome.TLS
        assert capture.detail == (
            "robots.txt: no trusted connection to good.test: its certificate has expired;"
            " check the clock of this machine; if it is right, the host has to renew its certificate"
        )

    def test_not_valid_yet(self, start: Any, ca: trustme.CA, context: ssl.SSLContext) -> None:
        server = start(lambda: TlsServer("good.test", ca=ca, not_before=datetime(2090, 1, 2, tzinfo=UTC)))
        capture = get("https://good.test/", dial=Detour(server.port), context=context)
        assert "to good.test: its certificate is not valid yet; check the clock of this machine;" in capture.detail

    def test_self_signed(self, start: Any, tmp_path: Path) -> None:
        made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        made += ["-subj", "/CN=good.test", "-addext", "subjectAltName=DNS:good.test"]
        pair = tmp_path / "certificate.pem", tmp_path / "key.pem"
        subprocess.run([*made, "-out", str(pair[0]), "-keyout", str(pair[1])], check=True, capture_output=True)
        server = start(lambda: TlsServer("good.test", ca=trustme.CA()))
        server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.context.load_cert_chain(*pair)
        capture = get("https://good.test/", dial=Detour(server.port))
        assert capture.outcome is Outcome.TLS
        assert "to good.test: its certificate is self-signed; only public authorities are trusted:" in capture.detail

    def test_unknown_authority(self, start: Any) -> None:
        server = start(lambda: TlsServer("good.test", ca=trustme.CA()))
        capture = get("https://good.test/", dial=Detour(server.port))
        assert capture.outcome is Outcome.TLS
        problem = "its certificate is from an authority that is not trusted here"
        assert f"to good.test: {problem}; only public authorities are trusted: if a proxy" in capture.detail
        assert server.seen == []

    def test_no_tls_at_all(self, start: Any) -> None:
        capture = get("https://plain.test/", dial=Detour(start(PlainServer).port))
        assert capture.outcome is Outcome.TLS
        assert capture.detail.endswith("plain.test: it does not speak TLS on this port; check the scheme and the port")

    def test_an_error_that_python_makes_itself(self) -> None:
        failure = to_failure(ssl.SSLError("the peer closed the connection"), "good.test", in_body=False)
        assert failure.outcome is Outcome.TLS
        assert "the peer closed the connection" in failure.detail

    def test_a_handshake_that_never_ends(self, server: Server) -> None:
        silent = socket.create_server(("127.0.0.1", 0))
        try:
            capture = get("https://silent.test/", dial=Detour(silent.getsockname()[1]), connect_timeout_s=0.3)
        finally:
            silent.close()
        assert capture.outcome is Outcome.TIMEOUT

    def test_https_does_not_lead_to_http(self, start: Any, ca: trustme.CA, context: ssl.SSLContext) -> None:
        server = start(lambda: TlsServer("good.test", ca=ca))
        server.routes["/page/"] = lambda e: e.redirect("http://good.test/page/")
        dial = Detour(server.port)
        capture = get("https://good.test/page/", dial=dial, context=context)
        assert capture.outcome is Outcome.REDIRECT
        assert "from https to http://good.test/page/" in capture.detail
        assert {port for _, port in dial.dialled} == {443}

    def test_https_may_lead_to_a_listed_place(
        self, start: Any, server: Server, ca: trustme.CA, context: ssl.SSLContext
    ) -> None:
        tls = start(lambda: TlsServer("good.test", ca=ca))
        server.routes["/page/"] = lambda e: e.reply()
        dial = Detour(tls.port)

        def handler(exchange: Exchange) -> None:
            dial.ports[0] = server.port
            exchange.redirect(server.url("/page/"))

        tls.routes["/page/"] = handler
        capture = get("https://good.test/page/", dial=dial, context=context, allow=(server.place,), answers=[[PUBLIC]])
        assert capture.outcome is Outcome.OK


class TestSelfTest:
    """A client whose guard failed its self-test is not built."""

    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param(lambda request: httpx.Response(200), id="an answer"),
            pytest.param(lambda request: (_ for _ in ()).throw(httpx.ConnectError("refused")), id="refused by luck"),
            pytest.param(
                lambda request: (_ for _ in ()).throw(RequestFailed(Outcome.TIMEOUT, "late")), id="another failure"
            ),
        ],
    )
    def test_fails_closed(self, monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
        # As after an update of httpx that builds its connections elsewhere.
        monkeypatch.setattr(GuardedTransport, "handle_request", lambda self, request: answer(request))
        with pytest.raises(FetchError, match="guard failed its self-test"):
            Fetcher(make_settings(), clock=SimulatedClock(NOON), hosts=MemoryHosts())

    def test_no_request_is_counted(self, server: Server) -> None:
        hosts = MemoryHosts()
        Fetcher(make_settings(server.place), clock=SimulatedClock(NOON), hosts=hosts).close()
        assert hosts.load("127.0.0.1:1").last_request_at is None
        assert server.connections == 0
