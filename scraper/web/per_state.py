"""Values that are made of a whole database, kept for each open store until the database changes."""

from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from scraper.store import Store

T = TypeVar("T")


class PerState(Generic[T]):
    """Value that a function makes of a store, made again if another connection has changed the database.

    Only for stores that read: what a store itself writes is not noticed.
    """

    def __init__(self, make: Callable[[Store], T]) -> None:
        self._make = make
        self._made: WeakKeyDictionary[Store, tuple[int, T]] = WeakKeyDictionary()

    def __call__(self, store: Store) -> T:
        """Return the value for the state of the database that the store reads now."""
        state, known = store.entries.state(), self._made.get(store)
        if known is None or known[0] != state:
            known = state, self._make(store)
            self._made[store] = known
        return known[1]
