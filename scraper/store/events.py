"""Event log: events in the order in which they became known; rows are inserted and never changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from scraper.model import Event, Grade
from scraper.store.codec import Table, from_row, insert, load, matching, rows, scalar, to_row
from scraper.store.filters import at_site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime


SELECT: Final = (
    "SELECT *, ifnull((SELECT standing FROM statements s WHERE s.id = events.statement_id), 0) AS standing FROM events"
)
"""Beginning of a query for rows that become events."""
_OF_KIND = "EXISTS (SELECT 1 FROM json_each(?) WHERE kind = value OR kind LIKE value || '.%')"


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Conditions on events; None, False or empty is no condition. `at_least` drops graded events below it.

    Of `kinds` and of `also_kinds` one each has to be that of the event; "statement" selects every kind that begins with
    "statement.". `outdated` and `site` are for the copy that an event is about.
    """

    kinds: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    statement_id: int | None = None
    source: str | None = None
    at_least: Grade | None = None
    after_id: int | None = None
    before_id: int | None = None
    with_backfill: bool = True
    also_kinds: tuple[str, ...] = ()
    site: str | None = None
    outdated: bool = False
    limit: int | None = None


class Events(Table):
    """Table of events."""

    def add(self, events: Iterable[Event]) -> tuple[Event, ...]:
        """Insert events, and return them with their ids."""
        added = []
        for event in events:
            row = to_row(event) | {"reasons": event.reason_texts}
            del row["id"], row["standing"]  # that of its statement
            added.append(replace(event, id=insert(self._db, "events", row)))
        return tuple(added)

    def first(self) -> Event | None:
        """Return the event of the lowest id, the same for as long as the database exists, or None."""
        return next(iter(load(Event, self._db, f"{SELECT} ORDER BY id LIMIT 1")), None)

    def find(self, wanted: EventFilter, fits: Callable[[Event], bool] = lambda _: True) -> Iterator[Event]:
        """Yield matching events in the order of their time; with a limit, the newest ones."""
        grades = tuple(g for g in Grade if g.rank >= wanted.at_least.rank) if wanted.at_least else None
        where, values = matching(
            {
                _OF_KIND: wanted.kinds or None,
                f"{_OF_KIND} ": wanted.also_kinds or None,
                "detected_at >= ?": wanted.since,
                "detected_at < ?": wanted.until,
                "statement_id = ?": wanted.statement_id,
                "source = ?": wanted.source,
                "id > ?": wanted.after_id,
                "id < ?": wanted.before_id,
                "(grade IS NULL OR grade IN (SELECT value FROM json_each(?)))": grades,
                "backfill <= ?": None if wanted.with_backfill else False,
                "outdated = ?": wanted.outdated or None,
            }
        )
        if wanted.site is not None:
            on_site, site_values = at_site("source", "page_url", wanted.site)
            where, values = f"{where} AND page_url IS NOT NULL AND {on_site}", [*values, *site_values]
        chosen = f"{SELECT} WHERE {where}"
        if wanted.limit is not None:
            newest = self._read(f"{chosen} ORDER BY detected_at DESC, id DESC", values, fits)
            yield from list(islice(newest, wanted.limit))[::-1]
            return
        # With the plus sign SQLite looks the latest ids up; its planner would read all events by their time instead.
        time = "detected_at" if wanted.after_id is None else "+detected_at"
        yield from self._read(f"{chosen} ORDER BY {time}, id", values, fits)

    def _read(self, sql: str, values: Sequence[Any], fits: Callable[[Event], bool]) -> Iterator[Event]:
        return filter(fits, (from_row(Event, row) for row in rows(self._db, sql, values)))

    def by_ids(self, ids: Iterable[int]) -> list[Event]:
        """Return the events with these ids, in the order of their time."""
        where = "WHERE id IN (SELECT value FROM json_each(?)) ORDER BY detected_at, id"
        return load(Event, self._db, f"{SELECT} {where}", [tuple(ids)])

    def last_id(self) -> int:
        """Return the id of the newest event, or 0 if there is none."""
        return int(scalar(self._db, "SELECT ifnull(max(id), 0) FROM events"))
