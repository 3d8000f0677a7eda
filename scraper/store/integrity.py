"""Checks of the database: file, references, triggers and the indexes for search and matching, which it rebuilds."""

from __future__ import annotations

import sqlite3
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from statistics import median_high
from typing import TYPE_CHECKING, Final

from scraper.matching.model import RevisionKey
from scraper.serialize import parse_utc
from scraper.store.codec import scalar, scalar_time
from scraper.store.fingerprints import hashes_of
from scraper.store.upgrade import rebuild_search

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlite_utils import Database

    from scraper.store import Store

_SHOWN = 5
_COMPARED_ANSWERS = 20
_COMPARED_REVISIONS = 200
NEWEST: Final = 50
"""Number of revisions that are checked without reading the others: each has hundreds of places in the index."""
_RECENT = timedelta(days=7)
_SEARCH_TRIGGERS = frozenset({"revisions_ai", "revisions_ad", "revisions_au"})
_GUARDS = frozenset({"events_immutable", "messages_raw_immutable"})
_STRAY = """
SELECT count(*) FROM (
    SELECT statement_id, revision FROM fingerprints EXCEPT SELECT statement_id, number FROM revisions
)
"""
_NEWEST = "SELECT statement_id, number FROM revisions ORDER BY id DESC LIMIT ?"
_FOUND = """
SELECT count(*) FROM json_each(?) CROSS JOIN fingerprints f ON f.hash = value AND f.statement_id = ? AND f.revision = ?
"""
_UNSEARCHED = """
SELECT count(*) FROM (SELECT id FROM revisions ORDER BY id DESC LIMIT ?) newest
WHERE NOT EXISTS (SELECT 1 FROM revisions_fts_docsize WHERE id = newest.id)
"""


@dataclass(frozen=True, slots=True)
class IndexState:
    """Numbers of revisions without fingerprints, revisions with wrong ones, and fingerprints without a revision."""

    unindexed: int
    outdated: int
    stray: int

    @property
    def matches_wordings(self) -> bool:
        """True if the index matches the stored wordings."""
        return not (self.unindexed or self.outdated or self.stray)


def damage(store: Store) -> tuple[str, ...]:
    """Return the first problems (at most 5) that SQLite's integrity check finds; empty if the file is whole."""
    try:
        found = [row[0] for row in store.database.execute(f"PRAGMA integrity_check({_SHOWN})")]
    except sqlite3.DatabaseError as error:
        return (str(error),)
    lines = [line for text in found for line in str(text).splitlines() if not line.startswith("***")]
    return () if lines == ["ok"] else tuple(lines[:_SHOWN])


def broken_references(store: Store) -> tuple[str, ...]:
    """Return the numbers of rows with a broken reference, one text for each pair of tables."""
    found = store.database.execute("PRAGMA foreign_key_check")
    counts = Counter((table, parent) for table, _, parent, _ in found)
    return tuple(f"{number} of {table} refer to no {parent}" for (table, parent), number in sorted(counts.items()))


def missing_triggers(store: Store) -> tuple[str, ...]:
    """Return the missing triggers, of those that update search and those that protect events and rendered messages."""
    found = {name for (name,) in store.database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    return tuple(sorted((_SEARCH_TRIGGERS | _GUARDS) - found))


def search_fault(store: Store) -> str:
    """Return SQLite's error about full-text search; empty if its index matches the wordings."""
    try:
        with store.unit():
            # With rank 1 SQLite also compares the index with the table.
            store.database.execute("INSERT INTO revisions_fts (revisions_fts, rank) VALUES ('integrity-check', 1)")
    except Exception as error:
        if not isinstance(error.__cause__, sqlite3.DatabaseError):
            raise
        return str(error.__cause__)
    return ""


def newest_search_fault(store: Store) -> str:
    """Return the number of the `NEWEST` revisions that full-text search lacks, in words; empty if it has all."""
    missing = scalar(store.database, _UNSEARCHED, [NEWEST])
    return f"it lacks {missing} of the newest {NEWEST}" if missing else ""


def check_newest_of_index(store: Store) -> IndexState:
    """Check that the `NEWEST` revisions have their fingerprints, without reading those of all others."""
    db = store.database
    unindexed = outdated = 0
    for key in (RevisionKey(*row) for row in db.execute(_NEWEST, [NEWEST]).fetchall()):
        hashes = _expected_hashes(store, key)
        found = scalar(db, _FOUND, [tuple(hashes), *key])
        if found:
            outdated += found < len(hashes)
        elif hashes:
            # A revision without any may have the words of another one.
            same = store.fingerprints.same_words(store.fingerprints.text(key).digest)
            unindexed += not any(scalar(db, _FOUND, [tuple(_expected_hashes(store, each)), *each]) for each in same)
    return IndexState(unindexed, outdated, 0)


def check_index(store: Store) -> IndexState:
    """Check that every wording has fingerprints, and that those of the newest 200 revisions match their text."""
    db = store.database
    unindexed = {key for key in store.fingerprints.unindexed() if _expected_hashes(store, key)}
    newest = [RevisionKey(*key) for key in db.execute(_NEWEST, [_COMPARED_REVISIONS]).fetchall()]
    held: dict[RevisionKey, set[int]] = {key: set() for key in newest}
    for value, *key in db.execute("SELECT hash, statement_id, revision FROM fingerprints"):
        if (owner := RevisionKey(*key)) in held:
            held[owner].add(value)
    # A revision without any has the words of another one, or is counted as unindexed.
    outdated = sum(
        bool(hashes) and key not in unindexed and hashes != _expected_hashes(store, key) for key, hashes in held.items()
    )
    return IndexState(len(unindexed), outdated, db.execute(_STRAY).fetchone()[0])


def _expected_hashes(store: Store, key: RevisionKey) -> set[int]:
    return set(hashes_of(store.fingerprints.text(key)))


def newest_time(store: Store) -> datetime | None:
    """Return the time of the newest capture or event, or None."""
    return scalar_time(
        store.database,
        "SELECT max(at) FROM (SELECT max(captured_at) AS at FROM captures UNION SELECT max(detected_at) FROM events)",
    )


def clock_lead(store: Store, now: datetime) -> timedelta | None:
    """Return the median lead of our clock over the servers' clocks in the last 20 responses of a week, or None."""
    leads = list(_leads(store.database, now))
    return median_high(leads) if leads else None


def _leads(db: Database, now: datetime) -> Iterator[timedelta]:
    for at, date in db.execute(
        "SELECT captured_at, (SELECT json_extract(value, '$[1]') FROM json_each(headers)"
        " WHERE json_extract(value, '$[0]') = 'date') AS date FROM captures WHERE captured_at >= ? AND date IS NOT NULL"
        " ORDER BY captured_at DESC LIMIT ?",
        [now - _RECENT, _COMPARED_ANSWERS],
    ):
        try:
            server_time = parsedate_to_datetime(date)
        except ValueError:
            continue
        if server_time.tzinfo is not None:
            yield parse_utc(at) - server_time


def repair(store: Store) -> tuple[str, ...]:
    """Rebuild full-text search and fingerprints if they are wrong, each in a unit of work; return a text for each."""
    repaired = []
    if search_fault(store) or _SEARCH_TRIGGERS & set(missing_triggers(store)):
        with store.unit():
            rebuild_search(store.database)
        repaired.append("full-text search was rebuilt")
    if not check_index(store).matches_wordings:
        with store.unit():
            store.fingerprints.rebuild()
        repaired.append("fingerprints were rebuilt")
    return tuple(repaired)
