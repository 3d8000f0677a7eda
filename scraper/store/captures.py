"""Captures with compressed bodies, each stored once by hash; and endpoints by URL: validators and clocks."""

import hashlib
import json
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from scraper.model import Capture, Outcome
from scraper.rules.paging import ListProgress
from scraper.serialize import parse_utc
from scraper.store.codec import Table, from_row, insert, load, overwrite, rows, scalar, scalar_time, to_row, update

# A server that always returns 304 would hide every change: the full document is requested this often.
FULL_EVERY = 20

# For 700 feeds, level 3 takes a second more and saves 2 MB of 33; level 9 takes much more for little less.
PACKING_LEVEL = 1


class Captures(Table):
    """Table of captures and their bodies."""

    def add(self, source: str, capture: Capture) -> int | None:
        """Store a capture with its body and return its id, or None if the same capture is stored already."""
        digest = self._store_body(capture.body) if capture.body else None
        row = to_row(capture) | {"source": source, "headers": json.dumps(capture.headers), "sha256": digest}
        del row["body"]
        return insert(self._db, "captures", row, conflict="ON CONFLICT DO NOTHING") or None

    def _store_body(self, body: bytes) -> str:
        digest = hashlib.sha256(body).hexdigest()
        # A body that retention has emptied is stored again with its new capture.
        if not scalar(self._db, "SELECT 1 FROM bodies WHERE sha256 = ? AND packed <> x''", [digest]):
            row = {"sha256": digest, "size": len(body), "packed": zlib.compress(body, PACKING_LEVEL)}
            insert(self._db, "bodies", row, conflict=overwrite("packed"))
        return digest

    def mark_read(
        self, capture_id: int, *, parser: str | None, items: int, stale: bool, problems: tuple[str, ...]
    ) -> None:
        """Record the result of parsing a capture."""
        changes = {"parser": parser, "items": items, "stale": stale, "problems": problems}
        update(self._db, "captures", {"id": capture_id}, changes)

    def read_before(self, source: str, capture: Capture) -> tuple[bool, tuple[str, ...]] | None:
        """Return (stale, problems) as recorded when the same capture was parsed, or None if it was not parsed yet."""
        digest = hashlib.sha256(capture.body).hexdigest() if capture.body else ""
        row = self._db.execute(
            "SELECT stale, problems FROM captures WHERE source = ? AND url = ? AND captured_at = ?"
            " AND ifnull(sha256, '') = ? AND parser IS NOT NULL",
            [source, capture.url, capture.captured_at, digest],
        ).fetchone()
        return (bool(row[0]), tuple(json.loads(row[1]))) if row else None

    def get(self, capture_id: int) -> Capture:
        """Return a stored capture with its body, which is empty once retention has removed it."""
        sql = "SELECT c.*, packed FROM captures c LEFT JOIN bodies b USING (sha256) WHERE c.id = ?"
        (row,) = rows(self._db, sql, [capture_id])
        return from_row(Capture, row | {"body": zlib.decompress(row["packed"]) if row["packed"] else b""})

    def last_read(self, url: str, parser: str, until: datetime) -> Capture | None:
        """Return the last capture of a URL up to a time that a parser has read and whose body is stored, or None."""
        sql = (
            "SELECT max(id) FROM captures JOIN bodies USING (sha256)"
            " WHERE url = ? AND parser = ? AND captured_at <= ? AND NOT stale AND packed <> x''"
        )
        capture_id = scalar(self._db, sql, [url, parser, until])
        return None if capture_id is None else self.get(capture_id)

    def last_answer(self, url: str, since: datetime) -> tuple[Outcome | None, bool]:
        """Return the outcome of the last request for a URL since a time, None without one, and if it was parsed."""
        row = self._db.execute(
            "SELECT outcome, parser IS NOT NULL FROM captures WHERE url = ? AND captured_at >= ?"
            " ORDER BY captured_at DESC, id DESC LIMIT 1",
            [url, since],
        ).fetchone()
        return (Outcome(row[0]), bool(row[1])) if row else (None, False)

    def was_read(self, urls: Collection[str]) -> bool:
        """Return True if an answer to one of these URLs was ever parsed."""
        sql = (
            "SELECT EXISTS (SELECT 1 FROM captures WHERE url IN (SELECT value FROM json_each(?))"
            " AND parser IS NOT NULL)"
        )
        return bool(scalar(self._db, sql, [tuple(urls)]))

    def answers(self, source: str, since: datetime) -> list[tuple[str, Outcome, str]]:
        """Return (URL, outcome, detail) of the last request for each URL since a time, in the order of the first."""
        found = self._db.execute(
            "SELECT url, outcome, detail FROM captures WHERE source = ? AND captured_at >= ? ORDER BY captured_at, id",
            [source, since],
        )
        return list({url: (url, Outcome(outcome), detail) for url, outcome, detail in found}.values())

    def requests(self, source: str, since: datetime) -> list[tuple[str, str, Outcome]]:
        """Return (URL, final URL, outcome) of all requests of a source since a time, in their order.

        Of one second, those without an answer come last, since they took longer.
        """
        found = self._db.execute(
            "SELECT url, final_url, outcome FROM captures WHERE source = ? AND captured_at >= ?"
            " ORDER BY captured_at, outcome IN ('timeout', 'dns'), id",
            [source, since],
        )
        return [(url, final_url, Outcome(outcome)) for url, final_url, outcome in found]

    def failures(self, source: str, url: str) -> tuple[datetime, datetime] | None:
        """Return the times of the first and last failed request of a source for a URL since it was parsed, or None.

        A deferred request was not sent, and so it did not fail.
        """
        first, last = self._db.execute(
            "WITH sent AS (SELECT captured_at, parser FROM captures"
            " WHERE source = ? AND url = ? AND outcome <> 'deferred')"
            " SELECT min(captured_at), max(captured_at) FROM sent"
            " WHERE captured_at > ifnull((SELECT max(captured_at) FROM sent WHERE parser IS NOT NULL), '')",
            [source, url],
        ).fetchone()
        return (parse_utc(first), parse_utc(last)) if first else None

    def count(self) -> int:
        """Return the number of stored captures."""
        return int(scalar(self._db, "SELECT count(*) FROM captures"))


