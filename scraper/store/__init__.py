"""Store in SQLite: class `Store` with one attribute per table; all writes are inside its `unit()`."""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from scraper.errors import StoreError
from scraper.store import database
from scraper.store.captures import Captures, Endpoints
from scraper.store.carriers import Carriers
from scraper.store.claims import Claims
from scraper.store.database import as_store_error
from scraper.store.entries import Entries, EntryFilter
from scraper.store.events import EventFilter, Events
from scraper.store.evidence import EvidenceTable
from scraper.store.filters import StatementFilter
from scraper.store.held_texts import HeldTexts
from scraper.store.hosts import Hosts
from scraper.store.index_texts import IndexTexts
from scraper.store.last_readings import LastReadings
from scraper.store.mutes import Mute, Mutes
from scraper.store.outbox import DeliveryFailure, NewMessage, Outbox, OutboxFilter, QueuedAlert, StoredMessage
from scraper.store.page_saves import PageSaves
from scraper.store.pages import Copies, CopyFilter, Pages, StoredPage
from scraper.store.public import Audience
from scraper.store.quotations import QuotationFilter, Quotations
from scraper.store.rechecks import Rechecks
from scraper.store.revisions import Revisions
from scraper.store.search import Search
from scraper.store.searches import Searches
from scraper.store.sources import Arrivals, Sources, SourceState
from scraper.store.standing_pages import StandingCounts, StandingPages
from scraper.store.statements import Statements
from scraper.store.versions import Versions
from scraper.store.withheld import WithheldCounts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlite_utils import Database

    from scraper.files import Access
    from scraper.store.editions import Editions
    from scraper.store.fingerprints import Fingerprints
    from scraper.store.index_rows import IndexRows
    from scraper.store.outlets import Outlets
    from scraper.store.phrases import Phrases

__all__ = [
    "Audience",
    "CopyFilter",
    "DeliveryFailure",
    "EntryFilter",
    "EventFilter",
    "Mute",
    "NewMessage",
    "OutboxFilter",
    "QueuedAlert",
    "QuotationFilter",
    "SourceState",
    "StandingCounts",
    "StatementFilter",
    "Store",
    "StoredMessage",
    "StoredPage",
    "as_store_error",
]


class Store(AbstractContextManager["Store"]):
    """Open database. It belongs to the thread that opened it; all writes happen inside `unit()`.

    `access` is who may read its files, see `database.connect`. A user who may not write them can read. With an
    `audience`, the file is only read, and only what that audience may read of it.
    """

    def __init__(self, path: Path, access: Access | None = None, *, audience: Audience | None = None) -> None:
        self.path = path
        self._db = database.connect(path, access) if audience is None else database.connect_for(path, audience)
        self.captures = Captures(self._db)
        self.carriers = Carriers(self._db)
        self.claims = Claims(self._db)
        self.rechecks = Rechecks(self._db)
        self.copies = Copies(self._db)
        self.endpoints = Endpoints(self._db)
        self.entries = Entries(self._db)
        self.events = Events(self._db)
        self.evidence = EvidenceTable(self._db)
        self.held = HeldTexts(self._db)
        self.hosts = Hosts(self._db, self.unit)
        self.index_texts = IndexTexts(self._db)
        self.last_readings = LastReadings(self._db)
        self.mutes = Mutes(self._db)
        self.outbox = Outbox(self._db)
        self.page_saves = PageSaves(self._db)
        self.pages = Pages(self._db)
        self.quotations = Quotations(self._db)
        self.revisions = Revisions(self._db)
        self.search = Search(self._db)
        self.searches = Searches(self._db)
        self.sources = Sources(self._db)
        self.standing_pages = StandingPages(self._db)
        self.statements = Statements(self._db)
        self.arrivals = Arrivals(self._db)
        self.versions = Versions(self._db)
        self.withheld = WithheldCounts(self._db)
        self._index: Fingerprints | None = None  # not loaded by units that need none

    @cached_property
    def fingerprints(self) -> Fingerprints:
        """Index of all wordings, in which copies are found."""
        from scraper.store.fingerprints import Fingerprints

        self._index = Fingerprints(self._db)
        return self._index

    # These answer questions of people, with modules that no poll needs.

    @cached_property
    def editions(self) -> Editions:
        """Series of statements under one title."""
        from scraper.store.editions import Editions

        return Editions(self._db)

    @cached_property
    def index_rows(self) -> IndexRows:
        """All rows that an index file is built from."""
        from scraper.store.index_rows import IndexRows

        return IndexRows(self._db)

    @cached_property
    def outlets(self) -> Outlets:
        """Sites that carry statements."""
        from scraper.store.outlets import Outlets

        return Outlets(self._db)

    @cached_property
    def phrases(self) -> Phrases:
        """Uses of a phrase in all wordings."""
        from scraper.store.phrases import Phrases

        return Phrases(self._db)

    @property
    def database(self) -> Database:
        """Connection itself, for operations on the file as a whole."""
        return self._db

    @property
    def is_read_only(self) -> bool:
        """True if this user may not write the database."""
        return isinstance(self._db, database.ReadOnlyDatabase)

    def check_writable(self) -> None:
        """Raise `StoreError` if this user may not write the database."""
        if self.is_read_only:
            raise StoreError(
                f"the database {self.path} cannot be written by this user, who may only read it",
                hint="run the command as its owner, in a folder that is writable",
            )

    @contextmanager
    def unit(self) -> Iterator[None]:
        """Run the block as one unit of work: commit all of it or none. Raise `StoreError` if the file fails."""
        self.check_writable()
        with database.store_errors(self.path), database.unit(self._db), self._indexing():
            yield

    @contextmanager
    def _indexing(self) -> Iterator[None]:
        """Write the fingerprints that wait at the end of the block; discard them if an exception is raised."""
        try:
            yield
            if self._index is not None:
                self._index.write()
        except BaseException:
            if self._index is not None:
                self._index.discard()
            raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read all of the block from one state of the database, whatever is written at the same time."""
        with database.store_errors(self.path):
            self._db.execute("BEGIN")
            try:
                yield
            finally:
                self._db.execute("ROLLBACK")

    def is_current(self) -> bool:
        """Return False if the path has another file now, or if a process writes the one that is read without locks."""
        return isinstance(self._db, database.ReadOnlyDatabase) and self._db.is_current()

    def check_unchanged(self) -> None:
        """Raise `StoreError` if the file was read without locks and another process has changed it since."""
        if isinstance(self._db, database.ReadOnlyDatabase) and self._db.unchanging is not None:
            self._db.unchanging.check()

    def close(self) -> None:
        """Close the file."""
        self._db.conn.close()

    def __exit__(self, *_: object) -> None:
        self.close()
