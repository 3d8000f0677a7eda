"""Application of `statewire web`: Datasette with our routes, over connections that read only what is public.

Datasette's own routes serve the public views as tables, JSON and CSV below `data/`, with ready queries. SQL of the
reader's own is off unless the operator allows it; the authorizer of the connections holds in any case.
"""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from datasette.app import Datasette
from datasette.database import Database
from datasette.plugins import pm

from scraper.clock import Clock
from scraper.config.settings import Settings
from scraper.store import Audience, Store
from scraper.web import datasette_plugin as plugin
from scraper.web.page import PageRequest, Response
from scraper.web.reading import Reader
from scraper.web.routes import respond

T = TypeVar("T")
NAME: Final = "data"
"""Name of the database in Datasette: its tables are below this path."""
_THREADS = 3


class PagesDatabase(Database):  # type: ignore[misc]  # Datasette has no types
    """Database of Datasette whose connections are opened by our readers: one for its queries, one for our pages."""

    def __init__(self, datasette: Datasette, path: Path, settings: Settings, clock: Clock) -> None:
        super().__init__(datasette, path=str(path), is_mutable=True)
        self._settings = settings
        self._clock = clock
        self._queries = Reader(path, Audience.QUERIES, self._prepare)
        self._pages = Reader(path, Audience.PAGES)

    def _prepare(self, store: Store) -> None:
        self.ds._prepare_connection(store.database.conn, self.name)

    async def execute_fn(self, work: Callable[[Any], Any]) -> Any:
        """Run a function with a connection in a thread (see `Database.execute_fn`)."""
        return await self._in_thread(lambda: self._queries.read(lambda store: work(store.database.conn)))

    def connect(self, write: bool = False) -> Any:
        """Refuse connections that are not the readers'."""
        raise PermissionError("the database is served for reading only")

    async def page(self, path: str, query: Mapping[str, tuple[str, ...]], *, is_post: bool) -> Response:
        """Return the response of a page."""

        def read(store: Store) -> Response:
            with store.snapshot():
                now = self._clock.now()
                return respond(PageRequest(store, self._settings, now, path=path, query=query, is_post=is_post))

        return await self._in_thread(lambda: self._pages.read(read))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.ds.executor, work)


def create(path: Path, settings: Settings, clock: Clock, *, with_sql: bool, prefix: str = "/") -> Datasette:
    """Return Datasette with our pages over a database.

    `with_sql` lets readers write SQL of their own; `prefix` is the path below which a proxy serves the pages.
    """
    if not pm.is_registered(plugin):
        pm.register(plugin)
    datasette = Datasette(
        memory=False,
        settings={
            "allow_download": False,
            "base_url": prefix,
            "default_allow_sql": with_sql,
            "num_sql_threads": _THREADS,
        },
        metadata={"title": "statewire"},
    )
    datasette.databases.pop("_memory", None)
    datasette.add_database(PagesDatabase(datasette, path, settings, clock), name=NAME)
    return datasette
