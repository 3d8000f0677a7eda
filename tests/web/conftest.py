"""Fixtures of pages: the database of the demo, and the responses to paths over it."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from lists import Database
from samples import NOON

from scraper.clock import Clock
from scraper.config import loader, search
from scraper.store import Audience, Store
from scraper.web.page import PageRequest
from scraper.web.routes import respond

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from scraper.config.settings import Settings
    from scraper.web.page import Response


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


@pytest.fixture
def lists(tmp_path: Path) -> Iterator[Database]:
    """A database to fill."""
    database = Database(tmp_path / "statewire.db")
    yield database
    database.close()


@dataclass(frozen=True)
class Served:
    """Application of `statewire web`, with requests as a browser on this machine sends them."""

    app: Any

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Return the response to a path below the root of the host."""
        return self.send("GET", path, **options)

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Return the response to a request; `options` are those of httpx."""
        return self.send_all((method, path, options))[0]

    def send_all(self, *requests: tuple[str, str, dict[str, Any]]) -> list[httpx.Response]:
        """Return the responses to requests that are sent at the same time."""

        async def send_all() -> list[httpx.Response]:
            transport = httpx.ASGITransport(self.app, client=("192.0.2.7", 1))
            async with httpx.AsyncClient(transport=transport) as client:
                sent = (
                    client.request(method, f"http://localhost:8001/{path}", **options)
                    for method, path, options in requests
                )
                return list(await asyncio.gather(*sent))

        return asyncio.run(send_all())


@pytest.fixture
def serve(demo_db: Path, settings: Settings) -> Callable[..., Served]:
    """Function that serves a database, by default that of the demo; `web` are settings of the section `web`."""
    pytest.importorskip("datasette")
    from scraper.web import datasette_app

    def serve(db: Path = demo_db, *, with_sql: bool = False, listens_on: str = "127.0.0.1", **web: Any) -> Served:
        changed = settings.model_copy(update={"web": settings.web.model_copy(update=web)})
        application = datasette_app.application(db, changed, Clock(), listens_on=listens_on, with_sql=with_sql)
        return Served(application)

    return serve
