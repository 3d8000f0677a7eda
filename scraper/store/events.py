"""Event log: events in the order in which they became known; rows are inserted and never changed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scraper.model import Event, Grade
from scraper.serialize import format_utc
from scraper.store.codec import from_row, insert, rows, to_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Conditions on events; None or empty is no condition. `at_least` drops graded events below it."""

    kinds: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    statement_id: int | None = None
    source: str | None = None
    at_least: Grade | None = None
    after_id: int | None = None
    with_backfill: bool = True
    limit: int | None = None


class Events:
    """Table of events."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, events: Iterable[Event]) -> None:
        """Insert events. Call inside a unit of work."""
        for event in events:
            row = to_row(event)
            del row["id"]
            insert(self._db, "events", row)

    def find(self, wanted: EventFilter) -> Iterator[Event]:
        """Yield matching events in the order of their time; with a limit, the newest ones."""
        where, values = ["1"], list[Any]()

        def need(condition: str, *given: Any) -> None:
            where.append(condition)
            values.extend(given)

        if wanted.kinds:
            # "statement" selects every kind that begins with "statement.".
            need(
                "(" + " OR ".join("kind = ? OR kind LIKE ? || '.%'" for _ in wanted.kinds) + ")",
                *(kind for kind in wanted.kinds for _ in range(2)),
            )
        if wanted.since:
            need("detected_at >= ?", format_utc(wanted.since))
        if wanted.until:
            need("detected_at < ?", format_utc(wanted.until))
        if wanted.statement_id is not None:
            need("statement_id = ?", wanted.statement_id)
        if wanted.source:
            need("source = ?", wanted.source)
        if wanted.after_id is not None:
            need("id > ?", wanted.after_id)
        if wanted.at_least:
            grades = [g.value for g in Grade if g.rank >= wanted.at_least.rank]
            need(f"(grade IS NULL OR grade IN ({', '.join('?' * len(grades))}))", *grades)
        if not wanted.with_backfill:
            need("NOT backfill")
        chosen = f"SELECT * FROM events WHERE {' AND '.join(where)}"  # noqa: S608 - conditions are ours, values bound
        if wanted.limit is not None:
            chosen = f"SELECT * FROM ({chosen} ORDER BY detected_at DESC, id DESC LIMIT {int(wanted.limit)})"  # noqa: S608
        for row in rows(self._db, f"{chosen} ORDER BY detected_at, id", values):
            yield from_row(Event, row)

    def by_ids(self, ids: Iterable[int]) -> list[Event]:
        """Return the events with these ids, in the order of their time."""
        found = rows(
            self._db,
            "SELECT * FROM events WHERE id IN (SELECT value FROM json_each(?)) ORDER BY detected_at, id",
            [json.dumps(list(ids))],
        )
        return [from_row(Event, row) for row in found]

    def last_id(self) -> int:
        """Return the id of the newest event, or 0 if there is none."""
        return int(self._db.execute("SELECT ifnull(max(id), 0) FROM events").fetchone()[0])
