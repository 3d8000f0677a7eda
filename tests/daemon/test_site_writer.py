"""Tests of the daemon's job for the static site: when it begins, what it leaves to the next run, and its failures."""

from __future__ import annotations

import fcntl
import logging
import threading
from typing import TYPE_CHECKING

import pytest
from samples import NOON
from samples import settings as settings_of
from samples import source as a_source

from scraper.clock import SimulatedClock
from scraper.config.settings import WebSettings
from scraper.daemon.jobs import Job
from scraper.daemon.run_log import ErrorThrottle
from scraper.daemon.site_writer import SiteWriter
from scraper.web import site as writer_of_pages

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scraper.config.settings import Settings


class Bench:
    """A writer over the database of a story, and the settings that name its folder."""

    def __init__(self, database: Path, folder: Path) -> None:
        self.clock = SimulatedClock(NOON)
        self.stop = threading.Event()
        self.folder = folder
        self.site = SiteWriter(database, self.clock, self.stop, ErrorThrottle(self.clock))
        self.settings = self.of(WebSettings(site_dir=folder))

    def of(self, web: WebSettings) -> Settings:
        return settings_of(a_source()).model_copy(update={"web": web})

    def write(self, budget_s: float = 900.0) -> None:
        self.site.write(self.settings, Job("site", self.clock, budget_s))

    @property
    def is_due(self) -> bool:
        return self.site.is_due(self.settings)


@pytest.fixture
def bench(story_folder: Path, tmp_path: Path) -> Bench:
    return Bench(story_folder / "statewire.db", tmp_path / "site")


def problems(caplog: pytest.LogCaptureFixture) -> list[str]:
    ours = (record for record in caplog.records if record.name == "statewire")
    return [record.getMessage() for record in ours if record.levelno >= logging.WARNING]


def test_it_is_due_at_the_start_and_after_each_request_with_a_pause(bench: Bench) -> None:
    assert not bench.site.is_due(bench.of(WebSettings()))
    assert bench.is_due
    bench.write()
    assert (bench.folder / "statements" / "1" / "index.html").exists()
    assert not bench.is_due
    bench.site.request()
    assert not bench.is_due
    bench.clock.sleep(30)
    assert bench.is_due


def test_the_pause_is_ten_times_as_long_as_the_run(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    write_site: Callable[..., object] = writer_of_pages.write_site

    def slow(*given: object) -> object:
        bench.clock.sleep(60)
        return write_site(*given)

    monkeypatch.setattr(writer_of_pages, "write_site", slow)
    bench.write()
    bench.site.request()
    bench.clock.sleep(599)
    assert not bench.is_due
    bench.clock.sleep(1)
    assert bench.is_due


def test_what_is_stored_during_a_run_is_for_the_next(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    write_site: Callable[..., object] = writer_of_pages.write_site

    def beside(*given: object) -> object:
        report = write_site(*given)
        bench.site.request()
        return report

    monkeypatch.setattr(writer_of_pages, "write_site", beside)
    bench.write()
    bench.clock.sleep(30)
    assert bench.is_due


def test_a_run_without_time_is_continued(bench: Bench) -> None:
    bench.write(budget_s=0.0)
    assert not (bench.folder / "index.html").exists()
    bench.clock.sleep(30)
    assert bench.is_due
    bench.write()
    assert (bench.folder / "index.html").exists()


def test_a_stop_ends_a_run(bench: Bench) -> None:
    bench.stop.set()
    bench.write()
    assert not (bench.folder / "index.html").exists()


def test_a_failure_is_logged_once_and_tried_again_later(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "statewire")
    bench.folder.mkdir()
    (bench.folder / "mine").write_text("x", encoding="utf-8")
    for _ in range(3):
        bench.write()
        bench.clock.sleep(299)
        assert not bench.is_due
        bench.clock.sleep(1)
        assert bench.is_due
    errors = [
        record.getMessage()
        for record in caplog.records
        if record.name == "statewire" and record.levelno >= logging.WARNING
    ]
    assert len(errors) == 1
    assert errors[0].startswith(f"site: {bench.folder} has other files and is no site of statewire")
    (bench.folder / "mine").unlink()
    bench.write()
    assert "site: works again" in caplog.messages


def test_pages_that_fail_are_logged_and_the_others_written(
    bench: Bench, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    respond = writer_of_pages.respond

    def broken(request: object) -> object:
        if getattr(request, "path", "") == "statements/3/":
            raise RuntimeError("a template is broken")
        return respond(request)  # type: ignore[arg-type]

    monkeypatch.setattr(writer_of_pages, "respond", broken)
    bench.write()
    assert (bench.folder / "index.html").exists()
    assert "1 pages could not be rendered, such as statements/3/: RuntimeError" in caplog.text


def test_a_command_that_writes_the_site_is_waited_for(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.write()
    with (bench.folder / ".statewire-site.lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        bench.write()
    assert problems(caplog) == []
    bench.clock.sleep(30)
    assert bench.is_due
