"""Revisions of a statement: all of them without their texts, and one with its text."""

from dataclasses import dataclass
from datetime import datetime

from scraper.model import Grade, Revision
from scraper.store.codec import Table, load


@dataclass(frozen=True, slots=True)
class RevisionLine:
    """Revision without its text."""

    number: int
    title: str
    words: int
    first_seen_at: datetime
    last_seen_at: datetime
    grade: Grade | None


class Revisions(Table):
    """Table of revisions: a statement can have many, of which each is as long as a book."""

    def lines(self, statement_id: int) -> list[RevisionLine]:
        """Return the revisions of a statement, in order."""
        sql = (
            "SELECT number, title, words, first_seen_at, last_seen_at, grade FROM revisions"
            " WHERE statement_id = ? ORDER BY number"
        )
        return load(RevisionLine, self._db, sql, [statement_id])

    def one(self, statement_id: int, number: int) -> Revision | None:
        """Return a revision by its number, or None."""
        sql = "SELECT * FROM revisions WHERE statement_id = ? AND number = ?"
        return next(iter(load(Revision, self._db, sql, [statement_id, number])), None)
