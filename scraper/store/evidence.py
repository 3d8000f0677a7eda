"""Stored responses in which the revisions of statements first appeared."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from scraper.store.codec import Table, load, scalar

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
SELECT v.number, p.url, p.captured_at, p.sha256, b.size FROM seen v
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


@dataclass(frozen=True, slots=True)
class Evidence:
    """Response in which a revision first appeared: its URL, its time, and the hash and size of its body."""

    number: int
    url: str
    captured_at: datetime
    sha256: str
    size: int


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
