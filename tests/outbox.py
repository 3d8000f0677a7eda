"""Statements, events and messages in a store, for the tests of the outbox and of grouping."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from samples import NOON

from scraper.delivery.enqueue import queue_alert
from scraper.delivery.grouping import NewAlert
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


def event(store: Store, statement: int | None = None, source: str = "state") -> int:
    """A new event about a statement or about none; its id."""
    with store.unit():
        store.events.add([Event(EventKind.REVISED, NOON, source, statement_id=statement)])
    return store.events.last_id()


def file(store: Store, event: int, *, now: Any = NOON, cap: int = 6, **changes: Any) -> int:
    """Queue an event for the desk, due in five minutes; the id of its message."""
    given: dict[str, Any] = {
        "event_id": event,
        "watch": "Desk",
        "reason": "selects revised",
        "recipient": DESK,
        "due_at": now + 5 * MINUTE,
        "statement_id": store.events.by_ids([event])[0].statement_id,
    }
    with store.unit():
        return queue_alert(store, NewAlert(**(given | changes)), now, max_per_day=cap)


def get(store: Store, message: int) -> StoredMessage:
    found = store.outbox.get(message)
    assert found is not None
    return found


def render(store: Store, message: int, now: Any = NOON + HOUR) -> None:
    with store.unit():
        store.outbox.mark_rendered(message, WRITTEN, now)
