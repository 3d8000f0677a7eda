"""Copies of one statement with the pages that carry them, a part of them at a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from scraper.pages import Copy, MirrorPage
from scraper.serialize import parse_utc
from scraper.store.codec import Table, load, scalar

# What a reader has to know of first: altered copies, then outdated ones, then those that still stand.
_NOTABLE = "c.relation = 'altered' DESC, c.outdated DESC, c.gone_at IS NULL DESC, c.first_seen_at, c.page_id"


class Carriers(Table):
    """Copies of a statement, joined with their pages."""

    def all(self, statement_id: int) -> list[tuple[Copy, MirrorPage]]:
        """Return every copy that a statement has or had, in the order in which they were first seen."""
        return self.part(statement_id, -1, 0)

    def part(self, statement_id: int, limit: int, offset: int) -> list[tuple[Copy, MirrorPage]]:
        """Return at most `limit` copies after the first `offset`, in the order in which they were first seen."""
        return self._read(
            "WHERE c.statement_id = ? ORDER BY c.first_seen_at, c.page_id LIMIT ? OFFSET ?",
            [statement_id, limit, offset],
        )

    def notable(self, statement_id: int, limit: int) -> list[tuple[Copy, MirrorPage]]:
        """Return at most `limit` copies: altered ones first, then outdated ones, then those that still stand."""
        return self._read(f"WHERE c.statement_id = ? ORDER BY {_NOTABLE} LIMIT ?", [statement_id, limit])

    def one(self, page_id: int, statement_id: int) -> tuple[Copy, MirrorPage] | None:
        """Return the copy of a statement on a page, or None."""
        return next(iter(self._read("WHERE c.page_id = ? AND c.statement_id = ?", [page_id, statement_id])), None)

    def count(self, statement_id: int) -> int:
        """Return the number of copies that a statement has or had."""
        return int(scalar(self._db, "SELECT count(*) FROM copies WHERE statement_id = ?", [statement_id]))

    def wordings(self, page_id: int, limit: int) -> list[tuple[int, str, datetime]]:
        """Return (number, title, time of first sight) of the newest wordings of a page, in order."""
        sql = "SELECT number, title, first_seen_at FROM page_wordings WHERE page_id = ? ORDER BY number DESC LIMIT ?"
        return [(number, title, parse_utc(at)) for number, title, at in self._db.execute(sql, [page_id, limit])][::-1]

    def _read(self, where: str, values: Sequence[Any]) -> list[tuple[Copy, MirrorPage]]:
        copies = load(Copy, self._db, f"SELECT c.* FROM copies c {where}", values)  # noqa: S608
        ids = tuple({copy.page_id for copy in copies})
        found = load(MirrorPage, self._db, "SELECT * FROM pages WHERE id IN (SELECT value FROM json_each(?))", [ids])
        pages = {page.id: page for page in found}
        return [(copy, pages[copy.page_id]) for copy in copies]
