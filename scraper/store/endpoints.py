"""What is remembered of an address that is asked again and again: its own clock, and how to ask "has it changed?"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scraper.store.database import moment, stamp

if TYPE_CHECKING:
    from datetime import datetime

    from sqlite_utils import Database

    from scraper.model import Capture

# A server that says 304 for ever would hide every change: the full document is asked for this often.
FULL_EVERY = 20


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave to ask "has it changed?" with."""

    etag: str | None = None
    last_modified: str | None = None


class Endpoints:
    """The endpoints, by address."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def clock(self, url: str) -> datetime | None:
        """The newest time that the answers of an endpoint gave for themselves."""
        row = self._db.execute("SELECT clock FROM endpoints WHERE url = ?", [url]).fetchone()
        return moment(row[0]) if row and row[0] else None

    def set_clock(self, url: str, clock: datetime) -> None:
        """Keep a newer time of an endpoint. Within a unit."""
        self._db.execute(
            "INSERT INTO endpoints (url, clock) VALUES (?, ?) ON CONFLICT DO UPDATE SET clock = excluded.clock",
            [url, stamp(clock)],
        )

    def validators(self, url: str) -> Validators:
        """What to ask a server with; empty when it gave nothing, or when the full document is due."""
        row = self._db.execute(
            "SELECT etag, last_modified FROM endpoints WHERE url = ? AND unmodified < ?", [url, FULL_EVERY]
        ).fetchone()
        return Validators(*row) if row else Validators()

    def remember_validators(self, capture: Capture) -> None:
        """After an answer that was read without loss: its validators, or that it has none. Within a unit."""
        self._db.execute(
            "INSERT INTO endpoints (url, etag, last_modified) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET"
            " etag = excluded.etag, last_modified = excluded.last_modified, unmodified = 0",
            [capture.url, capture.header("etag"), capture.header("last-modified")],
        )

    def forget_validators(self, url: str) -> None:
        """After an answer that could not be read: the next one has to be whole. Within a unit."""
        self._db.execute("UPDATE endpoints SET etag = NULL, last_modified = NULL WHERE url = ?", [url])

    def count_unmodified(self, url: str) -> None:
        """One more answer 304. Within a unit."""
        self._db.execute("UPDATE endpoints SET unmodified = unmodified + 1 WHERE url = ?", [url])
