"""Mirror pages: the classification, wordings and next recheck of each, and the copies of statements on them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from scraper import urls
from scraper.model import Wording
from scraper.pages import Copy, MirrorPage
from scraper.rules.schedule import LONGEST_RECHECK
from scraper.rules.wordings import wording_keys
from scraper.serialize import format_utc, parse_utc
from scraper.store.codec import Table, from_row, insert, load, matching, overwrite, rows, scalar, to_row, update
from scraper.store.filters import CHANGED, at_site

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from datetime import datetime


# Steps from one source to the next in the index, without reading the pages of each.
_OF_OTHERS = """
WITH RECURSIVE sources (name) AS (
    SELECT min(source) FROM pages
    UNION ALL SELECT (SELECT min(source) FROM pages WHERE source > name) FROM sources WHERE name IS NOT NULL
)
SELECT p.id, p.url FROM sources CROSS JOIN pages p ON p.source = name
WHERE name NOT IN (SELECT value FROM json_each(?))
"""


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
    version: int


class Pages(Table):
    """Table of pages and their wordings."""

    def by_url(self, url: str) -> MirrorPage | None:
        """Return the page at a URL, or else the page that the URL has named as canonical.

        `http`, `www.`, a final slash and session ids make no difference, because feeds vary in them.
        """
        variants = (*urls.variants(url), url)
        return next(
            iter(
                self._many(
                    "WHERE p.id IN (SELECT id FROM pages WHERE url IN (SELECT value FROM json_each(?))"
                    " UNION SELECT page_id FROM page_urls WHERE url IN (SELECT value FROM json_each(?)))"
                    " ORDER BY p.url IN (SELECT value FROM json_each(?)) DESC, p.id",
                    [variants, variants, variants],
                )
            ),
            None,
        )

    def by_id(self, page_id: int) -> MirrorPage | None:
        """Return the page with an id, or None."""
        return next(iter(self._many("WHERE p.id = ?", [page_id])), None)

    def stored(self, page_id: int) -> StoredPage:
        """Return the page with an id and the data of its last capture."""
        (page,) = self._many("WHERE p.id = ?", [page_id])
        parser, is_document, listed, number, title, body, worded, shown, version = self._db.execute(
            "SELECT p.parser, p.is_document, p.listed_sha256, w.number, w.title, w.text, w.first_seen_at, w.shown,"
            " p.parser_version"
            " FROM pages p JOIN page_wordings w ON w.page_id = p.id WHERE p.id = ? ORDER BY w.number DESC LIMIT 1",
            [page_id],
        ).fetchone()
        wording, worded_at = Wording(title, body), parse_utc(worded)
        return StoredPage(page, parser, bool(is_document), listed, number, wording, worded_at, shown, version)

    def had_wording_since(self, page_id: int, wording: Wording, since: datetime) -> bool:
        """Return True if a page had a wording after a time and has another one now."""
        sql = "SELECT words_sha256, last_seen_at FROM page_wordings WHERE page_id = ? ORDER BY number"
        found = self._db.execute(sql, [page_id]).fetchall()
        digest = wording_keys(wording).body_sha256
        earlier = any(had == digest and seen > format_utc(since) for had, seen in found[:-1])
        return earlier and found[-1][0] != digest

    def due(self, source: str, now: datetime, limit: int) -> list[MirrorPage]:
        """Return the pages of a source that are due for a recheck (see `Rechecks.due`), the longest due first."""
        return self._many(
            # Two ranges of the index; with OR, SQLite would read all pages of the source.
            "WHERE source = ? AND next_check_at <= ?"
            " UNION ALL SELECT * FROM pages WHERE source = ? AND next_check_at > ? ORDER BY next_check_at LIMIT ?",
            [source, now, source, now + LONGEST_RECHECK, limit],
        )

    def untraced(self, source: str, since: datetime, limit: int) -> list[MirrorPage]:
        """Return pages without a copy that newer revisions may match: first seen since a time, or unsourced."""
        return self._many(
            "WHERE source = ?1 AND relation IN ('none', 'sibling', 'quoted', 'unsourced') AND first_seen_at >= ?2"
            " AND traced_revision_id < (SELECT ifnull(max(id), 0) FROM revisions)"
            " UNION ALL SELECT * FROM pages WHERE source = ?1 AND relation = 'unsourced' AND first_seen_at < ?2"
            " AND traced_revision_id < (SELECT ifnull(max(id), 0) FROM revisions)"
            " ORDER BY first_seen_at DESC LIMIT ?3",
            [source, since, limit],
        )

    def unsearched(self, source: str, limit: int) -> list[MirrorPage]:
        """Return pages that were stored before quotations were searched."""
        return self._many("WHERE p.source = ? AND NOT p.is_searched ORDER BY p.id LIMIT ?", [source, limit])

    def carriers(self, statement_id: int) -> list[MirrorPage]:
        """Return the pages that carry a statement now."""
        return self._many(
            "JOIN copies c ON c.page_id = p.id WHERE c.statement_id = ? AND c.gone_at IS NULL ORDER BY p.id",
            [statement_id],
        )

    def has_site(self, site: str) -> bool:
        """Return True if a page of a site is stored; see `filters.at_site`."""
        on_site, values = at_site("source", "url", site)
        return scalar(self._db, f"SELECT 1 FROM pages WHERE {on_site} LIMIT 1", values) is not None  # noqa: S608

    def hosts(self) -> list[str]:
        """Return the hosts of all pages, without `www.`."""
        found = self._db.execute("SELECT url FROM pages")
        return sorted({urls.family(urls.host(url)) for (url,) in found})

    def count(self) -> int:
        """Return the number of pages."""
        return int(scalar(self._db, "SELECT count(*) FROM pages"))

    def count_since(self, source: str, since: datetime) -> int:
        """Return the number of pages of a source that were first seen since a time."""
        sql = "SELECT count(*) FROM pages WHERE source = ? AND first_seen_at >= ?"
        return int(scalar(self._db, sql, [source, since]))

    # Changes

    def save(self, page: MirrorPage, *, parser: str, version: int, is_document: bool, listed_sha256: str | None) -> int:
        """Update a page, or insert it if its id is 0, and return its id."""
        row = to_row(page) | {
            "parser": parser,
            "parser_version": version,
            "is_document": is_document,
            "listed_sha256": listed_sha256,
            "is_searched": True,
        }
        row["traced_revision_id"] = scalar(self._db, "SELECT ifnull(max(id), 0) FROM revisions")
        if not row.pop("id"):
            return insert(self._db, "pages", row)
        update(self._db, "pages", {"id": page.id}, row)
        return page.id

    def save_wording(self, page_id: int, wording: Wording, shown: str, at: datetime, *, replaces: bool) -> None:
        """Store the current wording of a page: a new one if its words differ, unless it `replaces` the last one."""
        digest = wording_keys(wording).body_sha256
        row = {"title": wording.title, "text": wording.text, "shown": shown, "words_sha256": digest, "last_seen_at": at}
        last = self._db.execute(
            "SELECT id, number, words_sha256 FROM page_wordings WHERE page_id = ? ORDER BY number DESC LIMIT 1",
            [page_id],
        ).fetchone()
        if last is not None and (replaces or last[2] == digest):
            update(self._db, "page_wordings", {"id": last[0]}, row)
        else:
            key = {"page_id": page_id, "number": last[1] + 1 if last else 1, "first_seen_at": at}
            insert(self._db, "page_wordings", key | row)

    def note_url(self, page_id: int, url: str) -> None:
        """Record that a page is shown at another URL too."""
        insert(self._db, "page_urls", {"url": url, "page_id": page_id}, conflict=overwrite("page_id"))

    def forget_url(self, url: str) -> None:
        """Forget that a page is shown at another URL."""
        self._db.execute("DELETE FROM page_urls WHERE url = ?", [url])

    def rename(self, page_id: int) -> bool:
        """Give a page another one of its URLs; return False if it has none."""
        url = scalar(self._db, "SELECT min(url) FROM page_urls WHERE page_id = ?", [page_id])
        if url is not None:
            self.forget_url(url)
            update(self._db, "pages", {"id": page_id}, {"url": url})
        return url is not None

    def adopt(self, source: str, hosts: Collection[str], others: Collection[str]) -> None:
        """Assign the pages on a source's hosts to it, unless they belong to one of the `others`.

        Such pages exist if the source was renamed, or if they were first seen by `fetch` or in an imported file.
        """
        found = self._db.execute(_OF_OTHERS, [(source, *others)])
        orphans = [(source, page_id) for page_id, url in found if urls.host(url) in hosts]
        self._db.conn.executemany("UPDATE pages SET source = ? WHERE id = ?", orphans)

    def note_listed(self, page_id: int, listed_sha256: str, at: datetime) -> None:
        """Record the hash of a feed's text of a page whose own document is known."""
        self._db.execute(
            "UPDATE pages SET listed_sha256 = ?, last_seen_at = max(last_seen_at, ?) WHERE id = ?",
            [listed_sha256, at, page_id],
        )

    def listed_sha256(self, page_id: int) -> str | None:
        """Return the hash of the text that a feed last gave of a page, or None."""
        found: str | None = scalar(self._db, "SELECT listed_sha256 FROM pages WHERE id = ?", [page_id])
        return found

    def mark_unsourced(self, page_id: int, at: datetime) -> None:
        """Record the time of the event that no statement matches a page's claim."""
        update(self._db, "pages", {"id": page_id}, {"unsourced_at": at})

    def schedule_recheck(self, page_id: int, next_check_at: datetime | None) -> None:
        """Set the time of the next recheck of a page; None for no recheck."""
        update(self._db, "pages", {"id": page_id}, {"next_check_at": next_check_at})

    def _many(self, where: str, values: Sequence[Any]) -> list[MirrorPage]:
        return load(MirrorPage, self._db, f"SELECT p.* FROM pages p {where}", values)  # noqa: S608


