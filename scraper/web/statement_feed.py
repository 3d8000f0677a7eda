"""Atom feed of one statement: its events and those of its copies."""

from datetime import UTC, datetime

from scraper import page_paths as paths
from scraper.alerts.event_specs import label_of, listed_sides
from scraper.alerts.format import linkable, one_line
from scraper.formats import atom
from scraper.formats.atom import AtomEntry
from scraper.model import Event, Statement
from scraper.store import EventFilter
from scraper.web.page import ATOM, PageRequest, Response
from scraper.web.statement_parts import find

_NEWEST = 100


def feed(request: PageRequest, statement_id: str) -> Response:
    """Return the feed of a statement, the newest event first."""
    store, found = request.store, find(request, statement_id)
    events = list(store.events.find(EventFilter(statement_id=found.id, limit=_NEWEST)))[::-1]
    entries = (atom.entry(_entry(request, found, event)) for event in events)
    updated_at = events[0].at if events else datetime.fromtimestamp(0, UTC)
    title = f"statewire: {one_line(found.title)}"
    key = atom.feed_id(store.events.first(), f"statement {found.guid}")
    return Response(atom.feed(key, title, updated_at, entries, request.feed_links(paths.statement(found.id))), ATOM)


def _entry(request: PageRequest, found: Statement, event: Event) -> AtomEntry:
    grade = f" ({event.grade})" if event.grade else ""
    lines = [event.page_url, *event.reason_texts]
    if sides := listed_sides(event):
        lines += [f"{word}: {one_line(value)}" for word, value in zip(("before", "after"), sides, strict=True)]
    return AtomEntry(
        atom.event_id(event),
        f"{label_of(event).label}{grade}: {one_line(event.title or found.title)}",
        event.at,
        event.kind,
        tuple(filter(None, map(one_line, lines))),
        own_url=request.public_url(paths.statement(found.id)) or "",
        statement_url=linkable(found.url),
        page_url=linkable(event.page_url),
    )
