"""Copies: the pages that carry a statement, with relation, fidelity and times."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from scraper.model import Grade, Relation, Span
from scraper.pages import Copy
from scraper.serialize import format_utc, parse_utc
from scraper.store.codec import rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlite_utils import Database

_LISTS = ("differences", "evidence", "spans")
_TIMES = ("first_seen_at", "last_seen_at", "missing_since", "gone_at")
_COLUMN_OF = {"page_id": "page", "statement_id": "statement"}
_NAMES = [field.name for field in fields(Copy)]
_COLUMNS = ", ".join(f"c.{_COLUMN_OF.get(name, name)} AS {name}" for name in _NAMES)


@dataclass(frozen=True, slots=True)
class CopyFilter:
    """Conditions on copies; None or empty is no condition. Copies that are gone need `with_gone`."""

    statement_id: int | None = None
    source: str | None = None
    relations: tuple[str, ...] = ()
    since: datetime | None = None
    with_gone: bool = False
    limit: int | None = None


class Copies:
    """Table of copies, by page and statement."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def on_page(self, page_id: int) -> list[Copy]:
        """Return the copies that a page has or had."""
        return self._many("WHERE c.page = ? ORDER BY c.statement", [page_id])

    def find(self, wanted: CopyFilter) -> list[Copy]:
        """Return matching copies in the order in which they were first seen; with a limit, the newest ones."""
        where, values = ["1"], list[Any]()
        for condition, value in (
            ("c.statement = ?", wanted.statement_id),
            ("p.source = ?", wanted.source),
            ("c.first_seen_at >= ?", format_utc(wanted.since) if wanted.since else None),
        ):
            if value is not None:
                where.append(condition)
                values.append(value)
        if wanted.relations:
            where.append(f"c.relation IN ({', '.join('?' * len(wanted.relations))})")
            values.extend(wanted.relations)
        if not wanted.with_gone:
            where.append("c.gone_at IS NULL")
        bound = f" LIMIT {int(wanted.limit)}" if wanted.limit is not None else ""
        found = self._many(
            f"JOIN pages p ON p.id = c.page WHERE {' AND '.join(where)}"
            f" ORDER BY c.first_seen_at DESC, c.page DESC, c.statement DESC{bound}",
            values,
        )
        return found[::-1]

    def save(self, copies: Iterable[Copy]) -> None:
        """Insert or replace copies. Call inside a unit of work."""
        self._db.conn.executemany(
            f"INSERT OR REPLACE INTO copies ({', '.join(_COLUMN_OF.get(name, name) for name in _NAMES)})"  # noqa: S608 - our own column names
            f" VALUES ({', '.join(f':{name}' for name in _NAMES)})",
            [_row(copy) for copy in copies],
        )

    def count(self) -> int:
        """Return the number of copies that are not gone."""
        return int(self._db.execute("SELECT count(*) FROM copies WHERE gone_at IS NULL").fetchone()[0])

    def _many(self, where: str, values: Sequence[Any]) -> list[Copy]:
        return [_copy(row) for row in rows(self._db, f"SELECT {_COLUMNS} FROM copies c {where}", values)]  # noqa: S608


def _row(copy: Copy) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(copy, name) for name in _NAMES}
    row |= {name: json.dumps(row[name], ensure_ascii=False) for name in _LISTS}
    return row | {name: format_utc(row[name]) if row[name] else None for name in _TIMES}


def _copy(row: dict[str, Any]) -> Copy:
    row |= {name: tuple(json.loads(row[name])) for name in _LISTS}
    row |= {name: parse_utc(row[name]) if row[name] else None for name in _TIMES}
    row["spans"] = tuple(Span((s[0], s[1]), (p[0], p[1])) for s, p in row["spans"])
    row["relation"], row["fit"] = Relation(row["relation"]), Relation(row["fit"])
    row["grade"] = Grade(row["grade"]) if row["grade"] else None
    return Copy(**row)
