"""Retention: removal of old bodies, captures and sent mail in small transactions, then PRAGMA optimize.

Wordings are never removed. A removed body leaves its row, hash and size, so that a second import is still recognised.
A body from which a wording of a statement or a page was first read is never removed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scraper.rules import baseline
from scraper.serialize import format_utc
from scraper.store.database import store_errors

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlite_utils import Database

    from scraper.config.settings import KeepSettings
    from scraper.store import Store

# Rows of one unit of work, which bounds the time for which other writers wait.
_UNIT_ROWS = 500

_FIRSTS = "(SELECT first_seen_at FROM revisions UNION SELECT first_seen_at FROM page_wordings)"
_OLD_BODIES = f"""
SELECT b.rowid, b.sha256, length(b.packed) FROM bodies b WHERE b.rowid > :after AND length(b.packed) > 0
AND NOT EXISTS (
    SELECT 1 FROM captures c WHERE c.sha256 = b.sha256 AND (c.captured_at >= :before OR c.captured_at IN {_FIRSTS})
) ORDER BY b.rowid LIMIT {_UNIT_ROWS}
"""  # noqa: S608 - constants of this module only
_OLDEST_BODIES = f"""
SELECT b.rowid, b.sha256, length(b.packed) FROM bodies b JOIN captures c USING (sha256) WHERE length(b.packed) > 0
GROUP BY b.rowid HAVING NOT max(c.captured_at IN {_FIRSTS}) ORDER BY max(c.captured_at) LIMIT {_UNIT_ROWS}
"""  # noqa: S608 - constants of this module only
_OLD_CAPTURES = f"""
DELETE FROM captures WHERE id IN (
    SELECT id FROM captures WHERE captured_at < :before AND captured_at NOT IN {_FIRSTS} LIMIT {_UNIT_ROWS}
)
"""  # noqa: S608 - constants of this module only
_OLD_MAIL = f"""
UPDATE messages SET raw = x'' WHERE id IN (
    SELECT id FROM messages WHERE state = 'sent' AND sent_at < :before AND length(raw) > 0 LIMIT {_UNIT_ROWS}
)
"""  # noqa: S608 - constants of this module only
_ORPHANS = f"""
DELETE FROM bodies WHERE rowid IN (
    SELECT rowid FROM bodies b WHERE NOT EXISTS (SELECT 1 FROM captures c WHERE c.sha256 = b.sha256) LIMIT {_UNIT_ROWS}
)
"""  # noqa: S608 - constants of this module only


@dataclass(frozen=True, slots=True)
class RetentionResult:
    """Numbers removed: bodies and their compressed bytes, captures, mails emptied of their bytes."""

    bodies: int = 0
    bytes: int = 0
    captures: int = 0
    mails: int = 0


def run(
    store: Store, keep: KeepSettings, now: datetime, *, should_continue: Callable[[], bool] = lambda: True
) -> RetentionResult:
    """Remove data older than its retention time, then let SQLite optimise and checkpoint the file.

    `should_continue` is called before each unit of work; False ends the removal early. The rest is left for the next
    call. Raise `StoreError` if the file fails.
    """
    work = _Work(store, store.database, should_continue)
    work.drop_bodies(before=format_utc(now - keep.bodies))
    work.drop_beyond(keep.max_bytes)
    captures = work.change(_OLD_CAPTURES, before=format_utc(now - keep.captures))
    work.change(_ORPHANS)
    mails = work.change(_OLD_MAIL, before=format_utc(now - keep.bodies))
    with store.unit():
        store.arrivals.forget(now - baseline.HISTORY)
        # This pragma writes too. Outside a unit, SQLite refuses it at once if another process has just written.
        store.database.execute("PRAGMA optimize")
    with store_errors(store.path):
        store.database.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    return RetentionResult(work.bodies, work.bytes, captures, mails)


@dataclass(slots=True)
class _Work:
    store: Store
    db: Database
    goes_on: Callable[[], bool]
    bodies: int = 0
    bytes: int = 0

    def drop_bodies(self, before: str) -> None:
        after = 0
        while self.goes_on():
            with self.store.unit():
                found = self.db.execute(_OLD_BODIES, {"before": before, "after": after}).fetchall()
                self._empty(found)
            if len(found) < _UNIT_ROWS:
                return
            after = found[-1][0]

    def drop_beyond(self, max_bytes: int) -> None:
        while self.goes_on():
            with self.store.unit():
                (total,) = self.db.execute("SELECT ifnull(sum(length(packed)), 0) FROM bodies").fetchone()
                chosen = []
                for body in self.db.execute(_OLDEST_BODIES).fetchall() if total > max_bytes else ():
                    if total <= max_bytes:
                        break
                    chosen.append(body)
                    total -= body[2]
                self._empty(chosen)
            if len(chosen) < _UNIT_ROWS:
                return

    def change(self, sql: str, **values: Any) -> int:
        rows = 0
        while self.goes_on():
            with self.store.unit():
                removed = int(self.db.execute(sql, values).rowcount)
            rows += removed
            if removed < _UNIT_ROWS:
                break
        return rows

    def _empty(self, found: list[tuple[int, str, int]]) -> None:
        self.db.conn.executemany("UPDATE bodies SET packed = x'' WHERE rowid = ?", [(row,) for row, _, _ in found])
        self.bodies += len(found)
        self.bytes += sum(size for _, _, size in found)
