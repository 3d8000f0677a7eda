"""Tests of the daemon as a process, with real servers on loopback: signals, a second daemon, kills, politeness."""

from __future__ import annotations

import json
import queue
import re
import signal
import socket
import threading
import time
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from fakes.wire import Server
from running import LIMIT_S, Running, ask, command
from samples import Piece, make_settings, rss

from scraper.clock import Clock
from scraper.daemon.daemon import SharedHosts
from scraper.fetch import Fetcher
from scraper.fetch.request import Request
from scraper.model import Outcome
from scraper.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from fakes.wire import Exchange

XML = {"Content-Type": "application/rss+xml; charset=UTF-8"}

CONFIG = """\
fetch:
  contact: https://monitor.invalid/about
  retries: 0
  gap_s: 0.001
  allow_private: ["{place}"]
daemon: {{tick_s: 0.2, grace_s: {grace_s}, metrics_file: statewire.prom}}
sources:
  - name: state
    role: canonical
    every: {every}
    endpoints: [{{kind: feed, url: "http://{place}/feed/"}}]
"""


@pytest.fixture
def server() -> Iterator[Server]:
    started = Server()
    started.routes["/feed/"] = lambda exchange: exchange.reply(rss(Piece(1), Piece(2)), headers=XML)
    yield started
    started.close()


@pytest.fixture
def configure(tmp_path: Path, server: Server) -> Callable[..., None]:
    def configure(more: str = "", every: str = "1s", grace_s: float = 5.0) -> None:
        text = CONFIG.format(place=server.place, every=every, grace_s=grace_s)
        (tmp_path / "config.yaml").write_text(text + more, encoding="utf-8")

    configure()
    return configure


@pytest.mark.parametrize(("number", "is_released"), [(signal.SIGTERM, True), (signal.SIGINT, False)])
def test_a_stop_signal_during_a_run(
    tmp_path: Path, server: Server, configure: Callable[..., None], number: int, is_released: bool
) -> None:
    configure(grace_s=5.0 if is_released else 0.2)
    arrived, release = threading.Event(), threading.Event()

    def hold(exchange: Exchange) -> None:
        arrived.set()
        release.wait(LIMIT_S)
        exchange.reply(rss(Piece(1), Piece(2)), headers=XML)

    server.routes["/feed/"] = hold
    with Running(tmp_path) as daemon:
        assert arrived.wait(LIMIT_S)
        daemon.process.send_signal(number)
        daemon.wait_for_line("stop signal received")
        if is_released:
            release.set()
        assert daemon.process.wait(LIMIT_S) == 0
        release.set()
    assert ask(tmp_path, "PRAGMA integrity_check") == [("ok",)]
    whole = [(1, 2, 1)] if is_released else [(0, 0, 0)]
    counts = "SELECT (SELECT count(*) FROM captures), (SELECT count(*) FROM statements), (SELECT count(*) FROM sources)"
    assert ask(tmp_path, counts) == whole


def test_a_second_signal_ends_it_at_once(tmp_path: Path, server: Server, configure: Callable[..., None]) -> None:
    configure(grace_s=60.0)
    arrived, release = threading.Event(), threading.Event()

    def hold(_: Exchange) -> None:
        arrived.set()
        release.wait(LIMIT_S)

    server.routes["/feed/"] = hold
    with Running(tmp_path) as daemon:
        assert arrived.wait(LIMIT_S)
        daemon.process.send_signal(signal.SIGTERM)
        daemon.wait_for_line("stop signal received")
        assert daemon.end() == 128 + signal.SIGTERM
        release.set()


@pytest.mark.usefixtures("configure")
def test_a_second_daemon_goes_and_every_other_command_stays(tmp_path: Path) -> None:
    with Running(tmp_path) as daemon:
        daemon.wait_for_line("fetch.allow_private allows requests to your own network")
        daemon.wait_for_line(
            "no watch is enabled, so no alert can be sent; `statewire watch add NAME` or `statewire watch enable NAME`"
        )
        daemon.wait_for_line("created x.db")
        daemon.wait_for_line("monitoring 1 source, database x.db")
        daemon.wait_for_line("state: 2 items")
        second = command(tmp_path, "run")
        assert second.returncode == 75
        assert second.stderr == (
            f"statewire: a daemon (process {daemon.process.pid}) is already running on x.db. Stop it first, or "
            "give another database with --db\n"
        )
        fetched = command(tmp_path, "fetch")
        assert (fetched.returncode, fetched.stdout.splitlines()[0][:15]) == (0, "state: 2 items ")
        assert daemon.end() == 0
    assert ask(tmp_path, "SELECT count(*) FROM events") == [(2,)]
    assert "statewire_failing 0.0\n" in (tmp_path / "statewire.prom").read_text(encoding="utf-8")


@pytest.mark.usefixtures("configure")
def test_a_second_daemon_on_a_hard_link_goes_too(tmp_path: Path) -> None:
    with Running(tmp_path) as daemon:
        daemon.wait_for_line("monitoring 1 source, database x.db")
        (tmp_path / "link.db").hardlink_to(tmp_path / "x.db")
        second = command(tmp_path, "--db", "link.db", "run")
        assert second.returncode == 75
        assert second.stderr.startswith(
            "statewire: a daemon is already running on the file link.db, under another name"
        )
        assert second.stderr.count("\n") == 1
        assert daemon.end() == 0


