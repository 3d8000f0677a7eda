"""Documents of other sites: what each was found to be, every wording it had, and when it is looked at again."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from scraper import urls
from scraper.model import MirrorPage, Precision, Relation, Wording
from scraper.serialize import format_utc, parse_utc
from scraper.store.codec import insert, rows
from scraper.store.statements import words_sha256

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlite_utils import Database

_LISTS = ("claimed_urls", "via", "quotes")
_TIMES = ("first_seen_at", "last_seen_at", "published_at", "unsourced_at", "next_check_at")
_COLUMNS = ", ".join(f"p.{field.name}" for field in fields(MirrorPage))


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A page with what its last sight left: who read it, what a feed gave of it, its wording and all its visible text.

    `traced_upto` is the newest revision, by row, that the page was compared with; `worded_at` is when its wording was
    first seen.
    """

    page: MirrorPage
    parser: str
    listed_sha256: str | None
    traced_upto: int
    number: int
    wording: Wording
    worded_at: datetime
    shown: str


class Pages:
    """The pages and their wordings."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def by_url(self, url: str) -> MirrorPage | None:
        """The page at an address; `http`, `www.` and a final slash aside, which sites change their feeds by."""
        spelled = urls.variants(url)
        return next(iter(self._many(f"WHERE p.url IN ({', '.join('?' * len(spelled))})", spelled)), None)

    def by_id(self, key: int) -> MirrorPage | None:
        """The page in a row."""
        return next(iter(self._many("WHERE p.id = ?", [key])), None)

    def stored(self, key: int) -> StoredPage:
        """A page in a row with what its last sight left."""
        (page,) = self._many("WHERE p.id = ?", [key])
        parser, listed, upto, number, title, body, worded, shown = self._db.execute(
            "SELECT p.parser, p.listed_sha256, p.traced_upto, w.number, w.title, w.text, w.first_seen_at, w.shown"
            " FROM pages p JOIN page_wordings w ON w.page = p.id WHERE p.id = ? ORDER BY w.number DESC LIMIT 1",
            [key],
        ).fetchone()
        return StoredPage(page, parser, listed, upto, number, Wording(title, body), parse_utc(worded), shown)

    def wordings(self, key: int) -> list[tuple[int, Wording, datetime]]:
        """Every wording of a page, in order: its number, the wording, when it was first seen."""
        return [
            (number, Wording(title, body), parse_utc(first))
            for number, title, body, first in self._db.execute(
                "SELECT number, title, text, first_seen_at FROM page_wordings WHERE page = ? ORDER BY number", [key]
            )
        ]

    def had_since(self, key: int, wording: Wording, since: datetime) -> bool:
        """Whether a page had a wording since then, and another after it."""
        rows = self._db.execute(
            "SELECT words_sha256, last_seen_at FROM page_wordings WHERE page = ? ORDER BY number", [key]
        ).fetchall()
        digest = words_sha256(wording)
        earlier = any(had == digest and seen > format_utc(since) for had, seen in rows[:-1])
        return earlier and rows[-1][0] != digest

    def due(self, source: str, now: datetime, limit: int) -> list[MirrorPage]:
        """What is to be looked at again of a source's pages, the longest due first."""
        return self._many(
            "WHERE p.source = ? AND p.next_check_at <= ? ORDER BY p.next_check_at LIMIT ?",
            [source, format_utc(now), limit],
        )

    def untraced(self, source: str, since: datetime, limit: int) -> list[MirrorPage]:
        """Pages without a copy that newer wordings of State may explain: seen first since then, or unsourced."""
        return self._many(
            "WHERE p.source = ? AND p.relation IN ('none', 'sibling', 'unsourced')"
            " AND (p.first_seen_at >= ? OR p.relation = 'unsourced')"
            " AND p.traced_upto < (SELECT ifnull(max(id), 0) FROM revisions)"
            " ORDER BY p.first_seen_at DESC LIMIT ?",
            [source, format_utc(since), limit],
        )

    def carriers(self, statement: int) -> list[MirrorPage]:
        """The pages that carry a statement now."""
        return self._many(
            "JOIN copies c ON c.page = p.id WHERE c.statement = ? AND c.gone_at IS NULL ORDER BY p.id", [statement]
        )

    def count(self) -> int:
        """How many pages are known."""
        return int(self._db.execute("SELECT count(*) FROM pages").fetchone()[0])

    # What changes

    def count_since(self, source: str, since: datetime) -> int:
        """How many pages of a source were first seen since then."""
        sql = "SELECT count(*) FROM pages WHERE source = ? AND first_seen_at >= ?"
        return int(self._db.execute(sql, [source, format_utc(since)]).fetchone()[0])

    def save(self, page: MirrorPage, *, parser: str, listed_sha256: str | None) -> int:
        """Keep a page as it stands now; its row, new where its id is 0. Within a unit."""
        row: dict[str, Any] = {field.name: getattr(page, field.name) for field in fields(MirrorPage)}
        row |= {name: json.dumps(row[name], ensure_ascii=False) for name in _LISTS}
        row |= {name: format_utc(row[name]) if row[name] else None for name in _TIMES}
        row |= {"parser": parser, "listed_sha256": listed_sha256, "traced_upto": self._newest_revision()}
        if not page.id:
            del row["id"]
            return insert(self._db, "pages", row)
        assignments = ", ".join(f"{column} = :{column}" for column in row)
        self._db.execute(f"UPDATE pages SET {assignments} WHERE id = :id", row)  # noqa: S608 - our own column names
        return page.id

    def save_wording(self, key: int, wording: Wording, shown: str, at: datetime, *, replaces: bool) -> None:
        """Keep what a page says now: a new wording where its words are others, unless it `replaces` the last one.

        Within a unit.
        """
        digest = words_sha256(wording)
        row = self._db.execute(
            "SELECT id, number, words_sha256 FROM page_wordings WHERE page = ? ORDER BY number DESC LIMIT 1", [key]
        ).fetchone()
        if row is not None and (replaces or row[2] == digest):
            self._db.execute(
                "UPDATE page_wordings SET title = ?, text = ?, shown = ?, words_sha256 = ?, last_seen_at = ?"
                " WHERE id = ?",
                [wording.title, wording.text, shown, digest, format_utc(at), row[0]],
            )
            return
        insert(
            self._db,
            "page_wordings",
            {
                "page": key,
                "number": row[1] + 1 if row else 1,
                "title": wording.title,
                "text": wording.text,
                "shown": shown,
                "words_sha256": digest,
                "first_seen_at": format_utc(at),
                "last_seen_at": format_utc(at),
            },
        )

    def adopt(self, source: str, hosts: Collection[str], others: Collection[str]) -> None:
        """Give a source the pages on its hosts that none of the `others` has: it was renamed, or they were first
        seen by hand or in a file. Within a unit.
        """
        names = [source, *others]
        found = self._db.execute(
            f"SELECT id, url FROM pages WHERE source NOT IN ({', '.join('?' * len(names))})",  # noqa: S608
            names,
        )
        orphans = [(source, key) for key, url in found if urls.host(url) in hosts]
        self._db.conn.executemany("UPDATE pages SET source = ? WHERE id = ?", orphans)

    def note_listed(self, key: int, listed_sha256: str, at: datetime) -> None:
        """Note what a feed gave of a page whose own document is known. Within a unit."""
        self._db.execute(
            "UPDATE pages SET listed_sha256 = ?, last_seen_at = max(last_seen_at, ?) WHERE id = ?",
            [listed_sha256, format_utc(at), key],
        )

    def listed_sha256(self, key: int) -> str | None:
        """What a feed last gave of a page."""
        row = self._db.execute("SELECT listed_sha256 FROM pages WHERE id = ?", [key]).fetchone()
        return row[0] if row else None

    def mark_unsourced(self, key: int, at: datetime) -> None:
        """Note when it was told that nothing carries what a page claims. Within a unit."""
        self._db.execute("UPDATE pages SET unsourced_at = ? WHERE id = ?", [format_utc(at), key])

    def schedule_recheck(self, key: int, next_check_at: datetime | None) -> None:
        """Plan the next look at a page. Within a unit."""
        self._db.execute(
            "UPDATE pages SET next_check_at = ? WHERE id = ?",
            [format_utc(next_check_at) if next_check_at else None, key],
        )

    def _newest_revision(self) -> int:
        return int(self._db.execute("SELECT ifnull(max(id), 0) FROM revisions").fetchone()[0])

    def _many(self, where: str, values: Sequence[Any]) -> list[MirrorPage]:
        return [_page(row) for row in rows(self._db, f"SELECT {_COLUMNS} FROM pages p {where}", values)]  # noqa: S608


def _page(row: dict[str, Any]) -> MirrorPage:
    row |= {name: tuple(json.loads(row[name])) for name in _LISTS}
    row |= {name: parse_utc(row[name]) if row[name] else None for name in _TIMES}
    row["relation"] = Relation(row["relation"])
    row["precision"] = Precision(row["precision"]) if row["precision"] else None
    row["claims_department"], row["backfill"] = bool(row["claims_department"]), bool(row["backfill"])
    return MirrorPage(**row)
