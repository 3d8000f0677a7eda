"""Tables of searches: the statements looked at, the phrases to search for, and the results that wait for a request."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from scraper.store.codec import Table, insert, load, scalar, scalar_time, to_row, update

# A round follows another within a week: what is due later was stored by a wrong clock.
_LONGEST_WAIT = timedelta(days=8)
_IS_DUE = "(due_at <= ?2 OR due_at > ?3)"
_DUE = f"""
SELECT q.*, coalesce(s.published_at, s.first_seen_at) AS published_at
FROM search_queries q JOIN statements s ON s.id = q.statement_id
WHERE q.source = ?1 AND {_IS_DUE} AND (not_before_at IS NULL OR not_before_at <= ?2 OR not_before_at > ?3)
ORDER BY coalesce(s.published_at, s.first_seen_at) DESC, q.statement_id DESC, q.phrase LIMIT ?4
"""  # noqa: S608 - our own words


@dataclass(frozen=True, slots=True)
class SearchStart:
    """Time of the first run of a search source, and the newest statement that it has looked at.

    `refusals` counts the last runs in a row in which its service refused a request.
    """

    enabled_at: datetime
    statement_id: int
    refusals: int = 0


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """Phrase of a statement for a search service.

    `rounds` are over, and in the current one `attempts` requests got no usable answer. `is_past`: an operator asked for
    statements of the past. `published_at` is the time of the statement, or of its first sight.
    """

    source: str
    statement_id: int
    phrase: str
    first_due_at: datetime
    due_at: datetime
    rounds: int
    attempts: int
    is_past: bool
    published_at: datetime

    @property
    def key(self) -> dict[str, object]:
        """Key of its row."""
        return {"source": self.source, "statement_id": self.statement_id, "phrase": self.phrase}


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Page that a search service named and that waits for a request. `is_past`: only for statements of the past."""

    url: str
    is_past: bool


@dataclass(frozen=True, slots=True)
class SearchCounts:
    """Counts of a source: queries that are due, the longest since `due_since`, and results that wait.

    Queries that a refusal or an odd answer postponed are due, too. `answered_at` is the time of the last answer.
    """

    due: int
    due_since: datetime | None
    waiting: int
    answered_at: datetime | None


