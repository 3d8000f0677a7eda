"""Tests of the daemon's job that has pages saved: it fails alone, and nothing else waits for it."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

import pytest
from fakes.save_page_now import KEYS, SavePageNow
from outbox import DESK, add_statement, file
from samples import make_settings, source

from scraper.config.alerts import Watch
from scraper.config.save_page_now import SavePageNowSettings
from scraper.config.settings import Settings
from scraper.daemon import page_saver
from scraper.daemon.daemon import Daemon
from scraper.daemon.jobs import Job, Stopped
from scraper.daemon.page_saver import PageSaver
from scraper.daemon.run_log import ErrorThrottle
from scraper.model import Event, EventKind, Grade
from scraper.rules.page_saves import SavedPart
from scraper.store.locks import SAVING_PAGES, lock_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from scraper.clock import SimulatedClock
    from scraper.store import Store


@pytest.fixture
def service(clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[SavePageNow]:
    monkeypatch.setenv("ARCHIVE_KEYS", KEYS)
    with SavePageNow(clock.now) as started:
        yield started


def settings_of(service: SavePageNow, *parts: SavedPart) -> Settings:
    return Settings(
        fetch=make_settings(service.place),
        sources=(source(enabled=False),),
        watches=(Watch(name="Desk", to=(DESK,), save_pages=parts),),
        save_page_now=SavePageNowSettings(key_env="ARCHIVE_KEYS", url=service.service),
    )


def happens(store: Store, clock: SimulatedClock) -> None:
    statement = add_statement(store)
    with store.unit():
        fields = {"statement_id": statement, "url": "https://www.state.gov/1/", "grade": Grade.MATERIAL}
        store.events.add([Event(EventKind.REVISED, clock.now(), "state", **fields)])  # type: ignore[arg-type]
    number = store.events.last_id()
    file(store, number)
    with store.unit():
        store.outbox.mark_queued(number)


def one_pass(saver: PageSaver, settings: Settings, clock: SimulatedClock) -> None:
    saver.run(settings, lambda _job, _what, _url: None, Job("page saves", clock, 900.0))


def test_a_pass_saves_and_the_log_says_so(
    store: Store, db: Path, clock: SimulatedClock, service: SavePageNow, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "statewire")
    settings, saver = settings_of(service, SavedPart.STATE), PageSaver(db, clock, ErrorThrottle(clock))
    one_pass(saver, settings, clock)
    happens(store, clock)
    for _ in range(4):
        one_pass(saver, settings, clock)
        clock.sleep(60)
    assert store.page_saves.counts().saved == 1
    assert caplog.messages == ["page saves: 1 page saved by the Internet Archive"]


def test_refusals_and_errors_are_logged_and_not_raised(
    store: Store,
    db: Path,
    clock: SimulatedClock,
    service: SavePageNow,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings, saver = settings_of(service, SavedPart.STATE), PageSaver(db, clock, ErrorThrottle(clock))
    one_pass(saver, settings, clock)
    happens(store, clock)
    service.refuses(503)
    one_pass(saver, settings, clock)
    one_pass(saver, settings, clock)
    clock.sleep(600)
    service.refuses(503)
    one_pass(saver, settings, clock)
    clock.sleep(1200)
    service.refuses(200, {"status": "error", "status_ext": "error:no-access"})
    one_pass(saver, settings, clock)
    assert caplog.messages == [
        "page saves: the Internet Archive: it answers with status 503",  # once, for two refusals
        "page saves: 1 page given up",
    ]
    caplog.clear()

    def stop(*_: object) -> None:
        raise Stopped

    happens_again = store.page_saves
    with store.unit():
        save_id = happens_again.want("https://www.state.gov/1/", clock.now(), with_errors=False)
        happens_again.add_reader(save_id, store.events.last_id(), "Desk", DESK)
    saver.run(settings, stop, Job("page saves", clock, 900.0))
    assert caplog.messages == []

    def fail(_path: object) -> None:
        raise OSError("no such database")

    monkeypatch.setattr(page_saver, "Store", fail)
    one_pass(saver, settings, clock)
    assert caplog.messages == ["page saves: no such database"]


@pytest.mark.parametrize("parts", [(), (SavedPart.STATE,)])
def test_the_daemon_has_pages_saved_for_a_watch_and_ends_what_waits_for_none(
    db: Path,
    store: Store,
    clock: SimulatedClock,
    service: SavePageNow,
    parts: tuple[SavedPart, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    daemon = Daemon(db, settings_of(service, *parts), clock, stop=threading.Event())
    started = dict[str, float]()
    start = daemon.background_jobs.start

    def note(name: str, work: Callable[[Job], None], *, budget_s: float, step_s: float = 0.0) -> bool:
        started[name] = step_s
        return start(name, work, budget_s=budget_s, step_s=step_s)

    monkeypatch.setattr(daemon.background_jobs, "start", note)
    daemon.tick()
    assert daemon.background_jobs.wait(20)
    first = started.copy()
    started.clear()
    daemon.tick()
    assert ("page saves" in started) is bool(parts)  # without a watch, once after the settings changed
    assert daemon.background_jobs.wait(20)
    daemon.close()
    # A request that takes as long as it may does not count as a stall, which would end the daemon.
    assert first["page saves"] == daemon.settings.fetch.deadline_s
    assert (store.page_saves.service() is not None) is bool(parts)


def test_what_is_under_way_ends_after_the_last_watch_is_gone(
    db: Path, store: Store, clock: SimulatedClock, service: SavePageNow
) -> None:
    wanted, unwanted = settings_of(service, SavedPart.STATE), settings_of(service)
    saver = PageSaver(db, clock, ErrorThrottle(clock))
    one_pass(saver, wanted, clock)
    happens(store, clock)
    one_pass(saver, wanted, clock)
    assert store.page_saves.active() == 1
    with lock_file(db, SAVING_PAGES):
        one_pass(saver, unwanted, clock)
    for _ in range(6):
        if saver.is_due(unwanted):
            one_pass(saver, unwanted, clock)
        clock.sleep(60)
    assert store.page_saves.counts().saved == 1
    assert not saver.is_due(unwanted)
