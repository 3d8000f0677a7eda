"""Test of a daemon that writes, a server that reads the same database, and its readers, all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes.readers import Readers
from fakes.world.watch import Course
from fakes.world.web import FEW
from serving import serving

from scraper.daemon import memory
from scraper.store import Audience, Store

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

DAYS = 1.5


def test_daemon_server_and_readers_work_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "release", lambda: None)  # a fifth of the CPU
    course = Course(tmp_path, seed=1, days=DAYS, scale=FEW)
    Store(course.database).close()
    with serving(course.database, course.settings, course.clock) as root, Readers(root, 2) as readers:
        course.go()
    assert course.errors == []
    assert readers.failures == []
    assert len(readers.seconds) > 20
    assert "statements" in readers.kinds
    with Store(course.database, audience=Audience.PAGES) as store:
        assert store.statements.count() > 5