class Searches(Table):
    """Tables of the searches of all search sources."""

    def names(self) -> frozenset[str]:
        """Return the names of the sources that search, or did."""
        return frozenset(source for (source,) in self._db.execute("SELECT source FROM searches"))

    def start(self, source: str) -> SearchStart | None:
        """Return the start of a source; None before its first run."""
        sql = "SELECT enabled_at, statement_id, refusals FROM searches WHERE source = ?"
        return next(iter(load(SearchStart, self._db, sql, [source])), None)

    def save_start(self, source: str, start: SearchStart) -> None:
        """Insert or replace the start of a source."""
        insert(self._db, "searches", {"source": source, **to_row(start)}, replace=True)

    def newest_statement(self) -> int:
        """Return the id of the newest statement, 0 if there is none."""
        return int(scalar(self._db, "SELECT ifnull(max(id), 0) FROM statements"))

    def statements_after(self, statement_id: int, since: datetime) -> list[int]:
        """Return the statements stored after another one that were published (or first seen) since a time."""
        sql = "SELECT id FROM statements WHERE id > ? AND coalesce(published_at, first_seen_at) >= ? ORDER BY id"
        return [found for (found,) in self._db.execute(sql, [statement_id, since])]

    def unsearched(self, source: str, since: datetime) -> list[int]:
        """Return the statements published (or first seen) since a time without phrases for a source, newest first."""
        sql = (
            "SELECT id FROM statements s WHERE coalesce(published_at, first_seen_at) >= ?"
            " AND NOT EXISTS (SELECT 1 FROM search_queries WHERE source = ? AND statement_id = s.id)"
            " ORDER BY coalesce(published_at, first_seen_at) DESC"
        )
        return [found for (found,) in self._db.execute(sql, [since, source])]

    # Queries

    def add(self, source: str, statement_id: int, phrases: Iterable[str], at: datetime, *, is_past: bool) -> None:
        """Add the phrases of a statement, due at once; those that are known stay as they are."""
        for phrase in phrases:
            row = {"source": source, "statement_id": statement_id, "phrase": phrase, "is_past": is_past}
            insert(
                self._db,
                "search_queries",
                row | {"first_due_at": at, "due_at": at},
                conflict="ON CONFLICT DO NOTHING",
            )

    def due(self, source: str, at: datetime, limit: int = -1) -> list[SearchQuery]:
        """Return the queries of a source that are due and need not wait, those of the newest statements first."""
        return load(
            SearchQuery,
            self._db,
            _DUE,
            [source, at, at + _LONGEST_WAIT, limit],
        )

    def answer(self, query: SearchQuery, at: datetime, next_at: datetime | None, found: int, left_out: int) -> None:
        """Record the answer to a query, and when it is asked next (None: never)."""
        changes = {"answered_at": at, "found": found, "left_out": left_out}
        self._end_round(query, next_at, changes)

    def give_up(self, query: SearchQuery, next_at: datetime | None) -> None:
        """End a round of a query that got no answer."""
        self._end_round(query, next_at, {})

    def retry(self, query: SearchQuery, at: datetime) -> None:
        """Count a request without a usable answer; the next one follows at a time."""
        update(self._db, "search_queries", query.key, {"attempts": query.attempts + 1, "not_before_at": at})

    def postpone(self, source: str, until: datetime) -> None:
        """Let no query of a source be asked before a time, because its service refused one."""
        self._db.execute(
            "UPDATE search_queries SET not_before_at = ? WHERE source = ? AND due_at < ?", [until, source, until]
        )

    def _end_round(self, query: SearchQuery, next_at: datetime | None, changes: dict[str, object]) -> None:
        row = {"due_at": next_at, "not_before_at": None, "rounds": query.rounds + 1, "attempts": 0, **changes}
        update(self._db, "search_queries", query.key, row)

    # Results

    def known_results(self, source: str, statement_id: int, urls: Collection[str]) -> set[str]:
        """Return those URLs that a source has already found for a statement."""
        sql = (
            "SELECT url FROM search_results WHERE source = ? AND statement_id = ?"
            " AND url IN (SELECT value FROM json_each(?))"
        )
        return {url for (url,) in self._db.execute(sql, [source, statement_id, tuple(urls)])}

    def add_results(self, query: SearchQuery, urls: Iterable[str], at: datetime) -> None:
        """Add the results of a query; one that the source has found for the statement stays as it is."""
        for url in urls:
            key = {"source": query.source, "url": url, "statement_id": query.statement_id}
            row = {"is_past": query.is_past, "found_at": at}
            insert(self._db, "search_results", key | row, conflict="ON CONFLICT DO NOTHING")

    def waiting(self, source: str) -> list[SearchResult]:
        """Return the results that wait for a request: untried ones first, then those of the newest statements."""
        return load(
            SearchResult,
            self._db,
            "SELECT url, min(is_past) AS is_past FROM search_results WHERE source = ? AND settled_at IS NULL"
            " GROUP BY url ORDER BY max(tries), max(statement_id) DESC, url",
            [source],
        )

    def settle(self, source: str, url: str, at: datetime) -> None:
        """Let a result wait no longer."""
        self._db.execute(
            "UPDATE search_results SET settled_at = ? WHERE source = ? AND url = ? AND settled_at IS NULL",
            [at, source, url],
        )

    def count_try(self, source: str, url: str, most: int, at: datetime) -> None:
        """Count a request for a result that got no response; after `most` it waits no longer."""
        self._db.execute(
            "UPDATE search_results SET tries = tries + 1, settled_at = CASE WHEN tries + 1 >= ? THEN ? END"
            " WHERE source = ? AND url = ? AND settled_at IS NULL",
            [most, at, source, url],
        )

    def forget_results(self, source: str, before: datetime) -> None:
        """Delete the results that were found before a time."""
        self._db.execute("DELETE FROM search_results WHERE source = ? AND found_at < ?", [source, before])

    def counts(self, source: str, at: datetime) -> SearchCounts:
        """Return the counts of a source."""
        due, where = [source, at, at + _LONGEST_WAIT], f"FROM search_queries WHERE source = ?1 AND {_IS_DUE}"
        return SearchCounts(
            int(scalar(self._db, f"SELECT count(*) {where}", due)),
            scalar_time(self._db, f"SELECT min(due_at) {where}", due),
            len(self.waiting(source)),
            scalar_time(self._db, "SELECT max(answered_at) FROM search_queries WHERE source = ?", [source]),
        )
