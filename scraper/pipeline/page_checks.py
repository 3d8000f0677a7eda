"""Checks that decide if a reading of a known page of a mirror is compared with what is stored, now or later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from scraper.model import Wording
from scraper.pipeline import page_lists
from scraper.pipeline.page_location import MAX_TITLE_CHARS
from scraper.pipeline.page_matching import MAX_SHOWN_CHARS
from scraper.rules import holding, schedule, walls
from scraper.rules.holding import HeldSubject
from scraper.rules.page_urls import is_rendering
from scraper.rules.wordings import wording_keys
from scraper.text import damage, mojibake, normalize

if TYPE_CHECKING:
    from datetime import datetime

    from scraper.model import Item
    from scraper.pipeline.page_trace import PageTrace
    from scraper.store import Store, StoredPage


UNSETTLED = timedelta(hours=6)
"""Wait until the recheck of a page whose claims could not be resolved, or whose reading does not count yet."""


@dataclass(frozen=True, slots=True)
class SeenPage:
    """A page as one parser read it. `listed_sha256` is the hash of a feed's text, None for the document itself.

    `is_date_listed`: only a list of its site gives the date of the item.
    """

    source: str
    url: str
    item: Item
    parser: str
    listed_sha256: str | None
    at: datetime
    first_fill: bool
    watched_since: datetime | None
    other_url: str | None = None
    is_date_listed: bool = False

    @property
    def is_document(self) -> bool:
        """True for the page itself, False for its text in a list."""
        return self.listed_sha256 is None

    @property
    def wording(self) -> Wording:
        """Title and text, within the limits of what is stored."""
        return Wording(
            normalize.truncate(self.item.title, MAX_TITLE_CHARS),
            normalize.join(self.item.paragraphs or ())[:MAX_SHOWN_CHARS],
        )


def is_passed_over(store: Store, stored: StoredPage, seen: SeenPage, problems: list[str]) -> bool:
    """Decide if a reading of a known page is not compared: listed only, another rendering, older or damaged."""
    digest, page = seen.listed_sha256, stored.page
    if stored.is_document and seen.other_url is not None and is_rendering(seen.other_url):
        return True  # it may show less of the page
    if digest is not None and page_lists.is_listed_only(store, stored, seen.item, digest):
        page_lists.note_listed(store, stored, digest, seen.at)
        return True
    # A list is fetched before the pages that it names.
    lag = schedule.RETRY if digest is not None and stored.is_document else timedelta(0)
    if seen.at < page.last_seen_at - lag:
        return True
    wording = seen.wording
    if not damage.is_damaged(wording, stored.wording):
        return False
    if _is_released(store, stored, wording, seen.at):
        return False
    problems.append(f"{seen.url}: characters are damaged, so the text is not compared")
    if page.next_check_at is not None:
        store.pages.schedule_recheck(page.id, seen.at + UNSETTLED)
    return True


def _is_released(store: Store, stored: StoredPage, wording: Wording, at: datetime) -> bool:
    """Decide if what a page shows beside lost characters has stood for a day, and is certainly not lost itself."""
    (body,) = damage.restore_lost([wording.text], stored.wording.text)
    words = normalize.wording_key(body)
    if mojibake.REPLACEMENT in body or words == wording_keys(stored.wording).body_words:
        return False
    return store.held.look(HeldSubject.PAGE, stored.page.id, holding.held_key(words), at).is_released


def is_walled(store: Store, stored: StoredPage, seen: SeenPage, traced: PageTrace) -> bool:
    """Decide if the document of a page with a copy shows something else in place of its text, not known as a wall.

    Either neither its headline nor its text is there, or less of it beside a paywall that was not there. What shows so
    for two weeks is no wall but the page.
    """
    if stored.parser != seen.parser or not page_lists.has_current_copy(store, stored.page.id):
        return False
    known, now = stored.wording, seen.wording
    is_teaser = len(now.text) < len(known.text) and walls.has_mark(traced.target.text)
    is_teaser = is_teaser and not walls.has_mark(stored.shown)
    is_elsewhere = not traced.copies and not walls.is_same_page(now.title, now.text, known.title, known.text)
    if not is_teaser and not is_elsewhere:
        return False
    held = store.held.look(HeldSubject.PAGE, stored.page.id, holding.held_key("wall"), seen.at)
    return not held.is_released or held.last_seen_at - held.first_seen_at < schedule.WALL_SPAN