def test_a_broken_configuration_leaves_the_old_one_in_force(
    tmp_path: Path, server: Server, configure: Callable[..., None]
) -> None:
    with Running(tmp_path, "--log-format", "json") as daemon:
        daemon.wait_for_line("state: 2 items")
        configure("    evry: 5m\nxyz: 1\n")
        daemon.process.send_signal(signal.SIGHUP)
        assert json.loads(daemon.wait_for_line("stays active"))["level"] == "error"
        daemon.wait_for_line("did you mean every?")
        daemon.wait_for_line("xyz")
        daemon.wait_for_line("state: 2 items")
        configure(f'  - {{name: other, role: canonical, endpoints: [{{kind: feed, url: "{server.url("/feed/")}"}}]}}\n')
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for_line("is active")
        assert json.loads(daemon.wait_for_line("other: 2 items"))["source"] == "other"
        assert daemon.end() == 0


def test_systemd_is_notified_from_ready_to_stopping(tmp_path: Path, configure: Callable[..., None]) -> None:
    configure()
    notices: queue.SimpleQueue[str] = queue.SimpleQueue()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))

        def listen() -> None:
            while not (words := systemd.recv(500).decode()).startswith("STOPPING"):
                notices.put(words)
            notices.put(words)

        # One that does not listen all the time would hold up who speaks.
        listener = threading.Thread(target=listen, daemon=True)
        listener.start()
        environment = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "900000"}
        with Running(tmp_path, **environment) as daemon:
            assert notices.get(timeout=LIMIT_S) == "READY=1\nSTATUS=1 source"
            received = [notices.get(timeout=LIMIT_S)]
            while received[-1] != "WATCHDOG=1":
                received.append(notices.get(timeout=LIMIT_S))
            daemon.process.send_signal(signal.SIGHUP)
            while not received[-1].startswith("RELOADING=1\nMONOTONIC_USEC="):
                received.append(notices.get(timeout=LIMIT_S))
            while not received[-1].startswith("READY=1"):
                received.append(notices.get(timeout=LIMIT_S))
            assert daemon.end() == 0
            while received[-1] != "STOPPING=1":
                received.append(notices.get(timeout=LIMIT_S))
        listener.join(LIMIT_S)
    assert any(re.fullmatch(r"STATUS=1 source, [01] being polled, next due \d\d:\d\d UTC", words) for words in received)


def test_a_daemon_that_stalls_ends_itself(tmp_path: Path, configure: Callable[..., None]) -> None:
    configure()
    path = tmp_path / "config.yaml"
    short = "tick_s: 0.2, deadline_s: 0.2"
    text = (
        path.read_text(encoding="utf-8")
        .replace("tick_s: 0.2", short)
        .replace("retries: 0", "retries: 0\n  deadline_s: 1")
    )
    path.write_text(text, encoding="utf-8")
    # No limit of its own ends this run, as with a bug or a dead file system.
    hang = "import time; from scraper.daemon import daemon; daemon.run_source = lambda *_, **__: time.sleep(1000)"
    with Running(tmp_path, in_journal=True, before=hang) as daemon:
        assert daemon.wait_for_line("no progress for").startswith("<3>state: ")
        assert daemon.wait_for_line("stalled").startswith("<2>stalled: state has made no progress for ")
        assert daemon.process.wait(LIMIT_S) == 70
    assert ask(tmp_path, "SELECT failures, next_due_at IS NULL FROM sources")[0] == (1, 0)


def test_row_62_a_process_that_was_stopped_goes_on_where_it_was(
    tmp_path: Path, server: Server, configure: Callable[..., None]
) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("tick_s: 0.2", "tick_s: 0.2, deadline_s: 6"), "utf-8")
    arrived, release = threading.Event(), threading.Event()

    def hold(exchange: Exchange) -> None:
        if len(server.seen) > 2:  # the first run loads what reads, which takes its time
            arrived.set()
            release.wait(LIMIT_S)
        exchange.reply(rss(Piece(1), Piece(2)), headers=XML)

    server.routes["/feed/"] = hold
    with Running(tmp_path) as daemon:
        assert arrived.wait(LIMIT_S)
        daemon.process.send_signal(signal.SIGSTOP)
        time.sleep(6.5)  # longer than the deadline
        release.set()
        daemon.process.send_signal(signal.SIGCONT)
        daemon.wait_for_line("was suspended for")
        assert daemon.end() == 0
    assert not [line for line in daemon.said if "stalled" in line or "not done" in line]
    assert ask(tmp_path, "SELECT failures, last_success_at IS NULL FROM sources") == [(0, 0)]
    assert ask(tmp_path, "SELECT count(*) FROM statements") == [(2,)]


def test_threads_with_stores_of_their_own_ask_one_host_politely(db: Path, server: Server) -> None:
    gap_s, moments, inside, overlaps = 0.1, [], [0], [0]

    def answer(exchange: Exchange) -> None:
        inside[0] += 1
        overlaps[0] = max(overlaps[0], inside[0])
        moments.append(time.monotonic())
        time.sleep(0.005)  # long enough for another one to come, if it could
        inside[0] -= 1
        exchange.reply()

    server.routes["/page/"] = answer
    hosts, outcomes = SharedHosts(), []
    Store(db).close()
    with Fetcher(make_settings(server.place, gap_s=gap_s), clock=Clock(), hosts=hosts) as fetcher:

        def work() -> None:
            with Store(db) as store:
                hosts.hosts = store.hosts
                captures = [fetcher.get(Request(server.url("/page/"))) for _ in range(2)]
            outcomes.extend(capture.outcome for capture in captures)

        threads = [threading.Thread(target=work) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert outcomes == [Outcome.OK] * 10
    assert overlaps == [1]
    assert min(later - earlier for earlier, later in pairwise(moments)) >= gap_s
    with Store(db) as store:
        assert [host.requests for host in store.hosts.asked_on(Clock().now().date())] == [11]
