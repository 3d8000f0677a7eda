"""Tests of the cost of alerts: each event costs the same, however many were queued before, and so does each mail."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from outbox import add_statement
from pipeline.test_poll_costs import steps
from samples import NOON, settings

from scraper.config.alerts import Watch
from scraper.config.choices import Topic
from scraper.delivery import context, enqueue
from scraper.model import Channel, Event, EventKind, MessageKind, Relation, Wording
from scraper.pages import Copy, MirrorPage
from scraper.store import OutboxFilter

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Watch as Runs

DESK = "desk@example.org"
DAILY: dict[str, Any] = {"name": "Daily", "deliver": "daily 07:00"}
INSTANT: dict[str, Any] = {"name": "Now"}
HOOK: dict[str, Any] = {"name": "Hook", "to": (), "webhook": "https://hooks.example.org/1"}
WATCHES = {
    "daily": (DAILY,),
    "instant": (INSTANT,),
    "webhook": (HOOK,),
    # An event of both goes into the instant mail, and never through the digest.
    "all": (DAILY, INSTANT, HOOK),
}


def statements_of(runs: Runs, work: Callable[[], object]) -> int:
    """Return the number of SQL statements that run."""
    lines: list[str] = []
    connection = runs.store._db.conn
    connection.set_trace_callback(lines.append)
    work()
    connection.set_trace_callback(None)
    return len(lines)


@pytest.mark.parametrize("name", list(WATCHES))
@pytest.mark.parametrize("kind", [EventKind.REVISED, EventKind.COPY_GONE])
@pytest.mark.parametrize("has_statement", [True, False])
def test_row_121_an_event_costs_the_same_whatever_was_queued_before(
    watch: Runs, name: str, kind: EventKind, has_statement: bool
) -> None:
    """Four hundred events about one statement or about none, in batches of ten as an import writes them."""
    watches = ({"to": (DESK,), "when": tuple(Topic)} | given for given in WATCHES[name])
    configured = settings().model_copy(update={"watches": tuple(map(Watch.model_validate, watches))})
    statement = add_statement(watch.store) if has_statement else None
    events = [Event(kind, NOON, "state", statement_id=statement, page_url=None)] * 10

    def batch() -> None:
        with watch.store.unit():
            watch.store.events.add(events)
            enqueue.queue_alerts(watch.store, configured)

    for _ in range(20):
        batch()
    sql, instructions = statements_of(watch, batch), steps(watch, batch)
    for _ in range(40):
        batch()
    assert statements_of(watch, batch) == sql
    assert steps(watch, batch) < 1.5 * instructions + 10


def test_row_121_a_digest_costs_as_much_as_its_events(watch: Runs) -> None:
    """Copies of one statement: the facts of the statement, with all of its copies, are read once."""
    store, statement = watch.store, add_statement(watch.store)
    configured = settings().model_copy(
        update={"watches": (Watch(name="Daily", to=(DESK,), when=tuple(Topic), deliver="daily 07:00"),)}
    )

    def copies(count: int) -> None:
        with store.unit():
            for _ in range(count):
                url = f"https://gazette.example/{store.pages.count()}/"
                page = MirrorPage(0, url, "gazette", "Lamps", Relation.VERBATIM, NOON, NOON)
                page_id = store.pages.save(page, parser="x", version=1, is_document=True, listed_sha256=None)
                store.pages.save_wording(page_id, Wording("Lamps", "A lamp."), "A lamp.", NOON, replaces=False)
                facts: dict[str, Any] = {"coverage": 1.0, "fidelity": 1.0, "revision": 1, "relation": Relation.VERBATIM}
                store.copies.save(
                    [Copy(page_id=page_id, statement_id=statement, first_seen_at=NOON, last_seen_at=NOON, **facts)]
                )
                about = {"statement_id": statement, "page_url": url}
                store.events.add([Event(EventKind.COPY_FOUND, NOON, "gazette", **about, **facts)])
            enqueue.queue_alerts(store, configured)

    def render() -> None:
        (digest,) = store.outbox.find(OutboxFilter())
        assert digest.kind is MessageKind.DIGEST
        rendered = context.message_renderer(configured, watch.clock.now)(store, digest)
        assert rendered is not None
        assert rendered.subject == f"[statewire] Daily digest: 1 published, {store.pages.count()} copied"

    copies(40)
    sql, instructions = statements_of(watch, render), steps(watch, render)
    copies(9 * 40)
    assert statements_of(watch, render) < 10 * sql
    assert steps(watch, render) < 12 * instructions + 10


def test_row_121_the_next_message_is_found_without_reading_all_that_wait(watch: Runs) -> None:
    store, configured = (
        watch.store,
        settings().model_copy(update={"watches": (Watch.model_validate({"when": tuple(Topic)} | HOOK),)}),
    )

    def look() -> int:
        now = watch.clock.now() + timedelta(hours=1)
        assert len(store.outbox.due(now, 1, Channel.WEBHOOK)) == 1
        assert store.outbox.due(now, 100, Channel.WEBHOOK, only_of_state=True) == []

        def ask() -> None:
            store.outbox.due(now, 1, Channel.WEBHOOK)
            store.outbox.due(now, 100, Channel.WEBHOOK, only_of_state=True)
            store.outbox.due(now, 100, Channel.MAIL)  # none: those of the other channel are not read for it

        return steps(watch, ask)

    def claim(number: int) -> None:
        with store.unit():
            store.events.add([Event(EventKind.UNSOURCED, NOON, "gazette")] * number)
            enqueue.queue_alerts(store, configured)

    claim(5)
    few = look()
    claim(500)
    assert look() <= few + 2
