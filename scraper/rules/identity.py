"""Which statement an item is: by the authority's guid, never by its address alone (pure)."""

from __future__ import annotations

from datetime import timedelta
from itertools import chain, count
from typing import TYPE_CHECKING

from scraper import urls
from scraper.text import normalize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scraper.model import Item, Statement

# Eastern and UTC days differ, and a corrected date stays close.
_SAME_OCCASION = timedelta(days=2)


def identify(item: Item, candidates: Sequence[Statement]) -> Statement | None:
    """Which of the statements that share a guid, a number or an address with an item it is, if any.

    The authority's guid is proof, and so is another number in it. Anything else needs the title, or the
    day and the address, to agree: addresses and slugs are reused, for next year's statement or within the hour.
    """
    if item.guid and (exact := next((s for s in candidates if s.guid == item.guid), None)):
        return exact
    for statement in candidates:
        if item.guid and _are_two(item, item.guid, statement):
            continue
        same_address = urls.same(item.url, statement.url)
        same_title = normalize.word_key(item.title) == normalize.word_key(statement.title)
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
    dated = [f"{address}#{item.published_at:%Y-%m-%d}"] if item.published_at else []
    spellings = chain([address, *dated], (f"{[address, *dated][-1]}#{number}" for number in count(2)))
    guids = {statement.guid for statement in taken}
    return next(spelling for spelling in spellings if spelling not in guids)


def _are_two(item: Item, guid: str, statement: Statement) -> bool:
    """Whether two guids that are not the same are of two statements, whatever else these share.

    They are where the authority gave both, or where each has a number and the numbers differ.
    """
    if not item.guid_derived and not statement.guid_derived:
        return True
    numbers = {urls.post_number(guid), urls.post_number(statement.guid)} - {None}
    return len(numbers) == 2
