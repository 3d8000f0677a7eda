"""When each statement's own address is looked at next, and how often it answered that nothing is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scraper.model import State
from scraper.rules.withdrawal import Check
from scraper.serialize import moment, stamp
from scraper.store.codec import insert

if TYPE_CHECKING:
    from datetime import datetime

    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class DueCheck:
    """A statement (by row) whose own address is to be looked at, and what earlier looks found."""

    statement: int
    check: Check
    last_checked_at: datetime | None


class Checks:
    """The looks at statements' own addresses."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def due(self, source: str, now: datetime, limit: int) -> list[DueCheck]:
        """What is due among the statements that a source was the first to carry, the longest due first."""
        rows = self._db.execute(
            "SELECT c.statement, c.misses, c.missing_since_at, c.last_checked_at FROM checks c"
            " JOIN statements s ON s.id = c.statement"
            " WHERE c.next_check_at <= ? AND s.source = ? ORDER BY c.next_check_at LIMIT ?",
            [stamp(now), source, limit],
        ).fetchall()
        return [
            DueCheck(key, Check(misses, moment(since) if since else None), moment(last) if last else None)
            for key, misses, since, last in rows
        ]

    def save(self, statement: int, check: Check, next_check_at: datetime, checked_at: datetime | None = None) -> None:
        """Plan the next look, and note how the last one was answered. Within a unit."""
        insert(
            self._db,
            "checks",
            {
                "statement": statement,
                "last_checked_at": stamp(checked_at) if checked_at else None,
                "next_check_at": stamp(next_check_at),
                "misses": check.misses,
                "missing_since_at": stamp(check.missing_since) if check.missing_since else None,
            },
            replace=True,
        )

    def missing_since(self, statement: int) -> datetime | None:
        """Since when a statement's own address has answered that it is not there; None where it is there."""
        row = self._db.execute("SELECT missing_since_at FROM checks WHERE statement = ?", [statement]).fetchone()
        return moment(row[0]) if row and row[0] else None

    def move(self, statement: int, url: str) -> None:
        """Give a statement, which stands, another address to be looked at from now on. Within a unit."""
        self._db.execute("UPDATE statements SET url = ?, state = ? WHERE id = ?", [url, State.CURRENT.value, statement])

    def withdraw(self, statement: int) -> None:
        """Mark a statement as withdrawn. Within a unit."""
        self._db.execute("UPDATE statements SET state = ? WHERE id = ?", [State.WITHDRAWN.value, statement])
