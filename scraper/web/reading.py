"""Stores of the threads that serve pages: each thread opens its own for reading, and again if the file was replaced."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from scraper.errors import StoreError
from scraper.store import Audience, Store

T = TypeVar("T")
_TRIES = 5


class Reader:
    """Reader of a database for one audience, for many threads. `prepare` is called with each store that is opened."""

    def __init__(self, path: Path, audience: Audience, prepare: Callable[[Store], None] = lambda _: None) -> None:
        self.path = path
        self._audience = audience
        self._prepare = prepare
        self._local = threading.local()

    def read(self, work: Callable[[Store], T]) -> T:
        """Return what `work` reads. It is called again if what it read is not reliable (see `Store.check_unchanged`).

        Raise `StoreError` if the database cannot be opened, or is changed without locks all the time.
        """
        for _ in range(_TRIES):
            store = self._store()
            try:
                result = work(store)
            except Exception:
                if _is_current(store):
                    raise
                continue
            if _is_current(store):
                return result
        raise StoreError(f"the database {self.path} is replaced all the time", hint="try again later")

    def close(self) -> None:
        """Close the store of this thread."""
        store: Store | None = getattr(self._local, "store", None)
        if store is not None:
            store.close()
            del self._local.store

    def _store(self) -> Store:
        store: Store | None = getattr(self._local, "store", None)
        if store is not None and not _is_current(store):
            store.close()
            store = None
        if store is None:
            store = Store(self.path, audience=self._audience)
            self._prepare(store)
            self._local.store = store
        return store


def _is_current(store: Store) -> bool:
    try:
        return store.is_current()
    except OSError:  # there is no file now
        return False
