"""Tests of a daemon that writes, and what reads its database meanwhile: a server with its readers, and the site."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.readers import Readers, Repeated
from fakes.world.watch import Course
from fakes.world.web import FEW
from serving import serving

from scraper.clock import Clock
from scraper.daemon import memory
from scraper.store import Audience, Store

if TYPE_CHECKING:
    from pathlib import Path

DAYS = 1.5


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A day and a half of the daemon in simulated time, over a database that exists."""
    monkeypatch.setattr(memory, "release", lambda: None)  # a fifth of the CPU
    course = Course(tmp_path, seed=1, days=DAYS, scale=FEW)
    Store(course.database).close()
    return course


def test_daemon_server_and_readers_work_at_once(course: Course) -> None:
    with serving(course.database, course.settings, Clock()) as root, Readers(root, 2) as readers:
        course.go()
    assert course.errors == []
    assert readers.failures == []
    assert len(readers.seconds) > 20
    assert "statements" in readers.kinds
    with Store(course.database, audience=Audience.PAGES) as store:
        assert store.statements.count() > 5


def test_daemon_server_readers_and_site_work_at_once(course: Course, tmp_path: Path) -> None:
    site = pytest.importorskip("scraper.web.site", reason="`statewire site` is not there yet")
    folder = tmp_path / "site"

    def write() -> str:
        return "; ".join(site.write_site(course.database, folder, course.settings, Clock()).failed)

    with (
        serving(course.database, course.settings, Clock()) as root,
        Readers(root, 1) as readers,
        Repeated(write) as writer,
    ):
        course.go()
    assert course.errors == []
    assert readers.failures == []
    assert writer.failures == []
    assert writer.count > 2
    write()
    with Store(course.database, audience=Audience.PAGES) as store:
        statements = [each.id for each in store.statements.find()]
    assert len(statements) > 5
    assert [each for each in statements if not (folder / f"statements/{each}/index.html").is_file()] == []
