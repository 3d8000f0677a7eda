"""Statements, events and messages in a store, for the tests of the outbox and of grouping."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from samples import NOON

from scraper.alerts.event_specs import actor_of
from scraper.delivery.enqueue import queue_alert
from scraper.delivery.grouping import NewAlert, merge
from scraper.model import Capture, Event, EventKind, Item, Outcome, Reading, RenderedMessage, Role
from scraper.pipeline.ingest import Origin, ingest

if TYPE_CHECKING:
    from scraper.store import Store, StoredMessage

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DESK = "desk@example.org"
WRITTEN = RenderedMessage(
    "[statewire] Revised", "text", "<p>html", "<1@statewire.example>", b"Subject: x\r\n\r\nbody\r\n"
)


def add_statement(store: Store) -> int:
    """A stored statement with the title Lamps; its id."""
    item = Item("https://www.state.gov/1/", "Lamps", "guid-1", paragraphs=("A lamp.",))
    capture = Capture(item.url, NOON, Outcome.OK, 200, item.url, body=b"x")
    with store.unit():
        ingest(store, Origin("state", Role.CANONICAL), capture, Reading("feed", (item,)), "")
    known = store.statements.by_guid("guid-1")
    assert known is not None
    return known.id


def event(
    store: Store, statement: int | None = None, source: str = "state", kind: EventKind = EventKind.REVISED
) -> int:
    """A new event about a statement or about none; its id."""
    with store.unit():
        store.events.add([Event(kind, NOON, source, statement_id=statement)])
    return store.events.last_id()


def file(store: Store, event: int, *others: dict[str, Any], now: Any = NOON, cap: int = 6, **changes: Any) -> int:
    """Queue an event for the desk, due in five minutes, which other watches select too; the id of its message."""
    (merged,) = merge(alert(store, event, now, **(changes | other)) for other in ({}, *others))
    with store.unit():
        return queue_alert(store, merged, now, max_per_day=cap)


def alert(store: Store, event: int, now: Any = NOON, **changes: Any) -> NewAlert:
    """An alert of the watch Desk about an event, due in five minutes."""
    about = store.events.by_ids([event])[0]
    watch = changes.get("watch", "Desk")
    given: dict[str, Any] = {
        "event_id": event,
        "actor": actor_of(about),
        "watch": watch,
        "reasons_by_watch": ((watch, changes.pop("reason", "selects revised")),),
        "recipient": DESK,
        "due_at": now + 5 * MINUTE,
        "statement_id": about.statement_id,
    }
    return NewAlert(**(given | changes))


def get(store: Store, message: int) -> StoredMessage:
    found = store.outbox.get(message)
    assert found is not None
    return found


def render(store: Store, message: int, now: Any = NOON + HOUR) -> None:
    with store.unit():
        store.outbox.mark_rendered(message, WRITTEN, now)
