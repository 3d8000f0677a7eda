"""Atom feeds of views: their newest entries with texts and differences."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from scraper import page_paths as paths
from scraper.alerts.format import linkable
from scraper.alerts.model import EventDetails, Message
from scraper.alerts.render import render_entry
from scraper.delivery.context import details_reader
from scraper.formats import atom
from scraper.model import Event, MessageKind
from scraper.store.entries import EntryKey
from scraper.web import views
from scraper.web.page import ATOM, PageRequest, Response
from scraper.web.per_state import PerState

MAX_ENTRIES: Final = 50
_MAX_KEPT = 1_000
_UTC = ZoneInfo("UTC")
# Most entries are in the feeds of several views. By the number of the event and `web.base_url`.
_rendered: PerState[dict[tuple[int | None, str | None], str]] = PerState(lambda _: {})


def feed(request: PageRequest, path: str) -> Response:
    """Return the feed of a view, the first one for an empty path."""
    chosen = views.find(request.store, path)
    events = _events(request, request.store.entries.newest(chosen.entries, MAX_ENTRIES))
    updated_at = max((event.at for event in events), default=datetime.fromtimestamp(0, UTC))
    key = atom.feed_id(request.store.events.first(), f"pages/{chosen.path}")
    title = f"statewire: {chosen.title}"
    return Response(atom.feed(key, title, updated_at, _entries(request, events), request.feed_links(chosen.path)), ATOM)


def _events(request: PageRequest, keys: list[EntryKey]) -> list[Event]:
    """Return the events of entries, in their order; that of a new statement is the one by which it became known."""
    published = request.store.entries.published(key.statement_id for key in keys if not key.event_id)
    others = {event.id: event for event in request.store.events.by_ids(key.event_id for key in keys if key.event_id)}
    found = (others[key.event_id] if key.event_id else published.get(key.statement_id) for key in keys)
    return [event for event in found if event is not None]


def _entries(request: PageRequest, events: list[Event]) -> list[str]:
    details, kept = details_reader(request.store), _rendered(request.store)
    base, found = request.settings.web.base_url, list[str]()
    for event in events:
        if (event.id, base) not in kept:
            if len(kept) >= _MAX_KEPT:
                kept.clear()
            kept[event.id, base] = _entry(request, details(event))
        found.append(kept[event.id, base])
    return found


def _entry(request: PageRequest, details: EventDetails) -> str:
    event = details.event
    message = Message(MessageKind.INSTANT, "", event.at, _UTC, events=(details,), statement_id=event.statement_id)
    title, html, _ = render_entry(message, is_personal=False)
    ours = request.public_url(paths.statement(event.statement_id)) if event.statement_id else None
    given = atom.AtomEntry(atom.event_id(event), title, event.at, event.kind, html=html, own_url=ours or "")
    statement = linkable(details.statement.url if details.statement else event.url)
    return atom.entry(replace(given, statement_url=statement, page_url=linkable(event.page_url)))
