"""Tests of health reports: the metrics file, the heartbeat, and the daemon if the monitoring service fails."""

from __future__ import annotations

import logging
import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from fakes.wire import Server
from prometheus_client.parser import text_string_to_metric_families
from samples import NOON, make_settings, source
from samples import settings as settings_of

from scraper.config.settings import DaemonSettings
from scraper.daemon.daemon import Daemon
from scraper.daemon.heartbeat import HeartbeatReporter, failure_url
from scraper.model import EventKind, Role
from scraper.store import SourceState, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from scraper.clock import SimulatedClock
    from scraper.config.settings import Settings

PING = "/ping/5ecre7-5ecre7"


@pytest.fixture
def monitor() -> Iterator[Server]:
    started = Server()
    started.routes[PING] = started.routes[f"{PING}/fail"] = lambda exchange: exchange.reply(b"OK")
    yield started
    started.close()


@pytest.fixture
def reporter(db: Path, clock: SimulatedClock) -> HeartbeatReporter:
    with Store(db) as store, store.unit():
        well = {"last_attempt_at": NOON, "last_success_at": NOON, "next_due_at": NOON + timedelta(minutes=15)}
        store.sources.save(SourceState("a", Role.CANONICAL, **well))
    return HeartbeatReporter(db, clock)


def settings_for(*places: str, **daemon: Any) -> Settings:
    changes = {"fetch": make_settings(*places), "daemon": DaemonSettings(**daemon)}
    return settings_of(source(name="a")).model_copy(update=changes)


def received(monitor: Server) -> list[tuple[str, str]]:
    return [(exchange.target, exchange.body.decode()) for exchange in monitor.seen]


def break_down(db: Path) -> None:
    with Store(db) as store, store.unit():
        trouble = {"incident": EventKind.BROKEN, "incident_since_at": NOON, "failures": 3}
        store.sources.save(SourceState("a", Role.CANONICAL, last_attempt_at=NOON, last_success_at=NOON, **trouble))


# The heartbeat


def test_the_heartbeat_reports_success_or_the_reason_of_a_failure(
    db: Path, reporter: HeartbeatReporter, monitor: Server, clock: SimulatedClock, caplog: pytest.LogCaptureFixture
) -> None:
    settings = settings_for(monitor.place, heartbeat_url=monitor.url(PING))
    reporter.report(settings, NOON)
    reporter.report(settings, NOON, "the check for due sources has not run for 99 s")
    break_down(db)
    clock.sleep(7200)
    reporter.report(settings, NOON)
    db.write_bytes(b"no database at all, " * 100)
    reporter.report(settings, NOON)
    assert received(monitor) == [
        (PING, "alive"),
        (f"{PING}/fail", "the check for due sources has not run for 99 s"),
        (f"{PING}/fail", "no source has had a success for 2 h"),
        (f"{PING}/fail", "the database does not respond"),
    ]
    assert [record.levelname for record in caplog.records] == ["WARNING"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            lambda exchange: exchange.reply(b"no such check", status=404),
            "the heartbeat monitor responds with status 404",
        ),
        (
            lambda exchange: exchange.redirect(f"https://other.example{PING}"),
            "the heartbeat monitor responds with status 302",
        ),
        (lambda exchange: exchange.reset(), "the heartbeat monitor was not reached: the connection broke"),
    ],
)
def test_a_failing_heartbeat_is_logged_once_and_without_its_url(
    reporter: HeartbeatReporter, monitor: Server, caplog: pytest.LogCaptureFixture, answer: Any, words: str
) -> None:
    caplog.set_level(logging.DEBUG)
    well, monitor.routes[PING] = monitor.routes[PING], answer
    settings = settings_for(monitor.place, heartbeat_url=monitor.url(PING))
    for _ in range(3):
        reporter.report(settings, NOON)
    monitor.routes[PING] = well
    reporter.report(settings, NOON)
    reporter.report(settings, NOON)
    ours = [record.getMessage() for record in caplog.records if record.name == "statewire"]
    assert len(ours) == 2
    assert ours[0].startswith(f"heartbeat: {words}")
    assert ours[1] == "heartbeat: works again"
    assert "5ecre7" not in "".join(ours)
    assert len(monitor.seen) == 5


def test_an_address_of_ones_own_network_has_to_be_allowed(
    reporter: HeartbeatReporter, monitor: Server, caplog: pytest.LogCaptureFixture
) -> None:
    reporter.report(settings_for(heartbeat_url=monitor.url(PING)), NOON)
    assert monitor.connections == 0
    assert "must be listed in fetch.allow_private" in caplog.text
    assert "5ecre7" not in caplog.text


