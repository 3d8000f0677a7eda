"""Application of `statewire web`: Datasette with our routes, over connections that read only what is public.

Datasette's own routes serve the public views as tables, JSON and CSV below `data`, with ready queries. SQL of the
reader's own is off unless the operator allows it; the authorizer of the connections holds in any case.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextvars import ContextVar
from importlib import resources
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urljoin, urlsplit

from datasette.app import Datasette
from datasette.database import Database, Results
from datasette.plugins import pm
from datasette.utils import CustomRow
from datasette.utils.asgi import Forbidden

from scraper import page_paths as paths
from scraper.clock import Clock
from scraper.config.settings import Settings
from scraper.errors import InputError
from scraper.store import Audience, Store
from scraper.store.public import VIEWS, is_denied, may_replace_view
from scraper.text.normalize import is_formula
from scraper.web import data_catalogue, routes
from scraper.web import datasette_plugin as plugin
from scraper.web.fetch_page import fetch
from scraper.web.form_queue import FormQueue
from scraper.web.gate import Application, Gate, HostCheck, RefusedError
from scraper.web.page import PageRequest, Response
from scraper.web.reading import Reader

T = TypeVar("T")
_THREADS = 3
_TIME_LIMIT_MS = 1000
_MAX_FACETS = 10
# A whole table is sent in so many seconds, or a slow reader would keep all others from theirs.
_EXPORT_S: Final = 600.0
# Datasette writes CSV without a hook. Its cells become safe for a spreadsheet where its queries are run.
_IS_CSV: ContextVar[bool] = ContextVar("is_csv", default=False)


class PagesDatasette(Datasette):  # type: ignore[misc]  # Datasette has no types
    """Datasette whose absolute links begin with the public URL, whatever Host header a proxy sends."""

    public_url: str | None = None

    def absolute_url(self, request: Any, path: str) -> str:
        """Return the absolute URL of a path (see `Datasette.absolute_url`)."""
        return urljoin(self.public_url, path) if self.public_url else str(super().absolute_url(request, path))


class PagesDatabase(Database):  # type: ignore[misc]  # Datasette has no types
    """Database of Datasette whose connections are opened by our readers: one for its queries, one for our pages."""

    def __init__(self, datasette: Datasette, path: Path, settings: Settings, clock: Clock) -> None:
        super().__init__(datasette, path=str(path), is_mutable=True)
        self._file = path
        self._settings = settings
        self._clock = clock
        self._queries = Reader(path, Audience.QUERIES, self._prepare)
        self._pages = Reader(path, Audience.PAGES)
        self._forms = FormQueue(time.monotonic)
        # One at a time, so that many requests for them do not delay all other pages.
        self._long_pages = ThreadPoolExecutor(1, thread_name_prefix="long pages")

    def _prepare(self, store: Store) -> None:
        self.ds._prepare_connection(store.database.conn, self.name)

    async def execute_fn(self, work: Callable[[Any], Any]) -> Any:
        """Run a function with a connection in a thread (see `Database.execute_fn`)."""
        return await self._in_thread(lambda: self._queries.read(lambda store: work(store.database.conn)))

    async def execute(self, sql: str, *arguments: Any, **named: Any) -> Results:
        """Run a query (see `Database.execute`); its errors are the reader's and are not logged."""
        if may_replace_view(sql):
            raise Forbidden("not public")
        try:
            found = await super().execute(sql, *arguments, **(named | {"log_sql_errors": False}))
        except Exception as error:
            if is_denied(error):
                raise Forbidden("not public") from error
            raise
        if not _IS_CSV.get() or not found.rows:
            return found
        names = [column[0] for column in found.description]
        rows = []
        for each in found.rows:
            row = CustomRow(names)
            row.update(zip(names, map(_cell, each), strict=True))
            rows.append(row)
        return Results(rows, found.truncated, found.description)

    def connect(self, write: bool = False) -> Any:
        """Refuse connections that are not the readers'."""
        raise PermissionError("the database is served for reading only")

    async def table_names(self) -> list[str]:
        """Return no table, so that no index of Datasette's counts what it may not read."""
        return []

    async def view_names(self) -> list[str]:
        """Return the public views."""
        return list(VIEWS)

    async def attached_databases(self) -> list[Any]:
        """Return no other database; the list of SQLite would have the path of this one."""
        return []

    async def page(self, path: str, query: Mapping[str, tuple[str, ...]]) -> Response:
        """Return the response of a page."""
        route = routes.find(path)
        executor = self._long_pages if route is not None and route.is_long else None
        return await self._in_thread(lambda: self._read(path, query), executor)

    async def answer_form(self, path: str, query: Mapping[str, tuple[str, ...]], client: str) -> Response:
        """Return the response to a form. Raise `RefusedError` if there are too many."""
        url = next(iter(query.get("url", ())), "").strip() if self._settings.web.fetch_urls else ""

        def answer() -> Response:
            fetched = fetch(url, self._file, self._settings, self._clock) if url else None
            return self._read(path, query, is_post=True, fetched=fetched)

        return await self._forms.answer(answer, client, is_fetch=bool(url))

    def _read(self, path: str, query: Mapping[str, tuple[str, ...]], **form: Any) -> Response:
        def read(store: Store) -> Response:
            with store.snapshot():
                now = self._clock.now()
                return routes.respond(PageRequest(store, self._settings, now, path=path, query=query, **form))

        return self._pages.read(read)

    async def _in_thread(self, work: Callable[[], T], executor: Executor | None = None) -> T:
        return await asyncio.get_running_loop().run_in_executor(executor or self.ds.executor, work)


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and is_formula(value) else value


