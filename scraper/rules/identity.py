"""Rules that identify the statement of an item: by the authority's guid, never by its URL alone (pure)."""

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
    """Return the statement of an item, out of those that share a guid, a number or a URL with it, or None.

    An equal guid of the authority proves identity, a different number in it proves the opposite. Otherwise the title,
    or the day and the URL, must agree: URLs and slugs are reused, for next year's statement or within the hour.
    """
    if item.guid and (exact := next((s for s in candidates if s.guid == item.guid), None)):
        return exact
    for statement in candidates:
        if item.guid and _are_two(item, item.guid, statement):
            continue
        same_url = urls.is_same(item.url, statement.url)
        same_title = normalize.word_key(item.title) == normalize.word_key(statement.title)
        if item.published_at and statement.published_at:
            is_near = abs(item.published_at - statement.published_at) <= _SAME_OCCASION
            if is_near and (same_title or same_url):
                return statement
        elif same_title:
            return statement
    return None


def guid_for(item: Item, taken: Sequence[Statement]) -> str:
    """Return the guid of a new statement: the item's own, else its URL, with the date if that URL is taken."""
    if item.guid:
        return item.guid
    url = urls.canonical(item.url)
    dated = [f"{url}#{item.published_at:%Y-%m-%d}"] if item.published_at else []
    candidates = chain([url, *dated], (f"{[url, *dated][-1]}#{number}" for number in count(2)))
    guids = {statement.guid for statement in taken}
    return next(candidate for candidate in candidates if candidate not in guids)


def _are_two(item: Item, guid: str, statement: Statement) -> bool:
    """Return True if two different guids belong to two statements, regardless of what else these share.

    They do if the authority gave both, or if each has a number and the numbers differ.
    """
    if not item.guid_derived and not statement.guid_derived:
        return True
    numbers = {urls.post_number(guid), urls.post_number(statement.guid)} - {None}
    return len(numbers) == 2
