"""Tests of a daemon among slow peers and with a clock that is set: it goes on, and stores and sends what it can."""

from __future__ import annotations

import json
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fakes.mail_server import Handler, serve
from fakes.wire import Exchange, Server
from running import LIMIT_S, Running, ask, command
from samples import Piece, rss

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

XML = {"Content-Type": "application/xml; charset=UTF-8"}
PAGE = "<!doctype html><html lang=en><title>{0}</title><article><h1>{0}</h1><p>{1}</p></article></html>"
TEXT = "The council of the town counts its lamps and finds that all of them burn as they did before. " * 5

CONFIG = """\
fetch:
  contact: https://monitor.invalid/about
  deadline_s: {exchange_s}
  gap_s: 0.001
  allow_private: [{places}]
daemon: {{tick_s: 0.1, grace_s: 2, deadline_s: {run_s}}}
sources:
"""
SOURCE = '  - {{name: {name}, role: {role}, every: {every}, endpoints: [{{kind: {kind}, url: "{url}"}}]}}\n'


@pytest.fixture
def begin() -> Iterator[Callable[[], Server]]:
    """Starts servers that end with the test."""
    servers: list[Server] = []

    def begin() -> Server:
        servers.append(Server())
        return servers[-1]

    yield begin
    for server in servers:
        server.close()


def configure(
    folder: Path, servers: list[Server], *sources: str, more: str = "", exchange_s: float = 0.4, run_s: float = 1.0
) -> None:
    places = ", ".join(f'"{server.place}"' for server in servers)
    text = CONFIG.format(places=places, exchange_s=exchange_s, run_s=run_s) + "".join(sources) + more
    (folder / "config.yaml").write_text(text, encoding="utf-8")


def source(name: str, url: str, *, role: str = "canonical", kind: str = "feed", every: str = "1s") -> str:
    return SOURCE.format(name=name, role=role, kind=kind, url=url, every=every)


def sitemap(*urls: str) -> bytes:
    entries = "".join(f"<url><loc>{url}</loc></url>" for url in urls)
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'.encode()


def drip(exchange: Exchange) -> None:
    """Send one byte after the other, without end."""
    exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<!doctype html><title>")
    while True:
        exchange.send(b"x")
        time.sleep(0.02)


def page_after(seconds: float) -> Callable[[Exchange], None]:
    def answer(exchange: Exchange) -> None:
        time.sleep(seconds)
        exchange.reply(PAGE.format(exchange.target, TEXT).encode())

    return answer


def until(condition: Callable[[], bool]) -> None:
    end_s = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < end_s, "never came about"
        time.sleep(0.05)


def read_pages(folder: Path) -> set[str]:
    found = ask(folder, "SELECT url FROM captures WHERE outcome = 'ok' AND url LIKE '%/good/%'")
    return {str(url).rpartition("/good/")[2] for (url,) in found}


def test_dripping_pages_end_neither_the_daemon_nor_the_pages_behind_them(
    tmp_path: Path, begin: Callable[[], Server]
) -> None:
    mirror, state = begin(), begin()
    bad, good = [f"/bad/{number}" for number in range(4)], [f"/good/{number}" for number in range(3)]
    mirror.routes |= dict.fromkeys(bad, drip) | dict.fromkeys(good, page_after(0))
    mirror.routes["/map.xml"] = lambda exchange: exchange.reply(sitemap(*map(mirror.url, [*bad, *good])), headers=XML)
    state.routes["/feed/"] = lambda exchange: exchange.reply(rss(Piece(1)), headers=XML)
    sources = (
        source("state", state.url("/feed/")),
        source("herald", mirror.url("/map.xml"), role="mirror", kind="sitemap"),
    )
    configure(tmp_path, [mirror, state], *sources, run_s=5)
    with Running(tmp_path) as daemon:
        why = f"herald: {mirror.place} did not answer 2 requests in a row, its other URLs wait for the next run"
        assert "warning" in daemon.wait_for_line(why)
        # Two requests without an answer, each without a retry, and none to the other pages.
        assert [exchange.target for exchange in mirror.seen if exchange.target in {*bad, *good}] == bad[:2]
        status = json.loads(command(tmp_path, "status", "--json").stdout)
        assert {each["name"]: each["unresponsive_hosts"] for each in status["sources"]} == {
            "state": [],
            "herald": [mirror.place],
        }
        until(lambda: read_pages(tmp_path) == {"0", "1", "2"})
        assert daemon.end() == 0
    assert ask(tmp_path, "SELECT count(*) > 1 FROM captures WHERE source = 'state'") == [(1,)]


def test_a_list_of_slow_pages_is_stored_in_parts_and_none_is_requested_twice(
    tmp_path: Path, begin: Callable[[], Server]
) -> None:
    mirror = begin()
    paths = [f"/good/{number}" for number in range(10)]
    mirror.routes |= dict.fromkeys(paths, page_after(0.2))
    mirror.routes["/map.xml"] = lambda exchange: exchange.reply(sitemap(*map(mirror.url, paths)), headers=XML)
    herald = source("herald", mirror.url("/map.xml"), role="mirror", kind="sitemap")
    configure(tmp_path, [mirror], herald, exchange_s=5)
    with Running(tmp_path) as daemon:
        daemon.wait_for_line("herald: the time of a run (daemon.deadline_s) was used up, the rest waits")
        assert len(read_pages(tmp_path)) < 10
        until(lambda: len(read_pages(tmp_path)) == 10)
        assert daemon.end() == 0
    assert [mirror.hits(path) for path in paths] == [1] * 10


