"""Tests of the daemon in simulated time: nothing missed or repeated, and no source that affects others."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from mailbox import Maildir
from typing import TYPE_CHECKING, Any

import pytest
from fakes.web import Web
from samples import NOON, Piece, rss, source
from samples import settings as settings_of

from scraper.clock import SimulatedClock
from scraper.config.alerts import Watch
from scraper.config.choices import Topic
from scraper.config.settings import DaemonSettings, Endpoint, Settings, Source
from scraper.daemon import daemon as daemon_module
from scraper.daemon.daemon import Daemon
from scraper.daemon.jobs import StoppableClock, Stopped
from scraper.delivery import operator_mails
from scraper.errors import StoreError
from scraper.fetch import Fetcher
from scraper.model import EndpointKind, EventKind
from scraper.store import EventFilter, SourceState, Store
from scraper.store.sources import Sources

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Jumping(SimulatedClock):
    """Clock that can be set."""

    def jump(self, by: timedelta) -> None:
        self._now += by


@dataclass
class Bench:
    """A daemon, its requests and the runs that it starts; a test may replace each run."""

    db: Path
    clock: Jumping
    site: Web = field(default_factory=Web)
    asked: list[tuple[str, datetime]] = field(default_factory=list)
    instead: dict[str, Callable[[], None]] = field(default_factory=dict)

    def start(self, *sources: Source, **changes: Any) -> Daemon:
        settings = settings_of(*sources).model_copy(update=changes)

        def fetcher(settings: Any, clock: Any, hosts: Any) -> Fetcher:
            return Fetcher(settings, clock=clock, hosts=hosts, transport=self.site.transport())

        return Daemon(self.db, settings, self.clock, new_fetcher=fetcher)

    def turn(self, daemon: Daemon, after: timedelta = timedelta(0)) -> list[str]:
        """A tick, and all that it starts; who was asked."""
        self.clock.sleep(after.total_seconds())
        had = len(self.asked)
        daemon.tick()
        assert daemon.source_jobs.wait(20)
        return [name for name, _ in self.asked[had:]]

    def state(self, name: str = "a") -> SourceState:
        with Store(self.db) as store:
            return next(state for state in store.sources.all() if state.name == name)

    def kinds(self) -> list[EventKind]:
        with Store(self.db) as store:
            return [event.kind for event in store.events.find(EventFilter(with_backfill=False))]


@pytest.fixture
def bench(db: Path, new_database: bytes, monkeypatch: pytest.MonkeyPatch) -> Bench:
    db.write_bytes(new_database)
    bench = Bench(db, Jumping(NOON))
    truly = daemon_module.run_source

    def run(source: Source, **kept: Any) -> Any:
        bench.asked.append((source.name, bench.clock.now()))
        if source.name in bench.instead:
            bench.instead[source.name]()
        return truly(source, **kept)

    monkeypatch.setattr(daemon_module, "run_source", run)
    monkeypatch.setattr(daemon_module.memory, "release", lambda: None)  # a tenth of a second, hundreds of times
    return bench


def feed(name: str, host: str = "", **changes: Any) -> Source:
    url = f"https://{host or name}.example/feed/"
    return source(name=name, endpoints=(Endpoint(kind=EndpointKind.FEED, url=url),), **changes)


A, B = feed("a"), feed("b")


@pytest.fixture
def both(bench: Bench) -> Bench:
    for name in "ab":
        bench.site.says(f"https://{name}.example/feed/", rss(Piece(1)))
    return bench


# When


def test_each_source_is_asked_once_in_its_time(both: Bench) -> None:
    daemon = both.start(A, B)
    assert sorted(both.turn(daemon)) == ["a", "b"]
    assert both.turn(daemon, MINUTE) == []
    assert sorted(both.turn(daemon, 15 * MINUTE)) == ["a", "b"]


def test_a_run_that_ends_while_a_tick_reads_the_due_times_is_not_repeated(
    both: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon, may_end = both.start(A), threading.Event()
    both.turn(daemon)
    both.instead["a"] = lambda: may_end.wait(20)
    both.clock.sleep(HOUR.total_seconds())
    daemon.tick()
    truly = Sources.all

    def read(sources: Sources) -> list[SourceState]:
        found = truly(sources)
        may_end.set()
        assert daemon.source_jobs.wait(20)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(Sources, "all", read)
        daemon.tick()
    assert daemon.source_jobs.wait(20)
    assert [name for name, _ in both.asked] == ["a", "a"]


def test_memory_is_given_back_before_each_request_and_after_the_last(
    both: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    successes = list[list[datetime | None]]()

    def give_back() -> None:
        with Store(both.db) as store:
            successes.append([state.last_success_at for state in store.sources.all()])

    monkeypatch.setattr(daemon_module.memory, "release", give_back)
    both.turn(both.start(A))
    assert successes == [[], [NOON]]


def test_a_restart_neither_asks_again_nor_forgets(both: Bench) -> None:
    both.turn(both.start(A))
    assert both.turn(both.start(A), 5 * MINUTE) == []
    assert both.turn(both.start(A), 10 * MINUTE) == ["a"]
    assert both.turn(both.start(A), 10 * HOUR) == ["a"]  # not once for each time that was missed
    assert both.turn(both.start(A)) == []


def test_restarts_more_often_than_the_interval_let_nothing_starve(both: Bench) -> None:
    for _ in range(60):
        both.turn(both.start(A), 4 * MINUTE)
    waits = [later - earlier for (_, earlier), (_, later) in zip(both.asked, both.asked[1:], strict=False)]
    assert 6 <= len(waits) <= 18
    assert all(13 * MINUTE < wait <= 65 * MINUTE for wait in waits)


def test_a_clock_that_is_set_back_makes_nothing_late_by_more_than_an_interval(both: Bench) -> None:
    daemon = both.start(A)
    both.turn(daemon)
    both.clock.jump(-HOUR)
    asked = [both.turn(daemon, MINUTE) for _ in range(20)]
    assert 1 <= asked.count(["a"]) <= 2


def test_a_clock_that_is_set_forward_brings_no_burst(both: Bench) -> None:
    daemon = both.start(A, B)
    both.turn(daemon)
    both.clock.jump(DAY)
    assert sorted(both.turn(daemon)) == ["a", "b"]
    assert [both.turn(daemon, MINUTE) for _ in range(12)] == [[]] * 12


def test_a_quiet_source_is_asked_more_rarely_and_a_busy_one_more_often(both: Bench) -> None:
    daemon = both.start(A)
    both.turn(daemon)
    for _ in range(8):
        both.turn(daemon, HOUR)
    slow = both.state().interval
    assert slow is not None
    assert slow > 25 * MINUTE
    both.site.says("https://a.example/feed/", rss(*map(Piece, range(1, 9)), built=NOON + DAY))
    assert both.turn(both.start(A), HOUR) == ["a"]
    assert both.state().interval == 7.5 * MINUTE


def test_outside_its_hours_a_source_is_left_alone(both: Bench) -> None:
    nightly = Source.model_validate(A.model_dump() | {"active": "22:00-06:00"})
    daemon = both.start(nightly)
    assert both.turn(daemon) == []
    assert both.turn(daemon, 10 * HOUR) == ["a"]


def test_no_more_at_once_than_there_are_workers_and_none_of_one_host(bench: Bench) -> None:
    gate, inside = threading.Event(), []
    sources = [feed(f"s{n}", host) for n, host in enumerate(["x", "x", "y", "z", "w"])]
    for each in sources:
        bench.instead[each.name] = lambda: (inside.append(1), gate.wait(20))  # type: ignore[func-returns-value]
    daemon = bench.start(*sources, daemon=DaemonSettings(workers=2))
    for _ in range(3):
        daemon.tick()
    assert [job.name for job in daemon.source_jobs.running() if not job.is_late] == ["s0", "s2"]
    gate.set()
    assert daemon.source_jobs.wait(20)
    assert len(inside) == 2
    assert sorted(bench.turn(daemon)) == ["s1", "s3"]


# Trouble


def test_a_run_that_hangs_is_put_off_and_blocks_no_other_source(both: Bench, caplog: pytest.LogCaptureFixture) -> None:
    gate = threading.Event()
    both.instead["a"] = lambda: gate.wait(20)  # type: ignore[assignment,return-value]
    daemon = both.start(A, B, daemon=DaemonSettings(workers=1))
    daemon.tick()
    both.clock.sleep(901)
    daemon.tick()
    assert "a: no progress for 900 s" in caplog.text
    assert (both.state().failures, both.state().next_due_at) > (0, both.clock.now())
    # Its place is free, and it does not run twice.
    until = threading.Event()
    while "b" not in dict(both.asked):
        assert not until.wait(0.01)
    both.clock.sleep(HOUR.total_seconds() / 4)
    daemon.tick()
    assert [name for name, _ in both.asked].count("a") == 1
    both.clock.sleep(800)
    daemon.tick()
    assert (daemon.stalled() or "").startswith("a has made no progress for 26")
    gate.set()
    assert daemon.source_jobs.wait(20)
    daemon.tick()
    assert daemon.stalled() is None
    assert "a" in [*both.turn(daemon, HOUR), *both.turn(daemon)]
    assert both.state().failures == 0


@pytest.mark.parametrize("error", [RuntimeError("oops"), SystemExit(3), StoreError("the disk is full"), MemoryError()])
def test_a_run_that_raises_sets_back_its_source_only(
    both: Bench, error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise error

    both.instead["a"] = fail
    daemon = both.start(A, B)
    assert sorted(both.turn(daemon)) == ["a", "b"]
    assert "a: the run failed" in caplog.text
    assert both.turn(daemon, 12 * MINUTE) == []
    both.turn(daemon, 5 * MINUTE)
    both.turn(daemon, 15 * MINUTE)
    assert both.state().failures == 3
    assert type(error).__name__ in (both.state().incident_detail or "")
    assert both.kinds() == [EventKind.BROKEN]
    assert both.state("b").failures == 0
    del both.instead["a"]
    both.turn(daemon, 20 * MINUTE)
    assert both.kinds() == [EventKind.BROKEN, EventKind.RECOVERED]


def test_where_a_failure_cannot_be_noted_the_source_rests(both: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StoreError("the disk is full")

    both.instead["a"] = fail
    monkeypatch.setattr(daemon_module, "record_failed_run", fail)
    daemon = both.start(A)
    assert both.turn(daemon) == ["a"]
    assert both.turn(daemon, 4 * MINUTE) == []
    assert both.turn(daemon, 2 * MINUTE) == ["a"]


@pytest.mark.parametrize(("wait_s", "level"), [(600, "INFO"), (4000, "WARNING")])
def test_a_wait_that_makes_a_source_late_is_a_warning_once(
    both: Bench, caplog: pytest.LogCaptureFixture, wait_s: int, level: str
) -> None:
    caplog.set_level(logging.INFO, logger="statewire")
    both.site.says("https://a.example/feed/", b"", status=429, retry_after=str(wait_s))
    daemon = both.start(A)
    both.turn(daemon)
    both.turn(daemon, 15 * MINUTE)
    busy = f"a: nothing could be fetched: https://a.example/feed/: busy (status 429, retry after {wait_s} s)"
    later = "a: nothing could be fetched: https://a.example/feed/: deferred (a.example asked for no requests before "
    lines = [(record.levelname, record.getMessage()) for record in caplog.records]
    first, second = [line for line in lines if line[1].startswith("a: nothing")]  # not of threads of earlier tests
    assert first == (level, busy)
    assert second == (("INFO", later + "2026-03-02 13:06:42Z)") if wait_s == 4000 else ("INFO", busy))


def test_a_tick_survives_a_database_that_fails(db: Path, both: Bench, caplog: pytest.LogCaptureFixture) -> None:
    daemon = both.start(A)
    db.write_bytes(b"no database at all, " * 100)
    daemon.tick()
    assert "due sources could not be read" in caplog.text
    assert not daemon.is_alive()
    db.unlink()
    assert both.turn(daemon) == ["a"]
    assert daemon.is_alive()


def test_an_error_that_stays_is_said_once_an_hour_and_so_is_its_end(
    db: Path, both: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="statewire")
    daemon = both.start(A)

    def turns(number: int) -> list[tuple[str, str]]:
        """Return the log of so many ticks of ten seconds, without the lines of runs."""
        caplog.clear()
        for _ in range(number):
            both.turn(daemon, timedelta(seconds=10))
            daemon.is_alive()
            daemon.send_mail()
            assert daemon.background_jobs.wait(20)
        said = ((record.levelname, record.getMessage()) for record in caplog.records)
        return [(level, words) for level, words in said if not words.startswith("a: ")]

    db.write_bytes(b"no database at all, " * 100)
    error = (
        f"{db} is not an SQLite database, or is damaged (file is not a database). Give another file with --db, or "
        "restore a backup"
    )
    complaints = [
        ("ERROR", f"due sources could not be read: {error}"),
        ("ERROR", f"the database does not respond: {error}"),
        ("ERROR", f"outbox: {error}"),
    ]
    assert turns(360) == complaints
    assert turns(1) == complaints
    db.unlink()
    assert turns(3) == [
        ("INFO", "the database responds again, polling continues"),
        ("INFO", "the database responds again"),
        ("INFO", "outbox: works again"),
    ]


def test_without_ticks_it_has_stalled(both: Bench) -> None:
    daemon = both.start(A)
    both.turn(daemon)
    daemon.tick()
    both.clock.sleep(119)
    assert daemon.stalled() is None
    assert not daemon.is_alive()
    both.clock.sleep(2)
    assert daemon.stalled() == "no check for due sources for 121 s"


def test_a_process_that_stood_still_has_not_stalled(both: Bench) -> None:
    gate = threading.Event()
    both.instead["a"] = lambda: gate.wait(20)  # type: ignore[assignment,return-value]
    daemon = both.start(A)
    daemon.tick()
    both.clock.sleep(DAY.total_seconds())
    assert daemon.stalled() is not None
    daemon.watchdog_checked_s = daemon.clock.monotonic() - DAY.total_seconds()
    daemon.tick()  # before the watchdog has noticed
    assert not all(job.is_late for job in daemon.source_jobs.running())
    silent_s = daemon.clock.monotonic() - daemon.last_good_tick_s
    daemon.ignore_suspension(DAY.total_seconds())
    assert daemon.clock.monotonic() - daemon.last_good_tick_s == pytest.approx(silent_s - DAY.total_seconds())
    assert daemon.stalled() is None
    assert daemon.source_jobs.newly_late() == []
    gate.set()
    assert daemon.source_jobs.wait(20)


def test_to_be_stopped_is_no_failure(both: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    daemon = both.start(A)
    both.instead["a"] = daemon.stop.set
    assert both.turn(daemon) == ["a"]
    assert "a: run interrupted by the stop" in caplog.text
    with Store(both.db) as store:
        assert (store.sources.all(), store.captures.count()) == ([], 0)
    assert both.turn(daemon) == []  # it takes no more work
    del both.instead["a"]
    assert both.turn(both.start(A)) == ["a"]


def test_no_thread_sleeps_past_the_end() -> None:
    stop = threading.Event()
    clock = StoppableClock(stop)
    clock.sleep(0)
    threading.Timer(0.02, stop.set).start()
    with pytest.raises(Stopped):
        clock.sleep(60)


# Mail


@pytest.fixture
def watched(both: Bench, tmp_path: Path) -> Daemon:
    """A daemon with a message that is due."""
    daemon = both.start(
        A,
        watches=(Watch.model_validate({"name": "all", "to": ["desk@example.org"], "when": [Topic.PUBLISHED]}),),
    )
    both.turn(daemon)
    both.site.says("https://a.example/feed/", rss(Piece(1), Piece(2), built=NOON + HOUR))
    daemon = both.start(A, watches=daemon.settings.watches)
    both.turn(daemon, HOUR)
    both.clock.sleep(HOUR.total_seconds())
    return daemon


def test_mail_leaves_while_every_worker_hangs(both: Bench, watched: Daemon, tmp_path: Path) -> None:
    gate = threading.Event()
    both.instead["a"] = lambda: gate.wait(20)  # type: ignore[assignment,return-value]
    watched.settings = watched.settings.model_copy(update={"daemon": DaemonSettings(workers=1)})
    watched.tick()
    watched.send_mail()
    assert watched.background_jobs.wait(20)
    assert len(Maildir(tmp_path / "mail", create=False)) == 1
    watched.send_mail()
    assert watched.background_jobs.wait(20)
    assert len(Maildir(tmp_path / "mail", create=False)) == 1
    gate.set()
    assert watched.source_jobs.wait(20)


def test_a_mail_to_the_operator_that_cannot_be_queued_delays_no_other(
    watched: Daemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object) -> None:
        raise StoreError("the database is locked")

    monkeypatch.setattr(operator_mails, "queue_operator_mails", locked)
    watched.send_mail()
    assert watched.background_jobs.wait(20)
    assert len(Maildir(tmp_path / "mail", create=False)) == 1
    assert watched.is_calendar_due.is_set()  # it is tried again


def test_mail_that_is_stopped_leaves_later(
    watched: Daemon, both: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    truly = watched._send

    def stopped_first(*arguments: Any) -> None:
        watched.stop.set()
        truly(*arguments)

    monkeypatch.setattr(watched, "_send", stopped_first)
    watched.send_mail()
    assert watched.background_jobs.wait(20)
    assert not (tmp_path / "mail").exists()
    again = both.start(A, watches=watched.settings.watches)
    again.send_mail()
    assert again.background_jobs.wait(20)
    assert len(Maildir(tmp_path / "mail", create=False)) == 1


def test_the_address_of_a_webhook_stays_out_of_the_log(both: Bench, caplog: pytest.LogCaptureFixture) -> None:
    hook = "https://hooks.example.org/s3cret"
    watch = Watch.model_validate({"name": "all", "webhook": hook, "when": [Topic.PUBLISHED]})
    caplog.set_level(logging.DEBUG)
    both.turn(both.start(A, watches=(watch,)))
    both.site.says("https://a.example/feed/", rss(Piece(1), Piece(2), built=NOON + HOUR))
    settings = both.start(A).settings
    daemon = both.start(A, watches=(watch,), fetch=settings.fetch.model_copy(update={"connect_timeout_s": 0.1}))
    both.turn(daemon, HOUR)
    daemon.send_mail()
    assert daemon.background_jobs.wait(30)
    assert "sending to hooks.example.org" in caplog.text
    assert "s3cret" not in caplog.text


def test_the_weekly_mail_is_looked_for_at_the_start_and_at_times_of_the_calendar(
    both: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = list[datetime]()
    fails = [True]

    def look(_store: Store, _settings: Settings, now: datetime) -> None:
        looked.append(now)
        if fails.pop() if fails else False:
            raise StoreError("the disk is full")

    monkeypatch.setattr("scraper.delivery.operator_mails.queue_still_watching", look)
    daemon = both.start(A)

    def number_after(call: Callable[[], None]) -> int:
        call()
        assert daemon.background_jobs.wait(20)
        return len(looked)

    # The first look fails, so the next pass looks again.
    assert [number_after(daemon.send_mail) for _ in range(3)] == [1, 2, 2]
    assert number_after(daemon.send_calendar_mail) == 3
    daemon.clock_was_set(-DAY)
    assert number_after(daemon.send_mail) == 4


def test_after_a_clock_is_set_forward_nothing_is_deleted_for_a_day(
    both: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    deleted = list[datetime]()
    monkeypatch.setattr("scraper.store.retention.run", lambda _store, _keep, now, **_: deleted.append(now))
    daemon = both.start(A)

    def tidy() -> int:
        daemon.tidy()
        assert daemon.background_jobs.wait(20)
        return len(deleted)

    assert tidy() == 1
    both.clock.jump(-HOUR)
    daemon.clock_was_set(-HOUR)
    assert tidy() == 2
    both.clock.jump(20 * 365 * DAY)
    daemon.clock_was_set(20 * 365 * DAY)
    assert tidy() == 2
    both.clock.sleep(DAY.total_seconds())
    assert tidy() == 3


# A new configuration


def test_new_sources_are_taken_over_at_once(both: Bench) -> None:
    gate = threading.Event()
    daemon = both.start(A)
    both.instead["a"] = lambda: gate.wait(20)  # type: ignore[assignment,return-value]
    daemon.tick()
    daemon.pending_settings = both.start(A, B).settings
    daemon.tick()
    assert {"a", "b"} <= {name for name, _ in both.asked} | set(daemon.source_jobs.names())
    gate.set()
    assert daemon.source_jobs.wait(20)


def test_changed_fetch_settings_wait_until_no_job_runs(both: Bench) -> None:
    gate = threading.Event()
    daemon = both.start(A)
    both.instead["a"] = lambda: gate.wait(20)  # type: ignore[assignment,return-value]
    daemon.tick()
    settings: Settings = both.start(A, B).settings
    daemon.pending_settings = settings.model_copy(update={"fetch": settings.fetch.model_copy(update={"gap_s": 9.0})})
    daemon.tick()
    assert daemon.source_jobs.names() == ["a"]
    gate.set()
    assert daemon.source_jobs.wait(20)
    assert both.turn(daemon) == ["b"]
    assert daemon.settings.fetch.gap_s == 9.0


def test_housekeeping_leaves_the_database_whole(both: Bench, caplog: pytest.LogCaptureFixture) -> None:
    daemon = both.start(A)
    both.turn(daemon)
    daemon.tidy()
    assert daemon.background_jobs.wait(20)
    assert caplog.text == ""
    assert daemon.is_alive()


def test_housekeeping_that_fails_is_logged_and_begins_again(
    both: Bench, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon = both.start(A)
    monkeypatch.setattr("scraper.store.retention.run", lambda *_, **__: 1 / 0)
    for _ in range(2):
        daemon.tidy()
        assert daemon.background_jobs.wait(20)
    assert [record.getMessage() for record in caplog.records] == ["housekeeping: division by zero"] * 2
    assert all(record.exc_info for record in caplog.records)
