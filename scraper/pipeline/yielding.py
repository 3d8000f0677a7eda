"""Records what a run brought, and asks whether that is usual of its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scraper.model import EventKind, Role
from scraper.rules import baseline
from scraper.rules.baseline import HISTORY, Tally
from scraper.rules.source_health import Signs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from scraper.config.settings import Source
    from scraper.model import Event, Item
    from scraper.rules.source_health import Attempt
    from scraper.store import Store


def tally(items: Sequence[Item]) -> Tally:
    """What the items of a list have and lack."""
    return Tally(
        len(items),
        sum(item.published_at is None for item in items),
        sum(not item.title for item in items),
        sum(item.paragraphs is None for item in items),
    )


def weigh(store: Store, source: Source, attempts: Iterable[Attempt], events: Iterable[Event], at: datetime) -> Signs:
    """Note what a run brought that began at `at`, and say what is odd in it. Within a unit."""
    good = next((attempt for attempt in attempts if attempt.is_good), None)
    if good is None:
        return Signs()
    if source.role is Role.MIRROR:
        news = store.pages.count_since(source.name, at)
    else:
        news = sum(event.kind is EventKind.PUBLISHED and not event.backfill for event in events)
    before = store.yields.hours(source.name, at - HISTORY, good.url)
    store.yields.note(source.name, good.url, at, news, good.seen)
    return Signs(
        baseline.oddity(good.seen, before) if good.seen else "",
        baseline.silence(store.yields.hours(source.name, at - HISTORY)),
        has_news=news > 0,
    )