def test_a_slow_robots_txt_costs_a_run_two_deadlines_at_most(tmp_path: Path, begin: Callable[[], Server]) -> None:
    mirror = begin()
    mirror.routes["/robots.txt"] = drip
    configure(tmp_path, [mirror], source("herald", mirror.url("/feed/"), role="mirror"))
    began_s = time.monotonic()
    said = command(tmp_path, "fetch", "herald")
    assert said.returncode == 4
    assert "timeout (robots.txt: no complete response within 0.4 s)" in said.stdout
    assert mirror.hits("/robots.txt") == 1
    assert time.monotonic() - began_s < 10


MAIL = """\
alerts: {{deliver: smtp, group_minutes: 0, smtp: {{host: 127.0.0.1, port: {port}, security: none}}}}
watches:
"""


def publish_second(server: Server, daemon: Running) -> None:
    """Let a feed publish a statement after its first fill, of which watches hear."""
    daemon.wait_for_line("state: 1 items")
    server.routes["/feed/"] = lambda exchange: exchange.reply(rss(Piece(2), Piece(1)), headers=XML)


def test_a_mail_server_that_accepts_slowly_gets_every_message_once(tmp_path: Path, begin: Callable[[], Server]) -> None:
    state = begin()
    state.routes["/feed/"] = lambda exchange: exchange.reply(rss(Piece(1)), headers=XML)
    handler = Handler(stall_s=0.3)
    mail = serve(handler)
    recipients = [f"reader{number}@example.org" for number in range(8)]
    more = MAIL.format(port=mail.port) + f"  - {{name: all, to: [{', '.join(recipients)}], when: [published]}}\n"
    configure(tmp_path, [state], source("state", state.url("/feed/")), more=more)
    try:
        with Running(tmp_path) as daemon:
            publish_second(state, daemon)
            daemon.wait_for_line("mail: the time for sending (daemon.deadline_s) is used up")
            until(lambda: len(handler.taken) >= 8)
            until(lambda: ask(tmp_path, "SELECT DISTINCT state FROM messages") == [("sent",)])
            assert daemon.end() == 0
    finally:
        mail.stop()
    assert sorted(recipient for _, recipient, _ in handler.taken) == recipients


def test_mail_does_not_wait_for_webhooks_that_hang(tmp_path: Path, begin: Callable[[], Server]) -> None:
    state, hooks = begin(), begin()
    state.routes["/feed/"] = lambda exchange: exchange.reply(rss(Piece(1)), headers=XML)
    arrived, release = threading.Event(), threading.Event()

    def hang(_: Exchange) -> None:
        arrived.set()
        release.wait(LIMIT_S)

    hooks.otherwise = hang
    handler = Handler()
    mail = serve(handler)
    watches = "".join(
        f'  - {{name: hook{number}, webhook: "{hooks.url(f"/{number}")}", when: [published]}}\n' for number in range(3)
    )
    watches += "  - {name: desk, to: [desk@example.org], when: [published]}\n"
    more = MAIL.format(port=mail.port) + watches
    configure(tmp_path, [state, hooks], source("state", state.url("/feed/")), more=more, exchange_s=15, run_s=30)
    try:
        with Running(tmp_path) as daemon:
            publish_second(state, daemon)
            assert arrived.wait(LIMIT_S)
            until(lambda: len(handler.taken) == 1)
            assert not release.is_set()
            assert len(hooks.seen) == 1  # the first one still has not answered
            daemon.process.send_signal(signal.SIGTERM)
            release.set()
            assert daemon.process.wait(LIMIT_S) == 0
    finally:
        release.set()
        mail.stop()


@pytest.mark.parametrize("days", [20 * 365, -20 * 365])
def test_row_61_a_clock_that_is_set_by_twenty_years_costs_nothing(
    tmp_path: Path, begin: Callable[[], Server], days: int
) -> None:
    state = begin()
    state.routes["/feed/"] = lambda exchange: exchange.reply(rss(Piece(1)), headers=XML)
    sources = [source(name, state.url(f"/{name}/"), every="1h") for name in ("one", "two")]
    state.otherwise = state.routes["/feed/"]
    operator = "alerts: {operator: [ops@example.org]}\n"
    configure(tmp_path, [state], *sources, more=operator, run_s=900)
    with Running(tmp_path, before="import fakes.wrong_clock") as daemon:
        daemon.wait_for_line("monitoring 2 sources")
        until(lambda: ask(tmp_path, "SELECT count(*) FROM sources") == [(2,)])
        before_kb = memory_kb(daemon)
        (tmp_path / "clock").write_text(str(days), encoding="ascii")
        daemon.wait_for_line(f"the clock of this machine went {'forward' if days > 0 else 'back'} by 7300 d")
        begun = "SELECT count(*) FROM sources WHERE abs(julianday(last_attempt_at) - julianday('now') - {}) < 1"
        until(lambda: ask(tmp_path, begun.format(days)) == [(2,)])
        # Nothing more is due: ten ticks bring no other poll.
        time.sleep(1)
        assert [state.hits(f"/{name}/") for name in ("one", "two")] == [2, 2]
        assert memory_kb(daemon) < before_kb + 30_000
        assert daemon.end() == 0


def memory_kb(daemon: Running) -> int:
    text = Path(f"/proc/{daemon.process.pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("VmRSS"))
