"""Tests of all bad responses at every place, from the wire to the outbox: none is news."""

from __future__ import annotations

import itertools
from functools import cache
from typing import TYPE_CHECKING

import pytest
from faults.bad_answers import BAD, Bad, Means
from faults.places import DESK, OPERATOR, PLACES, Place, Watch
from samples import NOON

from scraper.clock import SimulatedClock
from scraper.model import EventKind
from scraper.store import CopyFilter, EventFilter, OutboxFilter, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    Begun = tuple[bytes, dict[str, bytes], datetime]

_INCIDENTS = {
    Means.BLOCK: EventKind.BLOCKED,
    Means.TROUBLE: EventKind.BROKEN,
    Means.SHAPE: EventKind.DRIFTED,
}
_CASES = [
    pytest.param(place, bad, id=f"{place.name}: {bad.name}")
    for place in PLACES
    for bad in BAD
    if not bad.only or place.name in bad.only
]


def kinds(watch: Watch, after_id: int) -> list[EventKind]:
    found = watch.store.events.find(EventFilter(after_id=after_id, with_backfill=False))
    return [event.kind for event in found]


def known(watch: Watch) -> list[object]:
    """All that is known of statements and of their copies, but for when they were last seen."""
    statements = [
        (each.guid, each.title, each.revision, each.revisions, each.state) for each in watch.store.statements.find()
    ]
    copies = [
        (each.statement_id, each.relation, each.gone_at) for each in watch.store.copies.find(CopyFilter(with_gone=True))
    ]
    return [statements, copies]


@pytest.fixture(scope="session")
def begin(new_database: bytes, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Place], Begun]:
    """Return the database, the answers and the time of a place after its beginning, which is played once."""

    @cache
    def begin(place: Place) -> Begun:
        path = tmp_path_factory.mktemp("begun") / "statewire.db"
        path.write_bytes(new_database)
        with Store(path) as store:
            watch = Watch(store, SimulatedClock(NOON))
            place.begins(watch)
        return path.read_bytes(), watch.web.answers, watch.clock.now()

    return begin


@pytest.fixture
def watch(begin: Callable[[Place], Begun], place: Place, db: Path) -> Iterator[Watch]:
    database, answers, now = begin(place)
    db.write_bytes(database)
    with Store(db) as store:
        watch = Watch(store, SimulatedClock(now))
        watch.web.answers |= answers
        yield watch


@pytest.mark.parametrize(("place", "bad"), _CASES)
def test_rows_6_to_47_no_bad_answer_is_news(place: Place, bad: Bad, watch: Watch) -> None:
    store, clock = watch.store, watch.clock
    begun, before = store.events.last_id(), known(watch)
    *bad_waits, good_wait = place.waits_when_read if bad.means is Means.NOTHING else place.waits
    if bad.is_absence and not place.is_list:
        bad_waits = bad_waits[:2]
    for wait, make in zip(bad_waits, itertools.cycle(bad.makes), strict=False):
        clock.sleep(wait.total_seconds())
        watch.web.answers[place.url] = make(place.good(clock.now()))
        watch.run(place.source)
        assert place.url in watch.web.asked
    # What a page answers says nothing of its source, whose list is well.
    incident = _INCIDENTS.get(bad.means) if place.is_list else None
    health = [incident] if incident else []
    assert kinds(watch, begun) == health
    assert known(watch) == before

    clock.sleep(good_wait.total_seconds())
    place.something_happens(watch)
    watch.run(place.source)
    assert place.url in watch.web.asked
    reported = kinds(watch, begun)
    assert sorted(reported) == sorted([*health, *place.happens, *[EventKind.RECOVERED] * len(health)])
    assert watch.after(place.waits[0], place.source).events == ()

    recipients = [message.recipient for message in store.outbox.find(OutboxFilter())]
    assert sorted(recipients) == sorted([DESK] * len(place.happens) + [OPERATOR] * 2 * len(health))
