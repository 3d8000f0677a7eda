"""All rows that an index file is built from: statements, their URLs, all wordings and all fingerprints."""

import hashlib
from collections.abc import Iterator
from typing import Any

from scraper.model import AUTHORITY
from scraper.store.codec import Table, rows

_STATEMENTS = """
SELECT s.*, r.words, (SELECT count(*) FROM revisions WHERE statement_id = s.id) AS revisions
FROM statements s JOIN revisions r ON r.statement_id = s.id AND r.number = s.revision ORDER BY s.id
"""
_FACTS = """
SELECT s.id, s.revision, r.number, r.words_sha256, r.title, s.guid, s.url, s.title, s.published_at, s.language
FROM statements s JOIN revisions r ON r.statement_id = s.id ORDER BY s.id, r.number
"""


class IndexRows(Table):
    """Read-only queries over all statements and wordings, in the order in which an index file has them."""

    def key(self) -> str:
        """Return a hash of what matching depends on: it is equal until a wording, title, date or URL changes."""
        found = hashlib.sha256()
        for row in self._db.execute(_FACTS):
            found.update(repr(row).encode("utf-8", "replace"))
        for row in self._db.execute("SELECT url, statement_id FROM statement_urls ORDER BY url, statement_id"):
            found.update(repr(row).encode("utf-8", "replace"))
        return found.hexdigest()

    def word_count(self) -> int:
        """Return the number of words of all wordings."""
        return int(self._db.execute("SELECT coalesce(sum(words), 0) FROM revisions").fetchone()[0])

    def statements(self) -> Iterator[dict[str, Any]]:
        """Yield each statement as its row, by id; its last check is left out, which changes with every poll."""
        for row in rows(self._db, _STATEMENTS):
            yield row | {"last_seen_at": row["first_seen_at"]}

    def revisions(self) -> Iterator[tuple[int, int, str, str, str]]:
        """Yield the statement, number, title, text and `words_sha256` of each revision, by statement and number."""
        yield from self._db.execute(
            "SELECT statement_id, number, title, text, words_sha256 FROM revisions ORDER BY statement_id, number"
        )

    def urls(self) -> Iterator[tuple[str, int]]:
        """Yield each URL at which a statement was seen, with its statement, in the order of `Statements.by_url`."""
        yield from self._db.execute(
            "SELECT url, statement_id FROM statement_urls ORDER BY last_seen_at DESC, statement_id DESC"
        )

    def guids(self) -> Iterator[tuple[str, str | None, int]]:
        """Yield the guid, number and id of each statement, in the order of `Statements.by_spelled_guid`."""
        yield from self._db.execute(
            "SELECT guid, number, id FROM statements ORDER BY authority = ? DESC, id", [AUTHORITY]
        )

    def fingerprints(self, count: int) -> Iterator[list[tuple[int, int, int]]]:
        """Yield (hash, statement, revision) of the index, sorted, in lists of `count`."""
        found = self._db.execute("SELECT hash, statement_id, revision FROM fingerprints ORDER BY 1, 2, 3")
        while batch := found.fetchmany(count):
            yield batch
