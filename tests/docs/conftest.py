"""Fixtures of the documented commands: the demo's database, and a page's folder with clock, sites and environment."""

from __future__ import annotations

import importlib
import pkgutil
import shutil
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
import twin
from documented_session import HOME, WIDTH, Session

import scraper.cli
import scraper.fetch.exchange
from scraper.cli import layout, main
from scraper.clock import Clock, SimulatedClock

if TYPE_CHECKING:
    from datetime import tzinfo
    from pathlib import Path

_UNSET = ("STATEWIRE_CONTACT", "STATE_DIRECTORY", "JOURNAL_STREAM", "NOTIFY_SOCKET", "NO_COLOR", "FORCE_COLOR")
_SET = {"XDG_DATA_HOME": ".local/share", "XDG_CONFIG_HOME": ".config", "XDG_CACHE_HOME": ".cache", "HOME": ""}


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with `demo.db` and the mails of the demo, as `statewire --db demo.db demo` leaves it."""
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        with pytest.raises(SystemExit) as ended:
            main(["--quiet", "--db", "demo.db", "demo", "--json"])
    assert ended.value.code == 0
    return folder


@pytest.fixture
def session(tmp_path: Path, demo_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    """Session in a folder with `demo.db`, which is also the home of its user."""
    shutil.copytree(demo_folder, tmp_path, dirs_exist_ok=True)
    web = twin.sites()
    _simulate_time(SimulatedClock(twin.NOW), monkeypatch)
    monkeypatch.setattr(scraper.fetch.exchange, "GuardedTransport", lambda **_: web.transport())
    for name in _UNSET:
        monkeypatch.delenv(name, raising=False)
    for name, place in _SET.items():
        monkeypatch.setenv(name, str(tmp_path / place))
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    # Lines are broken where they would be with the path that the page shows.
    cells = layout.cells
    monkeypatch.setattr(layout, "cells", lambda text: cells(text.replace(str(tmp_path), HOME)))
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.chdir(tmp_path)
    return Session(tmp_path)


def _simulate_time(clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every command have the time of a clock that moves only while it waits."""

    class Simulated(datetime):
        def __new__(cls, *args: Any, **fields: Any) -> Any:  # SQLite takes no subclass
            return datetime(*args, **fields)  # noqa: DTZ001

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return clock.now().astimezone(tz)

    monkeypatch.setattr(Clock, "now", lambda _: clock.now())
    monkeypatch.setattr(Clock, "monotonic", lambda _: clock.monotonic())
    monkeypatch.setattr(Clock, "sleep", lambda _, seconds: clock.sleep(seconds))
    for found in pkgutil.iter_modules(scraper.cli.__path__, "scraper.cli."):
        module = importlib.import_module(found.name)
        if vars(module).get("datetime") is datetime:
            monkeypatch.setattr(module, "datetime", Simulated)
