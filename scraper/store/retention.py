"""Retention: removal of old bodies, captures and sent mail in small transactions, then ANALYZE.

Wordings are never removed. A removed body leaves its row, hash and size, so that a second import is still recognised.
Never removed are the bodies of evidence: that from which a wording of a statement or a page was first read, those with
which a revision, a withdrawal, or an alteration by another site was found, and those that were exported in a bundle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scraper.rules import baseline
from scraper.store.database import store_errors

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlite_utils import Database

    from scraper.config.settings import KeepSettings
    from scraper.store import Store

# Rows of one unit of work, which bounds the time for which other writers wait.
_UNIT_ROWS = 500
_ANALYZED_ROWS = 400

# Times at which a wording was first seen, or a change by State or an alteration by another site was found. That of a
# withdrawal is not among them: the page that is absent is fetched after other requests of the same check.
_TIMES = """(
    SELECT first_seen_at FROM revisions UNION SELECT first_seen_at FROM page_wordings
    UNION SELECT detected_at FROM events
    WHERE relation = 'altered' OR kind IN ('statement.revised', 'statement.restored', 'quote.altered')
)"""
_IS_EVIDENCE = f"""(
    c.captured_at IN {_TIMES} OR c.id IN (SELECT capture_id FROM exported_captures)
    OR (c.outcome IN ('gone', 'soft_404') AND c.url IN (
        SELECT u.url FROM statement_urls u JOIN events e USING (statement_id) WHERE e.kind = 'statement.withdrawn'
    ))
)"""  # noqa: S608 - constants of this module only
_OLD_BODIES = f"""
SELECT b.rowid, length(b.packed) FROM bodies b WHERE b.rowid > :after AND length(b.packed) > 0
AND NOT EXISTS (
    SELECT 1 FROM captures c WHERE c.sha256 = b.sha256 AND (c.captured_at >= :before OR {_IS_EVIDENCE})
) ORDER BY b.rowid LIMIT {_UNIT_ROWS}
"""  # noqa: S608 - constants of this module only
_OLDEST_BODIES = f"""
SELECT b.rowid, length(b.packed) FROM bodies b JOIN captures c USING (sha256) WHERE length(b.packed) > 0
GROUP BY b.rowid HAVING NOT max({_IS_EVIDENCE}) ORDER BY max(c.captured_at) LIMIT {_UNIT_ROWS}
"""  # noqa: S608 - constants of this module only
_OLD_CAPTURES = f"""
DELETE FROM captures WHERE id IN (
    SELECT c.id FROM captures c WHERE captured_at < :before AND NOT {_IS_EVIDENCE} LIMIT {_UNIT_ROWS}
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
    """Remove data older than its retention time, then let SQLite analyze and checkpoint the file.

    `should_continue` is called before each unit of work; False ends the removal early. The rest is left for the next
    call. Raise `StoreError` if the file fails.
    """
    db, removed = store.database, _Removed()

    def repeat(step: Callable[[], int]) -> int:
        rows = 0
        while should_continue():
            with store.unit():
                done = step()
            rows += done
            if done < _UNIT_ROWS:
                break
        return rows

    def change(sql: str, before: datetime | None = None) -> int:
        return repeat(lambda: int(db.execute(sql, {"before": before}).rowcount))

    repeat(lambda: removed.drop_old(db, now - keep.bodies))
    repeat(lambda: removed.drop_beyond(db, keep.max_bytes))
    captures = change(_OLD_CAPTURES, now - keep.captures)
    change(_ORPHANS)
    mails = change(_OLD_MAIL, now - keep.bodies)
    with store.unit():
        store.arrivals.forget(now - baseline.HISTORY, now)
        store.withheld.forget(now)
        store.hosts.forget(now)
        analyze(store)
    with store_errors(store.path):
        store.database.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    return RetentionResult(removed.bodies, removed.bytes, captures, mails)


def analyze(store: Store) -> None:
    """Let SQLite sample each index for its planner. Call inside a unit of work, for it writes.

    `PRAGMA optimize` would take only tables that this connection has queried.
    """
    store.database.execute(f"PRAGMA analysis_limit = {_ANALYZED_ROWS}")
    store.database.execute("ANALYZE")


@dataclass(slots=True)
class _Removed:
    """Numbers of bodies and compressed bytes that were removed. Each method removes up to `_UNIT_ROWS` bodies."""

    bodies: int = 0
    bytes: int = 0
    last_row: int = 0

    def drop_old(self, db: Database, before: datetime) -> int:
        found = db.execute(_OLD_BODIES, {"before": before, "after": self.last_row}).fetchall()
        self.last_row = found[-1][0] if found else self.last_row
        return self._empty(db, found)

    def drop_beyond(self, db: Database, max_bytes: int) -> int:
        (total,) = db.execute("SELECT ifnull(sum(length(packed)), 0) FROM bodies").fetchone()
        chosen = []
        for body in db.execute(_OLDEST_BODIES).fetchall() if total > max_bytes else ():
            if total <= max_bytes:
                break
            chosen.append(body)
            total -= body[1]
        return self._empty(db, chosen)

    def _empty(self, db: Database, found: list[tuple[int, int]]) -> int:
        db.conn.executemany("UPDATE bodies SET packed = x'' WHERE rowid = ?", [(row,) for row, _ in found])
        self.bodies += len(found)
        self.bytes += sum(size for _, size in found)
        return len(found)
