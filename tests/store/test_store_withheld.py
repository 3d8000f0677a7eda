"""Tests of the counts of what guards withheld: open until a mail names them, one mail in 24 hours."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from samples import NOON

from scraper.rules.guards import Guard, Withheld

if TYPE_CHECKING:
    from datetime import datetime

    from scraper.store import Store

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
QUOTA, FLOOD = Guard.MAX_PER_DAY, Guard.MAX_WAITING


def record(store: Store, guard: Guard, subject: str, at: datetime, count: int = 1) -> None:
    with store.unit():
        store.withheld.record(guard, subject, at, count)


def close(store: Store, now: datetime) -> bool:
    with store.unit():
        return store.withheld.close(now)


def test_row_120_a_count_grows_until_it_is_closed_and_is_in_one_mail_only(store: Store) -> None:
    assert not close(store, NOON)
    record(store, QUOTA, "b", NOON + HOUR)
    record(store, QUOTA, "b", NOON, 4)
    record(store, QUOTA, "a", NOON, 9)
    record(store, FLOOD, "b", NOON)
    assert close(store, NOON + HOUR)
    assert store.withheld.closed(NOON + HOUR) == [
        Withheld(QUOTA, "a", 9, NOON, NOON),
        Withheld(QUOTA, "b", 5, NOON, NOON + HOUR),
        Withheld(FLOOD, "b", 1, NOON, NOON),
    ]
    record(store, QUOTA, "b", NOON + HOUR, 2)  # in the same second
    assert not close(store, NOON + 2 * HOUR)
    assert not close(store, NOON + DAY)
    assert close(store, NOON + DAY + HOUR)
    assert store.withheld.closed(NOON + DAY + HOUR) == [Withheld(QUOTA, "b", 2, NOON + HOUR, NOON + HOUR)]
    assert not close(store, NOON + 9 * DAY)


def test_what_was_withheld_within_a_day_is_added_up(store: Store) -> None:
    record(store, QUOTA, "a", NOON)
    close(store, NOON)
    record(store, QUOTA, "a", NOON + HOUR, 2)
    record(store, FLOOD, "z", NOON - DAY)
    assert store.withheld.recent(NOON + HOUR) == [Withheld(QUOTA, "a", 3, NOON, NOON + HOUR)]
    assert store.withheld.recent(NOON + DAY) == [Withheld(QUOTA, "a", 2, NOON + HOUR, NOON + HOUR)]


def test_a_clock_that_was_set_back_holds_no_mail(store: Store) -> None:
    record(store, QUOTA, "a", NOON + 365 * DAY)
    assert close(store, NOON + 365 * DAY)
    record(store, QUOTA, "a", NOON)
    assert close(store, NOON)


def test_old_counts_are_removed_and_those_of_an_import_of_the_past_are_in_no_mail(store: Store) -> None:
    record(store, QUOTA, "closed", NOON)
    close(store, NOON)
    record(store, QUOTA, "imported", NOON)
    record(store, QUOTA, "new", NOON + 31 * DAY)
    assert close(store, NOON + 31 * DAY)
    assert [withheld.subject for withheld in store.withheld.closed(NOON + 31 * DAY)] == ["new"]
    with store.unit():
        store.withheld.forget(NOON + 31 * DAY)
    assert store._db.execute("SELECT subject FROM withheld").fetchall() == [("new",)]