@dataclass(frozen=True, slots=True)
class CopyFilter:
    """Conditions on copies; None, False or empty is no condition. Copies that are gone need `with_gone`.

    `since` (inclusive) and `until` (exclusive) are for the time of first sight, `site` is for the page, `changed` for
    the statement: it has had more than one wording. With `by_statement`, copies of one statement follow each other.
    """

    statement_id: int | None = None
    source: str | None = None
    relations: tuple[str, ...] = ()
    outdated: bool = False
    since: datetime | None = None
    until: datetime | None = None
    with_gone: bool = False
    changed: bool = False
    site: str | None = None
    by_statement: bool = False
    limit: int | None = None


class Copies(Table):
    """Table of copies, by page and statement."""

    def on_page(self, page_id: int) -> list[Copy]:
        """Return the copies that a page has or had."""
        return self._many("WHERE c.page_id = ? ORDER BY c.statement_id", [page_id])

    def find(self, wanted: CopyFilter, fits: Callable[[Copy], bool] = lambda _: True) -> Iterator[Copy]:
        """Yield matching copies in the order in which they were first seen; with a limit, the newest ones."""
        where, values = matching(
            {
                "c.statement_id = ?": wanted.statement_id,
                "p.source = ?": wanted.source,
                "c.first_seen_at >= ?": wanted.since,
                "c.first_seen_at < ?": wanted.until,
                "c.relation IN (SELECT value FROM json_each(?))": wanted.relations or None,
                "c.outdated = ?": wanted.outdated or None,
                "(c.gone_at IS NULL OR ?)": wanted.with_gone,
                f"({CHANGED}) = ?": wanted.changed or None,
            }
        )
        if wanted.site is not None:
            on_site, site_values = at_site("p.source", "p.url", wanted.site)
            where, values = f"{where} AND {on_site}", [*values, *site_values]
        tables = "copies c JOIN pages p ON p.id = c.page_id JOIN statements s ON s.id = c.statement_id"
        chosen = f"SELECT c.* FROM {tables} WHERE {where} ORDER BY"  # noqa: S608
        if wanted.limit is None:
            first = "c.statement_id, " if wanted.by_statement else ""
            yield from self._read(f"{chosen} {first}c.first_seen_at, c.page_id, c.statement_id", values, fits)
            return
        newest = self._read(f"{chosen} c.first_seen_at DESC, c.page_id DESC, c.statement_id DESC", values, fits)
        found = list(islice(newest, wanted.limit))[::-1]
        yield from sorted(found, key=lambda copy: copy.statement_id) if wanted.by_statement else found

    def _read(self, sql: str, values: Sequence[Any], fits: Callable[[Copy], bool]) -> Iterator[Copy]:
        return filter(fits, (from_row(Copy, row) for row in rows(self._db, sql, values)))

    def save(self, copies: Iterable[Copy]) -> None:
        """Insert or replace copies."""
        for copy in copies:
            insert(self._db, "copies", to_row(copy), replace=True)

    def count(self) -> int:
        """Return the number of copies that are not gone."""
        return int(scalar(self._db, "SELECT count(*) FROM copies WHERE gone_at IS NULL"))

    def _many(self, where: str, values: Sequence[Any]) -> list[Copy]:
        return load(Copy, self._db, f"SELECT c.* FROM copies c {where}", values)  # noqa: S608
