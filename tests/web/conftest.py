"""Fixtures of pages: the database of the demo, and the responses to paths over it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from samples import NOON

from scraper.cli import main
from scraper.config import loader, search
from scraper.store import Audience, Store
from scraper.web.page import PageRequest
from scraper.web.routes import respond

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scraper.config.settings import Settings
    from scraper.web.page import Response


@pytest.fixture(scope="session")
def demo_db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Database with the story of the demo: a statement with revisions, copies of it, a withdrawal. Only read it."""
    path = tmp_path_factory.mktemp("demo") / "statewire.db"
    with pytest.raises(SystemExit) as ended:
        main(["-q", "--db", str(path), "demo"])
    assert ended.value.code == 0
    return path


@pytest.fixture
def edited(demo_db: Path, tmp_path: Path) -> Callable[..., Path]:
    """A copy of the demo's database after some SQL statements: a text each, or a text with its values."""

    def edited(*changes: str | tuple[str, list[object]]) -> Path:
        path = tmp_path / "edited.db"
        if not path.exists():
            shutil.copy(demo_db, path)
        with Store(path) as store, store.unit():
            for change in changes:
                sql, values = (change, []) if isinstance(change, str) else change
                store.database.execute(sql, values)
        return path

    return edited


@pytest.fixture(scope="session")
def settings() -> Settings:
    return loader.load(search.example())


@pytest.fixture
def page(demo_db: Path, settings: Settings) -> Callable[..., Response]:
    """The response to a path over the database of the demo; further arguments are those of the query."""

    def page(path: str, *, is_live: bool = True, db: Path = demo_db, **query: str) -> Response:
        values = {name: (value,) for name, value in query.items()}
        with Store(db, audience=Audience.PAGES) as store, store.snapshot():
            return respond(PageRequest(store, settings, NOON, path=path, query=values, is_live=is_live))

    return page
