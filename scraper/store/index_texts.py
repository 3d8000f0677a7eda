"""Wordings for the index of the static site: what changes with them, and their texts."""

from collections.abc import Iterator
from typing import NamedTuple

from scraper.store.codec import Table


class IndexedWording(NamedTuple):
    """A wording as the index lists it. `day` is that of publication, else that of first sight, as `2026-05-12`."""

    revision_id: int
    statement_id: int
    number: int
    title: str
    words_sha256: str
    day: str


class IndexTexts(Table):
    """Read-only queries over all wordings of all statements."""

    def wordings(self) -> list[IndexedWording]:
        """Return all wordings in the order in which they were stored."""
        found = self._db.execute(
            "SELECT r.id, r.statement_id, r.number, r.title, r.words_sha256,"
            " substr(coalesce(s.published_at, s.first_seen_at), 1, 10)"
            " FROM revisions r JOIN statements s ON s.id = r.statement_id ORDER BY r.id"
        )
        return list(map(IndexedWording._make, found))

    def text(self, revision_id: int) -> str:
        """Return the text of a wording."""
        row = self._db.execute("SELECT text FROM revisions WHERE id = ?", [revision_id]).fetchone()
        return str(row[0])

    def current_numbers(self) -> Iterator[tuple[int, int]]:
        """Yield the id and the number of the current revision of each statement that has had several."""
        yield from self._db.execute(
            "SELECT id, revision FROM statements s WHERE EXISTS"
            " (SELECT 1 FROM revisions WHERE statement_id = s.id AND number > 1) ORDER BY id"
        )
