"""Texts of mirror pages in lists: what a feed gives of a page, and when that counts beside the page itself."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from scraper.pipeline import page_matching
from scraper.rules import state_hosts
from scraper.text import normalize

if TYPE_CHECKING:
    from datetime import datetime

    from scraper.model import Item, Reading
    from scraper.store import Store, StoredPage


def single_texts(reading: Reading) -> list[Item]:
    """Return the items of a list, without their texts if one URL has several: none of them is the text of the page."""
    texts: dict[str, set[str]] = {}
    for item in reading.items:
        if item.paragraphs is not None:
            texts.setdefault(item.url, set()).add(listed_sha256(item))
    several = {url for url, found in texts.items() if len(found) > 1}
    return [replace(item, paragraphs=None) if item.url in several else item for item in reading.items]


def own_texts(reading: Reading, list_url: str) -> list[Item]:
    """Return the items of a list, without the texts of pages on another site than that of the list (`list_url`).

    A feed can give any text as that of a page elsewhere. What that page says, only the page itself shows.
    """
    site = state_hosts.site_of(list_url)
    return [
        item if item.paragraphs is None or state_hosts.site_of(item.url) == site else replace(item, paragraphs=None)
        for item in single_texts(reading)
    ]


def listed_sha256(item: Item) -> str:
    """Return the hash of an item's words, which shows if a feed has changed its text of a page."""
    return normalize.key_sha256(normalize.wording_key(f"{item.title}\n{normalize.join(item.paragraphs or ())}"))


def is_listed_only(store: Store, stored: StoredPage, item: Item, digest: str) -> bool:
    """Decide if the text that a list gives of a known page only triggers a recheck.

    The document itself is authoritative. But some documents show nothing of their text (a consent wall, a script);
    then the copies in the text of the list count.
    """
    if digest == stored.listed_sha256:
        return True
    if not stored.is_document or has_current_copy(store, stored.page.id):
        return stored.is_document
    traced, _ = page_matching.try_trace(store, partial(page_matching.from_item, item))
    return traced is None or not traced.copies


def note_listed(store: Store, stored: StoredPage, digest: str, at: datetime) -> None:
    """Store that a list has a known page; if its text there is another, the page is rechecked in the next run."""
    page = stored.page
    if digest != stored.listed_sha256 and page.next_check_at is not None and page.last_seen_at < at:
        # This run did not fetch the document, so the next run does.
        store.pages.schedule_recheck(page.id, min(page.next_check_at, at))
    store.pages.note_listed(page.id, digest, at)


def has_current_copy(store: Store, page_id: int) -> bool:
    """Decide if a page has a copy that is not gone."""
    return any(copy.gone_at is None for copy in store.copies.on_page(page_id))
