"""Stored responses of statements and pages: in which a wording first appeared, and those of evidence bundles."""

import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from scraper import urls
from scraper.store.codec import Table, from_row, insert, load, rows, scalar

# An event of the statement names the source that brought a revision; without one it is the first to carry it.
_SOURCE = """ifnull((SELECT e.source FROM events e WHERE e.statement_id = r.statement_id
    AND e.kind LIKE 'statement.%' AND e.revision = r.number AND e.detected_at = r.first_seen_at), s.source)"""
# All sightings are looked up together: the index of captures begins with the source, and is read only once.
# A body that retention has removed is empty; its length is known without reading it.
_FIRST = f"""
WITH seen AS MATERIALIZED (
    SELECT r.number, r.first_seen_at, {_SOURCE} AS source, r.statement_id
    FROM revisions r JOIN statements s ON s.id = r.statement_id WHERE r.statement_id = ?1
), possible AS MATERIALIZED (
    SELECT c.id, c.source, c.url, c.captured_at, c.sha256, c.parser FROM captures c
    WHERE c.source IN (SELECT source FROM seen) AND c.captured_at IN (SELECT first_seen_at FROM seen)
)
SELECT v.number, p.id AS capture_id, p.url, p.captured_at, p.sha256, b.size FROM seen v
JOIN possible p ON p.source = v.source AND p.captured_at = v.first_seen_at AND p.parser IS NOT NULL
JOIN bodies b ON b.sha256 = p.sha256 AND length(b.packed) > 0
ORDER BY v.number, EXISTS (SELECT 1 FROM statement_urls u WHERE u.url = p.url AND u.statement_id = ?1) DESC, p.id
"""  # noqa: S608
_ALL = f"""
WITH seen AS MATERIALIZED (
    SELECT r.statement_id, r.number, r.first_seen_at, {_SOURCE} AS source
    FROM revisions r JOIN statements s ON s.id = r.statement_id
), possible AS MATERIALIZED (
    SELECT c.source, c.captured_at FROM captures c JOIN bodies b ON b.sha256 = c.sha256 AND length(b.packed) > 0
    WHERE c.parser IS NOT NULL
)
SELECT DISTINCT v.statement_id, v.number FROM seen v
JOIN possible p ON p.source = v.source AND p.captured_at = v.first_seen_at
"""  # noqa: S608


STATEMENT: Final = "statement"
PAGE: Final = "page"

