"""Claims of a page that its text is State's: the words that make them, and the event if no statement has the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scraper.model import Relation
from scraper.pipeline import page_matching
from scraper.rules import attribution, copies
from scraper.rules.copies import CLAIM_WAIT
from scraper.text import normalize

if TYPE_CHECKING:
    from datetime import datetime

    from scraper.model import Event
    from scraper.pages import MirrorPage
    from scraper.store import Store

_MAX_QUOTES = 3
_MAX_QUOTE_CHARS = 300
_FAIR = attribution.Strength.FAIR


def unsourced(store: Store, page: MirrorPage, at: datetime, nearest: str, is_document: bool) -> Event | None:
    """Return the event that no known statement has the text of a page that claims one: once, as soon as it is certain.

    The text in a list may be the first lines of a page only, so the document has a day to answer.
    """
    if page.relation is not Relation.UNSOURCED or page.unsourced_at is not None:
        return None
    is_waiting = at - page.first_seen_at < CLAIM_WAIT
    open_ = [url for url in page.claimed_urls if not page_matching.is_claim_resolved(store, url, at)]
    if is_waiting and (open_ or not page.claimed_urls or not is_document):
        return None
    because = ""
    if page.claimed_urls:
        is_other = any(
            store.statements.by_url(url) or store.captures.last_answer(url, at - CLAIM_WAIT)[1]
            for url in page.claimed_urls
        )
        because = f"{'another text' if is_other else 'nothing'} is at the URL that it names"
    if open_:
        is_waiting = store.claims.is_waiting(page.source, open_[0])
        because = f"{open_[0]} {'waits to be requested' if is_waiting else 'could not be fetched'}"
    return copies.unsourced(page, at, page.source, nearest, because)


def quotes(page_attribution: attribution.Attribution) -> tuple[str, ...]:
    """Return the words of a page that claim the Department as its source, cut to what fits a mail."""
    quotes = (
        normalize.truncate(evidence.quote, _MAX_QUOTE_CHARS)
        for evidence in page_attribution.evidence
        if evidence.strength >= _FAIR
    )
    return tuple(dict.fromkeys(quotes))[:_MAX_QUOTES]
