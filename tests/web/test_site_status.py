"""Tests of what `status` and `doctor` say about the static site: no pages yet, up to date, or behind."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from scraper.clock import Clock
from scraper.config.settings import WebSettings
from scraper.store import EventFilter, Store
from scraper.web import site_status
from scraper.web.site import write_site

if TYPE_CHECKING:
    from pathlib import Path

    from scraper.config.settings import Settings


@pytest.fixture
def wanted(settings: Settings, tmp_path: Path) -> Settings:
    return settings.model_copy(update={"web": WebSettings(site_dir=tmp_path / "site")})


def test_without_a_folder_there_is_nothing_to_say(demo_db: Path, settings: Settings) -> None:
    with Store(demo_db) as store:
        assert site_status.read(settings, store, datetime.now(UTC)) is None


def test_a_folder_without_pages(demo_db: Path, wanted: Settings, tmp_path: Path) -> None:
    with Store(demo_db) as store:
        for _ in range(2):  # missing, and empty
            found = site_status.read(wanted, store, datetime.now(UTC))
            assert found is not None
            assert (found.completed_at, found.problem) == (None, f"{tmp_path / 'site'} has no complete pages yet")
            (tmp_path / "site").mkdir(exist_ok=True)


def test_pages_are_behind_a_while_after_the_newest_event(demo_db: Path, wanted: Settings, tmp_path: Path) -> None:
    write_site(demo_db, tmp_path / "site", wanted, Clock())
    with Store(demo_db) as store:
        newest = next(store.events.find(EventFilter(limit=1))).at
        for before, after, is_behind in ((-1, 60, False), (1, 14, False), (1, 16, True)):
            completed = newest - timedelta(minutes=before)
            os.utime(tmp_path / "site" / ".statewire-site.complete", times=(0, completed.timestamp()))
            found = site_status.read(wanted, store, newest + timedelta(minutes=after))
            assert found is not None
            assert found.completed_at == completed
            assert bool(found.problem) is is_behind
        assert found.problem == f"{tmp_path / 'site'} lacks events since 17 min ago"


def test_a_run_that_did_not_end_leaves_the_time_of_the_last_whole_one(
    demo_db: Path, wanted: Settings, tmp_path: Path
) -> None:
    write_site(demo_db, tmp_path / "site", wanted, Clock())
    mark = tmp_path / "site" / ".statewire-site.complete"
    os.utime(mark, times=(0, 1_000))
    assert not write_site(demo_db, tmp_path / "site", wanted, Clock(), lambda: False).is_complete
    assert mark.stat().st_mtime == 1_000
    assert write_site(demo_db, tmp_path / "site", wanted, Clock()).is_complete
    assert mark.stat().st_mtime > 1_000


def test_a_first_run_that_did_not_end_is_not_complete(demo_db: Path, wanted: Settings, tmp_path: Path) -> None:
    left = iter(range(9))
    assert not write_site(demo_db, tmp_path / "site", wanted, Clock(), lambda: next(left, None) is not None).is_complete
    with Store(demo_db) as store:
        found = site_status.read(wanted, store, datetime.now(UTC))
    assert found is not None
    assert (found.completed_at, found.problem) == (None, f"{tmp_path / 'site'} has no complete pages yet")


def test_a_new_event_does_not_hide_that_older_ones_are_missing(demo_db: Path, wanted: Settings, tmp_path: Path) -> None:
    write_site(demo_db, tmp_path / "site", wanted, Clock())
    with Store(demo_db) as store:
        events = list(store.events.find(EventFilter()))
        first, newest = events[0].at, events[-1].at
        assert newest - first > timedelta(minutes=15)
        completed = first - timedelta(minutes=1)
        os.utime(tmp_path / "site" / ".statewire-site.complete", times=(0, completed.timestamp()))
        found = site_status.read(wanted, store, newest + timedelta(minutes=1))
    assert found is not None
    assert "lacks events" in found.problem