def create(path: Path, settings: Settings, clock: Clock, *, with_sql: bool = False) -> Datasette:
    """Return Datasette with our pages over a database, below the path of `web.base_url`.

    `with_sql` lets readers write SQL of their own. Raise `StoreError` if the database cannot be read.
    """
    with Store(path, audience=Audience.PAGES):
        pass  # it can be opened, and has this schema
    if not pm.is_registered(plugin):
        pm.register(plugin)
    if pm.has_plugin("datasette.handle_exception"):
        pm.unregister(name="datasette.handle_exception")  # it prints a traceback for each error, those of readers too
    datasette = PagesDatasette(
        memory=False,
        settings={
            "allow_download": False,
            "base_url": prefix_of(settings),
            "default_allow_sql": with_sql,
            "num_sql_threads": _THREADS,
            "sql_time_limit_ms": _TIME_LIMIT_MS,
            "truncate_cells_html": 300,  # a text in whole is in JSON and CSV, and on the page of its statement
            "suggest_facets": False,  # a query for each column of a table, at each of its pages
        },
        metadata={"title": "statewire", "databases": {paths.DATA: data_catalogue.metadata()}},
        template_dir=str(resources.files("scraper.web") / "data_templates"),
    )
    datasette.public_url = settings.web.base_url
    datasette.databases.pop("_memory", None)
    datasette.add_database(PagesDatabase(datasette, path, settings, clock), name=paths.DATA)
    return datasette


def prefix_of(settings: Settings) -> str:
    """Return the path below which a proxy serves the pages, with a slash at both ends."""
    path = urlsplit(settings.web.base_url or "").path.strip("/")
    if path == paths.DATA:
        raise InputError(f"web.base_url may not end in /{path}: the tables have this path", hint="choose another one")
    return f"/{path}/" if path else "/"


def application(
    path: Path, settings: Settings, clock: Clock, *, listens_on: str, with_sql: bool = False
) -> Application:
    """Return the application (ASGI) behind its gate. `listens_on` is the host name or IP address that it listens on."""
    datasette = create(path, settings, clock, with_sql=with_sql)
    inner = datasette.app()

    exports = 0

    async def run(scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        nonlocal exports
        _IS_CSV.set(is_csv := str(scope["path"]).endswith(".csv"))
        fields = plugin.fields_of(scope["query_string"].decode("latin-1"))
        if scope["path"].endswith(f"/{paths.DATA}.csv") and "sql" not in fields:
            raise RefusedError(404, "Not found", "Each table has a CSV file of its own.")
        if sum(len(values) for name, values in fields.items() if name.startswith("_facet")) > _MAX_FACETS:
            raise RefusedError(414, "Too many facets", f"A table takes at most {_MAX_FACETS} facets.")
        if not (is_csv and "_stream" in fields):
            await inner(scope, receive, send)
            return
        # Datasette sorts a view anew for each thousand of rows, which takes minutes for a large one.
        if exports:
            raise RefusedError(
                503, "Busy", "Another whole table is being sent. Try again in a minute.", (("retry-after", "60"),)
            )
        exports += 1
        try:
            await _until_disconnected(inner(scope, receive, send), receive)
        finally:
            exports -= 1

    return Gate(run, HostCheck(listens_on, settings.web.base_url), prefix_of(settings), _takes_form)


async def _until_disconnected(response: Coroutine[Any, Any, None], receive: Any) -> None:
    """Send a response, or end it when its reader has gone or has not read it in `_EXPORT_S` seconds."""

    async def wait() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    sending, waiting = asyncio.ensure_future(response), asyncio.ensure_future(wait())
    try:
        await asyncio.wait((sending, waiting), timeout=_EXPORT_S, return_when=asyncio.FIRST_COMPLETED)
        if sending.done():
            sending.result()
    finally:
        sending.cancel()
        waiting.cancel()


def _takes_form(path: str) -> bool:
    route = routes.find(path)
    return route is not None and route.takes_form
