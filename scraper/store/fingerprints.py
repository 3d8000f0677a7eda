"""Index of the hashes of all revisions, in the database, for the matcher and the finder of quotations."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from scraper.matching import fingerprints
from scraper.matching import thresholds as t
from scraper.matching.model import IndexedText, RevisionKey
from scraper.rules.wordings import wording_keys
from scraper.serialize import parse_utc
from scraper.store.codec import scalar
from scraper.text.tokens import Words, WordsCache

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlite_utils import Database

    from scraper.model import Wording

# The statements of a hash are counted no further than the number that is too many. A hash of too many has one row, of
# NULL. The hashes are sorted, and a CROSS JOIN keeps that order: the table is read from its beginning to its end.
_POSTINGS = """
WITH counted AS MATERIALIZED (
    SELECT value, (
        SELECT count(*) FROM (SELECT DISTINCT statement_id FROM fingerprints WHERE hash = wanted.value LIMIT ?2 + 1)
    ) AS statements
    FROM json_each(?1) wanted
)
SELECT value, statement_id, revision
FROM counted CROSS JOIN fingerprints ON hash = value
WHERE statements BETWEEN 1 AND ?2
UNION ALL
SELECT value, NULL, NULL FROM counted WHERE statements > ?2
"""
_TEXT = """
SELECT r.title, r.text, r.words_sha256, r.number = s.revision,
    s.guid, s.url, s.published_at
