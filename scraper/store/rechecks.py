"""Table of rechecks: when each statement's own URL is fetched next, and how often it was missing there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scraper.model import PublicationState
from scraper.rules.schedule import LONGEST_RECHECK
from scraper.rules.withdrawal import WithdrawalCheck
from scraper.store.codec import Table, insert, load, scalar, scalar_time, to_row, update

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class DueRecheck:
    """Statement whose own URL is due for a recheck, and the result of earlier ones."""

    statement_id: int
    check: WithdrawalCheck


class Rechecks(Table):
    """Table of the rechecks of statements' own URLs."""

    def due(self, source: str, now: datetime, limit: int) -> list[DueRecheck]:
        """Return due rechecks of statements that the source was the first to carry, the longest due first.

        One that is further ahead than any wait shows that the clock was set back: it is due as well.
        """
        return load(
            DueRecheck,
            self._db,
            # Two ranges of the index; with OR, SQLite would read all rechecks of the source.
            "SELECT * FROM rechecks WHERE source = ? AND next_check_at <= ?"
            " UNION ALL SELECT * FROM rechecks WHERE source = ? AND next_check_at > ? ORDER BY next_check_at LIMIT ?",
            [source, now, source, now + LONGEST_RECHECK, limit],
        )

    def save(
        self, statement_id: int, check: WithdrawalCheck, next_check_at: datetime, checked_at: datetime | None = None
    ) -> None:
        """Schedule the next recheck and store the result of the last one."""
        source = scalar(self._db, "SELECT source FROM statements WHERE id = ?", [statement_id])
        row = {"statement_id": statement_id, "source": source}
        row |= {"last_checked_at": checked_at, "next_check_at": next_check_at}
        insert(self._db, "rechecks", row | to_row(check), replace=True)

    def bring_forward(self, statement_id: int, at: datetime) -> None:
        """Recheck a statement at a time, unless it is due earlier."""
        sql = "UPDATE rechecks SET next_check_at = min(next_check_at, ?) WHERE statement_id = ?"
        self._db.execute(sql, [at, statement_id])

    def missing_since(self, statement_id: int) -> datetime | None:
        """Return the time since which a statement's own URL has answered that it is missing, or None if it is there."""
        sql = "SELECT missing_since_at FROM rechecks WHERE statement_id = ?"
        return scalar_time(self._db, sql, [statement_id])

    def last(self, statement_id: int) -> WithdrawalCheck:
        """Return the result of the last checks of a statement's own URL."""
        found = load(WithdrawalCheck, self._db, "SELECT * FROM rechecks WHERE statement_id = ?", [statement_id])
        return found[0] if found else WithdrawalCheck()

    def move(self, statement_id: int, url: str) -> None:
        """Set another URL for the rechecks of a statement and mark it as current."""
        update(self._db, "statements", {"id": statement_id}, {"url": url, "state": PublicationState.CURRENT})

    def withdraw(self, statement_id: int) -> None:
        """Mark a statement as withdrawn."""
        update(self._db, "statements", {"id": statement_id}, {"state": PublicationState.WITHDRAWN})
