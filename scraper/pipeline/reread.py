"""Reading of the last stored body again when the parsers have changed, so that their new rules are no news."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from scraper.pipeline import ingest_pages
from scraper.pipeline.earlier import read_again
from scraper.rules import identity
from scraper.rules.standing import without_update_lines
from scraper.rules.wordings import build_wording, wording_keys
from scraper.store import reparse

if TYPE_CHECKING:
    from scraper.model import Capture, Item, Role, Statement, Wording
    from scraper.rules.statement_history import ItemObservation, StatementHistory
    from scraper.store import Store


class EarlierAnswer:
    """The last answer of the same URL that the same parser has read, as the parsers of today read it.

    It is read at most once, and only if a wording differs that parsers of an earlier version read.
    """

    def __init__(self, store: Store, capture: Capture, parser: str, role: Role) -> None:
        self._store = store
        self._capture = capture
        self._parser = parser
        self._role = role

    @cached_property
    def _items(self) -> tuple[Item, ...]:
        # The capture itself is not marked as read yet.
        capture = self._capture
        reading = read_again(self._store, capture.url, self._parser, capture.captured_at, self._role)
        return () if reading is None else reading.items

    def item(self, statement: Statement) -> Item | None:
        """Return the item of a statement in that answer, or None."""
        found = next((item for item in self._items if item.paragraphs and _is_of(item, statement)), None)
        return without_update_lines(found) if found is not None and statement.standing else found


def reread(
    store: Store, item: Item, known: StatementHistory, poll: ItemObservation, earlier: EarlierAnswer
) -> StatementHistory:
    """Return the history with which an item is compared, after the stored body was read again if that is due.

    It is if the item differs from what an earlier version of the parsers read last. If they read the stored body
    otherwise today, that replaces the stored wording without an event; what differs from it still is news.
    The caller holds a transaction (`Store.unit`).
    """
    statement, before = known.statement, known.last_read
    if poll.stale or before is None or before == build_wording(item.title, item.paragraphs or (), item.byline):
        return known  # nearly always
    if _is_among(before, _wordings(item, statement)):
        return known
    if known.read_version >= poll.version:
        return known
    then = earlier.item(statement)
    after = _wordings(then, statement) if then is not None else ()
    if not after or not after[0].text or _is_among(before, after):
        return known
    reparse.replace_last_read(store, statement.id, poll.parser, before, after[0], poll.version)
    # Its copies are compared with another text, which is no news of theirs either.
    ingest_pages.retrace_carriers(store, statement.id, poll.at)
    current = store.statements.by_id(statement.id)
    return store.statements.known(current or statement, poll.parser, item.url)


def _is_of(item: Item, statement: Statement) -> bool:
    return identity.identify(item, [statement]) is not None


def _wordings(item: Item, statement: Statement) -> tuple[Wording, ...]:
    """Return the wordings of an item without its own byline, and without the byline of the stored statement."""
    return tuple(build_wording(item.title, item.paragraphs or (), byline) for byline in (item.byline, statement.byline))


def _is_among(wording: Wording, others: tuple[Wording, ...]) -> bool:
    return wording in others or any(wording_keys(wording) == wording_keys(other) for other in others)
