"""Tests of the daemon as a process, with real servers on loopback: signals, a second daemon, kills, politeness."""

from __future__ import annotations

import json
import os
import queue
import re
import select
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from fakes.wire import Server
from samples import ROOT, Piece, make_settings, rss

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

STATEWIRE = [sys.executable, "-c", "from scraper.cli import main; main()", "--db", "x.db"]
XML = {"Content-Type": "application/rss+xml; charset=UTF-8"}
LIMIT_S = 20

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


class Running:
    """A daemon process and its log."""

    def __init__(self, folder: Path, *arguments: str, in_journal: bool = False, **environment: str) -> None:
        self.said: list[str] = []
        reading, writing = os.pipe()
        if in_journal:
            stream = os.fstat(writing)
            environment["JOURNAL_STREAM"] = f"{stream.st_dev}:{stream.st_ino}"
        self.stderr = os.fdopen(reading, "rb", buffering=0)
        self.process = subprocess.Popen(
            [*STATEWIRE, "run", *arguments],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            stderr=writing,
        )
        os.close(writing)

    def wait_for_line(self, words: str) -> str:
        """Read the log up to a line with these words, and return it."""
        until = time.monotonic() + LIMIT_S
        while time.monotonic() < until and select.select([self.stderr], [], [], LIMIT_S)[0]:
            line = self.stderr.readline().decode()
            if not line:
                break
            self.said.append(line)
            if words in line:
                return line
        raise AssertionError(f"never said {words!r}, but:\n{''.join(self.said)}")

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal; the exit code."""
        self.process.send_signal(number)
        return self.process.wait(LIMIT_S)

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        self.stderr.close()


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


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [*STATEWIRE, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=LIMIT_S
    )


def ask(folder: Path, question: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / "x.db")) as connection:
        return connection.execute(question).fetchall()


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
        daemon.wait_for_line("monitoring 1 source, database x.db")
        daemon.wait_for_line("state: 2 items")
        second = command(tmp_path, "run")
        assert second.returncode == 75
        assert second.stderr == (
            f"statewire: a daemon (process {daemon.process.pid}) is already running on x.db. stop it first, or "
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


def test_a_daemon_that_stalls_ends_itself(tmp_path: Path, server: Server, configure: Callable[..., None]) -> None:
    configure()
    path = tmp_path / "config.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("tick_s: 0.2", "tick_s: 0.2, deadline_s: 0.2"), "utf-8")
    release = threading.Event()
    server.routes["/feed/"] = lambda _: release.wait(LIMIT_S)  # type: ignore[assignment,return-value]
    with Running(tmp_path, in_journal=True) as daemon:
        assert daemon.wait_for_line("still running").startswith("<3>state: ")
        assert daemon.wait_for_line("stalled").startswith("<2>stalled: state has been running for ")
        assert daemon.process.wait(LIMIT_S) == 70
    release.set()
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