@dataclass(frozen=True, slots=True)
class Validators:
    """Validators of an HTTP response, for conditional requests."""

    etag: str | None = None
    last_modified: str | None = None


class Endpoints(Table):
    """Table of endpoints, by URL."""

    def clock(self, url: str) -> datetime | None:
        """Return the newest time that the responses of an endpoint state for themselves, or None."""
        return scalar_time(self._db, "SELECT clock_at FROM endpoints WHERE url = ?", [url])

    def set_clock(self, url: str, clock: datetime) -> None:
        """Store a newer time of an endpoint."""
        insert(self._db, "endpoints", {"url": url, "clock_at": clock}, conflict=overwrite("clock_at"))

    def validators(self, url: str) -> Validators:
        """Return the validators for the next request; empty if the server sent none or the full document is due."""
        row = self._db.execute(
            "SELECT etag, last_modified FROM endpoints WHERE url = ? AND unmodified < ?", [url, FULL_EVERY]
        ).fetchone()
        return Validators(*row) if row else Validators()

    def remember_validators(self, capture: Capture) -> None:
        """Store the validators, if any, of a response that was parsed without loss."""
        row = {"etag": capture.header("etag"), "last_modified": capture.header("last-modified"), "unmodified": 0}
        insert(self._db, "endpoints", {"url": capture.url} | row, conflict=overwrite(*row))

    def forget_validators(self, url: str) -> None:
        """Drop the validators after a response that could not be parsed, so that the next one is a full document."""
        update(self._db, "endpoints", {"url": url}, {"etag": None, "last_modified": None})

    def progress(self, url: str) -> ListProgress:
        """Return how far previous runs read the list of an endpoint."""
        found = load(ListProgress, self._db, "SELECT * FROM endpoints WHERE url = ?", [url])
        return found[0] if found else ListProgress()

    def save_progress(self, url: str, progress: ListProgress) -> None:
        """Store how far the list of an endpoint was read."""
        row = to_row(progress)
        insert(self._db, "endpoints", {"url": url} | row, conflict=overwrite(*row))

    def count_unmodified(self, url: str) -> None:
        """Count one more response 304."""
        self._db.execute("UPDATE endpoints SET unmodified = unmodified + 1 WHERE url = ?", [url])
