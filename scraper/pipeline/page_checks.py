"""Checks that delay the reading of a known page of a mirror: lost characters, and something else in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scraper.rules import holding, schedule, walls
from scraper.rules.holding import HeldSubject
from scraper.rules.wordings import wording_keys
from scraper.text import damage, mojibake, normalize

if TYPE_CHECKING:
    from datetime import datetime

    from scraper.model import Wording
    from scraper.pipeline.page_matching import PageTrace
    from scraper.store import Store, StoredPage


def is_released(store: Store, stored: StoredPage, wording: Wording, at: datetime) -> bool:
    """Decide if what a page shows beside lost characters has stood for a day, and is certainly not lost itself."""
    (body,) = damage.restore_lost([wording.text], stored.wording.text)
    words = normalize.word_key(body)
    if mojibake.REPLACEMENT in body or words == wording_keys(stored.wording).body_words:
        return False
    return store.held.look(HeldSubject.PAGE, stored.page.id, holding.held_key(words), at).is_released


def is_walled(store: Store, stored: StoredPage, now: Wording, traced: PageTrace, at: datetime) -> bool:
    """Decide if a page shows something else in its place, in words that no parser knows as a wall.

    Either neither its headline nor its text is there, or less of it beside a paywall that was not there. What shows so
    for two weeks is no wall but the page.
    """
    known = stored.wording
    is_teaser = len(now.text) < len(known.text) and walls.has_mark(traced.target.text)
    is_teaser = is_teaser and not walls.has_mark(stored.shown)
    is_elsewhere = not traced.copies and not walls.is_same_page(now.title, now.text, known.title, known.text)
    if not is_teaser and not is_elsewhere:
        return False
    held = store.held.look(HeldSubject.PAGE, stored.page.id, holding.held_key("wall"), at)
    return not held.is_released or held.last_seen_at - held.first_seen_at < schedule.WALL_SPAN
