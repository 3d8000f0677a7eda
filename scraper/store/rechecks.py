"""Table of rechecks: when each statement's own URL is fetched next, and how often it was missing there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scraper.model import PublicationState
from scraper.rules.schedule import LONGEST_RECHECK
from scraper.rules.withdrawal import WithdrawalCheck
from scraper.store.codec import Table, insert, load, scalar, scalar_time, to_row, update

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class DueRecheck:
    """Statement whose own URL is due for a recheck, and the result of earlier ones.

    `interval_s` is that of a standing page since its last recheck, None before it has had one.
    """

    statement_id: int
    check: WithdrawalCheck
    interval_s: int | None = None


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

    def of(self, statement_ids: Iterable[int]) -> list[DueRecheck]:
        """Return the rechecks of these statements."""
        sql = "SELECT * FROM rechecks WHERE statement_id IN (SELECT value FROM json_each(?)) ORDER BY next_check_at"
        return load(DueRecheck, self._db, sql, [tuple(statement_ids)])

    def next_present(self, source: str, limit: int) -> list[DueRecheck]:
        """Return the next rechecks, due or not, of pages that were not missing the last time."""
        sql = "SELECT * FROM rechecks WHERE source = ? AND missing_since_at IS NULL ORDER BY next_check_at LIMIT ?"
        return load(DueRecheck, self._db, sql, [source, limit])

    def save(
        self,
        statement_id: int,
        check: WithdrawalCheck,
        next_check_at: datetime,
        checked_at: datetime | None = None,
        interval_s: int | None = None,
    ) -> None:
        """Schedule the next recheck and store the result of the last one."""
        source = scalar(
            self._db,
            "SELECT ifnull(r.source, s.source) FROM statements s LEFT JOIN rechecks r ON r.statement_id = s.id"
            " WHERE s.id = ?",
            [statement_id],
        )
        row = {"statement_id": statement_id, "source": source, "interval_s": interval_s}
        row |= {"last_checked_at": checked_at, "next_check_at": next_check_at}
        insert(self._db, "rechecks", row | to_row(check), replace=True)

    def take_over(self, statement_id: int, source: str, at: datetime) -> None:
        """Let another source than the first one recheck a statement, at a time or earlier: it watches for edits."""
        sql = "UPDATE rechecks SET source = ?, next_check_at = min(next_check_at, ?) WHERE statement_id = ?"
        self._db.execute(sql, [source, at, statement_id])

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
