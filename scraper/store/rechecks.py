"""Table of rechecks: when each statement's own URL is fetched next, and how often it was missing there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scraper.model import PublicationState
from scraper.rules.withdrawal import WithdrawalCheck
from scraper.serialize import format_utc, optional_utc, parse_utc
from scraper.store.codec import insert

if TYPE_CHECKING:
    from datetime import datetime

    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class DueRecheck:
    """Statement whose own URL is due for a recheck, and the result of earlier ones."""

    statement_id: int
    check: WithdrawalCheck


class Rechecks:
    """Table of the rechecks of statements' own URLs."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def due(self, source: str, now: datetime, limit: int) -> list[DueRecheck]:
        """Return due rechecks of statements that the source was the first to carry, the longest due first."""
        rows = self._db.execute(
            "SELECT r.statement_id, r.misses, r.missing_since_at FROM rechecks r"
            " JOIN statements s ON s.id = r.statement_id"
            " WHERE r.next_check_at <= ? AND s.source = ? ORDER BY r.next_check_at LIMIT ?",
            [format_utc(now), source, limit],
        ).fetchall()
        return [
            DueRecheck(statement_id, WithdrawalCheck(misses, parse_utc(since) if since else None))
            for statement_id, misses, since in rows
        ]

    def save(
        self, statement_id: int, check: WithdrawalCheck, next_check_at: datetime, checked_at: datetime | None = None
    ) -> None:
        """Schedule the next recheck and store the result of the last one. Call inside a unit of work."""
        insert(
            self._db,
            "rechecks",
            {
                "statement_id": statement_id,
                "last_checked_at": optional_utc(checked_at),
                "next_check_at": format_utc(next_check_at),
                "misses": check.misses,
                "missing_since_at": optional_utc(check.missing_since),
            },
            replace=True,
        )

    def missing_since(self, statement_id: int) -> datetime | None:
        """Return the time since which a statement's own URL has answered that it is missing, or None if it is there."""
        sql = "SELECT missing_since_at FROM rechecks WHERE statement_id = ?"
        row = self._db.execute(sql, [statement_id]).fetchone()
        return parse_utc(row[0]) if row and row[0] else None

    def move(self, statement_id: int, url: str) -> None:
        """Set another URL for the rechecks of a statement and mark it as current. Call inside a unit of work."""
        self._db.execute(
            "UPDATE statements SET url = ?, state = ? WHERE id = ?", [url, PublicationState.CURRENT.value, statement_id]
        )

    def withdraw(self, statement_id: int) -> None:
        """Mark a statement as withdrawn. Call inside a unit of work."""
        self._db.execute(
            "UPDATE statements SET state = ? WHERE id = ?", [PublicationState.WITHDRAWN.value, statement_id]
        )
