"""Writers of the sections of a mail by kind of event; `event_specs` has all that is said elsewhere too (pure)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scraper.alerts import copy_events, quote_events, source_events, statement_events
from scraper.model import INCIDENTS, EventKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scraper.alerts.components import SectionContext
    from scraper.alerts.content import EventSection
    from scraper.alerts.model import EventDetails

    Writer = Callable[[EventDetails, SectionContext], EventSection]

WRITERS: Final[dict[EventKind, Writer]] = {
    EventKind.PUBLISHED: statement_events.published,
    EventKind.REVISED: statement_events.revised,
    EventKind.TOUCHED: statement_events.touched,
    EventKind.RETITLED: statement_events.retitled,
    EventKind.REATTRIBUTED: statement_events.reattributed,
    EventKind.MOVED: statement_events.moved,
    EventKind.WITHDRAWN: statement_events.withdrawn,
    EventKind.RESTORED: statement_events.restored,
    EventKind.REPOSTED: statement_events.reposted,
    EventKind.COPY_FOUND: copy_events.copied,
    EventKind.COPY_CHANGED: copy_events.copied,
    EventKind.COPY_GONE: copy_events.copied,
    EventKind.QUOTE_FOUND: quote_events.quoted,
    EventKind.QUOTE_ALTERED: quote_events.misquoted,
    EventKind.UNSOURCED: copy_events.unsourced,
    EventKind.RECOVERED: source_events.recovered,
    **dict.fromkeys(INCIDENTS, source_events.incident),
}


def check(writers: Mapping[EventKind, Writer]) -> None:
    """Raise `LookupError` if the table lacks a kind."""
    if missing := [kind for kind in EventKind if kind not in writers]:
        raise LookupError(f"{__name__}.WRITERS has no row for {', '.join(missing)}: add it there")


check(WRITERS)
