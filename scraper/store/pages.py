"""Mirror pages: the current classification of each, every wording that it had, and the time of its next recheck."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scraper import urls
from scraper.model import Wording
from scraper.pages import MirrorPage
from scraper.rules.wordings import wording_keys
from scraper.serialize import format_utc, optional_utc, parse_utc
from scraper.store.codec import from_row, insert, rows, to_row

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class StoredPage:
    """Page with the data of its last capture: parser, hash of the text in a feed, wording and all its visible text.

    `is_document` is False while only the text in a list is known; `worded_at` is the time at which its wording was
    first seen.
    """

    page: MirrorPage
    parser: str
    is_document: bool
    listed_sha256: str | None
    number: int
    wording: Wording
    worded_at: datetime
    shown: str


class Pages:
    """Table of pages and their wordings."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def by_url(self, url: str) -> MirrorPage | None:
        """Return the page at a URL; `http`, `www.` and a final slash make no difference, because feeds vary in them."""
        variants = urls.variants(url)
        return next(iter(self._many(f"WHERE p.url IN ({', '.join('?' * len(variants))})", variants)), None)

    def by_id(self, page_id: int) -> MirrorPage | None:
        """Return the page with an id, or None."""
        return next(iter(self._many("WHERE p.id = ?", [page_id])), None)

    def stored(self, page_id: int) -> StoredPage:
        """Return the page with an id and the data of its last capture."""
        (page,) = self._many("WHERE p.id = ?", [page_id])
        parser, is_document, listed, number, title, body, worded, shown = self._db.execute(
            "SELECT p.parser, p.is_document, p.listed_sha256, w.number, w.title, w.text, w.first_seen_at, w.shown"
            " FROM pages p JOIN page_wordings w ON w.page_id = p.id WHERE p.id = ? ORDER BY w.number DESC LIMIT 1",
            [page_id],
        ).fetchone()
        wording, worded_at = Wording(title, body), parse_utc(worded)
        return StoredPage(page, parser, bool(is_document), listed, number, wording, worded_at, shown)

    def had_wording_since(self, page_id: int, wording: Wording, since: datetime) -> bool:
        """Return True if a page had a wording after a time and has another one now."""
        rows = self._db.execute(
            "SELECT words_sha256, last_seen_at FROM page_wordings WHERE page_id = ? ORDER BY number", [page_id]
        ).fetchall()
        digest = wording_keys(wording).body_sha256
        earlier = any(had == digest and seen > format_utc(since) for had, seen in rows[:-1])
        return earlier and rows[-1][0] != digest

    def due(self, source: str, now: datetime, limit: int) -> list[MirrorPage]:
        """Return the pages of a source that are due for a recheck, the longest due first."""
        return self._many(
            "WHERE p.source = ? AND p.next_check_at <= ? ORDER BY p.next_check_at LIMIT ?",
            [source, format_utc(now), limit],
        )

    def untraced(self, source: str, since: datetime, limit: int) -> list[MirrorPage]:
        """Return pages without a copy that newer revisions may match: first seen since a time, or unsourced."""
        return self._many(
            "WHERE p.source = ? AND p.relation IN ('none', 'sibling', 'unsourced')"
            " AND (p.first_seen_at >= ? OR p.relation = 'unsourced')"
            " AND p.traced_revision_id < (SELECT ifnull(max(id), 0) FROM revisions)"
            " ORDER BY p.first_seen_at DESC LIMIT ?",
            [source, format_utc(since), limit],
        )

    def carriers(self, statement_id: int) -> list[MirrorPage]:
        """Return the pages that carry a statement now."""
        return self._many(
            "JOIN copies c ON c.page_id = p.id WHERE c.statement_id = ? AND c.gone_at IS NULL ORDER BY p.id",
            [statement_id],
        )

    def count(self) -> int:
        """Return the number of pages."""
        return int(self._db.execute("SELECT count(*) FROM pages").fetchone()[0])

    def count_since(self, source: str, since: datetime) -> int:
        """Return the number of pages of a source that were first seen since a time."""
        sql = "SELECT count(*) FROM pages WHERE source = ? AND first_seen_at >= ?"
        return int(self._db.execute(sql, [source, format_utc(since)]).fetchone()[0])

    # Changes

    def save(self, page: MirrorPage, *, parser: str, is_document: bool, listed_sha256: str | None) -> int:
        """Update a page, or insert it if its id is 0, and return its id. Call inside a unit of work."""
        row = to_row(page) | {"parser": parser, "is_document": is_document, "listed_sha256": listed_sha256}
        row["traced_revision_id"] = self._newest_revision()
        if not page.id:
            del row["id"]
            return insert(self._db, "pages", row)
        assignments = ", ".join(f"{column} = :{column}" for column in row)
        self._db.execute(f"UPDATE pages SET {assignments} WHERE id = :id", row)  # noqa: S608 - our own column names
        return page.id

    def save_wording(self, page_id: int, wording: Wording, shown: str, at: datetime, *, replaces: bool) -> None:
        """Store the current wording of a page: a new one if its words differ, unless it `replaces` the last one.

        Call inside a unit of work.
        """
        digest = wording_keys(wording).body_sha256
        row = self._db.execute(
            "SELECT id, number, words_sha256 FROM page_wordings WHERE page_id = ? ORDER BY number DESC LIMIT 1",
            [page_id],
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
                "page_id": page_id,
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
        """Assign the pages on a source's hosts to it, unless they belong to one of the `others`.

        Such pages exist if the source was renamed, or if they were first seen by `fetch` or in an imported file. Call
        inside a unit of work.
        """
        names = [source, *others]
        found = self._db.execute(
            f"SELECT id, url FROM pages WHERE source NOT IN ({', '.join('?' * len(names))})",  # noqa: S608
            names,
        )
        orphans = [(source, page_id) for page_id, url in found if urls.host(url) in hosts]
        self._db.conn.executemany("UPDATE pages SET source = ? WHERE id = ?", orphans)

    def note_listed(self, page_id: int, listed_sha256: str, at: datetime) -> None:
        """Record the hash of a feed's text of a page whose own document is known. Call inside a unit of work."""
        self._db.execute(
            "UPDATE pages SET listed_sha256 = ?, last_seen_at = max(last_seen_at, ?) WHERE id = ?",
            [listed_sha256, format_utc(at), page_id],
        )

    def listed_sha256(self, page_id: int) -> str | None:
        """Return the hash of the text that a feed last gave of a page, or None."""
        row = self._db.execute("SELECT listed_sha256 FROM pages WHERE id = ?", [page_id]).fetchone()
        return row[0] if row else None

    def mark_unsourced(self, page_id: int, at: datetime) -> None:
        """Record the time of the event that no statement matches a page's claim. Call inside a unit of work."""
        self._db.execute("UPDATE pages SET unsourced_at = ? WHERE id = ?", [format_utc(at), page_id])

    def schedule_recheck(self, page_id: int, next_check_at: datetime | None) -> None:
        """Set the time of the next recheck of a page; None for no recheck. Call inside a unit of work."""
        self._db.execute("UPDATE pages SET next_check_at = ? WHERE id = ?", [optional_utc(next_check_at), page_id])

    def _newest_revision(self) -> int:
        return int(self._db.execute("SELECT ifnull(max(id), 0) FROM revisions").fetchone()[0])

    def _many(self, where: str, values: Sequence[Any]) -> list[MirrorPage]:
        return [from_row(MirrorPage, row) for row in rows(self._db, f"SELECT p.* FROM pages p {where}", values)]  # noqa: S608
