"""Which statement an item is: by the authority's guid, never by its address alone (pure)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from scraper import text, urls

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scraper.model import Item, Statement

# Eastern and UTC days differ, and a corrected date stays close.
_SAME_OCCASION = timedelta(days=2)


def identify(item: Item, candidates: Sequence[Statement]) -> Statement | None:
    """Which of the statements that share a guid, a number or an address with an item it is, if any.

    The authority's guid is proof. Anything else needs the title, or the day and the address, to
    agree: addresses and slugs are reused for other years' statements.
    """
    if item.guid and (exact := next((s for s in candidates if s.guid == item.guid), None)):
        return exact
    for statement in candidates:
        if item.guid and not item.guid_derived and not statement.guid_derived:
            continue  # Two guids that the authority gave are two statements, whatever else they share.
        same_address = urls.same(item.url, statement.url)
        same_title = text.word_key(item.title) == text.word_key(statement.title)
        if item.published_at and statement.published_at:
            is_near = abs(item.published_at - statement.published_at) <= _SAME_OCCASION
            if is_near and (same_title or same_address):
                return statement
        elif same_title:
            return statement
    return None


def guid_for(item: Item, taken: Sequence[Statement]) -> str:
    """The guid of a new statement: the item's own, else its address, dated where that address is taken."""
    if item.guid:
        return item.guid
    address = urls.canonical(item.url)
    if all(s.guid != address for s in taken):
        return address
    day = item.published_at.date().isoformat() if item.published_at else str(len(taken) + 1)
    return f"{address}#{day}"