FROM revisions r JOIN statements s ON s.id = r.statement_id WHERE r.statement_id = ? AND r.number = ?
"""

# Rows that wait in memory, of about 1,000 statements: 20 MB. Each row of a statement is on a page of its own in a large
# index, so the more rows are inserted together, in its order, the fewer pages are written.
_MAX_WAITING = 200_000

# Makes a `RevisionKey` without a call of Python code: a page has hundreds.
_new_key = tuple.__new__

# The primary key of fingerprints begins with the hash, so a query by revision reads the whole table once.
_UNINDEXED = """
WITH indexed AS MATERIALIZED (SELECT DISTINCT statement_id, revision FROM fingerprints)
SELECT statement_id, number FROM revisions WHERE words_sha256 NOT IN (
    SELECT r.words_sha256 FROM revisions r JOIN indexed i ON i.statement_id = r.statement_id AND i.revision = r.number
)
"""


class Fingerprints:
    """Index over all revisions; implements `scraper.matching.model.Index`.

    Remove a revision before its text or title changes and add it again afterwards: the rows to delete are computed
    from the text. Rows to insert wait for `write`, which `Store.unit` calls before it commits; every method that reads
    the index calls it first.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._words = WordsCache(t.CACHED_CHARS)
        self._waiting: dict[RevisionKey, list[int]] = {}
        self._waiting_count = 0

    def write(self) -> None:
        """Insert the rows that wait, in the order of the index."""
        if self._waiting:
            waiting = self._waiting.items()
            rows = [(value, statement_id, revision) for (statement_id, revision), hashes in waiting for value in hashes]
            rows.sort(key=itemgetter(0))
            self._db.conn.executemany(
                "INSERT OR IGNORE INTO fingerprints (hash, statement_id, revision) VALUES (?, ?, ?)", rows
            )
            self.discard()

    def discard(self) -> None:
        """Forget the rows that wait, because the transaction that stored their revisions was rolled back."""
        self._waiting.clear()
        self._waiting_count = 0

    def add(self, key: RevisionKey, wording: Wording | None = None) -> None:
        """Index a stored revision, unless one with the same words is indexed; `wording` is its own, if known."""
        if wording is None:
            text = self.text(key)
            title, words, digest = text.title, text.words, text.digest
        else:
            title, words, digest = wording.title, Words(wording.text), wording_keys(wording).body_sha256
        if not self._is_indexed(words, [other for other in self.same_words(digest) if other != key]):
            self._insert(key, title, words)

    def remove(self, key: RevisionKey) -> None:
        """Remove a stored revision; another with the same words takes its place."""
        text = self.text(key)
        waiting = self._waiting.pop(key, [])
        self._waiting_count -= len(waiting)
        removed = self._db.conn.executemany(
            "DELETE FROM fingerprints WHERE hash = ? AND statement_id = ? AND revision = ?",
            [(value, *key) for value in hashes_of(text)],
        ).rowcount
        substitute = next((other for other in self.same_words(text.digest) if other != key), None)
        if (removed > 0 or waiting) and substitute is not None:
            text = self.text(substitute)
            self._insert(substitute, text.title, text.words)

    def rebuild(self) -> None:
        """Clear the index and index every stored revision again."""
        self.discard()
        self._db.execute("DELETE FROM fingerprints")
        found = self._db.execute("SELECT statement_id, number FROM revisions ORDER BY statement_id, number").fetchall()
        for key in found:
            self.add(RevisionKey(*key))
        self.write()

    def unindexed(self) -> list[RevisionKey]:
        """Return the revisions of whose wording no revision has fingerprints."""
        self.write()
        return [RevisionKey(*key) for key in self._db.execute(_UNINDEXED).fetchall()]

    def postings(self, hashes: Sequence[int]) -> Mapping[int, Sequence[RevisionKey]]:
        """See `scraper.matching.model.Index`."""
        self.write()
        rows = self._db.execute(_POSTINGS, [tuple(sorted(hashes)), t.COMMON_STATEMENTS])
        return {
            value: [_new_key(RevisionKey, (statement, number)) for _, statement, number in found if number is not None]
            for value, found in groupby(rows, itemgetter(0))
        }

    def sources(self, statement_ids: Collection[int]) -> Mapping[int, tuple[datetime | None, int]]:
        """See `scraper.matching.model.Index`."""
        found = self._db.execute(
            "SELECT id, published_at, revision FROM statements WHERE id IN (SELECT value FROM json_each(?))",
            [tuple(statement_ids)],
        )
        return {
            statement_id: (parse_utc(published_at) if published_at else None, revision)
            for statement_id, published_at, revision in found
        }

    def same_words(self, digest: str) -> Sequence[RevisionKey]:
        """See `scraper.matching.model.Index`."""
        rows = self._db.execute(
            "SELECT statement_id, number FROM revisions WHERE words_sha256 = ? ORDER BY statement_id, number", [digest]
        )
        return [RevisionKey(*key) for key in rows]

    def text(self, key: RevisionKey) -> IndexedText:
        """See `scraper.matching.model.Index`."""
        row = self._db.execute(_TEXT, list(key)).fetchone()
        title, body, digest, is_current, guid, url, published_at = row
        return IndexedText(
            title=title,
            words=self._words.get(body),
            digest=digest,
            guid=guid,
            url=url,
            published_at=parse_utc(published_at) if published_at else None,
            is_current=bool(is_current),
        )

    def _is_indexed(self, body: Words, keys: Sequence[RevisionKey]) -> bool:
        """Return True if one of the revisions, all with this body, is indexed: one hash of it is enough."""
        if not keys:
            return False
        self.write()
        hashes = fingerprints.revision_hashes("", body)
        sql = "SELECT 1 FROM fingerprints WHERE hash = ? AND statement_id = ? AND revision = ?"
        return bool(hashes) and any(scalar(self._db, sql, [hashes[0], *key]) for key in keys)

    def _insert(self, key: RevisionKey, title: str, body: Words) -> None:
        hashes = self._waiting[key] = fingerprints.revision_hashes(title, body)
        self._waiting_count += len(hashes)
        if self._waiting_count >= _MAX_WAITING:
            self.write()


def hashes_of(text: IndexedText) -> list[int]:
    """Return the hashes of a revision that the index keeps, sorted."""
    return fingerprints.revision_hashes(text.title, text.words)