# Responses of a page in which a wording of it first appeared: its own, or a list of its source.
_WORDINGS = """
SELECT c.id FROM page_wordings w JOIN pages p ON p.id = w.page_id
JOIN captures c ON c.source = p.source AND c.captured_at = w.first_seen_at AND c.parser IS NOT NULL
WHERE w.page_id = ?
"""
# Only documents: an error page, a block page or half a response says nothing about a statement. What was in a bundle
# once is in the next one as well. Two sources may have stored the same response. The captures are grouped before their
# bodies are joined: SQLite would otherwise sort the bodies with them, in memory.
_RESPONSES = """
WITH chosen AS (
    SELECT id FROM captures WHERE url IN (SELECT value FROM json_each(:urls)) AND outcome IN ('ok', 'gone', 'soft_404')
    UNION SELECT value FROM json_each(:ids)
    UNION SELECT capture_id FROM exported_captures WHERE subject = :subject AND subject_id = :subject_id
), single AS MATERIALIZED (
    SELECT min(id) AS capture_id, url, captured_at, sha256 FROM chosen JOIN captures USING (id)
    WHERE status IS NOT NULL GROUP BY captured_at, url, sha256
)
SELECT s.*, ifnull(b.size, 0) AS size, s.sha256 IS NULL OR length(b.packed) > 0 AS is_stored
FROM single s LEFT JOIN bodies b USING (sha256) ORDER BY captured_at, url, sha256
"""
# Of a page that claims a statement which State does not have, the URLs that it names belong to it.
_PAGE_URLS = """
SELECT url FROM pages WHERE id = ?1 UNION SELECT url FROM page_urls WHERE page_id = ?1
UNION SELECT claim.value FROM pages p, json_each(p.claimed_urls) claim WHERE p.id = ?1 AND p.relation = 'unsourced'
"""
_KEEP = """
INSERT OR IGNORE INTO exported_captures
SELECT id, ?, ? FROM captures WHERE url = ? AND captured_at = ? AND ifnull(sha256, '') = ?
"""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Response in which a revision first appeared: its URL, its time, and the hash and size of its body."""

    number: int
    capture_id: int
    url: str
    captured_at: datetime
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class EvidenceResponse:
    """Response that belongs to a statement or a page. `is_stored` is False if retention has removed its body."""

    capture_id: int
    url: str
    captured_at: datetime
    sha256: str | None  # None for an empty body
    size: int
    is_stored: bool


@dataclass(frozen=True, slots=True)
class PageWording:
    """Wording of a page with all its visible text, and the times between which it was seen."""

    number: int
    title: str
    shown: str
    first_seen_at: datetime
    last_seen_at: datetime


class EvidenceTable(Table):
    """Captures and bodies, by revision."""

    def of_statement(self, statement_id: int) -> dict[int, Evidence]:
        """Return the response in which each revision of a statement first appeared, if its body is still stored.

        Of several responses of one second, that of the statement's own URL is first.
        """
        found: dict[int, Evidence] = {}
        for each in load(Evidence, self._db, _FIRST, [statement_id]):
            found.setdefault(each.number, each)
        return found

    def body(self, evidence: Evidence) -> bytes:
        """Return the body of a stored response, decoded; fetched ones have at most `http.max_decoded_bytes` bytes."""
        return zlib.decompress(scalar(self._db, "SELECT packed FROM bodies WHERE sha256 = ?", [evidence.sha256]))

    def stored(self) -> Iterator[tuple[int, int]]:
        """Yield (statement id, revision number) of every revision whose first response is still stored."""
        yield from self._db.execute(_ALL)

    def responses(self, subject: str, subject_id: int) -> list[EvidenceResponse]:
        """Return the responses of a statement or a page in the order of their times.

        They are those of its own URLs, also where these answered that it is absent, those in which a wording of it
        first appeared, those of the URLs that a page claims without a statement, and those of an earlier bundle.
        """
        if subject == STATEMENT:
            ids = [first.capture_id for first in self.of_statement(subject_id).values()]
            own = self._db.execute("SELECT url FROM statement_urls WHERE statement_id = ?", [subject_id])
        else:
            ids = [row[0] for row in self._db.execute(_WORDINGS, [subject_id])]
            own = self._db.execute(_PAGE_URLS, [subject_id])
        variants = sorted({variant for (url,) in own for variant in (url, *urls.variants(url))})
        values = {"subject": subject, "subject_id": subject_id, "ids": json.dumps(ids), "urls": json.dumps(variants)}
        return load(EvidenceResponse, self._db, _RESPONSES, values)

    def wordings(self, page_id: int) -> Iterator[PageWording]:
        """Yield the wordings of a page, in order."""
        sql = "SELECT * FROM page_wordings WHERE page_id = ? ORDER BY number"
        return (from_row(PageWording, row) for row in rows(self._db, sql, [page_id]))

    def keep(self, subject: str, subject_id: int, capture_ids: Iterable[int]) -> None:
        """Record that responses are in a bundle, so that retention keeps them."""
        for capture_id in capture_ids:
            row = {"capture_id": capture_id, "subject": subject, "subject_id": subject_id}
            insert(self._db, "exported_captures", row, conflict="ON CONFLICT DO NOTHING")

    def keep_record(self, content_sha256: str, facts: str) -> None:
        """Store the record in the facts of an imported bundle, by the hash of its content; the first one stays."""
        row = {"content_sha256": content_sha256, "facts": facts}
        insert(self._db, "imported_records", row, conflict="ON CONFLICT DO NOTHING")

    def record(self, content_sha256: str) -> str | None:
        """Return the facts with the record of an imported bundle of this content, or None."""
        sql = "SELECT facts FROM imported_records WHERE content_sha256 = ?"
        found: str | None = scalar(self._db, sql, [content_sha256])
        return found

    def is_polled(self, capture_ids: Iterable[int]) -> bool:
        """Return True if a source that is polled has one of these captures: not all of them were imported."""
        sql = (
            "SELECT EXISTS (SELECT 1 FROM captures c JOIN sources s ON s.name = c.source"
            " WHERE c.id IN (SELECT value FROM json_each(?)) AND s.next_due_at IS NOT NULL)"
        )
        return bool(scalar(self._db, sql, [tuple(capture_ids)]))

    def keep_imported(self, subject: str, subject_id: int, keys: Iterable[tuple[str, datetime, str]]) -> None:
        """Record that responses, by URL, time and hash ("" for an empty body), came from a bundle of this subject."""
        for key in keys:
            self._db.execute(_KEEP, [subject, subject_id, *key])