def test_where_the_guard_does_not_hold_nothing_is_sent_and_nothing_ends(
    reporter: HeartbeatReporter, monitor: Server, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scraper.fetch.exchange.is_guarded", lambda _: False)
    reporter.report(settings_for(monitor.place, heartbeat_url=monitor.url(PING)), NOON)
    assert monitor.connections == 0
    assert "heartbeat: cannot be sent: The address guard failed its self-test" in caplog.text


@pytest.mark.parametrize(
    ("url", "fail"),
    [
        ("https://hc-ping.com/1-2", "https://hc-ping.com/1-2/fail"),
        ("https://hc-ping.com/key/slug/?create=1", "https://hc-ping.com/key/slug/fail?create=1"),
        ("https://ping.example", "https://ping.example/fail"),
    ],
)
def test_the_address_of_failure(url: str, fail: str) -> None:
    assert failure_url(url) == fail


# The file


def test_the_file_is_whole_for_all_to_read_and_alone(
    reporter: HeartbeatReporter, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "metrics" / "statewire.prom"
    settings = settings_for(metrics_file=path)
    reporter.report(settings, NOON)
    assert "metrics: " in caplog.text
    assert "its folder must exist" in caplog.text
    path.parent.mkdir()
    reporter.report(settings, NOON)
    reporter.report(settings, NOON + timedelta(minutes=1))
    assert list(path.parent.iterdir()) == [path]
    assert path.stat().st_mode & 0o777 == 0o644
    read = {each.name: each for each in text_string_to_metric_families(path.read_text(encoding="utf-8"))}
    assert read["statewire_last_tick_timestamp_seconds"].samples[0].value == NOON.timestamp() + 60
    assert read["statewire_source_last_success_timestamp_seconds"].samples[0].labels == {"source": "a"}
    assert read["statewire_failing"].samples[0].value == 0


def test_without_a_file_the_library_takes_no_memory() -> None:
    loaded = "import sys, scraper.daemon.main, scraper.cli.run; print('prometheus_client' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", loaded], check=True, capture_output=True, text=True)
    assert found.stdout == "False\n"


def test_readers_of_the_file_never_see_half_of_it(reporter: HeartbeatReporter, tmp_path: Path) -> None:
    path = tmp_path / "statewire.prom"
    reporter.report(settings_for(metrics_file=path), NOON)
    with path.open(encoding="utf-8") as reading:
        first = reading.readline()
        reporter.report(settings_for(metrics_file=path), NOON)
        assert first + reading.read() == path.read_text(encoding="utf-8")


def test_a_file_that_leads_elsewhere_is_not_written_through(
    reporter: HeartbeatReporter, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "precious").write_text("precious", encoding="utf-8")
    (tmp_path / ".statewire.prom.new").symlink_to(tmp_path / "precious")
    reporter.report(settings_for(metrics_file=tmp_path / "statewire.prom"), NOON)
    assert (tmp_path / "precious").read_text(encoding="utf-8") == "precious"
    assert "cannot be written" in caplog.text


def test_a_database_that_fails_leaves_the_old_file(db: Path, reporter: HeartbeatReporter, tmp_path: Path) -> None:
    path = tmp_path / "statewire.prom"
    reporter.report(settings_for(metrics_file=path), NOON)
    before = path.read_bytes()
    db.write_bytes(b"no database at all, " * 100)
    reporter.report(settings_for(metrics_file=path), NOON + timedelta(hours=1))
    assert path.read_bytes() == before


# In the daemon


@pytest.fixture
def start(db: Path, clock: SimulatedClock, reporter: HeartbeatReporter) -> Callable[..., Daemon]:
    def start(*places: str, **daemon: Any) -> Daemon:
        return Daemon(db, settings_for(*places, **daemon), clock)

    return start


def test_a_daemon_whose_tick_fails_is_not_reported_as_alive(
    start: Callable[..., Daemon], monitor: Server, clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon = start(monitor.place, heartbeat_url=monitor.url(PING))
    for seconds in (0, 59, 2):
        clock.sleep(seconds)
        monkeypatch.setattr(daemon, "_tick", lambda: 1 / 0)
        daemon.tick()
        daemon.report()
        assert daemon.background_jobs.wait(20)
    assert received(monitor) == [
        (PING, "alive"),
        (PING, "alive"),
        (f"{PING}/fail", "the check for due sources has not run for 61 s"),
    ]
    daemon.close()


def test_a_monitoring_service_that_does_not_respond_delays_nothing(
    start: Callable[..., Daemon], monitor: Server
) -> None:
    monitor.routes[PING] = lambda exchange: monitor.closing.wait(20) and exchange.reply()
    daemon = start(monitor.place, heartbeat_url=monitor.url(PING))
    daemon.report()
    daemon.report()  # no second one beside it
    daemon.tick()
    daemon.send_mail()
    daemon.tidy()
    assert "report" in daemon.background_jobs.names()
    monitor.close()
    assert daemon.background_jobs.wait(20)
    assert daemon.source_jobs.wait(20)
    assert len(monitor.seen) == 1
    daemon.close()


def test_without_a_destination_or_after_a_stop_no_thread_starts(start: Callable[..., Daemon], monitor: Server) -> None:
    daemon = start()
    daemon.report()
    assert daemon.background_jobs.names() == []
    stopped = start(monitor.place, heartbeat_url=monitor.url(PING))
    stopped.stop.set()
    stopped.report()
    assert stopped.background_jobs.names() == []
    assert monitor.seen == []
    for each in (daemon, stopped):
        each.close()


def test_metrics_overwrite_no_other_file(
    reporter: HeartbeatReporter, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "notes.txt").write_text("notes", encoding="utf-8")
    reporter.report(settings_for(metrics_file=tmp_path / "notes.txt"), NOON)
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "notes"
    assert "notes.txt has other content and is not overwritten" in caplog.text
