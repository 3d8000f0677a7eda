"""Copies: the pages that carry a statement, with relation, fidelity and times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scraper.pages import Copy
from scraper.serialize import optional_utc
from scraper.store.codec import from_row, insert, rows, to_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class CopyFilter:
    """Conditions on copies; None or empty is no condition. Copies that are gone need `with_gone`."""

    statement_id: int | None = None
    source: str | None = None
    relations: tuple[str, ...] = ()
    outdated: bool = False
    since: datetime | None = None
    with_gone: bool = False
    limit: int | None = None


class Copies:
    """Table of copies, by page and statement."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def on_page(self, page_id: int) -> list[Copy]:
        """Return the copies that a page has or had."""
        return self._many("WHERE c.page_id = ? ORDER BY c.statement_id", [page_id])

    def find(self, wanted: CopyFilter) -> list[Copy]:
        """Return matching copies in the order in which they were first seen; with a limit, the newest ones."""
        where, values = ["1"], list[Any]()
        for condition, value in (
            ("c.statement_id = ?", wanted.statement_id),
            ("p.source = ?", wanted.source),
            ("c.first_seen_at >= ?", optional_utc(wanted.since)),
        ):
            if value is not None:
                where.append(condition)
                values.append(value)
        if wanted.relations:
            where.append(f"c.relation IN ({', '.join('?' * len(wanted.relations))})")
            values.extend(wanted.relations)
        if wanted.outdated:
            where.append("c.outdated")
        if not wanted.with_gone:
            where.append("c.gone_at IS NULL")
        bound = f" LIMIT {int(wanted.limit)}" if wanted.limit is not None else ""
        found = self._many(
            f"JOIN pages p ON p.id = c.page_id WHERE {' AND '.join(where)}"
            f" ORDER BY c.first_seen_at DESC, c.page_id DESC, c.statement_id DESC{bound}",
            values,
        )
        return found[::-1]

    def save(self, copies: Iterable[Copy]) -> None:
        """Insert or replace copies. Call inside a unit of work."""
        for copy in copies:
            insert(self._db, "copies", to_row(copy), replace=True)

    def count(self) -> int:
        """Return the number of copies that are not gone."""
        return int(self._db.execute("SELECT count(*) FROM copies WHERE gone_at IS NULL").fetchone()[0])

    def _many(self, where: str, values: Sequence[Any]) -> list[Copy]:
        return [from_row(Copy, row) for row in rows(self._db, f"SELECT c.* FROM copies c {where}", values)]  # noqa: S608
