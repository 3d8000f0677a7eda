"""Table of the last reading of each list, with the state of its statements, by which a repetition is recognised."""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from scraper.rules.baseline import ItemTally
from scraper.rules.repeats import SeenTurn
from scraper.serialize import format_utc, parse_utc
from scraper.store.codec import Table, insert, load, rows, scalar, to_row, update

# All that decides what another look at these statements means, and every other statement that their items could be.
_STATE = """
SELECT * FROM statements WHERE id IN (SELECT value FROM json_each(:ids)) ORDER BY id;
SELECT statement_id, number, words_sha256, first_seen_at, last_seen_at, turned_at FROM revisions
WHERE statement_id IN (SELECT value FROM json_each(:ids)) ORDER BY statement_id, number;
SELECT * FROM parsed_texts WHERE statement_id IN (SELECT value FROM json_each(:ids)) ORDER BY statement_id, parser;
WITH own AS (
    SELECT DISTINCT rtrim(url, '/') AS url FROM statement_urls
    WHERE statement_id IN (SELECT value FROM json_each(:ids))
)
SELECT * FROM statement_urls WHERE url IN (SELECT url FROM own UNION ALL SELECT url || '/' FROM own)
ORDER BY url, statement_id;
SELECT id FROM statements WHERE number IN (
    SELECT number FROM statements WHERE id IN (SELECT value FROM json_each(:ids))
) ORDER BY id;
SELECT * FROM held_texts WHERE subject = 'statement' AND subject_id IN (SELECT value FROM json_each(:ids))
ORDER BY subject_id, words_sha256;
SELECT statement_id, max(id) FROM events WHERE statement_id IN (SELECT value FROM json_each(:ids))
GROUP BY statement_id
"""
_SEEN = """
SELECT u.statement_id FROM statement_urls u JOIN statements s ON s.id = u.statement_id
WHERE u.url IN (SELECT value FROM json_each(:urls) UNION ALL SELECT value || '/' FROM json_each(:urls))
    AND s.last_seen_at = :at
"""
_HELD = """
SELECT EXISTS (
    SELECT 1 FROM held_texts WHERE subject = 'statement' AND subject_id IN (SELECT value FROM json_each(?))
)
"""
_TURNS = """
SELECT r.statement_id, r.number = s.revision, ifnull(r.turned_at, r.first_seen_at), r.last_seen_at
FROM revisions r JOIN statements s ON s.id = r.statement_id
WHERE r.statement_id IN (SELECT value FROM json_each(?))
"""
_SEEN_AGAIN = (
    "UPDATE statements SET last_seen_at = ? WHERE id IN (SELECT value FROM json_each(?)) AND last_seen_at = ?",
)
# A list without texts says nothing about a revision.
_TEXT_SEEN_AGAIN = tuple(
    f"UPDATE {table} SET last_seen_at = ? WHERE statement_id IN (SELECT value FROM json_each(?)) AND last_seen_at = ?"  # noqa: S608
    for table in ("revisions", "statement_urls")
)


@dataclass(frozen=True, slots=True)
class LastReading:
    """The last reading of a list that would bring nothing again: its key (`repeats.reading_key`), parser and items.

    `statement_ids` are those of its items, `state_sha256` the hash of their stored state after it, and `seen_at` is the
    time of the last response with the same body.
    """

    key: str
    parser: str
    tally: ItemTally
    seen_at: datetime
    statement_ids: tuple[int, ...]
    state_sha256: str


class LastReadings(Table):
    """Table of last readings, by the URL of the list."""

    def find(self, url: str) -> LastReading | None:
        """Return the last reading of a list, or None if it has to be read."""
        found = load(LastReading, self._db, "SELECT * FROM last_readings WHERE url = ?", [url])
        return found[0] if found else None

    def is_unchanged(self, reading: LastReading, clock_url: str) -> bool:
        """Return True if the statements of a reading, and the clock of its endpoint, are stored as they were then."""
        return self.state(reading.statement_ids, clock_url, reading.seen_at) == reading.state_sha256

    def remember(self, url: str, reading: LastReading) -> None:
        """Store the last reading of a list."""
        insert(self._db, "last_readings", {"url": url} | to_row(reading) | to_row(reading.tally), replace=True)

    def forget(self, url: str) -> None:
        """Forget the last reading of a list, so that its next body is read in any case."""
        self._db.execute("DELETE FROM last_readings WHERE url = ?", [url])

    def note_repeat(self, url: str, reading: LastReading, at: datetime) -> None:
        """Record that a list had the same body again, and so its statements were seen again, as reading it would."""
        for sql in _SEEN_AGAIN if reading.tally.textless else (*_SEEN_AGAIN, *_TEXT_SEEN_AGAIN):
            self._db.execute(sql, [at, reading.statement_ids, reading.seen_at])
        update(self._db, "last_readings", {"url": url}, {"seen_at": at})

    def statements_seen(self, urls: Collection[str], at: datetime) -> tuple[int, ...]:
        """Return the ids of the statements that were seen at these URLs at a time, in order.

        Empty if two of the URLs are the same but for a slash, or if one statement was seen at two of them.
        """
        plain = tuple(url.rstrip("/") for url in urls)
        ids = sorted(statement_id for (statement_id,) in self._db.execute(_SEEN, {"urls": plain, "at": at}))
        return tuple(ids) if len(set(plain)) == len(plain) and len(set(ids)) == len(ids) else ()

    def has_held(self, statement_ids: Collection[int]) -> bool:
        """Return True if a text of one of these statements is held."""
        return bool(scalar(self._db, _HELD, [tuple(statement_ids)]))

    def turns(self, statement_ids: Collection[int]) -> Iterator[SeenTurn]:
        """Yield the revisions of these statements, each with its last turn."""
        for statement_id, is_standing, turned_at, seen_at in self._db.execute(_TURNS, [tuple(statement_ids)]):
            yield SeenTurn(statement_id, bool(is_standing), parse_utc(turned_at), parse_utc(seen_at))

    def state(self, statement_ids: tuple[int, ...], clock_url: str, seen_at: datetime) -> str:
        """Return the hash of all that is stored and decides what another look at these statements means.

        The time at which they were last seen, `seen_at`, stands for itself whatever it is.
        """
        seen = format_utc(seen_at)
        clock = self._db.execute("SELECT clock_at FROM endpoints WHERE url = ?", [clock_url]).fetchall()
        digest = hashlib.sha256(repr(clock).encode())
        for sql in _STATE.split(";"):
            for row in rows(self._db, sql, {"ids": statement_ids}):
                if row.get("last_seen_at") == seen:
                    row["last_seen_at"] = "seen"
                digest.update(repr(row).encode(errors="replace"))
        return digest.hexdigest()
