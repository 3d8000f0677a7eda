"""Location of a mirror's page among the stored ones: by its own URL, or by the canonical one that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scraper import urls
from scraper.parsers import PageReading
from scraper.text import normalize

if TYPE_CHECKING:
    from scraper.model import Capture, Item, Reading
    from scraper.pages import MirrorPage
    from scraper.store import Store

MAX_TITLE_CHARS = 500


def locate(store: Store, capture: Capture, reading: Reading, item: Item, url: str) -> tuple[str, MirrorPage | None]:
    """Return the URL of a page and the stored page, by its own URL or by the canonical one that it names.

    A page keeps the URL at which it is stored. The canonical URL of a known page with another title lies.
    """
    if not isinstance(reading, PageReading):
        return url, store.pages.by_url(url)
    known = store.pages.by_url(capture.url) or store.pages.by_url(url)
    if known is not None and (known.url in urls.variants(url) or known.url == capture.url):
        is_other = not _is_same_title(known, item) and leave(store, known)
        return (url, None) if is_other else (known.url, known)
    named = reading.canonical_url
    page = store.pages.by_url(named) if named else None
    if known is not None and (page is None or page.id != known.id):
        store.pages.forget_url(url)
    if named is None or (page is not None and page != known and not _is_same_title(page, item)):
        return url, None
    return (page.url if page else named), page


def _is_same_title(page: MirrorPage, item: Item) -> bool:
    title = normalize.truncate(item.title, MAX_TITLE_CHARS)
    return normalize.word_key(page.title) == normalize.word_key(title)


def leave(store: Store, page: MirrorPage) -> bool:
    """Give a page another of its URLs if the canonical one has never shown it; return True if that was done."""
    return not store.captures.was_read(urls.variants(page.url)) and store.pages.rename(page.id)
