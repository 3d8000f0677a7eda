"""Captures with compressed bodies, each stored once by hash; and endpoints by URL: validators and clocks."""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scraper.model import Capture, Outcome
from scraper.serialize import format_utc, parse_utc
from scraper.store.codec import from_row, rows

if TYPE_CHECKING:
    from datetime import datetime

    from sqlite_utils import Database


# A server that always returns 304 would hide every change: the full document is requested this often.
FULL_EVERY = 20

# For 700 feeds, level 3 takes a second more and saves 2 MB of 33; level 9 takes much more for little less.
PACKING_LEVEL = 1


class Captures:
    """Table of captures and their bodies."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, source: str, capture: Capture) -> int | None:
        """Store a capture with its body and return its id, or None if the same capture is stored already."""
        digest = self._store_body(capture.body) if capture.body else None
        cursor = self._db.execute(
            "INSERT INTO captures (source, url, final_url, captured_at, outcome, detail, status, headers, sha256)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [
                source,
                capture.url,
                capture.final_url,
                format_utc(capture.captured_at),
                capture.outcome.value,
                capture.detail,
                capture.status,
                json.dumps(capture.headers),
                digest,
            ],
        )
        return cursor.lastrowid if cursor.rowcount else None

    def _store_body(self, body: bytes) -> str:
        digest = hashlib.sha256(body).hexdigest()
        # A body that retention has emptied is stored again with its new capture.
        if not self._db.execute("SELECT 1 FROM bodies WHERE sha256 = ? AND packed <> x''", [digest]).fetchone():
            self._db.execute(
                "INSERT INTO bodies (sha256, size, packed) VALUES (?, ?, ?)"
                " ON CONFLICT DO UPDATE SET packed = excluded.packed",
                [digest, len(body), zlib.compress(body, PACKING_LEVEL)],
            )
        return digest

    def mark_read(
        self, capture_id: int, *, parser: str | None, items: int, stale: bool, problems: tuple[str, ...]
    ) -> None:
        """Record the result of parsing a capture."""
        self._db.execute(
            "UPDATE captures SET parser = ?, items = ?, stale = ?, problems = ? WHERE id = ?",
            [parser, items, stale, json.dumps(problems, ensure_ascii=False), capture_id],
        )

    def read_before(self, source: str, capture: Capture) -> tuple[bool, tuple[str, ...]] | None:
        """Return (stale, problems) as recorded when the same capture was parsed, or None if it was not parsed yet."""
        digest = hashlib.sha256(capture.body).hexdigest() if capture.body else ""
        row = self._db.execute(
            "SELECT stale, problems FROM captures WHERE source = ? AND url = ? AND captured_at = ?"
            " AND ifnull(sha256, '') = ? AND parser IS NOT NULL",
            [source, capture.url, format_utc(capture.captured_at), digest],
        ).fetchone()
        return (bool(row[0]), tuple(json.loads(row[1]))) if row else None

    def get(self, capture_id: int) -> Capture:
        """Return a stored capture with its body, which is empty once retention has removed it."""
        (row,) = rows(
            self._db,
            "SELECT c.*, packed FROM captures c LEFT JOIN bodies b USING (sha256) WHERE c.id = ?",
            [capture_id],
        )
        return from_row(Capture, row | {"body": zlib.decompress(row["packed"]) if row["packed"] else b""})

    def last_answer(self, url: str, since: datetime) -> tuple[Outcome | None, bool]:
        """Return the outcome of the last request for a URL since a time, and whether its response could be parsed.

        The outcome is None if there was no request.
        """
        row = self._db.execute(
            "SELECT outcome, parser IS NOT NULL FROM captures WHERE url = ? AND captured_at >= ?"
            " ORDER BY captured_at DESC, id DESC LIMIT 1",
            [url, format_utc(since)],
        ).fetchone()
        return (Outcome(row[0]), bool(row[1])) if row else (None, False)

    def answers(self, source: str, since: datetime) -> list[tuple[str, Outcome, str]]:
        """Return (URL, outcome, detail) of the last request for each URL that a source requested since a time.

        The URLs are in the order of their first request.
        """
        found = self._db.execute(
            "SELECT url, outcome, detail FROM captures WHERE source = ? AND captured_at >= ? ORDER BY captured_at, id",
            [source, format_utc(since)],
        )
        return list({url: (url, Outcome(outcome), detail) for url, outcome, detail in found}.values())

    def failures(self, source: str, url: str) -> tuple[datetime, datetime] | None:
        """Return the times of the first and the last failed request of a source for a URL since it was last parsed.

        Return None if none failed since then.
        """
        first, last = self._db.execute(
            "WITH asked AS (SELECT captured_at, parser FROM captures WHERE source = ? AND url = ?)"
            " SELECT min(captured_at), max(captured_at) FROM asked"
            " WHERE captured_at > ifnull((SELECT max(captured_at) FROM asked WHERE parser IS NOT NULL), '')",
            [source, url],
        ).fetchone()
        return (parse_utc(first), parse_utc(last)) if first else None

    def count(self) -> int:
        """Return the number of stored captures."""
        return int(self._db.execute("SELECT count(*) FROM captures").fetchone()[0])


@dataclass(frozen=True, slots=True)
class Validators:
    """Validators of an HTTP response, for conditional requests."""

    etag: str | None = None
    last_modified: str | None = None


class Endpoints:
    """Table of endpoints, by URL."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def clock(self, url: str) -> datetime | None:
        """Return the newest time that the responses of an endpoint state for themselves, or None."""
        row = self._db.execute("SELECT clock_at FROM endpoints WHERE url = ?", [url]).fetchone()
        return parse_utc(row[0]) if row and row[0] else None

    def set_clock(self, url: str, clock: datetime) -> None:
        """Store a newer time of an endpoint. Call inside a unit of work."""
        self._db.execute(
            "INSERT INTO endpoints (url, clock_at) VALUES (?, ?)"
            " ON CONFLICT DO UPDATE SET clock_at = excluded.clock_at",
            [url, format_utc(clock)],
        )

    def validators(self, url: str) -> Validators:
        """Return the validators for the next request; empty if the server sent none or the full document is due."""
        row = self._db.execute(
            "SELECT etag, last_modified FROM endpoints WHERE url = ? AND unmodified < ?", [url, FULL_EVERY]
        ).fetchone()
        return Validators(*row) if row else Validators()

    def remember_validators(self, capture: Capture) -> None:
        """Store the validators, if any, of a response that was parsed without loss. Call inside a unit of work."""
        self._db.execute(
            "INSERT INTO endpoints (url, etag, last_modified) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET"
            " etag = excluded.etag, last_modified = excluded.last_modified, unmodified = 0",
            [capture.url, capture.header("etag"), capture.header("last-modified")],
        )

    def forget_validators(self, url: str) -> None:
        """Drop the validators after a response that could not be parsed, so that the next one is a full document.

        Call inside a unit of work.
        """
        self._db.execute("UPDATE endpoints SET etag = NULL, last_modified = NULL WHERE url = ?", [url])

    def count_unmodified(self, url: str) -> None:
        """Count one more response 304. Call inside a unit of work."""
        self._db.execute("UPDATE endpoints SET unmodified = unmodified + 1 WHERE url = ?", [url])
