"""Writer of the static site: all pages as files, of which each run writes only those that have changed.

Pages are written before those that list them, and what has vanished is removed at the end, so that a killed run leaves
no link without its page.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from hashlib import sha256
from operator import attrgetter
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import scraper
from scraper.clock import Clock
from scraper.config.settings import Settings
from scraper.errors import StatewireError
from scraper.store import Audience, Store, as_store_error
from scraper.web import search_index
from scraper.web.page import PageRequest
from scraper.web.reading import Reader
from scraper.web.routes import ROUTES, respond
from scraper.web.site_folder import MANIFEST, SiteFolder, file_of, open_site

_MISSING: Final = "404.html"
# A longer read transaction would let the write-ahead log of the database grow.
_PASS_S: Final = 30.0
_SOURCES: Final = frozenset({".py", ".j2", ".css", ".js", ".json", ".txt", ".csv", ".tsv"})
_OK: Final = 200
# So many pages may fail by an error of the program; more are one error of all.
_MAX_FAILED: Final = 50


class Interrupted(Exception):
    """Request to end a run, which a later one continues."""


@dataclass(frozen=True, slots=True)
class SiteReport:
    """Result of a run: numbers of files, and `is_complete` if it reached the end and no page failed.

    `left_out` are the paths of pages that cannot be files, `failed` the pages that could not be rendered, each with the
    error.
    """

    written: int
    unchanged: int
    removed: int
    left_out: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    is_complete: bool = True


@dataclass(frozen=True, slots=True)
class _File:
    """A file of the site: its path and version, and the rank of its kind.

    `content` returns what is no page of a route.
    """

    path: str
    version: str
    rank: int = 0
    content: Callable[[], bytes] | None = None

    @property
    def order(self) -> tuple[bool, int, int]:
        """Key of the order of writing: what pages load, then pages before those that list them."""
        return not _is_loaded(self.path), -self.path.count("/"), -self.rank


def write_site(
    database: Path,
    folder: Path,
    settings: Settings,
    clock: Clock,
    should_continue: Callable[[], bool] = lambda: True,
) -> SiteReport:
    """Write the pages of a database as files into a folder; see `open_site` for its errors.

    `should_continue` is called before each page. If it returns False, the run ends, and the next one continues. Raise
    `StoreError` also if the database or a file fails; then the pages that were not reached are as they were.
    """
    with open_site(folder) as site:
        site.begin(_build(settings))
        run = _Run(site, settings, clock, should_continue)
        try:
            is_complete = run.write_all(Reader(database, Audience.PAGES)) and not run.failed
        finally:
            site.save()
        if is_complete:
            site.mark_complete(run.read_at)
    unchanged = len(site.entries.keys() - site.leaving - run.written - run.failed.keys())
    return SiteReport(
        len(run.written), unchanged, run.removed, tuple(run.left_out), tuple(run.failed.values()), is_complete
    )


def _build(settings: Settings) -> str:
    """Return a digest of all that pages show beside the database: this program, and the settings that pages read."""
    return sha256(f"{_program()} {settings.web!r} {settings.sources!r}".encode()).hexdigest()[:32]


@cache
def _program() -> str:
    made = sha256(scraper.__version__.encode())
    folder = Path(scraper.__file__).parent
    for path in sorted(path for path in folder.rglob("*") if path.suffix in _SOURCES):
        made.update(path.relative_to(folder).as_posix().encode())
        made.update(path.read_bytes())
    return made.hexdigest()


@dataclass
class _Run:
    """One run: it reads and writes in passes, each from one state of the database, until nothing is left.

    `read_at` is the time of the last pass.
    """

    site: SiteFolder
    settings: Settings
    clock: Clock
    should_continue: Callable[[], bool]
    written: set[str] = field(default_factory=set)
    removed: int = 0
    left_out: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._unreliable: set[str] = set()
        self._segments = search_index.read(self._read(search_index.INDEX))
        self.read_at = self.clock.now()

    def write_all(self, reader: Reader) -> bool:
        """Write all pages; return False if the run was asked to end before."""
        with closing(reader):
            try:
                while not reader.read(self._pass):
                    self._unreliable.clear()
            except Interrupted:
                return False
        return True

    def _pass(self, store: Store) -> bool:
        """Write pages for a while, and return True if all are up to date."""
        # It is called again if what the last call read cannot be relied on.
        self.site.distrust(self._unreliable)
        self._unreliable.clear()
        self.failed.clear()
        with store.snapshot():
            now = self.read_at = self.clock.now()
            plan = self._plan(store)
            stale = [file for file in plan.values() if not self.site.is_current(file.path, file.version)]
            self.site.claim(file.path for file in stale)
            until_s = self.clock.monotonic() + _PASS_S
            for number, file in enumerate(sorted(stale, key=attrgetter("order"))):
                if number and self.clock.monotonic() > until_s:
                    return False
                self._progress()
                self._unreliable.add(file.path)
                try:
                    content = file.content() if file.content else self._page(store, now, file.path)
                except Exception as error:  # one page must not stop the others
                    self._record_failure(store, file.path, error)
                else:
                    self._write(file, content)
            self._remove_vanished(plan)
        return True

    def _page(self, store: Store, now: datetime, path: str) -> bytes:
        prefix = self._prefix() if path == _MISSING else ""
        request = PageRequest(store, self.settings, now, path=path, is_live=False, prefix=prefix)
        response = respond(request)
        if response.status != (_OK if path != _MISSING else 404):
            raise LookupError(f"the page responds with status {response.status}")
        return response.body.encode() if isinstance(response.body, str) else response.body

    def _record_failure(self, store: Store, path: str, error: Exception) -> None:
        is_of_page = not isinstance(error, StatewireError) and as_store_error(error, store.path) is None
        if not is_of_page or len(self.failed) >= _MAX_FAILED:
            raise error
        self.failed[path] = f"{path}: {type(error).__name__}: {error}"

    def _write(self, file: _File, content: bytes) -> None:
        if self.site.write(file.path, file.version, content):
            self.written.add(file.path)

    def _remove_vanished(self, plan: dict[str, _File]) -> None:
        self.site.leaving -= plan.keys()
        for path in [path for path in self.site.entries if path not in plan]:
            if _is_loaded(path) and path not in self.site.leaving:
                # A browser that has loaded a page may load it yet: the next run removes it.
                self.site.leaving.add(path)
                self.site.is_changed = True
                continue
            self._progress()
            self.site.remove(path)
            self.removed += 1

    def _plan(self, store: Store) -> dict[str, _File]:
        """Return all files that the site has to have, by path."""
        plan: dict[str, _File] = {}
        names: set[str] = set()
        self.left_out = []
        for file in (*_pages(store), *self._index(store)):
            name = file_of(file.path)
            # Some file systems do not tell upper from lower case.
            if name is None or name == MANIFEST or name.casefold() in names:
                self.left_out.append(file.path)
            else:
                names.add(name.casefold())
                plan[file.path] = file
        return plan

    def _prefix(self) -> str:
        """Return the path of the first page on its server, since the page for what is missing is at any path."""
        base = self.settings.web.base_url
        return f"{urlsplit(base).path.rstrip('/')}/" if base else "/"

    def _index(self, store: Store) -> Iterator[_File]:
        index = search_index.make(store, self._segments, self._has, self._progress)
        self._segments = index.segments
        for path in index.paths:
            yield _File(path, "1", content=partial(index.content.__getitem__, path))
        listing = index.listing()
        yield _File(search_index.INDEX, sha256(listing).hexdigest()[:16], content=lambda: listing)

    def _has(self, path: str) -> bool:
        return self.site.is_current(path, "1")

    def _progress(self) -> None:
        if not self.should_continue():
            raise Interrupted

    def _read(self, path: str) -> bytes:
        if path not in self.site.entries:
            return b""
        try:
            return self.site.target(path).read_bytes()
        except OSError:  # it is written anew
            return b""


def _is_loaded(path: str) -> bool:
    """Return True for what pages load by a name with the digest of its content."""
    return path.startswith("assets/") or path.endswith(".bin")


def _pages(store: Store) -> Iterator[_File]:
    for rank, route in enumerate(ROUTES):
        for path, version in route.addresses(store) if route.addresses else ():
            yield _File(path, version, rank)
    yield _File(_MISSING, "1", len(ROUTES))
