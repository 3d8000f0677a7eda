"""When each statement's own address is looked at next, and how often it answered that nothing is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scraper.model import PublicationState
from scraper.rules.withdrawal import WithdrawalCheck
from scraper.serialize import format_utc, parse_utc
from scraper.store.codec import insert

if TYPE_CHECKING:
    from datetime import datetime

    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class DueRecheck:
    """A statement (by row) whose own address is to be looked at, and what earlier looks found."""

    statement_id: int
    check: WithdrawalCheck
    last_checked_at: datetime | None


class Rechecks:
    """The looks at statements' own addresses."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def due(self, source: str, now: datetime, limit: int) -> list[DueRecheck]:
        """What is due among the statements that a source was the first to carry, the longest due first."""
        rows = self._db.execute(
            "SELECT c.statement, c.misses, c.missing_since_at, c.last_checked_at FROM checks c"
            " JOIN statements s ON s.id = c.statement"
            " WHERE c.next_check_at <= ? AND s.source = ? ORDER BY c.next_check_at LIMIT ?",
            [format_utc(now), source, limit],
        ).fetchall()
        return [
            DueRecheck(
                key, WithdrawalCheck(misses, parse_utc(since) if since else None), parse_utc(last) if last else None
            )
            for key, misses, since, last in rows
        ]

    def save(
        self, statement: int, check: WithdrawalCheck, next_check_at: datetime, checked_at: datetime | None = None
    ) -> None:
        """Plan the next look, and note how the last one was answered. Within a unit."""
        insert(
            self._db,
            "checks",
            {
                "statement": statement,
                "last_checked_at": format_utc(checked_at) if checked_at else None,
                "next_check_at": format_utc(next_check_at),
                "misses": check.misses,
                "missing_since_at": format_utc(check.missing_since) if check.missing_since else None,
            },
            replace=True,
        )

    def missing_since(self, statement: int) -> datetime | None:
        """Since when a statement's own address has answered that it is not there; None where it is there."""
        row = self._db.execute("SELECT missing_since_at FROM checks WHERE statement = ?", [statement]).fetchone()
        return parse_utc(row[0]) if row and row[0] else None

    def move(self, statement: int, url: str) -> None:
        """Give a statement, which stands, another address to be looked at from now on. Within a unit."""
        self._db.execute(
            "UPDATE statements SET url = ?, state = ? WHERE id = ?", [url, PublicationState.CURRENT.value, statement]
        )

    def withdraw(self, statement: int) -> None:
        """Mark a statement as withdrawn. Within a unit."""
        self._db.execute("UPDATE statements SET state = ? WHERE id = ?", [PublicationState.WITHDRAWN.value, statement])
