"""Table of standing pages: the pages that lists of them name, and the statement that each is."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from scraper import urls
from scraper.model import PublicationState
from scraper.rules.standing import StandingPage
from scraper.store.codec import Table, insert, load, rows, to_row, update

_COUNTS = """
SELECT count(*), coalesce(sum(p.statement_id IS NULL), 0), coalesce(sum(r.next_check_at <= :at), 0),
    coalesce(sum(r.missing_since_at IS NOT NULL), 0)
FROM standing_pages p LEFT JOIN rechecks r ON r.statement_id = p.statement_id
WHERE p.source = :source AND p.unlisted_at IS NULL
"""


class StandingCounts(NamedTuple):
    """Numbers of the pages that lists of a source name: all, those not read yet, those due, and those missing now."""

    pages: int
    unread: int
    due: int
    missing: int


class StandingPages(Table):
    """Table of the pages that sources of standing pages watch."""

    def of(self, source: str) -> dict[str, StandingPage]:
        """Return the pages that the lists of a source name or named, by URL."""
        found = load(StandingPage, self._db, "SELECT * FROM standing_pages WHERE source = ? ORDER BY url", [source])
        return {page.url: page for page in found}

    def save(self, source: str, page: StandingPage) -> None:
        """Store what the lists of a source say of a page."""
        insert(self._db, "standing_pages", {"source": source} | to_row(page), replace=True)

    def statements_at(self, page_urls: Collection[str]) -> dict[str, int]:
        """Return the newest statement at each of these URLs, by URL, without those known by other sites' links only."""
        plain = {urls.canonical(url).rstrip("/"): url for url in page_urls}
        sql = (
            "SELECT rtrim(u.url, '/') AS url, u.statement_id FROM statement_urls u JOIN statements s"
            " ON s.id = u.statement_id WHERE u.url IN (SELECT value FROM json_each(:urls) UNION ALL"
            " SELECT value || '/' FROM json_each(:urls)) AND NOT s.claimed ORDER BY u.last_seen_at, s.id"
        )
        return {plain[row["url"]]: row["statement_id"] for row in rows(self._db, sql, {"urls": tuple(plain)})}

    def settle(self, source: str, url: str, statement_id: int) -> None:
        """Store the statement that a page is."""
        update(self._db, "standing_pages", {"source": source, "url": url}, {"statement_id": statement_id})

    def current(self, source: str) -> dict[int, str]:
        """Return the URLs of the pages that lists of a source name and that are not withdrawn, by statement."""
        found = self._db.execute(
            "SELECT s.id, s.url FROM standing_pages p JOIN statements s ON s.id = p.statement_id"
            " WHERE p.source = ? AND p.unlisted_at IS NULL AND s.state = ?",
            [source, PublicationState.CURRENT],
        )
        return dict(found.fetchall())

    def with_words(self, source: str, words_sha256: str) -> set[int]:
        """Return the pages of a source whose current text has these words."""
        found = self._db.execute(
            "SELECT s.id FROM revisions r JOIN statements s ON s.id = r.statement_id AND s.revision = r.number"
            " WHERE r.words_sha256 = ? AND s.id IN (SELECT statement_id FROM standing_pages WHERE source = ?)",
            [words_sha256, source],
        )
        return {statement_id for (statement_id,) in found}

    def status(self, source: str, at: datetime) -> StandingCounts | None:
        """Return the numbers of the pages of a source at a time; None if no list has named any."""
        found = self._db.execute(_COUNTS, {"source": source, "at": at}).fetchone()
        return StandingCounts(*found) if found[0] else None
